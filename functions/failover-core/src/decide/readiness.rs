//! What each finding stands for: the condition, and how long it must last before people are told.

use std::time::Duration;

use crate::decision::{Decision, Latch, Proof, Reason};
use crate::finding::Finding;
use crate::observation::{
    AlarmState, Answer, CheckConfig, Group, Known, Mode, Probe, Verdict, Why,
};
use crate::policy::Routing;
use crate::record::{Cause, Demand, Ownership, Raised, Slot};
use crate::signal::Signal;
use crate::time::{Timestamp, age};

use super::situation::Situation;

/// A raise that is not closed after so many hours is told. A drill's hour has as many ticks.
const HELD_HOURS: u32 = 4;
/// DNS that does not go back, or cannot be told, is given twice the time of a raise: its caches keep it for minutes.
const SLOW: u32 = 2;

/// How long the condition must have lasted. Zero: it is told at once.
pub(super) fn patience(
    situation: &Situation<'_>,
    decision: &Decision,
    finding: Finding,
) -> Duration {
    let policy = situation.policy;
    match finding {
        Finding::Unmoved | Finding::Unheld => policy.starved(),
        // The alarm lags the verdict by two or three minutes, in both directions.
        Finding::Unreturned
        | Finding::Answer
        | Finding::Verdict
        | Finding::Split
        | Finding::Disagree => policy.starved() * SLOW,
        // CloudFormation suspends processes while it updates a group; most resolvers and kept connections are gone by then.
        Finding::Processes | Finding::Busy => policy.hour(),
        Finding::Probe if !probe_is_missing(decision) => policy.hour(),
        Finding::Probe
        | Finding::Failover
        | Finding::Approval
        | Finding::Blind
        | Finding::Actions
        | Finding::Disabled
        | Finding::Inverted
        | Finding::Checks
        | Finding::Unconfirmed
        | Finding::Suspended
        | Finding::Starved
        | Finding::Capacity
        | Finding::Primary
        | Finding::Stale
        | Finding::Record
        | Finding::Held
        | Finding::Unarmed
        | Finding::Withheld => Duration::ZERO,
    }
}

/// An order, or a new failure, has answered what was told at `told`: should it be a question again, it is asked again.
pub(super) fn answered(situation: &Situation<'_>, finding: Finding, told: Timestamp) -> bool {
    if finding != Finding::Approval {
        return false;
    }
    let failed = situation.evidence(Cause::Alarm).is_ok();
    let released =
        situation.order().is_some_and(|order| order.what != Demand::Failover && order.at >= told);
    failed || released || situation.ownership() == Ownership::Idle
}

/// Whether it is there now. `None`: nobody can tell, so whatever was told stays.
pub(super) fn condition(
    situation: &Situation<'_>,
    decision: &Decision,
    finding: Finding,
) -> Option<bool> {
    let observation = situation.observation;
    match finding {
        Finding::Failover => Some(raised(situation)?.is_some()),
        Finding::Approval => (decision.reason == Reason::AwaitingApproval).then_some(true),
        Finding::Blind => blind(situation),
        Finding::Actions => observation.alarm.known().map(|alarm| !alarm.actions),
        Finding::Disabled => any_check(situation, |check| check.disabled),
        Finding::Inverted => any_check(situation, |check| check.inverted),
        Finding::Checks => checks(situation),
        Finding::Unconfirmed => {
            let receivers = observation.readiness.subscriptions.known()?;
            Some(receivers.pending > 0 || receivers.confirmed < receivers.asked.max(1))
        }
        Finding::Suspended => Some(situation.live.suspended),
        Finding::Starved => {
            let Some(raised) = raised(situation)? else { return Some(false) };
            let late = age(situation.now, raised.at) >= situation.policy.starved();
            situation.live.healthy.known().map(|&healthy| late && healthy < situation.live.desired)
        }
        Finding::Capacity => {
            let wanted = situation.policy.wanted(Some(situation.peak()));
            Some(wanted > situation.policy.capacity_max())
        }
        Finding::Primary => {
            let primary = observation.primary.known()?;
            Some(raised(situation)?.is_some() && primary.max < situation.demand())
        }
        Finding::Stale => stale(situation),
        Finding::Probe => probe(situation, decision),
        Finding::Record => Some(
            situation.ownership() == Ownership::Unreadable
                || !situation.record()?.unreadable().is_empty(),
        ),
        Finding::Unmoved => unmoved(situation),
        Finding::Unheld => unheld(situation),
        Finding::Unreturned => unreturned(situation),
        Finding::Answer => answer(situation),
        Finding::Verdict => verdict(situation),
        Finding::Split => split(situation),
        Finding::Held => {
            let since = raised(situation)?.map(|raised| age(situation.now, raised.first));
            Some(since.is_some_and(|since| since >= situation.policy.hour() * HELD_HOURS))
        }
        Finding::Unarmed => situation.mode.known().map(|mode| *mode != Mode::Armed),
        Finding::Withheld => {
            let armed = *situation.mode.known()? == Mode::Armed;
            Some(!armed && fails_over(situation) && situation.down().is_ok())
        }
        Finding::Disagree => disagree(situation),
        Finding::Processes => {
            let primary = observation.primary.known().map(|group| group.paused);
            if situation.live.paused { Some(true) } else { primary }
        }
        Finding::Busy => {
            let lowers = matches!(decision.reason, Reason::LowerMin | Reason::LowerDesired);
            let waits = matches!(decision.reason, Reason::Busy { .. });
            // Both steps wait once, and only a tick gets so far.
            (*situation.signal == Signal::Tick)
                .then_some(waits || lowers && observation.standby_is_quiet().is_err())
        }
    }
}

