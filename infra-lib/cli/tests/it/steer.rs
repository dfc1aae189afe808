//! Steering as an operator meets it: the plan, the controller's answer, what follows, and the way without the controller.

use std::process::{Command, Stdio};

use expect_test::{Expect, expect};
use failover_core::observation::Mode;
use failover_core::record::{Cause, Raised, Register, Sizes};
use failover_core::time::after;

use super::command::{Folder, SITE, told};
use super::endpoint::{Endpoint, Lambda, now};

const VERBS: [&str; 4] = ["failover", "failback", "approve", "mode frozen"];

fn check(endpoint: &Endpoint, arguments: &str, expected: &Expect) {
    expected.assert_eq(&endpoint.run(arguments));
}

/// A site whose standby was raised two hours ago, with the latch open.
fn raised() -> Endpoint {
    let endpoint = Endpoint::new();
    let at = after(now(), -7200);
    let undo = Sizes { min: 0, desired: 0, max: 8 };
    let note = Register::Raised(Raised { first: at, at, target: 2, why: Cause::Alarm, undo });
    endpoint.state().note(&note);
    endpoint.state().standby().sizes = Sizes { min: 2, desired: 3, max: 8 };
    endpoint
}

#[test]
fn a_failover_shows_its_plan_and_is_followed_until_it_is_done() {
    check(
        &Endpoint::new(),
        "failover --yes",
        &expect![[r#"
            exit code: 0
            ----- stdout -----
            failover done
            ----- stderr -----
            shop  [TIME] UTC
              site       shop.example.com
              serving    unknown: an emulator's names are on no public server
              phase      no failover
              mode       armed
              latch      open, never closed
              alarm      OK for 2 h, since [TIME]
              primary    us-west-2: desired 2, in service 2, healthy 2 (min 2, max 8)
              standby    us-east-2: dark, as it should be (min 0, max 8)
            what will happen
              > the controller records the order, and keeps it until you ask for a failback
              > the controller raises the standby group in us-east-2 to 4 instances
              > once all of them are healthy the latch closes, and DNS moves the users to the standby
              > each instance costs $0.0084 an hour on demand until the failback
            taken: A failover was requested by assumed-role/Operator/alice: the standby is raised to 4
                   instances.
            [TIME]  The standby carries the users: the latch closes, and keeps them there until failback is
                      released.
            [TIME]  standby: desired 4 (min 4, max 8)
            [TIME]  standby: in service 4 of 4
            [TIME]  standby: healthy 4 of 4
            [TIME]  the latch is closed: the users stay at the standby
            [TIME]  DNS names the standby
        "#]],
    );
}

#[test]
fn nobody_need_wait() {
    let endpoint = Endpoint::new();
    check(
        &endpoint,
        "failover --yes --no-wait --format json",
        &expect![[r#"
            exit code: 0
            ----- stdout -----
            {
              "request": {
                "what": {
                  "order": "failover"
                },
                "episode": null,
                "at": "[TIME]",
                "by": "assumed-role/Operator/alice"
              },
              "reply": "taken",
              "reason": "Raise",
              "words": "A failover was requested by assumed-role/Operator/alice: the standby is raised to 4 instances.",
              "steps": [],
              "end": null,
              "ending": "done"
            }
            ----- stderr -----
            shop  [TIME] UTC
              site       shop.example.com
              serving    unknown: an emulator's names are on no public server
              phase      no failover
              mode       armed
              latch      open, never closed
              alarm      OK for 2 h, since [TIME]
              primary    us-west-2: desired 2, in service 2, healthy 2 (min 2, max 8)
              standby    us-east-2: dark, as it should be (min 0, max 8)
            what will happen
              > the controller records the order, and keeps it until you ask for a failback
              > the controller raises the standby group in us-east-2 to 4 instances
              > once all of them are healthy the latch closes, and DNS moves the users to the standby
              > each instance costs $0.0084 an hour on demand until the failback
            taken: A failover was requested by assumed-role/Operator/alice: the standby is raised to 4
                   instances.
        "#]],
    );
    assert_eq!(endpoint.state().writes, ["Invoke us-east-2"]);
}

#[test]
fn a_failback_is_followed_until_the_standby_is_put_back() {
    check(
        &raised(),
        "failback --yes",
        &expect![[r#"
            exit code: 0
            ----- stdout -----
            failback done
            ----- stderr -----
            shop  [TIME] UTC
              site       shop.example.com
              serving    unknown: an emulator's names are on no public server
              phase      the standby is raised: to 2 instances for 2 h, since [TIME], because of the alarm; to go back to min 0, desired 0, max 8
              mode       armed
              latch      open, never closed
              alarm      OK for 2 h, since [TIME]
              primary    us-west-2: desired 2, in service 2, healthy 2 (min 2, max 8)
              standby    us-east-2: desired 3, in service 3, healthy 3 (min 2, max 8)
            what will happen
              > the primary must be proven up for 30m, for twice as long if there was a failback within a day;
                what has passed counts
              > its group grows to what the standby carries, then the latch opens and DNS moves the users back
              > DNS must name the primary on 10 ticks in a row
              > the standby goes back to min 0, then to desired 0, max 8; the failover is closed
            taken: The standby is raised, and the primary is not proven up yet: the detector is blind. At least
                   30 min more.
            [TIME]  standby: desired 0 (min 0, max 8)
            [TIME]  standby: in service 0 of 0
            [TIME]  standby: healthy 0 of 0
            [TIME]  DNS names the primary
            [TIME]  the failover is closed
        "#]],
    );
}

#[test]
fn the_mode_is_set_once_and_then_stands() {
    let endpoint = Endpoint::new();
    check(
        &endpoint,
        "mode frozen --yes",
        &expect![[r#"
            exit code: 0
            ----- stdout -----
            the mode is frozen
            ----- stderr -----
            shop  [TIME] UTC
              site       shop.example.com
              serving    unknown: an emulator's names are on no public server
              phase      no failover
              mode       armed
              latch      open, never closed
              alarm      OK for 2 h, since [TIME]
              primary    us-west-2: desired 2, in service 2, healthy 2 (min 2, max 8)
              standby    us-east-2: dark, as it should be (min 0, max 8)
            what will happen
              > the controller changes nothing: no failover will happen, and nothing is lowered
            taken: An operator froze the controller: it changes nothing.
        "#]],
    );
    let told = endpoint.run("mode frozen --yes");
    assert!(told.contains("taken before") && told.starts_with("exit code: 0\n"), "{told}");
}

#[test]
fn a_rule_of_the_controller_refuses_with_its_own_exit_code() {
    let endpoint = Endpoint::new();
    let ends = |arguments: &str| {
        let told = endpoint.run(arguments);
        let error = told.split("error: ").nth(1).unwrap_or_default();
        format!("{}\n{error}", told.lines().next().unwrap_or_default())
    };
    expect![[r#"
        exit code: 6
        refused: the approval: nothing is raised, so there is nothing to go back from
        hint: see the current state: cargo xtask status
    "#]]
    .assert_eq(&ends("approve --yes"));
    expect![[r#"
        exit code: 6
        refused: the failback: nothing is raised, so there is nothing to go back from
        hint: see the current state: cargo xtask status
    "#]]
    .assert_eq(&ends("failback --yes"));
    endpoint.state().note(&Register::Mode(Mode::Frozen));
    expect![[r#"
        exit code: 6
        refused: the failover: the mode is not armed
        hint: set it: cargo xtask mode armed
    "#]]
    .assert_eq(&ends("failover --yes"));
}

/// The exit code and the error.
fn ends(endpoint: &Endpoint, arguments: &str) -> String {
    let told = endpoint.run(arguments);
    let error = told.split("error: ").nth(1).unwrap_or_default();
    format!("{}\n{error}", told.lines().next().unwrap_or_default())
}

#[test]
fn a_lambda_that_is_gone_leads_to_the_way_without_it() {
    let endpoint = Endpoint::new();
    endpoint.state().refused.insert("Invoke", "ServiceException");
    expect![[r#"
        exit code: 1
        the controller cannot be asked
          because: `Invoke` failed in us-east-2: ServiceException: as the test says
        hint: `cargo xtask failover --direct` raises the standby without Lambda; `--direct --print` shows the commands
    "#]].assert_eq(&ends(&endpoint, "failover --yes"));
    expect![[r#"
        exit code: 1
        the controller cannot be asked
          because: `Invoke` failed in us-east-2: ServiceException: as the test says
        hint: nothing is lowered meanwhile, which costs money and hurts nobody: ask again when Lambda answers; `cargo xtask failback --direct --print` shows what it would do
    "#]].assert_eq(&ends(&endpoint, "failback --yes"));
    expect![[r#"
        exit code: 1
        the controller cannot be asked
          because: `Invoke` failed in us-east-2: ServiceException: as the test says
        hint: without Lambda the controller touches nothing anyway; the mode is the tag `pilotlight:mode` of the standby group
    "#]].assert_eq(&ends(&endpoint, "mode armed --yes"));
}

#[test]
fn a_controller_that_is_missing_denied_or_failing_is_one_clear_error() {
    let endpoint = Endpoint::new();
    endpoint.state().refused.insert("Invoke", "ResourceNotFoundException");
    expect![[r#"
        exit code: 1
        the controller does not exist: no function `shop-controller` in us-east-2
        hint: `cargo xtask deploy` creates it; if `name` or the region in the site file is wrong, correct that
    "#]].assert_eq(&ends(&endpoint, "failover --yes"));
    endpoint.state().refused.insert("Invoke", "AccessDeniedException");
    expect![[r#"
        exit code: 1
        AWS denies `Invoke` in us-east-2: as the test says
        hint: the signed-in identity lacks the permission: `aws sts get-caller-identity` shows which one it is
    "#]].assert_eq(&ends(&endpoint, "failover --yes"));
    endpoint.state().refused.clear();
    endpoint.state().lambda = Lambda::Fails("standby was not raised: throttled: Rate exceeded");
    expect![[r#"
        exit code: 1
        the controller failed: RaiseFailed: standby was not raised: throttled: Rate exceeded
        hint: `cargo xtask status` shows whether the request was kept; if so, the controller tries again with the next tick; `cargo xtask failover --direct` raises the standby without it
    "#]].assert_eq(&ends(&endpoint, "failover --yes"));
}

#[test]
fn without_the_controller_the_standby_is_raised_by_one_service_of_one_region() {
    let endpoint = Endpoint::new();
    for operation in
        ["DescribeStacks", "Invoke", "DescribeAlarms", "FilterLogEvents", "GetCallerIdentity"]
    {
        endpoint.state().refused.insert(operation, "ServiceException");
    }
    check(
        &endpoint,
        "failover --direct --yes",
        &expect![[r#"
            exit code: 0
            ----- stdout -----
            done; follow it: cargo xtask status --watch
            ----- stderr -----
            shop-standby in us-east-2: min 0, desired 0, max 8
            the same as commands:
              aws autoscaling describe-auto-scaling-groups --region us-east-2 --auto-scaling-group-names shop-standby
              aws autoscaling create-or-update-tags --region us-east-2 --tags '[{"ResourceId":"shop-standby","ResourceType":"auto-scaling-group","Key":"pilotlight:raised","Value":"v1 first=[SECOND] at=[SECOND] target=4 why=order min=0 desired=0 max=8","PropagateAtLaunch":false}]'  # not if the first command shows a newer pilotlight:raised: that one is valid
              aws autoscaling update-auto-scaling-group --region us-east-2 --auto-scaling-group-name shop-standby --min-size $(aws autoscaling describe-auto-scaling-groups --region us-east-2 --auto-scaling-group-names shop-standby --query 'max([AutoScalingGroups[0].MinSize, `4`])' --output text)
            what will happen
              > the record is written first, so that the controller takes the raise over once it is back
              > Route 53 moves the users by its health checks; nothing here moves them, and no latch keeps them
                there
              > the controller lowers it once the primary has been proven up; until then its instances cost
                money
        "#]],
    );
    assert_eq!(
        endpoint.state().writes,
        [
            "CreateOrUpdateTags us-east-2 pilotlight:raised",
            "UpdateAutoScalingGroup us-east-2 [Some(4), Some(4), None]",
        ]
    );
    check(
        &endpoint,
        "failover --direct --yes",
        &expect![[r#"
        exit code: 0
        ----- stdout -----
        ----- stderr -----
        the standby already runs its target; nothing was changed
    "#]],
    );
}

#[test]
fn the_commands_alone_write_nothing() {
    let endpoint = Endpoint::new();
    check(
        &endpoint,
        "failover --direct --print",
        &expect![[r#"
            exit code: 0
            ----- stdout -----
            aws autoscaling describe-auto-scaling-groups --region us-east-2 --auto-scaling-group-names shop-standby
            aws autoscaling create-or-update-tags --region us-east-2 --tags '[{"ResourceId":"shop-standby","ResourceType":"auto-scaling-group","Key":"pilotlight:raised","Value":"v1 first=[SECOND] at=[SECOND] target=4 why=order min=0 desired=0 max=8","PropagateAtLaunch":false}]'  # not if the first command shows a newer pilotlight:raised: that one is valid
            aws autoscaling update-auto-scaling-group --region us-east-2 --auto-scaling-group-name shop-standby --min-size $(aws autoscaling describe-auto-scaling-groups --region us-east-2 --auto-scaling-group-names shop-standby --query 'max([AutoScalingGroups[0].MinSize, `4`])' --output text)
            ----- stderr -----
        "#]],
    );
    assert_eq!(endpoint.state().writes, Vec::<String>::new());
    // Also where nobody is signed in.
    expect![[r#"
        exit code: 0
        ----- stdout -----
        aws autoscaling describe-auto-scaling-groups --region us-east-2 --auto-scaling-group-names shop-standby
        aws autoscaling create-or-update-tags --region us-east-2 --tags '[{"ResourceId":"shop-standby","ResourceType":"auto-scaling-group","Key":"pilotlight:raised","Value":"v1 first=[SECOND] at=[SECOND] target=2 why=order min=0 desired=0 max=8","PropagateAtLaunch":false}]'  # not if the first command shows a newer pilotlight:raised: that one is valid
        aws autoscaling update-auto-scaling-group --region us-east-2 --auto-scaling-group-name shop-standby --min-size $(aws autoscaling describe-auto-scaling-groups --region us-east-2 --auto-scaling-group-names shop-standby --query 'max([AutoScalingGroups[0].MinSize, `2`])' --output text) --max-size $(aws autoscaling describe-auto-scaling-groups --region us-east-2 --auto-scaling-group-names shop-standby --query 'max([AutoScalingGroups[0].MaxSize, `8`])' --output text)
        ----- stderr -----
        the group could not be read: no valid AWS credentials: none found in any of the usual places
        the sizes below are the site file's: run the first command before any other
    "#]].assert_eq(&super::endpoint::timeless(
        &Folder::with(SITE).run("failover --direct --print"),
    ));
}

#[test]
fn a_direct_failback_needs_consent_and_is_two_writes() {
    let endpoint = raised();
    expect![[r#"
        exit code: 6
        refused: the failback: without the controller nobody proves that the primary is up and has the users
        hint: a raised standby costs money and hurts nobody: wait until Lambda is back and run `cargo xtask failback`; `--accept-unproven` lowers it without proof, `--print` shows the commands
    "#]].assert_eq(&ends(&endpoint, "failback --direct --yes"));
    check(
        &endpoint,
        "failback --direct --print",
        &expect![[r#"
            exit code: 0
            ----- stdout -----
            aws autoscaling describe-auto-scaling-groups --region us-east-2 --auto-scaling-group-names shop-standby
            [ $(aws autoscaling describe-auto-scaling-groups --region us-east-2 --auto-scaling-group-names shop-standby --query 'AutoScalingGroups[0].MinSize' --output text) -le 2 ] && aws autoscaling update-auto-scaling-group --region us-east-2 --auto-scaling-group-name shop-standby --min-size 0 || echo 'not lowered'  # only while DNS names the primary alone
            [ $(aws autoscaling describe-auto-scaling-groups --region us-east-2 --auto-scaling-group-names shop-standby --query 'AutoScalingGroups[0].DesiredCapacity' --output text) -le 3 ] && aws autoscaling update-auto-scaling-group --region us-east-2 --auto-scaling-group-name shop-standby --desired-capacity 0 --max-size 8 || echo 'not lowered'  # only while DNS names the primary alone
            ----- stderr -----
        "#]],
    );
    assert_eq!(endpoint.state().writes, Vec::<String>::new());
    check(
        &endpoint,
        "failback --direct --accept-unproven --yes",
        &expect![[r#"
            exit code: 0
            ----- stdout -----
            done; follow it: cargo xtask status --watch
            ----- stderr -----
            shop-standby in us-east-2: min 2, desired 3, max 8
            the same as commands:
              aws autoscaling describe-auto-scaling-groups --region us-east-2 --auto-scaling-group-names shop-standby
              [ $(aws autoscaling describe-auto-scaling-groups --region us-east-2 --auto-scaling-group-names shop-standby --query 'AutoScalingGroups[0].MinSize' --output text) -le 2 ] && aws autoscaling update-auto-scaling-group --region us-east-2 --auto-scaling-group-name shop-standby --min-size 0 || echo 'not lowered'  # only while DNS names the primary alone
              [ $(aws autoscaling describe-auto-scaling-groups --region us-east-2 --auto-scaling-group-names shop-standby --query 'AutoScalingGroups[0].DesiredCapacity' --output text) -le 3 ] && aws autoscaling update-auto-scaling-group --region us-east-2 --auto-scaling-group-name shop-standby --desired-capacity 0 --max-size 8 || echo 'not lowered'  # only while DNS names the primary alone
            what will happen
              > first the minimum alone, which stops nothing; then the desired capacity, and instances stop
              > NOBODY HAS PROVEN THE PRIMARY: if it fails now, the users have nowhere to go until the standby
                is raised again
              > the controller closes the record and restores the primary's floor once it is back
        "#]],
    );
    assert_eq!(
        endpoint.state().writes,
        [
            "UpdateAutoScalingGroup us-east-2 [Some(0), None, None]",
            "UpdateAutoScalingGroup us-east-2 [None, Some(0), None]",
        ]
    );
}

#[test]
fn a_closed_latch_bars_a_direct_failback() {
    let endpoint = raised();
    endpoint.state().note(&Register::Closed(after(now(), -60).into()));
    expect![[r#"
        exit code: 6
        refused: the failback: the latch holds the users on the standby, or its state is unknown
        hint: open it, and wait until DNS names the primary; a controller that runs closes it again within a minute:
          aws cloudwatch put-metric-data --region us-east-2 --namespace Pilotlight --metric-name LatchClosed --dimensions Site=shop --value 0
    "#]].assert_eq(&ends(&endpoint, "failback --direct --accept-unproven --yes"));
    assert_eq!(endpoint.state().writes, Vec::<String>::new());
}

#[test]
fn a_site_of_another_account_is_not_touched() {
    let endpoint = Endpoint::new();
    let folder = Folder::with(&format!("account = \"444455556666\"\n{SITE}"));
    for verb in
        VERBS.into_iter().chain(["failover --direct", "failback --direct --accept-unproven"])
    {
        let mut command = endpoint.command(&folder, &format!("{verb} --yes"));
        let told = told(&command.output().expect("it starts"));
        assert!(told.starts_with("exit code: 6\n"), "{verb}: {told}");
        let why = "refused: the credentials are of account 111122223333, and the site file says 444455556666";
        assert!(told.contains(why), "{verb}: {told}");
    }
    assert_eq!(endpoint.state().writes, Vec::<String>::new());
    // In an outage that takes STS along, nobody can tell, and nobody is kept from failing over.
    endpoint.state().refused.insert("GetCallerIdentity", "ServiceException");
    let mut command = endpoint.command(&folder, "failover --direct --yes");
    let told = told(&command.output().expect("it starts"));
    assert!(told.starts_with("exit code: 0\n"), "{told}");
}

#[test]
fn nobody_to_ask_is_a_refusal_before_anything_is_asked_of_aws() {
    for verb in
        VERBS.into_iter().chain(["failover --direct", "failback --direct --accept-unproven"])
    {
        let told = Folder::with(SITE).run(verb);
        assert!(told.starts_with("exit code: 6\n"), "{verb}: {told}");
        assert!(told.contains("hint: add `--yes`"), "{verb}: {told}");
    }
}

#[test]
fn no_site_file_an_unreadable_one_and_no_credentials_are_one_clear_error_for_each_verb() {
    for verb in VERBS.into_iter().chain(["failover --direct", "status", "status --drift"]) {
        let verb =
            if verb.starts_with("status") { verb.to_owned() } else { format!("{verb} --yes") };
        let told = Folder::empty().run(&verb);
        assert!(told.starts_with("exit code: 1\n"), "{verb}: {told}");
        assert!(told.contains("error: no site file: `pilotlight.toml`\nhint: "), "{verb}: {told}");
        let folder = Folder::empty();
        std::fs::write(folder.path().join("pilotlight.toml"), [0xff, 0xfe]).expect("a file");
        let told = folder.run(&verb);
        assert!(told.starts_with("exit code: 1\n") && told.contains("hint: "), "{verb}: {told}");
        let told = Folder::with(SITE).run(&verb);
        assert!(told.starts_with("exit code: 1\n"), "{verb}: {told}");
        assert!(told.contains("error: no valid AWS credentials"), "{verb}: {told}");
    }
}

#[test]
fn what_makes_no_sense_on_the_command_line_ends_with_the_usage_code() {
    for arguments in [
        "mode sleepy",
        "mode",
        "failover --print",
        "failback --accept-unproven",
        "approve --direct",
    ] {
        let told = Folder::with(SITE).run(arguments);
        assert!(told.starts_with("exit code: 2\n"), "{arguments}: {told}");
    }
}

#[test]
fn an_interrupt_while_following_says_that_the_controller_goes_on() {
    use std::io::{BufRead, BufReader};
    let endpoint = raised();
    // It is taken, and nothing comes of it.
    endpoint.state().note(&Register::Mode(Mode::Armed));
    let folder = Folder::with(SITE);
    let mut command = endpoint.command(&folder, "approve --yes");
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut words = BufReader::new(child.stderr.take().expect("it is piped"));
    let mut line = String::new();
    while !line.starts_with("taken: ") {
        line.clear();
        assert!(words.read_line(&mut line).expect("it says something") > 0, "it ended early");
    }
    let interrupted = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(interrupted.expect("kill starts").success());
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut words, &mut rest).expect("its last words");
    let told = told(&child.wait_with_output().expect("it ends"));
    assert!(told.starts_with("exit code: 130\n"), "{told}");
    assert!(
        rest.contains("continues on its own; follow it with `cargo xtask status --watch`"),
        "{rest}"
    );
}
