//! The judges of what may come before the alarm: Route 53's verdict, looks between ticks, precautions.

use crate::decision::{Reason, StandbyWrite};
use crate::observation::{AlarmState, Known, Probe, Verdict, Why};
use crate::policy::Routing;
use crate::record::{Cause, Register};
use crate::signal::Signal;

use super::{Case, Judgement, ensure, lowering, target};

pub(super) fn s19(case: &Case<'_>) -> Judgement {
    let Signal::Look { .. } = case.signal else { return None };
    let decision = case.decision;
    let raises = matches!(decision.reason, Reason::Raise { .. })
        && matches!(decision.standby, Some(StandbyWrite::Raise(_)));
    let notes = |register: &Register| matches!(register, Register::Raised(_));
    let groups = decision.primary.is_none() && (decision.standby.is_none() || raises);
    let registers = decision.after.is_empty()
        && decision.request.is_none()
        && if raises { decision.before.iter().all(notes) } else { decision.before.is_empty() };
    let latch = decision.latch == Known::Unknown(Why::NotAsked);
    let news = decision.news.notice.is_none()
        && decision.news.lasting.is_none()
        && (raises || decision.news.told.is_none() && decision.notice.is_none());
    Some(
        ensure(groups, "a look wrote a size that is no raise")
            .and(ensure(registers, "a look wrote a register"))
            .and(ensure(latch, "a look put the latch"))
            .and(ensure(news, "a look told a finding")),
    )
}

pub(super) fn s20(case: &Case<'_>) -> Judgement {
    let Reason::Raise { why, .. } = case.decision.reason else { return None };
    match (case.signal, why) {
        (Signal::Look { again }, Cause::Suspicion) => {
            let seen = case.observation;
            let down = seen.probe == Known::Known(Probe::Down);
            let base = seen.record.known().is_some_and(|record| record.base.held().is_some());
            Some(
                ensure(case.policy.eager(), "raised on suspicion where `eager` is off")
                    .and(ensure(*again, "raised on one look"))
                    .and(ensure(seen.egress && down, "raised on a line of our own that is cut"))
                    .and(ensure(base, "raised before the normal sizes were ever recorded")),
            )
        }
        (_, Cause::Suspicion) => Some(Err("raised on suspicion by something that is no look")),
        (Signal::Look { .. }, Cause::Probe) => Some(Err("a look judged the detector")),
        (Signal::Look { .. }, _) => Some(Ok(())),
        _ => None,
    }
}

pub(super) fn s21(case: &Case<'_>) -> Judgement {
    lowering(case)?;
    Some(match case.observation.verdict {
        Known::Known(Verdict::Healthy) | Known::Unknown(Why::NotAsked) => Ok(()),
        Known::Known(Verdict::Unhealthy) => Err("lowered while the verdict reads unhealthy"),
        Known::Unknown(_) => Err("lowered while the verdict cannot be read"),
    })
}

pub(super) fn l1(case: &Case<'_>) -> Judgement {
    let alarm = case.observation.alarm.known();
    let alarm = alarm.is_some_and(|alarm| alarm.state == AlarmState::Alarm);
    let verdict = case.observation.verdict == Known::Known(Verdict::Unhealthy);
    let standby = case.observation.standby.known()?;
    // The operator's freeze is told apart by its own reason; both regions serve with active-active routing.
    let exempt =
        case.decision.reason == Reason::Frozen || case.policy.routing() == Routing::ActiveActive;
    if exempt || !alarm && !verdict {
        return None;
    }
    let sizes =
        case.decision.standby.map_or(Some(standby.sizes()), |write| write.applied(standby.sizes()));
    let target = target(case);
    let raised = sizes.is_some_and(|sizes| sizes.min >= target && sizes.desired >= target);
    let otherwise = if alarm {
        "read ALARM and did not raise"
    } else {
        "read an unhealthy verdict and did not raise"
    };
    Some(ensure(raised, otherwise))
}
