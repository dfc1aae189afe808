//! A plan shows what would happen, guesses nothing, changes nothing, and is carried out as it was shown or not at all.

use cloud::guard::Carried;
use cloud::{PropertyChange, ResourceAction, ResourceChange};
use expect_test::expect;
use failover_core::Timestamp;
use provision::apply::DeployError;
use provision::plan::{Action, Agreed, Plan, PlanFile, plan};
use provision::progress::{Pace, Progress};
use site::model::{Site, StackId};

use sample::{Fake, deploy, planned, region, request, site, site_with};

fn change(logical_id: &str, kind: &str, action: ResourceAction) -> ResourceChange {
    let property = PropertyChange {
        name: "InstanceType".to_owned(),
        before: Some("t4g.micro".to_owned()),
        after: Some("t4g.small".to_owned()),
    };
    let properties = if action == ResourceAction::Modify { vec![property] } else { Vec::new() };
    let (logical_id, resource_type) = (logical_id.to_owned(), kind.to_owned());
    ResourceChange { logical_id, resource_type, action, properties }
}

/// A deployed site, and the file that asks for another instance type and names another bucket of hold-down.
async fn changed() -> (Fake, Site) {
    let cloud = Fake::new();
    deploy(&cloud, &request(&site())).await.0.expect("it deploys");
    (cloud, site_with("[web]\ninstance_type = \"t4g.small\"\n"))
}

/// The stacks that are not kept.
fn told(plan: &Plan) -> String {
    let entries = plan.stacks.iter().filter(|entry| entry.action != Action::Keep);
    entries.map(ToString::to_string).collect()
}

