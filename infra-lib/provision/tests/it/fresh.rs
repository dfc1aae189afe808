//! What was read before a question, a build or a wave does not decide what is written after it.

use std::collections::BTreeMap;

use cloud::guard::{Refusal, Safety};
use cloud::{AlarmStatus, GroupView, PropertyChange, ResourceAction, ResourceChange};
use failover_core::observation::AlarmState;
use failover_core::record::{Base, Register, Sizes};
use provision::apply::{self, DeployError, Deployed, Outcome, Request};
use provision::plan::Agreed;
use site::model::{Site, StackId, Was};
use site::names::Region;

use site::config::{Config, MINIMAL};

use sample::standby::{STANDBY, at, note, raised, servers, standby};
use sample::{Fake, Happening, deploy, planned, region, request, site, site_with};

const PRIMARY: &str = "us-west-2-shop-web-GroupName";
const ALARM: &str = "us-east-1-shop-detector-AlarmName";
const SMALL: &str = "[web]\ninstance_type = \"t4g.small\"\n";

fn sizes(min: u16, desired: u16, max: u16) -> Sizes {
    Sizes { min, desired, max }
}

fn east() -> Region {
    region("us-east-2")
}

/// A deployed site with a dark standby whose controller has seen it healthy.
async fn deployed_with(more: &str) -> Fake {
    let cloud = Fake::new();
    deploy(&cloud, &request(&site_with(more))).await.0.expect("it deploys");
    let base = Register::Base(Base { sizes: sizes(0, 0, 8), at: at(0) });
    cloud.set_group(&east(), STANDBY, standby(sizes(0, 0, 8), 0, &[base]));
    let primary =
        GroupView { sizes: sizes(2, 2, 8), instances: servers(2), ..GroupView::default() };
    cloud.set_group(&region("us-west-2"), PRIMARY, primary);
    cloud
}

#[expect(clippy::panic, reason = "it fails its test")]
fn refused(result: Result<Deployed, DeployError>) -> Refusal {
    match result {
        Err(DeployError::Refused(refusal)) => refusal,
        other => panic!("it must be refused: {other:?}"),
    }
}

/// Consent to the plan as it is shown now.
async fn agreed(cloud: &Fake, site: &Site) -> Request {
    let agreed = Agreed::from(&planned(cloud, site).await);
    Request { agreed: Some(agreed), ..request(site) }
}

fn parameter(cloud: &Fake, place: &str, stack: &str, name: &str) -> String {
    let view = cloud.stack(&region(place), stack).expect("it stands");
    view.parameters.get(name).cloned().unwrap_or_default()
}

/// Goal: a failover that begins in an early wave closes the later ones. Method: the standby is raised right after the networks
/// have changed, before the wave of the servers.
#[tokio::test]
async fn a_failover_that_begins_between_two_waves_keeps_the_servers_as_they_are() {
    let cloud = deployed_with("").await;
    let site = site_with(&format!("{SMALL}[network]\nnat = \"one\"\n"));
    let group = Happening::Group(east(), STANDBY.to_owned(), raised());
    cloud.after("ExecuteChangeSet us-west-2 shop-network", group);
    let why = refused(deploy(&cloud, &request(&site)).await.0).why;
    assert!(why.contains("the controller holds the standby up since"), "{why}");
    assert_eq!(parameter(&cloud, "us-east-2", "shop-web", "InstanceType"), "t4g.micro");
}

/// Goal: a deploy that breaks the primary itself does not go on to the detector. Method: the alarm fires while the servers are
/// being changed.
#[tokio::test]
async fn an_alarm_that_the_deploy_itself_sets_off_keeps_the_detector_as_it_is() {
    let cloud = deployed_with("").await;
    let site = site_with(&format!("{SMALL}[health]\npath = \"/other\"\n"));
    let alarm = AlarmStatus { state: AlarmState::Alarm, since: Some(at(0)), reason: None };
    let fires = Happening::Alarm(region("us-east-1"), ALARM.to_owned(), alarm);
    cloud.after("ExecuteChangeSet us-east-2 shop-web", fires);
    let why = refused(deploy(&cloud, &request(&site)).await.0).why;
    assert!(
        why.starts_with("`detector` would change while the failover alarm reads ALARM"),
        "{why}"
    );
    assert_ne!(parameter(&cloud, "us-east-1", "shop-detector", "HealthPath"), "/other");
}

