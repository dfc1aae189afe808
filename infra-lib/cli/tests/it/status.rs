//! `status` as an operator meets it.

use std::process::{Command, Stdio};

use expect_test::{Expect, expect};
use failover_core::observation::Mode;
use failover_core::record::{Cause, Raised, Register, Sizes};
use failover_core::time::after;
use site::config::Config;
use site::model::Site;

use super::command::{Folder, SITE, told};
use super::endpoint::{Endpoint, now};

fn check(endpoint: &Endpoint, arguments: &str, expected: &Expect) {
    expected.assert_eq(&endpoint.run(arguments));
}

/// A site whose standby was raised two hours ago.
fn raised() -> Endpoint {
    let endpoint = Endpoint::new();
    let at = after(now(), -7200);
    let undo = Sizes { min: 0, desired: 0, max: 8 };
    let mut state = endpoint.state();
    state.alarm = "ALARM";
    state.latch = "ALARM";
    state.note(&Register::Raised(Raised { first: at, at, target: 2, why: Cause::Alarm, undo }));
    state.note(&Register::Closed(after(at, 240).into()));
    state.standby().sizes = Sizes { min: 2, desired: 2, max: 8 };
    drop(state);
    endpoint
}

#[test]
fn an_idle_site_is_one_screen() {
    check(
        &Endpoint::new(),
        "status",
        &expect![[r#"
            exit code: 0
            ----- stdout -----
            shop  [TIME] UTC
              site       shop.example.com
              serving    unknown: an emulator's names are on no public server
              phase      no failover
              mode       armed
              latch      open, never closed
              alarm      OK for 2 h, since [TIME]
              primary    us-west-2: desired 2, in service 2, healthy 2 (min 2, max 8)
              standby    us-east-2: dark, as it should be (min 0, max 8)
              check      1 of 1 checkers reach the primary
              findings   none
              decisions  none within the last hour: the controller has not run
              needs      a failover needs: 10 of 15 in place, nothing to compare for the rest
              stacks     all 7 deployed
            ----- stderr -----
        "#]],
    );
}

#[test]
fn a_site_that_is_failed_over_says_who_serves_and_why() {
    check(
        &raised(),
        "status",
        &expect![[r#"
            exit code: 0
            ----- stdout -----
            shop  [TIME] UTC
              site       shop.example.com
              serving    unknown: an emulator's names are on no public server
              phase      the standby is raised: to 2 instances for 2 h, since [TIME], because of the alarm; to go back to min 0, desired 0, max 8
              mode       armed
              latch      closed for 1 h 56 min, since [TIME]
              alarm      ALARM for 2 h, since [TIME]
              primary    us-west-2: desired 2, in service 2, healthy 2 (min 2, max 8)
              standby    us-east-2: desired 2, in service 2, healthy 2 (min 2, max 8)
              check      1 of 1 checkers reach the primary
              cost       about $0.03 so far: 2 instances above the floor for 2 h, at $0.0084 an hour each
              findings   none
              decisions  none within the last hour: the controller has not run
              needs      a failover needs: 10 of 15 in place, nothing to compare for the rest
              stacks     all 7 deployed
            ----- stderr -----
        "#]],
    );
}

#[test]
fn the_same_is_data() {
    let told = raised().run("status --format json");
    let start = told.find('{').expect("an object");
    let end = told.rfind('}').expect("its end");
    let status: serde_json::Value = serde_json::from_str(&told[start..=end]).expect("JSON");
    assert_eq!(status["phase"], "raised");
    assert_eq!(status["standby"]["group"]["known"]["sizes"]["desired"], 2);
    assert_eq!(status["latch"]["known"]["recorded"], "closed");
}

#[test]
fn a_site_that_is_not_deployed_is_one_clear_error() {
    let endpoint = Endpoint::new();
    endpoint.state().bare = true;
    check(
        &endpoint,
        "status",
        &expect![[r#"
            exit code: 1
            ----- stdout -----
            ----- stderr -----
            error: the site is not deployed: none of the 7 stacks of `shop` exists
            hint: `cargo xtask deploy` deploys it; if it should exist, you are signed in to another account: `aws sts get-caller-identity`
        "#]],
    );
}

#[test]
fn what_is_throttled_or_denied_is_a_line_and_not_an_end() {
    let endpoint = Endpoint::new();
    endpoint.state().refused.insert("DescribeTargetHealth", "AccessDenied");
    endpoint.state().refused.insert("GetHealthCheckStatus", "Throttling");
    check(
        &endpoint,
        "status",
        &expect![[r#"
            exit code: 0
            ----- stdout -----
            shop  [TIME] UTC
              site       shop.example.com
              serving    unknown: an emulator's names are on no public server
              phase      no failover
              mode       armed
              latch      open, never closed
              alarm      OK for 2 h, since [TIME]
              primary    us-west-2: desired 2, in service 2, healthy unknown (AWS denies `DescribeTargetHealth` in us-west-2: as the test says) (min 2, max 8)
              standby    us-east-2: dark, as it should be (min 0, max 8)
              check      unknown: `GetHealthCheckStatus` failed in the global service: Throttling: as the test says
              findings   none
              decisions  none within the last hour: the controller has not run
              needs      a failover needs: 10 of 15 in place, nothing to compare for the rest
              stacks     all 7 deployed
            ----- stderr -----
        "#]],
    );
}

#[test]
fn credentials_that_expired_are_one_clear_error() {
    let endpoint = Endpoint::new();
    endpoint.state().refused.insert("DescribeStacks", "ExpiredToken");
    check(
        &endpoint,
        "status",
        &expect![[r#"
        exit code: 1
        ----- stdout -----
        ----- stderr -----
        error: no valid AWS credentials: ExpiredToken: as the test says
        hint: sign in, for example with `aws sso login`, or choose a profile with `AWS_PROFILE`; `aws sts get-caller-identity` shows who you are
    "#]],
    );
}

#[test]
fn a_site_as_it_was_deployed_has_no_drift() {
    check(
        &Endpoint::new(),
        "status --drift",
        &expect![[r#"
        exit code: 0
        ----- stdout -----
        No unexpected drift.
        ----- stderr -----
    "#]],
    );
}

#[test]
fn unexpected_drift_has_its_own_exit_code() {
    let endpoint = Endpoint::new();
    endpoint.state().note(&Register::Mode(Mode::Frozen));
    endpoint.state().standby().sizes = Sizes { min: 0, desired: 0, max: 1 };
    check(
        &endpoint,
        "status --drift",
        &expect![[r#"
            exit code: 4
            ----- stdout -----
            unexpected
              controller: the mode is `frozen`: no failover will happen
                fix: cargo xtask mode armed
              shop-standby: min 0, desired 0, max 1; the site file says min 0, max 8
                fix: aws autoscaling update-auto-scaling-group --region us-east-2 --auto-scaling-group-name
                shop-standby --min-size 0 --max-size 8
            2 unexpected differences.
            ----- stderr -----
        "#]],
    );
    assert!(endpoint.run("status --drift --format json").starts_with("exit code: 4\n"));
}

#[test]
fn a_site_that_cannot_fail_over_is_not_green() {
    let endpoint = Endpoint::new();
    endpoint.state().tick_disabled = true;
    let told = endpoint.run("status");
    let worst = "needs      Only the alarm's message can start a failover, and nothing ends one: the rule shop-tick is";
    assert!(told.contains(worst), "{told}");
    let told = endpoint.run("status --drift");
    assert!(told.starts_with("exit code: 4\n"), "{told}");
    assert!(
        told.contains("fix: aws events enable-rule --region us-east-2 --name shop-tick"),
        "{told}"
    );
}

#[test]
fn what_could_not_be_compared_is_not_fine() {
    let endpoint = Endpoint::new();
    endpoint.state().refused.insert("GetTemplate", "AccessDenied");
    for format in ["", " --format json"] {
        let told = endpoint.run(&format!("status --drift{format}"));
        assert!(told.starts_with("exit code: 7\n"), "{told}");
    }
    endpoint.state().note(&Register::Mode(Mode::Frozen));
    let told = endpoint.run("status --drift");
    assert!(told.starts_with("exit code: 4\n"), "what is known to be wrong comes first: {told}");
    endpoint.state().refused.insert("DescribeStacks", "AccessDenied");
    let told = endpoint.run("status");
    assert!(told.starts_with("exit code: 7\n"), "not one stack could be read: {told}");
}

#[test]
fn a_failover_is_expected_drift() {
    check(
        &raised(),
        "status --drift",
        &expect![[r#"
            exit code: 0
            ----- stdout -----
            expected
              shop-standby: min 2, desired 2, max 8; the site file says min 0, max 8
                because: failed over since [TIME]: the controller lowers it after the failback
            No unexpected drift.
            ----- stderr -----
        "#]],
    );
}

#[test]
fn watching_and_comparing_at_once_makes_no_sense() {
    let told = Endpoint::new().run("status --watch --drift");
    assert!(told.starts_with("exit code: 2\n"), "{told}");
}

#[test]
fn a_reader_that_goes_away_ends_the_watch_and_is_no_error() {
    let endpoint = Endpoint::new();
    let folder = Folder::with(SITE);
    for arguments in ["status", "status --watch", "status --watch --format json"] {
        let mut command = endpoint.command(&folder, arguments);
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        drop(child.stdout.take());
        let told = told(&child.wait_with_output().expect("it ends"));
        assert_eq!(told, "exit code: 0\n----- stdout -----\n----- stderr -----\n", "{arguments}");
    }
}

/// Goal: whoever watches hears at once that the live site has become another one. Method: the host name changes between two
/// looks.
#[test]
fn a_watch_compares_the_site_at_each_look() {
    use std::io::{BufRead, BufReader};
    let endpoint = Endpoint::new();
    let folder = Folder::with(SITE);
    let mut command = endpoint.command(&folder, "status --watch --format json");
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let out = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut looks = out.lines().map(|line| {
        let line = line.expect("a line");
        let look: serde_json::Value = serde_json::from_str(&line).expect("a look");
        look["not_this_site"].as_array().map_or(0, Vec::len)
    });
    assert_eq!(looks.next(), Some(0));
    let renamed = SITE.replace("shop.example.com", "www.example.com");
    assert_ne!(renamed, SITE);
    let config = Config::from_toml(&renamed, "pilotlight.toml").expect("a site file");
    endpoint.state().site = Site::new(config);
    // The second look may have begun before.
    assert!(looks.by_ref().take(2).any(|odd| odd > 0), "nobody is told");
    child.kill().expect("it ends");
    child.wait().expect("it ends");
}

#[test]
fn a_watch_appends_blocks_where_there_is_no_terminal_and_ends_at_an_interrupt() {
    use std::io::{BufRead, BufReader};
    let endpoint = Endpoint::new();
    let folder = Folder::with(SITE);
    let mut command = endpoint.command(&folder, "status --watch --format json");
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut out = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut line = String::new();
    out.read_line(&mut line).expect("a first look");
    assert!(serde_json::from_str::<serde_json::Value>(&line).is_ok(), "{line}");
    let interrupted = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(interrupted.expect("kill starts").success());
    let told = told(&child.wait_with_output().expect("it ends"));
    assert!(told.starts_with("exit code: 130\n"), "{told}");
    assert!(told.contains("nothing was changed"), "{told}");
}
