//! What beats while a drill runs: groups are followed, ticks are sent, decisions are read.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use drill::rounds;
use failover_core::{DecisionRecord, ReasonKind, Timestamp};
use tokio::task::JoinSet;

use cloud::guard::{Local, Permit};
use cloud::{Cloud, TargetChange};
use provision::outputs::Outputs;
use site::model::{Role, StackId};
use site::names::Region;

use drill::locked;

use crate::stage::{Stage, TICK, WATCH, group_name};
use crate::world::World;

const FOLLOW_EVERY: Duration = Duration::from_millis(250);
const LOG_EVERY: Duration = Duration::from_secs(1);
const TICK_EVENT: &str = r#"{"source":"pilotlight.tick"}"#;
/// A look as the queue brings it.
const LOOK_EVENT: &str =
    r#"{"Records":[{"eventSource":"aws:sqs","body":"{\"source\":\"pilotlight.look\"}"}]}"#;

/// BOUND: an hour in which a region's numbers change on every look. What comes later is not kept.
const SIZES_MAX: usize = 14_400;

/// The beating. Dropped, it stops.
#[derive(Debug)]
pub struct Pulse {
    decisions: Decisions,
    sizes: Sizes,
    _tasks: JoinSet<()>,
}

/// Decision records of the controller, as its log has them, each once, in the order in which they were decided.
#[derive(Clone, Debug, Default)]
pub struct Decisions(Arc<Mutex<Vec<DecisionRecord>>>);

/// How many instances a region had since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SizeChange {
    /// When it was seen.
    pub at: Instant,
    /// The region.
    pub role: Role,
    /// Instances that the group was asked for.
    pub asked: u16,
    /// Instances that the group calls in service.
    pub in_service: u16,
    /// Instances that the load balancer calls healthy.
    pub healthy: u16,
}

/// Every change of a region's numbers, in the order in which they were seen.
#[derive(Clone, Debug, Default)]
pub struct Sizes(Arc<Mutex<Vec<SizeChange>>>);

impl Sizes {
    /// Everything seen so far.
    #[must_use]
    pub fn all(&self) -> Vec<SizeChange> {
        locked(&self.0).clone()
    }

    /// When a region's numbers first were as wanted after `since`.
    #[must_use]
    pub fn first(
        &self,
        role: Role,
        since: Instant,
        wanted: impl Fn(&SizeChange) -> bool,
    ) -> Option<Instant> {
        let sizes = locked(&self.0);
        let wanted = |size: &&SizeChange| size.role == role && size.at >= since && wanted(size);
        sizes.iter().find(wanted).map(|size| size.at)
    }

    fn note(&self, size: SizeChange) {
        let mut sizes = locked(&self.0);
        let last = sizes.iter().rfind(|last| last.role == size.role);
        let same = last.is_some_and(|last| SizeChange { at: last.at, ..size } == *last);
        if !same && sizes.len() < SIZES_MAX {
            sizes.push(size);
        }
    }
}

impl Decisions {
    /// Everything read so far.
    #[must_use]
    pub fn all(&self) -> Vec<DecisionRecord> {
        locked(&self.0).clone()
    }

    /// The first record at or after `since` of this reason.
    #[must_use]
    pub fn first(&self, kind: ReasonKind, since: Timestamp) -> Option<DecisionRecord> {
        let records = locked(&self.0);
        let wanted =
            |record: &&DecisionRecord| record.at >= since && record.decision.reason.kind() == kind;
        records.iter().find(wanted).cloned()
    }

    /// The newest record.
    #[must_use]
    pub fn last(&self) -> Option<DecisionRecord> {
        locked(&self.0).last().cloned()
    }
}

