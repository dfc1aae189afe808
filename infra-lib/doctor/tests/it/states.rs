//! What each status of a stack comes to, and no other: `docs/stack-states.md` is what these tests saw.
//! `UPDATE_EXPECT=1 cargo test --package doctor states::` writes it anew.

use std::fmt::Write as _;

use cloud::aws::stack_statuses;
use cloud::guard::Safety;
use cloud::{Kept, Phase, StackResource, StackStatus};
use expect_test::expect_file;
use provision::apply::{DeployError, Request};
use provision::destroy::destroy;
use provision::plan::{Action, plan};
use provision::progress::{Pace, Reporter};
use site::model::StackId;

use sample::standby::{STANDBY, raised};
use sample::{Fake, Happening, consent, deploy, permit, planned, region, request, site};

use super::doctor::world::{World, check};

const NAME: &str = "shop-network";
const HEAD: &str = "\
# Every status of a stack
What each verb does with a stack in each of CloudFormation's statuses, shown with `network-primary`. This page is written by a test
that leaves the stack so, runs the verbs against an account in memory and notes what they do, for every status that the AWS SDK has:
a new one fails the test. Never tried on AWS. A status that ends in `_IN_PROGRESS` is waited for and here ends well.

\"With `--rollback`\" is `--rollback network-primary`. *Preserved* is a stack whose operation failed with \"preserve successfully
provisioned resources\": what had worked stands. While the standby is raised, network, web and detector stacks are left as they are in
every status, and `deploy` ends with exit code 6.

| status | `plan` | `deploy` | `doctor` | `destroy` |
|---|---|---|---|---|
";

/// A site of which one stack is in a status.
struct Left {
    status: &'static str,
    /// Whether something stands in it.
    holds: bool,
    /// Whether its rollback is asked for.
    rollback: bool,
}

impl Left {
    /// Leaves the stack so; what is under way ends after a look or two, or stays under way.
    fn put(&self, cloud: &Fake, ends: bool) {
        let west = region("us-west-2");
        cloud.leave_stack(&west, NAME, self.status);
        if self.holds {
            let vpc = StackResource {
                logical_id: "Vpc".to_owned(),
                physical_id: Some("vpc-1".to_owned()),
                resource_type: "AWS::EC2::VPC".to_owned(),
                status: "CREATE_COMPLETE".to_owned(),
            };
            cloud.set_resource(&west, NAME, vpc);
        }
        if let Some(end) = ends_in(self.status).filter(|_| ends) {
            cloud.let_end(&west, NAME, end);
        }
    }

    fn cloud(&self) -> Fake {
        let cloud = Fake::new();
        self.put(&cloud, true);
        cloud
    }

    fn request(&self) -> Request {
        let rollback = if self.rollback { vec![StackId::NetworkPrimary] } else { Vec::new() };
        Request { rollback, ..request(&site()) }
    }

    fn title(&self) -> String {
        let how = match (self.holds, self.rollback) {
            (false, false) if self.status == "CREATE_FAILED" => ", holding nothing",
            (true, false) => ", preserved",
            (true, true) => ", preserved, with `--rollback`",
            (false, _) => "",
        };
        format!("`{}`{how}", self.status)
    }

    async fn planned(&self) -> String {
        let given = self.request().given(cloud::guard::Carried::default());
        let cloud = Fake::new();
        self.put(&cloud, false);
        let plan = plan(&cloud, &permit(), &site(), &given, Pace::at_once()).await.expect("a plan");
        plan.stacks[1].action.to_string()
    }

    async fn deployed(&self) -> String {
        let cloud = self.cloud();
        let (result, _) = deploy(&cloud, &self.request()).await;
        let done = writes(&cloud);
        match result {
            Ok(deployed) => {
                let outcome = deployed.stacks[&StackId::NetworkPrimary];
                format!("{done}{outcome:?}").replace("Execute, ", "")
            }
            Err(error @ DeployError::Stuck { .. }) => {
                let help = miette::Diagnostic::help(&error).expect("a hint").to_string();
                let advised = help.contains("--rollback network-primary");
                let how = if advised { "advises `--rollback`" } else { "a person must look" };
                format!("{done}error: {how}")
            }
            Err(error) => format!("{done}error: {error}"),
        }
    }

