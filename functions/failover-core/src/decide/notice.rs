//! Notices: once per change, never per minute. What, why, what next, what it costs.

use crate::decision::{Decision, Notice, Reason};
use crate::observation::AlarmState;
use crate::record::Cause;
use crate::signal::{Claim, Signal};
use crate::time::format_duration;

use super::situation::Situation;

pub(super) fn of(situation: &Situation<'_>, decision: &Decision) -> Option<Notice> {
    match &decision.reason {
        Reason::Raise { why, target } => Some(raise(situation, *why, *target)),
        Reason::LowerMin => Some(lower(situation)),
        Reason::Finish => Some(finish()),
        Reason::Blind | Reason::Proving { .. } => blind(situation),
        Reason::Frozen
        | Reason::StandbyUnreadable { .. }
        | Reason::AlreadyRaised { .. }
        | Reason::NotArmed { .. }
        | Reason::Draining { .. }
        | Reason::LowerDesired
        | Reason::Sample { .. }
        | Reason::RecordUnreadable
        | Reason::Idle => None,
    }
}

fn raise(situation: &Situation<'_>, why: Cause, target: u16) -> Notice {
    let live = situation.live;
    let evidence = match why {
        Cause::Alarm => "the health-check alarm reads ALARM",
        Cause::Datapoints => "the last two datapoints of the health check are 0",
        Cause::Claim => "an alarm event says ALARM and the alarm itself cannot be read",
    };
    let suspended = if live.suspended {
        "\nWARNING: the group's Launch or AddToLoadBalancer process is suspended, so no server will come. Resume it: \
         aws autoscaling resume-processes --auto-scaling-group-name <group>"
    } else {
        ""
    };
    Notice {
        subject: format!("raising the standby from {} to {target} instances", live.desired),
        body: format!(
            "What: the standby group is raised from {} to {target} instances.\n\
             Why: {evidence}.\n\
             Next: when the first instance is healthy, Route 53 moves the users by itself. When the primary has been proven up for \
             {}, the standby is put back.\n\
             Cost: {target} instances run in the standby region until then.{suspended}",
            live.desired,
            format_duration(situation.policy.hold_down()),
        ),
    }
}

fn lower(situation: &Situation<'_>) -> Notice {
    Notice {
        subject: "the primary is proven back: lowering the standby".to_owned(),
        body: format!(
            "What: the standby group's minimum goes back to normal; one tick later its desired capacity follows.\n\
             Why: the primary has been proven up for {}, and DNS has answered the primary for {} ticks in a row.\n\
             Next: nothing to do. If the primary fails again, the standby is raised again.\n\
             Cost: the standby's instances stop within minutes.",
            format_duration(situation.policy.hold_down()),
            situation.policy.drain_ticks(),
        ),
    }
}

fn finish() -> Notice {
    Notice {
        subject: "failover finished: the standby is back to normal".to_owned(),
        body: "What: the standby group has its normal sizes again and this failover is closed.\n\
               Why: every step of the failback is done.\n\
               Next: nothing to do.\n\
               Cost: none beyond the idle load balancer."
            .to_owned(),
    }
}

/// Blindness is told once, by the event that announces it; ticks stay silent.
fn blind(situation: &Situation<'_>) -> Option<Notice> {
    match situation.signal {
        Signal::Alarm(Claim { state: AlarmState::Insufficient, .. }) => Some(Notice {
            subject: "the detector is blind: no data from the health check".to_owned(),
            body: "What: the failover alarm has no data; nothing was changed.\n\
                   Why: the health check was deleted or disabled, or CloudWatch in us-east-1 is impaired.\n\
                   Next: look at the health check and the alarm in us-east-1. Until they are back, a failure of the primary may go \
                   unseen.\n\
                   Cost: none."
                .to_owned(),
        }),
        Signal::Alarm(_) | Signal::Tick | Signal::Rehearsal | Signal::Unreadable { .. } => None,
    }
}
