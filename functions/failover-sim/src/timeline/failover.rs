//! One failover, from the moment the primary stops serving to the first page from the standby.

use std::time::Duration;

use failover_core::observation::{
    AlarmState, AlarmView, Answer, Datapoints, Evaluation, Group, Known, Observation, Probe,
    Readiness, Why,
};
use failover_core::record::{Base, Peak, Record, Sizes, Slot};
use failover_core::signal::Claim;
use failover_core::time::after;
use failover_core::{Reason, Signal, Timestamp, decide};

use super::Setup;
use super::chance::Luck;
use super::phases::{Phase, Phases};

/// Route 53 asks from this many places.
const CHECKERS: usize = 16;
/// It calls an endpoint unhealthy once no more than 18 % of them find it healthy: all but two.
const DISSENTERS: usize = 2;
/// BOUND: invocations of one failover; the ticks of half an hour.
const INVOCATIONS: usize = 40;
/// The primary dies at this time. One like any other.
const DEATH: i64 = 1_767_225_600;

/// The parts of a recovery on the way to the first page, in their order.
pub const PHASES: [&str; 8] = [
    "health check turns red",
    "alarm",
    "controller",
    "launch",
    "boot",
    "targets healthy",
    "DNS moves",
    "clients follow",
];

/// When what happened. Units: seconds since the primary stopped serving.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timeline {
    /// Route 53 calls the primary unhealthy.
    pub verdict: f64,
    /// The alarm reads ALARM.
    pub alarm: f64,
    /// The group is raised. Not later than `healthy` where the floor carries users.
    pub raised: f64,
    /// A user gets a page from the standby.
    pub served: f64,
    /// The standby has every instance that was asked for, healthy.
    pub full: f64,
    /// How long each of [`PHASES`] kept the first page waiting. Their sum is `served`.
    pub parts: [f64; PHASES.len()],
}

/// Plays the failover with this number.
pub(super) fn play(setup: &Setup, phases: &Phases, seed: u64, number: u32) -> Timeline {
    let mut luck = Luck::new(seed, u64::from(number));
    let mut draw = |phase: Phase| phases.spread(phase).draw(&mut luck);
    let counted = draw(Phase::Verdict);
    let extra = f64::from(setup.alarm_datapoints.saturating_sub(1));
    let metric = draw(Phase::Metric) + extra * seconds(setup.alarm_period);
    let (event, write, launch) = (draw(Phase::Event), draw(Phase::Write), draw(Phase::Launch));
    let (believed, spread) = (draw(Phase::StandbyCheck), draw(Phase::Spread));
    let verdict = red(setup, phases, &mut luck) + counted;
    let alarm = verdict + metric;
    let tick = luck.below(seconds(setup.policy.tick()));
    let decided = raise(setup, alarm, event, tick);
    let raised = decided + write;
    let mut healthy = targets(setup, phases, &mut luck, raised + launch);
    healthy.sort_by(|a, b| a.healthy.total_cmp(&b.healthy));
    let ttl = luck.below(seconds(setup.ttl));
    let full = healthy.last().map_or(verdict, |target| target.healthy);
    if setup.floor > 0 {
        // DNS moves by itself: neither the alarm nor the controller is on the way.
        let parts = [verdict, 0.0, 0.0, 0.0, 0.0, 0.0, spread, ttl];
        return Timeline { verdict, alarm, raised, served: parts.iter().sum(), full, parts };
    }
    let first = healthy.first().copied().unwrap_or(Target { booted: full, healthy: full });
    let parts = [
        verdict,
        metric,
        raised - alarm,
        launch,
        first.booted - raised - launch,
        first.healthy - first.booted,
        believed + spread,
        ttl,
    ];
    Timeline { verdict, alarm, raised, served: parts.iter().sum(), full, parts }
}

/// When all but two of the checkers have had enough failures in a row.
fn red(setup: &Setup, phases: &Phases, luck: &mut Luck) -> f64 {
    let interval = seconds(setup.check_interval);
    let failures = f64::from(setup.check_threshold.max(1) - 1);
    let mut changed: [f64; CHECKERS] = std::array::from_fn(|_| {
        let first = luck.below(interval);
        first + failures * interval + phases.spread(Phase::ProbeFailure).draw(luck)
    });
    changed.sort_by(f64::total_cmp);
    changed[CHECKERS - 1 - DISSENTERS]
}

