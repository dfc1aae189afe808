//! Route 53.

use std::collections::BTreeSet;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;
use aws_config::retry::RetryConfig;
use aws_sdk_route53::config::Builder;
use aws_sdk_route53::error::BuildError;
use aws_sdk_route53::types::{
    AlarmIdentifier, AliasTarget, Change, ChangeAction, ChangeBatch, CloudWatchRegion, HealthCheck,
    HealthCheckConfig, HealthCheckType, InsufficientDataHealthStatus, ResourceRecordSet,
    ResourceRecordSetFailover, RrType,
};

use site::names::{HostedZoneId, Region};

use super::super::{
    AliasRecord, CheckStatus, CheckView, Dns, HealthCheckRequest, Named, Protocol, RecordChange,
    RecordView, Result,
};
use super::Aws;
use super::call::{Call, if_there, is_absent};
use super::pages::Pages;
use crate::Records;
use crate::guard::{Fresh, Local, Permit};

// BOUND: a resolver that knows the answer, or may know it, takes a fraction of this.
const LOOKUP_MAX: Duration = Duration::from_secs(3);
// BOUND: an account has 200 health checks unless it asked for more, and a page has 100.
const CHECK_PAGES_MAX: usize = 50;
// BOUND: a page has 300 records, and a zone 10,000 unless somebody asked for more.
const RECORD_PAGES_MAX: usize = 100;

/// Where a page of records begins.
#[derive(Default, PartialEq, Eq)]
struct From {
    name: Option<String>,
    kind: Option<RrType>,
    identifier: Option<String>,
}

impl Aws {
    pub(super) fn route53(&self) -> aws_sdk_route53::Client {
        self.clients(&Region::detector()).route53
    }

    /// The records of a zone: all of them, or those of one name.
    pub(super) async fn record_sets(
        &self,
        zone: &HostedZoneId,
        only: Option<&str>,
    ) -> Result<Vec<ResourceRecordSet>> {
        let call = Call::global("ListResourceRecordSets");
        let is_wanted = |name: &str| only.is_none_or(|only| name.trim_end_matches('.') == only);
        let mut found = Vec::new();
        let mut pages = Pages::new(&call, RECORD_PAGES_MAX);
        while let Some(page) = pages.next()? {
            let first = || From { name: only.map(ToOwned::to_owned), ..From::default() };
            let From { name, kind, identifier } = page.from.unwrap_or_else(first);
            let request = self.route53().list_resource_record_sets().hosted_zone_id(zone.as_str());
            let request = request.set_start_record_name(name).set_start_record_type(kind);
            let answer =
                call.answer(request.set_start_record_identifier(identifier).send().await)?;
            let records = answer.resource_record_sets.into_iter();
            found.extend(records.filter(|record| is_wanted(&record.name)));
            // The records of a name follow each other.
            let next =
                answer.next_record_name.filter(|name| answer.is_truncated && is_wanted(name));
            pages.turn(next.map(|name| From {
                name: Some(name),
                kind: answer.next_record_type,
                identifier: answer.next_record_identifier,
            }));
        }
        Ok(found)
    }
}

#[async_trait]
impl Dns for Aws {
    async fn create_zone(&self, _local: Local, name: &str, token: &str) -> Result<HostedZoneId> {
        let call = Call::global("CreateHostedZone");
        let answer =
            self.route53().create_hosted_zone().name(name).caller_reference(token).send().await;
        let answer = call.answer(answer)?;
        let zone = answer.hosted_zone.ok_or_else(|| call.lacks("the zone"))?;
        zone_id(&zone.id).ok_or_else(|| call.lacks("a zone id that looks like one"))
    }

    async fn delete_zone(&self, _local: Local, zone: &HostedZoneId) -> Result<()> {
        let call = Call::global("DeleteHostedZone");
        call.answer(self.route53().delete_hosted_zone().id(zone.as_str()).send().await).map(drop)
    }

