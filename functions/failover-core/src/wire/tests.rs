use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

const WATCHED: &str = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:shop-primary-down";

fn read(bytes: &[u8]) -> Signal {
    parse(bytes, &AlarmArn::parse(WATCHED).unwrap())
}

#[expect(clippy::needless_pass_by_value, reason = "the macro makes a value")]
fn check(event: serde_json::Value, expected: Expect) {
    let signal = read(event.to_string().as_bytes());
    expected.assert_eq(&serde_json::to_string(&signal).unwrap());
}

/// An alarm message as CloudWatch publishes it, with `changes` on top; a null removes a key.
fn message(changes: serde_json::Value) -> String {
    let mut message = serde_json::json!({
        "AlarmName": "shop-primary-down", "AlarmDescription": null, "AWSAccountId": "123456789012",
        "AlarmConfigurationUpdatedTimestamp": "2026-01-01T00:00:00.000+0000", "NewStateValue": "ALARM",
        "NewStateReason": "Threshold Crossed: 1 out of the last 1 datapoints [0.0] was less than the threshold (1.0).",
        "StateChangeTime": "2026-01-01T00:01:14.594+0000", "Region": "US East (N. Virginia)", "AlarmArn": WATCHED,
        "OldStateValue": "OK", "OKActions": [], "AlarmActions": [], "InsufficientDataActions": [],
        "Trigger": {"MetricName": "HealthCheckStatus", "Namespace": "AWS/Route53", "Unit": null,
            "Dimensions": [{"value": "abc", "name": "HealthCheckId"}], "TreatMissingData": "- TreatMissingData:   missing"}
    });
    let serde_json::Value::Object(changes) = changes else { panic!("changes are an object") };
    for (key, value) in changes {
        if value.is_null() {
            message.as_object_mut().unwrap().remove(&key);
        } else {
            message[key] = value;
        }
    }
    message.to_string()
}

fn sns(messages: &[String]) -> serde_json::Value {
    let records: Vec<_> = messages
        .iter()
        .map(|message| {
            serde_json::json!({"EventSource": "aws:sns", "Sns": {"Message": message,
            "SigningCertUrl": "https://example.com/a", "SigningCertURL": "https://example.com/b"}})
        })
        .collect();
    serde_json::json!({ "Records": records })
}