#[tokio::test]
async fn a_first_plan_counts_what_would_be_made_and_writes_nothing() {
    let cloud = Fake::new();
    let plan = planned(&cloud, &site()).await;
    assert!(cloud.writes().is_empty(), "{:?}", cloud.writes());
    expect![[r#"
        account 000000000000
        + artifacts        us-east-2      create, 2 resources
        + network-primary  us-west-2      create, 16 resources
        + network-standby  us-east-2      create, 16 resources
        + web-primary      us-west-2      create, 8 resources
        + web-standby      us-east-2      create, 8 resources
        + controller       us-east-2      create, 23 resources
        + detector         us-east-1      create, 17 resources
        resources: 90 to add, 0 to change, 0 to remove, 0 to replace
    "#]]
    .assert_eq(&plan.to_string());
}

#[tokio::test]
async fn what_depends_on_a_stack_that_is_replaced_is_pending() {
    let (cloud, site) = changed().await;
    let kind = "AWS::ElasticLoadBalancingV2::LoadBalancer";
    cloud.will_change(
        "shop-web",
        vec![
            change("LaunchTemplate", "AWS::EC2::LaunchTemplate", ResourceAction::Modify),
            change("LoadBalancer", kind, ResourceAction::Replace),
        ],
    );
    let before = cloud.writes().len();
    let plan = planned(&cloud, &site).await;
    expect![[r#"
        > web-primary      us-west-2      update
              InstanceType: t4g.micro -> t4g.small
                every instance is replaced, those of a warm pool too, and a new one must be healthy before an old one ends
            > LaunchTemplate (EC2::LaunchTemplate) in place: InstanceType: t4g.micro -> t4g.small
            ! LoadBalancer (ElasticLoadBalancingV2::LoadBalancer) replaced
                a new DNS name: the records follow in the detector's wave, and users of this region are cut off until then
        > web-standby      us-east-2      update
              InstanceType: t4g.micro -> t4g.small
                every instance is replaced, those of a warm pool too, and a new one must be healthy before an old one ends
            > LaunchTemplate (EC2::LaunchTemplate) in place: InstanceType: t4g.micro -> t4g.small
            ! LoadBalancer (ElasticLoadBalancingV2::LoadBalancer) replaced
                a new DNS name: the records follow in the detector's wave, and users of this region are cut off until then
        ? controller       us-east-2      not known until web-primary, web-standby is deployed
        ? detector         us-east-1      not known until web-primary, web-standby, controller is deployed
    "#]]
    .assert_eq(&told(&plan));
    let writes = cloud.writes().split_off(before);
    let (made, thrown): (Vec<_>, Vec<_>) =
        writes.iter().partition(|write| write.starts_with("CreateChangeSet"));
    assert_eq!((made.len(), thrown.len()), (2, 2), "{writes:?}");
    assert!(thrown.iter().all(|write| write.starts_with("DeleteChangeSet")), "{writes:?}");
}

#[tokio::test]
async fn what_is_changed_in_place_leaves_the_others_as_they_are() {
    let (cloud, site) = changed().await;
    let plan = planned(&cloud, &site).await;
    let touched: Vec<_> = plan
        .stacks
        .iter()
        .filter(|entry| entry.action != Action::Keep)
        .map(|entry| entry.stack)
        .collect();
    assert_eq!(touched, [StackId::WebPrimary, StackId::WebStandby]);
    assert_eq!(plan.guarded_updates().count(), 2);
}

/// Goal: nobody loses what no plan showed. Method: the change set changes between the consent and its execution.
#[tokio::test]
async fn a_replacement_that_the_plan_did_not_show_is_not_made() {
    let (cloud, site) = changed().await;
    let agreed = Agreed::from(&planned(&cloud, &site).await);
    let group = "AWS::AutoScaling::AutoScalingGroup";
    cloud.will_change("shop-web", vec![change("Group", group, ResourceAction::MayReplace)]);
    let mut request = request(&site);
    request.agreed = Some(agreed);
    let Err(DeployError::Refused(refusal)) = deploy(&cloud, &request).await.0 else {
        panic!("it must be refused");
    };
    assert!(refusal.why.contains("! Group"), "{}", refusal.why);
    let executed = cloud.writes().into_iter().filter(|write| write.starts_with("Execute")).count();
    assert_eq!(executed, 7, "the first deploy's alone");
    request.agreed = Some(Agreed::from(&planned(&cloud, &site).await));
    deploy(&cloud, &request).await.0.expect("now it was shown");
}

/// An account in which earlier runs left each state that they can, with the events that lead there.
fn broken() -> Fake {
    let cloud = Fake::new();
    let (west, east) = (region("us-west-2"), region("us-east-2"));
    let (network, web) = ("shop-network", "shop-web");
    cloud.leave_stack(&east, "shop-artifacts", "REVIEW_IN_PROGRESS");
    cloud.leave_stack(&west, network, "ROLLBACK_COMPLETE");
    let cancelled = Some("Resource creation cancelled");
    let told = [
        (network, "CREATE_IN_PROGRESS", Some("User Initiated")),
        ("Vpc", "CREATE_FAILED", Some("The maximum number of VPCs has been reached")),
        ("Gateway", "CREATE_FAILED", cancelled),
        (
            network,
            "ROLLBACK_IN_PROGRESS",
            Some("The following resource(s) failed to create: [Vpc]"),
        ),
        (network, "ROLLBACK_COMPLETE", None),
    ];
    cloud.tell(&west, network, &told);
    cloud.leave_stack(&east, network, "CREATE_IN_PROGRESS");
    cloud.leave_stack(&west, web, "UPDATE_ROLLBACK_FAILED");
    let told = [
        ("Group", "UPDATE_FAILED", Some("of an update long ago")),
        (web, "UPDATE_IN_PROGRESS", Some("User Initiated")),
        ("Group", "UPDATE_FAILED", Some("no instance came up")),
        (web, "UPDATE_ROLLBACK_IN_PROGRESS", None),
        ("LaunchTemplate", "UPDATE_FAILED", Some("it does not exist")),
        (
            web,
            "UPDATE_ROLLBACK_FAILED",
            Some("The following resource(s) failed to update: [Group]"),
        ),
    ];
    cloud.tell(&west, web, &told);
    cloud.leave_stack(&east, web, "DELETE_FAILED");
    let told = [
        (web, "DELETE_IN_PROGRESS", Some("User Initiated")),
        ("Bucket", "DELETE_FAILED", Some("The bucket you tried to delete is not empty")),
    ];
    cloud.tell(&east, web, &told);
    cloud.leave_stack(&east, "shop-controller", "SOMETHING_NEW");
    cloud
}

/// Goal: somebody who comes to a broken site reads what happened and what will be done. Method: the plan of an account
/// where nothing is as it should be.
#[tokio::test]
async fn each_state_of_an_earlier_run_is_explained_with_its_cause() {
    let (cloud, site) = (broken(), site());
    let mut request = request(&site);
    request.skip = vec!["web-primary:LaunchTemplate".parse().expect("a resource")];
    let given = request.given(Carried::default());
    let plan = plan(&cloud, request.consent.permit(), &site, &given, Pace::at_once())
        .await
        .expect("a plan");
    expect![[r#"
        account 000000000000
        ! artifacts        us-east-2      delete what is left, then create, 2 resources
              REVIEW_IN_PROGRESS: a run was killed or stopped before it created anything; the stack is empty
        ! network-primary  us-west-2      delete what is left, then create, 16 resources
              ROLLBACK_COMPLETE: its creation failed; it was never in use and can only be deleted
              because: Vpc (AWS::Fake::Thing): The maximum number of VPCs has been reached
              1 more resource was cancelled because of it
        ? network-standby  us-east-2      wait for CloudFormation, then decide
              CREATE_IN_PROGRESS: CloudFormation is still working on it, perhaps for a run that was killed
        ! web-primary      us-west-2      resume the rollback, then decide
              UPDATE_ROLLBACK_FAILED: an update failed, and so did its rollback: some resources are new and some old; once the cause is corrected, the rollback resumes
              because: Group (AWS::Fake::Thing): no instance came up
              then: LaunchTemplate (AWS::Fake::Thing): it does not exist
              skipped, as you asked: LaunchTemplate
        ! web-standby      us-east-2      delete what is left, then create, 8 resources
              DELETE_FAILED: deleting it failed halfway; the deletion is tried again
              because: Bucket (AWS::Fake::Thing): The bucket you tried to delete is not empty
        ? controller       us-east-2      needs a person to look first
              SOMETHING_NEW: not a state that this tool can recover from
              because: shop-controller (AWS::CloudFormation::Stack): CloudFormation gives no reason
        + detector         us-east-1      create, 17 resources
        resources: 43 to add, 0 to change, 0 to remove, 0 to replace; 3 stacks are decided during the deploy
    "#]]
    .assert_eq(&plan.to_string());
    assert!(cloud.writes().is_empty(), "{:?}", cloud.writes());
    let guarded: Vec<_> = plan.guarded_updates().map(|entry| entry.stack).collect();
    assert_eq!(guarded, [StackId::WebPrimary, StackId::WebStandby]);
}

/// Goal: what is pending is never guessed. Method: a setting that changes an output of the network although none of its resources
/// is another one.
#[tokio::test]
async fn an_output_that_a_setting_changes_makes_what_needs_it_pending() {
    let cloud = Fake::new();
    deploy(&cloud, &request(&site())).await.0.expect("it deploys");
    let plan = planned(&cloud, &site_with("[network]\nzones = 3\n")).await;
    let of = |stack| plan.stacks.iter().find(|entry| entry.stack == stack).expect("it is there");
    assert_eq!(of(StackId::NetworkStandby).action.mark(), '>');
    let Action::Pending { after, .. } = &of(StackId::WebStandby).action else {
        panic!("{}", of(StackId::WebStandby));
    };
    assert_eq!(after, &[StackId::NetworkStandby]);
}

/// Goal: consent is to what was shown. Method: change sets that the plan did not show, and one that was pending.
#[tokio::test]
async fn what_was_shown_or_foretold_must_be_just_that() {
    let (cloud, site) = changed().await;
    let balancer = "AWS::ElasticLoadBalancingV2::LoadBalancer";
    cloud.will_change("shop-web", vec![change("LoadBalancer", balancer, ResourceAction::Replace)]);
    let agreed = Agreed::from(&planned(&cloud, &site).await);
    assert!(agreed.is_whole(StackId::WebPrimary) && !agreed.is_whole(StackId::Controller));
    // Other outputs than those that the controller's change was foretold by.
    let unlike = std::collections::BTreeMap::new();
    let modify = [change("Group", "AWS::AutoScaling::AutoScalingGroup", ResourceAction::Modify)];
    assert_eq!(agreed.unseen(StackId::Controller, &unlike, &modify), None);
    let why = agreed.unseen(StackId::WebPrimary, &unlike, &modify).expect("nobody saw it");
    assert_eq!(
        why,
        "`web-primary` would change in another way than the plan showed: > Group (InstanceType: t4g.micro -> t4g.small)"
    );
    let remove = [change("Topic", "AWS::SNS::Topic", ResourceAction::Remove)];
    let why = agreed.unseen(StackId::Controller, &unlike, &remove).expect("nobody saw it");
    assert_eq!(why, "`controller` would lose what the plan could not show yet: - Topic");

    let mut request = request(&site_with(
        "[web]\ninstance_type = \"t4g.small\"\n[failover]\nhold_down = \"1h\"\n",
    ));
    request.agreed = Some(Agreed::from(&planned(&cloud, &request.site).await));
    let (result, told) = deploy(&cloud, &request).await;
    result.expect("it deploys");
    let worked_out = told
        .iter()
        .filter(|one| matches!(one, Progress::WorkedOut { stack: StackId::Controller, .. }));
    assert_eq!(worked_out.count(), 0, "it came as it was foretold");
}

fn file(plan: &Plan, code_key: &str) -> PlanFile {
    PlanFile::new(plan, "shop.example.com", code_key, false, Timestamp::UNIX_EPOCH)
}

#[tokio::test]
async fn a_plan_file_holds_as_long_as_the_world_does() {
    let (cloud, site) = changed().await;
    let folder = tempfile::tempdir().expect("a folder");
    let name = folder.path().join("plan.json");
    file(&planned(&cloud, &site).await, "a.zip").write(&name).expect("it is written");
    let read = PlanFile::read(&name).expect("it is read");
    assert_eq!(read.moved(&file(&planned(&cloud, &site).await, "a.zip")), None);

    let code = read.moved(&file(&planned(&cloud, &site).await, "b.zip")).expect("it moved");
    assert!(code.why.contains("the Lambda is b.zip, not a.zip"), "{}", code.why);

    deploy(&cloud, &request(&site_with("[web]\ncpu_target_percent = 40\n")))
        .await
        .0
        .expect("it deploys");
    let moved = read.moved(&file(&planned(&cloud, &site).await, "a.zip")).expect("it moved");
    assert!(moved.why.contains("`web-primary`: "), "{}", moved.why);
    assert!(!moved.why.contains("network"), "{}", moved.why);
}

/// Goal: a plan can be read, kept and logged although a boot script holds a password, and still notices another script. Method:
/// the password is looked for in all that a plan is told by.
#[tokio::test]
async fn a_plan_tells_user_data_by_its_hash_and_notices_another() {
    let with = |script: &str| {
        let mut config = site().config.clone();
        config.web.user_data = Some(script.to_owned());
        Site::new(config)
    };
    let cloud = Fake::new();
    deploy(&cloud, &request(&with("first password"))).await.0.expect("it deploys");
    let second = planned(&cloud, &with("second password")).await;
    let folder = tempfile::tempdir().expect("a folder");
    let name = folder.path().join("plan.json");
    file(&second, "a.zip").write(&name).expect("it is written");
    let json = std::fs::read_to_string(&name).expect("it is read");
    let text = second.to_string();
    for told in [&json, &text] {
        assert!(!told.contains("password") && told.contains("sha256:"), "{told}");
    }
    assert!(text.contains("UserData: sha256:"), "{text}");
    let mode = std::fs::metadata(&name).expect("it is there").permissions();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777, 0o600);

    let read = PlanFile::read(&name).expect("it is read");
    assert_eq!(read.moved(&file(&second, "a.zip")), None);
    let third = planned(&cloud, &with("third password")).await;
    let moved = read.moved(&file(&third, "a.zip")).expect("it is another script");
    assert!(moved.why.contains("its parameters differ"), "{}", moved.why);
    assert!(!moved.why.contains("password"), "{}", moved.why);
}

#[tokio::test]
async fn a_file_that_is_no_plan_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let name = folder.path().join("plan.json");
    let reason = |name| PlanFile::read(name).expect_err("it is no plan").to_string();
    assert!(reason(&name).contains("holds no plan that can be executed"));
    let mut plan = file(&planned(&Fake::new(), &site()).await, "a.zip");
    plan.schema += 1;
    plan.write(&name).expect("it is written");
    assert!(reason(&name).contains("it has version 3, not 2"), "{}", reason(&name));
}
