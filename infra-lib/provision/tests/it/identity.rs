//! What is not this site is not touched, and what makes it another one is refused unless somebody names what it was.

use std::time::{SystemTime, UNIX_EPOCH};

use cloud::guard::{self, GuardError, Refusal, Safety, admit, admit_in_outage, leaving, oddities};
use cloud::{AlarmStatus, GroupView, StackResource};
use failover_core::observation::AlarmState;
use failover_core::record::Sizes;
use provision::apply::Outcome;
use provision::destroy::{DestroyError, Destroyed, Removal, destroy};
use provision::progress::{Pace, Reporter};
use site::config::{Config, MINIMAL};
use site::model::{Site, StackId, Was};

use sample::{Fake, consent, deploy, planned, region, request, site, site_with};

const EDGE: &str = "[tls]\ncertificate = \"managed\"\n[edge]\ncloudfront = \"on\"\n";

/// The sample with one value in place of another.
fn changed(from: &str, to: &str) -> Site {
    let text = MINIMAL.replace(from, to);
    assert_ne!(text, MINIMAL, "{from}");
    Site::new(Config::from_toml(&text, "pilotlight.toml").expect("a site file"))
}

async fn live() -> Fake {
    let cloud = Fake::new();
    deploy(&cloud, &request(&site())).await.0.expect("it deploys");
    cloud.set_group(&region("us-east-2"), "shop-standby", GroupView::default());
    set_alarm(&cloud, AlarmState::Ok);
    cloud
}

fn set_alarm(cloud: &Fake, state: AlarmState) {
    let status = AlarmStatus { state, since: None, reason: None };
    cloud.set_alarm(&region("us-east-1"), "shop-primary-down", status);
}

fn raised() -> GroupView {
    let note = "v1 first=1767225600 at=1767225600 target=2 why=alarm min=0 desired=0 max=8";
    let tags = [("pilotlight:raised".to_owned(), note.to_owned())].into();
    GroupView { sizes: Sizes { min: 2, desired: 2, max: 8 }, tags, ..GroupView::default() }
}

fn resource(logical_id: &str, physical_id: &str, kind: &str) -> StackResource {
    StackResource {
        logical_id: logical_id.to_owned(),
        physical_id: Some(physical_id.to_owned()),
        resource_type: kind.to_owned(),
        status: "CREATE_COMPLETE".to_owned(),
    }
}

/// A stack of another team that has a name of ours.
fn strangers(cloud: &Fake, place: &str, name: &str, held: StackResource) {
    cloud.leave_stack(&region(place), name, "CREATE_COMPLETE");
    cloud.set_parameters(&region(place), name, &[]);
    cloud.set_resource(&region(place), name, held);
}

#[expect(clippy::panic, reason = "it fails its test")]
async fn refused(cloud: &Fake, site: &Site, was: &[&str]) -> Refusal {
    let before = cloud.writes();
    let was: Vec<Was> = was.iter().map(|was| was.parse().expect("a value")).collect();
    let Err(GuardError::Refused(refusal)) = admit(cloud, site, &was).await else {
        panic!("it must be refused");
    };
    assert_eq!(cloud.writes(), before, "nothing was touched");
    assert!(!refusal.hint.is_empty());
    refusal
}

async fn run_destroy(cloud: &Fake) -> Result<Destroyed, DestroyError> {
    let (reporter, events) = Reporter::channel();
    drop(events);
    destroy(cloud, &consent(), &site(), Safety::Overruled, &reporter, Pace::at_once()).await
}

#[tokio::test]
async fn a_destruction_empties_and_deletes_nothing_of_strangers() {
    let cloud = Fake::new();
    let bucket = resource("Payroll", "acme-payroll-data", "AWS::S3::Bucket");
    strangers(&cloud, "us-east-2", "shop-artifacts", bucket);
    let queue = resource("Orders", "orders", "AWS::SQS::Queue");
    strangers(&cloud, "us-west-2", "shop-network", queue);
    let refusal = refused(&cloud, &site(), &[]).await;
    for told in ["`shop-artifacts` in us-east-2", "`shop-network` in us-west-2", "SiteName"] {
        assert!(refusal.why.contains(told), "{}", refusal.why);
    }
    // Even if somebody gets past that, for example because the stack came a moment later.
    let Err(DestroyError::Refused(_)) = run_destroy(&cloud).await else { panic!("refused") };
    assert_eq!(cloud.writes(), Vec::<String>::new());
}

