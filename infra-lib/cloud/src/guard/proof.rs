//! The proofs that a write takes: that the identity guard was asked, that somebody said yes, and what was read after that.

use std::ops::Deref;

use site::model::Site;
use site::names::{Region, SiteName};

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
    /// [`Local::of`] alone calls it, once the far end has said that it is one.
    pub(super) const fn told() -> Self {
        Self(())
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

/// Proof that somebody said yes to changing a site that the identity guard let through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent(Permit);

/// Something that was read after the consent. A write that concerns it takes it away, so that the next write needs another
/// reading.
#[derive(Debug)]
pub struct Fresh<T>(T);

impl<T> Deref for Fresh<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Fresh<T> {
    /// What a [`Consent`] has just read.
    pub(super) const fn read(what: T) -> Self {
        Self(what)
    }
}

impl Consent {
    /// Of somebody who answered a question, said `--yes`, or named a plan that was reviewed. The question alone calls it.
    #[must_use]
    pub const fn given(permit: Permit) -> Self {
        Self(permit)
    }

    /// For the undo of a drill. Whoever began the drill agreed to it, and it changes only what the restore file names, back to
    /// what the file noted. The watchdog and `drill restore` cannot wait for a question.
    #[must_use]
    pub const fn to_put_back(permit: Permit) -> Self {
        Self(permit)
    }

    /// That it is this site, for the writes which concern neither capacity nor DNS.
    #[must_use]
    pub const fn permit(&self) -> &Permit {
        &self.0
    }

    /// Whether it was given for this site.
    #[must_use]
    pub fn is_for(&self, site: &Site) -> bool {
        self.0.is_for(site)
    }
}
