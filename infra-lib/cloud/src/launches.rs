//! What a launch of instances needs: template, subnets, keys of the disks, a way for users. Nothing here changes anything.

use async_trait::async_trait;

use site::names::Region;

use super::Result;

/// What a launch needs.
#[async_trait]
pub trait Launches: Send + Sync {
    /// A version of a launch template. `None` if there is none.
    async fn launch_template(
        &self,
        region: &Region,
        id: &str,
        version: &str,
    ) -> Result<Option<TemplateView>>;

    /// Those of the subnets that there are.
    async fn subnets(&self, region: &Region, ids: &[String]) -> Result<Vec<SubnetView>>;

    /// The key of volumes that name none: the alias [`EBS_ALIAS`], or the ARN of a key.
    async fn ebs_default_key(&self, region: &Region) -> Result<String>;

    /// ARNs of the keys of snapshots. One that somebody else owns may tell none.
    async fn snapshot_keys(&self, region: &Region, ids: &[String]) -> Result<Vec<String>>;

    /// A key of AWS KMS, by id, ARN or alias. `None` if there is none.
    async fn key(&self, region: &Region, id: &str) -> Result<Option<KeyView>>;

    /// The policy of a key, as KMS writes it.
    async fn key_policy(&self, region: &Region, arn: &str) -> Result<String>;

    /// What grants of a key allow somebody: operations such as `Decrypt`.
    async fn key_grants(&self, region: &Region, arn: &str, grantee: &str) -> Result<Vec<String>>;

    /// Whether the region's VPCs may be reached from the internet at all.
    async fn public_access(&self, region: &Region) -> Result<PublicAccess>;
}

/// The alias of the key that AWS manages for volumes, which every service-linked role may use.
pub const EBS_ALIAS: &str = "alias/aws/ebs";

/// A version of a launch template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemplateView {
    /// Its image, or `resolve:ssm:` and the name of a parameter.
    pub image: Option<String>,
    /// Its instance type, which a group may override.
    pub instance_type: Option<String>,
    /// Keys that its volumes name.
    pub keys: Vec<String>,
}

/// A subnet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubnetView {
    /// Its id.
    pub id: String,
    /// The name of its zone, such as `us-east-2a`.
    pub zone: String,
    /// Addresses that nothing uses.
    pub free: u64,
}

/// A key of AWS KMS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyView {
    /// Its ARN.
    pub arn: String,
    /// Whether AWS manages it, and its policy.
    pub is_aws_managed: bool,
    /// Its state, such as `Enabled`.
    pub state: String,
}

/// VPC Block Public Access of a region.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicAccess {
    /// `off`, `block-ingress` or `block-bidirectional`. Empty if AWS does not say.
    pub mode: String,
    /// ARNs of VPCs and subnets that are in force as exceptions for both ways.
    pub excluded: Vec<String>,
}

impl PublicAccess {
    /// Whether users are kept out of what is not excluded.
    #[must_use]
    pub fn blocks(&self) -> bool {
        !self.mode.is_empty() && self.mode != "off"
    }

    /// Whether a VPC or a subnet is an exception, by its id.
    #[must_use]
    pub fn excludes(&self, id: &str) -> bool {
        self.excluded.iter().any(|arn| arn.rsplit('/').next() == Some(id))
    }
}
