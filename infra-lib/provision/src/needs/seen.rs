//! Reads what a failover needs, all at once and each part within a bound.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::join_all;
use tokio::time::sleep;

use cloud::views::in_time;
use cloud::{
    AlarmWiring, BalancerView, CheckView, CloudError, EventSource, FunctionView, Invoker,
    RecordView, RuleView, Subscription, Wiring,
};
use site::model::{Site, StackId};
use site::names::Region;

use super::{Stacks, Stop};

/// BOUND: as everything in `status`: somebody who looks in an outage does not wait for a dark region.
const READ_MAX: Duration = Duration::from_secs(8);
/// BOUND: a gate is calculated over checks that are calculated over none; three steps find a deeper one that somebody brought.
const STEPS_MAX: usize = 3;

/// BOUND: a function that was just changed is `Pending` for a second or two; after these looks it is told as it is.
const LOOKS_MAX: usize = 10;
/// Between two looks at it.
const LOOK_PAUSE: Duration = Duration::from_millis(500);

pub(super) type Read<T> = Result<T, Stop>;

/// Everything that is judged.
#[derive(Debug)]
pub struct Seen {
    pub(super) stacks: Stacks,
    pub(super) records: Read<Vec<RecordView>>,
    pub(super) verdict: Read<Vec<RecordView>>,
    /// Every check of a record and those that it is calculated over.
    pub(super) checks: BTreeMap<String, Read<Option<CheckView>>>,
    pub(super) alarm: Read<Option<AlarmWiring>>,
    pub(super) subscriptions: Read<Option<Vec<Subscription>>>,
    pub(super) invokers: Read<Option<Vec<Invoker>>>,
    pub(super) sources: Read<Vec<EventSource>>,
    pub(super) rule: Read<Option<RuleView>>,
    pub(super) function: Read<Option<FunctionView>>,
    pub(super) primary: Read<Option<BalancerView>>,
    pub(super) standby: Read<Option<BalancerView>>,
}

impl Seen {
    /// Reads all of it at once. What cannot be read is known to be so.
    pub async fn read(wiring: &dyn Wiring, site: &Site, stacks: Stacks) -> Self {
        let (detector, standby) = (Region::detector(), site.standby_region());
        let config = &site.config;
        let alarm = stacks.output(StackId::Detector, "AlarmName");
        let topic = stacks.output(StackId::Detector, "TopicArn");
        let function = stacks.output(StackId::Controller, "FunctionName");
        let rule = rule_name(site);
        let host = config.failover_name();
        let sides = [
            (StackId::WebPrimary, site.group_name("primary")),
            (StackId::WebStandby, site.group_name("standby")),
        ];
        let balancer = async |(web, name): &(StackId, String)| {
            stacks.output(*web, "LoadBalancerDnsName")?;
            bounded(&site.stack(*web).region, wiring.balancer(&site.stack(*web).region, name)).await
        };
        // A detector of an earlier version has no such output, and no such records.
        let has_verdict = stacks.output(StackId::Detector, "VerdictName");
        let verdict = verdict_name(site);
        let detector = async {
            futures::join!(
                async {
                    alarm.clone()?;
                    let records = wiring.records_of(&config.hosted_zone_id, host.as_str());
                    bounded(&detector, records).await
                },
                async {
                    has_verdict?;
                    bounded(&detector, wiring.records_of(&config.hosted_zone_id, &verdict)).await
                },
                async { bounded(&detector, wiring.alarm_wiring(&detector, alarm.clone()?)).await },
                async { bounded(&detector, wiring.subscriptions(&detector, topic?)).await },
            )
        };
        let controller = async {
            futures::join!(
                async { bounded(standby, wiring.invokers(standby, function.clone()?)).await },
                async { bounded(standby, wiring.event_sources(standby, function.clone()?)).await },
                async {
                    function.clone()?;
                    bounded(standby, wiring.rule(standby, &rule)).await
                },
                async { bounded(standby, settled(wiring, standby, function.clone()?)).await },
            )
        };
        let balancers = futures::future::join(balancer(&sides[0]), balancer(&sides[1]));
        let (detector, controller, (primary, standby)) =
            futures::join!(detector, controller, balancers);
        let (records, verdict, alarm, subscriptions) = detector;
        let (invokers, sources, rule, function) = controller;
        let checks = checks(wiring, &records, &alarm).await;
        Self {
            stacks,
            records,
            verdict,
            checks,
            alarm,
            subscriptions,
            invokers,
            sources,
            rule,
            function,
            primary,
            standby,
        }
    }
}

/// The function, once a change of it has taken effect.
async fn settled(
    wiring: &dyn Wiring,
    region: &Region,
    name: &str,
) -> Result<Option<FunctionView>, CloudError> {
    for _ in 1..LOOKS_MAX {
        let found = wiring.function(region, name).await?;
        if found.as_ref().is_none_or(|found| found.state != "Pending") {
            return Ok(found);
        }
        sleep(LOOK_PAUSE).await;
    }
    wiring.function(region, name).await
}

/// Name of the rule that ticks. Source: `controller.yaml`.
pub(super) fn rule_name(site: &Site) -> String {
    format!("{}-tick", site.config.name)
}

/// Name of the queue of the looks between ticks. Source: `controller.yaml`.
pub(super) fn look_queue(site: &Site) -> String {
    format!("{}-looks", site.config.name)
}

/// The name that tells Route 53's verdict. Source: `detector.yaml`.
pub(super) fn verdict_name(site: &Site) -> String {
    failover_core::verdict::name(site.config.failover_name().as_str())
}

/// The checks of the records and of the alarm, and those that they are calculated over.
async fn checks(
    wiring: &dyn Wiring,
    records: &Read<Vec<RecordView>>,
    alarm: &Read<Option<AlarmWiring>>,
) -> BTreeMap<String, Read<Option<CheckView>>> {
    let records = records.iter().flatten().filter_map(|record| record.health_check_id.clone());
    let watched = alarm.iter().flatten().filter_map(|alarm| alarm.watched().map(str::to_owned));
    let mut wanted: Vec<String> = records.chain(watched).collect();
    let mut found = BTreeMap::new();
    for _ in 0..STEPS_MAX {
        wanted.retain(|id| !found.contains_key(id));
        wanted.sort();
        wanted.dedup();
        let global = Region::detector();
        let read = wanted.iter().map(|id| bounded(&global, wiring.health_check(id)));
        let read = join_all(read).await;
        let known = read.iter().flatten().flatten();
        let children = known.flat_map(|check: &CheckView| check.children.clone()).collect();
        found.extend(wanted.into_iter().zip(read));
        wanted = children;
    }
    found
}

async fn bounded<T>(
    region: &Region,
    reading: impl Future<Output = Result<T, CloudError>>,
) -> Read<T> {
    in_time(READ_MAX, "a look", region, reading).await.map_err(Stop::Cloud)
}