impl Pulse {
    /// Starts to beat for a deployed site. Without `ticks` the emulator's own schedule, once a minute, is all there is.
    #[must_use]
    pub fn start(stage: &Stage, outputs: &Outputs, ticks: bool) -> Self {
        let (mut tasks, sizes) = (JoinSet::new(), Sizes::default());
        let cloud = || Arc::clone(&stage.cloud);
        for (role, stack) in
            [(Role::Primary, StackId::WebPrimary), (Role::Standby, StackId::WebStandby)]
        {
            let targets = outputs.get(stack, "TargetGroupArn").unwrap_or_default().to_owned();
            let region = stage.region(role).clone();
            let place = Place { role, region, targets };
            tasks.spawn(follow(
                (cloud(), stage.local),
                Arc::clone(&stage.world),
                place,
                sizes.clone(),
            ));
        }
        let name = |output| outputs.get(StackId::Controller, output).unwrap_or_default().to_owned();
        let region = stage.region(Role::Standby).clone();
        if ticks {
            tasks.spawn(send_ticks(
                (cloud(), stage.permit.clone()),
                region.clone(),
                name("FunctionName"),
            ));
        }
        let decisions = Decisions::default();
        tasks.spawn(read_log(cloud(), region, name("LogGroupName"), decisions.clone()));
        Self { decisions, sizes, _tasks: tasks }
    }

    /// The sizes seen so far, and further ones as they come.
    #[must_use]
    pub fn sizes(&self) -> Sizes {
        self.sizes.clone()
    }

    /// The decisions read so far, and further ones as they come.
    #[must_use]
    pub fn decisions(&self) -> Decisions {
        self.decisions.clone()
    }
}

/// A region's group and where its targets are registered.
struct Place {
    role: Role,
    region: Region,
    targets: String,
}

/// Auto Scaling at work: instances that the group lists get a server and become targets, others go.
async fn follow(
    (cloud, local): (Arc<dyn Cloud>, Local),
    world: Arc<World>,
    place: Place,
    sizes: Sizes,
) {
    let Place { role, region, targets } = place;
    let mut rounds = rounds(FOLLOW_EVERY);
    let mut known = BTreeSet::new();
    loop {
        rounds.tick().await;
        let Ok(Some(group)) = cloud.group(&region, &group_name(role)).await else { continue };
        let at = Instant::now();
        let serving = group.instances.iter().filter(|one| one.state == "InService").count();
        let listed: BTreeSet<String> = group.instances.into_iter().map(|one| one.id).collect();
        world.fleet(role).follow(listed.iter().cloned());
        let healthy = world.fleet(role).healthy_count();
        let (asked, in_service, well) = (group.sizes.desired, small(serving), small(healthy));
        sizes.note(SizeChange { at, role, asked, in_service, healthy: well });
        // The emulator calls every registered target healthy, so one is registered when its server answers.
        let come: Vec<String> = if healthy >= listed.len() {
            listed.difference(&known).cloned().collect()
        } else {
            Vec::new()
        };
        let gone: Vec<String> = known.difference(&listed).cloned().collect();
        let change = |change| cloud.change_targets(local, &region, &targets, change);
        if !come.is_empty() && change(TargetChange::Register(&come)).await.is_ok() {
            known.extend(come.iter().cloned());
        }
        if !gone.is_empty() && change(TargetChange::Deregister(&gone)).await.is_ok() {
            known.retain(|id| listed.contains(id));
        }
    }
}

/// Ticks, and looks between them. One after the other: at AWS the function runs once at a time.
async fn send_ticks((cloud, permit): (Arc<dyn Cloud>, Permit), region: Region, function: String) {
    let mut rounds = rounds(WATCH);
    let looks = (TICK.as_millis() / WATCH.as_millis()).saturating_sub(1);
    loop {
        rounds.tick().await;
        // A tick that is lost or throttled is made good by the next one, as at AWS.
        cloud.invoke(&permit, &region, &function, TICK_EVENT.into()).await.ok();
        for _ in 0..looks {
            rounds.tick().await;
            cloud.invoke(&permit, &region, &function, LOOK_EVENT.into()).await.ok();
        }
    }
}

async fn read_log(cloud: Arc<dyn Cloud>, region: Region, group: String, decisions: Decisions) {
    let mut rounds = rounds(LOG_EVERY);
    let mut since = Timestamp::UNIX_EPOCH;
    let mut seen = BTreeSet::new();
    loop {
        rounds.tick().await;
        let Ok(lines) = cloud.log_lines(&region, &group, since).await else { continue };
        for line in lines {
            since = since.max(line.at);
            let Some(record) = DecisionRecord::from_log_line(&line.text) else { continue };
            if seen.insert((line.at, line.text)) {
                let mut records = locked(&decisions.0);
                records.push(record);
                records.sort_by_key(|record| record.at);
            }
        }
        seen.retain(|(at, _)| *at >= since);
    }
}

/// Instances of a drill are a few.
fn small(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}
