"""The yardstick: the same calls as the controller's on its way to a raise, with AWS's own SDK for Python.

Written as such handlers are: clients at import, one call after the other. On this machine every answer takes less than a
millisecond, so threads would slow it down. The rules, the record and the log of the real controller are left out.
"""

import json
import os
from datetime import datetime, timezone

import boto3

PRIMARY, STANDBY = os.environ["PILOTLIGHT_PRIMARY_REGION"], os.environ["AWS_REGION"]
PRIMARY_GROUP, STANDBY_GROUP = os.environ["PILOTLIGHT_PRIMARY_GROUP"], os.environ["PILOTLIGHT_STANDBY_GROUP"]
ALARM_ARN = os.environ["PILOTLIGHT_ALARM_ARN"]

session = boto3.Session()
alarms = session.client("cloudwatch", region_name=ALARM_ARN.split(":")[3])
groups = {region: session.client("autoscaling", region_name=region) for region in (PRIMARY, STANDBY)}
balancers = {region: session.client("elbv2", region_name=region) for region in (PRIMARY, STANDBY)}
metrics = session.client("cloudwatch", region_name=STANDBY)
notices = session.client("sns", region_name=STANDBY)


def group(region, name):
    found = groups[region].describe_auto_scaling_groups(AutoScalingGroupNames=[name])
    return found["AutoScalingGroups"][0]


def healthy(region, role):
    arn = os.environ[f"PILOTLIGHT_{role}_TARGET_GROUP_ARN"]
    targets = balancers[region].describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    return sum(target["TargetHealth"]["State"] == "healthy" for target in targets)


def handler(event, context):
    json.loads(event["Records"][0]["Sns"]["Message"])
    name = ALARM_ARN.split(":")[-1]
    alarm = alarms.describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm"])["MetricAlarms"][0]
    standby = group(STANDBY, STANDBY_GROUP)
    seen = {
        "alarm": alarm["StateValue"],
        "since": alarm["StateTransitionedTimestamp"].isoformat(),
        "standby": standby["DesiredCapacity"],
        "standby_healthy": healthy(STANDBY, "STANDBY"),
        "primary": group(PRIMARY, PRIMARY_GROUP)["DesiredCapacity"],
        "primary_healthy": healthy(PRIMARY, "PRIMARY"),
    }
    if alarm["StateValue"] != "ALARM":
        return seen
    normal = f"{standby['MinSize']},{standby['DesiredCapacity']},{standby['MaxSize']}"
    raised = f"at={int(datetime.now(timezone.utc).timestamp())} normal={normal}"
    tag = {
        "ResourceId": STANDBY_GROUP,
        "ResourceType": "auto-scaling-group",
        "Key": "pilotlight:raised",
        "Value": raised,
        "PropagateAtLaunch": False,
    }
    groups[STANDBY].create_or_update_tags(Tags=[tag])
    groups[STANDBY].update_auto_scaling_group(
        AutoScalingGroupName=STANDBY_GROUP, MinSize=2, DesiredCapacity=2, MaxSize=8
    )
    latch = {"MetricName": "LatchClosed", "Dimensions": [{"Name": "Site", "Value": "shop"}], "Value": 0.0}
    metrics.put_metric_data(Namespace="Pilotlight", MetricData=[latch])
    notices.publish(
        TopicArn=os.environ["PILOTLIGHT_NOTICE_TOPIC_ARN"],
        Subject="The standby is being raised",
        Message=json.dumps(seen),
    )
    return seen
