//! What the controller decided and wrote, as lines of the journal.

use failover_core::decision::{Effect, PrimaryWrite, StandbyWrite};
use failover_core::{DecisionRecord, Timestamp};
use failover_words::sentence;

use crate::journal::DecisionLine;

/// Decision records as lines; equal ones in a row become one line, in the words of the first.
#[must_use]
pub fn lines(records: &[DecisionRecord], started_at: Timestamp) -> Vec<DecisionLine> {
    let mut lines = Vec::<DecisionLine>::new();
    let mut last = None;
    for record in records {
        let (kind, wrote) = (record.decision.reason.kind(), wrote(record));
        match lines.last_mut() {
            Some(line) if last == Some(kind) && line.wrote == wrote => line.times += 1,
            Some(_) | None => lines.push(DecisionLine {
                at: record.at,
                at_seconds: record.at.duration_since(started_at).as_secs_f64(),
                reason: kind.name().to_owned(),
                why: sentence(record),
                times: 1,
                wrote,
            }),
        }
        last = Some(kind);
    }
    lines
}

/// What a decision wrote to the groups, if anything.
fn wrote(record: &DecisionRecord) -> Option<String> {
    if record.decision.effect == Effect::Report {
        return None;
    }
    let standby = record.decision.standby.map(|write| match write {
        StandbyWrite::Raise(to) => {
            format!("min {}, desired {}, max {}", to.min, to.desired, to.max)
        }
        StandbyWrite::LowerMin { min } => format!("min {min}"),
        StandbyWrite::LowerDesired { desired, max } => format!("desired {desired}, max {max}"),
    });
    let primary = record.decision.primary.map(|PrimaryWrite { min, desired }| {
        let desired = desired.map(|desired| format!(", desired {desired}")).unwrap_or_default();
        format!("primary min {min}{desired}")
    });
    let writes: Vec<String> = standby.into_iter().chain(primary).collect();
    (!writes.is_empty()).then(|| writes.join("; "))
}

#[cfg(test)]
mod tests {
    use failover_core::decision::{Outcome, SCHEMA};
    use failover_core::observation::Readiness;
    use failover_core::record::{Cause, Sizes};
    use failover_core::{Decision, Known, Observation, Policy, Reason, Signal, Why};

    use super::*;

    fn record(
        reason: Reason,
        standby: Option<StandbyWrite>,
        primary: Option<PrimaryWrite>,
    ) -> DecisionRecord {
        let policy = Policy::from_settings(|setting| Some(setting.default.to_owned()));
        let policy = policy.expect("the defaults are valid");
        DecisionRecord {
            schema: SCHEMA,
            site: "shop".to_owned(),
            at: Timestamp::UNIX_EPOCH,
            policy,
            signal: Signal::Tick,
            observation: Observation {
                alarm: Known::Unknown(Why::NotAsked),
                datapoints: Known::Unknown(Why::NotAsked),
                standby: Known::Unknown(Why::NotAsked),
                record: Known::Unknown(Why::NotAsked),
                primary: Known::Unknown(Why::NotAsked),
                verdict: Known::Unknown(Why::NotAsked),
                answer: Known::Unknown(Why::NotAsked),
                probe: Known::Unknown(Why::NotAsked),
                egress: false,
                readiness: Readiness::NOT_ASKED,
                requests: Known::Unknown(Why::NotAsked),
            },
            decision: Decision { standby, primary, ..Decision::hold(reason) },
            outcome: Outcome::default(),
        }
    }

    fn told(records: &[DecisionRecord]) -> Vec<(u32, Option<String>)> {
        let lines = lines(records, Timestamp::UNIX_EPOCH);
        lines.into_iter().map(|line| (line.times, line.wrote)).collect()
    }

    const fn raise(desired: u16) -> StandbyWrite {
        StandbyWrite::Raise(Sizes { min: desired, desired, max: 8 })
    }

    /// Goal: a raise that grows is two lines of a report. Method: two raises with other sizes, and one of them twice.
    #[test]
    fn a_second_write_under_one_reason_is_not_lost() {
        let why = Cause::Alarm;
        let one =
            |desired| record(Reason::Raise { why, target: desired }, Some(raise(desired)), None);
        let all = told(&[one(2), one(2), one(4)]);
        let two = Some("min 2, desired 2, max 8".to_owned());
        assert_eq!(all, [(2, two), (1, Some("min 4, desired 4, max 8".to_owned()))]);
    }

    #[test]
    fn writes_of_the_primary_are_shown_also_beside_one_of_the_standby() {
        let primary = Some(PrimaryWrite { min: 3, desired: Some(3) });
        let alone = record(Reason::Prewarm { demand: 3 }, None, primary);
        let both = record(Reason::Finish, Some(raise(2)), primary);
        let all = told(&[alone, both]);
        let words = "primary min 3, desired 3";
        let both = format!("min 2, desired 2, max 8; {words}");
        assert_eq!(all, [(1, Some(words.to_owned())), (1, Some(both))]);
    }
}