#[tokio::test]
async fn a_failed_rollback_is_not_resumed_under_a_standby_that_was_raised_meanwhile() {
    let cloud = deployed_with("").await;
    cloud.leave_stack(&east(), "shop-web", "UPDATE_ROLLBACK_FAILED");
    cloud.set_group(&east(), "shop-standby", raised());
    refused(deploy(&cloud, &request(&site())).await.0);
    let writes = cloud.writes();
    assert!(!writes.iter().any(|write| write.starts_with("Continue")), "{writes:?}");
}

/// Goal: a forced change goes below no live size, whenever the group grew. Method: the standby is raised further while the
/// change set is being made.
#[tokio::test]
async fn a_forced_change_carries_the_sizes_that_are_live_when_it_is_executed() {
    let cloud = deployed_with("").await;
    cloud.set_group(&east(), STANDBY, raised());
    let grown = standby(sizes(5, 6, 9), 6, &[note(5)]);
    let group = Happening::Group(east(), STANDBY.to_owned(), grown);
    cloud.after("CreateChangeSet us-east-2 shop-web", group);
    let mut request = request(&site_with(SMALL));
    request.safety = Safety::Overruled;
    deploy(&cloud, &request).await.0.expect("it deploys");
    let of = |name| parameter(&cloud, "us-east-2", "shop-web", name);
    assert_eq!((of("MinSize"), of("MaxSize"), of("InstanceType")), {
        let text = |word: &str| word.to_owned();
        (text("5"), text("9"), text("t4g.small"))
    });
}

#[tokio::test]
async fn a_forced_change_keeps_the_minimum_of_a_primary_that_was_grown_for_the_failback() {
    let cloud = deployed_with("").await;
    cloud.set_group(&east(), STANDBY, raised());
    let grown = GroupView { sizes: sizes(6, 7, 10), ..GroupView::default() };
    cloud.set_group(&region("us-west-2"), PRIMARY, grown);
    let mut request = request(&site_with(SMALL));
    request.safety = Safety::Overruled;
    deploy(&cloud, &request).await.0.expect("it deploys");
    assert_eq!(parameter(&cloud, "us-west-2", "shop-web", "MinSize"), "6");
    assert_eq!(parameter(&cloud, "us-west-2", "shop-web", "MaxSize"), "10");
}

#[tokio::test]
async fn force_while_nothing_is_raised_applies_the_sizes_of_the_file() {
    let cloud = deployed_with("").await;
    let mut request = request(&site_with("[failover]\ncapacity_max = 6\n"));
    request.safety = Safety::Overruled;
    deploy(&cloud, &request).await.0.expect("it deploys");
    assert_eq!(parameter(&cloud, "us-east-2", "shop-web", "MaxSize"), "6");
}

/// Goal: consent is to a site that stands still. Method: B sees a plan, A deploys, B's yes comes after.
#[tokio::test]
async fn what_another_operator_deployed_meanwhile_is_not_put_back_by_a_consent_to_an_older_plan() {
    let cloud = deployed_with("").await;
    let bs = agreed(&cloud, &site_with("[web]\ncpu_target_percent = 60\n")).await;
    let theirs = site_with("[web]\nprimary_max = 40\n");
    deploy(&cloud, &agreed(&cloud, &theirs).await).await.0.expect("A deploys");
    let refusal = refused(deploy(&cloud, &bs).await.0);
    let why = &refusal.why;
    assert!(why.starts_with("somebody changed `web-primary` after the plan was shown"), "{why}");
    assert!(refusal.hint.contains("`cargo xtask deploy` shows the rest and asks again"));
    assert_eq!(parameter(&cloud, "us-west-2", "shop-web", "MaxSize"), "40");
}

#[tokio::test]
async fn what_another_operator_deployed_just_so_is_no_reason_to_refuse() {
    let cloud = deployed_with("").await;
    let site = site_with("[web]\ncpu_target_percent = 60\n");
    let bs = agreed(&cloud, &site).await;
    deploy(&cloud, &agreed(&cloud, &site).await).await.0.expect("A deploys");
    let deployed = deploy(&cloud, &bs).await.0.expect("there is nothing left to do");
    assert_eq!(deployed.stacks[&StackId::WebPrimary], Outcome::Unchanged);
}

