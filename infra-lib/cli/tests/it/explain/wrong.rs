//! What is found wrong with a log, and files that are none.

use expect_test::expect;
use failover_core::decision::{Reason, Step};
use failover_core::record::Cause;
use failover_core::signal::Signal;

use super::super::command::{Folder, SITE};
use super::super::night::Night;
use super::{check, explain, raise};

/// Goal: a log that says something else than the rules is found out, and shown whatever was asked for.
#[test]
fn a_decision_that_recomputes_otherwise_is_an_error() {
    let mut night = Night::whole();
    let edited = &mut night.log[2];
    edited.decision.reason = Reason::Raise { why: Cause::Alarm, target: 2 };
    let told = explain(&night.lines(), "--last 1");
    let shown: Vec<&str> = told
        .lines()
        .filter(|line| !line.starts_with("    ") || line.contains(" Raise {"))
        .collect();
    expect![[r#"
        exit code: 1
        ----- stdout -----
        2026-01-01 03:02:00 UTC  shop  Raise
          The alarm reads ALARM: the standby is raised to 2 instances.
          DIFFERENT when it is recomputed offline:
            reason     logged Raise { why: Alarm, target: 2 }
                       now Raise { why: Alarm, target: 4 }
          writes
          inputs
          evidence that the primary is down
          rules, the first that matches wins

        2026-01-01 03:50:00 UTC  shop  Idle
          Nothing to do.
          Recomputed offline: the same verdict.
          writes
          inputs
          evidence that the primary is down
          rules, the first that matches wins

        the log in short, 2026-01-01 UTC
          03:00:00  Sample x2            Nothing to do: 4 instances carry the load, recorded as normal.
          03:02:00  Raise                The alarm reads ALARM: the standby is raised to 2 instances.
          03:03:00  CloseLatch           The standby carries the users: the latch closes, and keeps them
          03:04:00  AlreadyRaised x2     The alarm reads ALARM, and the standby already runs its 4
          03:06:00  Proving x30          The standby is raised, and the primary is not proven up yet: the
          03:36:00  Prewarm              The controller raises the primary's minimum to 4 instances before
          03:37:00  OpenLatch            The latch opens: the primary's health check alone decides again
          03:38:00  Draining x9          The primary is proven up, and DNS has named it on 9 of 10 ticks in
          03:47:00  LowerMin             The primary is proven up and has the users: the controller lowers
          03:48:00  LowerDesired         The primary is proven up and has the users: the controller lowers
          03:49:00  Finish               The standby is back at its normal sizes: this failover is closed.
          03:50:00  Idle                 Nothing to do.
        51 decisions, 2 shown.
        BROKEN    R: every decision recomputes offline to the same verdict
        ----- stderr -----
        error: 1 of 51 decisions recomputed to another verdict
        hint: another version of the rules wrote it, or the log was edited; check out the commit that is deployed and run this again: if it differs there too, it is a bug"#]].assert_eq(&shown.join("\n"));
}

#[test]
fn a_broken_invariant_is_an_error() {
    let mut night = Night::quiet();
    night.signal = Signal::Rehearsal;
    night.fails();
    night.decide();
    night.log[0].outcome.done.push(Step::Standby);
    let told = explain(&night.lines(), "");
    let shown: Vec<&str> = told.lines().filter(|line| !line.starts_with("    ")).collect();
    expect![[r#"
        exit code: 1
        ----- stdout -----
        2026-01-01 03:00:00 UTC  shop  Raise
          The alarm reads ALARM: the standby is raised to 4 instances. Only reported: it is a rehearsal.
          Recomputed offline: the same verdict.
          BROKEN    S9: wrote all the same
          writes
          inputs
          evidence that the primary is down
          rules, the first that matches wins

        1 decision.
        BROKEN    S9: nothing is written while frozen, observing or rehearsing, but the operator's request
        ----- stderr -----
        error: 1 of 1 decision broke an invariant
        hint: set the mode to `frozen` until it is understood: the tag `pilotlight:mode` of the standby group"#]].assert_eq(&shown.join("\n"));
}

#[test]
fn a_record_of_another_version_is_told_and_the_rest_is_shown() {
    let line = raise().lines();
    let newer = line.replace(r#""schema":1"#, r#""schema":9"#);
    let cut = &line[..200];
    let lacks = line.replace(r#""egress":true,"#, "");
    let told = explain(&format!("{newer}{line}{cut}\n{lacks}"), "");
    let end: Vec<&str> = told.lines().skip_while(|line| !line.contains("1 decision")).collect();
    expect![[r#"
        1 decision.
        UNREADABLE  line 1: it is of schema 9, and this is schema 1
        UNREADABLE  line 3: the line is cut off, or is no JSON
        UNREADABLE  line 4: missing field `egress`
        Every verdict recomputes to the same; 20 invariants hold.
        ----- stderr -----
        error: 3 decision records could not be read
        hint: a record that another version of the controller wrote is explained by that version: check its commit out and run this again"#]].assert_eq(&end.join("\n"));
    check(
        &newer,
        "",
        &expect![[r#"
        exit code: 1
        ----- stdout -----
        ----- stderr -----
        error: no decision record in `night.log` can be read; the first is on line 1: it is of schema 9, and this is schema 1
        hint: a record that another version of the controller wrote is explained by that version: check its commit out and run this again
    "#]],
    );
}

#[test]
fn a_file_without_a_decision_is_an_error_that_says_where_to_find_one() {
    check(
        "START RequestId: 1\n{\"level\":\"WARN\"}\n\n",
        "",
        &expect![[r#"
            exit code: 1
            ----- stdout -----
            ----- stderr -----
            error: no decision record in `night.log`: looked through 2 lines
            hint: the controller logs a decision record on each invocation, so give its log:
              aws logs tail /aws/lambda/SITE-controller --region STANDBY-REGION --since 1h | cargo xtask explain -
        "#]],
    );
    check(
        "",
        "",
        &expect![[r#"
            exit code: 1
            ----- stdout -----
            ----- stderr -----
            error: no decision record in `night.log`: it is empty
            hint: the controller logs a decision record on each invocation, so give its log:
              aws logs tail /aws/lambda/SITE-controller --region STANDBY-REGION --since 1h | cargo xtask explain -
        "#]],
    );
}

#[test]
fn a_file_that_cannot_be_read_is_an_error_that_says_why() {
    expect![[r#"
        exit code: 1
        ----- stdout -----
        ----- stderr -----
        error: cannot read `night.log`
          because: No such file or directory (os error 2)
        hint: the controller logs a decision record on each invocation, so give its log:
          aws logs tail /aws/lambda/SITE-controller --region STANDBY-REGION --since 1h | cargo xtask explain -
    "#]].assert_eq(&Folder::empty().run("explain night.log"));
    expect![[r#"
        exit code: 1
        ----- stdout -----
        ----- stderr -----
        error: cannot read `.`
          because: Is a directory (os error 21)
        hint: the controller logs a decision record on each invocation, so give its log:
          aws logs tail /aws/lambda/SITE-controller --region STANDBY-REGION --since 1h | cargo xtask explain -
    "#]].assert_eq(&Folder::empty().run("explain ."));
    expect![[r#"
        exit code: 1
        ----- stdout -----
        ----- stderr -----
        error: cannot read `night.log`
          because: No such file or directory (os error 2)
        hint: the controller logs a decision record on each invocation, so give its log:
          aws logs tail /aws/lambda/shop-controller --region us-east-2 --since 1h | cargo xtask explain -
    "#]].assert_eq(&Folder::with(SITE).run("explain night.log"));
}

#[test]
fn showing_none_makes_no_sense() {
    check(
        "",
        "--last 0",
        &expect![[r#"
        exit code: 2
        ----- stdout -----
        ----- stderr -----
        error: invalid value '0' for '--last <N>': number would be zero for non-zero type

        For more information, try '--help'.
    "#]],
    );
}
