//! The ways to decide, each the one that ships but for one thing.

pub(super) mod early;
pub(super) mod hostile;

use failover_core::decision::{Latch, PrimaryWrite, StandbyWrite};
use failover_core::observation::{
    AlarmState, AlarmView, Answer, Datapoints, Evaluation, Group, Known, Mode, Observation, Probe,
    Why,
};
use failover_core::record::{
    Base, Count, Ownership, Peak, Raised, Record, Register, Sizes, Slot, Turn,
};
use failover_core::signal::{Claim, Signal};
use failover_core::time::after;
use failover_core::{Decision, Policy, Reason, Timestamp, decide};

use crate::scope::CLOCKWORK;

/// Older than any proof asks. Units: seconds.
const LONG: i64 = 86_400;

/// What a decision is made from.
pub(super) type Inputs<'a> = (&'a Policy, &'a Signal, &'a Observation, Timestamp);

fn record(observation: &mut Observation) -> Option<&mut Record> {
    match &mut observation.record {
        Known::Known(record) => Some(record),
        Known::Unknown(_) => None,
    }
}

fn ours(observation: &Observation) -> Option<Raised> {
    match observation.record.known()?.ownership() {
        Ownership::Ours(raised) => Some(raised),
        Ownership::Idle | Ownership::Unreadable => None,
    }
}

fn alarm(observation: &Observation) -> Option<AlarmState> {
    observation.alarm.known().map(|alarm| alarm.state)
}

/// The decision on other readings than those that were made.
fn on(
    (policy, signal, observation, now): Inputs<'_>,
    bend: impl FnOnce(&mut Observation),
) -> Decision {
    let mut seen = observation.clone();
    bend(&mut seen);
    decide(policy, signal, &seen, now)
}

/// The decision, changed.
fn then(
    (policy, signal, observation, now): Inputs<'_>,
    bend: impl FnOnce(&mut Decision),
) -> Decision {
    let mut decision = decide(policy, signal, observation, now);
    bend(&mut decision);
    decision
}

fn long_ok(now: Timestamp) -> Known<AlarmView> {
    Known::Known(AlarmView {
        state: AlarmState::Ok,
        transitioned_at: after(now, -LONG),
        evaluation: Evaluation::Sound,
        actions: true,
    })
}

fn gapless(policy: &Policy, now: Timestamp) -> Known<Datapoints> {
    Known::Known(Datapoints {
        period: policy.tick(),
        newest: now,
        healthy_run: u16::MAX,
        newest_two_zero: false,
    })
}

/// A metric that is all zeros.
fn red(policy: &Policy, now: Timestamp) -> Known<Datapoints> {
    Known::Known(Datapoints {
        period: policy.tick(),
        newest: now,
        healthy_run: 0,
        newest_two_zero: true,
    })
}

/// A drain count that lacks only this tick.
fn nearly_drained(policy: &Policy, raised: &Raised, now: Timestamp) -> Slot<Count> {
    let tick = i64::try_from(policy.tick().as_secs()).unwrap_or(i64::MAX);
    Slot::Held(Count {
        episode: raised.first,
        ticks: policy.drain_ticks().saturating_sub(1),
        at: after(now, -tick),
    })
}

pub(super) fn shipped((p, s, o, now): Inputs<'_>) -> Decision {
    decide(p, s, o, now)
}

pub(super) fn believes_events((p, s, o, now): Inputs<'_>) -> Decision {
    let Signal::Alarm(Claim { state, .. }) = s else { return decide(p, s, o, now) };
    // With every right of a tick, or it could not lower at all.
    on((p, &Signal::Tick, o, now), |seen| {
        seen.alarm = long_ok(now);
        if let Known::Known(alarm) = &mut seen.alarm {
            alarm.state = *state;
        }
        seen.datapoints = gapless(p, now);
        if let (Some(raised), Some(record)) = (ours(o), record(seen)) {
            record.drain = nearly_drained(p, &raised, now);
        }
    })
}

pub(super) fn no_hold_down((p, s, o, now): Inputs<'_>) -> Decision {
    decide(&p.clone().shortened(0, p.drain_ticks(), CLOCKWORK), s, o, now)
}