#[tokio::test]
async fn a_stack_with_our_parameter_that_holds_nothing_of_ours_is_a_stranger_s_too() {
    let cloud = live().await;
    let (place, name) = (region("us-east-2"), "shop-artifacts");
    cloud.leave_stack(&place, name, "CREATE_COMPLETE");
    cloud.set_resource(&place, name, resource("Payroll", "acme-payroll", "AWS::S3::Bucket"));
    let before = cloud.writes();
    let Err(DestroyError::Refused(refusal)) = run_destroy(&cloud).await else { panic!("refused") };
    assert!(refusal.why.contains("holds nothing that this tool's template has"), "{}", refusal.why);
    assert_eq!(cloud.writes(), before);
}

#[tokio::test]
async fn a_stack_of_another_site_is_never_changed_by_a_deploy() {
    let cloud = Fake::new();
    cloud.leave_stack(&region("us-west-2"), "shop-network", "CREATE_COMPLETE");
    cloud.set_parameters(&region("us-west-2"), "shop-network", &[("SiteName", "other")]);
    let refusal = refused(&cloud, &site(), &[]).await;
    assert!(refusal.why.contains("belongs to the site `other`, not to `shop`"), "{}", refusal.why);
    // It came after the guard looked: what was begun beside it stays ours, and it is not touched.
    let error = deploy(&cloud, &request(&site())).await.0.expect_err("refused");
    assert!(error.to_string().contains("`other`"), "{error}");
    let theirs = |write: &String| write.contains("us-west-2 shop-network");
    assert!(!cloud.writes().iter().any(theirs), "{:?}", cloud.writes());
}

#[tokio::test]
async fn a_stranger_s_dashboard_or_edge_stays_and_the_plan_says_whose_it_is() {
    let cloud = live().await;
    let table = resource("Orders", "bi-orders", "AWS::DynamoDB::Table");
    strangers(&cloud, "us-east-2", "shop-dashboard", table.clone());
    cloud.leave_stack(&region("us-east-1"), "shop-edge", "CREATE_COMPLETE");
    cloud.set_resource(&region("us-east-1"), "shop-edge", table);
    let plan = planned(&cloud, &site()).await;
    assert!(plan.is_empty(), "{plan}");
    let told = plan.to_string();
    assert!(
        told.contains("not touched: the stack `shop-dashboard` in us-east-2 was not"),
        "{told}"
    );
    assert!(
        told.contains("not touched: the stack `shop-edge` in us-east-1 holds nothing"),
        "{told}"
    );
    let before = cloud.writes();
    deploy(&cloud, &request(&site())).await.0.expect("it deploys");
    assert_eq!(cloud.writes(), before);
    let gone = run_destroy(&cloud).await.expect("ours goes");
    assert!(!gone.stacks.contains_key(&StackId::Dashboard));
    let writes = cloud.writes();
    assert!(!writes.iter().any(|write| write.contains("dashboard") || write.contains("edge")));
}

#[tokio::test]
async fn another_host_name_is_refused_before_anything_is_changed_and_taken_with_the_old_one() {
    let cloud = live().await;
    let staging = changed("shop.example.com", "staging.example.com");
    let refusal = refused(&cloud, &staging, &[]).await;
    assert_eq!(
        refusal.why,
        "the live site serves shop.example.com, and the site file says staging.example.com: shop.example.com would lose its records"
    );
    assert!(refusal.hint.contains("--was hostname=shop.example.com"), "{}", refusal.hint);
    let refusal = refused(&cloud, &staging, &["hostname=www.example.com"]).await;
    assert!(refusal.why.contains("is not what is live"), "{}", refusal.why);
    let was = ["hostname=shop.example.com".parse().expect("a value")];
    admit(&cloud, &staging, &was).await.expect("it is meant");
    deploy(&cloud, &request(&staging)).await.0.expect("it deploys");
    // A run that is repeated says the same again.
    admit(&cloud, &staging, &was).await.expect("it is done");
    refused(&cloud, &site(), &[]).await;
}

