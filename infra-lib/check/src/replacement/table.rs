//! Properties that cannot be changed, and what else a change does.

/// Properties of a type that cannot be changed in place.
pub(super) struct Fixed {
    pub(super) kind: &'static str,
    pub(super) properties: &'static [&'static str],
    pub(super) effect: &'static str,
}

/// What a change does beside replacing.
pub(super) struct Note {
    pub(super) template: &'static str,
    pub(super) parameters: &'static [&'static str],
    pub(super) effect: &'static str,
}

const fn fixed(
    kind: &'static str,
    properties: &'static [&'static str],
    effect: &'static str,
) -> Fixed {
    Fixed { kind, properties, effect }
}

// Source: "Update requires: Replacement" in CloudFormation's reference of each type.
pub(super) const FIXED: &[Fixed] = &[
    fixed(
        "AWS::Route53::HealthCheck",
        &[
            "HealthCheckConfig.Type",
            "HealthCheckConfig.RequestInterval",
            "HealthCheckConfig.MeasureLatency",
        ],
        "the new check counts as healthy until it has data: an open latch",
    ),
    fixed(
        "AWS::Route53::RecordSet",
        &["Name", "HostedZoneId"],
        "records of the new name first, then the old ones go and the old name is unanswered",
    ),
    fixed(
        "AWS::CloudWatch::Alarm",
        &["AlarmName"],
        "a new alarm starts without a state and runs its action at once",
    ),
    fixed("AWS::CloudWatch::Dashboard", &["DashboardName"], "replaced; nothing is lost"),
    fixed("AWS::SNS::Topic", &["TopicName"], "receivers must confirm again"),
    fixed(
        "AWS::SNS::Subscription",
        &["Endpoint", "Protocol", "TopicArn"],
        "a new receiver must confirm",
    ),
    fixed("AWS::SQS::Queue", &["QueueName"], "messages in the old queue are lost"),
    fixed(
        "AWS::Lambda::Function",
        &["FunctionName"],
        "events that wait for the old function are lost",
    ),
    fixed(
        "AWS::Logs::LogGroup",
        &["LogGroupName"],
        "the old log is deleted, or left behind if it is retained",
    ),
    fixed("AWS::Events::Rule", &["Name"], "a tick may be left out"),
    fixed(
        "AWS::S3::Bucket",
        &["BucketName"],
        "the old bucket is deleted, or left behind if it is retained",
    ),
    fixed(
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        &["Name", "Scheme", "Type"],
        "a new DNS name: the records follow in the detector's wave, and users of this region are cut off until then",
    ),
    fixed(
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        &["Name", "Port", "Protocol", "TargetType", "VpcId"],
        "the new group has no healthy target until instances have registered and passed: 503 until then",
    ),
    fixed(
        "AWS::EC2::SecurityGroup",
        &["GroupDescription", "GroupName", "VpcId"],
        "a new id, which its users take over",
    ),
    fixed(
        "AWS::AutoScaling::AutoScalingGroup",
        &["AutoScalingGroupName"],
        "every instance is replaced, and the controller's record in the tags is lost",
    ),
    fixed("AWS::EC2::VPC", &["CidrBlock"], "everything in it is replaced"),
    fixed(
        "AWS::EC2::Subnet",
        &["AvailabilityZone", "CidrBlock", "VpcId"],
        "everything in it is replaced",
    ),
    fixed(
        "AWS::CertificateManager::Certificate",
        &["DomainName", "SubjectAlternativeNames", "DomainValidationOptions"],
        "the listener takes the new one over once it is validated",
    ),
    fixed("AWS::WAFv2::WebACL", &["Name", "Scope"], "a new one is created; its counts start again"),
    fixed("AWS::IAM::Role", &["RoleName", "Path"], "the function takes the new role over"),
];

const fn note(
    template: &'static str,
    parameters: &'static [&'static str],
    effect: &'static str,
) -> Note {
    Note { template, parameters, effect }
}

pub(super) const NOTES: &[Note] = &[
    note(
        "network",
        &["Zones"],
        "the servers are replaced one by one; from 3 to 2 the third subnets cannot be deleted while the web stack uses them, and stay \
         behind unowned",
    ),
    note(
        "network",
        &["VpcCidr"],
        "`deploy` refuses it once the network stands: AWS changes no VPC's range, and a gateway cannot be in two",
    ),
    note(
        "network",
        &["Nat"],
        "NAT gateways are made or deleted: the instances' public addresses change",
    ),
    note(
        "network",
        &["InstancePlacement"],
        "running instances may be without internet access until the web stack is updated too",
    ),
    note(
        "web",
        &[
            "AmiId",
            "ImageId",
            "InstancePlacement",
            "InstanceType",
            "InstanceType2",
            "InstanceType3",
            "OnDemandPercent",
            "RootVolumeGib",
            "SessionManager",
            "UserData",
        ],
        "every instance is replaced, those of a warm pool too, and a new one must be healthy before an old one ends",
    ),
    note(
        "web",
        &["ListenerPort", "Tls"],
        "the detector asks the old way until its wave: a false outage of some minutes; freeze the controller first",
    ),
    note(
        "web",
        &["HealthPath"],
        "the detector asks the old path until its wave: keep answering both",
    ),
    note(
        "web",
        &["AccessLogs"],
        "switched off, the bucket stays behind unowned, with its logs; switched on again, there is a new one",
    ),
    note(
        "web",
        &["DeletionProtection"],
        "switched on, `destroy` fails at the load balancer: switch it off first",
    ),
    note(
        "detector",
        &["Routing", "RecordPolicy"],
        "Route 53 takes no records of two policies under one name: the update fails; destroy the detector's stack first",
    ),
];
