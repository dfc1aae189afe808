//! Route 53.

use async_trait::async_trait;
use aws_sdk_route53::error::BuildError;
use aws_sdk_route53::types::{
    AlarmIdentifier, CloudWatchRegion, HealthCheckConfig, HealthCheckType,
    InsufficientDataHealthStatus,
};

use super::super::{CloudError, Dns, HealthCheckRequest, RecordView};
use super::Aws;
use super::call::Call;
use crate::names::{HostedZoneId, Region};

impl Aws {
    fn route53(&self) -> aws_sdk_route53::Client {
        self.clients(&Region::detector()).route53
    }
}

#[async_trait]
impl Dns for Aws {
    async fn create_zone(&self, name: &str, token: &str) -> Result<HostedZoneId, CloudError> {
        let call = Call::global("CreateHostedZone");
        let answer =
            self.route53().create_hosted_zone().name(name).caller_reference(token).send().await;
        let answer = answer.map_err(|error| call.failure(&error))?;
        let zone = answer.hosted_zone.ok_or_else(|| call.lacks("the zone"))?;
        zone_id(&zone.id).ok_or_else(|| call.lacks("a zone id that looks like one"))
    }

    async fn delete_zone(&self, zone: &HostedZoneId) -> Result<(), CloudError> {
        let call = Call::global("DeleteHostedZone");
        let answer = self.route53().delete_hosted_zone().id(zone.as_str()).send().await;
        answer.map_err(|error| call.failure(&error))?;
        Ok(())
    }

    async fn records(&self, zone: &HostedZoneId) -> Result<Vec<RecordView>, CloudError> {
        let call = Call::global("ListResourceRecordSets");
        let request = self.route53().list_resource_record_sets().hosted_zone_id(zone.as_str());
        let answer = request.send().await.map_err(|error| call.failure(&error))?;
        let records = answer.resource_record_sets.into_iter().map(|record| {
            let alias = record.alias_target;
            RecordView {
                name: record.name,
                kind: record.r#type.as_str().to_owned(),
                failover: record.failover.map(|failover| failover.as_str().to_owned()),
                health_check_id: record.health_check_id,
                evaluates_target: alias.as_ref().is_some_and(|alias| alias.evaluate_target_health),
                alias: alias.map(|alias| alias.dns_name),
            }
        });
        Ok(records.collect())
    }

    async fn create_health_check(
        &self,
        check: &HealthCheckRequest,
        token: &str,
    ) -> Result<String, CloudError> {
        let call = Call::global("CreateHealthCheck");
        let config = config(check).map_err(|error| call.unbuilt(&error))?;
        let request = self.route53().create_health_check().caller_reference(token);
        let answer = request.health_check_config(config).send().await;
        let answer = answer.map_err(|error| call.failure(&error))?;
        answer.health_check.map(|check| check.id).ok_or_else(|| call.lacks("the health check"))
    }

    async fn delete_health_check(&self, id: &str) -> Result<(), CloudError> {
        let call = Call::global("DeleteHealthCheck");
        let answer = self.route53().delete_health_check().health_check_id(id).send().await;
        answer.map_err(|error| call.failure(&error))?;
        Ok(())
    }
}

fn config(check: &HealthCheckRequest) -> Result<HealthCheckConfig, BuildError> {
    let config = HealthCheckConfig::builder();
    match check {
        HealthCheckRequest::Http { host, port, path, interval_seconds, failure_threshold } => {
            config
                .r#type(HealthCheckType::Http)
                .fully_qualified_domain_name(host)
                .port(i32::from(*port))
                .resource_path(path)
                .request_interval(i32::from(*interval_seconds))
                .failure_threshold(i32::from(*failure_threshold))
        }
        HealthCheckRequest::Alarm { region, name } => {
            let region = CloudWatchRegion::from(region.as_str());
            let alarm = AlarmIdentifier::builder().region(region).name(name).build()?;
            config
                .r#type(HealthCheckType::CloudwatchMetric)
                .alarm_identifier(alarm)
                .insufficient_data_health_status(InsufficientDataHealthStatus::LastKnownStatus)
        }
        HealthCheckRequest::All(checks) => {
            // BOUND: Route 53 takes at most 256.
            let threshold = i32::try_from(checks.len()).unwrap_or(i32::MAX);
            config
                .r#type(HealthCheckType::Calculated)
                .set_child_health_checks(Some(checks.clone()))
                .health_threshold(threshold)
        }
    }
    .build()
}

/// Route 53 answers `/hostedzone/Z…` and takes `Z…`.
fn zone_id(id: &str) -> Option<HostedZoneId> {
    HostedZoneId::parse(id.rsplit('/').next().unwrap_or(id)).ok()
}
