//! Properties that cannot be changed, and what else a change does.

/// What a change does: of properties of a type, which replaces the resource, or of parameters of a template beside that.
pub(super) struct Change {
    /// The type, or the template.
    pub(super) of: &'static str,
    /// The properties, or the parameters.
    pub(super) keys: &'static [&'static str],
    pub(super) effect: &'static str,
}

macro_rules! changes {
    ($(#[$attribute:meta])* $name:ident; $($of:literal [$($key:literal),+]: $effect:literal;)+) => {
        $(#[$attribute])*
        pub(super) const $name: &[Change] =
            &[$(Change { of: $of, keys: &[$($key),+], effect: $effect }),+];
    };
}

changes! {
    /// Source: "Update requires: Replacement" in CloudFormation's reference of each type.
    FIXED;
    "AWS::Route53::HealthCheck" [
        "HealthCheckConfig.Type", "HealthCheckConfig.RequestInterval",
        "HealthCheckConfig.MeasureLatency"
    ]:
        "the new check counts as healthy until it has data: an open latch";
    "AWS::Route53::RecordSet" ["Name", "HostedZoneId"]:
        "records of the new name first, then the old ones go and the old name is unanswered";
    "AWS::CloudWatch::Alarm" ["AlarmName"]:
        "a new alarm starts without a state and runs its action at once";
    "AWS::CloudWatch::Dashboard" ["DashboardName"]:
        "replaced; nothing is lost";
    "AWS::SNS::Topic" ["TopicName"]:
        "receivers must confirm again";
    "AWS::SNS::Subscription" ["Endpoint", "Protocol", "TopicArn"]:
        "a new receiver must confirm";
    "AWS::SQS::Queue" ["QueueName"]:
        "messages in the old queue are lost";
    "AWS::Lambda::Function" ["FunctionName"]:
        "events that wait for the old function are lost";
    "AWS::Logs::LogGroup" ["LogGroupName"]:
        "the old log is deleted, or left behind if it is retained";
    "AWS::Events::Rule" ["Name"]:
        "a tick may be left out";
    "AWS::S3::Bucket" ["BucketName"]:
        "the old bucket is deleted, or left behind if it is retained";
    "AWS::ElasticLoadBalancingV2::LoadBalancer" ["Name", "Scheme", "Type"]:
        "a new DNS name: the records follow in the detector's wave, and users of this region are cut off until then";
    "AWS::ElasticLoadBalancingV2::TargetGroup" ["Name", "Port", "Protocol", "TargetType", "VpcId"]:
        "the new group has no healthy target until instances have registered and passed: 503 until then";
    "AWS::EC2::SecurityGroup" ["GroupDescription", "GroupName", "VpcId"]:
        "a new id, which its users take over";
    "AWS::AutoScaling::AutoScalingGroup" ["AutoScalingGroupName"]:
        "every instance is replaced, and the controller's record in the tags is lost";
    "AWS::EC2::VPC" ["CidrBlock"]:
        "everything in it is replaced";
    "AWS::EC2::Subnet" ["AvailabilityZone", "CidrBlock", "VpcId"]:
        "everything in it is replaced";
    "AWS::CertificateManager::Certificate" [
        "DomainName", "SubjectAlternativeNames", "DomainValidationOptions"
    ]:
        "the listener takes the new one over once it is validated";
    "AWS::WAFv2::WebACL" ["Name", "Scope"]:
        "a new one is created; its counts start again";
    "AWS::IAM::Role" ["RoleName", "Path"]:
        "the function takes the new role over";
}

changes! {
    /// What a change does beside replacing.
    NOTES;
    "network" ["Zones"]:
        "the servers are replaced one by one; from 3 to 2 the third subnets cannot be deleted while the web stack uses them, and stay \
         behind unowned";
    "network" ["VpcCidr"]:
        "`deploy` refuses it once the network stands: AWS changes no VPC's range, and a gateway cannot be in two";
    "network" ["Nat"]:
        "NAT gateways are made or deleted: the instances' public addresses change";
    "network" ["InstancePlacement"]:
        "running instances may be without internet access until the web stack is updated too";
    "web" [
        "AmiId", "ImageId", "InstancePlacement", "InstanceType", "InstanceType2", "InstanceType3",
        "OnDemandPercent", "RootVolumeGib", "SessionManager", "UserData"
    ]:
        "every instance is replaced, those of a warm pool too, and a new one must be healthy before an old one ends";
    "web" ["ListenerPort", "Tls"]:
        "the detector asks the old way until its wave: a false outage of some minutes; freeze the controller first";
    "web" ["HealthPath"]:
        "the detector asks the old path until its wave: keep answering both";
    "web" ["AccessLogs"]:
        "switched off, the bucket stays behind unowned, with its logs; switched on again, there is a new one";
    "web" ["DeletionProtection"]:
        "switched on, `destroy` fails at the load balancer: switch it off first";
    "detector" ["Routing", "RecordPolicy"]:
        "Route 53 takes no records of two policies under one name: the update fails; destroy the detector's stack first";
}
