//! Registers that somebody edited, cut off, dated in the future or deleted: nothing is lowered on them, and it is told once.

use expect_test::{Expect, expect};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::strategies;
use super::world::{World, registers};
use crate::decision::{PrimaryWrite, Reason, StandbyWrite};
use crate::finding::Finding;
use crate::observation::{AlarmState, Group, Known};
use crate::record::{Record, Register, Slot, TAG_PREFIX};
use crate::signal::Signal;
use crate::time::after;

/// A blip is over and everything is in place: the next decision lowers the minimum.
pub(super) fn about_to_lower() -> World {
    let mut world = World::blipped(33, &[]);
    world.step();
    world.now = after(world.now, 60);
    world.step();
    world.now = after(world.now, 60);
    world.tag("done", "v1 at=1767139200");
    world.tag("base", "v1 min=0 desired=0 max=8 at=1767139200");
    world.tag("peak", "v1 hour=490895 ring=040000000000000000000000000000000000000000000000");
    world.tag("opened", "v1 at=1767139200");
    world.tag("closed", "v1 at=1767135600");
    world.tag("primary", "v1 for=1767225600 min=2 desired=4");
    world.tag("history", "v1 t=1767139200");
    world.tag("mode", "armed");
    world.tag("order", "v1 what=approve for=1767225600 at=1767225900 by=alice");
    world.tag("findings", "v1 set= at=1767225600");
    assert_eq!(world.record().unreadable(), [""; 0]);
    assert_eq!(world.decide().reason.name(), "LowerMin");
    world
}

/// What becomes of the lowering, register by register, and whether people are told of a bad one.
fn outcomes(tags: &[(&str, &str)], expected: &Expect) {
    let lines = tags.iter().map(|(key, value)| {
        let mut world = about_to_lower();
        world.tag(key, value);
        let bad = world.record().unreadable();
        let reason = world.step();
        if reason.starts_with("Lower") {
            world.now = after(world.now, 1);
            world.step();
        }
        let told = world
            .record()
            .findings
            .held()
            .is_some_and(|told| told.findings.contains(&Finding::Record));
        assert!(bad.is_empty() || bad == [*key], "{bad:?}");
        let told = if told { ", told" } else { "" };
        format!("{key}: {reason}{told}\n")
    });
    expected.assert_eq(&lines.collect::<String>());
}