fn modify(name: &str, before: &str, after: &str) -> ResourceChange {
    let (before, after) = (Some(before.to_owned()), Some(after.to_owned()));
    ResourceChange {
        logical_id: "Group".to_owned(),
        resource_type: "AWS::AutoScaling::AutoScalingGroup".to_owned(),
        action: ResourceAction::Modify,
        properties: vec![PropertyChange { name: name.to_owned(), before, after }],
    }
}

/// Goal: consent covers values. Method: the same resource, the same action, another value.
#[tokio::test]
async fn a_change_in_place_to_a_value_that_was_not_shown_is_refused() {
    let cloud = deployed_with("").await;
    cloud.will_change("shop-web", vec![modify("CpuTarget", "50", "60")]);
    let request = agreed(&cloud, &site_with("[web]\ncpu_target_percent = 60\n")).await;
    cloud.will_change("shop-web", vec![modify("MaxSize", "40", "8")]);
    let why = refused(deploy(&cloud, &request).await.0).why;
    assert!(
        why.contains("in another way than the plan showed: > Group (MaxSize: 40 -> 8)"),
        "{why}"
    );
    let agreed = request.agreed.expect("it was agreed to");
    let same = modify("CpuTarget", "50", "60");
    assert_eq!(agreed.unseen(StackId::WebPrimary, &BTreeMap::new(), &[same]), None);
}

fn change(logical_id: &str, kind: &str, action: ResourceAction) -> ResourceChange {
    let (logical_id, resource_type) = (logical_id.to_owned(), kind.to_owned());
    ResourceChange { logical_id, resource_type, action, properties: Vec::new() }
}

/// Goal: what no later stack can feel leaves nothing to be decided on the way. Method: the primary's maximum, which the
/// controller's role has too, and CloudFormation that does not tell whether the role's policy is replaced.
#[tokio::test]
async fn a_setting_of_two_stacks_is_shown_whole_and_deployed_in_one_run() {
    let cloud = deployed_with("").await;
    let policy = change("Permissions", "AWS::IAM::Policy", ResourceAction::MayReplace);
    cloud.will_change("shop-controller", vec![policy]);
    let site = site_with("[web]\nprimary_max = 40\n");
    let plan = planned(&cloud, &site).await;
    assert!(plan.stacks.iter().all(|entry| entry.action.is_known()), "{plan}");
    deploy(&cloud, &agreed(&cloud, &site).await).await.0.expect("one run is enough");
    assert_eq!(parameter(&cloud, "us-east-2", "shop-controller", "PrimaryMaxSize"), "40");
}

/// The sample with another host name, and what whoever means it says.
fn renamed() -> (Site, [Was; 1]) {
    let text = MINIMAL.replace("shop.example.com", "staging.example.com");
    let site = Site::new(Config::from_toml(&text, "pilotlight.toml").expect("a site file"));
    (site, ["hostname=shop.example.com".parse().expect("a value")])
}

fn records(action: ResourceAction) -> Vec<ResourceChange> {
    let record = |name| change(name, "AWS::Route53::RecordSet", action);
    vec![record("PrimaryRecord"), record("StandbyRecord")]
}

/// Goal: a rename that somebody names is one run, and the loss of the old records is shown before it. Method: the controller
/// changes too, in a resource of which CloudFormation does not tell whether it stays.
#[tokio::test]
async fn a_rename_is_shown_whole_and_deployed_in_one_run() {
    let cloud = deployed_with("").await;
    let (site, was) = renamed();
    let role = change("Role", "AWS::IAM::Role", ResourceAction::MayReplace);
    cloud.will_change("shop-controller", vec![role]);
    cloud.will_change("shop-detector", records(ResourceAction::Replace));
    let plan = planned(&cloud, &site).await;
    assert!(plan.stacks.iter().all(|entry| entry.action.is_known()), "{plan}");
    assert!(plan.to_string().contains("! PrimaryRecord"), "{plan}");
    let agreed = Some(Agreed::from(&plan).after(&was));
    deploy(&cloud, &Request { agreed, ..request(&site) }).await.0.expect("one run is enough");
    assert_eq!(parameter(&cloud, "us-east-1", "shop-detector", "Hostname"), "staging.example.com");
}

