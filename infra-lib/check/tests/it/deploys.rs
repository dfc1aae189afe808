//! What deploys and works is no error, however unusual: each of these was called one once.

use check::{Finding, Severity, check_text, region};

fn found(text: &str) -> Vec<Finding> {
    let place = region("us-east-1").expect("a region");
    check_text("stack.yaml", text, &place).expect("a template")
}

/// Rules and severities of what is found.
fn told(text: &str) -> Vec<(&'static str, Severity)> {
    found(text).into_iter().map(|finding| (finding.rule, finding.severity)).collect()
}

#[test]
fn a_body_that_only_s3_takes_is_a_warning_and_one_that_nothing_takes_an_error() {
    let topic = "Resources: { Topic: { Type: AWS::SNS::Topic } }\n";
    let padded = |bytes: usize| format!("{topic}#{}", "x".repeat(bytes));
    assert_eq!(told(&padded(51_000)), []);
    assert_eq!(told(&padded(52_000)), [("template-size", Severity::Warning)]);
    assert_eq!(told(&padded(1_048_576)), [("template-size", Severity::Error)]);
}

#[test]
fn names_that_modules_and_macros_make_are_taken_on_trust() {
    let module = r"
Resources:
  Net: { Type: Org::Vpc::Pair::MODULE }
  Server:
    Type: AWS::EC2::Instance
    Properties:
      SubnetId: !GetAtt NetSubnet.Id
      ImageId: !Ref Net.Image
      UserData: !Sub '${NetVpc} ${Net.Vpc.Arn}'
    DependsOn: NetGateway
";
    assert_eq!(told(module), []);
    let wrong = module.replace("NetGateway", "Gateway");
    assert_eq!(told(&wrong), [("template-reference", Severity::Error)]);
    for made in [
        "Resources:\n  Fn::Transform: { Name: Org::Loop }\n  A: { Type: AWS::SNS::Topic, Properties: { TopicName: !Ref Made } }\n",
        "Resources:\n  A: { Type: AWS::SNS::Topic, Properties: { TopicName: !Ref Made, Tags: !Transform { Name: Org::Tags } } }\n",
        "Modules: { Net: { Source: net.yaml } }\nResources:\n  A: { Type: AWS::SNS::Topic, Properties: { TopicName: !Ref NetName } }\n",
        "Resources:\n  Net: { Type: { Rain::Module: net.yaml } }\n  A: { Type: AWS::SNS::Topic, Properties: { TopicName: !Ref NetName } }\n",
        "Resources:\n  Net: { Type: !Rain::Module net.yaml }\n  A: { Type: AWS::SNS::Topic, Properties: { TopicName: !Ref NetName } }\n",
    ] {
        assert_eq!(told(made), [], "{made}");
    }
}

#[test]
fn names_of_groups_work_in_the_default_vpc_and_fail_beside_a_subnet() {
    let text = |subnet: &str| {
        format!(
            r"
Parameters: {{ Subnet: {{ Type: String }} }}
Resources:
  Web:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: web servers
      SecurityGroupIngress: [{{ IpProtocol: tcp, FromPort: 80, ToPort: 80, SourceSecurityGroupName: !Ref Front }}]
  Front: {{ Type: AWS::EC2::SecurityGroup, Properties: {{ GroupDescription: front }} }}
  Server:
    Type: AWS::EC2::Instance
    Properties: {{ ImageId: ami-11112222333344445, SecurityGroups: [!Ref Web]{subnet} }}
"
        )
    };
    let by_name = |severity| vec![("security-group-by-name", severity); 2];
    assert_eq!(told(&text("")), by_name(Severity::Warning));
    assert_eq!(told(&text(", SubnetId: !Ref Subnet")), by_name(Severity::Error));
}

/// A SECONDARY record with this alias, and nothing that checks it.
fn secondary(alias: &str) -> String {
    format!(
        r"
Parameters: {{ Zone: {{ Type: String }}, Name: {{ Type: String }} }}
Resources:
  Site: {{ Type: AWS::CloudFront::Distribution }}
  Sorry:
    Type: AWS::Route53::RecordSet
    Properties:
      HostedZoneId: !Ref Zone
      Name: shop.example.com
      Type: A
      SetIdentifier: sorry
      Failover: SECONDARY
      AliasTarget: {{ {alias} }}
"
    )
}

#[test]
fn a_sorry_page_that_serves_always_needs_no_check_and_a_load_balancer_does() {
    for alias in [
        "DNSName: !Ref Name, HostedZoneId: Z2FDTNDATAQYW2, EvaluateTargetHealth: false",
        "DNSName: !GetAtt Site.DomainName, HostedZoneId: !Ref Zone, EvaluateTargetHealth: false",
        "DNSName: d111111abcdef8.cloudfront.net, HostedZoneId: !Ref Zone, EvaluateTargetHealth: false",
        "DNSName: s3-website-us-east-1.amazonaws.com, HostedZoneId: Z3AQBSTGFYJSTF, EvaluateTargetHealth: false",
        "DNSName: !Sub 's3-website.${AWS::Region}.amazonaws.com', HostedZoneId: !Ref Zone, EvaluateTargetHealth: true",
    ] {
        assert_eq!(told(&secondary(alias)), [], "{alias}");
    }
    let blind = "DNSName: !Ref Name, HostedZoneId: !Ref Zone, EvaluateTargetHealth: false";
    let rules: Vec<_> = told(&secondary(blind)).into_iter().map(|(rule, _)| rule).collect();
    assert_eq!(rules, ["record-health-check", "record-target-health"]);
}

#[test]
fn an_alarm_on_a_zone_is_not_one_on_a_health_check() {
    let alarm = |metric: &str| {
        format!(
            r"
Resources:
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/Route53
      MetricName: {metric}
      Dimensions: [{{ Name: HostedZoneId, Value: Z0123456789ABCDEFGHIJ }}]
      Statistic: Sum
      Period: 30
      EvaluationPeriods: 1
      Threshold: 0
      ComparisonOperator: GreaterThanThreshold
      TreatMissingData: notBreaching
"
        )
    };
    assert_eq!(told(&alarm("DNSSECInternalFailure")), []);
    let of_a_check: Vec<_> =
        told(&alarm("HealthCheckStatus")).into_iter().map(|(rule, _)| rule).collect();
    assert_eq!(of_a_check, ["alarm-period", "missing-data"]);
}

#[test]
fn a_pinned_count_that_nothing_moves_is_a_warning() {
    let text = |size: u8, more: &str| {
        format!(
            r"
Resources:
  Nodes:
    Type: AWS::AutoScaling::AutoScalingGroup
    UpdatePolicy: {{ AutoScalingScheduledAction: {{ IgnoreUnmodifiedGroupSizeProperties: true }} }}
    Properties:
      MinSize: {size}
      DesiredCapacity: 2
      MaxSize: 4
      LaunchTemplate: {{ LaunchTemplateId: lt-11112222333344445, Version: 3 }}
{more}"
        )
    };
    let policy = "  Policy: { Type: AWS::AutoScaling::ScalingPolicy, Properties: { AutoScalingGroupName: !Ref Nodes } }\n";
    assert_eq!(told(&text(2, "")), [("desired-capacity", Severity::Warning)]);
    assert_eq!(told(&text(2, policy)), [("desired-capacity", Severity::Error)]);
    let dark: Vec<_> = told(&text(0, "")).into_iter().map(|(rule, _)| rule).collect();
    assert!(dark.contains(&"desired-capacity"), "{dark:?}");
}
