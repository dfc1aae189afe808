//! The site file, who asks, where, and this machine.

use cloud::{Caller, RegionStatus};
use failover_core::time::after;

use sample::region;

use super::world::{World, check};

#[tokio::test]
async fn nobody_signed_in_is_one_error_and_the_rest_is_skipped() {
    let mut world = World::fresh("");
    world.premises.caller = None;
    check(
        &world,
        "credentials",
        "error: no valid AWS credentials: none found in any of the usual places; fix: sign in, for example with `aws sso login`, \
         or choose a profile with `AWS_PROFILE`; `aws sts get-caller-identity` shows who you are",
    )
    .await;
    check(&world, "zone", "skipped: nobody is signed in").await;
    let diagnosis = world.diagnosis().await;
    assert_eq!(diagnosis.count("error"), 1);
    assert!(diagnosis.has_errors());
}

#[tokio::test]
async fn another_account_is_one_error_and_is_not_looked_at() {
    let world = World::fresh("account = \"444455556666\"\n---");
    check(
        &world,
        "account",
        "error: the credentials are of account 111122223333, not of 444455556666; fix: choose another profile with \
         `AWS_PROFILE`; or change `account` in the site file",
    )
    .await;
    check(&world, "zone", "skipped: the credentials are of another account").await;
    assert_eq!(world.diagnosis().await.count("error"), 1);
    let world = World::fresh("account = \"111122223333\"\n---");
    check(&world, "account", "ok: 111122223333, as the site file says").await;
}

#[tokio::test]
async fn the_account_s_owner_should_not_work() {
    let mut world = World::fresh("");
    let arn = "arn:aws:iam::111122223333:root".to_owned();
    world.premises.caller = Some(Caller { account: "111122223333".to_owned(), arn });
    check(
        &world,
        "caller",
        "warning: the credentials are those of the account's root user, whom no policy limits; fix: sign in as a user or a role, and \
         delete the root user's access keys",
    )
    .await;
}

#[tokio::test]
async fn a_clock_that_is_off_is_told_and_one_that_aws_refuses_is_an_error() {
    let mut world = World::fresh("");
    let fix = "fix: let the clock follow a time server: `timedatectl set-ntp true`";
    world.premises.clock = Some(after(world.now, 45));
    check(&world, "clock", &format!("warning: this machine is 45 s behind AWS; {fix}")).await;
    world.premises.clock = Some(after(world.now, -400));
    let what = "this machine is 400 s ahead of AWS; AWS refuses that";
    check(&world, "clock", &format!("error: {what}; {fix}")).await;
}

#[tokio::test]
async fn a_region_must_be_enabled_and_a_standby_enabled_by_default() {
    let mut world = World::fresh("");
    world.premises.regions.insert(region("us-west-2"), RegionStatus::NotOptedIn);
    check(
        &world,
        "region us-west-2",
        "error: the account has not enabled this region; fix: enable it: `aws account enable-region --region-name us-west-2`",
    )
    .await;
    world.premises.regions.insert(region("us-west-2"), RegionStatus::OptedIn);
    check(&world, "region us-west-2", "ok: opted in").await;
    world.premises.regions.insert(region("us-east-2"), RegionStatus::OptedIn);
    check(
        &world,
        "region us-east-2",
        "error: SNS in us-east-1 delivers to no Lambda in an opt-in region; fix: choose a standby region that is enabled by \
         default, such as us-east-2; this one works as the primary",
    )
    .await;
    world.premises.regions.remove(&region("us-east-2"));
    check(
        &world,
        "region us-east-2",
        "error: AWS has no region us-east-2; fix: `aws ec2 describe-regions --query 'Regions[].RegionName'` lists the regions",
    )
    .await;
}

/// Goal: a standby to which the alarm's message may never come is told, although EC2 counts its region among the usual ones.
/// Method: Osaka as the standby, and as the primary, where nothing is delivered.
#[tokio::test]
async fn a_standby_that_sns_counts_as_opt_in_is_warned_of() {
    let osaka = |key: &str| {
        let mut world = World::fresh("");
        let regions = &mut world.site.config.regions;
        let place = if key == "standby" { &mut regions.standby } else { &mut regions.primary };
        *place = region("ap-northeast-3");
        world.premises.regions.insert(region("ap-northeast-3"), RegionStatus::Default);
        world
    };
    check(
        &osaka("standby"),
        "region ap-northeast-3",
        "warning: enabled by default, but SNS counts it as an opt-in region, and SNS in us-east-1 delivers to no Lambda in one: a \
         failover may wait for the next tick; fix: choose another standby region, such as ap-northeast-1; this one works as the \
         primary",
    )
    .await;
    check(&osaka("primary"), "region ap-northeast-3", "ok: enabled by default").await;
}