/// When an instance serves, and when its load balancer sends it users.
#[derive(Clone, Copy, Debug)]
struct Target {
    booted: f64,
    healthy: f64,
}

/// The instances that a raise brings. Those of the warm pool start first and sooner.
fn targets(setup: &Setup, phases: &Phases, luck: &mut Luck, launched: f64) -> Vec<Target> {
    let wanted = setup.policy.target(None).saturating_sub(setup.floor);
    let interval = seconds(setup.target_interval);
    let passes = f64::from(setup.target_threshold.max(1) - 1);
    (0..wanted)
        .map(|index| {
            let warm = index < setup.warm_pool;
            let boot = if warm { Phase::BootWarm } else { Phase::BootCold };
            let booted = launched + phases.spread(boot).draw(luck);
            Target { booted, healthy: booted + luck.below(interval) + passes * interval }
        })
        .collect()
}

/// When the controller decides to raise: it is asked on the alarm's event and on each tick.
fn raise(setup: &Setup, alarm: f64, event: f64, first_tick: f64) -> f64 {
    let tick = seconds(setup.policy.tick());
    let delivered = alarm + event;
    let mut ticks = std::iter::successors(Some(first_tick), |at| Some(at + tick)).peekable();
    let mut told = false;
    for _ in 0..INVOCATIONS {
        let next = *ticks.peek().expect("ticks never end");
        let (at, signal) = if !told && delivered <= next {
            told = true;
            let claim = Claim { state: AlarmState::Alarm, at: moment(alarm) };
            (delivered, Signal::Alarm(claim))
        } else {
            ticks.next();
            (next, Signal::Tick)
        };
        let decision = decide(&setup.policy, &signal, &seen(setup, alarm, at), moment(at));
        let raises = matches!(
            decision.reason,
            Reason::Raise { .. } | Reason::AlreadyRaised { .. } | Reason::Adopt { .. }
        );
        if raises {
            return at;
        }
    }
    f64::INFINITY
}

/// What the controller sees at a time. The primary is down, and everything else is well.
fn seen(setup: &Setup, alarm: f64, at: f64) -> Observation {
    let red = at >= alarm;
    let period = setup.alarm_period;
    let since = if red { moment(alarm) } else { after(moment(0.0), -86_400) };
    let cap = setup.policy.capacity_max();
    let group = |size: u16, healthy: u16| Group {
        min: size,
        desired: size,
        max: cap.max(size),
        in_service: size,
        healthy: Known::Known(healthy),
        suspended: false,
        paused: false,
        cpu: Known::Unknown(Why::NotAsked),
    };
    let (floor, demand) = (setup.floor, setup.policy.target(None));
    let sizes = Sizes { min: floor, desired: floor, max: cap };
    let noted = after(moment(0.0), -3600);
    let hour = noted.as_second() / 3600;
    let record = Record {
        base: Slot::Held(Base { sizes, at: noted }),
        peak: Slot::Held(Peak::sampled(None, hour, demand)),
        ..Record::default()
    };
    // The second datapoint of 0 comes a period after the one that the alarm turned on.
    let two_zero = at >= alarm + seconds(period);
    let points = Datapoints {
        period,
        newest: moment(at - seconds(period)),
        healthy_run: if red { 0 } else { 1000 },
        newest_two_zero: two_zero,
    };
    Observation {
        alarm: Known::Known(AlarmView {
            state: if red { AlarmState::Alarm } else { AlarmState::Ok },
            transitioned_at: since,
            evaluation: Evaluation::Sound,
            actions: true,
        }),
        datapoints: Known::Known(points),
        standby: Known::Known(group(floor, floor)),
        record: Known::Known(record),
        primary: Known::Known(group(demand, 0)),
        verdict: Known::Unknown(Why::NotAsked),
        answer: Known::Known(Answer::Primary),
        probe: Known::Known(Probe::Down),
        egress: true,
        readiness: Readiness::NOT_ASKED,
        requests: Known::Unknown(Why::NotAsked),
    }
}

fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}

/// The decision core thinks in whole seconds and up; fractions matter to nobody there.
#[expect(clippy::cast_possible_truncation, reason = "times of one failover are hours at most")]
fn moment(at: f64) -> Timestamp {
    after(Timestamp::from_second(DEATH).expect("a small number of seconds"), at.floor() as i64)
}