/// What we raised, if we know.
#[expect(clippy::option_option, reason = "unknown, known to be nothing, or known")]
fn raised(situation: &Situation<'_>) -> Option<Option<Raised>> {
    match situation.ownership() {
        Ownership::Ours(raised) => Some(Some(raised)),
        Ownership::Idle => Some(None),
        Ownership::Unreadable => None,
    }
}

fn fails_over(situation: &Situation<'_>) -> bool {
    situation.policy.routing() == Routing::Failover
}

fn blind(situation: &Situation<'_>) -> Option<bool> {
    let observation = situation.observation;
    let stale = observation.datapoints.known().map(|points| situation.stale(points));
    match (observation.alarm, situation.alarm_blind(), stale) {
        // Deleted, or out of our reach: neither passes by itself, as a slow answer does.
        (Known::Unknown(Why::Empty | Why::Denied), ..) | (_, Some(true), _) => Some(true),
        (_, Some(false), stale) => stale,
        (_, None, _) => None,
    }
}

/// Any of the checks that DNS moves by.
fn any_check(situation: &Situation<'_>, is: impl Fn(&CheckConfig) -> bool) -> Option<bool> {
    let readiness = &situation.observation.readiness;
    match (readiness.check.known().map(&is), readiness.others.known().map(&is)) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        // A site without other checks, or of an earlier deploy that does not name them.
        (Some(false), None) if readiness.others == Known::Unknown(Why::NotAsked) => Some(false),
        (Some(false) | None, _) => None,
    }
}

/// A check that nobody can look at. What may pass by itself is no answer.
fn checks(situation: &Situation<'_>) -> Option<bool> {
    let readiness = &situation.observation.readiness;
    let lost = |check: Known<CheckConfig>| {
        matches!(check, Known::Unknown(Why::Empty | Why::Denied | Why::Unparseable | Why::Foreign))
    };
    if lost(readiness.check) || lost(readiness.others) {
        return Some(true);
    }
    match (readiness.check, readiness.others) {
        (Known::Known(_), Known::Known(_) | Known::Unknown(Why::NotAsked)) => Some(false),
        (Known::Known(_) | Known::Unknown(_), _) => None,
    }
}

fn stale(situation: &Situation<'_>) -> Option<bool> {
    let hour = situation.policy.hour();
    let lasts = |since| age(situation.now, since) > situation.policy.day() + hour;
    let old = match &situation.record()?.peak {
        Slot::Held(peak) => lasts(peak.sampled_at(hour)),
        // Never sampled, although the alarm has let it for as long.
        Slot::Absent => situation
            .observation
            .alarm
            .known()
            .is_some_and(|alarm| alarm.state == AlarmState::Ok && lasts(alarm.transitioned_at)),
        Slot::Unreadable => false,
    };
    let armed = situation.mode == Known::Known(Mode::Armed);
    (armed && raised(situation)?.is_none()).then_some(old)
}

fn probe_is_missing(decision: &Decision) -> bool {
    matches!(decision.reason, Reason::Proving { missing: Proof::Probe, .. })
}

