//! The status tells what can be told, also in an outage.

use cloud::{AlarmStatus, CheckStatus, GroupView, LogLine, guard};
use failover_core::ReasonKind;
use failover_core::decision::Latch;
use failover_core::observation::{AlarmState, Answer, Known, Mode};
use failover_core::record::{Demand, Record, Register, Sizes};
use failover_core::time::after;
use failover_core::{Signal, Timestamp};
use operate::status::{self, Lack, Phase, Raised, Reading, Status};

use sample::decided::{decided, seen};
use sample::standby::{STANDBY, at, deployed, note, standby};
use sample::{Fake, deploy, region, request, site, site_with};

const WEST: &str = "us-west-2";
const EAST: &str = "us-east-2";
const PRIMARY: &str = "us-west-2-shop-web-GroupName";
const STANDBY_TARGETS: &str = "us-east-2-shop-web-TargetGroupArn";

async fn read(cloud: &Fake, now: Timestamp) -> Status {
    status::read(cloud, &site(), now).await.expect("a status")
}

fn log(cloud: &Fake, record: &failover_core::DecisionRecord) {
    cloud.log(LogLine { at: record.at, text: record.to_log_line() });
}

/// Goal: programs read the same words as ever. Method: each phase as JSON.
#[test]
fn the_words_of_a_phase_stay_the_same_for_programs() {
    let phases = [Phase::Idle, Phase::Raising, Phase::Raised, Phase::GoingBack, Phase::Unknown];
    let words = serde_json::json!(phases);
    assert_eq!(words, serde_json::json!(["peace", "raising", "raised", "going_back", "unknown"]));
}

#[tokio::test]
async fn a_dark_region_is_a_line_and_not_an_end() {
    let cloud = deployed().await;
    let raised = Sizes { min: 2, desired: 2, max: 8 };
    cloud.set_group(&region(EAST), STANDBY, standby(raised, 1, &[note(2)]));
    cloud.go_dark(&region(WEST));
    let status = read(&cloud, at(0)).await;
    let dark = |reading: String| reading.contains("no answer from AWS") && reading.contains(WEST);
    let Reading::Unknown(why) = &status.primary.group else { panic!("{:?}", status.primary) };
    assert!(dark(why.clone()), "{why}");
    let unknown = status.stacks.iter().filter(|stack| matches!(stack.status, Reading::Unknown(_)));
    assert_eq!(unknown.count(), 2, "both stacks of the dark region and no other");
    let group = status.standby.group.known().expect("the standby answers");
    assert_eq!((group.sizes, group.in_service), (raised, 1));
    assert_eq!(status.phase, Phase::Raising);
    assert!(serde_json::to_string(&status).is_ok());
}

#[tokio::test]
async fn the_groups_are_found_while_cloudformation_is_dark() {
    let cloud = Fake::new();
    let stacks = site().stacks.len() + site().off.len();
    for _ in 0..stacks {
        cloud.refuse("DescribeStacks", "InternalFailure");
    }
    // Without its stack, the group is looked for by the name that the template gives it.
    let raised = Sizes { min: 2, desired: 2, max: 8 };
    let mut group = standby(raised, 2, &[note(2)]);
    group.target_groups = vec!["arn:targets".to_owned()];
    cloud.set_group(&region(EAST), "shop-standby", group);
    cloud.set_healthy("arn:targets", 2);
    let status = read(&cloud, at(60)).await;
    let group = status.standby.group.known().expect("it is found");
    assert_eq!(group.healthy, Reading::Known(2));
    assert_eq!(status.phase, Phase::Raised);
    assert!(!status.is_absent(), "what cannot be read is not known to be absent");
}

#[test]
fn fixed_names_are_those_of_the_templates() {
    let site = site();
    let body = |id| site.stack(id).template.body.clone();
    let (web, controller) =
        (body(site::model::StackId::WebStandby), body(site::model::StackId::Controller));
    assert!(web.contains("AutoScalingGroupName: !Sub ${SiteName}-${Role}"));
    for name in [
        "FunctionName: !Sub ${SiteName}-controller",
        "LogGroupName: !Sub /aws/lambda/${SiteName}-controller",
        "AlarmName: !Sub ${SiteName}-latch\n",
    ] {
        assert!(controller.contains(name), "{name}");
    }
}

#[tokio::test]
async fn a_standby_that_is_meant_to_be_empty_is_dormant() {
    let cloud = deployed().await;
    let status = read(&cloud, at(0)).await;
    assert!(status.standby.dormant && !status.primary.dormant);
    assert_eq!(status.phase, Phase::Idle);
    assert_eq!(status.spent, None);
    assert_eq!(status.mode, Reading::Known(Mode::Armed), "no mode is armed");
    assert_eq!(status.target, Reading::Known(2));
    let raised = Sizes { min: 2, desired: 2, max: 8 };
    cloud.set_group(&region(EAST), STANDBY, standby(raised, 0, &[note(2)]));
    assert!(!read(&cloud, at(0)).await.standby.dormant, "raised and empty is not dormant");
}

