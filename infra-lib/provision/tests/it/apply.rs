//! A deploy converges from wherever it finds the stacks, and names the first cause when it cannot.

use cloud::Stacks as _;
use cloud::guard::Safety;
use expect_test::expect;
use provision::apply::{DeployError, Outcome, Request};
use provision::plan::Action;
use provision::progress::{Progress, Step};
use site::model::{Site, Skip, Source, StackId};

use sample::standby::{STANDBY, raised};
use sample::{Fake, deploy, planned, region, request, site, site_with};

#[tokio::test]
async fn a_first_deploy_makes_every_stack_and_hands_outputs_on() {
    let (cloud, site) = (Fake::new(), site());
    let (result, _) = deploy(&cloud, &request(&site)).await;
    let deployed = result.expect("it deploys");
    assert!(deployed.stacks.values().all(|outcome| *outcome == Outcome::Created));
    let detector = cloud.stack(&region("us-east-1"), "shop-detector").expect("it stands");
    assert_eq!(detector.parameters["FunctionArn"], "us-east-2-shop-controller-FunctionArn");
    let web = cloud.stack(&region("us-west-2"), "shop-web").expect("it stands");
    assert_eq!(web.parameters["VpcId"], "us-west-2-shop-network-VpcId");
    assert!(cloud.writes().contains(&"PutObject us-east-2 controller/0.zip".to_owned()));
}

const TARGETS: &str = "us-west-2-shop-web-TargetGroupArn";

/// What a deploy of a new site told of the stack with the alarm and the records.
fn held(told: &[Progress]) -> bool {
    let step = Step::Held { minutes: 15 };
    told.contains(&Progress::Stack { stack: StackId::Detector, step })
}

/// Goal: a site is not failed over from its first minute. Method: a primary whose instances never pass their health check: the
/// deploy ends before the alarm and the records, and goes on from there once one is healthy.
#[tokio::test]
async fn the_alarm_and_the_records_wait_for_a_primary_that_serves() {
    let (cloud, site) = (Fake::new(), site());
    cloud.go_remote();
    let (result, told) = deploy(&cloud, &request(&site)).await;
    let error = result.expect_err("nobody serves");
    assert!(matches!(error, DeployError::Unready { minutes: 15, .. }), "{error}");
    assert!(held(&told), "it is told what is waited for");
    assert!(cloud.stack(&region("us-east-2"), "shop-controller").is_some());
    assert!(cloud.stack(&region("us-east-1"), "shop-detector").is_none());

    cloud.set_healthy(TARGETS, 1);
    let (result, told) = deploy(&cloud, &request(&site)).await;
    assert_eq!(result.expect("it resumes").stacks[&StackId::Detector], Outcome::Created);
    assert!(!held(&told), "nothing is waited for");
}

/// Goal: a change that breaks the primary's servers has not reached the standby's. Method: another instance type; the primary has
/// no healthy server with it, then all are.
#[tokio::test]
async fn the_standby_is_changed_only_after_the_primary_is_healthy_with_its_change() {
    let (cloud, east) = (Fake::new(), region("us-east-2"));
    cloud.go_remote();
    cloud.set_healthy(TARGETS, 2);
    deploy(&cloud, &request(&site())).await.0.expect("it deploys");
    let changed = site_with("[web]\ninstance_type = \"t4g.small\"\n");
    let kind = |place: &str| {
        cloud.stack(&region(place), "shop-web").expect("it stands").parameters["InstanceType"]
            .clone()
    };
    cloud.set_healthy(TARGETS, 0);
    for _ in 0..2 {
        let (result, told) = deploy(&cloud, &request(&changed)).await;
        let error = result.expect_err("nobody serves");
        assert!(matches!(error, DeployError::Unproven { minutes: 15, .. }), "{error}");
        let step = Step::Proving { minutes: 15 };
        assert!(told.contains(&Progress::Stack { stack: StackId::WebStandby, step }));
        assert_eq!(
            (kind("us-west-2").as_str(), kind("us-east-2").as_str()),
            ("t4g.small", "t4g.micro")
        );
        assert!(cloud.change_sets(&east, "shop-web").await.expect("it answers").is_empty());
    }
    cloud.set_healthy(TARGETS, 2);
    let before = cloud.writes().len();
    deploy(&cloud, &request(&changed)).await.0.expect("it resumes");
    assert_eq!(kind("us-east-2"), "t4g.small");
    let touched = cloud.writes().split_off(before);
    assert!(!touched.iter().any(|write| write.ends_with("us-west-2 shop-web")), "{touched:?}");

    let forced = site_with("[web]\ninstance_type = \"t4g.medium\"\n");
    cloud.set_healthy(TARGETS, 0);
    let forced = Request { safety: Safety::Overruled, ..request(&forced) };
    deploy(&cloud, &forced).await.0.expect("somebody insists");
    assert_eq!(kind("us-east-2"), "t4g.medium");
}

