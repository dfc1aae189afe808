//! Steering: what is sent, what is made of the answer, and what is written without the controller.

mod direct;
mod follow;
mod rehearse;

use cloud::guard::Glance;
use cloud::{CloudError, Invocation};
use failover_core::decision::{Refusal as Rule, Reply, Step};
use failover_core::observation::{AlarmState, Mode};
use failover_core::record::{Demand, Order, Record, Register, Sizes};
use failover_core::signal::{AlarmArn, Request, Wish};
use failover_core::{DecisionRecord, Signal, Timestamp, wire};
use miette::Diagnostic;
use operate::status::{self, READ_MAX, Reader};
use operate::steer::{self, Answer, SteerError};
use provision::progress::Pace;

use sample::decided::{decided, seen};
use sample::standby::{STANDBY, at, deployed, note, standby};
use sample::{Fake, consent, region, site};

const IDLE: Sizes = Sizes { min: 0, desired: 0, max: 8 };

fn asked(what: Wish) -> Request {
    steer::request(what, None, at(0), "alice".to_owned())
}

/// What the controller would decide on a request.
fn record(request: &Request, held: Record) -> DecisionRecord {
    let seen = seen(AlarmState::Ok, at(-7200), IDLE, held);
    decided(&site(), Signal::Request(request.clone()), seen, at(1))
}

fn answer(record: &DecisionRecord) -> Invocation {
    Invocation { payload: serde_json::to_vec(record).expect("plain data"), error: None }
}

async fn ask(cloud: &Fake, request: &Request) -> Result<Answer, SteerError> {
    steer::ask(cloud, &consent(), &site(), request, Pace::at_once()).await
}

fn help(error: &SteerError) -> String {
    error.help().expect("a hint").to_string()
}

/// Goal: an order in an outage waits for nothing twice. Method: the guard and the status before the question, and how often
/// CloudFormation was asked: once for each of nine stacks.
#[tokio::test]
async fn guard_and_status_read_each_stack_once() {
    let (cloud, site) = (deployed().await, site());
    let before = cloud.asked("DescribeStacks");
    let seen = Glance::read(&cloud, &site, READ_MAX).await;
    seen.admit().expect("it is ours");
    let reader = Reader::of(&cloud, &site, &seen.into_views()).expect("signed in");
    reader.look(at(0)).await;
    assert_eq!(cloud.asked("DescribeStacks") - before, site.stacks.len() + site.off.len());
}

#[test]
fn every_wish_is_sent_as_the_controller_reads_it() {
    let alarm = AlarmArn::parse("arn:aws:cloudwatch:us-east-1:123456789012:alarm:x").expect("one");
    let orders = Demand::ALL.iter().copied().map(Wish::Order);
    let wishes = orders.chain(Mode::ALL.iter().copied().map(Wish::Mode));
    for what in wishes {
        for episode in [None, Some(at(0))] {
            let request = Request { what, episode, at: at(5), by: "role/alice".to_owned() };
            let heard = wire::parse(&steer::payload(&request), &alarm);
            assert_eq!(heard, Signal::Request(request));
        }
    }
}

#[test]
fn an_order_is_dated_in_whole_seconds_as_the_record_keeps_it() {
    let now = Timestamp::from_millisecond(1_767_225_600_987).expect("a time");
    let request = steer::request(Wish::Mode(Mode::Armed), None, now, "alice".to_owned());
    assert_eq!(request.at, at(0));
}

#[tokio::test]
async fn an_order_in_the_second_of_the_one_that_stands_is_the_newer_one() {
    let cloud = deployed().await;
    let stands = request_order(10, Demand::Failover);
    let group = standby(Sizes { min: 2, desired: 2, max: 8 }, 2, &[note(2), stands]);
    cloud.set_group(&region("us-east-2"), STANDBY, group);
    let seen = status::read(&cloud, &site(), at(10)).await.expect("a status");
    for (what, now, dated) in [
        (Wish::Order(Demand::Failback), 10, 11),
        (Wish::Order(Demand::Failback), 9, 11),
        (Wish::Order(Demand::Failback), 12, 12),
        (Wish::Mode(Mode::Frozen), 10, 10),
    ] {
        let request = steer::request(what, Some(&seen), at(now), "alice".to_owned());
        assert_eq!(request.at, at(dated), "{what:?} at {now}");
    }
}