#[tokio::test]
async fn a_group_below_its_floor_or_without_room_is_not_dormant() {
    let cloud = deployed().await;
    let closed = Sizes { min: 0, desired: 0, max: 0 };
    cloud.set_group(&region(EAST), STANDBY, standby(closed, 0, &[]));
    let status = read(&cloud, at(0)).await;
    assert!(!status.standby.dormant, "a raise needs 2");
    assert_eq!(status.standby.lacks, Some(Lack::Maximum { needed: 2 }));
    let warm = site_with("[failover]\nfloor = 2\n");
    let empty = Sizes { min: 0, desired: 0, max: 8 };
    cloud.set_group(&region(EAST), STANDBY, standby(empty, 0, &[]));
    let status = status::read(&cloud, &warm, at(0)).await.expect("a status");
    assert!(!status.standby.dormant);
    assert_eq!(status.standby.lacks, Some(Lack::Floor { floor: 2 }));
    assert_eq!(status.primary.lacks, None);
    let stopped = GroupView { sizes: closed, ..GroupView::default() };
    cloud.set_group(&region(WEST), PRIMARY, stopped);
    assert_eq!(read(&cloud, at(0)).await.primary.lacks, Some(Lack::Maximum { needed: 2 }));
    let raised = Sizes { min: 1, desired: 1, max: 1 };
    cloud.set_group(&region(EAST), STANDBY, standby(raised, 1, &[note(2)]));
    assert_eq!(read(&cloud, at(0)).await.standby.lacks, None, "a failover is open");
}

#[tokio::test]
async fn a_site_that_is_not_there_is_known_as_such() {
    let status = read(&Fake::new(), at(0)).await;
    assert!(status.is_absent());
    assert_eq!(status.standby.group, Reading::Absent);
    assert_eq!(status.decision, Reading::Absent);
}

#[tokio::test]
async fn nobody_signed_in_ends_it() {
    let cloud = Fake::new();
    cloud.refuse("DescribeStacks", "ExpiredToken");
    let error = status::read(&cloud, &site(), at(0)).await.expect_err("nothing can be told");
    assert!(error.is_credentials(), "{error:?}");
}

#[tokio::test]
async fn what_a_failover_has_cost_is_its_instances_above_the_floor() {
    let cloud = deployed().await;
    let raised = Sizes { min: 3, desired: 3, max: 8 };
    cloud.set_group(&region(EAST), STANDBY, standby(raised, 3, &[note(3)]));
    let spent = read(&cloud, at(10 * 3600)).await.spent.expect("something is raised");
    let spent = spent.known().expect("the price is built in").clone();
    // 3 instances for 10 hours at $0.0084.
    assert_eq!((spent.instances, spent.lasting_seconds), (3, 36_000));
    assert_eq!(spent.amount.to_string(), "0.252");
}

#[tokio::test]
async fn the_record_and_the_log_tell_phase_latch_order_and_hold_down() {
    let cloud = deployed().await;
    let site = site();
    let raised = Sizes { min: 2, desired: 2, max: 8 };
    let order = failover_core::record::Order {
        what: Demand::Failback,
        episode: at(0),
        at: at(900),
        by: "alice".to_owned(),
    };
    let registers = [note(2), Register::Closed(at(300).into()), Register::Order(order)];
    let group = standby(raised, 2, &registers);
    let record = guard::record(&group);
    cloud.set_group(&region(EAST), STANDBY, group);
    cloud.set_healthy(STANDBY_TARGETS, 2);
    let closed = AlarmStatus { state: AlarmState::Alarm, since: None, reason: None };
    cloud.set_alarm(&region(EAST), "shop-latch", closed);
    for minute in 0..3 {
        let seen = seen(AlarmState::Ok, at(600), raised, record.clone());
        log(&cloud, &decided(&site, Signal::Tick, seen, at(900 + minute * 60)));
    }
    let status = read(&cloud, at(1050)).await;
    assert_eq!(status.phase, Phase::Raised);
    let gate = status.latch.known().expect("it has a latch");
    assert_eq!((gate.recorded, &gate.shown), (Latch::Closed, &Reading::Known(Latch::Closed)));
    assert_eq!(status.order.expect("an order stands").by, "alice");
    let decision = status.decision.known().expect("three decisions are logged");
    assert_eq!((decision.reason, decision.times, decision.at), (ReasonKind::Proving, 3, at(1020)));
    assert_eq!(status.course.len(), 1, "decisions of one kind are one line");
    // The proof has not begun, for nobody knows the datapoints: all of the half hour, less the 30 s since it was told.
    assert_eq!(status.hold_down_left_seconds, Some(1770));
    let Reading::Known(Raised::Ours { since, target, .. }) = status.raised else {
        panic!("{:?}", status.raised);
    };
    assert_eq!((since, target), (at(0), 2));
    let serving = status.serving.known().expect("the controller saw DNS");
    assert_eq!((serving.answer, serving.seen_by_controller), (Answer::Standby, Some(at(1020))));
}