    async fn examined(&self) -> String {
        let world = World::fresh("");
        self.put(&world.cloud, false);
        let findings = world.diagnosis().await.findings;
        let found = findings.iter().find(|found| found.check == "stacks").expect("it looks");
        let fix = found.verdict.fix().map(|fix| format!("; {fix}")).unwrap_or_default();
        let told = found.verdict.told().replace("stack shop-network in us-west-2 is in ", "");
        format!("{}: {told}{fix}", found.verdict.word())
    }

    async fn destroyed(&self) -> String {
        let cloud = self.cloud();
        let (reporter, events) = Reporter::channel();
        drop(events);
        let (safety, pace) = (Safety::Guarded, Pace::at_once());
        let result = destroy(&cloud, &consent(), &site(), safety, &reporter, pace).await;
        let done = writes(&cloud);
        let end = result.map_or_else(|error| format!("error: {error}"), |_| "gone".to_owned());
        format!("{done}{end}")
    }
}

/// What was written to the stack, by the operations' names.
fn writes(cloud: &Fake) -> String {
    let subject = format!(" us-west-2 {NAME}");
    let mut done = String::new();
    for write in cloud.writes() {
        if let Some(operation) = write.strip_suffix(&subject)
            && operation != "CreateChangeSet"
        {
            write!(done, "{}, ", operation.trim_end_matches("ChangeSet")).expect("a text");
        }
    }
    done
}

/// What a status that is under way ends in here.
fn ends_in(status: &str) -> Option<&'static str> {
    Some(match status {
        "CREATE_IN_PROGRESS" => "CREATE_COMPLETE",
        "ROLLBACK_IN_PROGRESS" => "ROLLBACK_COMPLETE",
        "DELETE_IN_PROGRESS" => "DELETE_COMPLETE",
        "UPDATE_IN_PROGRESS" | "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS" => "UPDATE_COMPLETE",
        "UPDATE_ROLLBACK_IN_PROGRESS" | "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS" => {
            "UPDATE_ROLLBACK_COMPLETE"
        }
        "IMPORT_IN_PROGRESS" => "IMPORT_COMPLETE",
        "IMPORT_ROLLBACK_IN_PROGRESS" => "IMPORT_ROLLBACK_COMPLETE",
        _ => return None,
    })
}

/// Goal: no operator is the first to meet a status. Method: the SDK's own list, each status left behind, each verb run.
#[tokio::test]
async fn every_status_of_the_sdk_is_known_and_comes_to_what_the_page_says() {
    let mut text = HEAD.to_owned();
    for status in stack_statuses().iter().copied() {
        let phase = StackStatus::new(status).known();
        assert!(phase.is_some(), "{status} is new: say what it means in cloud/stacks.rs");
        let ways: &[(bool, bool)] = match (phase, status) {
            (_, "CREATE_FAILED") => &[(false, false), (true, false), (true, true)],
            (Some(Phase::Halted), _) => &[(true, false), (true, true)],
            _ => &[(false, false)],
        };
        for (holds, rollback) in ways.iter().copied() {
            let left = Left { status, holds, rollback };
            let (title, planned) = (left.title(), left.planned().await);
            let (deployed, destroyed) = (left.deployed().await, left.destroyed().await);
            let examined = left.examined().await;
            writeln!(text, "| {title} | {planned} | {deployed} | {examined} | {destroyed} |")
                .expect("a text");
        }
    }
    assert!(!text.contains("delete-stack"), "a stack that may serve is never to be deleted");
    expect_file!["../../../../docs/stack-states.md"].assert_eq(&text);
}