#[test]
fn an_alarm_through_sns_is_a_claim() {
    check(
        sns(&[message(serde_json::json!({}))]),
        expect![[r#"{"alarm":{"state":"alarm","at":"2026-01-01T00:01:14.594Z"}}"#]],
    );
}

#[test]
fn an_old_message_without_an_arn_is_known_by_its_name() {
    check(
        sns(&[message(
            serde_json::json!({"AlarmArn": null, "NewStateValue": "OK", "Trigger": null}),
        )]),
        expect![[r#"{"alarm":{"state":"ok","at":"2026-01-01T00:01:14.594Z"}}"#]],
    );
}

#[test]
fn a_claim_without_a_time_is_as_old_as_can_be() {
    check(
        sns(&[message(serde_json::json!({"StateChangeTime": null}))]),
        expect![[r#"{"alarm":{"state":"alarm","at":"1970-01-01T00:00:00Z"}}"#]],
    );
}

#[test]
fn another_alarm_only_wakes() {
    check(
        sns(&[message(
            serde_json::json!({"AlarmArn": "arn:aws:cloudwatch:us-east-1:1:alarm:other"}),
        )]),
        expect![[
            r#"{"unreadable":{"detail":"another alarm: arn:aws:cloudwatch:us-east-1:1:alarm:other"}}"#
        ]],
    );
}

#[test]
fn an_unknown_state_only_wakes() {
    check(
        sns(&[message(serde_json::json!({"NewStateValue": "PANIC"}))]),
        expect![[r#"{"unreadable":{"detail":"an unknown alarm state: PANIC"}}"#]],
    );
}

#[test]
fn a_bad_record_does_not_spoil_a_good_one() {
    check(
        sns(&["hello".to_owned(), message(serde_json::json!({})), "{}".to_owned()]),
        expect![[r#"{"alarm":{"state":"alarm","at":"2026-01-01T00:01:14.594Z"}}"#]],
    );
}

#[test]
fn an_alarm_outweighs_an_ok_in_one_event() {
    let ok = message(
        serde_json::json!({"NewStateValue": "OK", "StateChangeTime": "2026-01-01T00:09:00.000+0000"}),
    );
    check(
        sns(&[message(serde_json::json!({})), ok]),
        expect![[r#"{"alarm":{"state":"alarm","at":"2026-01-01T00:01:14.594Z"}}"#]],
    );
}

#[test]
fn a_direct_action_is_a_claim() {
    check(
        serde_json::json!({"source": "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change",
            "alarmArn": WATCHED, "region": "us-east-1",
            "time": "2026-01-01T00:01:14.594+0000", "alarmData": {"alarmName": "shop-primary-down",
            "state": {"value": "INSUFFICIENT_DATA", "reason": "", "timestamp": "2026-01-01T00:01:14.594+0000"},
            "configuration": {"description": null, "metrics": []}}}),
        expect![[r#"{"alarm":{"state":"insufficient","at":"2026-01-01T00:01:14.594Z"}}"#]],
    );
}

#[test]
fn a_state_change_on_the_bus_is_a_claim() {
    check(
        serde_json::json!({"version": "0", "detail-type": "CloudWatch Alarm State Change", "source": "aws.cloudwatch",
            "resources": [WATCHED], "detail": {"alarmName": "shop-primary-down",
            "state": {"value": "ALARM", "timestamp": "2026-01-01T00:01:14.594+0000"}}}),
        expect![[r#"{"alarm":{"state":"alarm","at":"2026-01-01T00:01:14.594Z"}}"#]],
    );
}

#[test]
fn schedules_tick_and_rehearsals_rehearse() {
    check(serde_json::json!({"source": TICK_SOURCE}), expect![[r#""tick""#]]);
    check(
        serde_json::json!({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}),
        expect![[r#""tick""#]],
    );
    check(
        serde_json::json!({"source": "aws.events", "detailType": "Scheduled Event"}),
        expect![[r#""tick""#]],
    );
    check(serde_json::json!({"source": REHEARSAL_SOURCE}), expect![[r#""rehearsal""#]]);
}

#[test]
fn everything_else_only_wakes() {
    check(
        serde_json::json!({"Records": []}),
        expect![[r#"{"unreadable":{"detail":"an event without a record"}}"#]],
    );
    check(
        serde_json::json!({"Records": [{"s3": {}}]}),
        expect![[
            r#"{"unreadable":{"detail":"a record that is not from SNS: missing field `Sns`"}}"#
        ]],
    );
    check(
        serde_json::json!({"source": "aws.ec2"}),
        expect![[
            r#"{"unreadable":{"detail":"an event of unknown shape, source: aws.ec2, type: none"}}"#
        ]],
    );
    check(
        serde_json::json!([1]),
        expect![[
            r#"{"unreadable":{"detail":"an event of unknown shape, source: none, type: none"}}"#
        ]],
    );
}

#[test]
fn a_quarter_megabyte_of_garbage_is_one_short_complaint() {
    let Signal::Unreadable { detail } = read(&vec![b'x'; 256 * 1024]) else {
        panic!("garbage was read as a signal");
    };
    assert!(detail.chars().count() <= DETAIL_MAX + 1, "{detail}");
    let long_name = "n".repeat(200_000);
    let event = sns(&[message(serde_json::json!({"AlarmArn": long_name}))]);
    let Signal::Unreadable { detail } = read(event.to_string().as_bytes()) else {
        panic!("another alarm was taken for ours");
    };
    assert!(detail.chars().count() <= DETAIL_MAX + 1, "{detail}");
}

#[test]
fn a_byte_order_mark_is_skipped() {
    assert_eq!(read(b"\xef\xbb\xbf{\"source\":\"pilotlight.tick\"}"), Signal::Tick);
}

/// A request as an operator sends it, with `changes` on top; a null removes a key.
fn request(changes: serde_json::Value) -> serde_json::Value {
    let mut request = serde_json::json!({
        "source": REQUEST_SOURCE, "what": "failover", "at": "2026-01-01T00:00:00.9Z", "by": "alice"
    });
    let serde_json::Value::Object(changes) = changes else { panic!("changes are an object") };
    for (key, value) in changes {
        request[key.as_str()] = value;
    }
    request
}

#[test]
fn a_request_is_read_in_whole_seconds() {
    check(
        request(serde_json::json!({})),
        expect![[
            r#"{"request":{"what":{"order":"failover"},"episode":null,"at":"2026-01-01T00:00:00Z","by":"alice"}}"#
        ]],
    );
    check(
        request(serde_json::json!({"what": "failback", "for": "2025-12-31T23:00:00.5Z"})),
        expect![[
            r#"{"request":{"what":{"order":"failback"},"episode":"2025-12-31T23:00:00Z","at":"2026-01-01T00:00:00Z","by":"alice"}}"#
        ]],
    );
}

#[test]
fn every_wish_has_its_word() {
    let orders = Demand::ALL.iter().map(|&demand| (demand.word(), Wish::Order(demand)));
    let modes = Mode::ALL.iter().map(|&mode| (mode.word(), Wish::Mode(mode)));
    for (word, wish) in orders.chain(modes) {
        let event = request(serde_json::json!({ "what": word }));
        let Signal::Request(request) = read(event.to_string().as_bytes()) else {
            panic!("{word} is a request")
        };
        assert_eq!(request.what, wish);
    }
}

#[test]
fn a_name_is_cut_and_cleaned_for_the_tag() {
    let name = |by: &str| {
        let event = request(serde_json::json!({ "by": by }));
        let Signal::Request(request) = read(event.to_string().as_bytes()) else {
            panic!("it is a request")
        };
        request.by
    };
    assert_eq!(name("arn:aws:iam::1:user/a.b-c_d@e+f"), "arn:aws:iam::1:user/a.b-c_d@e+f");
    assert_eq!(name("Zoë = \"x\""), "Zo-----x-");
    assert_eq!(name(&"x".repeat(100)), "x".repeat(BY_MAX));
}

#[test]
fn a_request_that_cannot_be_read_only_wakes() {
    for (changes, expected) in [
        (
            serde_json::json!({"what": "destroy"}),
            expect![[
                r#"{"unreadable":{"detail":"a request that cannot be read: nobody can ask for `destroy`"}}"#
            ]],
        ),
        (
            serde_json::json!({"what": null}),
            expect![[
                r#"{"unreadable":{"detail":"a request that cannot be read: invalid type: null, expected a string"}}"#
            ]],
        ),
        (
            serde_json::json!({"at": "now"}),
            expect![[
                r#"{"unreadable":{"detail":"a request that cannot be read: `now` is not a time"}}"#
            ]],
        ),
        (
            serde_json::json!({"for": "then"}),
            expect![[
                r#"{"unreadable":{"detail":"a request that cannot be read: `then` is not a time"}}"#
            ]],
        ),
        (
            serde_json::json!({"by": ""}),
            expect![[
                r#"{"unreadable":{"detail":"a request that cannot be read: `by` is empty"}}"#
            ]],
        ),
    ] {
        check(request(changes), expected);
    }
}

#[test]
fn the_newest_alarm_speaks_for_an_event_of_several() {
    let at = |state: &str, minute: u8| {
        let time = format!("2026-01-01T00:{minute:02}:00.000+0000");
        message(serde_json::json!({"NewStateValue": state, "StateChangeTime": time}))
    };
    for messages in [
        [at("ALARM", 3), at("ALARM", 5), at("OK", 9)],
        [at("OK", 9), at("ALARM", 5), at("ALARM", 3)],
    ] {
        let signal = read(sns(&messages).to_string().as_bytes());
        let Signal::Alarm(claim) = signal else { panic!("it is a claim") };
        assert_eq!((claim.state, claim.at.as_second() % 3600), (AlarmState::Alarm, 300));
    }
    let calm = sns(&[at("OK", 2), at("INSUFFICIENT_DATA", 4), "hello".to_owned()]);
    let Signal::Alarm(claim) = read(calm.to_string().as_bytes()) else { panic!("it is a claim") };
    assert_eq!(claim.state, AlarmState::Insufficient);
}

#[test]
fn an_alarm_event_of_another_shape_only_wakes() {
    check(
        serde_json::json!({"source": "aws.cloudwatch", "alarmData": {}}),
        expect![[
            r#"{"unreadable":{"detail":"an alarm action that cannot be read: missing field `state`"}}"#
        ]],
    );
    check(
        serde_json::json!({"source": "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change"}),
        expect![[
            r#"{"unreadable":{"detail":"an alarm event that cannot be read: missing field `resources`"}}"#
        ]],
    );
    check(
        serde_json::json!({"source": "aws.cloudwatch", "detail-type": "CloudWatch Alarm Configuration Change"}),
        expect![[
            r#"{"unreadable":{"detail":"an event of unknown shape, source: aws.cloudwatch, type: CloudWatch Alarm Configuration Change"}}"#
        ]],
    );
    check(
        serde_json::json!({"source": "aws.scheduler", "detail-type": "Scheduled Event"}),
        expect![[r#""tick""#]],
    );
    check(
        serde_json::json!({"source": "aws.ec2", "detail-type": "Scheduled Event"}),
        expect![[
            r#"{"unreadable":{"detail":"an event of unknown shape, source: aws.ec2, type: Scheduled Event"}}"#
        ]],
    );
}

#[test]
fn a_complaint_is_cut_only_when_it_is_too_long() {
    let detail = |length: usize| {
        let signal = unreadable("é".repeat(length));
        let Signal::Unreadable { detail } = signal else { panic!("it is a complaint") };
        detail
    };
    assert_eq!(detail(DETAIL_MAX), "é".repeat(DETAIL_MAX));
    assert_eq!(detail(DETAIL_MAX + 1), "é".repeat(DETAIL_MAX) + "…");
}

proptest! {
    #[test]
    fn reading_any_bytes_is_total(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes);
    }

    #[test]
    fn reading_any_message_is_total(text in ".{0,120}", state in "[A-Z_]{0,12}") {
        let _ = read(sns(&[text, message(serde_json::json!({"NewStateValue": state}))]).to_string().as_bytes());
    }
}

/// A message of the controller's own queue, as an event source mapping delivers it.
fn queued(body: &str) -> serde_json::Value {
    serde_json::json!({"Records": [{
        "messageId": "1", "receiptHandle": "r", "body": body, "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {}, "md5OfBody": "m", "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-west-2:123456789012:shop-looks", "awsRegion": "us-west-2"
    }]})
}

#[test]
fn a_look_is_read_bare_and_from_the_queue() {
    let look = r#"{"source":"pilotlight.look"}"#;
    assert_eq!(read(look.as_bytes()), Signal::Look { again: false });
    check(queued(look), expect![[r#"{"look":{"again":false}}"#]]);
}

/// Whether the look before it failed as well is the shell's to know: a message that says so is not believed.
#[test]
fn no_message_says_that_it_is_the_second_look() {
    let look = r#"{"source":"pilotlight.look","again":true,"look":{"again":true}}"#;
    assert_eq!(read(look.as_bytes()), Signal::Look { again: false });
    check(queued(look), expect![[r#"{"look":{"again":false}}"#]]);
}

/// Whoever can send to the queue can make the controller look, and nothing else.
#[test]
fn nothing_but_a_look_is_taken_from_the_queue() {
    let at = r#""at":"2026-01-01T00:00:00Z","by":"eve""#;
    let failback = format!(r#"{{"source":"pilotlight.request","what":"failback",{at}}}"#);
    for body in [r#"{"source":"pilotlight.tick"}"#, failback.as_str(), "no JSON", "[]", "null", ""]
    {
        let signal = read(queued(body).to_string().as_bytes());
        assert!(matches!(signal, Signal::Unreadable { .. }), "{body}: {signal:?}");
    }
    let lost = serde_json::json!({"Records": [{"eventSource": "aws:sqs", "body": null}]});
    assert!(matches!(read(lost.to_string().as_bytes()), Signal::Unreadable { .. }));
}