    async fn records(&self, zone: &HostedZoneId) -> Result<Vec<RecordView>> {
        Ok(self.record_sets(zone, None).await?.into_iter().map(view).collect())
    }

    async fn create_health_check(
        &self,
        _permit: &Permit,
        check: &HealthCheckRequest,
        token: &str,
    ) -> Result<String> {
        let call = Call::global("CreateHealthCheck");
        let config = config(check).map_err(|error| call.unbuilt(&error))?;
        let request = self.route53().create_health_check().caller_reference(token);
        let answer = call.answer(request.health_check_config(config).send().await)?;
        answer.health_check.map(|check| check.id).ok_or_else(|| call.lacks("the health check"))
    }

    async fn delete_health_check(&self, check: Fresh<CheckView>) -> Result<()> {
        let call = Call::global("DeleteHealthCheck");
        call.answer(self.route53().delete_health_check().health_check_id(&check.id).send().await)
            .map(drop)
    }

    async fn check_status(&self, id: &str) -> Result<Option<CheckStatus>> {
        let call = Call::global("GetHealthCheckStatus");
        let answer =
            call.answer(self.route53().get_health_check_status().health_check_id(id).send().await);
        let Some(answer) = if_there(answer, is_absent)? else { return Ok(None) };
        let reports = answer.health_check_observations.into_iter();
        let reports = reports.filter_map(|checker| checker.status_report?.status);
        // Source: Route 53 API, StatusReport.Status: "Success: HTTP Status Code 200, OK".
        let (good, bad): (Vec<_>, Vec<_>) = reports.partition(|told| told.starts_with("Success"));
        let checkers = good.len() + bad.len();
        let failure = bad.into_iter().next();
        Ok(Some(CheckStatus { checkers, succeeded: good.len(), failure }))
    }

    async fn check(&self, id: &str) -> Result<Option<CheckView>> {
        let call = Call::global("GetHealthCheck");
        let answer =
            call.answer(self.route53().get_health_check().health_check_id(id).send().await);
        let Some(answer) = if_there(answer, is_absent)? else { return Ok(None) };
        let check = answer.health_check.ok_or_else(|| call.lacks("the health check"))?;
        check_view(&call, check).map(Some)
    }

    async fn check_made_with(&self, token: &str) -> Result<Option<CheckView>> {
        let found = self.checks_made_with(token).await?;
        Ok(found.into_iter().find(|check| check.token == token))
    }

    async fn checks_made_with(&self, beginning: &str) -> Result<Vec<CheckView>> {
        let call = Call::global("ListHealthChecks");
        let mut found = Vec::new();
        let mut pages = Pages::new(&call, CHECK_PAGES_MAX);
        while let Some(page) = pages.next()? {
            let request = self.route53().list_health_checks().set_marker(page.from);
            let answer = call.answer(request.send().await)?;
            let checks = answer.health_checks.into_iter();
            let ours = checks.filter(|check| check.caller_reference.starts_with(beginning));
            for check in ours {
                found.push(check_view(&call, check)?);
            }
            pages.turn(answer.next_marker.filter(|_| answer.is_truncated));
        }
        Ok(found)
    }

    async fn set_inverted(&self, check: Fresh<CheckView>, inverted: bool) -> Result<CheckView> {
        let call = Call::global("UpdateHealthCheck");
        let request = self.route53().update_health_check().health_check_id(&check.id);
        let request = request.health_check_version(check.version).inverted(inverted);
        let once = Builder::new().retry_config(RetryConfig::disabled());
        let answer = call.answer(request.customize().config_override(once).send().await)?;
        let check = answer.health_check.ok_or_else(|| call.lacks("the health check"))?;
        check_view(&call, check)
    }

    async fn named(&self, zone: &HostedZoneId, name: &str) -> Result<Named> {
        let mut named = Named::default();
        for record in self.record_sets(zone, Some(name)).await? {
            let kind = record.r#type.as_str().to_owned();
            match alias_record(record) {
                Some(alias) => named.aliases.push(alias),
                None => named.others.push(kind),
            }
        }
        Ok(named)
    }

