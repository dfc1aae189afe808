use super::*;
use crate::observation::Mode;
use crate::policy::SETTINGS;
use crate::record::Cause;

const SIZES: Sizes = Sizes { min: 1, desired: 2, max: 3 };

fn idle() -> Decision {
    Decision::hold(Reason::Idle)
}

fn note() -> Vec<Register> {
    vec![Register::Done(Timestamp::UNIX_EPOCH)]
}

/// One of each, in the order of the rules.
fn reasons() -> Vec<Reason> {
    let why = Why::Timeout;
    vec![
        Reason::StandbyUnreadable { why },
        Reason::Frozen,
        Reason::Raise { why: Cause::Alarm, target: 4 },
        Reason::Looked,
        Reason::AlreadyRaised { target: 4 },
        Reason::Adopt { target: 4 },
        Reason::CloseLatch,
        Reason::NotArmed { mode: Known::Unknown(why) },
        Reason::Proving { left_seconds: 1, missing: Proof::Age },
        Reason::AwaitingApproval,
        Reason::PrimaryUnreadable { why },
        Reason::KeepRaised { target: 4 },
        Reason::Prewarm { demand: 4 },
        Reason::Prewarming { healthy: 3, demand: 4 },
        Reason::OpenLatch,
        Reason::Draining { ticks: 1, needed: 3 },
        Reason::Busy { requests: Known::Unknown(why) },
        Reason::LowerMin,
        Reason::LowerDesired,
        Reason::Finish,
        Reason::Sample { load: 4 },
        Reason::Follow { target: 4 },
        Reason::LowerFloor { target: 4 },
        Reason::RecordUnreadable,
        Reason::Blind,
        Reason::Idle,
    ]
}

#[test]
fn every_reason_stands_in_the_list_of_kinds() {
    let kinds: Vec<_> = reasons().iter().map(Reason::kind).collect();
    assert_eq!(kinds, ReasonKind::ALL);
    for reason in reasons() {
        let debug = format!("{reason:?}");
        assert_eq!(debug.split([' ', '{']).next(), Some(reason.name()));
    }
}

#[test]
fn only_an_unreadable_standby_is_tried_again() {
    for reason in reasons() {
        let expected = reason.kind() == ReasonKind::StandbyUnreadable;
        assert_eq!(Decision::hold(reason).retry(), expected);
    }
}

#[test]
fn a_decision_writes_if_any_of_its_parts_does_and_may() {
    assert!(!idle().writes());
    let standby = Some(StandbyWrite::LowerMin { min: 0 });
    let primary = Some(PrimaryWrite { min: 0, desired: None });
    for decision in [
        Decision { standby, ..idle() },
        Decision { primary, ..idle() },
        Decision { before: note(), ..idle() },
        Decision { after: note(), ..idle() },
    ] {
        assert!(decision.writes(), "{decision:?}");
        assert!(!Decision { effect: Effect::Report, ..decision }.writes());
    }
    let request = Some(Register::Mode(Mode::Frozen));
    assert!(Decision { request, effect: Effect::Report, ..idle() }.writes());
}

#[test]
fn a_write_changes_its_own_sizes_and_must_fit_the_others() {
    let live = Sizes { min: 2, desired: 4, max: 8 };
    assert_eq!(StandbyWrite::Raise(SIZES).applied(live), Some(SIZES));
    let min = |min| StandbyWrite::LowerMin { min }.applied(live);
    assert_eq!(min(0), Some(Sizes { min: 0, ..live }));
    assert_eq!(min(4), Some(Sizes { min: 4, ..live }));
    assert_eq!(min(5), None);
    let desired = |desired, max| StandbyWrite::LowerDesired { desired, max }.applied(live);
    assert_eq!(desired(2, 3), Some(Sizes { min: 2, desired: 2, max: 3 }));
    assert_eq!(desired(1, 3), None, "a raise came between");
    assert_eq!(desired(3, 3), Some(Sizes { min: 2, desired: 3, max: 3 }));
    assert_eq!(desired(4, 3), None);
}

#[test]
fn only_the_two_phases_lower() {
    assert!(!StandbyWrite::Raise(SIZES).lowers());
    assert!(StandbyWrite::LowerMin { min: 0 }.lowers());
    assert!(StandbyWrite::LowerDesired { desired: 0, max: 8 }.lowers());
}

#[test]
fn a_line_of_the_log_is_read_back_and_recomputed() {
    let policy = Policy::from_settings(|setting| Some(setting.default.to_owned())).unwrap();
    assert_eq!(policy.settings().len(), SETTINGS.len());
    let unknown = Known::Unknown(Why::Timeout);
    let observation = Observation {
        alarm: Known::Unknown(Why::Timeout),
        datapoints: Known::Unknown(Why::Timeout),
        standby: unknown,
        record: Known::Unknown(Why::Timeout),
        primary: unknown,
        verdict: Known::Unknown(Why::NotAsked),
        answer: Known::Unknown(Why::Timeout),
        probe: Known::Unknown(Why::Timeout),
        egress: false,
        readiness: crate::observation::Readiness::NOT_ASKED,
        requests: Known::Unknown(Why::Timeout),
    };
    let record = DecisionRecord {
        schema: SCHEMA,
        site: "shop".to_owned(),
        at: Timestamp::UNIX_EPOCH,
        policy,
        signal: Signal::Tick,
        observation,
        decision: Decision::hold(Reason::StandbyUnreadable { why: Why::Timeout }),
        outcome: Outcome::default(),
    };
    let line = record.to_log_line();
    assert!(
        line.starts_with(r#"{"level":"INFO","message":"decision","decision_record":{"schema":"#)
    );
    assert_eq!(DecisionRecord::from_log_line(&format!(" {line}\n")), Some(record.clone()));
    assert_eq!(record.recomputed(), record.decision);
    for other in ["", "{}", "START RequestId: 1", r#"{"level":"INFO","message":"decision"}"#] {
        assert_eq!(DecisionRecord::from_log_line(other), None);
    }
}

#[test]
fn a_reason_is_shown_by_its_name_and_padded_as_asked() {
    assert_eq!(format!("{:<8}|", ReasonKind::Idle), "Idle    |");
}