/// Goal: what waits for an earlier stack is foretold by today's outputs, and consented to with the rest. Method: CloudFormation
/// does not tell whether an alarm of the controller stays whose name the detector takes; it does, and nothing else is refused.
#[tokio::test]
async fn what_is_foretold_is_agreed_to_if_it_comes_so_and_refused_before_the_first_wave_if_it_may_not_be()
 {
    let cloud = deployed_with("").await;
    let (site, was) = renamed();
    let latch = change("LatchAlarm", "AWS::CloudWatch::Alarm", ResourceAction::MayReplace);
    cloud.will_change("shop-controller", vec![latch]);
    let mut lost = records(ResourceAction::MayReplace);
    lost.push(change("FailoverAlarm", "AWS::CloudWatch::Alarm", ResourceAction::MayReplace));
    cloud.will_change("shop-detector", lost);
    let plan = planned(&cloud, &site).await;
    let told = plan.to_string();
    assert!(told.contains("expected, if their outputs stay as they are:"), "{told}");
    assert!(told.contains("! FailoverAlarm"), "{told}");
    let agreed = Some(Agreed::from(&plan).after(&was));
    deploy(&cloud, &Request { agreed, ..request(&site) }).await.0.expect("one run is enough");
    assert_eq!(parameter(&cloud, "us-east-1", "shop-detector", "Hostname"), "staging.example.com");

    let cloud = deployed_with("").await;
    let latch = change("LatchAlarm", "AWS::CloudWatch::Alarm", ResourceAction::MayReplace);
    cloud.will_change("shop-controller", vec![latch]);
    cloud.set_group(&east(), STANDBY, raised());
    let plan = planned(&cloud, &site).await;
    let foretold = apply::refusal(&cloud, &site, &plan, Safety::Guarded).await;
    let why = foretold.expect("it can be read").expect("before the controller is changed").why;
    assert!(why.starts_with("`detector` would change"), "{why}");
}

/// Goal: whoever names the old host name agrees to the loss of its records, and of nothing else. Method: a new function, whose
/// ARN the detector waits for, so that the plan cannot show the detector's change.
#[tokio::test]
async fn a_rename_that_could_not_be_shown_takes_the_old_records_and_nothing_else() {
    let cloud = deployed_with("").await;
    let (site, was) = renamed();
    let function = change("Controller", "AWS::Lambda::Function", ResourceAction::Replace);
    cloud.will_change("shop-controller", vec![function]);
    let plan = planned(&cloud, &site).await;
    let agreed = Agreed::from(&plan).after(&was);
    assert!(!agreed.is_whole(StackId::Detector));
    let check = [change("PrimaryCheck", "AWS::Route53::HealthCheck", ResourceAction::Replace)];
    for lost in [&records(ResourceAction::Remove)[..], &check] {
        assert!(agreed.unseen(StackId::Detector, &BTreeMap::new(), lost).is_some(), "{lost:?}");
    }
    let unsaid = Agreed::from(&plan);
    assert!(
        unsaid
            .unseen(StackId::Detector, &BTreeMap::new(), &records(ResourceAction::Replace))
            .is_some()
    );
    cloud.will_change("shop-detector", records(ResourceAction::Replace));
    let request = Request { agreed: Some(agreed), ..request(&site) };
    deploy(&cloud, &request).await.0.expect("one run is enough");
    assert_eq!(parameter(&cloud, "us-east-1", "shop-detector", "Hostname"), "staging.example.com");
}

#[tokio::test]
async fn a_parameter_that_becomes_something_else_than_was_shown_is_refused() {
    let cloud = deployed_with("").await;
    let mut request = agreed(&cloud, &site_with("[web]\ncpu_target_percent = 60\n")).await;
    request.site = site_with("[web]\ncpu_target_percent = 60\nprimary_max = 9\n");
    let why = refused(deploy(&cloud, &request).await.0).why;
    assert!(why.contains("would get other values than the plan showed: MaxSize"), "{why}");
}

