//! Templates made concrete: what a linter is shown is what CloudFormation would see.

use cfn::{Template, concrete};
use serde_json::{Value, json};

const TEMPLATE: &str = r#"
Description: a test
Parameters:
  Size: { Type: Number, Default: 2, MinValue: 1, MaxValue: 9 }
  Name: { Type: String, AllowedPattern: "[a-z]+" }
  Subnets: { Type: "List<AWS::EC2::Subnet::Id>", Default: "subnet-a,subnet-b" }
  Image: { Type: "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", Default: /images/latest }
  Unused: { Type: "AWS::SSM::Parameter::Value<String>", Default: /images/other }
Rules:
  Large: { RuleCondition: !Equals [!Ref Size, "9"], Assertions: [{ Assert: !Equals [!Ref Name, large], AssertDescription: it is large }] }
  Region: { Assertions: [{ Assert: !Contains [[eu-west-1, us-west-2], !Ref AWS::Region] }] }
Mappings:
  Ports: { eu-west-1: { Http: 80 } }
Conditions:
  IsLarge: !Equals [!Ref Size, "9"]
  IsOurs: !Equals [!Ref AWS::AccountId, "111122223333"]
Resources:
  Group:
    Type: AWS::AutoScaling::AutoScalingGroup
    DependsOn: [Topic, Hook]
    Properties:
      MinSize: !Ref Size
      Cooldown: 60
      Subnets: !Ref Subnets
      Tags: [!If [IsLarge, { Key: a }, !Ref AWS::NoValue], { Key: !Sub "${Name}-${AWS::AccountId}" }]
      Port: !FindInMap [Ports, !Ref AWS::Region, Http]
      Owner: !Sub ["${Topic.TopicName} of ${Who}", { Who: !Join ["-", [!Ref Name, !Ref Topic]] }]
      Target: !GetAtt Topic.TopicName
      Image: !Ref Image
      Range: !Select [1, !Cidr [10.0.0.0/16, 2, 8]]
  Hook: { Type: "AWS::AutoScaling::LifecycleHook", Condition: IsLarge }
  Topic: { Type: "AWS::SNS::Topic" }
Outputs:
  Hook: { Condition: IsLarge, Value: !Ref Hook }
  Topic: { Value: !Ref Topic }
"#;

fn made(text: &str, given: &[(&str, &str)]) -> Result<Value, String> {
    let template = Template::parse(text).expect("a template");
    let given =
        |name: &str| given.iter().find(|(own, _)| *own == name).map(|(_, text)| (*text).to_owned());
    concrete(&template, "eu-west-1", given).map_err(|refused| refused.to_string())
}

#[test]
fn a_template_is_shown_with_its_parameters_put_in_and_its_conditions_decided() {
    let made = made(TEMPLATE, &[("Name", "shop")]).expect("it takes the name");
    let properties = json!({
        "MinSize": "2",
        "Cooldown": 60,
        "Subnets": ["subnet-a", "subnet-b"],
        "Tags": [{ "Key": { "Fn::Sub": "shop-${AWS::AccountId}" } }],
        "Port": 80,
        "Owner": { "Fn::Sub": [
            "${Topic.TopicName} of ${Who}",
            { "Who": { "Fn::Join": ["-", ["shop", { "Ref": "Topic" }]] } },
        ] },
        "Target": { "Fn::GetAtt": ["Topic", "TopicName"] },
        "Image": { "Ref": "Image" },
        "Range": "10.0.1.0/24",
    });
    let image = json!({ "Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", "Default": "/images/latest" });
    let group = json!({
        "Type": "AWS::AutoScaling::AutoScalingGroup",
        "DependsOn": ["Topic"],
        "Properties": properties,
    });
    let expected = json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "a test",
        "Parameters": { "Image": image },
        "Resources": { "Group": group, "Topic": { "Type": "AWS::SNS::Topic" } },
        "Outputs": { "Topic": { "Value": { "Ref": "Topic" } } },
    });
    assert_eq!(made, expected, "{made:#}");
}

#[test]
fn a_value_that_cloudformation_would_refuse_is_refused() {
    for (given, why) in [
        (vec![], "no value for Name"),
        (vec![("Name", "Shop")], "Name: `Shop` does not match `[a-z]+`"),
        (vec![("Name", "shop"), ("Size", "10")], "Size: 10 is out of range, must be 1 to 9"),
        (vec![("Name", "shop"), ("Size", "9")], "rule Large: it is large"),
    ] {
        assert_eq!(made(TEMPLATE, &given), Err(why.to_owned()));
    }
    let elsewhere = TEMPLATE.replace("[eu-west-1, us", "[us-west-1, us");
    assert_eq!(made(&elsewhere, &[("Name", "shop")]), Err("rule Region: ".to_owned()));
}

/// Goal: a linter is never shown one branch by chance. Method: a condition over what only AWS knows, around a resource, an output
/// and a value.
#[test]
fn a_condition_that_nobody_can_decide_is_refused() {
    let open = |from: &str, to: &str| {
        assert!(TEMPLATE.contains(from), "{from}");
        made(&TEMPLATE.replace(from, to), &[("Name", "shop")])
    };
    let refused = Err("the condition IsOurs depends on what is not known".to_owned());
    assert_eq!(open("Condition: IsLarge }", "Condition: IsOurs }"), refused);
    assert_eq!(open("{ Condition: IsLarge,", "{ Condition: IsOurs,"), refused);
    assert_eq!(open("!If [IsLarge", "!If [IsOurs"), refused);
}
