//! The proof that the identity guard was asked.

use crate::cloud::Cloud;
use crate::model::Site;
use crate::names::{Region, SiteName};

/// Proof that the identity guard let a site through. Every write of the cloud traits takes one, so that none can be sent past the
/// guard: [`super::admit`] and [`super::admit_in_outage`] make it, and nothing else does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permit(Scope);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Scope {
    Site { name: SiteName, primary: Region, standby: Region },
    Emulator,
}

impl Permit {
    pub(super) fn of(site: &Site) -> Self {
        let (primary, standby) = (site.primary_region().clone(), site.standby_region().clone());
        Self(Scope::Site { name: site.config.name.clone(), primary, standby })
    }

    /// For what stands beside every site on an emulator of this machine: the zone, the checks and the instances of a local drill.
    /// `None` for AWS.
    #[must_use]
    pub fn of_emulator(cloud: &dyn Cloud) -> Option<Self> {
        cloud.is_local().then_some(Self(Scope::Emulator))
    }

    /// Whether it was given for this site.
    #[must_use]
    pub fn is_for(&self, site: &Site) -> bool {
        match &self.0 {
            Scope::Site { .. } => *self == Self::of(site),
            Scope::Emulator => true,
        }
    }
}
