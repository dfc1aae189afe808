//! Reads of the groups and of the topic over the wire, and every way in which a read fails.

use expect_test::expect;
use failover::port::{Reads as _, Role};
use failover_core::observation::{Known, Subscriptions, Why};
use serde_json::{Value, json};

use super::{refused, run, span, throttled, xml};
use crate::replay::{Answer, Replay};
use crate::world::now;

/// Goal: the CPU is the newest average of the whole group, asked in the group's own region.
#[test]
fn get_metric_data_of_the_cpu() {
    let at = |minutes: i64| json!({"$at": now().as_second() - 60 * minutes});
    let answer = json!({"MetricDataResults": [{
        "Id": "m1",
        "Timestamps": [at(5), at(10)],
        "Values": [41.5, 70.0],
        "StatusCode": "Complete",
    }]});
    let replay = Replay::new([Answer::Cbor(200, answer)]);
    assert_eq!(run(replay.aws().read_cpu(Role::Primary, span())), Known::Known(42));
    expect![[r#"
        POST https://monitoring.us-west-2.amazonaws.com/service/GraniteServiceVersion20100801/operation/GetMetricData
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
                      "Name": "AutoScalingGroupName",
                      "Value": "shop-web-primary"
                    }
                  ],
                  "MetricName": "CPUUtilization",
                  "Namespace": "AWS/EC2"
                },
                "Period": 300,
                "Stat": "Average"
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
    let read = |values: Value| {
        let times = vec![at(5); values.as_array().map_or(0, Vec::len)];
        let result = json!({"Id": "m1", "Timestamps": times, "Values": values});
        let replay = Replay::new([Answer::Cbor(200, json!({"MetricDataResults": [result]}))]);
        run(replay.aws().read_cpu(Role::Standby, span()))
    };
    assert_eq!(read(json!([])), Known::Unknown(Why::Empty));
    assert_eq!(read(json!([-1.0])), Known::Unknown(Why::Unparseable));
    assert_eq!(read(json!([100.2])), Known::Known(100));
}

/// Goal: the requests are those of the busiest minute, by target, asked in the standby's region; none is no request. Method: the
/// request as sent, and answers of every shape.
#[test]
fn get_metric_data_of_the_requests() {
    let at = |minutes: i64| json!({"$at": now().as_second() - 60 * minutes});
    let read = |values: Value, status: &str| {
        let times = (1..).take(values.as_array().map_or(0, Vec::len)).map(at).collect::<Vec<_>>();
        let result =
            json!({"Id": "m1", "Timestamps": times, "Values": values, "StatusCode": status});
        let replay = Replay::new([Answer::Cbor(200, json!({"MetricDataResults": [result]}))]);
        let requests = run(replay.aws().read_requests(span()));
        (requests, replay.sent())
    };
    let (requests, sent) = read(json!([12.5, 80.1, 3.0]), "Complete");
    assert_eq!(requests, Known::Known(81));
    expect![[r#"
        POST https://monitoring.us-east-2.amazonaws.com/service/GraniteServiceVersion20100801/operation/GetMetricData
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
                      "Name": "TargetGroup",
                      "Value": "targetgroup/shop-web/0123456789abcdef"
                    }
                  ],
                  "MetricName": "RequestCountPerTarget",
                  "Namespace": "AWS/ApplicationELB"
                },
                "Period": 60,
                "Stat": "Sum"
              },
              "ReturnData": true
            }
          ],
          "ScanBy": "TimestampDescending",
          "StartTime": {
            "$at": 1767266640.0
          }
        }
    "#]].assert_eq(&sent);
    let read = |values: Value, status: &str| read(values, status).0;
    assert_eq!(read(json!([]), "Complete"), Known::Known(0));
    assert_eq!(read(json!([]), "InternalError"), Known::Unknown(Why::Fault));
    assert_eq!(read(json!([]), "Forbidden"), Known::Unknown(Why::Denied));
    for strange in [-1.0, 1e300] {
        assert_eq!(read(json!([1.0, strange]), "Complete"), Known::Unknown(Why::Unparseable));
    }
}

/// Goal: how many would hear a notice.
#[test]
fn get_topic_attributes() {
    let topic = |entries: &[(&str, &str)]| {
        let entry = |(key, value): &(&str, &str)| {
            format!("<entry><key>{key}</key><value>{value}</value></entry>")
        };
        let entries: String = entries.iter().map(entry).collect();
        let result = format!("<Attributes>{entries}</Attributes>");
        let replay = Replay::new([xml("GetTopicAttributes", &result)]);
        (run(replay.aws().read_subscriptions()), replay.sent())
    };
    let (read, sent) = topic(&[
        ("Owner", "000000000000"),
        ("SubscriptionsConfirmed", "2"),
        ("SubscriptionsPending", "1"),
    ]);
    assert_eq!(read, Known::Known(Subscriptions { confirmed: 2, pending: 1, asked: 0 }));
    expect![[r#"
        POST https://sns.us-east-2.amazonaws.com/
        Action=GetTopicAttributes
        Version=2010-03-31
        TopicArn=arn%3Aaws%3Asns%3Aus-east-2%3A000000000000%3Ashop-notices
    "#]]
    .assert_eq(&sent);
    let (read, _) = topic(&[("SubscriptionsConfirmed", "2")]);
    assert_eq!(read, Known::Unknown(Why::Unparseable));
    let replay = Replay::new([refused(404, "NotFound", "Topic does not exist")]);
    assert_eq!(run(replay.aws().read_subscriptions()), Known::Unknown(Why::Empty));
    expect![[r#"{"error":"NotFound: Topic does not exist","level":"WARN","message":"read failed","read":"subscriptions","region":"us-east-2"}"#]].assert_eq(&replay.lines());
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
            paused: false,
            cpu: Unknown(
                NotAsked,
            ),
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