#[test]
fn registers_that_are_no_registers_lower_nothing_that_needs_them() {
    let damaged: Vec<_> = Register::KEYS.iter().map(|key| (*key, "?")).collect();
    outcomes(
        &damaged,
        &expect![[r#"
            base: LowerMin, told
            peak: LowerMin, told
            raised: RecordUnreadable, told
            done: RecordUnreadable, told
            closed: RecordUnreadable, told
            opened: RecordUnreadable, told
            primary: LowerMin, told
            drain: Draining, told
            starved: LowerMin, told
            unseen: LowerMin, told
            history: Proving, told
            mode: NotArmed, told
            order: RecordUnreadable, told
            findings: LowerMin, told
            lasting: LowerMin, told
        "#]],
    );
}

#[test]
fn registers_of_another_version_lower_nothing_that_needs_them() {
    outcomes(
        &[
            ("base", "v2 min=0 desired=0 max=8 at=1767139200"),
            (
                "raised",
                "v2 first=1767225600 at=1767225600 target=4 why=alarm min=0 desired=0 max=8",
            ),
            ("done", "v2 at=1767139200"),
            ("closed", "V1 at=1767135600"),
            ("drain", "at=1767227700 n=2 for=1767225600"),
            ("history", " v1 t=1767139200"),
        ],
        &expect![[r#"
            base: LowerMin, told
            raised: RecordUnreadable, told
            done: RecordUnreadable, told
            closed: RecordUnreadable, told
            drain: Draining, told
            history: Proving, told
        "#]],
    );
}

#[test]
fn registers_that_are_cut_off_lower_nothing_that_needs_them() {
    outcomes(
        &[
            ("raised", "v1 first=1767225600 at=1767225600 target=4 why=alarm min=0 desired=0"),
            ("raised", "v1 first=1767225600 at=1767225600 target=4 why=ala"),
            ("raised", "v1 first=1767225600 at"),
            ("done", "v1 at="),
            ("opened", "v1"),
            ("drain", "v1 for=1767225600 n=2"),
            ("order", "v1 what=fail"),
            ("history", "v1 t=1767139200:"),
            ("mode", "arm"),
            ("peak", "v1 hour=490895 ring=04000000000000000000000000000000000000000000000"),
        ],
        &expect![[r#"
            raised: RecordUnreadable, told
            raised: RecordUnreadable, told
            raised: RecordUnreadable, told
            done: RecordUnreadable, told
            opened: RecordUnreadable, told
            drain: Draining, told
            order: RecordUnreadable, told
            history: Proving, told
            mode: NotArmed, told
            peak: LowerMin, told
        "#]],
    );
}

/// A time that lost its last digits lies in 1970, older than anything: `done` would end nothing, and `opened` open nothing.
#[test]
fn a_time_that_is_cut_is_unreadable_and_not_of_1970() {
    for (key, value) in [
        ("base", "v1 min=0 desired=0 max=8 at=176722560"),
        ("raised", "v1 first=1767 at=1767225600 target=4 why=alarm min=0 desired=0 max=8"),
        ("done", "v1 at=17672"),
        ("closed", "v1 for=1767225600 at=1"),
        ("opened", "v1 for=17 at=1767225600"),
        ("primary", "v1 for=17672256 min=2 desired=2"),
        ("drain", "v1 for=1767225600 n=2 at=0"),
        ("history", "v1 t=1767139200:17671"),
        ("order", "v1 what=failback for=1767225600 at=176 by=alice"),
    ] {
        let (tag, name) = (format!("{TAG_PREFIX}{key}"), key);
        let record = Record::from_tags([(tag.as_str(), value)]);
        assert_eq!(record.unreadable(), [name], "{value}");
    }
}

#[test]
fn negative_and_absurd_numbers_lower_nothing_that_needs_them() {
    outcomes(
        &[
            (
                "raised",
                "v1 first=1767225600 at=1767225600 target=4 why=alarm min=-1 desired=0 max=8",
            ),
            (
                "raised",
                "v1 first=1767225600 at=1767225600 target=4 why=alarm min=3 desired=0 max=8",
            ),
            (
                "raised",
                "v1 first=1767225600 at=1767225600 target=4 why=alarm min=0 desired=9 max=8",
            ),
            (
                "raised",
                "v1 first=1767225600 at=1767225600 target=4 why=alarm min=0 desired=0 max=1296",
            ),
            (
                "raised",
                "v1 first=1767225600 at=99999999999999999999 target=4 why=alarm min=0 desired=0 max=8",
            ),
            ("drain", "v1 for=1767225600 n=-2 at=1767227640"),
            ("drain", "v1 for=1767225600 n=65536 at=1767227640"),
            ("done", "v1 at=9223372036854775807"),
            ("done", "v1 at=1e9"),
            (
                "history",
                "v1 t=1767225601:1767225602:1767225603:1767225604:1767225605:1767225606:1767225607:1767225608:1767225609",
            ),
            ("order", "v1 what=failover for=-99999999999999 at=1767225900 by=alice"),
        ],
        &expect![[r#"
            raised: RecordUnreadable, told
            raised: RecordUnreadable, told
            raised: RecordUnreadable, told
            raised: RecordUnreadable, told
            raised: RecordUnreadable, told
            drain: Draining, told
            drain: Draining, told
            done: RecordUnreadable, told
            done: RecordUnreadable, told
            history: Proving, told
            order: RecordUnreadable, told
        "#]],
    );
}

#[test]
fn times_that_have_not_come_yet_lower_nothing_that_needs_them() {
    outcomes(
        &[
            ("base", "v1 min=0 desired=0 max=8 at=1767999999"),
            (
                "raised",
                "v1 first=1767225600 at=1767999999 target=4 why=alarm min=0 desired=0 max=8",
            ),
            (
                "raised",
                "v1 first=1767999999 at=1767225600 target=4 why=alarm min=0 desired=0 max=8",
            ),
            ("done", "v1 at=1767999999"),
            ("closed", "v1 at=1767999999"),
            ("opened", "v1 at=1767999999"),
            ("drain", "v1 for=1767225600 n=2 at=1767999999"),
            ("history", "v1 t=1767999999"),
            ("history", "v1 t=1767139200:1767999999"),
            ("order", "v1 what=approve for=1767225600 at=1767999999 by=alice"),
            ("findings", "v1 set= at=1767999999"),
        ],
        &expect![[r#"
            base: LowerMin, told
            raised: RecordUnreadable, told
            raised: RecordUnreadable, told
            done: RecordUnreadable, told
            closed: RecordUnreadable, told
            opened: RecordUnreadable, told
            drain: Draining, told
            history: Proving, told
            history: Proving, told
            order: RecordUnreadable, told
            findings: LowerMin, told
        "#]],
    );
}

#[test]
fn clocks_may_differ_by_five_ticks() {
    let mut world = about_to_lower();
    let opened = |seconds: i64| format!("v1 at={}", world.now.as_second() + seconds);
    let (near, far) = (opened(300), opened(301));
    world.tag("opened", &near);
    assert_eq!(world.decide().reason.name(), "LowerMin");
    world.tag("opened", &far);
    assert_eq!(world.decide().reason.name(), "RecordUnreadable");
}

#[test]
fn registers_that_were_deleted_are_no_bad_ones() {
    let outcome = |key: &&str| {
        let mut world = about_to_lower();
        world.untag(key);
        let reason = world.step();
        let told = &world.record().findings;
        let told = told.held().is_some_and(|told| told.findings.contains(&Finding::Record));
        format!("{key}: {reason}{}\n", if told { ", told" } else { "" })
    };
    expect![[r#"
        base: LowerMin
        peak: LowerMin
        raised: Adopt, told
        done: LowerMin
        closed: LowerMin
        opened: LowerMin
        primary: LowerMin
        drain: Draining
        starved: LowerMin
        unseen: LowerMin
        history: LowerMin
        mode: LowerMin
        order: LowerMin
        findings: LowerMin
        lasting: LowerMin
    "#]]
    .assert_eq(&Register::KEYS.iter().map(outcome).collect::<String>());
}

#[test]
fn a_bad_register_still_lets_the_standby_be_raised() {
    for key in Register::KEYS {
        let mut world = about_to_lower();
        world.tag(key, "?");
        world.alarm(AlarmState::Alarm);
        *world.standby() = Group { min: 0, desired: 0, ..*world.standby() };
        assert_eq!(world.step(), "Raise", "{key}");
    }
}

#[test]
fn a_bad_register_is_told_once_and_when_it_is_resolved() {
    let mut world = about_to_lower();
    world.tag("order", "?");
    assert_eq!(world.story(1), "RecordUnreadable");
    for _ in 0..70 {
        assert_eq!(world.decide().news.notice, None);
        assert_eq!(world.story(1), "RecordUnreadable");
    }
    world.record().order = Slot::Absent;
    // It is about to be lowered, which takes some minutes; it is told when it has been gone for an hour.
    world.story(60);
    assert_eq!(world.decide().news.notice.unwrap().subject, "resolved: record");
}

/// What may happen to a text.
#[derive(Clone, Debug)]
enum Damage {
    CutOff(Index),
    Replaced(Index, char),
    Appended(&'static str),
    Renamed(&'static str),
    Rewritten(String),
}

impl Damage {
    fn of(&self, text: &str) -> String {
        match self {
            Self::CutOff(index) => text[..index.index(text.len())].to_owned(),
            Self::Replaced(index, with) => {
                let at = index.index(text.len());
                let replaced = |(i, c)| if i == at { *with } else { c };
                text.chars().enumerate().map(replaced).collect()
            }
            Self::Appended(junk) => format!("{text}{junk}"),
            Self::Renamed(version) => text.replacen("v1", version, 1),
            Self::Rewritten(text) => text.clone(),
        }
    }
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        any::<Index>().prop_map(Damage::CutOff),
        (any::<Index>(), select(vec!['?', '-', ' ', '=', ':', 'é', 'x']))
            .prop_map(|(index, with)| Damage::Replaced(index, with)),
        select(vec![" ", "?", " x", "99999", "=", "\n"]).prop_map(Damage::Appended),
        select(vec!["v2", "", "V1", "1"]).prop_map(Damage::Renamed),
        ".{0,60}".prop_map(Damage::Rewritten),
    ]
}

/// What is taken away in this world.
pub(super) fn lowered(world: &World) -> (Option<StandbyWrite>, Option<PrimaryWrite>) {
    let decision = world.decide();
    let floor = matches!(decision.reason, Reason::LowerFloor { .. });
    let primary = world.seen.primary.known().map_or(0, |live| live.min);
    (
        decision.standby.filter(|write| write.lowers() && !floor),
        decision.primary.filter(|write| write.min < primary),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5000))]

    /// Whatever happens to the text of a register: if it can no longer be read, nothing is lowered that would not be lowered
    /// with the text whole.
    #[test]
    fn a_register_that_cannot_be_read_lowers_nothing(world in strategies::world(), which in any::<Index>(), damage in damage()) {
        let Known::Known(record) = &world.seen.record else { return Ok(()) };
        let held = registers(record);
        if held.is_empty() {
            return Ok(());
        }
        let (key, text) = held[which.index(held.len())].tag();
        let key = key.strip_prefix(TAG_PREFIX).unwrap();
        let text = damage.of(&text);
        // A person's own request may replace what cannot be read.
        if let Signal::Request(_) = world.signal {
            return Ok(());
        }
        let mut damaged = world.clone();
        damaged.tag(key, &text);
        if !damaged.record().unreadable().contains(&key) {
            return Ok(());
        }
        let (takes, whole) = (lowered(&damaged), lowered(&world));
        // Without a ring the hint stands in for it, which may ask less of the primary; without `base` our own probe is no
        // evidence against it, and its floor goes back.
        let standby = key == "peak" || takes.0.is_none() || takes.0 == whole.0;
        let primary = ["peak", "base"].contains(&key) || takes.1.is_none() || takes.1 == whole.1;
        prop_assert!(standby && primary, "{key}: {text:?} lowers {takes:?}");
    }
}
