use std::collections::BTreeSet;

use expect_test::expect;
use proptest::prelude::*;

use super::*;
use crate::finding::{Finding, MARK_LEN};
use crate::policy::CAPACITY_LIMIT;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn read(tags: &[(&str, &str)]) -> Record {
    Record::from_tags(tags.iter().copied())
}

#[test]
fn registers_are_written_as_the_specification_spells_them() {
    let undo = Sizes { min: 0, desired: 0, max: 8 };
    let raised = Raised { first: at(100), at: at(160), target: 4, why: Cause::Alarm, undo };
    let registers = [
        Register::Base(Base { sizes: undo, at: at(50) }),
        Register::Peak(Peak::sampled(None, 490_321, 37)),
        Register::Raised(raised),
        Register::Done(at(160)),
        Register::Closed(Turn { episode: Some(at(100)), at: at(200) }),
        Register::Opened(Turn { episode: Some(at(100)), at: at(300) }),
        Register::Drain(Count { episode: at(100), ticks: 4, at: at(400) }),
        Register::Starved(Count { episode: at(100), ticks: 2, at: at(450) }),
        Register::Unseen(at(460)),
        Register::Primary(PrimaryUndo { episode: at(100), min: 2, desired: 4, ours: Some([2, 5]) }),
        Register::History(History::default().with(at(1)).with(at(2))),
        Register::Mode(Mode::Observe),
        Register::Order(Order {
            what: Demand::Approve,
            episode: at(160),
            at: at(500),
            by: "alice".to_owned(),
        }),
        Register::Told(Told {
            findings: [Finding::Probe, Finding::Blind].into(),
            at: at(600),
            gone: Some(Gone { findings: [Finding::Probe].into(), at: at(630) }),
        }),
        Register::Lasting(Lasting { since: [(Finding::Unheld, at(640))].into() }),
    ];
    let lines = registers.iter().map(|register| {
        let (key, value) = register.tag();
        format!("{key} | {value}")
    });
    let text = lines.collect::<Vec<_>>().join("\n") + "\n";
    expect![[r#"
        pilotlight:base | v1 min=0 desired=0 max=8 at=50
        pilotlight:peak | v1 hour=490321 ring=110000000000000000000000000000000000000000000000
        pilotlight:raised | v1 first=100 at=160 target=4 why=alarm min=0 desired=0 max=8
        pilotlight:done | v1 at=160
        pilotlight:closed | v1 for=100 at=200
        pilotlight:opened | v1 for=100 at=300
        pilotlight:drain | v1 for=100 n=4 at=400
        pilotlight:starved | v1 for=100 n=2 at=450
        pilotlight:unseen | v1 at=460
        pilotlight:primary | v1 for=100 min=2 desired=4 was=2 wrote=5
        pilotlight:history | v1 t=2:1
        pilotlight:mode | observe
        pilotlight:order | v1 what=approve for=160 at=500 by=alice
        pilotlight:findings | v1 set=blind.probe- at=600 gone=630
        pilotlight:lasting | v1 unheld=640
    "#]]
    .assert_eq(&text);
}

#[test]
fn tags_of_other_owners_are_skipped() {
    let record = read(&[("Name", "web"), ("aws:cloudformation:stack-name", "shop-web")]);
    assert_eq!(record, Record::default());
    assert_eq!(record.ownership(), Ownership::Idle);
}

#[test]
fn a_broken_register_is_unreadable_and_named() {
    for (key, value) in [
        ("pilotlight:raised", "v1 first=1767225600 at=1767225660 target=4 why=alarm min=0 desir"),
        (
            "pilotlight:raised",
            "v2 first=1767225600 at=1767225660 target=4 why=alarm min=0 desired=0 max=8",
        ),
        (
            "pilotlight:raised",
            "v1 first=1767225600 at=1767225660 target=4 why=whim min=0 desired=0 max=8",
        ),
        (
            "pilotlight:raised",
            "v1 first=1767225600 at=1767225660 target=4 why=alarm min=9 desired=0 max=8",
        ),
        (
            "pilotlight:raised",
            "v1 first=1767225600 at=1767225660 target=-4 why=alarm min=0 desired=0 max=8",
        ),
        ("pilotlight:peak", "v1 hour=1 ring=00"),
        ("pilotlight:peak", "v1 hour=1 ring=+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1"),
        ("pilotlight:mode", "FROZEN"),
        (
            "pilotlight:history",
            "v1 t=1767225601:1767225602:1767225603:1767225604:1767225605:1767225606:1767225607:1767225608:1767225609",
        ),
        ("pilotlight:done", ""),
    ] {
        let record = read(&[(key, value)]);
        assert_eq!(record.unreadable(), [key.strip_prefix(TAG_PREFIX).unwrap()], "{value}");
    }
}

#[test]
fn an_older_done_does_not_cancel_a_newer_raise() {
    let raised = "v1 first=1767225600 at=1767225660 target=4 why=alarm min=0 desired=0 max=8";
    let ours = read(&[("pilotlight:raised", raised), ("pilotlight:done", "v1 at=1767225600")]);
    assert!(matches!(ours.ownership(), Ownership::Ours(_)));
    let done = read(&[("pilotlight:raised", raised), ("pilotlight:done", "v1 at=1767225660")]);
    assert_eq!(done.ownership(), Ownership::Idle);
    let broken = read(&[("pilotlight:raised", raised), ("pilotlight:done", "?")]);
    assert_eq!(broken.ownership(), Ownership::Unreadable);
}

#[test]
fn the_ring_advances_per_sampled_hour_and_keeps_the_maximum() {
    let ring = Peak::sampled(None, 10, 3);
    let ring = Peak::sampled(Some(ring), 10, 5);
    let ring = Peak::sampled(Some(ring), 10, 4);
    assert_eq!((ring.hour, ring.ring[0], ring.ring[1]), (10, 5, 0));
    let later = Peak::sampled(Some(ring), 500, 1);
    assert_eq!((later.hour, later.ring[0], later.ring[1]), (500, 1, 5));
    assert_eq!(later.max(), Some(5));
    // A sample with an older clock never turns the ring back.
    assert_eq!(Peak::sampled(Some(later), 499, 2).hour, 500);
}

/// Every register at its longest.
fn longest() -> Vec<Register> {
    let latest = at(Timestamp::MAX.as_second());
    let sizes = Sizes { min: CAPACITY_LIMIT, desired: CAPACITY_LIMIT, max: CAPACITY_LIMIT };
    let finished = (0..8).map(|ago| at(latest.as_second() - ago)).collect();
    let why = Cause::Datapoints;
    vec![
        Register::Base(Base { sizes, at: latest }),
        Register::Peak(Peak { hour: i64::MIN, ring: [CAPACITY_LIMIT; 24] }),
        Register::Raised(Raised { first: latest, at: latest, target: u16::MAX, why, undo: sizes }),
        Register::Done(latest),
        Register::Closed(Turn { episode: Some(latest), at: latest }),
        Register::Opened(Turn { episode: Some(latest), at: latest }),
        Register::Primary(PrimaryUndo {
            episode: latest,
            min: u16::MAX,
            desired: u16::MAX,
            ours: Some([u16::MAX; 2]),
        }),
        Register::Starved(Count { episode: latest, ticks: u16::MAX, at: latest }),
        Register::Unseen(latest),
        Register::Drain(Count { episode: latest, ticks: u16::MAX, at: latest }),
        Register::History(History { finished }),
        Register::Mode(Mode::Observe),
        Register::Order(Order {
            what: Demand::Failover,
            episode: latest,
            at: latest,
            by: "x".repeat(crate::signal::BY_MAX),
        }),
        Register::Told(Told {
            findings: Finding::ALL.iter().copied().collect(),
            at: latest,
            gone: Some(Gone { findings: Finding::ALL.iter().copied().collect(), at: latest }),
        }),
        Register::Lasting(Lasting {
            since: Finding::LASTING.into_iter().map(|finding| (finding, latest)).collect(),
        }),
    ]
}

#[test]
fn every_register_reads_back_from_its_tag_and_fits_it() {
    let mut keys = BTreeSet::new();
    for register in longest() {
        let (key, value) = register.tag();
        // BOUND: Auto Scaling takes 256 characters of a tag's value; a few are left for what a later version adds.
        assert!(value.len() <= 250, "{key} has {} bytes", value.len());
        assert!(value.is_ascii() && !value.contains([',', '"', '{', '}']), "{value}");
        assert_eq!(read(&[(&key, &value)]), Record::default().with(&register));
        keys.insert(key);
    }
    let listed = Register::KEYS.map(|key| format!("{TAG_PREFIX}{key}"));
    assert_eq!(keys, BTreeSet::from(listed));
}

/// Goal: whoever adds a finding need not think of the tag. Method: the longest tag of today's findings, and for each one that
/// may come a mark at its longest, its separator, and the sign of one that is gone.
#[test]
fn thirty_findings_fit_their_tag() {
    let told = longest().into_iter().find(|register| matches!(register, Register::Told(_)));
    let (_, value) = told.expect("it is one of them").tag();
    let more = 30 - Finding::ALL.len();
    let longest = value.len() + more * (MARK_LEN + 2);
    assert!(longest <= TAG_VALUE_MAX, "{longest} bytes");
}

#[test]
fn what_an_earlier_version_noted_as_told_is_not_told_again() {
    let words = Finding::ALL.iter().map(|finding| finding.word()).collect::<Vec<_>>().join(".");
    let value = format!("v1 set={words} at=1767225600");
    let record = read(&[("pilotlight:findings", &value)]);
    let told = Told {
        findings: Finding::ALL.iter().copied().collect(),
        at: at(1_767_225_600),
        gone: None,
    };
    assert_eq!(record.findings, Slot::Held(told));
}

#[test]
fn a_register_that_cannot_be_read_is_named_by_its_key() {
    for register in longest() {
        let (key, _) = register.tag();
        let name = key.strip_prefix(TAG_PREFIX).unwrap();
        assert_eq!(read(&[(&key, "?")]).unreadable(), [name]);
    }
    assert_eq!(Record::default().unreadable(), [""; 0]);
}

#[test]
fn what_lies_in_the_future_is_no_longer_read() {
    let whole = longest().iter().fold(Record::default(), Record::with);
    let latest = Timestamp::MAX;
    assert_eq!(whole.clone().without_future(at(latest.as_second())), whole);
    let earlier = at(latest.as_second() - 1);
    let dated = whole.without_future(earlier).unreadable();
    let expected = [
        "base", "raised", "done", "closed", "opened", "drain", "starved", "unseen", "history",
        "order", "findings",
    ];
    assert_eq!(dated, expected);
}

#[test]
fn either_time_of_a_raise_may_lie_in_the_future() {
    for (first, newest) in [(at(5), at(1)), (at(1), at(5))] {
        let undo = Sizes { min: 0, desired: 0, max: 8 };
        let raised = Raised { first, at: newest, target: 4, why: Cause::Alarm, undo };
        let record = Record::default().with(&Register::Raised(raised));
        assert_eq!(record.newest(), Some(at(5)));
        assert_eq!(record.without_future(at(4)).raised, Slot::Unreadable);
    }
}

#[test]
fn the_newest_time_is_the_newest_of_any_register() {
    assert_eq!(Record::default().newest(), None);
    let old = longest()
        .iter()
        .filter(|register| {
            !matches!(register, Register::Peak(_) | Register::Mode(_) | Register::Lasting(_))
        })
        .map(|register| Record::default().with(register).newest())
        .collect::<Vec<_>>();
    let latest = Some(at(Timestamp::MAX.as_second()));
    let undated = old.iter().filter(|&&newest| newest != latest).count();
    assert_eq!(undated, 1, "the primary's note has the time of its failover alone");
    let two = Record::default().with(&Register::Done(at(5))).with(&Register::Opened(at(7).into()));
    assert_eq!(two.newest(), Some(at(7)));
}

fn raised(at_second: i64) -> Register {
    let undo = Sizes { min: 0, desired: 0, max: 8 };
    let when = at(at_second);
    Register::Raised(Raised { first: when, at: when, target: 4, why: Cause::Alarm, undo })
}

fn order(what: Demand) -> Register {
    Register::Order(Order { what, episode: at(0), at: at(0), by: "alice".to_owned() })
}

fn gate(registers: &[Register]) -> Option<(Latch, Option<i64>)> {
    let record = registers.iter().fold(Record::default(), Record::with);
    let gate = record.gate()?;
    Some((gate.latch, gate.since.map(Timestamp::as_second)))
}

#[test]
fn the_latch_is_closed_only_for_what_is_raised() {
    let (closed, opened) = (Register::Closed(at(20).into()), Register::Opened(at(30).into()));
    assert_eq!(gate(&[]), Some((Latch::Open, None)));
    assert_eq!(gate(std::slice::from_ref(&opened)), Some((Latch::Open, Some(30))));
    assert_eq!(gate(&[raised(10), closed.clone()]), Some((Latch::Closed, Some(20))));
    assert_eq!(gate(&[raised(10), closed.clone(), opened]), Some((Latch::Open, Some(30))));
    let same = Register::Opened(at(20).into());
    assert_eq!(gate(&[raised(10), closed.clone(), same]), Some((Latch::Open, Some(20))));
    let earlier = Register::Opened(at(19).into());
    assert_eq!(gate(&[raised(10), closed.clone(), earlier]), Some((Latch::Closed, Some(20))));
    let idle = [raised(10), Register::Done(at(10)), closed.clone()];
    assert_eq!(gate(&idle), Some((Latch::Open, None)));
    let ordered = [idle.as_slice(), &[order(Demand::Failover)]].concat();
    assert_eq!(gate(&ordered), Some((Latch::Open, None)), "an order closes nothing by itself");
    assert_eq!(gate(&[closed]), Some((Latch::Open, None)), "nothing was ever raised");
}

#[test]
fn a_gate_that_cannot_be_read_is_neither_open_nor_closed() {
    let held = [raised(10), Register::Closed(at(20).into())];
    let record = || held.iter().fold(Record::default(), Record::with);
    assert_eq!(Record { closed: Slot::Unreadable, ..record() }.gate(), None);
    assert_eq!(Record { opened: Slot::Unreadable, ..record() }.gate(), None);
    assert_eq!(Record { raised: Slot::Unreadable, ..record() }.gate(), None);
    let unsure = Record { done: Slot::Unreadable, ..record() };
    assert_eq!(unsure.gate().unwrap().latch, Latch::Closed, "a finished failover has opened it");
    let unordered = Record { order: Slot::Unreadable, ..record() };
    assert_eq!(unordered.gate().unwrap().latch, Latch::Closed, "so is the raise");
}

#[test]
fn only_a_raise_that_is_newer_than_what_is_done_is_ours() {
    let owned = |done: Slot<i64>| {
        let done = match done {
            Slot::Absent => Slot::Absent,
            Slot::Held(second) => Slot::Held(at(second)),
            Slot::Unreadable => Slot::Unreadable,
        };
        Record { done, ..Record::default() }.with(&raised(10)).ownership()
    };
    assert!(matches!(owned(Slot::Absent), Ownership::Ours(_)));
    assert!(matches!(owned(Slot::Held(9)), Ownership::Ours(_)));
    assert_eq!(owned(Slot::Held(10)), Ownership::Idle);
    assert_eq!(owned(Slot::Held(11)), Ownership::Idle);
    assert_eq!(owned(Slot::Unreadable), Ownership::Unreadable);
    let only_done = Record { done: Slot::Unreadable, ..Record::default() };
    assert_eq!(only_done.ownership(), Ownership::Idle, "nothing was raised that could be done");
    let garbled = Record { raised: Slot::Unreadable, ..Record::default() };
    assert_eq!(garbled.ownership(), Ownership::Unreadable);
}

#[test]
fn sizes_have_to_fit_each_other_and_the_largest_group() {
    let plausible = |min, desired, max| Sizes { min, desired, max }.plausible();
    assert!(plausible(0, 0, 0) && plausible(1, 1, 1) && plausible(0, 3, CAPACITY_LIMIT));
    assert!(!plausible(1, 0, 8) && !plausible(0, 9, 8) && !plausible(0, 0, CAPACITY_LIMIT + 1));
}

#[test]
fn the_mode_is_armed_unless_somebody_says_otherwise() {
    assert_eq!(Record::default().mode(), Known::Known(Mode::Armed));
    for &mode in Mode::ALL {
        let record = read(&[("pilotlight:mode", mode.word())]);
        assert_eq!(record.mode(), Known::Known(mode));
    }
    let record = read(&[("pilotlight:mode", "armed ")]);
    assert_eq!(record.mode(), Known::Unknown(Why::Unparseable));
}

#[test]
fn a_history_holds_eight_failbacks_newest_first() {
    let history = (0..10).fold(History::default(), |history, second| history.with(at(second)));
    assert_eq!(history.finished, (2..10).rev().map(at).collect::<Vec<_>>());
    assert_eq!(history.with(at(5)).finished.len(), 8, "a time that is there already moves");
    assert_eq!(history.with(at(5)).finished[0], at(5));
}

#[test]
fn a_sample_is_never_more_than_a_digit_pair_can_hold() {
    let peak = Peak::sampled(None, 7, u16::MAX);
    assert_eq!((peak.hour, peak.max()), (7, Some(CAPACITY_LIMIT)));
    assert_eq!(Peak::sampled(None, 7, 0).max(), None, "nothing in service is no peak");
    let (_, value) = Register::Peak(Peak { hour: 0, ring: [u16::MAX; 24] }).tag();
    assert_eq!(value, format!("v1 hour=0 ring={}", "zz".repeat(24)));
}

#[test]
fn a_sampled_hour_has_a_beginning() {
    let hour = std::time::Duration::from_hours(1);
    let began = |number| Peak { hour: number, ring: [0; 24] }.sampled_at(hour);
    assert_eq!(began(490_896), at(1_767_225_600));
    assert_eq!(began(-1), at(-3600));
    assert_eq!((began(i64::MIN), began(i64::MAX)), (Timestamp::MIN, Timestamp::MAX));
}

#[test]
fn every_slot_tells_what_it_holds() {
    assert_eq!(Slot::Held(1).held(), Some(&1));
    assert_eq!(Slot::<u8>::Absent.held(), None);
    assert_eq!(Slot::<u8>::Unreadable.held(), None);
}

proptest! {
    #[test]
    fn any_ring_survives_a_round_trip(hour in 0_i64..1_000_000, ring in prop::array::uniform24(0..=CAPACITY_LIMIT)) {
        let peak = Peak { hour, ring };
        let (key, value) = Register::Peak(peak).tag();
        prop_assert_eq!(read(&[(&key, &value)]).peak, Slot::Held(peak));
    }

    #[test]
    fn any_raise_survives_a_round_trip(first in 1_000_000_000_i64..4_000_000_000, min in 0_u16..9, more in 0_u16..9, target in any::<u16>()) {
        let undo = Sizes { min, desired: min, max: min + more };
        let raised = Raised { first: at(first), at: at(first + 1), target, why: Cause::Claim, undo };
        let (key, value) = Register::Raised(raised).tag();
        prop_assert!(value.len() <= 110);
        prop_assert_eq!(read(&[(&key, &value)]).raised, Slot::Held(raised));
    }

    #[test]
    fn reading_any_text_is_total(key in "(base|peak|raised|done|closed|opened|primary|drain|starved|unseen|history|mode|order|findings|lasting)", value in ".{0,80}|v1( [a-z]{1,7}=[-0-9a-z:.]{0,12}){0,7}") {
        let _ = read(&[(&format!("{TAG_PREFIX}{key}"), &value)]);
    }
}

/// Goal: whoever finds a garbled tag at night reads what to do about just that one. Method: each key stands in one row of the
/// runbook's table.
#[test]
fn the_runbook_says_of_every_register_what_to_do_once_it_is_garbled() {
    let runbook = include_str!("../../../../docs/runbook.md");
    let (_, section) = runbook.split_once("## The record cannot be read\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let rows: Vec<_> = section.lines().filter_map(|line| line.strip_prefix("| `")).collect();
    for key in Register::KEYS {
        let names = |row: &&&str| {
            let (tags, _) = row.split_once(" |").unwrap();
            tags.split(", ").any(|tag| tag.trim_matches('`') == key)
        };
        assert_eq!(rows.iter().filter(names).count(), 1, "{key}");
    }
}

#[test]
fn the_end_of_a_failover_passes_its_beginning_and_a_cut_time_is_none() {
    let undo = Sizes { min: 0, desired: 0, max: 8 };
    let raised = Raised { first: at(100), at: at(160), target: 4, why: Cause::Alarm, undo };
    let raised = Record::default().with(&Register::Raised(raised));
    let noted = |second| raised.clone().with(&Register::Base(Base { sizes: undo, at: at(second) }));
    assert!(
        matches!(noted(160).ownership(), Ownership::Ours(_)),
        "noted in the second of the raise"
    );
    assert_eq!(noted(161).ownership(), Ownership::Idle);
    let left = PrimaryUndo { episode: at(100), min: 2, desired: 4, ours: None };
    let left = Record::default().with(&Register::Primary(left));
    assert_eq!(left.clone().with(&Register::Done(at(99))).stranded(), Some(at(100)));
    assert_eq!(left.with(&Register::Done(at(100))).stranded(), None);
    let unseen = |text| read(&[("pilotlight:unseen", text)]).unseen;
    assert_eq!(unseen("v1 at=1000000000"), Slot::Held(at(1_000_000_000)));
    assert_eq!(unseen("v1 at=999999999"), Slot::Unreadable);
}