/// The alarm proves the primary up, and our own probe does not reach it: at once where a failback waits for it, else for long.
fn probe(situation: &Situation<'_>, decision: &Decision) -> Option<bool> {
    if probe_is_missing(decision) {
        return Some(true);
    }
    match situation.observation.probe {
        Known::Known(Probe::Up) => Some(false),
        Known::Unknown(Why::NotAsked) => None,
        Known::Known(Probe::Down) | Known::Unknown(_) => {
            let idle = raised(situation)?.is_none();
            let proven = idle && situation.settled() && !situation.blind();
            proven.then_some(true)
        }
    }
}

/// The standby has servers for the users of a dead primary, and DNS does not send them there.
fn unmoved(situation: &Situation<'_>) -> Option<bool> {
    let Ok(cause) = situation.down() else { return Some(false) };
    let ordered = cause == Cause::Order;
    // The alarm says that the primary is up, and so does DNS: which of the two is right is a finding of its own.
    if cause == Cause::Verdict && split(situation) == Some(true) {
        return Some(false);
    }
    if !fails_over(situation) || ordered && !situation.policy.latch() {
        return Some(false);
    }
    // Route 53 moves the users to the first healthy server; an order moves them when the standby carries everybody.
    let healthy = *situation.live.healthy.known()?;
    if healthy == 0 || ordered && !situation.carries() {
        return Some(false);
    }
    situation.observation.answer.known().map(|answer| *answer != Answer::Standby)
}

/// DNS is where the closed latch should not let it be.
fn unheld(situation: &Situation<'_>) -> Option<bool> {
    if situation.gate()?.latch == Latch::Open {
        return Some(false);
    }
    match situation.observation.answer.known()? {
        Answer::Primary => Some(true),
        Answer::Standby => Some(false),
        Answer::Mixed => None,
    }
}

/// Nothing keeps DNS at the standby, and it stays.
fn unreturned(situation: &Situation<'_>) -> Option<bool> {
    let open = situation.gate()?.latch == Latch::Open;
    let up = situation.observation.alarm.known()?.state == AlarmState::Ok && !situation.blind();
    if !fails_over(situation) || !open || !up {
        return Some(false);
    }
    match situation.observation.answer.known()? {
        Answer::Standby => Some(true),
        Answer::Primary => Some(false),
        Answer::Mixed => None,
    }
}

/// Nobody can tell whom DNS names.
fn answer(situation: &Situation<'_>) -> Option<bool> {
    if !fails_over(situation) {
        return Some(false);
    }
    match situation.observation.answer {
        Known::Known(Answer::Primary | Answer::Standby) => Some(false),
        Known::Unknown(Why::NotAsked) => None,
        Known::Known(Answer::Mixed) | Known::Unknown(_) => Some(true),
    }
}

/// The verdict cannot be read. Without servers to ask it is nobody's loss, which only a tick can tell.
fn verdict(situation: &Situation<'_>) -> Option<bool> {
    match situation.observation.verdict {
        Known::Known(_) => Some(false),
        Known::Unknown(Why::NotAsked) => (*situation.signal == Signal::Tick).then_some(false),
        Known::Unknown(_) => Some(true),
    }
}

/// Two witnesses of one health check say different things. An alarm that is blind says nothing.
fn split(situation: &Situation<'_>) -> Option<bool> {
    let unhealthy = match situation.observation.verdict {
        Known::Known(verdict) => verdict == Verdict::Unhealthy,
        Known::Unknown(Why::NotAsked) => {
            return (*situation.signal == Signal::Tick).then_some(false);
        }
        Known::Unknown(_) => return None,
    };
    let alarm = situation.observation.alarm.known()?;
    match alarm.state {
        AlarmState::Alarm => Some(!unhealthy),
        AlarmState::Ok if !situation.blind() => Some(unhealthy),
        AlarmState::Ok | AlarmState::Insufficient => None,
    }
}

/// The load balancer and Route 53 do not see the same primary.
fn disagree(situation: &Situation<'_>) -> Option<bool> {
    let observation = situation.observation;
    let primary: &Group = observation.primary.known()?;
    let healthy = *primary.healthy.known()?;
    let (alarm, points) = (observation.alarm.known()?, observation.datapoints.known()?);
    if situation.blind() || primary.in_service == 0 {
        return Some(false);
    }
    Some(match alarm.state {
        // A load balancer without a healthy target asks them all, so the check may well be green.
        AlarmState::Ok => healthy == 0 && points.healthy_run > 0,
        AlarmState::Alarm => healthy >= primary.in_service && points.healthy_run == 0,
        AlarmState::Insufficient => false,
    })
}