fn request_order(seconds: i64, what: Demand) -> Register {
    Register::Order(Order { what, episode: at(0), at: at(seconds), by: "alice".to_owned() })
}

#[tokio::test]
async fn whoever_signs_the_calls_is_who_asks() {
    let cloud = Fake::new();
    let user = || Some("bob".to_owned());
    let by = steer::operator(&cloud, &site(), user()).await.expect("a name");
    assert_eq!(by, "assumed-role/Operator/alice");
    cloud.go_dark(&region("us-east-2"));
    let by = steer::operator(&cloud, &site(), user()).await.expect("a dark STS is no obstacle");
    assert_eq!(by, "bob");
    let cloud = Fake::new();
    cloud.refuse("GetCallerIdentity", "ExpiredToken");
    assert!(
        steer::operator(&cloud, &site(), user()).await.is_err_and(|error| error.is_credentials())
    );
}

#[tokio::test]
async fn an_order_that_is_taken_comes_back_with_its_decision() {
    let cloud = Fake::new();
    let request = asked(Wish::Order(Demand::Failover));
    let told = record(&request, Record::default());
    cloud.let_answer(answer(&told));
    let Answer { reply, record } = ask(&cloud, &request).await.expect("it is taken");
    assert_eq!((reply, record.decision.reason.name()), (Reply::Taken, "Raise"));
    assert_eq!(cloud.writes(), ["Invoke us-east-2 shop-controller"]);
}

#[tokio::test]
async fn a_busy_controller_is_asked_again() {
    let cloud = Fake::new();
    let request = asked(Wish::Mode(Mode::Frozen));
    for _ in 0..3 {
        cloud.refuse("Invoke", "TooManyRequestsException");
    }
    cloud.let_answer(answer(&record(&request, Record::default())));
    assert_eq!(ask(&cloud, &request).await.expect("the fourth is heard").reply, Reply::Taken);
    let held = Record::default().with(&failover_core::record::Register::Mode(Mode::Frozen));
    cloud.let_answer(answer(&record(&request, held)));
    assert_eq!(ask(&cloud, &request).await.expect("it stands").reply, Reply::Repeated);
}

#[tokio::test]
async fn a_controller_that_stays_busy_is_no_endless_wait() {
    let cloud = Fake::new();
    for _ in 0..2000 {
        cloud.refuse("Invoke", "TooManyRequestsException");
    }
    let error = ask(&cloud, &asked(Wish::Order(Demand::Failover))).await.expect_err("it ends");
    assert!(matches!(error, SteerError::Silent { .. }) && help(&error).contains("--direct"));
}

#[tokio::test]
async fn a_rule_that_refuses_is_told_with_what_to_do() {
    let cloud = Fake::new();
    let request = asked(Wish::Order(Demand::Failback));
    cloud.let_answer(answer(&record(&request, Record::default())));
    let error = ask(&cloud, &request).await.expect_err("nothing is raised");
    assert_eq!(
        error.to_string(),
        "refused: the failback: nothing is raised, so there is nothing to go back from"
    );
    assert_eq!(error.code().expect("a code").to_string(), "refused");
    let frozen = Record::default().with(&failover_core::record::Register::Mode(Mode::Frozen));
    let request = asked(Wish::Order(Demand::Failover));
    cloud.let_answer(answer(&record(&request, frozen)));
    let error = ask(&cloud, &request).await.expect_err("the mode is not armed");
    assert_eq!(error.to_string(), "refused: the failover: the mode is not armed");
    assert_eq!(help(&error), "set it: cargo xtask mode armed");
}

#[test]
fn every_refusal_says_why_and_what_to_do() {
    for rule in [Rule::Old, Rule::Future, Rule::RecordUnreadable, Rule::NotArmed] {
        assert!(rule.hint().is_some(), "{rule}");
    }
}

