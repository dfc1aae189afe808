//! The proof that the identity guard was asked.

use super::Consent;
use crate::cloud::Cloud;
use crate::model::Site;
use crate::names::{Region, SiteName};

/// Proof that the identity guard let a site through. Every write of the cloud traits takes one, or something that only whoever
/// has one can get, so that none can be sent past the guard: [`super::admit`] and [`super::admit_in_outage`] make it, and
/// nothing else.
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

    /// Whether it was given for this site.
    #[must_use]
    pub fn is_for(&self, site: &Site) -> bool {
        match &self.0 {
            Scope::Site { .. } => *self == Self::of(site),
            Scope::Emulator => true,
        }
    }
}

/// Proof that the far end is an emulator on this machine. The writes take it that stand in for what AWS does by itself, and
/// that no site at AWS may ever be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Local(());

impl Local {
    /// `None` for AWS.
    #[must_use]
    pub fn of(cloud: &dyn Cloud) -> Option<Self> {
        cloud.is_local().then_some(Self(()))
    }

    /// For what stands beside every site there: the zone, the checks and the instances of a local drill.
    #[must_use]
    pub const fn permit(self) -> Permit {
        Permit(Scope::Emulator)
    }

    /// The same for what is there to be changed: whoever started the emulator said yes to all of it.
    #[must_use]
    pub const fn consent(self) -> Consent {
        Consent::given(self.permit())
    }
}
