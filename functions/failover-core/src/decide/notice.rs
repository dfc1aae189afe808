//! Notices: once per change, never per minute. What, why, what next, what it costs.

use crate::decision::{Decision, Notice, Reason, Reply};
use crate::observation::{Known, Mode};
use crate::record::{Cause, Order, Register, Slot};
use crate::time::format_duration;

use super::situation::Situation;

pub(super) fn of(situation: &Situation<'_>, decision: &Decision) -> Option<Notice> {
    let mode = match (&decision.reply, &decision.request) {
        (Some(Reply::Taken), Some(Register::Mode(mode))) => Some(mode_set(*mode)),
        _ => None,
    };
    match (mode, of_reason(situation, decision)) {
        (Some(mode), Some(also)) => {
            let body = format!("{}\n\nAlso: {}\n{}", mode.body, also.subject, also.body);
            Some(Notice { subject: mode.subject, body })
        }
        (mode, also) => mode.or(also),
    }
}

fn of_reason(situation: &Situation<'_>, decision: &Decision) -> Option<Notice> {
    match &decision.reason {
        Reason::Raise { why, target } => Some(raise(situation, *why, *target)),
        Reason::KeepRaised { target } => Some(keep_raised(situation, *target)),
        Reason::Adopt { .. } => Some(adopt(situation)),
        Reason::CloseLatch => Some(close_latch(situation)),
        Reason::Prewarm { demand } => Some(prewarm(situation, *demand)),
        Reason::OpenLatch => Some(open_latch(situation)),
        Reason::LowerMin => Some(lower(situation)),
        Reason::Finish => Some(finish()),
        Reason::Follow { target } => Some(follow(situation, *target)),
        Reason::Frozen
        | Reason::StandbyUnreadable { .. }
        | Reason::Looked
        | Reason::AlreadyRaised { .. }
        | Reason::NotArmed { .. }
        | Reason::Proving { .. }
        | Reason::AwaitingApproval
        | Reason::PrimaryUnreadable { .. }
        | Reason::Prewarming { .. }
        | Reason::Draining { .. }
        | Reason::Busy { .. }
        | Reason::LowerDesired
        | Reason::Sample { .. }
        | Reason::LowerFloor { .. }
        | Reason::RecordUnreadable
        | Reason::Blind
        | Reason::Idle => None,
    }
}

fn notice(subject: String, what: &str, why: &str, next: &str, cost: &str) -> Notice {
    Notice { subject, body: format!("What: {what}\nWhy: {why}\nNext: {next}\nCost: {cost}") }
}

fn mode_set(mode: Mode) -> Notice {
    let what = match mode {
        Mode::Armed => "the controller decides and acts again.",
        Mode::Observe => {
            "the controller decides and reports, and changes no group: no failover will happen."
        }
        Mode::Frozen => {
            "the controller changes no group: no failover will happen, and the standby keeps its size."
        }
    };
    let next = match mode {
        Mode::Armed => "nothing to do.",
        Mode::Observe | Mode::Frozen => "when you are done: cargo xtask mode armed.",
    };
    let subject = format!("the mode is now {}", mode.word());
    notice(subject, what, "an operator asked for it.", next, "none.")
}

fn raise(situation: &Situation<'_>, why: Cause, target: u16) -> Notice {
    let live = situation.live;
    let evidence = evidence(situation, why);
    let suspended = if live.suspended {
        "\nWARNING: the group's Launch or AddToLoadBalancer process is suspended, so no server will come. Resume it: \
         aws autoscaling resume-processes --auto-scaling-group-name <group> \
         --scaling-processes Launch AddToLoadBalancer"
    } else {
        ""
    };
    let next = if why == Cause::Order && situation.policy.latch() {
        "when all of them are healthy, the latch moves the users. They stay until you ask for a failback.".to_owned()
    } else if why == Cause::Order {
        "there is no latch, so the users stay at the primary until it fails. Ask for a failback to bring the standby back to its normal size."
            .to_owned()
    } else if why == Cause::Suspicion {
        format!(
            "users stay at the primary unless Route 53 finds it down too. If it does not, the standby goes back to its normal size \
             when the primary is proven up for {}; that counts as one of the two failbacks of a day that need nobody's approval.",
            format_duration(situation.hold_down())
        )
    } else {
        format!(
            "when the first instance is healthy, Route 53 moves the users by itself. When the primary has been proven up for \
             {}, the standby goes back to its normal size.",
            format_duration(situation.hold_down())
        )
    };
    let noted = situation.record().map(|record| (&record.base, &record.peak));
    let next = if why != Cause::Order && noted == Some((&Slot::Absent, &Slot::Absent)) {
        format!(
            "{next} The controller has not yet seen the primary healthy for an hour: if this is the site's first deploy, wait \
             until the primary's servers are healthy."
        )
    } else {
        next
    };
    let precaution = if why == Cause::Suspicion { "precaution: " } else { "" };
    let (subject, what) = if live.desired < target {
        (
            format!("{precaution}raising the standby from {} to {target} instances", live.desired),
            format!("the standby group is raised from {} to {target} instances.", live.desired),
        )
    } else {
        (
            format!("{precaution}holding the standby at no less than {target} instances"),
            format!(
                "the standby group's minimum is raised from {} to {target} instances.",
                live.min
            ),
        )
    };
    notice(
        subject,
        &what,
        &evidence,
        &next,
        &format!("{target} instances run in the standby region until then.{suspended}"),
    )
}

