//! When the controller decides to raise: the shipped [`decide`] is asked on every event, tick and look.

use failover_core::observation::{
    AlarmState, AlarmView, Answer, Datapoints, Evaluation, Known, Observation, Probe, Readiness,
    Verdict, Why,
};
use failover_core::record::{Base, Peak, Record, Sizes, Slot};
use failover_core::signal::Claim;
use failover_core::time::after;
use failover_core::{Reason, Signal, Timestamp, decide};

use crate::chance::Chance;
use crate::world::Fleet;

use super::Setup;
use super::phases::{Phase, Phases};

/// The primary dies at this time. One like any other.
const DEATH: i64 = 1_767_225_600;
/// BOUND: ticks of one failover; half an hour of them.
const TICKS: u32 = 30;
/// A look that probes the primary waits so long for a region that does not answer: the bound of all the controller's reads.
const PROBED: f64 = 2.5;
/// The looks of a suspicion are at most so many times `watch` apart, as the controller counts them.
const IN_A_ROW: f64 = 2.5;

/// When each of the detectors tells that the primary is down. Units: seconds since it stopped serving.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    /// Two name servers answer the verdict's name with "unhealthy".
    pub(super) read: f64,
    /// The alarm reads ALARM.
    pub(super) alarm: f64,
    /// The alarm's event reaches the controller.
    pub(super) event: f64,
}

/// When the controller decides to raise. Not finite if it does not.
pub(super) fn decided(setup: &Setup, phases: &Phases, luck: &mut Chance, told: Told) -> f64 {
    let tick = setup.policy.tick().as_secs_f64();
    let first = luck.up_to(tick);
    // The tick before the failure has sent the looks of the minute in which it happens.
    let mut sent = first - tick;
    let mut looked = f64::NEG_INFINITY;
    let mut heard = false;
    for _ in 0..TICKS {
        let mut invocations = looks(setup, phases, luck, sent);
        sent += tick;
        invocations.push((sent, Signal::Tick));
        if !heard && told.event <= sent {
            heard = true;
            let claim = Claim { state: AlarmState::Alarm, at: moment(told.alarm) };
            invocations.push((told.event, Signal::Alarm(claim)));
        }
        invocations.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (at, signal) in invocations.into_iter().filter(|one| one.0 >= 0.0) {
            let (at, signal) = match (signal, setup.watch) {
                (Signal::Look { .. }, Some(watch)) => {
                    let again = at - looked <= IN_A_ROW * watch.as_secs_f64();
                    looked = at;
                    // One that reads "healthy" ends there, unless it has the primary to probe.
                    if at < told.read && !setup.policy.eager() {
                        continue;
                    }
                    let probed = if at < told.read { PROBED } else { 0.0 };
                    (at + probed, Signal::Look { again })
                }
                (signal, _) => (at, signal),
            };
            let decision = decide(&setup.policy, &signal, &seen(setup, told, at), moment(at));
            if matches!(
                decision.reason,
                Reason::Raise { .. } | Reason::AlreadyRaised { .. } | Reason::Adopt { .. }
            ) {
                return at;
            }
        }
    }
    f64::INFINITY
}

/// The looks that a tick sends: when each has read the verdict.
fn looks(setup: &Setup, phases: &Phases, luck: &mut Chance, sent: f64) -> Vec<(f64, Signal)> {
    let Some(watch) = setup.watch else { return Vec::new() };
    let tick = setup.policy.tick().as_secs_f64();
    let delays =
        std::iter::successors(Some(watch.as_secs_f64()), |delay| Some(delay + watch.as_secs_f64()));
    let delays = delays.take_while(|delay| *delay < tick);
    delays
        .map(|delay| {
            let at = sent + delay + phases.spread(Phase::Look).draw(luck);
            (at, Signal::Look { again: false })
        })
        .collect()
}

/// What the controller sees at a time. The primary is down, and everything else is well, but for what the setup says.
fn seen(setup: &Setup, told: Told, at: f64) -> Observation {
    let red = at >= told.alarm;
    let period = setup.alarm_period;
    let since = if red { moment(told.alarm) } else { after(moment(0.0), -86_400) };
    let cap = setup.policy.capacity_max();
    let group = |size: u16, up: bool| {
        let max = cap.max(size);
        Fleet { up, min: size, desired: size, max, in_service: size, unhealthy: 0 }.group()
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
    let points = Datapoints {
        period,
        newest: moment(at - period.as_secs_f64()),
        healthy_run: if red { 0 } else { 1000 },
        // The second datapoint of 0 comes a period after the one that the alarm turned on.
        newest_two_zero: at >= told.alarm + period.as_secs_f64(),
    };
    let alarm = AlarmView {
        state: if red { AlarmState::Alarm } else { AlarmState::Ok },
        transitioned_at: since,
        evaluation: Evaluation::Sound,
        actions: true,
    };
    let dark = setup.detector_dark;
    let verdict = if at >= told.read { Verdict::Unhealthy } else { Verdict::Healthy };
    Observation {
        alarm: if dark { Known::Unknown(Why::Timeout) } else { Known::Known(alarm) },
        datapoints: if dark { Known::Unknown(Why::Timeout) } else { Known::Known(points) },
        standby: Known::Known(group(floor, true)),
        record: Known::Known(record),
        primary: Known::Known(group(demand, false)),
        verdict: if setup.verdict { Known::Known(verdict) } else { Known::Unknown(Why::NotAsked) },
        answer: Known::Known(Answer::Primary),
        probe: Known::Known(Probe::Down),
        egress: true,
        readiness: Readiness::NOT_ASKED,
        requests: Known::Unknown(Why::NotAsked),
    }
}

/// The decision core thinks in whole seconds and up; fractions matter to nobody there.
#[expect(clippy::cast_possible_truncation, reason = "times of one failover are hours at most")]
fn moment(at: f64) -> Timestamp {
    after(Timestamp::from_second(DEATH).expect("a small number of seconds"), at.floor() as i64)
}
