//! Registers that somebody edited, cut off, dated in the future or deleted: nothing is lowered on them, and it is told once.

use expect_test::{Expect, expect};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::strategies;
use super::world::{World, registers};
use crate::decision::{PrimaryWrite, Reason, StandbyWrite};
use crate::dns::{Addresses, Look};
use crate::finding::Finding;
use crate::observation::{AlarmState, Answer, Group, Known, Why};
use crate::record::{Register, Slot, TAG_PREFIX};
use crate::signal::Signal;
use crate::time::after;

/// A blip is over and everything is in place: the next decision lowers the minimum.
fn about_to_lower() -> World {
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
            ("history", "v1 t=1:2:3:4:5:6:7:8:9"),
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
        let told = world.record().findings.held().is_some_and(|told| !told.findings.is_empty());
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

/// What another site's record holds: whole, and about other times and sizes.
const ELSEWHERE: [(&str, &str); 15] = [
    ("base", "v1 min=3 desired=5 max=20 at=1767000000"),
    ("peak", "v1 hour=490000 ring=0a0b00000000000000000000000000000000000000000000"),
    ("raised", "v1 first=1767000000 at=1767000060 target=9 why=order min=3 desired=5 max=20"),
    ("done", "v1 at=1767000060"),
    ("closed", "v1 for=1767000000 at=1767000300"),
    ("opened", "v1 for=1767000000 at=1767002400"),
    ("primary", "v1 for=1767000000 min=5 desired=9"),
    ("drain", "v1 for=1767000000 n=9 at=1767002460"),
    ("starved", "v1 for=1767000000 n=4 at=1767000600"),
    ("unseen", "v1 at=1767000000"),
    ("history", "v1 t=1767003000"),
    ("mode", "observe"),
    ("order", "v1 what=failover for=1767000000 at=1767000000 by=bob"),
    ("findings", "v1 set=approval.blind at=1767000000"),
    ("lasting", "v1 unmoved=1767000000"),
];

/// What became of a tag: its new value, or none.
fn fates(world: &mut World, key: &str) -> [(&'static str, Option<String>); 6] {
    let whole = registers(world.record()).into_iter().find_map(|register| {
        let (tag, value) = register.tag();
        (tag.strip_prefix(TAG_PREFIX) == Some(key)).then_some(value)
    });
    let (_, elsewhere) = ELSEWHERE.into_iter().find(|(tag, _)| *tag == key).expect("it is listed");
    let whole = whole.unwrap_or_else(|| elsewhere.to_owned());
    // What versions before the present one wrote: the latch's turns without their episode.
    let earlier: Vec<_> = whole.split(' ').filter(|word| !word.starts_with("for=")).collect();
    let earlier =
        if matches!(key, "closed" | "opened") { earlier.join(" ") } else { whole.clone() };
    [
        ("absent", None),
        ("garbled", Some("?".to_owned())),
        ("cut off", Some(whole[..whole.len() / 2].to_owned())),
        ("earlier form", Some(earlier)),
        ("later form", Some(whole.replacen("v1", "v2", 1))),
        ("another site's", Some(elsewhere.to_owned())),
    ]
}

/// Goal: whatever becomes of any tag, the decision is total, takes nothing away that the whole record would not, and people hear
/// once of what cannot be read. Method: every tag of the one list, in every state, for ten ticks of a site that was about to
/// lower its standby.
#[test]
fn whatever_becomes_of_a_tag_lowers_nothing_on_it_and_is_told_once() {
    let mut table = String::new();
    for key in Register::KEYS {
        for (fate, value) in fates(&mut about_to_lower(), key) {
            let mut world = about_to_lower();
            match &value {
                Some(value) => world.tag(key, value),
                None => world.untag(key),
            }
            let unreadable = !world.record().unreadable().is_empty();
            let (lowers, from) = (lowered(&world), world.log.len());
            if let Some(write) = lowers.0 {
                assert_eq!(write, StandbyWrite::LowerMin { min: 0 }, "{key}, {fate}");
            }
            let reason = world.story(1);
            world.story(9);
            let told = world.log[from..].iter().filter(|record| {
                let notice = record.decision.news.notice.as_ref();
                notice.is_some_and(|notice| notice.body.contains("- record: "))
            });
            let told = told.count();
            assert!(told <= 1 && (told == 1 || !unreadable), "{key}, {fate}: told {told} times");
            world.verified();
            let told = if told == 1 { ", told" } else { "" };
            table.push_str(&format!("{key}, {fate}: {reason}{told}\n"));
        }
    }
    expect![[r#"
        base, absent: LowerMin
        base, garbled: LowerMin, told
        base, cut off: LowerMin, told
        base, earlier form: LowerMin
        base, later form: LowerMin, told
        base, another site's: LowerMin
        peak, absent: LowerMin
        peak, garbled: LowerMin, told
        peak, cut off: LowerMin, told
        peak, earlier form: LowerMin
        peak, later form: LowerMin, told
        peak, another site's: LowerMin
        raised, absent: Adopt, told
        raised, garbled: RecordUnreadable, told
        raised, cut off: RecordUnreadable, told
        raised, earlier form: LowerMin
        raised, later form: RecordUnreadable, told
        raised, another site's: Idle
        done, absent: LowerMin
        done, garbled: RecordUnreadable, told
        done, cut off: LowerMin
        done, earlier form: LowerMin
        done, later form: RecordUnreadable, told
        done, another site's: LowerMin
        closed, absent: LowerMin
        closed, garbled: RecordUnreadable, told
        closed, cut off: LowerMin
        closed, earlier form: LowerMin
        closed, later form: RecordUnreadable, told
        closed, another site's: LowerMin
        opened, absent: LowerMin
        opened, garbled: RecordUnreadable, told
        opened, cut off: LowerMin
        opened, earlier form: LowerMin
        opened, later form: RecordUnreadable, told
        opened, another site's: LowerMin
        primary, absent: LowerMin
        primary, garbled: LowerMin, told
        primary, cut off: LowerMin, told
        primary, earlier form: LowerMin
        primary, later form: LowerMin, told
        primary, another site's: LowerMin
        drain, absent: Draining
        drain, garbled: Draining, told
        drain, cut off: Draining, told
        drain, earlier form: LowerMin
        drain, later form: Draining, told
        drain, another site's: Draining
        starved, absent: LowerMin
        starved, garbled: LowerMin, told
        starved, cut off: LowerMin, told
        starved, earlier form: LowerMin
        starved, later form: LowerMin, told
        starved, another site's: LowerMin
        unseen, absent: LowerMin
        unseen, garbled: LowerMin, told
        unseen, cut off: LowerMin
        unseen, earlier form: LowerMin
        unseen, later form: LowerMin, told
        unseen, another site's: LowerMin
        history, absent: LowerMin
        history, garbled: Proving, told
        history, cut off: LowerMin
        history, earlier form: LowerMin
        history, later form: Proving, told
        history, another site's: LowerMin
        mode, absent: LowerMin
        mode, garbled: NotArmed, told
        mode, cut off: NotArmed, told
        mode, earlier form: LowerMin
        mode, later form: LowerMin
        mode, another site's: LowerMin
        order, absent: LowerMin
        order, garbled: RecordUnreadable, told
        order, cut off: RecordUnreadable, told
        order, earlier form: LowerMin
        order, later form: RecordUnreadable, told
        order, another site's: CloseLatch
        findings, absent: LowerMin
        findings, garbled: LowerMin, told
        findings, cut off: LowerMin, told
        findings, earlier form: LowerMin
        findings, later form: LowerMin, told
        findings, another site's: LowerMin
        lasting, absent: LowerMin
        lasting, garbled: LowerMin, told
        lasting, cut off: LowerMin, told
        lasting, earlier form: LowerMin
        lasting, later form: LowerMin, told
        lasting, another site's: LowerMin
    "#]]
    .assert_eq(&table);
}

/// Addresses `192.0.2.N`.
fn addresses(numbers: impl IntoIterator<Item = u8>) -> Addresses {
    numbers.into_iter().map(|last| [192, 0, 2, last].into()).collect()
}

/// Goal: no answer of DNS, however large and whosever, lowers a standby that users may be on. Method: load balancers of 0 to 100
/// addresses, of which an answer holds eight, with foreign ones among them, with IPv6 alone, and of both regions.
#[test]
fn answers_of_any_size_and_family_lower_nothing_unless_they_are_the_primarys_alone() {
    let foreign = || addresses(201..=208);
    let v6 = || Addresses::from([[0x2001, 0xdb8, 0, 0, 0, 0, 0, 1].into()]);
    for count in [0, 1, 8, 12, 100] {
        let (primary, standby) = (addresses(1..=count), addresses(101..=100 + count));
        let first = |all: &Addresses| all.iter().copied().take(8).collect::<Addresses>();
        let with = |one: &Addresses, other: &Addresses| one | other;
        let at_primary = first(&primary);
        let here =
            if count == 0 { Known::Unknown(Why::Empty) } else { Known::Known(Answer::Primary) };
        let there =
            if count == 0 { Known::Unknown(Why::Empty) } else { Known::Known(Answer::Standby) };
        let both =
            if count == 0 { Known::Unknown(Why::Empty) } else { Known::Known(Answer::Mixed) };
        let nobodys = Known::Unknown(if count == 0 { Why::Empty } else { Why::Foreign });
        let cases = [
            ("the primary's", at_primary.clone(), here),
            ("the standby's", first(&standby), there),
            ("both", with(&at_primary, &first(&standby)), both),
            ("the primary's and foreign ones", with(&at_primary, &foreign()), here),
            ("the standby's and foreign ones", with(&first(&standby), &foreign()), there),
            ("foreign ones", foreign(), nobodys),
            ("IPv6 alone", v6(), nobodys),
            ("none", Addresses::new(), Known::Unknown(Why::Empty)),
        ];
        for (what, site, expected) in cases {
            let look = Look {
                site: Known::Known(site),
                primary: Known::Known(primary.clone()),
                standby: Known::Known(standby.clone()),
            };
            assert_eq!(look.whose(), expected, "{what}, {count} addresses");
            let mut world = about_to_lower();
            world.seen.answer = look.whose();
            let lowers = world.decide().standby.is_some_and(|write| write.lowers());
            assert_eq!(lowers, look.whose() == Known::Known(Answer::Primary), "{what}, {count}");
        }
    }
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
fn lowered(world: &World) -> (Option<StandbyWrite>, Option<PrimaryWrite>) {
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
