//! Events built with the ecosystem's own types, `aws_lambda_events`: what we parse is held against what others agree that AWS
//! sends. The Lambda itself reads with narrow types of its own; the last test shows why.

use std::path::Path;

use aws_lambda_events::cloudwatch_alarms::{
    CloudWatchAlarmState, CloudWatchAlarmStateValue, CloudWatchMetricAlarm,
};
use aws_lambda_events::eventbridge::EventBridgeEvent;
use aws_lambda_events::sns::{
    CloudWatchAlarmPayload, CloudWatchDimension, SnsEvent, SnsMessage, SnsRecord,
};
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use expect_test::expect_file;
use failover_core::observation::AlarmState;
use failover_core::signal::{AlarmArn, Claim, Signal};
use failover_core::{time, wire};
use serde::Serialize;
use serde_json::{Value, json};

use crate::world::ALARM_ARN;

/// When the alarm changed, in each of the events below.
const AT: &str = "2026-01-01T12:01:14.594+0000";

const STATES: [(&str, AlarmState, CloudWatchAlarmStateValue); 3] = [
    ("ALARM", AlarmState::Alarm, CloudWatchAlarmStateValue::Alarm),
    ("OK", AlarmState::Ok, CloudWatchAlarmStateValue::Ok),
    ("INSUFFICIENT_DATA", AlarmState::Insufficient, CloudWatchAlarmStateValue::InsufficientData),
];

fn signal(event: &impl Serialize) -> Signal {
    let bytes = serde_json::to_vec(event).expect("an event is JSON");
    wire::parse(&bytes, &AlarmArn::parse(ALARM_ARN).expect("a valid ARN"))
}

fn claim(state: AlarmState) -> Signal {
    Signal::Alarm(Claim { state, at: time::parse(AT).expect("a time") })
}

/// What CloudWatch publishes of the failover alarm.
fn payload(state: &str, at: &str) -> CloudWatchAlarmPayload {
    let mut payload = CloudWatchAlarmPayload::default();
    payload.alarm_name = "shop-primary-down".into();
    payload.alarm_description = "The primary does not answer".into();
    payload.aws_account_id = "000000000000".into();
    payload.new_state_value = state.into();
    payload.new_state_reason = "Threshold Crossed".into();
    payload.old_state_value = if state == "OK" { "ALARM" } else { "OK" }.into();
    payload.state_change_time = at.into();
    payload.region = "US East (N. Virginia)".into();
    payload.alarm_arn = ALARM_ARN.into();
    let trigger = &mut payload.trigger;
    (trigger.period, trigger.evaluation_periods, trigger.threshold) = (60, 1, 1.0);
    trigger.comparison_operator = "LessThanThreshold".into();
    trigger.treat_missing_data = "missing".into();
    trigger.metric_name = Some("HealthCheckStatus".to_owned());
    trigger.namespace = Some("AWS/Route53".to_owned());
    trigger.statistic_type = Some("Statistic".to_owned());
    trigger.statistic = Some("MINIMUM".to_owned());
    let mut dimension = CloudWatchDimension::default();
    dimension.name = "HealthCheckId".into();
    dimension.value = "00000000-0000-4000-8000-000000000000".into();
    trigger.dimensions = vec![dimension];
    payload
}

