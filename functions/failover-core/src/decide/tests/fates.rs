//! Every tag in every state that a hand, another version or another site can leave it in, and answers of DNS of any size:
//! nothing is lowered on them, and it is told once.

use std::fmt::Write as _;

use expect_test::expect;

use super::bad_input::{about_to_lower, lowered};
use super::world::{World, registers};
use crate::decision::StandbyWrite;
use crate::dns::{Addresses, Look};
use crate::observation::{Answer, Known, Why};
use crate::record::{Register, TAG_PREFIX};

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
#[expect(clippy::too_many_lines, reason = "one table of every tag in every state")]
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
            writeln!(table, "{key}, {fate}: {reason}{told}").expect("a string takes everything");
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
        done, cut off: RecordUnreadable, told
        done, earlier form: LowerMin
        done, later form: RecordUnreadable, told
        done, another site's: LowerMin
        closed, absent: LowerMin
        closed, garbled: RecordUnreadable, told
        closed, cut off: RecordUnreadable, told
        closed, earlier form: LowerMin
        closed, later form: RecordUnreadable, told
        closed, another site's: LowerMin
        opened, absent: LowerMin
        opened, garbled: RecordUnreadable, told
        opened, cut off: RecordUnreadable, told
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
        unseen, cut off: LowerMin, told
        unseen, earlier form: LowerMin
        unseen, later form: LowerMin, told
        unseen, another site's: LowerMin
        history, absent: LowerMin
        history, garbled: Proving, told
        history, cut off: Proving, told
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
        order, another site's: LowerMin
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
