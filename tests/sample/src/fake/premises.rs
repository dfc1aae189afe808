//! What an account in memory has, and how its parts hang together. Whatever is not put there is not there.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use failover_core::Timestamp;

use site::names::{CertificateArn, HostedZoneId, Region};

use cloud::{
    AlarmWiring, BalancerView, Caller, CertificateView, CheckView, CloudError, Concurrency,
    Counted, EventSource, FunctionView, ImageView, Invoker, Kept, KeyView, Premises, PublicAccess,
    Quota, RecordView, RegionStatus, RuleView, SubnetView, Subscription, TemplateView, TypeView,
    Used, Wiring, ZoneView,
};

/// By region and name.
type Named<T> = BTreeMap<(Region, String), T>;

/// What an account in memory has.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "each field is what the call of its name answers")]
pub struct FakePremises {
    pub caller: Option<Caller>,
    pub clock: Option<Timestamp>,
    pub regions: BTreeMap<Region, RegionStatus>,
    pub quotas: BTreeMap<(Region, Quota), f64>,
    pub counts: BTreeMap<(Region, Counted), usize>,
    pub certificates: BTreeMap<CertificateArn, CertificateView>,
    pub parameters: Named<String>,
    pub images: Named<ImageView>,
    pub types: Named<TypeView>,
    pub zones_with: Named<Vec<String>>,
    pub concurrency: BTreeMap<Region, Concurrency>,
    pub policies: BTreeSet<String>,
    pub roles: BTreeMap<String, String>,
    pub health_checks: Option<Used>,
    pub zones: BTreeMap<HostedZoneId, ZoneView>,
    pub records: BTreeMap<String, Vec<RecordView>>,
    pub alarms: Named<AlarmWiring>,
    pub subscriptions: BTreeMap<String, Vec<Subscription>>,
    pub invokers: Named<Vec<Invoker>>,
    pub event_sources: Named<Vec<EventSource>>,
    pub checks: BTreeMap<String, CheckView>,
    pub keep_alive: Named<u32>,
    pub rules: Named<RuleView>,
    pub functions: Named<FunctionView>,
    pub balancers: Named<BalancerView>,
    pub kept: BTreeSet<(Region, Kept, String)>,
    /// By id and version, `lt-1:3`.
    pub launch_templates: Named<TemplateView>,
    pub subnets: Named<SubnetView>,
    pub ebs_default_keys: BTreeMap<Region, String>,
    pub snapshots: Named<String>,
    pub keys: BTreeMap<String, FakeKey>,
    pub public_access: BTreeMap<Region, PublicAccess>,
    /// Operations that AWS denies.
    pub denied: Vec<&'static str>,
}

/// A key of AWS KMS, by its ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is what the call of its name answers")]
pub struct FakeKey {
    pub view: KeyView,
    pub policy: String,
    /// By grantee.
    pub grants: BTreeMap<String, Vec<String>>,
}

impl FakePremises {
    pub(super) fn allowed(
        &self,
        operation: &'static str,
        region: &Region,
    ) -> Result<(), CloudError> {
        if self.denied.contains(&operation) {
            let (region, detail) = (region.to_string(), "not for you".to_owned());
            return Err(CloudError::Denied { operation, region, detail });
        }
        Ok(())
    }

    pub(super) fn known<T>(
        found: Option<T>,
        operation: &'static str,
        region: &Region,
        what: &'static str,
    ) -> Result<T, CloudError> {
        found.ok_or_else(|| CloudError::Answer { operation, region: region.to_string(), what })
    }
}

pub(super) fn named(region: &Region, name: &str) -> (Region, String) {
    (region.clone(), name.to_owned())
}

#[async_trait]
impl Premises for FakePremises {
    async fn identity(&self, region: &Region) -> Result<Caller, CloudError> {
        self.allowed("GetCallerIdentity", region)?;
        let detail = "none found in any of the usual places".to_owned();
        self.caller.clone().ok_or(CloudError::Credentials { detail })
    }

    async fn clock(&self, region: &Region) -> Result<Option<Timestamp>, CloudError> {
        self.allowed("DescribeRegions", region)?;
        Ok(self.clock)
    }

    async fn region_status(&self, region: &Region) -> Result<Option<RegionStatus>, CloudError> {
        self.allowed("DescribeRegions", region)?;
        Ok(self.regions.get(region).copied())
    }

    async fn quota(&self, region: &Region, quota: Quota) -> Result<f64, CloudError> {
        self.allowed("GetServiceQuota", region)?;
        let found = self.quotas.get(&(region.clone(), quota)).copied();
        Self::known(found, "GetServiceQuota", region, "the quota")
    }

    async fn count(&self, region: &Region, what: Counted) -> Result<usize, CloudError> {
        self.allowed("Describe", region)?;
        Ok(self.counts.get(&(region.clone(), what)).copied().unwrap_or_default())
    }

    async fn policy_exists(&self, arn: &str) -> Result<bool, CloudError> {
        self.allowed("GetPolicy", &Region::detector())?;
        Ok(self.policies.contains(arn))
    }

