//! The language of the scripts: every bad line is refused, in words that help.

use crate::script::Script;
use expect_test::{Expect, expect};

/// A script around the lines under test, which begin at line 5.
pub(super) fn around(lines: &str) -> String {
    format!("site demand 4, floor 0\nfrom 2026-01-05 11:55\n12:00 the primary fails\n\n{lines}")
}

fn refused(script: &str, expected: &Expect) {
    let error = Script::read("x.outage", script).expect_err("the line is bad");
    expected.assert_eq(&error.to_string());
}

#[test]
fn a_word_that_fits_nowhere_is_named_with_what_fits() {
    refused(
        &around("12:01 the primary fals"),
        &expect![[r#"
            x.outage:5: this word fits nowhere: `fals`
            hint: after `primary` write `fails` or `is back` or `is down to <number> of its servers` or `flaps every <number> minutes until <time>`"#]],
    );
    refused(
        &around("12:01 the primry fails"),
        &expect![[r#"
            x.outage:5: this word fits nowhere: `primry`
            hint: after `the` write `primary` or `metric` or `standby` or `check` or `verdict` or `controller` or `path` or `next` or `operator`"#]],
    );
    refused(
        &around("12:01 the primary is back again"),
        &expect![[r#"
            x.outage:5: this word fits nowhere: `again`
            hint: after `back` write nothing more"#]],
    );
    refused(
        &around("12:01 the primary is"),
        &expect![[r#"
            x.outage:5: the line ends too early
            hint: after `is` write `back` or `down to <number> of its servers`"#]],
    );
    refused(
        &around("12:01 the standby can launch none in all"),
        &expect![[r#"
        x.outage:5: this word fits nowhere: `none`
        hint: after `launch` write `<number> in all` or `again`; <number> is a whole number such as `4`"#]],
    );
    refused(
        &around("12:01 somebody sets the standby to 4/2/8"),
        &expect![[r#"
        x.outage:5: this word fits nowhere: `4/2/8`
        hint: after `to` write `<sizes>`; <sizes> is minimum, desired and maximum, such as `4/4/8`"#]],
    );
    refused(
        &around("12:01 somebody sets the tag raisd to nothing"),
        &expect![[r#"
            x.outage:5: this word fits nowhere: `raisd`
            hint: after `tag` write `<tag> to <text>`; <tag> is one of `base`, `peak`, `raised`, `done`, `closed`, `opened`, `primary`, `drain`, `history`, `mode`, `order`, `findings`"#]],
    );
    refused(
        &around("12:01"),
        &expect![[r#"
            x.outage:5: the line ends too early
            hint: after `12:01` write `the` or `us-east-1` or `<number>` or `no` or `an` or `somebody`; <number> is a whole number such as `4`"#]],
    );
    refused(
        &around("noon the primary is back"),
        &expect![[r#"
        x.outage:5: no line begins like this: `noon`
        hint: begin with a time such as `06:55`, or with `site`, `from`, `delays`, `trims`, `until`, `expect`, `known` or `#`"#]],
    );
}

#[test]
fn a_bad_claim_is_refused() {
    refused(
        &around("expect rised at 12:01"),
        &expect![[r#"
            x.outage:5: this word fits nowhere: `rised`
            hint: after `expect` write `<step>` or `nothing` or `users` or `the` or `mail` or `no`; <step> is one of `raised`, `adopted`, `latch closed`, `latch opened`, `primary prewarmed`, `lowered`, `minimum lowered`, `servers stopped`, `finished`, `proving`, `prewarming`, `draining`, `waiting for approval`, `frozen`, `blind`, `not armed`, `record unreadable`, `primary unreadable`"#]],
    );
    refused(
        &around("expect raised at noon"),
        &expect![[r#"
            x.outage:5: this word fits nowhere: `noon`
            hint: after `at` write `<time>` or `<time> because of <cause>` or `<time> by <run>` or `<time> by <run> because of <cause>`; <time> is a time such as `06:55` or `day 2 06:55`"#]],
    );
    refused(
        &around("expect raised at 12:01 because of rain"),
        &expect![[r#"
            x.outage:5: this word fits nowhere: `rain`
            hint: after `of` write `<cause>`; <cause> is one of `alarm`, `verdict`, `datapoints`, `order`, `answer`, `probe`, `claim`, `suspicion`"#]],
    );
    refused(
        &around("expect users happy from 12:01"),
        &expect![[r#"
            x.outage:5: this word fits nowhere: `happy`
            hint: after `users` write `<state>` or `always` or `never`; <state> is one of `served`, `fully served`, `unserved`, `at the primary`, `at the standby`"#]],
    );
    refused(
        &around("expect raised 3"),
        &expect![[r#"
            x.outage:5: this word fits nowhere: `3`
            hint: after `raised` write `at` or `<count>`; <count> is `once`, `twice`, or a number with `times`, such as `3 times`"#]],
    );
    refused(
        &around("known harm because of that"),
        &expect![[r#"
            x.outage:5: this word fits nowhere: `harm`
            hint: after `known` write `<invariant> because <text>`; <invariant> is the name of an invariant, such as `I4`"#]],
    );
}

#[test]
fn a_time_that_cannot_be_is_refused() {
    refused(
        &around("25:00 the primary is back"),
        &expect![[r#"
            x.outage:5: this word fits nowhere: `25:00`
            hint: begin with a time such as `06:55` or `day 2 06:55`"#]],
    );
    refused(
        &around("12:1 the primary is back"),
        &expect![[r#"
            x.outage:5: this word fits nowhere: `12:1`
            hint: begin with a time such as `06:55` or `day 2 06:55`"#]],
    );
    refused(
        &around("day 0 12:10 the primary is back"),
        &expect![[r#"
            x.outage:5: this word fits nowhere: `day`
            hint: begin with a time such as `06:55` or `day 2 06:55`"#]],
    );
    refused(
        &around("11:59 the primary is back"),
        &expect![[r#"
        x.outage:5: this is over already: `11:59`
        hint: the line before is at 12:00: put the lines in order of time"#]],
    );
    refused(
        &around("until 11:59"),
        &expect![[r#"
        x.outage:5: the end comes too early: `11:59`
        hint: something happens at 12:00 still: write a later time"#]],
    );
    refused(
        &around("until day 9 11:59"),
        &expect![[r#"
        x.outage:5: the end comes too late: `day 9 11:59`
        hint: a script lasts 4 days at most"#]],
    );
    refused(
        &around("until 12:10\n12:05 the primary is back"),
        &expect![[r#"
        x.outage:6: the script has ended already: `12:05`
        hint: write `until` after the last event"#]],
    );
    refused(
        "12:00 the primary fails",
        &expect![[r#"
        x.outage:1: the script has not begun yet: `12:00`
        hint: write `site` and `from` before the first event"#]],
    );
    refused(
        "from 2026-02-30 11:55",
        &expect![[r#"
            x.outage:1: this word fits nowhere: `2026-02-30`
            hint: after `from` write `<date> <time>`; <date> is a date such as `2025-10-20`"#]],
    );
    refused(
        "from 2026-01-05 day 2 11:55",
        &expect![[r#"
        x.outage:1: a script begins on its first day: `day 2 11:55`
        hint: the first day is that of the date: write the clock alone"#]],
    );
    refused(
        &around("12:05 the primary flaps every 3 minutes until 12:10"),
        &expect![[r#"
        x.outage:5: it would not be back at the end: `12:10`
        hint: let whole rounds of failing and returning fit between the two times"#]],
    );
    refused(
        &around("12:05 17 of 16 checkers reach the primary"),
        &expect![[r#"
        x.outage:5: so many checkers there are not: `17`
        hint: there are 16 of them: write 0 to 16"#]],
    );
}

#[test]
fn a_bad_site_is_refused() {
    for (site, expected) in [
        (
            "site",
            expect![[r#"
            x.outage:1: the line ends too early
            hint: after `site` write `<text>`; <text> is the rest of the line"#]],
        ),
        (
            "site demand",
            expect![[r#"
            x.outage:1: a setting is a name and a value: `demand`
            hint: write a name and a value between commas, such as `demand 4, floor 0`"#]],
        ),
        (
            "site demand four",
            expect![[r#"
            x.outage:1: this setting cannot be: `demand`
            hint: `demand` is not a whole number from 0 to 65535, such as 2: `four`"#]],
        ),
        (
            "site floor 0",
            expect![[r#"
                x.outage:1: the site has no `demand`
                hint: write how many servers the users need, such as `demand 4`"#]],
        ),
        (
            "site demand 0",
            expect![[r#"
            x.outage:1: this setting cannot be: `demand`
            hint: `demand` is out of range: 0, must be 1 to 1295"#]],
        ),
        (
            "site demand 4, colour red",
            expect![[r#"
                x.outage:1: there is no such setting: `colour`
                hint: write `demand`, `watch` or one of `latch`, `failback`, `floor`, `failover_min`, `capacity_max`, `match_percent`, `carry_percent`, `hold_percent`, `starved_ticks`, `hold_down`, `drain_ticks`, `eager`"#]],
        ),
        (
            "site demand 4, demand 5",
            expect![[r#"
            x.outage:1: said twice: `demand`
            hint: leave one of the two"#]],
        ),
        (
            "site demand 4, floor 99",
            expect![[r#"
            x.outage:1: this setting cannot be: `floor`
            hint: `floor` is out of range: 99, must be 0 to 8"#]],
        ),
        (
            "site demand 4, tick 1s",
            expect![[r#"
                x.outage:1: there is no such setting: `tick`
                hint: write `demand`, `watch` or one of `latch`, `failback`, `floor`, `failover_min`, `capacity_max`, `match_percent`, `carry_percent`, `hold_percent`, `starved_ticks`, `hold_down`, `drain_ticks`, `eager`"#]],
        ),
        (
            "site demand 4, hold_down 5m",
            expect![[r#"
            x.outage:1: this setting cannot be: `hold_down`
            hint: `hold_down` is out of range: 5m, must be 17m to 24h"#]],
        ),
    ] {
        refused(site, &expected);
    }
}

#[test]
fn a_script_that_is_not_whole_is_refused() {
    refused(
        "",
        &expect![[r#"
        x.outage:1: there is no `site`
        hint: write `site demand 4, floor 0`"#]],
    );
    refused(
        "site demand 4",
        &expect![[r#"
        x.outage:1: there is no `from`
        hint: write `from 2025-10-20 06:40`"#]],
    );
    refused(
        &around(""),
        &expect![[r#"
        x.outage:4: there is no `until`
        hint: end the events with `until 14:00`"#]],
    );
    refused(
        &around("until 13:00"),
        &expect![[r#"
        x.outage:5: there is no `expect`
        hint: claim something of the outcome, such as `expect nothing raised`"#]],
    );
    refused(
        &around("site demand 4"),
        &expect![[r#"
        x.outage:5: said twice: `site`
        hint: leave one of the two lines"#]],
    );
    refused(
        &around("from 2026-01-05 12:00"),
        &expect![[r#"
        x.outage:5: said twice: `from`
        hint: leave one of the two lines"#]],
    );
    refused(
        &around("until 13:00\nuntil 14:00"),
        &expect![[r#"
        x.outage:6: said twice: `until`
        hint: leave one of the two lines"#]],
    );
    refused(
        &around("until 13:00\ntrims everything"),
        &expect![[r#"
        x.outage:6: this word fits nowhere: `everything`
        hint: after `trims` write `nothing`"#]],
    );
    refused(
        &around("until 13:00\ndelays"),
        &expect![[r#"
        x.outage:6: the line ends too early
        hint: after `delays` write `none`"#]],
    );
}
