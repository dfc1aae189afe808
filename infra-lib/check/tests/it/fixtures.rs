//! Each rule of any template has a template that breaks it, and one that passes: `RULE.bad.yaml` and `RULE.good.yaml`.
//!
//! Their first lines may say `# region: REGION`, else it is us-east-1, and `# padding: BYTES`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use check::{FileError, Finding, RULES, Rule, Severity, Subject, check_text, region};
use expect_test::expect;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

fn fixture(name: &str) -> (String, String) {
    let files = ["yaml", "json"].map(|extension| format!("{name}.{extension}"));
    let found = files.into_iter().find(|file| folder().join(file).is_file());
    let file = found.expect(name);
    let text = std::fs::read_to_string(folder().join(&file)).expect("a fixture");
    (file, text)
}

fn checked(name: &str) -> Result<Vec<Finding>, FileError> {
    let (file, mut text) = fixture(name);
    let said = |key: &str| {
        let lines = text.lines().filter_map(|line| line.strip_prefix("# "));
        let mut said = lines.filter_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
        said.next().map(str::to_owned)
    };
    let place =
        region(&said("region").unwrap_or_else(|| "us-east-1".to_owned())).expect("a region");
    if let Some(padding) = said("padding") {
        text.push('#');
        text.push_str(&"x".repeat(padding.parse().expect("a number")));
    }
    check_text(&file, &text, &place)
}

fn rules() -> impl Iterator<Item = &'static str> {
    RULES.iter().filter(|rule| rule.subject == Subject::Template).map(|rule| rule.id)
}

#[test]
fn every_rule_finds_the_template_that_breaks_it_and_nothing_else_in_it() {
    for id in rules() {
        match checked(&format!("{id}.bad")) {
            Ok(findings) => {
                assert!(!findings.is_empty(), "{id} finds nothing");
                for finding in findings {
                    assert_eq!(finding.rule, id, "{finding}");
                    let place = finding.excerpt.is_some() || id == "template-size";
                    assert!(place, "{finding} has no place");
                }
            }
            Err(FileError::Invalid { .. }) => assert_eq!(id, "template-syntax"),
            Err(other) => panic!("{id}: {other}"),
        }
    }
}

#[test]
fn every_rule_passes_the_template_that_keeps_it() {
    for id in rules() {
        let findings = checked(&format!("{id}.good")).expect(id);
        assert!(findings.is_empty(), "{id}: {findings:#?}");
    }
}

#[test]
fn every_fixture_is_of_a_rule() {
    let rules: BTreeSet<_> = rules().collect();
    for entry in std::fs::read_dir(folder()).expect("the fixtures") {
        let name = entry.expect("a fixture").file_name();
        let name = name.to_string_lossy().into_owned();
        let id = name.split('.').next().unwrap_or_default();
        assert!(rules.contains(id), "{name}");
    }
}

#[test]
fn the_first_authors_four_pains_are_found_by_name() {
    for (id, severity) in [
        ("two-fleets", Severity::Warning),
        ("security-group-by-name", Severity::Error),
        ("launch-template-without-groups", Severity::Error),
        ("alarm-region", Severity::Error),
    ] {
        let findings = checked(&format!("{id}.bad")).expect(id);
        assert!(
            findings.iter().any(|found| found.rule == id && found.severity == severity),
            "{id}"
        );
    }
}