    async fn role_trust(&self, arn: &str) -> Result<Option<String>, CloudError> {
        self.allowed("GetRole", &Region::detector())?;
        Ok(self.roles.get(arn).cloned())
    }

    async fn certificate(
        &self,
        arn: &CertificateArn,
    ) -> Result<Option<CertificateView>, CloudError> {
        self.allowed("DescribeCertificate", &arn.region())?;
        Ok(self.certificates.get(arn).cloned())
    }

    async fn parameter(&self, region: &Region, name: &str) -> Result<Option<String>, CloudError> {
        self.allowed("GetParameter", region)?;
        Ok(self.parameters.get(&named(region, name)).cloned())
    }

    async fn image(&self, region: &Region, id: &str) -> Result<Option<ImageView>, CloudError> {
        self.allowed("DescribeImages", region)?;
        Ok(self.images.get(&named(region, id)).cloned())
    }

    async fn instance_type(
        &self,
        region: &Region,
        name: &str,
    ) -> Result<Option<TypeView>, CloudError> {
        self.allowed("DescribeInstanceTypes", region)?;
        Ok(self.types.get(&named(region, name)).cloned())
    }

    async fn zones_with(&self, region: &Region, name: &str) -> Result<Vec<String>, CloudError> {
        self.allowed("DescribeInstanceTypeOfferings", region)?;
        Ok(self.zones_with.get(&named(region, name)).cloned().unwrap_or_default())
    }

    async fn concurrency(&self, region: &Region) -> Result<Concurrency, CloudError> {
        self.allowed("GetAccountSettings", region)?;
        let found = self.concurrency.get(region).copied();
        Self::known(found, "GetAccountSettings", region, "the limits")
    }

    async fn health_checks(&self) -> Result<Used, CloudError> {
        self.allowed("GetAccountLimit", &Region::detector())?;
        Self::known(self.health_checks, "GetAccountLimit", &Region::detector(), "the limit")
    }
}

#[async_trait]
impl Wiring for FakePremises {
    async fn zone(&self, id: &HostedZoneId) -> Result<Option<ZoneView>, CloudError> {
        self.allowed("GetHostedZone", &Region::detector())?;
        Ok(self.zones.get(id).cloned())
    }

    async fn records_of(
        &self,
        _zone: &HostedZoneId,
        name: &str,
    ) -> Result<Vec<RecordView>, CloudError> {
        self.allowed("ListResourceRecordSets", &Region::detector())?;
        Ok(self.records.get(name).cloned().unwrap_or_default())
    }

    async fn alarm_wiring(
        &self,
        region: &Region,
        name: &str,
    ) -> Result<Option<AlarmWiring>, CloudError> {
        self.allowed("DescribeAlarms", region)?;
        Ok(self.alarms.get(&named(region, name)).cloned())
    }

    async fn subscriptions(
        &self,
        region: &Region,
        topic_arn: &str,
    ) -> Result<Option<Vec<Subscription>>, CloudError> {
        self.allowed("ListSubscriptionsByTopic", region)?;
        Ok(self.subscriptions.get(topic_arn).cloned())
    }

    async fn invokers(
        &self,
        region: &Region,
        function: &str,
    ) -> Result<Option<Vec<Invoker>>, CloudError> {
        self.allowed("GetPolicy", region)?;
        Ok(self.invokers.get(&named(region, function)).cloned())
    }

    async fn event_sources(
        &self,
        region: &Region,
        function: &str,
    ) -> Result<Vec<EventSource>, CloudError> {
        self.allowed("ListEventSourceMappings", region)?;
        Ok(self.event_sources.get(&named(region, function)).cloned().unwrap_or_default())
    }

    async fn health_check(&self, id: &str) -> Result<Option<CheckView>, CloudError> {
        self.allowed("GetHealthCheck", &Region::detector())?;
        Ok(self.checks.get(id).cloned())
    }

    async fn rule(&self, region: &Region, name: &str) -> Result<Option<RuleView>, CloudError> {
        self.allowed("DescribeRule", region)?;
        Ok(self.rules.get(&named(region, name)).cloned())
    }

    async fn exists(&self, region: &Region, kind: Kept, name: &str) -> Result<bool, CloudError> {
        self.allowed("Exists", region)?;
        Ok(self.kept.contains(&(region.clone(), kind, name.to_owned())))
    }

    async fn function(
        &self,
        region: &Region,
        name: &str,
    ) -> Result<Option<FunctionView>, CloudError> {
        self.allowed("GetFunction", region)?;
        Ok(self.functions.get(&named(region, name)).cloned())
    }

    async fn balancer(
        &self,
        region: &Region,
        name: &str,
    ) -> Result<Option<BalancerView>, CloudError> {
        self.allowed("DescribeLoadBalancers", region)?;
        Ok(self.balancers.get(&named(region, name)).copied())
    }

    async fn keep_alive(&self, region: &Region, name: &str) -> Result<Option<u32>, CloudError> {
        self.allowed("DescribeLoadBalancerAttributes", region)?;
        Ok(self.keep_alive.get(&named(region, name)).copied())
    }
}
