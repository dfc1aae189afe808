//! Reads everything at once, and ends early when nothing that is still on its way could change what
//! to do.

mod gathered;
mod span;
mod turn;

use std::time::Duration;

use failover_core::observation::{CheckConfig, Group, Known, Observation, Probe, Verdict, Why};
use failover_core::policy::Routing;
use failover_core::record::{Ownership, Record};
use failover_core::time::{Timestamp, age};
use failover_core::{Policy, Signal};
use futures::future::{BoxFuture, Either, FutureExt, join_all, select};
use futures::stream::{FuturesUnordered, StreamExt};

use crate::port::{CHECK_DIMENSION, Metric, Ports, Role};
use crate::wait::within;

use self::gathered::{Gathered, Reading};

/// BOUND: the raise's write must start within 3.5 s, and 0.7 s of them belong to the intent tag.
pub(crate) const READS_MAX: Duration = Duration::from_millis(2500);
/// BOUND: the readings after it take another 2.5 s, and the longest course 18.2 s: together they stay below the function's
/// timeout of 30 s.
const STANDBY_MAX: Duration = Duration::from_secs(8);
/// Between two tries, each of which has tries of its own.
const STANDBY_PAUSE: Duration = Duration::from_secs(1);

/// What the reads are for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Purpose<'a> {
    /// Name of the site.
    pub(crate) site: &'a str,
    /// Its numbers.
    pub(crate) policy: &'a Policy,
    /// Why the invocation runs.
    pub(crate) signal: &'a Signal,
}

impl Purpose<'_> {
    /// Readiness changes by hand only: a tick an hour looks.
    fn readiness(&self, now: Timestamp) -> bool {
        *self.signal == Signal::Tick && turn::is_on(self.site, now, self.policy.tick())
    }

    /// With active-active routing the floors hold the instances, so only their CPU tells the load.
    fn cpu(&self) -> bool {
        self.policy.routing() == Routing::ActiveActive
    }
}

/// What a look has read before it asks AWS anything.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Glance {
    /// What Route 53's name servers say.
    pub(crate) verdict: Known<Verdict>,
    /// What our own probe found, where it was asked.
    pub(crate) probe: Known<Probe>,
}

impl Glance {
    /// Only our own probe says that the primary is down.
    fn suspects(self) -> bool {
        self.probe == Known::Known(Probe::Down)
    }
}

/// Reads the world, for at most [`READS_MAX`]. What is late is `Unknown(Timeout)`.
///
/// As soon as the alarm reads ALARM, or Route 53's verdict unhealthy, and the standby needs a raise, the
/// rest is `Unknown(NotAsked)`: in an outage the slowest reads are those of the dead region, and a raise
/// needs none of them. A standby that is raised already has all the time of the reads: the latch closes
/// on healthy counts and on DNS. A look, which has had its `glance`, reads only what a raise needs.
pub(crate) async fn observe(
    ports: &Ports,
    purpose: Purpose<'_>,
    glance: Option<Glance>,
) -> Observation {
    let now = ports.clock.now();
    let mut deadline = ports.clock.sleep(READS_MAX);
    let (readiness, cpu) = (purpose.readiness(now), purpose.cpu());
    let (mut gathered, mut reads) = match glance {
        None => (Gathered::new(readiness, cpu), first_round(ports)),
        Some(glance) => (Gathered::after(glance), look_round(ports, glance)),
    };
    if readiness {
        reads.push(ports.reads.read_subscriptions().map(Reading::Subscriptions).boxed());
    }
    if cpu && glance.is_none() {
        reads.extend([Role::Standby, Role::Primary].map(|role| read_cpu(ports, role, now)));
    }
    // BOUND: every round takes one of at most sixteen reads, or the deadline.
    loop {
        let reading = match select(reads.next(), &mut deadline).await {
            Either::Left((Some(reading), _)) => reading,
            Either::Left((None, _)) => return gathered.observation(Why::NotAsked),
            Either::Right(((), _)) => return gathered.observation(Why::Timeout),
        };
        if let Reading::Alarm(Known::Known(alarm)) = &reading
            && glance.is_none()
            && let Known::Known(metric) = &alarm.metric
        {
            if readiness && let Some(id) = metric.dimension(CHECK_DIMENSION) {
                reads.push(read_check(ports, id.to_owned()));
            }
            if readiness {
                match &alarm.checks {
                    Known::Known(ids) => reads.push(read_others(ports, ids.clone())),
                    Known::Unknown(why) => gathered.take(Reading::Others(Known::Unknown(*why))),
                }
            }
            reads.push(read_datapoints(ports, metric.clone(), now, purpose.policy));
        }
        if let Reading::Standby(read) = &reading
            && glance.is_none()
            && raised_by_us(read)
            && purpose.policy.routing() == Routing::Failover
        {
            gathered.await_requests();
            reads.push(read_requests(ports, now));
        }
        gathered.take(reading);
        let only_egress_left = reads.len() == 1 && gathered.lacks_only_egress();
        if only_egress_left || gathered.raise_is_clear(purpose, ports.clock.now()) {
            return gathered.observation(Why::NotAsked);
        }
    }
}

