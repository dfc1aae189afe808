//! Somebody's yes, and what is read after it: the proofs that a write takes which concerns capacity or DNS.
//!
//! A question can wait for an hour, and what was read before it is then worth nothing. So such a write takes a [`Fresh`] value:
//! what it changes, read after the consent. Only a [`Consent`] reads one, and each write uses it up.

use std::ops::Deref;

use super::{Permit, Standing};
use crate::cloud::{Capacity, CheckView, Cloud, CloudError, Dns, GroupView, Named, StackView};
use crate::model::Site;
use crate::names::{HostedZoneId, Region};

/// Proof that somebody said yes to changing a site that the identity guard let through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent(Permit);

/// Something that was read after the consent. A write that concerns it takes it away, so that the next write needs another
/// reading.
#[derive(Debug)]
pub struct Fresh<T>(T);

/// An Auto Scaling group at its place.
#[derive(Debug)]
pub struct Group {
    /// Where.
    pub region: Region,
    /// Its name.
    pub name: String,
    /// The group.
    pub view: GroupView,
}

/// A stack right before it is changed, and how the site stands at that moment.
#[derive(Debug)]
pub struct StackNow {
    /// Where.
    pub region: Region,
    /// Its ARN if it is there, else its name.
    pub stack: String,
    /// The stack. `None` if it is not there.
    pub view: Option<StackView>,
    /// Groups, record and alarm of the site.
    pub standing: Standing,
    /// ARN of the role by which CloudFormation changes it, instead of whoever asks.
    pub role: Option<String>,
}

/// What stands at a name.
#[derive(Debug)]
pub struct Records {
    /// The zone.
    pub zone: HostedZoneId,
    /// What is there.
    pub named: Named,
}

/// The bucket that the site's own template made.
#[derive(Debug)]
pub struct Bucket {
    /// Where.
    pub region: Region,
    /// Its name.
    pub name: String,
}

impl<T> Deref for Fresh<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
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
    pub(crate) const fn to_put_back(permit: Permit) -> Self {
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

    /// Reads a group. `None` if there is none.
    ///
    /// # Errors
    /// [`CloudError`] if it cannot be read.
    pub async fn group(
        &self,
        cloud: &dyn Capacity,
        region: &Region,
        name: &str,
    ) -> Result<Option<Fresh<Group>>, CloudError> {
        let view = cloud.group(region, name).await?;
        let (region, name) = (region.clone(), name.to_owned());
        Ok(view.map(|view| Fresh(Group { region, name, view })))
    }

    /// Reads a stack by its name or its id, and how the site stands.
    ///
    /// # Errors
    /// [`CloudError`] if either cannot be read.
    pub async fn stack(
        &self,
        cloud: &dyn Cloud,
        site: &Site,
        region: &Region,
        stack: &str,
    ) -> Result<Fresh<StackNow>, CloudError> {
        let view = cloud.describe_stack(region, stack);
        let (view, standing) = futures::try_join!(view, super::read(cloud, site))?;
        let stack = view.as_ref().map_or_else(|| stack.to_owned(), |view| view.id.clone());
        let (region, role) = (region.clone(), site.config.organization.deploy_role.clone());
        Ok(Fresh(StackNow { region, stack, view, standing, role }))
    }

    /// Reads a health check. `None` if there is none.
    ///
    /// # Errors
    /// [`CloudError`] if it cannot be read.
    pub async fn check(
        &self,
        cloud: &dyn Dns,
        id: &str,
    ) -> Result<Option<Fresh<CheckView>>, CloudError> {
        Ok(cloud.check(id).await?.map(Fresh))
    }

    /// Reads the health check that was created with this token. `None` if there is none.
    ///
    /// # Errors
    /// [`CloudError`] if it cannot be read.
    pub async fn check_made_with(
        &self,
        cloud: &dyn Dns,
        token: &str,
    ) -> Result<Option<Fresh<CheckView>>, CloudError> {
        Ok(cloud.check_made_with(token).await?.map(Fresh))
    }

    /// Reads what stands at a name.
    ///
    /// # Errors
    /// [`CloudError`] if it cannot be read.
    pub async fn records(
        &self,
        cloud: &dyn Dns,
        zone: &HostedZoneId,
        name: &str,
    ) -> Result<Fresh<Records>, CloudError> {
        let named = cloud.named(zone, name).await?;
        Ok(Fresh(Records { zone: zone.clone(), named }))
    }

    /// Looks for the bucket that the site's own template made, and no other: what is in it may be deleted.
    ///
    /// # Errors
    /// [`CloudError`] if its stack cannot be read.
    pub async fn bucket(
        &self,
        cloud: &dyn Cloud,
        site: &Site,
    ) -> Result<Option<Fresh<Bucket>>, CloudError> {
        let name = super::bucket(cloud, site).await?;
        let region = site.standby_region().clone();
        Ok(name.map(|name| Fresh(Bucket { region, name })))
    }
}