/// Goal: a look is read from the queue's own envelope, and whatever else is queued is no order.
#[test]
fn a_queued_message_is_a_look_and_nothing_else() {
    let queued = |body: &str| {
        let mut message = SqsMessage::default();
        message.message_id = Some("00000000-0000-4000-8000-000000000012".to_owned());
        message.event_source = Some("aws:sqs".to_owned());
        message.event_source_arn = Some("arn:aws:sqs:us-east-2:000000000000:shop-looks".to_owned());
        message.body = Some(body.to_owned());
        let mut event = SqsEvent::default();
        event.records = vec![message];
        signal(&event)
    };
    assert_eq!(queued(r#"{"source":"pilotlight.look"}"#), Signal::Look { again: false });
    let twice = r#"{"source":"pilotlight.look","again":true}"#;
    assert_eq!(queued(twice), Signal::Look { again: false }, "no message says it");
    for other in [r#"{"source":"pilotlight.tick"}"#, "look", ""] {
        assert!(matches!(queued(other), Signal::Unreadable { .. }), "{other}");
    }
}

/// What SNS hands to Lambda.
fn record(message: &impl Serialize) -> SnsRecord {
    let mut sns = SnsMessage::default();
    sns.timestamp = AT.parse().expect("a time");
    sns.subject = Some("shop-primary-down in US East (N. Virginia)".to_owned());
    sns.sns_message_type = "Notification".into();
    sns.message_id = "00000000-0000-4000-8000-000000000011".into();
    sns.topic_arn = "arn:aws:sns:us-east-1:000000000000:shop-failover".into();
    sns.signature_version = "1".into();
    for field in [&mut sns.signature, &mut sns.signing_cert_url, &mut sns.unsubscribe_url] {
        "EXAMPLE".clone_into(field);
    }
    sns.message = serde_json::to_string(message).expect("a message is JSON");
    let mut record = SnsRecord::default();
    record.event_source = "aws:sns".into();
    record.event_version = "1.0".into();
    record.event_subscription_arn = format!("{}:1", sns.topic_arn);
    record.sns = sns;
    record
}

fn event(records: Vec<SnsRecord>) -> SnsEvent {
    let mut event = SnsEvent::default();
    event.records = records;
    event
}

/// Goal: each way in which an alarm can reach a function is a claim of its state and time. Method: the event of each way and
/// state, built with the ecosystem's types.
#[test]
fn an_event_of_the_ecosystems_types_is_the_claim_that_it_was_built_with() {
    for (word, state, value) in STATES {
        assert_eq!(signal(&event(vec![record(&payload(word, AT))])), claim(state), "SNS, {word}");
        let mut change = CloudWatchAlarmState::<Value>::default();
        change.value = value;
        change.timestamp = AT.parse().expect("a time");
        let mut action = CloudWatchMetricAlarm::<Value>::default();
        action.alarm_arn = Some(ALARM_ARN.to_owned());
        action.source = Some("aws.cloudwatch".to_owned());
        action.alarm_data.alarm_name = "shop-primary-down".into();
        action.alarm_data.state = Some(change.clone());
        assert_eq!(signal(&action), claim(state), "the alarm's own action, {word}");
        let mut bus = EventBridgeEvent::<Value>::default();
        bus.source = "aws.cloudwatch".into();
        bus.detail_type = "CloudWatch Alarm State Change".into();
        bus.resources = Some(vec![ALARM_ARN.to_owned()]);
        bus.detail = json!({ "alarmName": "shop-primary-down", "state": change });
        assert_eq!(signal(&bus), claim(state), "EventBridge, {word}");
    }
    let mut schedule = EventBridgeEvent::<Value>::default();
    schedule.source = "aws.events".into();
    schedule.detail_type = "Scheduled Event".into();
    assert_eq!(signal(&schedule), Signal::Tick);
}

/// Goal: of several records the newest ALARM speaks, and one that is no alarm spoils nothing. Method: both in one event.
#[test]
fn one_bad_record_does_not_fail_the_event() {
    let records = vec![
        record(&payload("OK", "2026-01-01T12:09:00.000+0000")),
        record(&"hello"),
        record(&payload("ALARM", AT)),
        SnsRecord::default(),
    ];
    assert_eq!(signal(&event(records)), claim(AlarmState::Alarm));
}

/// Goal: the files for `cargo lambda invoke` are events as others know them. Method: they are made with the ecosystem's types;
/// `UPDATE_EXPECT=1 cargo test --package failover envelopes::` writes them anew.
#[test]
fn the_shipped_events_are_made_with_the_ecosystems_types() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("events");
    let files = [
        ("alarm", "ALARM", "2026-01-01T12:01:14.594+0000"),
        ("ok", "OK", "2026-01-01T12:31:14.594+0000"),
        ("insufficient", "INSUFFICIENT_DATA", "2026-01-01T12:41:14.594+0000"),
    ];
    for (file, state, at) in files {
        let mut record = record(&payload(state, at));
        record.sns.timestamp = at.parse().expect("a time");
        let event = event(vec![record]);
        let text = serde_json::to_string_pretty(&event).expect("an event is JSON");
        expect_file![folder.join(format!("{file}.json"))].assert_eq(&(text + "\n"));
    }
}

/// Goal: the reason why the Lambda does not read with these types. Method: events that AWS has sent, or may send, each of which
/// is a claim to our parser and an error to theirs. When this test fails because they read one, look again.
#[test]
fn the_ecosystems_types_refuse_what_the_controller_must_read() {
    let plain = serde_json::to_value(record(&payload("ALARM", AT))).expect("a record is JSON");
    let told = |change: &dyn Fn(&mut Value)| {
        let mut record = plain.clone();
        change(&mut record);
        json!({ "Records": [record] })
    };
    let message = |change: &dyn Fn(&mut Value)| {
        let mut message = serde_json::to_value(payload("ALARM", AT)).expect("a payload is JSON");
        change(&mut message);
        told(&|record| record["Sns"]["Message"] = message.to_string().into())
    };
    let without = |object: &mut Value, key: &str| {
        object.as_object_mut().expect("an object").remove(key);
    };
    let refused_records = [
        // A message of 2016 has no signature, and a newer one has both spellings of its certificate.
        told(&|record| without(&mut record["Sns"], "Signature")),
        told(&|record| record["Sns"]["SigningCertURL"] = "https://example.com/b".into()),
        told(&|record| record["Sns"]["Timestamp"] = Value::Null),
    ];
    let refused_messages = [
        message(&|message| message["AlarmDescription"] = Value::Null),
        // A composite alarm has no trigger.
        message(&|message| without(message, "Trigger")),
    ];
    for event in refused_records {
        assert_eq!(signal(&event), claim(AlarmState::Alarm), "{event}");
        assert!(serde_json::from_value::<SnsEvent>(event.clone()).is_err(), "{event}");
    }
    for event in refused_messages {
        assert_eq!(signal(&event), claim(AlarmState::Alarm), "{event}");
        let text = event["Records"][0]["Sns"]["Message"].as_str().expect("a text");
        assert!(serde_json::from_str::<CloudWatchAlarmPayload>(text).is_err(), "{text}");
    }
    // One bad record fails their whole event, the good one beside it too.
    let mixed = json!({ "Records": [plain, { "s3": {} }] });
    assert_eq!(signal(&mixed), claim(AlarmState::Alarm));
    assert!(serde_json::from_value::<SnsEvent>(mixed).is_err());
}