/// Goal: an update that AWS always refuses half-way is refused before. Method: another range for a network that stands, also with
/// `--force`; a network that does not stand takes any.
#[tokio::test]
async fn a_changed_range_of_a_network_that_stands_is_refused_with_the_reason() {
    let cloud = Fake::new();
    deploy(&cloud, &request(&site())).await.0.expect("it deploys");
    let changed = site_with("[network]\nstandby_cidr = \"10.99.0.0/16\"\n");
    let plan = planned(&cloud, &changed).await;
    for safety in [Safety::Guarded, Safety::Overruled] {
        let foretold = provision::apply::refusal(&cloud, &changed, &plan, safety).await;
        let refusal = foretold.expect("it is read").expect("it is refused");
        assert!(
            refusal.why.contains("has the range 10.21.0.0/16, which cannot become 10.99.0.0/16")
        );
        let forced = Request { safety, ..request(&changed) };
        let (result, _) = deploy(&cloud, &forced).await;
        assert_eq!(result, Err(DeployError::Refused(refusal)));
    }
    let live = cloud.stack(&region("us-east-2"), "shop-network").expect("it stands");
    assert_eq!(live.parameters["VpcCidr"], "10.21.0.0/16");
    deploy(&Fake::new(), &request(&changed)).await.0.expect("a new one takes any range");
}

/// Goal: whoever wants the alarm in an outage gets it, and a site that is watched already is never held back. Method: the same
/// dead primary, with `--force`, and then a change of the detector.
#[tokio::test]
async fn a_dead_primary_holds_back_only_a_guarded_first_deploy() {
    let (cloud, first) = (Fake::new(), site());
    cloud.go_remote();
    let forced = Request { safety: Safety::Overruled, ..request(&first) };
    deploy(&cloud, &forced).await.0.expect("it deploys");
    let changed = site_with("[health]\nthreshold = 5\n");
    let (result, told) = deploy(&cloud, &request(&changed)).await;
    assert_eq!(result.expect("it deploys").stacks[&StackId::Detector], Outcome::Updated);
    assert!(!held(&told));
}

#[tokio::test]
async fn a_second_deploy_changes_nothing() {
    let (cloud, site) = (Fake::new(), site());
    deploy(&cloud, &request(&site)).await.0.expect("it deploys");
    let writes = cloud.writes().len();
    assert!(planned(&cloud, &site).await.is_empty());
    let (result, _) = deploy(&cloud, &request(&site)).await;
    let deployed = result.expect("it deploys");
    assert!(deployed.stacks.values().all(|outcome| *outcome == Outcome::Unchanged));
    assert_eq!(cloud.writes().len(), writes);
}

#[tokio::test]
async fn a_changed_setting_updates_the_stack_that_it_concerns_alone() {
    let cloud = Fake::new();
    deploy(&cloud, &request(&site())).await.0.expect("it deploys");
    let site = site_with("[failover]\nhold_down = \"1h\"\n");
    let planned = planned(&cloud, &site).await;
    let updates = planned.stacks.iter().filter(|entry| entry.action != Action::Keep);
    assert_eq!(updates.map(|entry| entry.stack).collect::<Vec<_>>(), [StackId::Controller]);
    let deployed = deploy(&cloud, &request(&site)).await.0.expect("it deploys");
    assert_eq!(deployed.stacks[&StackId::Controller], Outcome::Updated);
    assert_eq!(deployed.stacks[&StackId::WebPrimary], Outcome::Unchanged);
}

