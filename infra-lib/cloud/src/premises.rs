//! The account: who asks, what it has, and how much it may have. Nothing here changes anything.

use async_trait::async_trait;
use failover_core::Timestamp;
use serde::Serialize;

use site::names::{CertificateArn, Region};

use super::{Launches, Result};

/// What the account has and may have.
#[async_trait]
pub trait Premises: Launches + Send + Sync {
    /// Who signs the calls.
    async fn identity(&self, region: &Region) -> Result<Caller>;

    /// What AWS's clock shows: the date of any answer. `None` if the answer has none.
    async fn clock(&self, region: &Region) -> Result<Option<Timestamp>>;

    /// Whether the account can use a region. `None` if AWS has no such region.
    async fn region_status(&self, region: &Region) -> Result<Option<RegionStatus>>;

    /// How much of something the account may have in a region.
    async fn quota(&self, region: &Region, quota: Quota) -> Result<f64>;

    /// How many of something the account has in a region.
    async fn count(&self, region: &Region, what: Counted) -> Result<usize>;

    /// Whether IAM has a policy.
    async fn policy_exists(&self, arn: &str) -> Result<bool>;

    /// Who may take a role: its trust policy, as IAM writes it. `None` if there is no such role.
    async fn role_trust(&self, arn: &str) -> Result<Option<String>>;

    /// A certificate. `None` if there is none.
    async fn certificate(&self, arn: &CertificateArn) -> Result<Option<CertificateView>>;

    /// The value of an SSM parameter. `None` if there is none.
    async fn parameter(&self, region: &Region, name: &str) -> Result<Option<String>>;

    /// An image that the account may start. `None` if there is none.
    async fn image(&self, region: &Region, id: &str) -> Result<Option<ImageView>>;

    /// An instance type. `None` if the region does not have it.
    async fn instance_type(&self, region: &Region, name: &str) -> Result<Option<TypeView>>;

    /// The availability zones of a region that have an instance type.
    async fn zones_with(&self, region: &Region, name: &str) -> Result<Vec<String>>;

    /// How many functions may run at once.
    async fn concurrency(&self, region: &Region) -> Result<Concurrency>;

    /// How many health checks there are and may be. Route 53 has no regions.
    async fn health_checks(&self) -> Result<Used>;
}

/// Who signs the calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub account: String,
    /// The user or the role.
    pub arn: String,
}

impl Caller {
    /// Whether it is the account's owner, whom no policy holds back.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.arn.ends_with(":root")
    }
}

/// Whether an account can use a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegionStatus {
    /// Every account can.
    Default,
    /// This account has asked for it.
    OptedIn,
    /// This account would have to ask for it.
    NotOptedIn,
}

/// A quota of Service Quotas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Quota {
    /// vCPUs of running On-Demand instances of the families A, C, D, H, I, M, R, T and Z.
    OnDemandVcpus,
    /// The same for Spot.
    SpotVcpus,
    /// Elastic IP addresses.
    Addresses,
    /// Application Load Balancers.
    LoadBalancers,
    /// VPCs.
    Vpcs,
}

impl Quota {
    /// The code of the service that it belongs to.
    #[must_use]
    pub const fn service(self) -> &'static str {
        match self {
            Self::OnDemandVcpus | Self::SpotVcpus | Self::Addresses => "ec2",
            Self::LoadBalancers => "elasticloadbalancing",
            Self::Vpcs => "vpc",
        }
    }

    /// Its own code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::OnDemandVcpus => "L-1216C47A",
            Self::SpotVcpus => "L-34B43A08",
            Self::Addresses => "L-0263D0A3",
            Self::LoadBalancers => "L-53DA6B97",
            Self::Vpcs => "L-F678F1CE",
        }
    }
}

/// Something that can be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counted {
    /// Elastic IP addresses.
    Addresses,
    /// Application Load Balancers.
    LoadBalancers,
    /// VPCs.
    Vpcs,
}

/// So many of so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Used {
    /// There are.
    pub used: u64,
    /// There may be.
    pub limit: u64,
}

/// How many functions may run at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Concurrency {
    /// In the whole account.
    pub limit: u32,
    /// Of these, what no function has reserved.
    pub unreserved: u32,
}

/// A certificate of AWS Certificate Manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateView {
    /// Its status, such as `ISSUED`.
    pub status: String,
    /// The names that it is for; a first label may be `*`.
    pub names: Vec<String>,
    /// Until when it is valid, once it is issued.
    pub until: Option<Timestamp>,
    /// Who signed it.
    pub issuer: Issuer,
}

/// Who signed a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Issuer {
    /// Amazon, from its public roots.
    Amazon,
    /// Whoever made the one that was imported.
    Imported,
    /// An authority of the account's own.
    Private,
}

impl CertificateView {
    /// Whether it is for a name. A `*` stands for one label, as browsers have it.
    #[must_use]
    pub fn covers(&self, name: &str) -> bool {
        let rest = name.split_once('.').map(|(_, rest)| rest);
        self.names.iter().any(|covered| {
            covered.eq_ignore_ascii_case(name)
                || covered.strip_prefix("*.").is_some_and(|below| Some(below) == rest)
        })
    }
}

/// A machine image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageView {
    /// Its state, such as `available`.
    pub state: String,
    /// Its processor, such as `arm64`.
    pub architecture: String,
    /// Those of its snapshots that are encrypted.
    pub encrypted_snapshots: Vec<String>,
}

/// An instance type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeView {
    /// Its vCPUs.
    pub vcpus: u32,
    /// The processors whose programs it runs.
    pub architectures: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_one_label() {
        let certificate = |name: &str| CertificateView {
            status: "ISSUED".to_owned(),
            names: vec![name.to_owned()],
            until: None,
            issuer: Issuer::Amazon,
        };
        assert!(certificate("shop.example.com").covers("shop.example.com"));
        assert!(certificate("*.example.com").covers("shop.example.com"));
        assert!(!certificate("*.example.com").covers("example.com"));
        assert!(!certificate("*.example.com").covers("a.shop.example.com"));
        assert!(!certificate("shop.example.org").covers("shop.example.com"));
    }

    #[test]
    fn the_owner_is_known_by_the_arn() {
        let caller = |arn: &str| Caller { account: "111122223333".to_owned(), arn: arn.to_owned() };
        assert!(caller("arn:aws:iam::111122223333:root").is_root());
        assert!(!caller("arn:aws:iam::111122223333:user/root").is_root());
    }
}
