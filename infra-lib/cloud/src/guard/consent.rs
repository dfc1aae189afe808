//! What is read after somebody's yes, for the writes that concern capacity or DNS.
//!
//! A question can wait for an hour, and what was read before it is then worth nothing. So such a write takes a [`Fresh`] value:
//! what it changes, read after the consent. Only a [`Consent`] reads one, and each write uses it up.

use site::model::Site;
use site::names::{HostedZoneId, Region};

use super::proof::{Consent, Fresh};
use crate::{Bucket, Capacity, CheckView, Cloud, Dns, Group, Records, Result, StackNow};

impl Consent {
    /// Reads a group. `None` if there is none.
    ///
    /// # Errors
    /// [`CloudError`](crate::CloudError) if it cannot be read.
    pub async fn group(
        &self,
        cloud: &dyn Capacity,
        region: &Region,
        name: &str,
    ) -> Result<Option<Fresh<Group>>> {
        let view = cloud.group(region, name).await?;
        let (region, name) = (region.clone(), name.to_owned());
        Ok(view.map(|view| Fresh::read(Group { region, name, view })))
    }

    /// Reads a stack by its name or its id, and how the site stands.
    ///
    /// # Errors
    /// [`CloudError`](crate::CloudError) if either cannot be read.
    pub async fn stack(
        &self,
        cloud: &dyn Cloud,
        site: &Site,
        region: &Region,
        stack: &str,
    ) -> Result<Fresh<StackNow>> {
        let view = cloud.describe_stack(region, stack);
        let (view, standing) = futures::try_join!(view, super::read(cloud, site))?;
        let stack = view.as_ref().map_or_else(|| stack.to_owned(), |view| view.id.clone());
        let (region, role) = (region.clone(), site.config.organization.deploy_role.clone());
        Ok(Fresh::read(StackNow { region, stack, view, standing, role }))
    }

    /// Reads a health check. `None` if there is none.
    ///
    /// # Errors
    /// [`CloudError`](crate::CloudError) if it cannot be read.
    pub async fn check(&self, cloud: &dyn Dns, id: &str) -> Result<Option<Fresh<CheckView>>> {
        Ok(cloud.check(id).await?.map(Fresh::read))
    }

    /// Reads the health check that was created with this token. `None` if there is none.
    ///
    /// # Errors
    /// [`CloudError`](crate::CloudError) if it cannot be read.
    pub async fn check_made_with(
        &self,
        cloud: &dyn Dns,
        token: &str,
    ) -> Result<Option<Fresh<CheckView>>> {
        Ok(cloud.check_made_with(token).await?.map(Fresh::read))
    }

    /// Reads what stands at a name.
    ///
    /// # Errors
    /// [`CloudError`](crate::CloudError) if it cannot be read.
    pub async fn records(
        &self,
        cloud: &dyn Dns,
        zone: &HostedZoneId,
        name: &str,
    ) -> Result<Fresh<Records>> {
        let named = cloud.named(zone, name).await?;
        Ok(Fresh::read(Records { zone: zone.clone(), named }))
    }

    /// Looks for the bucket that the site's own template made, and no other: what is in it may be deleted.
    ///
    /// # Errors
    /// [`CloudError`](crate::CloudError) if its stack cannot be read.
    pub async fn bucket(&self, cloud: &dyn Cloud, site: &Site) -> Result<Option<Fresh<Bucket>>> {
        let name = super::bucket(cloud, site).await?;
        let region = site.standby_region().clone();
        Ok(name.map(|name| Fresh::read(Bucket { region, name })))
    }
}
