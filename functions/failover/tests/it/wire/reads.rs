//! Reads over the wire.

use std::time::Duration;

use expect_test::{Expect, expect};
use failover::port::{Metric, Reads as _, Role, Span};
use failover_core::observation::{Known, Why};
use failover_core::time::after;
use serde_json::{Value, json};

use super::{refused, run, throttled, xml};
use crate::replay::{Answer, Replay};
use crate::world::now;

fn alarm(changes: Value) -> Answer {
    let mut alarm = json!({
        "AlarmName": "shop-primary-down",
        "AlarmArn": crate::world::ALARM_ARN,
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

fn span() -> Span {
    Span { start: after(now(), -36 * 60), end: after(now(), 60) }
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
            },
        )
    "#]]
    .assert_debug_eq(&reading);
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
            r#"Known("AlarmView { state: Ok, transitioned_at: 2026-01-01T11:46:40Z, evaluation: Sound } true")"#
        ]],
    );
    check(
        alarm(json!({"StateValue": "ALARM", "EvaluationState": "PARTIAL_DATA"})),
        &expect![[
            r#"Known("AlarmView { state: Alarm, transitioned_at: 2026-01-01T11:00:00Z, evaluation: Failing } true")"#
        ]],
    );
    check(
        alarm(json!({"StateValue": "INSUFFICIENT_DATA", "EvaluationState": "NEW"})),
        &expect![[
            r#"Known("AlarmView { state: Insufficient, transitioned_at: 2026-01-01T11:00:00Z, evaluation: Failing } true")"#
        ]],
    );
    check(alarm(json!({"StateValue": "ODD"})), &expect!["Unknown(Unparseable)"]);
    check(
        alarm(json!({"MetricName": null, "Statistic": null})),
        &expect![[
            r#"Known("AlarmView { state: Ok, transitioned_at: 2026-01-01T11:00:00Z, evaluation: Sound } false")"#
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

const GROUP: &str = "<AutoScalingGroups><member>
    <AutoScalingGroupName>shop-web-standby</AutoScalingGroupName>
    <MinSize>2</MinSize><DesiredCapacity>3</DesiredCapacity><MaxSize>8</MaxSize>
    <Instances>
      <member><InstanceId>i-1</InstanceId><LifecycleState>InService</LifecycleState></member>
      <member><InstanceId>i-2</InstanceId><LifecycleState>Pending</LifecycleState></member>
    </Instances>
    <SuspendedProcesses>
      <member><ProcessName>AZRebalance</ProcessName></member>
      <member><ProcessName>Launch</ProcessName></member>
    </SuspendedProcesses>
    <Tags>
      <member><Key>Name</Key><Value>web</Value></member>
      <member><Key>pilotlight:mode</Key><Value>observe</Value></member>
      <member><Key>pilotlight:done</Key><Value>v1 at=1767265200</Value></member>
    </Tags>
  </member></AutoScalingGroups>";

/// Goal: one call reads the standby group and the record in its tags.
#[test]
fn describe_auto_scaling_groups() {
    let replay = Replay::new([xml("DescribeAutoScalingGroups", GROUP)]);
    let known = run(replay.aws().read_standby());
    expect![[r#"
        POST https://autoscaling.us-east-2.amazonaws.com/
        Action=DescribeAutoScalingGroups
        Version=2011-01-01
        AutoScalingGroupNames.member.1=shop-web-standby
    "#]]
    .assert_eq(&replay.sent());
    let Known::Known((group, record)) = known else { panic!("{known:?}") };
    expect![[r#"
        Group {
            min: 2,
            desired: 3,
            max: 8,
            in_service: 1,
            healthy: Unknown(
                NotAsked,
            ),
            suspended: true,
        }
    "#]]
    .assert_debug_eq(&group);
    expect!["Held(Observe) Held(2026-01-01T11:00:00Z)"]
        .assert_eq(&format!("{:?} {:?}", record.mode, record.done));
}

/// Goal: a group that is gone, or whose sizes make no sense, is unknown. The primary is asked in
/// its own region.
#[test]
fn groups_that_cannot_be_read() {
    let empty = xml("DescribeAutoScalingGroups", "<AutoScalingGroups/>");
    let replay = Replay::new([empty]);
    assert_eq!(run(replay.aws().read_primary()), Known::Unknown(Why::Empty));
    assert!(replay.sent().starts_with("POST https://autoscaling.us-west-2.amazonaws.com/"));
    let negative = GROUP.replace("<MinSize>2", "<MinSize>-1");
    let replay = Replay::new([xml("DescribeAutoScalingGroups", &negative)]);
    assert_eq!(run(replay.aws().read_standby()), Known::Unknown(Why::Unparseable));
}

/// Goal: only targets that the load balancer calls healthy count.
#[test]
fn describe_target_health() {
    let target =
        |state| format!("<member><TargetHealth><State>{state}</State></TargetHealth></member>");
    let targets: String = ["healthy", "initial", "healthy", "draining"].map(target).concat();
    let result = format!("<TargetHealthDescriptions>{targets}</TargetHealthDescriptions>");
    let replay = Replay::new([xml("DescribeTargetHealth", &result)]);
    assert_eq!(run(replay.aws().read_healthy(Role::Standby)), Known::Known(2));
    expect![[r#"
        POST https://elasticloadbalancing.us-east-2.amazonaws.com/
        Action=DescribeTargetHealth
        Version=2015-12-01
        TargetGroupArn=arn%3Aaws%3Aelasticloadbalancing%3Aus-east-2%3A000000000000%3Atargetgroup%2Fshop-web%2F0123456789abcdef
    "#]].assert_eq(&replay.sent());
}

/// Goal: what a read ends with tells refusal, throttling and silence apart, and the log says it in
/// AWS's words.
#[test]
fn reads_that_fail() {
    let read = |answers: Vec<Answer>| {
        let replay = Replay::new(answers);
        let known = run(replay.aws().read_primary());
        (known, replay.lines())
    };
    let (known, line) =
        read(vec![refused(403, "AccessDenied", "User is not authorized to perform it")]);
    assert_eq!(known, Known::Unknown(Why::Denied));
    expect![[r#"{"error":"AccessDenied: User is not authorized to perform it","level":"WARN","message":"read failed","read":"group","region":"us-west-2","role":"primary"}"#]].assert_eq(&line);
    let (known, line) = read(vec![Answer::Broken, Answer::Broken]);
    assert_eq!(known, Known::Unknown(Why::Timeout));
    expect![[r#"{"error":"dispatch failure: io error: connection reset by peer","level":"WARN","message":"read failed","read":"group","region":"us-west-2","role":"primary"}"#]].assert_eq(&line);
    assert_eq!(read(vec![throttled(), throttled()]).0, Known::Unknown(Why::Throttled));
    assert_eq!(
        read(vec![Answer::Xml(503, "<html>".to_owned()), Answer::Xml(503, "<html>".to_owned())]).0,
        Known::Unknown(Why::Fault)
    );
    assert_eq!(
        read(vec![Answer::Xml(200, "<html>".to_owned())]).0,
        Known::Unknown(Why::Unparseable)
    );
    let missing = read(vec![refused(400, "InvalidClientTokenId", "No such token")]).0;
    assert_eq!(missing, Known::Unknown(Why::Denied));
    let cbor = json!({"__type": "com.amazonaws.cloudwatch#AccessDenied", "message": "no"});
    let replay = Replay::new([Answer::Cbor(403, cbor)]);
    assert_eq!(run(replay.aws().read_alarm()), Known::Unknown(Why::Denied));
}

/// Goal: a read that was throttled once is asked a second time, and no third.
#[test]
fn a_throttled_read_is_tried_twice() {
    let replay = Replay::new([throttled(), xml("DescribeAutoScalingGroups", GROUP)]);
    assert!(run(replay.aws().read_standby()).known().is_some());
    assert_eq!(replay.sent().matches("Action=").count(), 2);
}