/// Goal: a raised standby is not taken back. Method: the standby's web stack in both preserved statuses while the controller
/// holds the group up, with and without the rollback that somebody asked for.
#[tokio::test]
async fn a_preserved_standby_that_is_raised_is_left_as_it_is() {
    for (status, rollback) in
        [("UPDATE_FAILED", false), ("UPDATE_FAILED", true), ("CREATE_FAILED", true)]
    {
        let (cloud, east) = (Fake::new(), region("us-east-2"));
        deploy(&cloud, &request(&site())).await.0.expect("it deploys");
        let held = cloud.stack(&east, "shop-web").expect("it stands").parameters;
        cloud.leave_stack(&east, "shop-web", status);
        let held: Vec<_> =
            held.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        cloud.set_parameters(&east, "shop-web", &held);
        let group = StackResource {
            logical_id: "Group".to_owned(),
            physical_id: Some(STANDBY.to_owned()),
            resource_type: "AWS::AutoScaling::AutoScalingGroup".to_owned(),
            status: "UPDATE_FAILED".to_owned(),
        };
        cloud.set_resource(&east, "shop-web", group);
        cloud.set_group(&east, "shop-standby", raised());
        let before = cloud.writes().len();
        let asked = if rollback { vec![StackId::WebStandby] } else { Vec::new() };
        let (result, _) = deploy(&cloud, &Request { rollback: asked, ..request(&site()) }).await;
        assert!(matches!(result, Err(DeployError::Refused(_))), "{status}: {result:?}");
        let touched = cloud.writes().split_off(before);
        assert!(!touched.iter().any(|write| write.ends_with("us-east-2 shop-web")), "{touched:?}");
        let plan = planned(&cloud, &site()).await;
        assert!(plan.guarded_updates().any(|entry| entry.stack == StackId::WebStandby));
    }
}

/// Goal: of a creation that failed nothing is deleted that nobody was shown. Method: the plan names what stands, and a plain
/// deploy leaves it.
#[tokio::test]
async fn what_stands_in_a_failed_creation_is_named_and_stays_until_somebody_asks() {
    let left = |rollback| Left { status: "CREATE_FAILED", holds: true, rollback };
    let plan = planned(&left(false).cloud(), &site()).await;
    let told = plan.to_string();
    assert!(told.contains("stands in it: Vpc (AWS::EC2::VPC)"), "{told}");
    let cloud = left(false).cloud();
    let error = deploy(&cloud, &left(false).request()).await.0.expect_err("nobody asked");
    let help = miette::Diagnostic::help(&error).expect("a hint").to_string();
    assert!(help.contains("It holds: Vpc (AWS::EC2::VPC)"), "{help}");
    assert!(help.contains("cargo xtask deploy --rollback network-primary"), "{help}");
    assert_eq!(writes(&cloud), "");

    let given = left(true).request().given(cloud::guard::Carried::default());
    let cloud = left(true).cloud();
    let asked = plan_of(&cloud, &given).await;
    let told = asked.to_string();
    assert!(told.contains("deleted with it: Vpc (AWS::EC2::VPC)"), "{told}");
    assert!(matches!(asked.stacks[1].action, Action::Rollback { .. }));
}

async fn plan_of(cloud: &Fake, given: &provision::outputs::Given) -> provision::plan::Plan {
    plan(cloud, &permit(), &site(), given, Pace::at_once()).await.expect("a plan")
}

#[tokio::test]
async fn a_rollback_of_a_stack_that_did_not_stop_half_way_is_an_error() {
    let cloud = Fake::new();
    deploy(&cloud, &request(&site())).await.0.expect("it deploys");
    let asked = Request { rollback: vec![StackId::NetworkPrimary], ..request(&site()) };
    let given = asked.given(cloud::guard::Carried::default());
    let error = plan(&cloud, &permit(), &site(), &given, Pace::at_once()).await.expect_err("idle");
    let words = "`--rollback network-primary` has nothing to do: its status is CREATE_COMPLETE";
    assert_eq!(error.to_string(), words);
}

/// Goal: CloudFormation's early validation is told with its reasons. Method: a change set that it refuses; what is told, and that
/// the reasons were read while the change set was there.
#[tokio::test]
async fn the_reasons_of_early_validation_are_told_and_nothing_of_the_change_set_stays() {
    let cloud = Fake::new();
    let reason = "Vpc (/Resources/Vpc/Properties/CidrBlock): not a CIDR [AWS::EarlyValidation::PropertyValidation]";
    cloud.invalidate("shop-network", &[reason]);
    let error = deploy(&cloud, &request(&site())).await.0.expect_err("it is refused");
    let told = error.to_string();
    assert!(told.contains("PropertyValidation]. To") && told.contains(reason), "{told}");
    assert_eq!(cloud.writes().iter().filter(|one| one.starts_with("DeleteChangeSet")).count(), 2);

    let cloud = Fake::new();
    cloud.go_remote();
    cloud.invalidate("shop-network", &[reason]);
    cloud.refuse("DescribeEvents", "AccessDenied");
    cloud.refuse("DescribeEvents", "AccessDenied");
    let told = deploy(&cloud, &request(&site())).await.0.expect_err("it is refused").to_string();
    assert!(told.contains("the details could not be read: AWS denies `DescribeEvents`"), "{told}");
}