/// The evidence of a raise, as a sentence.
fn evidence(situation: &Situation<'_>, why: Cause) -> String {
    let ordered_by = situation.order().map_or("somebody", |Order { by, .. }| by);
    match why {
        Cause::Alarm => "the health-check alarm reads ALARM.".to_owned(),
        Cause::Verdict => "Route 53's verdict on the primary's health check is: unhealthy.".to_owned(),
        Cause::Datapoints => "the last two datapoints of the health check are 0.".to_owned(),
        Cause::Order => format!("{ordered_by} ordered a failover."),
        Cause::Answer => "Route 53 has already moved DNS to the standby.".to_owned(),
        Cause::Probe => {
            "the health check has no data, and the controller's own probe finds the primary down."
                .to_owned()
        }
        Cause::Claim => "an alarm event says ALARM and the alarm itself cannot be read.".to_owned(),
        Cause::Suspicion => {
            "two looks in a row with the controller's own probe found the primary down; Route 53 has not decided yet."
                .to_owned()
        }
    }
}

fn keep_raised(situation: &Situation<'_>, target: u16) -> Notice {
    notice(
        format!("the standby's minimum is put back to {target} instances"),
        &format!("the standby group's minimum was {}; it is {target} again.", situation.live.min),
        "somebody changed the group, perhaps by a deploy, while the latch holds all users there.",
        "do not deploy to the standby or the detector before the failover is finished.",
        "none beyond what ran before.",
    )
}

fn adopt(situation: &Situation<'_>) -> Notice {
    notice(
        "the running standby is recorded as a failover".to_owned(),
        &format!(
            "the standby's {} instances are recorded as a failover; no size was changed.",
            situation.live.desired
        ),
        if situation.record().is_some_and(|record| record.stranded().is_some()) {
            "the tag pilotlight:raised was deleted before this failover was finished; it is written again."
        } else {
            "the primary is down, and the standby already runs its target, which the controller had not recorded."
        },
        "nothing to do. The failback comes as after every failover.",
        "none beyond what runs already.",
    )
}

fn close_latch(situation: &Situation<'_>) -> Notice {
    let (healthy, target) = (situation.live.healthy, situation.target());
    let why = match healthy {
        Known::Known(healthy) if healthy < target => format!(
            "the standby has {healthy} of {target} healthy servers, and no more have come for {}.",
            format_duration(situation.policy.starved())
        ),
        Known::Known(_) | Known::Unknown(_) => {
            "the standby has all its servers, and DNS names it.".to_owned()
        }
    };
    notice(
        "users stay on the standby until the failback".to_owned(),
        "the latch is closed: DNS stays at the standby although the primary's check may turn green.",
        &why,
        "nothing to do. When the primary is proven up and can carry everybody, the latch opens.",
        "the standby's instances run until then.",
    )
}

fn prewarm(situation: &Situation<'_>, demand: u16) -> Notice {
    let (why, next) = if situation.policy.latch() {
        (
            "the primary is back, and target tracking would bring its servers only after the users.",
            "when they are healthy, the latch opens and the users move back.",
        )
    } else {
        (
            "there is no latch, so the users come back as soon as the primary's check is green.",
            "when the failover is finished, the minimum goes back.",
        )
    };
    notice(
        format!("prewarming the primary: at least {demand} instances"),
        &format!("the primary group's minimum is raised to {demand} instances."),
        why,
        next,
        "both fleets run for some minutes.",
    )
}

fn open_latch(situation: &Situation<'_>) -> Notice {
    notice(
        "the users move back to the primary".to_owned(),
        "the latch is open: the primary's health check decides again.",
        "the primary can carry everybody, or the standby cannot.",
        &format!(
            "when DNS has named the primary for {} ticks in a row, the standby is lowered.",
            situation.policy.drain_ticks()
        ),
        "both fleets run until then.",
    )
}

fn lower(situation: &Situation<'_>) -> Notice {
    notice(
        "the primary is proven back: lowering the standby".to_owned(),
        "the standby group's minimum goes back to normal; one tick later its desired capacity follows.",
        &format!(
            "the primary has been proven up for {}, and DNS has answered the primary for {} ticks in a row.",
            format_duration(situation.hold_down()),
            situation.policy.drain_ticks(),
        ),
        "nothing to do. If the primary fails again, the standby is raised again.",
        "the standby's instances stop within minutes.",
    )
}

fn finish() -> Notice {
    notice(
        "failover finished: the standby is back to normal".to_owned(),
        "both groups have their normal sizes again and this failover is closed.",
        "every step of the failback is done.",
        "nothing to do.",
        "none beyond the idle load balancer.",
    )
}

fn follow(situation: &Situation<'_>, target: u16) -> Notice {
    notice(
        format!("the floor follows the load: {target} instances"),
        &format!(
            "the minimum is raised to {target} instances; the standby's was {}.",
            situation.live.min
        ),
        "the load of the last 24 sampled hours needs as many.",
        "nothing to do.",
        "as many instances run from now on.",
    )
}