#[tokio::test]
async fn the_detector_s_region_must_answer() {
    let mut world = World::fresh("");
    world.premises.denied.push("GetCallerIdentity");
    check(
        &world,
        "region us-east-1",
        "error: AWS denies `GetCallerIdentity` in us-east-1: not for you; fix: Route 53 keeps its metrics here and nowhere else: \
         nothing can be deployed until it answers",
    )
    .await;
}

/// Goal: a question that a policy denies is never passed over. Method: one whose answer only forewarns, one that a deploy asks.
#[tokio::test]
async fn a_denied_question_is_a_warning_or_an_error_by_what_depends_on_it() {
    const FIX: &str = "fix: the signed-in identity lacks the permission: `aws sts get-caller-identity` shows which one it is";
    let mut world = World::fresh("");
    world.premises.denied.push("DescribeImages");
    let found =
        format!("warning: not known: AWS denies `DescribeImages` in us-east-2: not for you; {FIX}");
    check(&world, "image us-east-2", &found).await;
    let world = World::deployed("").await;
    for _ in &world.site.stacks {
        world.cloud.refuse("DescribeStacks", "AccessDenied");
    }
    let table = world.table().await;
    let line = table.lines().find(|line| line.starts_with("stacks ")).expect("a line");
    assert!(line.starts_with("stacks error: not known: AWS denies `DescribeStacks` in "), "{line}");
    assert!(!table.lines().any(|line| line.contains(" skipped: AWS denies")), "{table}");
}

/// Goal: an organization that forbids us-east-1 is told of before a deploy stops there. Method: only what the deploy will ask is
/// denied; who is signed in may always be asked.
#[tokio::test]
async fn a_region_that_the_organization_forbids_is_named_before_the_deploy() {
    let world = World::fresh("");
    world.cloud.forbid(
        &region("us-east-1"),
        "not authorized to perform: cloudformation:DescribeStacks with an explicit deny in a service control policy",
    );
    let table = world.table().await;
    let line = table.lines().find(|line| line.starts_with("region us-east-1 ")).expect("a line");
    assert!(
        line.starts_with(
            "region us-east-1 error: not known: AWS denies `DescribeStacks` in us-east-1"
        ),
        "{line}"
    );
    assert!(line.contains("fix: a service control policy of the organization denies it"), "{line}");
}

#[tokio::test]
async fn what_check_finds_is_told_too() {
    let world = World::fresh("[health]\nstandby_check = \"off\"");
    let table = world.table().await;
    let line = table.lines().find(|line| line.starts_with("site-file "));
    let line = line.expect("a line");
    assert!(line.starts_with("site-file warning: "), "{line}");
    assert!(line.ends_with("; `cargo xtask check` shows the place"), "{line}");
}

#[tokio::test]
async fn a_machine_that_lacks_something_is_told() {
    let mut world = World::fresh("");
    world.machine.rust = Err(("the standard library is missing".to_owned(), "rustup".to_owned()));
    world.machine.python = Err("there is no `python3` on the path".to_owned());
    world.machine.emulator = false;
    world.machine.disk_free = Some(2 << 30);
    check(&world, "rust", "error: the standard library is missing; fix: rustup").await;
    check(
        &world,
        "python",
        "warning: no usable Python: there is no `python3` on the path; fix: only drills and tests need it: \
         `apt-get install python3 python3-venv` or `brew install python`",
    )
    .await;
    check(
        &world,
        "emulator",
        "warning: not installed, and without Python it cannot be; fix: install Python; the first drill does the rest",
    )
    .await;
    check(
        &world,
        "disk",
        "warning: 2 GiB free, and a first build needs 6; fix: free some space, or build elsewhere with `CARGO_TARGET_DIR`",
    )
    .await;
    world.machine.disk_free = None;
    check(&world, "disk", "skipped: the system does not say").await;
}