/// Reads the world, and is patient where nothing could be decided: the standby group that did not answer is asked again until
/// [`STANDBY_MAX`] is over, and then everything is read afresh.
pub(crate) async fn observe_patiently(
    ports: &Ports,
    purpose: Purpose<'_>,
    glance: Option<Glance>,
) -> Observation {
    let started = ports.clock.now();
    let mut observation = observe(ports, purpose, glance).await;
    // BOUND: each round waits, and `STANDBY_MAX` is the end of all rounds.
    while passes(&observation) && *purpose.signal != Signal::Rehearsal {
        ports.clock.sleep(STANDBY_PAUSE).await;
        let left = STANDBY_MAX.saturating_sub(age(ports.clock.now(), started));
        match within(&*ports.clock, left, ports.reads.read_standby()).await {
            Some(Known::Known(_)) => observation = observe(ports, purpose, glance).await,
            Some(Known::Unknown(_)) => {}
            None => break,
        }
    }
    observation
}

/// The standby group is unknown for a reason that may pass by itself.
fn passes(observation: &Observation) -> bool {
    matches!(
        observation.standby,
        Known::Unknown(Why::Timeout | Why::Throttled | Why::Fault | Why::Unparseable)
    )
}

type Reads<'a> = FuturesUnordered<BoxFuture<'a, Reading>>;

/// Every read that needs no other one. The two that a raise waits for go first.
fn first_round(ports: &Ports) -> Reads<'_> {
    let Ports { reads, names, verdicts, prober, outside, .. } = ports;
    let healthy =
        |role| reads.read_healthy(role).map(move |known| Reading::Healthy(role, known)).boxed();
    let reads: [BoxFuture<'_, Reading>; 9] = [
        reads.read_alarm().map(Reading::Alarm).boxed(),
        reads.read_standby().map(|known| Reading::Standby(Box::new(known))).boxed(),
        healthy(Role::Standby),
        reads.read_primary().map(Reading::Primary).boxed(),
        healthy(Role::Primary),
        names.read_answer().map(Reading::Answer).boxed(),
        verdicts.read_verdict().map(Reading::Verdict).boxed(),
        prober.probe().map(Reading::Probe).boxed(),
        outside.reach().map(Reading::Egress).boxed(),
    ];
    reads.into_iter().collect()
}

/// What a raise needs. Only a suspicion needs a proof of egress.
fn look_round(ports: &Ports, glance: Glance) -> Reads<'_> {
    let Ports { reads, outside, .. } = ports;
    let egress = glance.suspects().then(|| outside.reach().map(Reading::Egress).boxed());
    let reads: [BoxFuture<'_, Reading>; 2] = [
        reads.read_alarm().map(Reading::Alarm).boxed(),
        reads.read_standby().map(|known| Reading::Standby(Box::new(known))).boxed(),
    ];
    reads.into_iter().chain(egress).collect()
}

/// The metric that the alarm itself watches: asked second, because only the alarm knows its name
/// and period.
fn read_datapoints<'a>(
    ports: &'a Ports,
    metric: Metric,
    now: Timestamp,
    policy: &Policy,
) -> BoxFuture<'a, Reading> {
    let span = span::evidence(now, metric.period, policy.evidence());
    async move { Reading::Datapoints(ports.reads.read_datapoints(&metric, span).await) }.boxed()
}

/// The health check behind the alarm, asked second for the same reason.
fn read_check(ports: &Ports, id: String) -> BoxFuture<'_, Reading> {
    async move { Reading::Check(ports.reads.read_check(&id).await) }.boxed()
}

/// The checks that the records carry: one that is set wrong is enough.
fn read_others(ports: &Ports, ids: Vec<String>) -> BoxFuture<'_, Reading> {
    async move {
        let read = join_all(ids.iter().map(|id| ports.reads.read_check(id))).await;
        let mut others = Known::Unknown(Why::NotAsked);
        for check in read {
            others = match (others, check) {
                (Known::Known(one), Known::Known(other)) => Known::Known(CheckConfig {
                    disabled: one.disabled || other.disabled,
                    inverted: one.inverted || other.inverted,
                }),
                (Known::Unknown(Why::NotAsked), first) => first,
                (lost @ Known::Unknown(_), _) | (_, lost @ Known::Unknown(_)) => lost,
            };
        }
        Reading::Others(others)
    }
    .boxed()
}

/// Only then can there be something to lower.
fn raised_by_us(read: &Known<(Group, Record)>) -> bool {
    let record = read.known().map(|(_, record)| record);
    record.is_some_and(|record| matches!(record.ownership(), Ownership::Ours(_)))
}

/// Asked second, because CloudWatch charges for each metric that is read, and a dark standby is not lowered.
fn read_requests(ports: &Ports, now: Timestamp) -> BoxFuture<'_, Reading> {
    ports.reads.read_requests(span::requests(now)).map(Reading::Requests).boxed()
}

fn read_cpu(ports: &Ports, role: Role, now: Timestamp) -> BoxFuture<'_, Reading> {
    let read = ports.reads.read_cpu(role, span::cpu(now));
    read.map(move |known| Reading::Cpu(role, known)).boxed()
}
