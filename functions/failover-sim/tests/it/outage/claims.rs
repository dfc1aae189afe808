//! The claims of the scripts: every wrong one is found, with its line and with what is true.

use crate::script::Script;
use expect_test::{Expect, expect};

use super::language::around;
use super::text;

/// A whole script whose claims are under test; they begin at line 8.
fn claiming(claims: &str) -> String {
    around(&format!("12:20 the primary is back\nuntil 14:00\n\n{claims}"))
}

fn wrong(script: &str, expected: &Expect) {
    let script = Script::read("x.outage", script).unwrap_or_else(|error| panic!("{error}"));
    expected.assert_eq(&script.play().wrong().join("\n"));
}

/// Goal: a claim that is not true names its line and what is true. Method: one wrong claim of each form.
#[test]
fn a_wrong_claim_names_its_line_and_what_is_true() {
    for (claim, expected) in [
        (
            "expect raised at 12:02",
            expect![[r#"
            x.outage:8: not so: `expect raised at 12:02`
            hint: raised at 12:01 by an event because of alarm"#]],
        ),
        (
            "expect raised at 12:01 because of probe",
            expect![[r#"
            x.outage:8: not so: `expect raised at 12:01 because of probe`
            hint: raised at 12:01 by an event because of alarm"#]],
        ),
        (
            "expect raised at 12:01 by a tick",
            expect![[r#"
            x.outage:8: not so: `expect raised at 12:01 by a tick`
            hint: raised at 12:01 by an event because of alarm"#]],
        ),
        (
            "expect raised at 12:01 by an event because of claim",
            expect![[r#"
            x.outage:8: not so: `expect raised at 12:01 by an event because of claim`
            hint: raised at 12:01 by an event because of alarm"#]],
        ),
        (
            "expect adopted at 12:01",
            expect![[r#"
            x.outage:8: not so: `expect adopted at 12:01`
            hint: nothing adopted"#]],
        ),
        (
            "expect raised twice",
            expect![[r#"
            x.outage:8: not so: `expect raised twice`
            hint: raised at 12:01 by an event because of alarm"#]],
        ),
        (
            "expect proving 3 times",
            expect![[r#"
            x.outage:8: not so: `expect proving 3 times`
            hint: proving at 12:21 by an event"#]],
        ),
        (
            "expect nothing raised",
            expect![[r#"
            x.outage:8: not so: `expect nothing raised`
            hint: raised at 12:01 by an event because of alarm"#]],
        ),
        (
            "expect nothing lowered before 13:30",
            expect![[r#"
            x.outage:8: not so: `expect nothing lowered before 13:30`
            hint: lowered at 13:06 by a tick"#]],
        ),
        (
            "expect users served from 12:00",
            expect![[r#"
            x.outage:8: not so: `expect users served from 12:00`
            hint: users served from 11:55 to 12:00; users served from 12:02"#]],
        ),
        (
            "expect users unserved from 12:00 to 12:03",
            expect![[r#"
            x.outage:8: not so: `expect users unserved from 12:00 to 12:03`
            hint: users unserved from 12:00 to 12:02"#]],
        ),
        (
            "expect users always at the primary",
            expect![[r#"
            x.outage:8: not so: `expect users always at the primary`
            hint: users at the primary from 11:55 to 12:02; users at the primary from 12:56"#]],
        ),
        (
            "expect users never unserved",
            expect![[r#"
            x.outage:8: not so: `expect users never unserved`
            hint: users unserved from 12:00 to 12:02"#]],
        ),
        (
            "expect users unserved for 3 minutes in all",
            expect![[r#"
            x.outage:8: not so: `expect users unserved for 3 minutes in all`
            hint: users unserved for 2 minutes: users unserved from 12:00 to 12:02"#]],
        ),
        (
            "expect the standby stands at 4/4/8 at 12:01",
            expect![[r#"
            x.outage:8: not so: `expect the standby stands at 4/4/8 at 12:01`
            hint: it stands at 4/4/4"#]],
        ),
        (
            "expect the primary stands at 1/4/4 at 15:00",
            expect![[r#"
            x.outage:8: not so: `expect the primary stands at 1/4/4 at 15:00`
            hint: the script has no minute 15:00"#]],
        ),
        (
            "expect mail at 12:01 all is well",
            expect![[r#"
            x.outage:8: not so: `expect mail at 12:01 all is well`
            hint: mail at 12:01 raising the standby from 0 to 4 instances; mail at 12:05 users stay on the standby until the failback; mail at 12:51 prewarming the primary: at least 4 instances; mail at 12:54 the users move back to the primary; mail at 13:06 the primary is proven back: lowering the standby; mail at 13:07 failover finished: the standby is back to normal"#]],
        ),
        (
            "expect mail twice",
            expect![[r#"
            x.outage:8: not so: `expect mail twice`
            hint: mail at 12:01 raising the standby from 0 to 4 instances; mail at 12:05 users stay on the standby until the failback; mail at 12:51 prewarming the primary: at least 4 instances; mail at 12:54 the users move back to the primary; mail at 13:06 the primary is proven back: lowering the standby; mail at 13:07 failover finished: the standby is back to normal"#]],
        ),
        (
            "expect no mail",
            expect![[r#"
            x.outage:8: not so: `expect no mail`
            hint: mail at 12:01 raising the standby from 0 to 4 instances; mail at 12:05 users stay on the standby until the failback; mail at 12:51 prewarming the primary: at least 4 instances; mail at 12:54 the users move back to the primary; mail at 13:06 the primary is proven back: lowering the standby; mail at 13:07 failover finished: the standby is back to normal"#]],
        ),
        (
            "known I4 because it is not true\nexpect raised once",
            expect![[r#"
            x.outage:8: not so: `known I4 because it is not true`
            hint: it holds here: remove the line"#]],
        ),
    ] {
        wrong(&claiming(claim), &expected);
    }
}

#[test]
fn a_true_claim_of_each_form_is_accepted() {
    let claims = "expect raised at 12:01
        expect users always at the primary
        expect users never at the standby
        expect users unserved from 12:00
        expect users fully served from 11:55 to 12:00
        expect proving once";
    let script = around(&format!("12:00 the standby can launch 0 in all\nuntil 12:30\n{claims}"));
    wrong(&script.replace("expect proving once", "expect nothing proving"), &expect![[""]]);
    wrong(
        &script,
        &expect![[r#"
        x.outage:12: not so: `expect proving once`
        hint: nothing proving"#]],
    );
}

#[test]
fn an_invariant_that_breaks_unannounced_is_wrong() {
    let script = text("latch-opened-by-hand.outage");
    let silent: Vec<&str> = script.lines().filter(|line| !line.starts_with("known")).collect();
    wrong(
        &silent.join("\n"),
        &expect![[r#"
        x.outage: broken at 12:42: I2 no release below demand
        hint: if this is known, write `known` with its name, `because` and why"#]],
    );
}

#[test]
fn an_event_without_anything_to_act_on_is_wrong() {
    for event in [
        "12:05 the primary fails",
        "12:05 the primary is down to 4 of its servers",
        "12:05 us-east-1 is back",
        "12:05 the standby region is back",
        "12:05 the standby can launch again",
        "12:05 16 of 16 checkers reach the primary",
        "12:05 the check is set right",
        "12:05 the controller runs again",
        "11:59 somebody deploys the standby",
        "12:05 the controller stops\n12:06 the operator approves the failback",
        "12:05 the operator approves the failback\n12:05 the operator asks for a failback",
    ] {
        let script = around("").replace("12:00 the primary fails", "");
        let script = format!("{script}{event}\nuntil 12:30\nexpect no mail");
        let script = if event.starts_with("12:05 the primary fails") {
            script
                .replace("from 2026-01-05 11:55", "from 2026-01-05 11:55\n12:00 the primary fails")
        } else {
            script
        };
        let outcome = Script::read("x.outage", &script).expect("it is read").play();
        assert_eq!(outcome.wrong().len(), 1, "{event}: {:?}", outcome.wrong());
        let last = event.lines().last().expect("a line");
        assert!(outcome.wrong()[0].contains(last), "{:?} names `{last}`", outcome.wrong());
        assert!(outcome.timeline().is_empty());
    }
}