#[tokio::test]
async fn an_order_given_for_another_failover_does_not_count_for_this_one() {
    let cloud = Fake::new();
    let request = Request { episode: Some(at(-600)), ..asked(Wish::Order(Demand::Failback)) };
    cloud.let_answer(answer(&record(&request, Record::default().with(&note(2)))));
    let error = ask(&cloud, &request).await.expect_err("another failover is raised");
    assert!(error.to_string().contains("another failover"), "{error}");
}

#[tokio::test]
async fn a_write_that_did_not_go_through_is_a_failure_although_the_order_counts() {
    let cloud = Fake::new();
    let request = asked(Wish::Order(Demand::Failover));
    let mut told = record(&request, Record::default());
    told.outcome.failed.push((Step::Notify, "throttled: Rate exceeded".to_owned()));
    cloud.let_answer(answer(&told));
    let error = ask(&cloud, &request).await.expect_err("it is a failure");
    assert_eq!(
        error.to_string(),
        "the request was taken, and this did not go through: the notice: throttled: Rate exceeded"
    );
}

#[tokio::test]
async fn an_error_of_the_controller_is_told_in_its_words() {
    let cloud = Fake::new();
    let payload =
        br#"{"errorType":"RaiseFailed","errorMessage":"standby was not raised: throttled"}"#;
    cloud.let_answer(Invocation { payload: payload.to_vec(), error: Some("Unhandled".to_owned()) });
    let error = ask(&cloud, &asked(Wish::Order(Demand::Failover))).await.expect_err("it failed");
    let words = "the controller failed: RaiseFailed: standby was not raised: throttled";
    assert_eq!(error.to_string(), words);
}

#[tokio::test]
async fn an_answer_about_something_else_is_never_taken_for_a_yes() {
    let request = asked(Wish::Order(Demand::Failover));
    let other = asked(Wish::Mode(Mode::Armed));
    let seen = || seen(AlarmState::Ok, at(0), IDLE, Record::default());
    let unheard = Signal::Unreadable { detail: "nobody can ask for `failover`".to_owned() };
    for payload in [
        b"null".to_vec(),
        steer::payload(&request),
        answer(&record(&other, Record::default())).payload,
        answer(&decided(&site(), unheard, seen(), at(1))).payload,
        answer(&decided(&site(), Signal::Tick, seen(), at(1))).payload,
    ] {
        let cloud = Fake::new();
        cloud.let_answer(Invocation { payload, error: None });
        let error = ask(&cloud, &request).await.expect_err("it is no answer");
        assert!(matches!(error, SteerError::Unread { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_lambda_that_is_gone_leads_to_the_way_without_it() {
    let cloud = Fake::new();
    cloud.go_dark(&region("us-east-2"));
    let hint = async |what| help(&ask(&cloud, &asked(what)).await.expect_err("nobody answers"));
    assert!(
        hint(Wish::Order(Demand::Failover)).await.starts_with("`cargo xtask failover --direct`")
    );
    assert!(hint(Wish::Order(Demand::Failback)).await.contains("nothing is lowered meanwhile"));
    assert!(hint(Wish::Mode(Mode::Armed)).await.contains("pilotlight:mode"));
    let cloud = Fake::new();
    cloud.refuse("Invoke", "ServiceException");
    let error = ask(&cloud, &asked(Wish::Order(Demand::Failover))).await.expect_err("it is ill");
    assert!(help(&error).contains("--direct"));
}

#[tokio::test]
async fn a_missing_function_and_a_missing_permission_are_told_apart() {
    let request = asked(Wish::Order(Demand::Failover));
    let cloud = Fake::new();
    cloud.refuse("Invoke", "ResourceNotFoundException");
    let error = ask(&cloud, &request).await.expect_err("there is none");
    assert_eq!(
        error.to_string(),
        "the controller does not exist: no function `shop-controller` in us-east-2"
    );
    cloud.refuse("Invoke", "AccessDenied");
    let error = ask(&cloud, &request).await.expect_err("it is denied");
    assert!(matches!(error, SteerError::Cloud(CloudError::Denied { .. })), "{error:?}");
}
