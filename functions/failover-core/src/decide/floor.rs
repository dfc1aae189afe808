//! Rule 4: idle. After an hour of OK the normal state is noted, and a floor that matches the load follows it.

use crate::decision::{Decision, Reason, StandbyWrite};
use crate::observation::{Answer, Group, Known};
use crate::policy::Routing;
use crate::record::{Base, Ownership, Peak, Record, Register, Slot};
use crate::signal::Signal;
use crate::time::age;

use super::down::raised_sizes;
use super::failback::drained;
use super::proof::proven;
use super::situation::{Situation, Skipped};

fn idle<'s>(situation: &'s Situation<'_>) -> Result<&'s Record, Skipped> {
    match situation.ownership() {
        Ownership::Idle => situation.record().ok_or("the record cannot be read"),
        Ownership::Ours(_) => Err("a failover is not finished"),
        Ownership::Unreadable => Err("the record cannot be read"),
    }
}

/// Follows the load upwards at once; downwards with the evidence of a failback, and once per hold-down.
pub(super) fn follow(situation: &Situation<'_>) -> Result<Decision, Skipped> {
    if !situation.floor_follows() {
        return Err("the floor is fixed");
    }
    let record = idle(situation)?;
    let target = situation.target();
    if situation.short() {
        let standby = Some(StandbyWrite::Raise(raised_sizes(situation)));
        return Ok(Decision { standby, ..Decision::hold(Reason::Follow { target }) });
    }
    if situation.live.min <= target {
        return Err("the floor matches the load");
    }
    let noted = match record.base {
        Slot::Held(base) if base.sizes == situation.live.sizes() => base,
        Slot::Held(_) | Slot::Absent | Slot::Unreadable => {
            return Err(
                "the floor is higher than the load, and the normal sizes have not been recorded yet",
            );
        }
    };
    if age(situation.now, noted.at) < situation.hold_down() {
        return Err("the floor is higher than the load, and was changed a moment ago");
    }
    proven(situation).map_err(|_| "the floor is higher than the load, and nothing is proven")?;
    if !situation.users_at_primary() {
        return Err("the floor is higher than the load, and DNS does not name the primary");
    }
    let drain = match drained(situation, noted.at) {
        Ok(drain) => drain,
        Err(hold) => return Ok(*hold),
    };
    Ok(Decision {
        before: vec![Register::Drain(drain)],
        standby: Some(StandbyWrite::LowerMin { min: target }),
        ..Decision::hold(Reason::LowerFloor { target })
    })
}

/// Notes the load and the normal sizes.
pub(super) fn sample(situation: &Situation<'_>) -> Result<Decision, Skipped> {
    let (record, idle) = match (idle(situation), situation.policy.routing()) {
        // Nothing is ever lowered there, so the load is noted although the rest cannot be read.
        (Err(_), Routing::ActiveActive) if situation.ownership() == Ownership::Unreadable => {
            (situation.record().ok_or("the record cannot be read")?, false)
        }
        (record, _) => (record?, true),
    };
    if *situation.signal != Signal::Tick {
        return Err("only ticks sample");
    }
    if situation.blind() || !situation.settled() {
        return Err("the alarm has not been OK for an hour");
    }
    let Load { instances: load, whole } = load(situation)?;
    let hour_seconds = i64::try_from(situation.policy.hour().as_secs()).unwrap_or(i64::MAX);
    let hour = situation.now.as_second().div_euclid(hour_seconds);
    let before = record.peak.held().copied();
    // A part of the load makes the newest hour higher, and never another one lower.
    let hour = if whole { hour } else { before.map_or(hour, |peak| peak.hour) };
    let peak = Peak::sampled(before, hour, load);
    let sizes = situation.live.sizes();
    let mut after = Vec::new();
    if before != Some(peak) {
        after.push(Register::Peak(peak));
    }
    // A group whose sizes do not fit each other is in the middle of somebody's change: not normal.
    let noted = matches!(record.base, Slot::Held(Base { sizes: noted, .. }) if noted == sizes);
    if idle && sizes.plausible() && !noted {
        after.push(Register::Base(Base { sizes, at: situation.now }));
    }
    Ok(Decision { after, ..Decision::hold(Reason::Sample { load }) })
}

/// Instances that carry the load now.
struct Load {
    instances: u16,
    /// Nothing of it is unknown.
    whole: bool,
}

fn load(situation: &Situation<'_>) -> Result<Load, Skipped> {
    let primary = situation.observation.primary.known().ok_or("the primary cannot be read");
    match situation.policy.routing() {
        Routing::Failover if situation.users_at_primary() => {
            Ok(Load { instances: primary?.in_service, whole: true })
        }
        Routing::Failover => primary.and(Err("DNS does not name the primary")),
        // Both floors hold more instances than the load needs, so the instances are weighed by their CPU.
        Routing::ActiveActive => {
            let parts = [primary.and_then(work), work(&situation.live)];
            let known = parts.into_iter().filter_map(Result::ok);
            if known.clone().count() == 0 {
                return Err("the CPU of both groups is unknown");
            }
            let needed: u32 = known.sum();
            let per_instance = u32::from(situation.policy.cpu_target_percent());
            let instances = u16::try_from(needed.div_ceil(per_instance)).unwrap_or(u16::MAX);
            Ok(Load { instances, whole: parts.iter().all(Result::is_ok) })
        }
    }
}

/// Instances × percent of CPU.
fn work(group: &Group) -> Result<u32, Skipped> {
    let cpu = group.cpu.known().ok_or("the CPU of a group is unknown")?;
    Ok(u32::from(group.in_service) * u32::from(*cpu))
}

impl Situation<'_> {
    fn users_at_primary(&self) -> bool {
        self.observation.answer == Known::Known(Answer::Primary)
    }
}
