//! Mutants that go wrong with what may come before the alarm: the verdict, looks, precautions.

use failover_core::observation::{AlarmState, AlarmView, Evaluation, Known, Verdict};
use failover_core::{Reason, Signal};

use super::Mutant;
use super::altered::{Asked, EAGER, VERDICT, deciding, seeing, set_up};
use crate::scope::Scope;
use crate::world::VerdictOf;

pub(super) const ALL: &[Mutant] = &[
    deciding(
        "takes-looks-for-ticks",
        "counts a look between two ticks as a tick",
        VERDICT,
        |asked| {
            let is_look = matches!(asked.signal, Signal::Look { .. });
            let signal = if is_look { &Signal::Tick } else { asked.signal };
            Asked { signal, ..asked }.decide()
        },
    ),
    seeing(
        "takes-unknown-for-unhealthy",
        "takes a verdict that cannot be read for an unhealthy one",
        VERDICT,
        |seen, _| {
            if matches!(seen.verdict, Known::Unknown(_)) {
                seen.verdict = Known::Known(Verdict::Unhealthy);
            }
        },
    ),
    seeing(
        "takes-unknown-for-healthy",
        "takes a verdict that cannot be read, or one server's alone, for a proof that the primary is up",
        VERDICT,
        |seen, _| {
            if matches!(seen.verdict, Known::Unknown(_)) {
                seen.verdict = Known::Known(Verdict::Healthy);
            }
        },
    ),
    set_up(
        "reads-the-gate",
        "reads the verdict of the gate, which the latch colours, instead of the endpoint's",
        Scope { verdict: VerdictOf::Gate, ..VERDICT },
    ),
    deciding(
        "closes-on-the-verdict",
        "closes the latch on the verdict while us-east-1 is dark",
        VERDICT,
        |asked| {
            let closed = asked.on(|seen| {
                if seen.alarm.known().is_none() && seen.verdict == Known::Known(Verdict::Unhealthy)
                {
                    seen.alarm = Known::Known(AlarmView {
                        state: AlarmState::Alarm,
                        transitioned_at: asked.now,
                        evaluation: Evaluation::Sound,
                        actions: true,
                    });
                    seen.datapoints = asked.red();
                }
            });
            if closed.reason == Reason::CloseLatch { closed } else { asked.decide() }
        },
    ),
    seeing(
        "suspects-its-own-line",
        "raises on suspicion without a line to the outside",
        EAGER,
        |seen, asked| seen.egress |= matches!(asked.signal, Signal::Look { again: true }),
    ),
];
