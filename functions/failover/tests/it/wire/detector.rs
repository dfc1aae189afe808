//! Reads of the detector over the wire: the alarm, its metric, the health check.

use std::time::Duration;

use expect_test::{Expect, expect};
use failover::port::{Metric, Reads as _};
use failover_core::observation::{CheckConfig, Known, Why};
use serde_json::{Value, json};

use super::{run, span};
use crate::replay::{Answer, Replay};
use crate::world::now;

fn alarm(changes: Value) -> Answer {
    let mut alarm = json!({
        "AlarmName": "shop-primary-down",
        "AlarmArn": crate::world::ALARM_ARN,
        "ActionsEnabled": true,
        "AlarmActions": ["arn:aws:sns:us-east-1:000000000000:shop-failover"],
        "StateValue": "OK",
        "StateUpdatedTimestamp": {"$at": 1_767_268_000},
        "StateTransitionedTimestamp": {"$at": 1_767_265_200},
        "Namespace": "AWS/Route53",
        "MetricName": "HealthCheckStatus",
        "Dimensions": [{"Name": "HealthCheckId", "Value": "hc-1"}],
        "Statistic": "Minimum",
        "Period": 60,
    });
    let Value::Object(changes) = changes else { panic!("an object") };
    for (key, value) in changes {
        alarm[key] = value;
    }
    Answer::Cbor(200, json!({"MetricAlarms": [alarm]}))
}

fn metric() -> Metric {
    Metric {
        namespace: "AWS/Route53".to_owned(),
        name: "HealthCheckStatus".to_owned(),
        dimensions: vec![("HealthCheckId".to_owned(), "hc-1".to_owned())],
        statistic: "Minimum".to_owned(),
        period: Duration::from_mins(1),
    }
}

