//! What a launch needs in an account in memory. The region's default key is AWS's own, and no VPC is blocked, until that is set.

use async_trait::async_trait;

use site::names::Region;

use super::premises::{FakePremises, named};
use cloud::launches::EBS_ALIAS;
use cloud::{CloudError, KeyView, Launches, PublicAccess, SubnetView, TemplateView};

#[async_trait]
impl Launches for FakePremises {
    async fn launch_template(
        &self,
        region: &Region,
        id: &str,
        version: &str,
    ) -> Result<Option<TemplateView>, CloudError> {
        self.allowed("DescribeLaunchTemplateVersions", region)?;
        let key = named(region, &format!("{id}:{version}"));
        Ok(self.launch_templates.get(&key).cloned())
    }

    async fn subnets(
        &self,
        region: &Region,
        ids: &[String],
    ) -> Result<Vec<SubnetView>, CloudError> {
        self.allowed("DescribeSubnets", region)?;
        let found = ids.iter().filter_map(|id| self.subnets.get(&named(region, id)).cloned());
        Ok(found.collect())
    }

    async fn ebs_default_key(&self, region: &Region) -> Result<String, CloudError> {
        self.allowed("GetEbsDefaultKmsKeyId", region)?;
        Ok(self.ebs_default_keys.get(region).cloned().unwrap_or_else(|| EBS_ALIAS.to_owned()))
    }

    async fn snapshot_keys(
        &self,
        region: &Region,
        ids: &[String],
    ) -> Result<Vec<String>, CloudError> {
        self.allowed("DescribeSnapshots", region)?;
        let found = ids.iter().filter_map(|id| self.snapshots.get(&named(region, id)).cloned());
        Ok(found.collect())
    }

    async fn key(&self, region: &Region, id: &str) -> Result<Option<KeyView>, CloudError> {
        self.allowed("DescribeKey", region)?;
        Ok(self.keys.get(id).map(|key| key.view.clone()))
    }

    async fn key_policy(&self, region: &Region, arn: &str) -> Result<String, CloudError> {
        self.allowed("GetKeyPolicy", region)?;
        let found = self.keys.get(arn).map(|key| key.policy.clone());
        Self::known(found, "GetKeyPolicy", region, "the policy")
    }

    async fn key_grants(
        &self,
        region: &Region,
        arn: &str,
        grantee: &str,
    ) -> Result<Vec<String>, CloudError> {
        self.allowed("ListGrants", region)?;
        let grants = self.keys.get(arn).and_then(|key| key.grants.get(grantee));
        Ok(grants.cloned().unwrap_or_default())
    }

    async fn public_access(&self, region: &Region) -> Result<PublicAccess, CloudError> {
        self.allowed("DescribeVpcBlockPublicAccessOptions", region)?;
        let off = || PublicAccess { mode: "off".to_owned(), excluded: Vec::new() };
        Ok(self.public_access.get(region).cloned().unwrap_or_else(off))
    }
}