#[tokio::test]
async fn another_zone_is_refused_in_the_same_way() {
    let cloud = live().await;
    let live = site().config.hosted_zone_id.to_string();
    let moved = changed(&live, "Z0999999999999");
    let refusal = refused(&cloud, &moved, &[]).await;
    assert!(refusal.why.contains(&format!("the records in {live} would be deleted")));
    let was = [format!("zone={live}").parse().expect("a value")];
    admit(&cloud, &moved, &was).await.expect("it is meant");
}

#[tokio::test]
async fn turning_cloudfront_on_or_off_is_no_rename() {
    let tls = site_with("[tls]\ncertificate = \"managed\"\n");
    let cloud = Fake::new();
    deploy(&cloud, &request(&tls)).await.0.expect("it deploys");
    let edge = site_with(EDGE);
    admit(&cloud, &edge, &[]).await.expect("the users' name stays");
    cloud.fail_stack("shop-edge", &[("Distribution", "not authorized")]);
    let mut forced = request(&edge);
    forced.safety = Safety::Overruled;
    deploy(&cloud, &forced).await.0.expect_err("CloudFront fails");
    admit(&cloud, &edge, &[]).await.expect("half-way there");
    deploy(&cloud, &request(&edge)).await.0.expect("it deploys");
    admit(&cloud, &edge, &[]).await.expect("there");
    admit(&cloud, &tls, &[]).await.expect("and back");
    cloud.fail_stack("shop-detector", &[("PrimaryRecord", "throttled")]);
    let mut forced = request(&tls);
    forced.safety = Safety::Overruled;
    deploy(&cloud, &forced).await.0.expect_err("the records fail");
    admit(&cloud, &tls, &[]).await.expect("half-way back");
}

#[tokio::test]
async fn the_users_name_of_a_site_with_cloudfront_is_the_edge_s_and_its_origin_counts_too() {
    let cloud = Fake::new();
    deploy(&cloud, &request(&site_with(EDGE))).await.0.expect("it deploys");
    let text = format!("{}\n{EDGE}", MINIMAL.replace("shop.example.com", "staging.example.com"));
    let staging = Site::new(Config::from_toml(&text, "pilotlight.toml").expect("a site file"));
    let refusal = refused(&cloud, &staging, &[]).await;
    assert!(refusal.why.contains("serves shop.example.com"), "{}", refusal.why);
    let other = site_with(&format!("{EDGE}origin_hostname = \"from.example.com\"\n"));
    let refusal = refused(&cloud, &other, &[]).await;
    assert!(refusal.hint.contains("--was origin=origin.shop.example.com"), "{}", refusal.hint);
}

#[tokio::test]
async fn a_region_is_left_on_purpose_and_at_rest_only() {
    let cloud = live().await;
    let moved = changed("us-east-2", "eu-west-1");
    let refusal = refused(&cloud, &moved, &[]).await;
    assert!(refusal.hint.contains("--was standby=us-east-2"), "{}", refusal.hint);
    let said = ["standby=us-east-2".parse().expect("a value")];
    cloud.set_group(&region("us-east-2"), "shop-standby", raised());
    let refusal = refused(&cloud, &moved, &["standby=us-east-2"]).await;
    assert!(refusal.why.contains("holds the standby in us-east-2 up since"), "{}", refusal.why);
    let standing = guard::read(&cloud, &moved).await.expect("it reads");
    assert!(standing.lock().is_some(), "the standby that holds the users is the live one");
    cloud.set_group(&region("us-east-2"), "shop-standby", GroupView::default());
    for state in [AlarmState::Alarm, AlarmState::Insufficient] {
        set_alarm(&cloud, state);
        let refusal = refused(&cloud, &moved, &["standby=us-east-2"]).await;
        assert!(refusal.why.contains("the failover alarm reads"), "{}", refusal.why);
    }
    set_alarm(&cloud, AlarmState::Ok);
    admit(&cloud, &moved, &said).await.expect("it is meant, and nobody needs it");
}