#[tokio::test]
async fn our_own_look_at_dns_counts_more_than_the_controllers() {
    let cloud = deployed().await;
    let [west, east] = [1, 2].map(|last| [192, 0, 2, last].into());
    cloud.set_addresses("us-west-2-shop-web-LoadBalancerDnsName", &[west]);
    cloud.set_addresses("us-east-2-shop-web-LoadBalancerDnsName", &[east]);
    cloud.set_addresses("shop.example.com", &[west]);
    let sizes = Sizes { min: 0, desired: 0, max: 8 };
    let seen = seen(AlarmState::Ok, at(0), sizes, Record::default());
    log(&cloud, &decided(&site(), Signal::Tick, seen, at(60)));
    let status = read(&cloud, at(70)).await;
    let serving = status.serving.known().expect("DNS answers");
    assert_eq!((serving.answer, serving.seen_by_controller), (Answer::Primary, None));
}

#[tokio::test]
async fn where_both_regions_serve_nobody_is_the_one() {
    let site = site_with("[failover]\nrouting = \"active-active\"\nfloor = \"match\"\n");
    let cloud = Fake::new();
    deploy(&cloud, &request(&site)).await.0.expect("it deploys");
    cloud.set_addresses("shop.example.com", &[[192, 0, 2, 1].into()]);
    cloud.set_addresses("us-west-2-shop-web-LoadBalancerDnsName", &[[192, 0, 2, 1].into()]);
    let status = status::read(&cloud, &site, at(0)).await.expect("a status");
    assert!(status.serving.known().is_some_and(|serving| serving.both));
    assert_eq!(status.latch, Reading::Absent);
}

#[tokio::test]
async fn the_checkers_findings_and_the_mode_are_told() {
    let cloud = deployed().await;
    let failure = Some("Failure: Connection timed out.".to_owned());
    let check = CheckStatus { checkers: 16, succeeded: 2, failure };
    cloud.set_check("us-east-1-shop-detector-PrimaryCheckId", check);
    let sizes = Sizes { min: 0, desired: 0, max: 8 };
    let mut group = standby(sizes, 0, &[Register::Mode(Mode::Frozen)]);
    group.tags.insert("pilotlight:findings".to_owned(), "v1 set=inverted at=1767225600".to_owned());
    cloud.set_group(&region(EAST), STANDBY, group);
    let status = read(&cloud, at(0)).await;
    assert_eq!(status.check.known().expect("it reports").succeeded, 2);
    assert_eq!(status.mode, Reading::Known(Mode::Frozen));
    let findings = status.findings.known().expect("they are held");
    assert_eq!(findings.iter().map(|found| found.finding.word()).collect::<Vec<_>>(), ["inverted"]);
}

#[tokio::test]
async fn a_garbled_record_makes_the_phase_unknown_and_nothing_else() {
    let cloud = deployed().await;
    let mut group = standby(Sizes { min: 2, desired: 2, max: 8 }, 2, &[]);
    group.tags.insert("pilotlight:raised".to_owned(), "v1 first=1767".to_owned());
    group.tags.insert("pilotlight:mode".to_owned(), "off".to_owned());
    cloud.set_group(&region(EAST), STANDBY, group);
    let status = read(&cloud, at(0)).await;
    assert_eq!(status.phase, Phase::Unknown);
    assert_eq!(status.raised, Reading::Known(Raised::Unreadable));
    assert!(matches!(&status.mode, Reading::Unknown(why) if why.contains("pilotlight:mode")));
    assert!(status.standby.group.known().is_some());
    assert_eq!(status.findings, Reading::Known(Vec::new()));
}

#[tokio::test]
async fn a_throttled_log_is_a_line() {
    let cloud = deployed().await;
    cloud.refuse("FilterLogEvents", "ThrottlingException");
    let status = read(&cloud, at(0)).await;
    assert!(
        matches!(&status.decision, Reading::Unknown(why) if why.contains("ThrottlingException"))
    );
    assert_eq!(status.phase, Phase::Idle, "the record says so without the log");
}

#[tokio::test]
async fn the_last_decisions_are_few_and_the_newest_last() {
    let cloud = deployed().await;
    let sizes = Sizes { min: 0, desired: 0, max: 8 };
    for minute in 0..20 {
        let alarm = if minute % 2 == 0 { AlarmState::Ok } else { AlarmState::Alarm };
        let mut seen = seen(alarm, at(0), sizes, Record::default());
        seen.answer = Known::Known(Answer::Primary);
        log(&cloud, &decided(&site(), Signal::Tick, seen, at(minute * 60)));
    }
    let status = read(&cloud, at(20 * 60)).await;
    assert_eq!(status.course.len(), 5);
    assert_eq!(status.course.last(), status.decision.known());
    assert!(status.course.is_sorted_by_key(|decided| decided.at));
    assert_eq!(status.decision.known().expect("one").at, after(at(0), 19 * 60));
}