    async fn change_aliases(
        &self,
        at: Fresh<Records>,
        change: RecordChange,
        records: &[AliasRecord],
    ) -> Result<()> {
        let call = Call::global("ChangeResourceRecordSets");
        let batch = batch(change, records).map_err(|error| call.unbuilt(&error))?;
        let request = self.route53().change_resource_record_sets().hosted_zone_id(at.zone.as_str());
        call.answer(request.change_batch(batch).send().await).map(drop)
    }

    async fn addresses(&self, name: &str) -> io::Result<BTreeSet<IpAddr>> {
        if self.local {
            return Err(io::Error::other("an emulator's names are on no public server"));
        }
        let found = tokio::time::timeout(LOOKUP_MAX, tokio::net::lookup_host((name, 0))).await;
        Ok(found
            .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??
            .map(|at| at.ip())
            .collect())
    }
}

pub(super) fn view(record: ResourceRecordSet) -> RecordView {
    let alias = record.alias_target;
    RecordView {
        name: record.name,
        kind: record.r#type.as_str().to_owned(),
        failover: record.failover.map(|failover| failover.as_str().to_owned()),
        health_check_id: record.health_check_id,
        evaluates_target: alias.as_ref().is_some_and(|alias| alias.evaluate_target_health),
        alias: alias.map(|alias| alias.dns_name),
    }
}

fn check_view(call: &Call, check: HealthCheck) -> Result<CheckView> {
    let config = check.health_check_config.ok_or_else(|| call.lacks("the configuration"))?;
    Ok(CheckView {
        id: check.id,
        token: check.caller_reference,
        version: check.health_check_version,
        kind: config.r#type.as_str().to_owned(),
        inverted: config.inverted.unwrap_or_default(),
        disabled: config.disabled.unwrap_or_default(),
        children: config.child_health_checks.unwrap_or_default(),
    })
}

/// A failover alias of type `A`; nothing else is one.
fn alias_record(record: ResourceRecordSet) -> Option<AliasRecord> {
    let target = record.alias_target.filter(|_| record.r#type == RrType::A)?;
    Some(AliasRecord {
        name: record.name.trim_end_matches('.').to_owned(),
        set_identifier: record.set_identifier?,
        failover: record.failover?.as_str().to_owned(),
        health_check_id: record.health_check_id,
        target: target.dns_name,
        target_zone: target.hosted_zone_id,
        evaluates_target: target.evaluate_target_health,
    })
}

fn batch(change: RecordChange, records: &[AliasRecord]) -> Result<ChangeBatch, BuildError> {
    let action = match change {
        RecordChange::Create => ChangeAction::Create,
        RecordChange::Delete => ChangeAction::Delete,
    };
    let mut batch = ChangeBatch::builder();
    for record in records {
        let target = AliasTarget::builder()
            .dns_name(&record.target)
            .hosted_zone_id(&record.target_zone)
            .evaluate_target_health(record.evaluates_target)
            .build()?;
        let set = ResourceRecordSet::builder()
            .name(&record.name)
            .r#type(RrType::A)
            .set_identifier(&record.set_identifier)
            .failover(ResourceRecordSetFailover::from(record.failover.as_str()))
            .set_health_check_id(record.health_check_id.clone())
            .alias_target(target)
            .build()?;
        let change = Change::builder().action(action.clone()).resource_record_set(set).build()?;
        batch = batch.changes(change);
    }
    batch.build()
}

fn config(check: &HealthCheckRequest) -> Result<HealthCheckConfig, BuildError> {
    let config = HealthCheckConfig::builder();
    match check {
        HealthCheckRequest::Http {
            protocol,
            host,
            port,
            path,
            interval_seconds,
            failure_threshold,
        } => {
            let secure = *protocol == Protocol::Https;
            config
                .r#type(if secure { HealthCheckType::Https } else { HealthCheckType::Http })
                // AWS takes it with HTTPS alone.
                .set_enable_sni(secure.then_some(true))
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