#[tokio::test]
async fn the_first_cause_is_told_and_not_what_was_called_off_because_of_it() {
    let cloud = Fake::new();
    cloud.fail_stack(
        "shop-controller",
        &[
            ("NoticeTopic", "Resource creation cancelled"),
            ("ControllerRole", "API: iam:CreateRole User is not authorized"),
            ("Controller", "Resource creation cancelled"),
            ("FailureQueue", "the queue's name is taken"),
        ],
    );
    let (result, told) = deploy(&cloud, &request(&site())).await;
    let Err(DeployError::Failed(failure)) = result else {
        panic!("it must fail: {result:?}");
    };
    expect![[r#"
        `controller` in us-east-2 ended in ROLLBACK_COMPLETE: ControllerRole (AWS::Fake::Thing): API: iam:CreateRole User is not authorized
          then: FailureQueue (AWS::Fake::Thing): the queue's name is taken
          2 more resources were cancelled because of it"#]]
    .assert_eq(&failure.to_string());
    assert!(told.contains(&Progress::Stack { stack: StackId::Controller, step: Step::Failed }));
    assert!(
        cloud.stack(&region("us-east-1"), "shop-detector").is_none(),
        "later waves are not begun"
    );
}

#[tokio::test]
async fn a_rerun_clears_what_was_rolled_back_and_converges() {
    let cloud = Fake::new();
    cloud.fail_stack("shop-controller", &[("ControllerRole", "not authorized")]);
    deploy(&cloud, &request(&site())).await.0.expect_err("it fails once");
    let (result, told) = deploy(&cloud, &request(&site())).await;
    let deployed = result.expect("it deploys");
    assert_eq!(deployed.stacks[&StackId::Controller], Outcome::Created);
    assert_eq!(deployed.stacks[&StackId::Artifacts], Outcome::Unchanged);
    let clearing = Step::Clearing { status: "ROLLBACK_COMPLETE".to_owned() };
    assert!(told.contains(&Progress::Stack { stack: StackId::Controller, step: clearing }));
}

/// Kills nothing: leaves a stack in each state that a killed run can leave, then deploys.
#[tokio::test]
async fn every_leftover_of_an_earlier_run_is_dealt_with() {
    for (status, end, outcome) in [
        ("REVIEW_IN_PROGRESS", None, Outcome::Created),
        ("ROLLBACK_COMPLETE", None, Outcome::Created),
        ("DELETE_IN_PROGRESS", Some("DELETE_COMPLETE"), Outcome::Created),
        ("ROLLBACK_IN_PROGRESS", Some("ROLLBACK_COMPLETE"), Outcome::Created),
        ("UPDATE_ROLLBACK_COMPLETE", None, Outcome::Updated),
        ("CREATE_IN_PROGRESS", Some("CREATE_COMPLETE"), Outcome::Updated),
    ] {
        let cloud = Fake::new();
        let west = region("us-west-2");
        cloud.leave_stack(&west, "shop-network", status);
        if let Some(end) = end {
            cloud.let_end(&west, "shop-network", end);
        }
        let (result, _) = deploy(&cloud, &request(&site())).await;
        let deployed = result.unwrap_or_else(|error| panic!("{status}: {error}"));
        assert_eq!(deployed.stacks[&StackId::NetworkPrimary], outcome, "{status}");
    }
}

#[tokio::test]
async fn a_failed_way_back_is_gone_on_with_and_explained_if_it_fails_again() {
    let (cloud, west) = (Fake::new(), region("us-west-2"));
    cloud.leave_stack(&west, "shop-network", "UPDATE_ROLLBACK_FAILED");
    assert_eq!(marks(&cloud, &site()).await[1], (StackId::NetworkPrimary, '!'));
    cloud.fail_stack("shop-network", &[("Vpc", "in use")]);
    let error = deploy(&cloud, &request(&site())).await.0.expect_err("a person must look");
    let help = miette::Diagnostic::help(&error).expect("a hint").to_string();
    assert!(help.contains("`--skip network-primary:LOGICAL-ID`"), "{help}");
    let deployed = deploy(&cloud, &request(&site())).await.0.expect("the second time it works");
    assert_eq!(deployed.stacks[&StackId::NetworkPrimary], Outcome::Updated);
    let told = cloud.writes().iter().filter(|write| write.starts_with("Continue")).count();
    assert_eq!(told, 2);
}

/// Goal: nobody is told to delete a stack that may serve. Method: each status that needs a person, and each that a deletion of
/// ours ends in.
#[tokio::test]
async fn a_stack_that_needs_a_person_is_never_to_be_deleted_by_hand() {
    let west = region("us-west-2");
    for status in ["IMPORT_ROLLBACK_FAILED", "SOMETHING_NEW"] {
        let cloud = Fake::new();
        cloud.leave_stack(&west, "shop-network", status);
        let error = deploy(&cloud, &request(&site())).await.0.expect_err("a person must look");
        let help = miette::Diagnostic::help(&error).expect("a hint").to_string();
        assert!(help.contains("do not delete it") && !help.contains("delete-stack"), "{help}");
        let writes = cloud.writes();
        assert!(
            !writes.iter().any(|one| one.contains("us-west-2 shop-network")),
            "{status}: {writes:?}"
        );
    }
}

#[tokio::test]
async fn what_is_gone_for_good_is_left_out_of_the_way_back_when_told() {
    let (cloud, west) = (Fake::new(), region("us-west-2"));
    cloud.leave_stack(&west, "shop-network", "UPDATE_ROLLBACK_FAILED");
    cloud.fail_stack("shop-network", &[("Vpc", "it does not exist")]);
    let mut request = request(&site());
    request.skip = vec!["network-primary:Vpc".parse().expect("a resource")];
    deploy(&cloud, &request).await.0.expect("it deploys");
    let told = "ContinueUpdateRollback us-west-2 shop-network without Vpc".to_owned();
    assert!(cloud.writes().contains(&told), "{:?}", cloud.writes());
    for wrong in ["Vpc", "network:Vpc", "network-primary:"] {
        let error = wrong.parse::<Skip>().expect_err("it names no resource of a stack");
        assert_eq!(error, "it is STACK:LOGICAL-ID, such as web-primary:LoadBalancer");
    }
}

/// Goal: what killed runs leave is thrown away, and what others made stays. Method: three change sets that nobody executed.
#[tokio::test]
async fn a_change_set_that_a_killed_run_left_is_thrown_away() {
    let (cloud, west) = (Fake::new(), region("us-west-2"));
    deploy(&cloud, &request(&site())).await.0.expect("it deploys");
    let names = ["pilotlight-1000", "pilotlight-99999999999999", "of-somebody-else"];
    for name in names {
        cloud.leave_change_set(&west, "shop-network", name);
    }
    deploy(&cloud, &request(&site())).await.0.expect("it has nothing to do");
    let left = cloud.change_sets(&west, "shop-network").await.expect("it answers");
    assert_eq!(left.into_iter().map(|(name, _)| name).collect::<Vec<_>>(), names[1..]);
}

#[tokio::test]
async fn what_could_not_be_deleted_is_deleted_again_and_made_anew() {
    let (cloud, west) = (Fake::new(), region("us-west-2"));
    cloud.leave_stack(&west, "shop-network", "DELETE_FAILED");
    let deployed = deploy(&cloud, &request(&site())).await.0.expect("it deploys");
    assert_eq!(deployed.stacks[&StackId::NetworkPrimary], Outcome::Created);
}

#[tokio::test]
async fn a_raised_standby_is_not_cleared_away_though_its_stack_is_broken() {
    for status in ["UPDATE_ROLLBACK_FAILED", "DELETE_FAILED"] {
        let cloud = Fake::new();
        cloud.leave_stack(&region("us-east-2"), "shop-web", status);
        cloud.set_group(&region("us-east-2"), "shop-standby", raised());
        let (result, _) = deploy(&cloud, &request(&site())).await;
        assert!(matches!(result, Err(DeployError::Refused(_))), "{status}: {result:?}");
        let touched = cloud.writes().iter().any(|write| {
            write.ends_with("us-east-2 shop-web") && !write.starts_with("CreateChangeSet")
        });
        assert!(!touched, "{status}: {:?}", cloud.writes());
    }
}

#[tokio::test]
async fn a_region_that_is_dark_ends_the_deploy_with_its_name() {
    let cloud = Fake::new();
    cloud.go_dark(&region("us-west-2"));
    let error = deploy(&cloud, &request(&site())).await.0.expect_err("no answer");
    assert!(error.to_string().contains("in us-west-2"), "{error}");
}

#[tokio::test]
async fn a_failed_over_site_keeps_its_web_stacks() {
    let cloud = Fake::new();
    deploy(&cloud, &request(&site())).await.0.expect("it deploys");
    let site = site_with("[web]\ninstance_type = \"t4g.small\"\n");
    cloud.set_group(&region("us-east-2"), STANDBY, raised());
    let (result, _) = deploy(&cloud, &request(&site)).await;
    assert!(matches!(result, Err(DeployError::Refused(_))), "{result:?}");
    let web = cloud.stack(&region("us-east-2"), "shop-web").expect("it stands");
    assert_eq!(web.parameters["InstanceType"], "t4g.micro");
}

const CLOUDFRONT: &str = "[tls]\ncertificate = \"managed\"\n[edge]\ncloudfront = \"on\"\n";
const TLS: &str = "[tls]\ncertificate = \"managed\"\n";
const DASHBOARD: &str = "[operations]\ndashboard = \"on\"\n";

/// What the planned stacks would come to, in their order, but for what is kept.
async fn marks(cloud: &Fake, site: &Site) -> Vec<(StackId, char)> {
    let plan = planned(cloud, site).await;
    let changes = plan.stacks.iter().filter(|entry| entry.action != Action::Keep);
    changes.map(|entry| (entry.stack, entry.action.mark())).collect()
}

#[tokio::test]
async fn an_option_that_is_switched_off_takes_its_stack_away() {
    let cloud = Fake::new();
    deploy(&cloud, &request(&site_with(DASHBOARD))).await.0.expect("it deploys");
    let standby = region("us-east-2");
    assert!(cloud.stack(&standby, "shop-dashboard").is_some());
    assert_eq!(marks(&cloud, &site()).await, [(StackId::Dashboard, '-')]);
    let deployed = deploy(&cloud, &request(&site())).await.0.expect("it deploys");
    assert_eq!(deployed.stacks[&StackId::Dashboard], Outcome::Deleted);
    assert_eq!(deployed.stacks[&StackId::Detector], Outcome::Unchanged);
    assert!(marks(&cloud, &site()).await.is_empty());
}

#[tokio::test]
async fn a_stack_that_is_no_longer_wanted_stays_while_an_earlier_wave_fails() {
    let cloud = Fake::new();
    deploy(&cloud, &request(&site_with(DASHBOARD))).await.0.expect("it deploys");
    cloud.fail_stack("shop-controller", &[("ControllerRole", "not authorized")]);
    let changed = site_with("[failover]\nhold_down = \"1h\"\n");
    deploy(&cloud, &request(&changed)).await.0.expect_err("the controller fails");
    let dashboard = cloud.stack(&region("us-east-2"), "shop-dashboard").expect("it is known");
    assert_eq!(dashboard.status.as_str(), "CREATE_COMPLETE");
}

/// Goal: users' name is never taken from its records by accident. Method: CloudFront on, then off again, each first without and
/// then with the operator's word; what is written meanwhile, in order.
#[tokio::test]
async fn the_users_name_moves_between_records_and_cloudfront_only_when_told() {
    let cloud = Fake::new();
    deploy(&cloud, &request(&site_with(TLS))).await.0.expect("it deploys");
    for (site, from, order) in [
        (
            site_with(CLOUDFRONT),
            "from the failover records to CloudFront",
            ["ExecuteChangeSet us-east-1 shop-detector", "ExecuteChangeSet us-east-1 shop-edge"],
        ),
        (
            site_with(TLS),
            "from CloudFront to the failover records",
            ["DeleteStack us-east-1 shop-edge", "ExecuteChangeSet us-east-1 shop-detector"],
        ),
    ] {
        let before = cloud.writes().len();
        let mut request = request(&site);
        let Err(DeployError::Refused(refusal)) = deploy(&cloud, &request).await.0 else {
            panic!("it must be refused");
        };
        assert!(refusal.why.contains(from), "{}", refusal.why);
        assert_eq!(cloud.writes().len(), before, "nothing was touched");
        request.safety = Safety::Overruled;
        deploy(&cloud, &request).await.0.expect("it deploys");
        let mut writes = cloud.writes().split_off(before);
        writes.retain(|write| order.contains(&write.as_str()));
        assert_eq!(writes, order);
        deploy(&cloud, &sample::request(&site)).await.0.expect("it has moved");
    }
}

#[tokio::test]
async fn a_move_that_stopped_half_way_goes_on_without_being_told_again() {
    let cloud = Fake::new();
    deploy(&cloud, &request(&site_with(TLS))).await.0.expect("it deploys");
    cloud.fail_stack("shop-edge", &[("Distribution", "not authorized")]);
    let site = site_with(CLOUDFRONT);
    let mut forced = request(&site);
    forced.safety = Safety::Overruled;
    deploy(&cloud, &forced).await.0.expect_err("CloudFront fails");
    let deployed = deploy(&cloud, &request(&site)).await.0.expect("it goes on");
    assert_eq!(deployed.stacks[&StackId::Edge], Outcome::Created);
    assert_eq!(deployed.stacks[&StackId::Detector], Outcome::Unchanged);
}

#[test]
fn no_stack_is_ever_given_a_desired_capacity() {
    let site = site();
    let mut parameters = site.stacks.iter().flat_map(|stack| &stack.parameters);
    assert!(parameters.all(|(name, source)| {
        !name.as_str().contains("Desired")
            && !matches!(source, Source::Output { name, .. } if name.as_str().contains("Desired"))
    }));
}