/// Every way to write the same mistake is found.
#[test]
fn a_mistake_is_found_however_it_is_written() {
    let places = |name: &str| -> Vec<String> {
        checked(name).expect(name).into_iter().map(|finding| finding.place).collect()
    };
    expect![[r#"
        [
            "Resources.ByAttribute.Properties.LaunchTemplateData.SecurityGroupIds[0]",
            "Resources.ByParameter.Properties.LaunchTemplateData.SecurityGroupIds",
            "Resources.ByText.Properties.LaunchTemplateData.SecurityGroupIds[0]",
            "Resources.Interface.Properties.LaunchTemplateData.NetworkInterfaces[0].Groups[0]",
            "Resources.Template.Properties.LaunchTemplateData.SecurityGroupIds[0]",
            "Resources.Names.Properties.LaunchTemplateData.SecurityGroups",
        ]
    "#]]
    .assert_debug_eq(&places("security-group-by-name.bad"));
    assert_eq!(places("open-port.bad").len(), 6);
}

#[test]
fn a_finding_is_shown_in_its_line() {
    let findings = checked("alarm-region.bad").expect("a template");
    expect![[r#"
        error[alarm-region]: Route 53 publishes its metric in us-east-1 alone; in us-east-2 this alarm never has data
          --> alarm-region.bad.yaml:13:18
           |
        13 |       Namespace: AWS/Route53
           |                  ^^^^^^^^^^^ Resources.Alarm.Properties.Namespace
        hint: move the alarm into a stack in us-east-1; its topic may tell a function anywhere"#]]
    .assert_eq(&findings[0].to_string());
    let findings = checked("interface-without-groups.bad").expect("a template");
    expect![[r#"
        error[interface-without-groups]: an interface without `Groups` gets the VPC's default security group, which lets no load balancer in
          --> interface-without-groups.bad.json:12:7
           |
        12 |       {
           |       ^ Resources.Template.Properties.LaunchTemplateData.NetworkInterfaces[0].Groups
        hint: name the security group in the interface's own `Groups`"#]].assert_eq(&findings[0].to_string());
}

#[test]
fn a_template_in_one_line_is_shown_around_the_place() {
    let pad = "x".repeat(300);
    let text = format!(
        r#"{{"Description":"{pad}","Resources":{{"Standby":{{"Type":"AWS::EC2::SecurityGroup","Properties":{{"GroupDescription":"d","VpcId":"v","SecurityGroupIngress":[{{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"CidrIp":"0.0.0.0/0"}}]}}}}}}}}"#
    );
    let place = region("us-east-1").expect("a region");
    let findings = check_text("one.json", &text, &place).expect("a template");
    expect![[r#"
        warning[open-port]: port 22 (SSH) is open to the world
         --> one.json:1:504
          |
        1 | Port":22,"ToPort":22,"CidrIp":"0.0.0.0/0"}]}}}}
          |                               ^^^^^^^^^^^ Resources.Standby.Properties.SecurityGroupIngress[0].CidrIp
        hint: open it to the addresses that need it, or use Session Manager and private subnets instead"#]].assert_eq(&findings[0].to_string());
}

#[test]
fn a_line_is_counted_in_characters_and_however_it_ends() {
    let text = "Description: \"größer – 日本\"\r\nResources:\r\n  Größe:\r\n    Type: AWS::Route53::HealthCheck\r\n    \
                Properties: { HealthCheckConfig: { Type: CLOUDWATCH_METRIC, Name: \"日本\", \
                InsufficientDataHealthStatus: Healthy } }\r\n";
    let place = region("us-east-1").expect("a region");
    let findings = check_text("stack.yaml", text, &place).expect("a template");
    let excerpt = findings[0].excerpt.as_ref().expect("a line");
    assert_eq!((excerpt.line, excerpt.column), (5, 107));
    expect![[r#"
        error[gate-missing-data]: a gap in the metric would decide whom DNS answers, since the check takes silence for a verdict
         --> stack.yaml:5:107
          |
        5 | InsufficientDataHealthStatus: Healthy } }
          |                               ^^^^^^^ Resources.Größe.Properties.HealthCheckConfig.InsufficientDataHealthStatus
        hint: set it to `LastKnownStatus`"#]].assert_eq(&findings[0].to_string());
}

#[test]
fn what_nobody_can_know_is_never_judged() {
    let text = r#"
Transform: AWS::LanguageExtensions
Parameters:
  Any: { Type: String }
  Image: { Type: "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", Default: /a/b }
  Groups: { Type: "List<AWS::EC2::SecurityGroup::Id>" }
Mappings:
  Sizes: { us-west-2: { Min: 0 } }
Conditions:
  Maybe: !Equals [!Ref Any, x]
  Other: !Or [!Condition Maybe, !Equals [!Ref Image, y]]
Resources:
  Fn::ForEach::Topics: [Name, [a, b], { "Topic${Name}": { Type: AWS::SNS::Topic } }]
  StandbyGroup:
    Type: AWS::AutoScaling::AutoScalingGroup
    Condition: Other
    UpdatePolicy: !If [Maybe, { AutoScalingScheduledAction: {} }, !Ref AWS::NoValue]
    Properties:
      MinSize: !FindInMap [Sizes, !Ref AWS::Region, Min]
      MaxSize: !Ref Any
      HealthCheckType: ELB
      HealthCheckGracePeriod: !Ref Any
      DesiredCapacity: !If [Maybe, 2, !Ref AWS::NoValue]
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData:
        SecurityGroupIds: !Ref Groups
        NetworkInterfaces: !If [Maybe, [{ DeviceIndex: 0 }], !Ref AWS::NoValue]
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/Route53
      MetricName: HealthCheckStatus
      Dimensions: [{ Name: HealthCheckId, Value: !ImportValue check }]
      ComparisonOperator: GreaterThanThreshold
      Threshold: !Ref Any
      Period: !Ref Any
      TreatMissingData: !If [Maybe, ignore, missing]
  Record:
    Type: AWS::Route53::RecordSet
    Properties:
      Name: !Ref Any
      SetIdentifier: a
      Failover: PRIMARY
      HealthCheckId: !If [Maybe, !ImportValue check, !Ref AWS::NoValue]
      AliasTarget: !If [Maybe, { EvaluateTargetHealth: false }, { EvaluateTargetHealth: true }]
  Ingress:
    Type: AWS::EC2::SecurityGroupIngress
    Properties:
      GroupId: !Select [0, !Ref Groups]
      IpProtocol: !Ref Any
      FromPort: !Ref Any
      ToPort: !Ref Any
      CidrIp: 0.0.0.0/0
"#;
    let place = region("us-east-1").expect("a region");
    assert_eq!(check_text("unknown.yaml", text, &place).expect("a template"), []);
}

/// Defaults are taken, and conditions that follow from them.
#[test]
fn what_is_known_is_worked_out_before_it_is_judged() {
    let text = |stage: &str| {
        format!(
            r#"
Parameters:
  Stage: {{ Type: String, Default: {stage} }}
  Ports: {{ Type: CommaDelimitedList, Default: "443, 22" }}
Mappings:
  Ranges: {{ dev: {{ Range: 0.0.0.0/0 }}, live: {{ Range: 10.0.0.0/8 }} }}
Conditions:
  IsDev: !Equals [!Ref Stage, dev]
  IsLive: !Not [!Condition IsDev]
Resources:
  Ingress:
    Type: AWS::EC2::SecurityGroupIngress
    Properties:
      GroupId: sg-11112222333344445
      IpProtocol: tcp
      FromPort: !Select [1, !Ref Ports]
      ToPort: !If [IsLive, 443, !Select [1, !Split ["-", !Join ["-", [a, "22"]]]]]
      CidrIp: !FindInMap [Ranges, !Sub "${{Stage}}", Range]
"#
        )
    };
    let place = region("us-east-1").expect("a region");
    let found = |stage: &str| check_text("known.yaml", &text(stage), &place).expect("a template");
    assert_eq!(found("live"), []);
    let findings = found("dev");
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert_eq!(findings[0].message, "port 22 (SSH) is open to the world");
}

#[test]
fn every_way_to_say_that_an_alarm_never_fires_is_found() {
    let (_, text) = fixture("alarm-never-fires.bad");
    let place = region("us-east-1").expect("a region");
    let said = |operator: &str, threshold: &str| {
        let text = text.replace("GreaterThanThreshold", operator);
        let text = text.replace("Threshold: 1", &format!("Threshold: {threshold}"));
        !check_text("alarm.yaml", &text, &place).expect("a template").is_empty()
    };
    for (operator, never, fires) in [
        ("GreaterThanThreshold", "1.0", "0"),
        ("GreaterThanOrEqualToThreshold", "2", "1"),
        ("LessThanThreshold", "0", "0.5"),
        ("LessThanOrEqualToThreshold", "-1", "0"),
    ] {
        assert!(said(operator, never), "{operator} {never}");
        assert!(!said(operator, fires), "{operator} {fires}");
    }
}

#[test]
fn the_catalogue_in_the_documentation_is_the_one_that_is_checked() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/checks.md");
    let readme = std::fs::read_to_string(path).expect("the catalogue");
    let mut rows = String::new();
    for Rule { id, severity, title, why, reference, .. } in RULES {
        writeln!(rows, "| `{id}` | {severity} | {title} | {why} | {reference} |").expect("a row");
    }
    assert!(readme.contains(&rows), "the table must be:\n{rows}");
}
