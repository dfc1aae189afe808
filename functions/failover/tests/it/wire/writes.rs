//! Writes over the wire.

use std::time::Duration;

use expect_test::{Expect, expect};
use failover::error::WriteError;
use failover::port::Writes as _;
use failover_core::decision::{Latch, Notice, PrimaryWrite, StandbyWrite};
use failover_core::record::{Cause, Count, Raised, Register, Sizes};
use serde_json::json;

use super::{refused, run, throttled, xml};
use crate::replay::{Answer, Replay};
use crate::world::now;

/// Goal: all registers go in one call, and instances do not inherit them.
#[test]
fn create_or_update_tags() {
    let undo = Sizes { min: 0, desired: 0, max: 8 };
    let at = now();
    let raised = Raised { first: at, at, target: 2, why: Cause::Alarm, undo };
    let registers =
        [Register::Raised(raised), Register::Drain(Count { episode: at, ticks: 0, at })];
    let replay = Replay::new([xml("CreateOrUpdateTags", "")]);
    assert_eq!(run(replay.aws().write_tags(&registers)), Ok(()));
    expect![[r#"
        POST https://autoscaling.us-east-2.amazonaws.com/
        Action=CreateOrUpdateTags
        Version=2011-01-01
        Tags.member.1.ResourceId=shop-web-standby
        Tags.member.1.ResourceType=auto-scaling-group
        Tags.member.1.Key=pilotlight%3Araised
        Tags.member.1.Value=v1%20first%3D1767268800%20at%3D1767268800%20target%3D2%20why%3Dalarm%20min%3D0%20desired%3D0%20max%3D8
        Tags.member.1.PropagateAtLaunch=false
        Tags.member.2.ResourceId=shop-web-standby
        Tags.member.2.ResourceType=auto-scaling-group
        Tags.member.2.Key=pilotlight%3Adrain
        Tags.member.2.Value=v1%20for%3D1767268800%20n%3D0%20at%3D1767268800
        Tags.member.2.PropagateAtLaunch=false
    "#]].assert_eq(&replay.sent());
}

fn write(write: StandbyWrite, expected: &Expect) {
    write_over(write, 2, expected);
}

fn write_over(write: StandbyWrite, live_max: u16, expected: &Expect) {
    let replay = Replay::new([xml("UpdateAutoScalingGroup", "")]);
    assert_eq!(run(replay.aws().write_standby(write, Some(live_max))), Ok(()));
    expected.assert_eq(&replay.sent());
}

/// Goal: a raise sets all three sizes in one call.
#[test]
fn update_auto_scaling_group_raise() {
    write(
        StandbyWrite::Raise(Sizes { min: 4, desired: 5, max: 8 }),
        &expect![[r#"
        POST https://autoscaling.us-east-2.amazonaws.com/
        Action=UpdateAutoScalingGroup
        Version=2011-01-01
        AutoScalingGroupName=shop-web-standby
        MinSize=4
        MaxSize=8
        DesiredCapacity=5
    "#]],
    );
}

/// Goal: the role may send no maximum above the site's own, and a larger one that somebody set by
/// hand must not have the raise refused. Method: the maximum stays, and is not sent.
#[test]
fn a_maximum_set_by_hand_does_not_have_the_raise_refused() {
    write_over(
        StandbyWrite::Raise(Sizes { min: 4, desired: 5, max: 20 }),
        20,
        &expect![[r#"
        POST https://autoscaling.us-east-2.amazonaws.com/
        Action=UpdateAutoScalingGroup
        Version=2011-01-01
        AutoScalingGroupName=shop-web-standby
        MinSize=4
        DesiredCapacity=5
    "#]],
    );
    write_over(
        StandbyWrite::LowerDesired { desired: 0, max: 20 },
        20,
        &expect![[r#"
        POST https://autoscaling.us-east-2.amazonaws.com/
        Action=UpdateAutoScalingGroup
        Version=2011-01-01
        AutoScalingGroupName=shop-web-standby
        DesiredCapacity=0
    "#]],
    );
}

/// Goal: phase 1 sends the minimum and nothing else.
#[test]
fn update_auto_scaling_group_lower_min() {
    write(
        StandbyWrite::LowerMin { min: 0 },
        &expect![[r#"
        POST https://autoscaling.us-east-2.amazonaws.com/
        Action=UpdateAutoScalingGroup
        Version=2011-01-01
        AutoScalingGroupName=shop-web-standby
        MinSize=0
    "#]],
    );
}

/// Goal: phase 2 never sends the minimum: AWS's refusal below it is the only compare-and-set there
/// is.
#[test]
fn update_auto_scaling_group_lower_desired() {
    write(
        StandbyWrite::LowerDesired { desired: 0, max: 8 },
        &expect![[r#"
        POST https://autoscaling.us-east-2.amazonaws.com/
        Action=UpdateAutoScalingGroup
        Version=2011-01-01
        AutoScalingGroupName=shop-web-standby
        MaxSize=8
        DesiredCapacity=0
    "#]],
    );
}

/// Goal: the primary's floor is written in the primary's region; desired is left alone unless it is
/// asked for.
#[test]
fn update_auto_scaling_group_primary() {
    let replay =
        Replay::new([xml("UpdateAutoScalingGroup", ""), xml("UpdateAutoScalingGroup", "")]);
    let aws = replay.aws();
    assert_eq!(run(aws.write_primary(PrimaryWrite { min: 4, desired: Some(6) })), Ok(()));
    assert_eq!(run(aws.write_primary(PrimaryWrite { min: 2, desired: None })), Ok(()));
    expect![[r#"
        POST https://autoscaling.us-west-2.amazonaws.com/
        Action=UpdateAutoScalingGroup
        Version=2011-01-01
        AutoScalingGroupName=shop-web-primary
        MinSize=4
        DesiredCapacity=6

        POST https://autoscaling.us-west-2.amazonaws.com/
        Action=UpdateAutoScalingGroup
        Version=2011-01-01
        AutoScalingGroupName=shop-web-primary
        MinSize=2
    "#]]
    .assert_eq(&replay.sent());
}

/// Goal: the latch's value goes to the standby region, as the metric that the gate's alarm watches.
#[test]
fn put_metric_data() {
    let answer = || Answer::Cbor(200, json!({}));
    let replay = Replay::new([answer(), answer()]);
    let aws = replay.aws();
    assert_eq!(run(aws.put_latch(Latch::Closed)), Ok(()));
    assert_eq!(run(aws.put_latch(Latch::Open)), Ok(()));
    expect![[r#"
        POST https://monitoring.us-east-2.amazonaws.com/service/GraniteServiceVersion20100801/operation/PutMetricData
        {
          "MetricData": [
            {
              "Dimensions": [
                {
                  "Name": "Site",
                  "Value": "shop"
                }
              ],
              "MetricName": "LatchClosed",
              "Value": 1.0
            }
          ],
          "Namespace": "Pilotlight"
        }

        POST https://monitoring.us-east-2.amazonaws.com/service/GraniteServiceVersion20100801/operation/PutMetricData
        {
          "MetricData": [
            {
              "Dimensions": [
                {
                  "Name": "Site",
                  "Value": "shop"
                }
              ],
              "MetricName": "LatchClosed",
              "Value": 0.0
            }
          ],
          "Namespace": "Pilotlight"
        }
    "#]].assert_eq(&replay.sent());
    let put = |answers: Vec<Answer>| run(Replay::new(answers).aws().put_latch(Latch::Open));
    let refusal = json!({"__type": "com.amazonaws.cloudwatch#AccessDenied", "message": "no"});
    assert!(matches!(put(vec![Answer::Cbor(403, refusal)]), Err(WriteError::Denied(_))));
    assert_eq!(put(vec![Answer::Broken, answer()]), Ok(()), "it is tried twice");
}

/// Goal: the looks until the next tick go in one call, each with its delay. Eleven need two, which is what SQS takes.
#[test]
fn send_message_batch() {
    let sent = || Answer::Json(200, json!({"Successful": [], "Failed": []}));
    let after =
        |seconds: &[u64]| seconds.iter().copied().map(Duration::from_secs).collect::<Vec<_>>();
    let replay = Replay::new([sent()]);
    assert_eq!(run(replay.aws().send_looks(&after(&[10, 20]))), Ok(()));
    expect![[r#"
        POST https://sqs.us-east-2.amazonaws.com/
        X-Amz-Target: AmazonSQS.SendMessageBatch
        {
          "Entries": [
            {
              "DelaySeconds": 10,
              "Id": "after-10-s",
              "MessageBody": "{\"source\":\"pilotlight.look\"}"
            },
            {
              "DelaySeconds": 20,
              "Id": "after-20-s",
              "MessageBody": "{\"source\":\"pilotlight.look\"}"
            }
          ],
          "QueueUrl": "https://sqs.us-east-2.amazonaws.com/000000000000/shop-looks"
        }
    "#]]
    .assert_eq(&replay.sent());
    let replay = Replay::new([sent(), sent()]);
    let eleven: Vec<u64> = (1..=11).map(|n| 5 * n).collect();
    assert_eq!(run(replay.aws().send_looks(&after(&eleven))), Ok(()));
    assert_eq!(replay.sent().matches("SendMessageBatch").count(), 2);
    let answered = |answer| run(Replay::new([answer]).aws().send_looks(&after(&[10])));
    let refusal = json!({"__type": "com.amazonaws.sqs#AccessDenied", "message": "no"});
    assert!(matches!(answered(Answer::Json(403, refusal)), Err(WriteError::Denied(_))));
    let failed = json!({"Id": "after-10-s", "Code": "InternalError", "SenderFault": false});
    let answer = Answer::Json(200, json!({"Successful": [], "Failed": [failed]}));
    assert!(matches!(answered(answer), Err(WriteError::Fault(_))));
}

/// Goal: what a write ends with decides whether it is tried again, and by whom.
#[test]
fn writes_that_fail() {
    let raise = StandbyWrite::Raise(Sizes { min: 2, desired: 2, max: 8 });
    let lower = StandbyWrite::LowerDesired { desired: 0, max: 8 };
    let end = |write, answers: Vec<Answer>| {
        let replay = Replay::new(answers);
        let error = run(replay.aws().write_standby(write, None)).expect_err("it fails");
        assert!(replay.sent().contains("UpdateAutoScalingGroup"));
        error
    };
    let message = "Desired capacity:0 must be between the specified min size:2 and max size:8";
    let refusal = end(lower, vec![refused(400, "ValidationError", message)]);
    assert_eq!(refusal, WriteError::Refused(format!("ValidationError: {message}")));
    let pending = refused(400, "ResourceContention", "You already have a pending update");
    assert!(matches!(end(raise, vec![pending]), WriteError::Contention(_)));
    let busy = refused(400, "ScalingActivityInProgress", "Scaling activities are in progress");
    assert!(matches!(end(raise, vec![busy]), WriteError::Contention(_)));
    let denied = refused(403, "AccessDenied", "User is not authorized to perform it");
    assert!(matches!(end(raise, vec![denied]), WriteError::Denied(_)));
    assert!(matches!(end(raise, vec![throttled(), throttled()]), WriteError::Throttled(_)));
    assert!(matches!(end(raise, vec![Answer::Broken, Answer::Broken]), WriteError::NoAnswer(_)));
    // A lowering is sent once: the readings that it stands on age.
    assert!(matches!(end(lower, vec![throttled()]), WriteError::Throttled(_)));
    assert!(matches!(end(lower, vec![Answer::Broken]), WriteError::NoAnswer(_)));
}

/// Goal: the notice names the site, and its subject is what SNS takes.
#[test]
fn publish() {
    let replay = Replay::new([xml("Publish", "<MessageId>m</MessageId>")]);
    let notice = Notice {
        subject: format!("raising the standby\nfrom 0 to 2 instances – now {}", "!".repeat(100)),
        body: "What: the standby group is raised.\nWhy: the alarm reads ALARM.".to_owned(),
    };
    assert_eq!(run(replay.aws().notify(&notice)), Ok(()));
    expect![[r#"
        POST https://sns.us-east-2.amazonaws.com/
        Action=Publish
        Version=2010-03-31
        TopicArn=arn%3Aaws%3Asns%3Aus-east-2%3A000000000000%3Ashop-notices
        Message=What%3A%20the%20standby%20group%20is%20raised.%0AWhy%3A%20the%20alarm%20reads%20ALARM.
        Subject=shop%3A%20raising%20the%20standby%3Ffrom%200%20to%202%20instances%20%3F%20now%20%21%21%21%21%21%21%21%21%21%21%21%21%21%21%21%21%21%21%21%21%21%21%21%21%21%21%21%21%21%21%21%21%21%21%21%21%21%21%21%21%21%21%21%21%21%21
    "#]].assert_eq(&replay.sent());
}
