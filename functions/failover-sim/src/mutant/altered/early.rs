//! Ways to decide that go wrong with what may come before the alarm: the verdict, looks, precautions.

use failover_core::observation::{AlarmState, AlarmView, Evaluation, Known, Verdict};
use failover_core::{Decision, Reason, Signal, decide};

use super::{Inputs, on};

pub(in crate::mutant) fn takes_looks_for_ticks((p, s, o, now): Inputs<'_>) -> Decision {
    let signal = if matches!(s, Signal::Look { .. }) { &Signal::Tick } else { s };
    decide(p, signal, o, now)
}

pub(in crate::mutant) fn takes_unknown_for_unhealthy((p, s, o, now): Inputs<'_>) -> Decision {
    on((p, s, o, now), |seen| {
        if matches!(seen.verdict, Known::Unknown(_)) {
            seen.verdict = Known::Known(Verdict::Unhealthy);
        }
    })
}

pub(in crate::mutant) fn takes_unknown_for_healthy((p, s, o, now): Inputs<'_>) -> Decision {
    on((p, s, o, now), |seen| {
        if matches!(seen.verdict, Known::Unknown(_)) {
            seen.verdict = Known::Known(Verdict::Healthy);
        }
    })
}

pub(in crate::mutant) fn closes_on_the_verdict((p, s, o, now): Inputs<'_>) -> Decision {
    let closed = on((p, s, o, now), |seen| {
        if seen.alarm.known().is_none() && seen.verdict == Known::Known(Verdict::Unhealthy) {
            seen.alarm = Known::Known(AlarmView {
                state: AlarmState::Alarm,
                transitioned_at: now,
                evaluation: Evaluation::Sound,
                actions: true,
            });
            seen.datapoints = super::red(p, now);
        }
    });
    if closed.reason == Reason::CloseLatch { closed } else { decide(p, s, o, now) }
}

pub(in crate::mutant) fn suspects_its_own_line((p, s, o, now): Inputs<'_>) -> Decision {
    let suspects = matches!(s, Signal::Look { again: true });
    on((p, s, o, now), |seen| seen.egress |= suspects)
}