/// Goal: the alarm is asked by name, and its definition read with its state.
#[test]
fn describe_alarms() {
    let replay = Replay::new([alarm(json!({}))]);
    let reading = run(replay.aws().read_alarm());
    expect![[r#"
        POST https://monitoring.us-east-1.amazonaws.com/service/GraniteServiceVersion20100801/operation/DescribeAlarms
        {
          "AlarmNames": [
            "shop-primary-down"
          ],
          "AlarmTypes": [
            "MetricAlarm"
          ]
        }
    "#]].assert_eq(&replay.sent());
    expect![[r#"
        Known(
            AlarmReading {
                view: AlarmView {
                    state: Ok,
                    transitioned_at: 2026-01-01T11:00:00Z,
                    evaluation: Sound,
                    actions: true,
                },
                metric: Known(
                    Metric {
                        namespace: "AWS/Route53",
                        name: "HealthCheckStatus",
                        dimensions: [
                            (
                                "HealthCheckId",
                                "hc-1",
                            ),
                        ],
                        statistic: "Minimum",
                        period: 60s,
                    },
                ),
                checks: Unknown(
                    NotAsked,
                ),
            },
        )
    "#]]
    .assert_debug_eq(&reading);
}

/// Goal: the function, which is deployed before the health checks exist, learns of them from the alarm. Method: the description
/// as the template writes it.
#[test]
fn the_alarms_description_names_the_other_checks() {
    let text = "ALARM: down. OK: up. Health checks: 0f1e2d3c-0000 1f1e2d3c-0000  2f1e2d3c-0000";
    let dimensions = json!([{"Name": "HealthCheckId", "Value": "0f1e2d3c-0000"}]);
    let answer = alarm(json!({"AlarmDescription": text, "Dimensions": dimensions}));
    let reading = run(Replay::new([answer]).aws().read_alarm());
    let others = ["1f1e2d3c-0000", "2f1e2d3c-0000"].map(str::to_owned).to_vec();
    assert_eq!(reading.and_then(|alarm| alarm.checks), Known::Known(others));
}

fn read_alarm(answer: Answer) -> Known<String> {
    let reading = run(Replay::new([answer]).aws().read_alarm());
    reading.map(|alarm| format!("{:?} {:?}", alarm.view, alarm.metric.known().is_some()))
}

/// Goal: every shape of an alarm is read, or is unknown for the right reason.
#[test]
fn alarms_of_every_shape() {
    let check =
        |answer, expected: &Expect| expected.assert_eq(&format!("{:?}", read_alarm(answer)));
    // Emulators know no transition.
    check(
        alarm(json!({"StateTransitionedTimestamp": null})),
        &expect![[
            r#"Known("AlarmView { state: Ok, transitioned_at: 2026-01-01T11:46:40Z, evaluation: Sound, actions: true } true")"#
        ]],
    );
    check(
        alarm(json!({"StateValue": "ALARM", "EvaluationState": "PARTIAL_DATA"})),
        &expect![[
            r#"Known("AlarmView { state: Alarm, transitioned_at: 2026-01-01T11:00:00Z, evaluation: Failing, actions: true } true")"#
        ]],
    );
    check(
        alarm(json!({"StateValue": "INSUFFICIENT_DATA", "EvaluationState": "NEW"})),
        &expect![[
            r#"Known("AlarmView { state: Insufficient, transitioned_at: 2026-01-01T11:00:00Z, evaluation: Failing, actions: true } true")"#
        ]],
    );
    // Only the tick sees an alarm that tells nobody.
    check(
        alarm(json!({"ActionsEnabled": false})),
        &expect![[
            r#"Known("AlarmView { state: Ok, transitioned_at: 2026-01-01T11:00:00Z, evaluation: Sound, actions: false } true")"#
        ]],
    );
    check(
        alarm(json!({"AlarmActions": []})),
        &expect![[
            r#"Known("AlarmView { state: Ok, transitioned_at: 2026-01-01T11:00:00Z, evaluation: Sound, actions: false } true")"#
        ]],
    );
    check(
        alarm(json!({"ActionsEnabled": null})),
        &expect![[
            r#"Known("AlarmView { state: Ok, transitioned_at: 2026-01-01T11:00:00Z, evaluation: Sound, actions: true } true")"#
        ]],
    );
    check(alarm(json!({"StateValue": "ODD"})), &expect!["Unknown(Unparseable)"]);
    check(
        alarm(json!({"MetricName": null, "Statistic": null})),
        &expect![[
            r#"Known("AlarmView { state: Ok, transitioned_at: 2026-01-01T11:00:00Z, evaluation: Sound, actions: true } false")"#
        ]],
    );
    check(alarm(json!({"AlarmName": "another"})), &expect!["Unknown(Empty)"]);
    check(Answer::Cbor(200, json!({"MetricAlarms": []})), &expect!["Unknown(Empty)"]);
    check(Answer::Cbor(200, json!("nonsense")), &expect!["Unknown(Unparseable)"]);
}

/// Goal: the datapoints are asked of exactly the metric, statistic and period that the alarm
/// watches.
#[test]
fn get_metric_data() {
    let at = |minutes: i64| json!({"$at": now().as_second() - 60 * minutes});
    let answer = json!({"MetricDataResults": [{
        "Id": "m1",
        "Timestamps": [at(1), at(2), at(3)],
        "Values": [1.0, 1.0, 0.0],
        "StatusCode": "Complete",
    }]});
    let replay = Replay::new([Answer::Cbor(200, answer)]);
    let known = run(replay.aws().read_datapoints(&metric(), span()));
    expect![[r#"
        POST https://monitoring.us-east-1.amazonaws.com/service/GraniteServiceVersion20100801/operation/GetMetricData
        {
          "EndTime": {
            "$at": 1767268860.0
          },
          "MetricDataQueries": [
            {
              "Id": "m1",
              "MetricStat": {
                "Metric": {
                  "Dimensions": [
                    {
                      "Name": "HealthCheckId",
                      "Value": "hc-1"
                    }
                  ],
                  "MetricName": "HealthCheckStatus",
                  "Namespace": "AWS/Route53"
                },
                "Period": 60,
                "Stat": "Minimum"
              },
              "ReturnData": true
            }
          ],
          "ScanBy": "TimestampDescending",
          "StartTime": {
            "$at": 1767266640.0
          }
        }
    "#]].assert_eq(&replay.sent());
    expect![[r#"
        Known(
            Datapoints {
                period: 60s,
                newest: 2026-01-01T11:59:00Z,
                healthy_run: 2,
                newest_two_zero: false,
            },
        )
    "#]]
    .assert_debug_eq(&known);
}

/// Goal: no datapoint is not a healthy one.
#[test]
fn metric_data_that_proves_nothing() {
    let read = |result: Value| {
        let answer = Answer::Cbor(200, json!({"MetricDataResults": [result]}));
        run(Replay::new([answer]).aws().read_datapoints(&metric(), span()))
    };
    let empty = json!({"Id": "m1", "Timestamps": [], "Values": []});
    assert_eq!(read(empty), Known::Unknown(Why::Empty));
    let torn = json!({"Id": "m1", "Timestamps": [{"$at": 1}], "Values": []});
    assert_eq!(read(torn), Known::Unknown(Why::Unparseable));
    let failed = json!({"Id": "m1", "Timestamps": [], "Values": [], "StatusCode": "InternalError"});
    assert_eq!(read(failed), Known::Unknown(Why::Fault));
    let forbidden = json!({"Id": "m1", "Timestamps": [], "Values": [], "StatusCode": "Forbidden"});
    assert_eq!(read(forbidden), Known::Unknown(Why::Denied));
}

/// Goal: whether the health check is set as it should be; what was never set is false.
#[test]
fn get_health_check() {
    let check = |config: &str| {
        let body = format!(
            "<GetHealthCheckResponse><HealthCheck><Id>hc-1</Id><CallerReference>r</CallerReference>\
             <HealthCheckConfig><Type>HTTP</Type>{config}</HealthCheckConfig>\
             <HealthCheckVersion>1</HealthCheckVersion></HealthCheck></GetHealthCheckResponse>"
        );
        let replay = Replay::new([Answer::Xml(200, body)]);
        (run(replay.aws().read_check("hc-1")), replay.sent())
    };
    let known = |disabled, inverted| Known::Known(CheckConfig { disabled, inverted });
    let (read, sent) = check("<Inverted>true</Inverted><Disabled>false</Disabled>");
    assert_eq!(read, known(false, true));
    expect![[r#"
        GET https://route53.amazonaws.com/2013-04-01/healthcheck/hc-1

    "#]]
    .assert_eq(&sent);
    assert_eq!(check("<Disabled>true</Disabled>").0, known(true, false));
    assert_eq!(check("").0, known(false, false));
    let gone = "<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchHealthCheck</Code>\
                <Message>no health check exists with that id</Message></Error></ErrorResponse>";
    let replay = Replay::new([Answer::Xml(404, gone.to_owned())]);
    assert_eq!(run(replay.aws().read_check("hc-1")), Known::Unknown(Why::Empty));
    expect![[r#"{"error":"NoSuchHealthCheck: no health check exists with that id","level":"WARN","message":"read failed","read":"health check","region":"us-east-1"}"#]].assert_eq(&replay.lines());
}