pub(super) fn trusts_gaps((p, s, o, now): Inputs<'_>) -> Decision {
    on((p, s, o, now), |seen| {
        if alarm(seen) == Some(AlarmState::Insufficient) {
            seen.alarm = long_ok(now);
            seen.datapoints = gapless(p, now);
        }
    })
}

pub(super) fn lowers_in_alarm((p, s, o, now): Inputs<'_>) -> Decision {
    on((p, s, o, now), |seen| {
        if alarm(seen) == Some(AlarmState::Alarm) && seen.probe == Known::Known(Probe::Up) {
            seen.alarm = long_ok(now);
            seen.datapoints = gapless(p, now);
        }
    })
}

pub(super) fn lowers_foreign((p, s, o, now): Inputs<'_>) -> Decision {
    on((p, s, o, now), |seen| {
        let live = seen.standby.known().copied();
        if let (Some(live), None, Some(record)) = (live, ours(o), record(seen))
            && live.min > 0
        {
            let at = after(now, -LONG);
            let undo = Sizes { min: 0, desired: 0, max: live.max };
            let why = failover_core::record::Cause::Alarm;
            record.raised = Slot::Held(Raised { first: at, at, target: live.min, why, undo });
            record.done = Slot::Held(after(at, -1));
        }
    })
}

/// It takes the minimum back as soon as it stands, and not once the primary is proven.
pub(super) fn lowers_at_once((p, s, o, now): Inputs<'_>) -> Decision {
    then((p, s, o, now), |decision| {
        if let (Reason::AlreadyRaised { .. }, Some(raised)) = (&decision.reason, ours(o)) {
            decision.standby = Some(StandbyWrite::LowerMin { min: raised.undo.min });
        }
    })
}

/// It lowers to nothing, whatever stood there before.
pub(super) fn forgets_floor(asked: Inputs<'_>) -> Decision {
    then(asked, |decision| match &mut decision.standby {
        Some(StandbyWrite::LowerMin { min }) => *min = 0,
        Some(StandbyWrite::LowerDesired { desired, .. }) => *desired = 0,
        Some(StandbyWrite::Raise(_)) | None => {}
    })
}

pub(super) fn opens_early(asked: Inputs<'_>) -> Decision {
    on(asked, |seen| {
        if let Known::Known(primary) = &mut seen.primary {
            primary.min = primary.max;
            primary.healthy = Known::Known(primary.max);
        }
    })
}

/// A standby that cannot carry the users must prove the primary as well.
pub(super) fn waits_for_proof(asked: Inputs<'_>) -> Decision {
    on(asked, |seen| {
        let gate = seen.record.known().and_then(Record::gate).map(|gate| gate.latch);
        if let (Some(Latch::Closed), Known::Known(standby)) = (gate, &mut seen.standby) {
            standby.healthy = Known::Known(standby.desired);
        }
    })
}

/// As many ticks as it takes, all but this one.
fn long_starved(policy: &Policy, seen: &mut Observation, now: Timestamp) {
    let tick = i64::try_from(policy.tick().as_secs()).unwrap_or(i64::MAX);
    if let (Some(raised), Some(record)) = (ours(seen), record(seen)) {
        record.starved = Slot::Held(Count {
            episode: raised.first,
            ticks: policy.starved_ticks(),
            at: after(now, -tick),
        });
    }
}

pub(super) fn opens_for_one_server((p, s, o, now): Inputs<'_>) -> Decision {
    on((&with(p, &[("carry_percent", "100"), ("hold_percent", "100")]), s, o, now), |seen| {
        long_starved(p, seen, now);
    })
}

pub(super) fn opens_on_one_reading((p, s, o, now): Inputs<'_>) -> Decision {
    on((p, s, o, now), |seen| long_starved(p, seen, now))
}

pub(super) fn opens_blind((p, s, o, now): Inputs<'_>) -> Decision {
    on((p, s, o, now), |seen| {
        if seen.datapoints.known().is_none() && alarm(seen) == Some(AlarmState::Ok) {
            seen.datapoints = gapless(p, now);
        }
    })
}

pub(super) fn cuts_clients_off(asked: Inputs<'_>) -> Decision {
    on(asked, |seen| seen.requests = Known::Known(0))
}

pub(super) fn closes_at_half((p, s, o, now): Inputs<'_>) -> Decision {
    decide(&with(p, &[("carry_percent", "50")]), s, o, now)
}