#[tokio::test]
async fn swapped_regions_are_refused_whatever_is_said() {
    let cloud = live().await;
    let text = MINIMAL.replace("us-west-2", "X").replace("us-east-2", "us-west-2");
    let text = text.replace('X', "us-east-2");
    let swapped = Site::new(Config::from_toml(&text, "pilotlight.toml").expect("a site file"));
    for was in [&[][..], &["primary=us-west-2", "standby=us-east-2"]] {
        let refusal = refused(&cloud, &swapped, was).await;
        assert!(refusal.why.contains("swaps the regions"), "{}", refusal.why);
        assert!(refusal.hint.contains("docs/runbook.md"), "{}", refusal.hint);
    }
    let taken = MINIMAL.replace("us-east-2", "us-west-1").replace("us-west-2", "us-east-2");
    let taken = Site::new(Config::from_toml(&taken, "pilotlight.toml").expect("a site file"));
    let refusal = refused(&cloud, &taken, &["primary=us-west-2", "standby=us-east-2"]).await;
    assert!(refusal.why.contains("us-east-2 is the live standby"), "{}", refusal.why);
}

#[test]
fn a_region_that_was_left_is_taken_down_from_the_controller_on() {
    let moved = changed("us-east-2", "eu-west-1");
    let was = ["standby=us-east-2", "hostname=a.example.com", "primary=us-west-2"];
    let was: Vec<Was> = was.iter().map(|was| was.parse().expect("a value")).collect();
    let left = leaving(&moved, &was);
    assert_eq!(left.len(), 1, "the primary has not moved");
    assert_eq!(left[0].region, "us-east-2");
    let deleted = left[0].commands.iter().filter_map(|command| {
        let (_, name) = command.split_once("delete-stack --region us-east-2 --stack-name ")?;
        Some(name)
    });
    assert_eq!(
        deleted.collect::<Vec<_>>(),
        ["shop-controller", "shop-web", "shop-network", "shop-artifacts"],
        "the site has no dashboard, so a stack of that name is a stranger's"
    );
}

#[tokio::test]
async fn an_outage_of_the_detector_s_region_and_of_sts_stops_no_failover() {
    let cloud = live().await;
    let ours = changed("name = \"shop\"", "name = \"shop\"\naccount = \"000000000000\"");
    cloud.go_dark(&region("us-east-1"));
    cloud.go_dark(&region("us-west-2"));
    cloud.refuse("GetCallerIdentity", "ServiceUnavailable");
    admit_in_outage(&cloud, &ours).await.expect("nothing says that it is another site");
    cloud.go_dark(&region("us-east-2"));
    admit_in_outage(&cloud, &ours).await.expect("nobody can tell");
}

#[tokio::test]
async fn what_is_another_site_for_certain_is_refused_in_an_outage_too() {
    let cloud = live().await;
    cloud.go_dark(&region("us-east-1"));
    let mut theirs = GroupView::default();
    theirs.tags.insert("pilotlight:site".to_owned(), "other".to_owned());
    cloud.set_group(&region("us-east-2"), "shop-standby", theirs);
    let refused = admit_in_outage(&cloud, &site()).await;
    assert!(matches!(&refused, Err(GuardError::Refused(why)) if why.why.contains("`other`")));
    let foreign = changed("name = \"shop\"", "name = \"shop\"\naccount = \"111122223333\"");
    let refused = admit_in_outage(&cloud, &foreign).await;
    assert!(matches!(&refused, Err(GuardError::Refused(why)) if why.why.contains("account")));
    let cloud = live().await;
    let staging = changed("shop.example.com", "staging.example.com");
    assert!(matches!(admit_in_outage(&cloud, &staging).await, Err(GuardError::Refused(_))));
}