/// Goal: the networks under a raised standby stay. Method: taking the way out away, and a third zone, each while raised.
#[tokio::test]
async fn the_network_under_a_raised_standby_is_not_touched() {
    for more in ["[network]\nnat = \"none\"\n", "[network]\nzones = 3\n"] {
        let cloud = deployed_with("[network]\nnat = \"one\"\n").await;
        cloud.set_group(&east(), STANDBY, raised());
        let more =
            if more.contains("nat") { more.to_owned() } else { format!("{more}nat = \"one\"\n") };
        let site = site_with(&more);
        let before = cloud.stack(&east(), "shop-network");
        let plan = planned(&cloud, &site).await;
        let foretold = apply::refusal(&cloud, &site, &plan, Safety::Guarded).await;
        let why = foretold.expect("it can be read").expect("it is refused").why;
        assert!(why.starts_with("`network-"), "{why}");
        refused(deploy(&cloud, &request(&site)).await.0);
        assert_eq!(cloud.stack(&east(), "shop-network"), before);
    }
}

#[tokio::test]
async fn a_network_that_only_grows_may_change_under_a_raised_standby() {
    let cloud = deployed_with("").await;
    cloud.set_group(&east(), STANDBY, raised());
    let resource_type = "AWS::EC2::Subnet".to_owned();
    let (logical_id, action) = ("More".to_owned(), ResourceAction::Add);
    let properties = Vec::new();
    let grown = ResourceChange { logical_id, resource_type, action, properties };
    cloud.will_change("shop-network", vec![grown]);
    deploy(&cloud, &request(&site_with("[network]\nnat = \"one\"\n"))).await.0.expect("it deploys");
}

#[tokio::test]
async fn what_is_pending_counts_as_touched_while_the_standby_is_raised_and_what_is_new_does_not() {
    let cloud = deployed_with("").await;
    cloud.set_group(&east(), STANDBY, raised());
    let site = site_with("[network]\nnat = \"one\"\n");
    let mut vpc = modify("CidrBlock", "10.0.0.0/16", "10.1.0.0/16");
    vpc.action = ResourceAction::Replace;
    vpc.logical_id = "Vpc".to_owned();
    cloud.will_change("shop-network", vec![vpc]);
    let plan = planned(&cloud, &site).await;
    let touched: Vec<_> = plan.guarded_updates().map(|entry| entry.stack).collect();
    assert!(touched.contains(&StackId::WebStandby), "{touched:?}");
    let new = planned(&Fake::new(), &site).await;
    assert_eq!(new.guarded_updates().count(), 0, "a new stack has no users");
}

#[tokio::test]
async fn a_plan_foretells_that_the_users_name_may_not_move() {
    let tls = "[tls]\ncertificate = \"managed\"\n";
    let cloud = deployed_with(tls).await;
    let site = site_with(&format!("{tls}[edge]\ncloudfront = \"on\"\n"));
    let plan = planned(&cloud, &site).await;
    let foretold = apply::refusal(&cloud, &site, &plan, Safety::Guarded).await;
    let refusal = foretold.expect("it can be read").expect("it is refused");
    assert_eq!(refused(deploy(&cloud, &request(&site)).await.0), refusal, "the same for both");
    let forced = apply::refusal(&cloud, &site, &plan, Safety::Overruled).await;
    assert_eq!(forced.expect("it can be read"), None);
}

#[tokio::test]
async fn a_resource_to_skip_in_a_stack_that_is_not_in_a_failed_rollback_is_an_error() {
    let cloud = deployed_with("").await;
    let mut request = request(&site());
    request.skip = vec!["web-primary:Group".parse().expect("a resource")];
    let given = request.given(cloud::guard::Carried::default());
    let pace = provision::progress::Pace::at_once();
    let error = provision::plan::plan(&cloud, request.consent.permit(), &site(), &given, pace)
        .await
        .expect_err("an error");
    assert_eq!(
        error.to_string(),
        "`--skip web-primary:Group` has nothing to do: `web-primary` is not in a failed rollback, \
         its status is CREATE_COMPLETE"
    );
}
