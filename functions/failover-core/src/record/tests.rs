use expect_test::expect;
use proptest::prelude::*;

use super::*;

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
        Register::Drain(Drain { episode: at(100), ticks: 4, at: at(400) }),
        Register::Primary(PrimaryUndo { episode: at(100), min: 2, desired: 4 }),
        Register::History(History::default().with(at(1)).with(at(2))),
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
        pilotlight:drain | v1 for=100 n=4 at=400
        pilotlight:primary | v1 for=100 min=2 desired=4
        pilotlight:history | v1 t=2:1
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
        ("pilotlight:raised", "v1 first=1 at=2 target=4 why=alarm min=0 desir"),
        ("pilotlight:raised", "v2 first=1 at=2 target=4 why=alarm min=0 desired=0 max=8"),
        ("pilotlight:raised", "v1 first=1 at=2 target=4 why=whim min=0 desired=0 max=8"),
        ("pilotlight:raised", "v1 first=1 at=2 target=4 why=alarm min=9 desired=0 max=8"),
        ("pilotlight:raised", "v1 first=1 at=2 target=-4 why=alarm min=0 desired=0 max=8"),
        ("pilotlight:peak", "v1 hour=1 ring=00"),
        ("pilotlight:peak", "v1 hour=1 ring=+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1"),
        ("pilotlight:mode", "FROZEN"),
        ("pilotlight:history", "v1 t=1:2:3:4:5:6:7:8:9"),
        ("pilotlight:done", ""),
    ] {
        let record = read(&[(key, value)]);
        assert_eq!(record.unreadable(), [key.strip_prefix(TAG_PREFIX).unwrap()], "{value}");
    }
}

#[test]
fn an_older_done_does_not_cancel_a_newer_raise() {
    let raised = "v1 first=100 at=160 target=4 why=alarm min=0 desired=0 max=8";
    let ours = read(&[("pilotlight:raised", raised), ("pilotlight:done", "v1 at=100")]);
    assert!(matches!(ours.ownership(), Ownership::Ours(_)));
    let done = read(&[("pilotlight:raised", raised), ("pilotlight:done", "v1 at=160")]);
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

proptest! {
    #[test]
    fn any_ring_survives_a_round_trip(hour in 0_i64..1_000_000, ring in prop::array::uniform24(0..=CAPACITY_LIMIT)) {
        let peak = Peak { hour, ring };
        let (key, value) = Register::Peak(peak).tag();
        prop_assert_eq!(read(&[(&key, &value)]).peak, Slot::Held(peak));
    }

    #[test]
    fn any_raise_survives_a_round_trip(first in 0_i64..4_000_000_000, min in 0_u16..9, more in 0_u16..9, target in any::<u16>()) {
        let undo = Sizes { min, desired: min, max: min + more };
        let raised = Raised { first: at(first), at: at(first + 1), target, why: Cause::Claim, undo };
        let (key, value) = Register::Raised(raised).tag();
        prop_assert!(value.len() <= 110);
        prop_assert_eq!(read(&[(&key, &value)]).raised, Slot::Held(raised));
    }

    #[test]
    fn reading_any_text_is_total(key in "(base|peak|raised|done|drain|history|mode|order)", value in ".{0,80}") {
        let _ = read(&[(&format!("{TAG_PREFIX}{key}"), &value)]);
    }
}