#[tokio::test]
async fn a_reading_verb_hears_that_the_site_or_the_account_is_another() {
    let cloud = live().await;
    assert_eq!(oddities(&cloud, &site()).await, Ok(Vec::new()));
    let staging = changed("shop.example.com", "staging.example.com");
    let odd = oddities(&cloud, &staging).await.expect("it reads");
    assert!(odd.len() == 1 && odd[0].contains("staging.example.com"), "{odd:?}");
    let foreign = changed("name = \"shop\"", "name = \"shop\"\naccount = \"111122223333\"");
    assert!(matches!(oddities(&cloud, &foreign).await, Err(GuardError::Refused(_))));
}

/// How a run of this tool names a change set of this moment.
fn fresh() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    format!("pilotlight-{}", now.as_millis())
}

/// `shop-network` of the primary under review by this change set, then in these states, look by look, as another run leads it.
fn reviewed(change_set: &str, then: &[&str]) -> Fake {
    let (cloud, west) = (Fake::new(), region("us-west-2"));
    cloud.leave_stack(&west, "shop-network", "REVIEW_IN_PROGRESS");
    cloud.leave_change_set(&west, "shop-network", change_set);
    for status in then {
        cloud.let_end(&west, "shop-network", status);
    }
    // What the other run gave it.
    let given = site().stack(StackId::NetworkPrimary).parameters.clone();
    let given: Vec<_> =
        given.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let given: Vec<_> = given.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    cloud.set_parameters(&west, "shop-network", &given);
    cloud
}

#[tokio::test]
async fn a_first_change_set_that_another_run_is_about_to_execute_is_waited_for() {
    let then = ["REVIEW_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE"];
    let cloud = reviewed(&fresh(), &then);
    admit(&cloud, &site(), &[]).await.expect("it is ours");
    let deployed = deploy(&cloud, &request(&site())).await.0.expect("it deploys");
    assert_ne!(deployed.stacks[&StackId::NetworkPrimary], Outcome::Created);
    assert!(!cloud.writes().iter().any(|write| write.starts_with("DeleteStack")));
}

/// Goal: what another run executes between the last look and the deletion of a leftover stays. Method: an old first change set,
/// which is given up at once, and a stack that is being created by the reading right before the deletion.
#[tokio::test]
async fn a_leftover_that_another_run_has_just_executed_is_not_deleted() {
    let then =
        ["REVIEW_IN_PROGRESS", "REVIEW_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE"];
    let cloud = reviewed("pilotlight-1", &then);
    let deployed = deploy(&cloud, &request(&site())).await.0.expect("it deploys");
    assert_ne!(deployed.stacks[&StackId::NetworkPrimary], Outcome::Created);
    assert!(!cloud.writes().iter().any(|write| write.starts_with("DeleteStack")));
}

#[tokio::test]
async fn a_first_change_set_that_nobody_executes_is_cleared_and_a_stranger_s_is_not() {
    let (cloud, west) = (Fake::new(), region("us-west-2"));
    cloud.leave_stack(&west, "shop-network", "REVIEW_IN_PROGRESS");
    cloud.leave_change_set(&west, "shop-network", &fresh());
    let deployed = deploy(&cloud, &request(&site())).await.0.expect("it deploys");
    assert_eq!(deployed.stacks[&StackId::NetworkPrimary], Outcome::Created);

    let cloud = Fake::new();
    cloud.leave_stack(&west, "shop-network", "REVIEW_IN_PROGRESS");
    cloud.leave_change_set(&west, "shop-network", "my-first-try");
    let refusal = refused(&cloud, &site(), &[]).await;
    assert!(refusal.why.contains("`my-first-try`"), "{}", refusal.why);
    let Err(DestroyError::Refused(_)) = run_destroy(&cloud).await else { panic!("refused") };
    assert_eq!(cloud.writes(), Vec::<String>::new());
}

#[tokio::test]
async fn a_site_that_is_not_there_has_nothing_to_differ_from() {
    let cloud = Fake::new();
    admit(&cloud, &site(), &[]).await.expect("nothing is there");
    let gone = run_destroy(&cloud).await.expect("nothing to do");
    assert!(gone.stacks.values().all(|removal| *removal == Removal::Absent));
}