pub(super) fn counts_old_latch((p, s, o, now): Inputs<'_>) -> Decision {
    on((p, s, o, now), |seen| {
        if let (Some(raised), Some(record)) = (ours(o), record(seen))
            && let Slot::Held(closed) = &mut record.closed
        {
            closed.episode = Some(raised.first);
        }
    })
}

pub(super) fn probe_beside_ok((p, s, o, now): Inputs<'_>) -> Decision {
    on((p, s, o, now), |seen| {
        if let Some(record) = record(seen) {
            record.unseen = Slot::Held(now);
        }
    })
}

/// The policy with other settings, and the same clockwork as the model has.
fn with(policy: &Policy, settings: &[(&str, &str)]) -> Policy {
    let ours = policy.settings();
    let altered = Policy::from_settings(|setting| {
        let chosen = settings.iter().find(|(name, _)| *name == setting.name);
        let kept = ours.iter().find(|(known, _)| known.name == setting.name);
        match (setting.name, chosen) {
            // The model's are too short for a site; they are put back below.
            ("hold_down" | "drain_ticks", _) => Some(setting.default.to_owned()),
            (_, Some((_, value))) => Some((*value).to_owned()),
            (_, None) => kept.map(|(_, value)| value.clone()),
        }
    });
    let hold_down = policy.hold_down().as_secs() / policy.tick().as_secs();
    let hold_down = u32::try_from(hold_down).unwrap_or(u32::MAX);
    let altered = altered.expect("the settings are in their ranges");
    altered.shortened(hold_down, policy.drain_ticks(), CLOCKWORK)
}

pub(super) fn group_first(asked: Inputs<'_>) -> Decision {
    then(asked, |decision| {
        if matches!(decision.reason, Reason::Raise { .. }) {
            decision.after.append(&mut decision.before);
        }
    })
}

pub(super) fn drains_by_time((p, s, o, now): Inputs<'_>) -> Decision {
    on((p, s, o, now), |seen| {
        if let (Some(raised), Some(record)) = (ours(o), record(seen)) {
            record.drain = nearly_drained(p, &raised, now);
            seen.answer = Known::Known(Answer::Primary);
        }
    })
}

pub(super) fn drains_by_metric((p, s, o, now): Inputs<'_>) -> Decision {
    on((p, s, o, now), |seen| {
        // The metric of the primary's record: the endpoint's check and the latch.
        let green = seen.datapoints.known().is_some_and(|points| points.healthy_run > 0);
        let open = seen.record.known().and_then(Record::gate).map(|gate| gate.latch);
        if let (Some(raised), Some(record)) = (ours(o), record(seen))
            && green
            && open == Some(Latch::Open)
        {
            record.drain = nearly_drained(p, &raised, now);
            seen.answer = Known::Known(Answer::Primary);
        }
    })
}

pub(super) fn drains_by_one_look((p, s, o, now): Inputs<'_>) -> Decision {
    on((p, s, o, now), |seen| {
        if let (Some(raised), Some(record)) = (ours(o), record(seen)) {
            record.drain = nearly_drained(p, &raised, now);
        }
    })
}

pub(super) fn closes_at_raise((p, s, o, now): Inputs<'_>) -> Decision {
    then((p, s, o, now), |decision| {
        if matches!(decision.reason, Reason::Raise { .. }) {
            let noted = decision.before.iter().find_map(|register| {
                if let Register::Raised(raised) = register { Some(raised.first) } else { None }
            });
            decision.after.push(Register::Closed(Turn { episode: noted, at: now }));
        }
    })
}

pub(super) fn closes_unasked(asked: Inputs<'_>) -> Decision {
    on(asked, |seen| {
        if alarm(seen) == Some(AlarmState::Alarm) {
            seen.answer = Known::Known(Answer::Standby);
        }
    })
}

pub(super) fn closes_unsized((p, s, o, now): Inputs<'_>) -> Decision {
    on((p, s, o, now), |seen| {
        if let Known::Known(standby) = &mut seen.standby
            && alarm(o) == Some(AlarmState::Alarm)
        {
            standby.healthy = Known::Known(standby.desired);
        }
    })
}