/// Goal: AWS's throttling does not end a wait. Method: each call that a wait makes is throttled a few times, once it waits.
#[tokio::test]
async fn throttling_while_waiting_is_waited_out() {
    let made = "CreateChangeSet us-east-2 shop-controller";
    let begun = "ExecuteChangeSet us-east-2 shop-controller";
    for (write, operation) in [
        (made, "DescribeChangeSet"),
        (made, "ExecuteChangeSet"),
        (begun, "DescribeStacks"),
        (begun, "DescribeStackEvents"),
    ] {
        let cloud = Fake::new();
        deploy(&cloud, &request(&site())).await.0.expect("it deploys");
        let changed = sample::site_with("[failover]\nhold_down = \"1h\"\n");
        cloud.after(write, Happening::Throttled(operation, 3));
        let (result, _) = deploy(&cloud, &request(&changed)).await;
        assert!(result.is_ok(), "{operation}: {result:?}");
    }
}

/// Goal: a wait ends at its bound, however AWS throttles. Method: more than any wait outlasts.
#[tokio::test]
async fn throttling_without_an_end_ends_the_wait_at_its_bound() {
    let cloud = Fake::new();
    deploy(&cloud, &request(&site())).await.0.expect("it deploys");
    let changed = sample::site_with("[failover]\nhold_down = \"1h\"\n");
    let made = "CreateChangeSet us-east-2 shop-controller";
    cloud.after(made, Happening::Throttled("DescribeChangeSet", 10_000));
    let (result, _) = deploy(&cloud, &request(&changed)).await;
    assert!(matches!(result, Err(DeployError::Slow { .. })), "{result:?}");
}

/// Goal: a stack is changed once, and a lost answer does not end the deploy. Method: the execution runs, and its answer is lost.
#[tokio::test]
async fn an_execution_whose_answer_was_lost_is_asked_for_again_and_runs_once() {
    let cloud = Fake::new();
    deploy(&cloud, &request(&site())).await.0.expect("it deploys");
    let changed = sample::site_with("[failover]\nhold_down = \"1h\"\n");
    let before = cloud.writes().len();
    cloud.lose_execution();
    deploy(&cloud, &request(&changed)).await.0.expect("it is heard the second time");
    let executed = cloud.writes().split_off(before);
    let executed = executed.iter().filter(|write| write.starts_with("ExecuteChangeSet")).count();
    assert_eq!(executed, 1);
    assert!(cloud.asked("ExecuteChangeSet") >= 2);
}

/// Goal: the first deploy does not fail on what an earlier site of the name left. Method: each kind of name, left behind.
#[tokio::test]
async fn a_name_that_outlived_its_stack_is_told_before_a_deploy_fails_on_it() {
    let mut world = World::fresh("[operations]\ndashboard = \"on\"\n");
    let east = region("us-east-2");
    for (kind, name) in [
        (Kept::LogGroup, "/aws/lambda/shop-controller"),
        (Kept::Queue, "shop-controller-failures"),
        (Kept::Topic, "shop-notices"),
        (Kept::Dashboard, "shop"),
    ] {
        world.premises.kept.insert((east.clone(), kind, name.to_owned()));
    }
    let rule = cloud::RuleView::default();
    world.premises.rules.insert((east, "shop-tick".to_owned()), rule);
    let left = [
        (Kept::Queue, "shop-failover-undelivered"),
        (Kept::Topic, "shop-failover"),
        (Kept::Topic, "shop-detector-alerts"),
    ];
    for (kind, name) in left {
        world.premises.kept.insert((region("us-east-1"), kind, name.to_owned()));
    }
    let fix = "fix: delete it, or choose another `name`";
    check(
        &world,
        "names us-east-2",
        &format!(
            "error: exists already, and is not part of the site: log group /aws/lambda/shop-controller, queue \
             shop-controller-failures, topic shop-notices, rule shop-tick, dashboard shop; {fix}"
        ),
    )
    .await;
    check(
        &world,
        "names us-east-1",
        &format!(
            "error: exists already, and is not part of the site: queue shop-failover-undelivered, topic shop-failover, topic \
             shop-detector-alerts; {fix}"
        ),
    )
    .await;
}