/// The second phase sends the minimum again.
pub(super) fn repeats_min((p, s, o, now): Inputs<'_>) -> Decision {
    then((p, s, o, now), |decision| {
        if let (Some(StandbyWrite::LowerDesired { desired, max }), Some(raised)) =
            (decision.standby, ours(o))
        {
            let min = raised.undo.min.min(desired);
            decision.standby = Some(StandbyWrite::Raise(Sizes { min, desired, max }));
        }
    })
}

/// Both phases in one call.
pub(super) fn one_write((p, s, o, now): Inputs<'_>) -> Decision {
    then((p, s, o, now), |decision| {
        if let (Some(StandbyWrite::LowerMin { .. }), Some(raised)) = (decision.standby, ours(o)) {
            decision.standby = Some(StandbyWrite::Raise(raised.undo));
        }
    })
}

pub(super) fn clears_first(asked: Inputs<'_>) -> Decision {
    then(asked, |decision| {
        if decision.reason == Reason::Finish {
            decision.before.append(&mut decision.after);
        }
    })
}

pub(super) fn prewarms_desired((p, s, o, now): Inputs<'_>) -> Decision {
    then((p, s, o, now), |decision| {
        let live = o.primary.known().map(|primary| primary.min);
        if let (Some(write), Some(min), Reason::Prewarm { .. }) =
            (decision.primary, live, &decision.reason)
        {
            decision.primary = Some(PrimaryWrite { min, ..write });
        }
    })
}

pub(super) fn keeps_time((p, s, o, now): Inputs<'_>) -> Decision {
    then((p, s, o, now), |decision| {
        if let Some(earlier) = ours(o) {
            for register in &mut decision.before {
                if let Register::Raised(raised) = register {
                    raised.at = earlier.at;
                }
            }
        }
    })
}

pub(super) fn frozen_is_silent(asked: Inputs<'_>) -> Decision {
    then(asked, |decision| {
        if decision.reason == Reason::Frozen {
            decision.latch = Known::Unknown(Why::NotAsked);
        }
    })
}

pub(super) fn ignores_freeze(asked: Inputs<'_>) -> Decision {
    on(asked, |seen| {
        if let Some(record) = record(seen)
            && record.mode == Slot::Held(Mode::Frozen)
        {
            record.mode = Slot::Absent;
        }
    })
}

pub(super) fn ignores_egress(asked: Inputs<'_>) -> Decision {
    on(asked, |seen| seen.egress = true)
}

pub(super) fn closes_young((p, s, o, now): Inputs<'_>) -> Decision {
    then((p, s, o, now), |decision| {
        let under_way = matches!(
            decision.reason,
            Reason::Proving { missing: failover_core::decision::Proof::Raise, .. }
        );
        if let (true, Some(raised)) = (under_way, ours(o)) {
            decision.reason = Reason::Finish;
            decision.after = vec![Register::Done(raised.at)];
        }
    })
}

/// It samples what runs while the users are elsewhere.
pub(super) fn samples_always((p, s, o, now): Inputs<'_>) -> Decision {
    then((p, s, o, now), |decision| {
        let (primary, sizes) = (o.primary.known(), o.standby.known().map(Group::sizes));
        if let (Reason::AlreadyRaised { .. }, Some(primary), Some(sizes)) =
            (&decision.reason, primary, sizes)
        {
            let peak = Peak::sampled(None, 0, primary.in_service);
            decision.after = vec![Register::Peak(peak), Register::Base(Base { sizes, at: now })];
        }
    })
}

pub(super) fn never_asks(asked: Inputs<'_>) -> Decision {
    // The note of finished failbacks stays whole; it is only not looked at.
    let blind = on(asked, |seen| {
        if let Some(record) = record(seen) {
            record.history = Slot::Absent;
        }
    });
    if blind.reason == Reason::Finish { shipped(asked) } else { blind }
}

/// One more than there is, instead of what there should be.
pub(super) fn deltas((p, s, o, now): Inputs<'_>) -> Decision {
    then((p, s, o, now), |decision| {
        if let (Reason::AlreadyRaised { .. }, Some(live)) = (&decision.reason, o.standby.known())
            && live.desired < 2 * p.capacity_max()
        {
            let more = live.desired + 1;
            decision.standby =
                Some(StandbyWrite::Raise(Sizes { min: more, desired: more, max: more }));
        }
    })
}
