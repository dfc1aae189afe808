//! Rules about whom an alarm tells: a topic that it cannot publish to tells nobody, and nothing shows it before an outage.

use cfn::{Node, Viewed};

use super::super::file::is_region;
use super::super::finding::Finding;
use super::super::scope::Scope;
use super::policies::admits;

const TOPIC: &str = "AWS::SNS::Topic";
const ALARMS: [&str; 2] = ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"];
const ACTIONS: [&str; 3] = ["AlarmActions", "OKActions", "InsufficientDataActions"];
const CLOUDWATCH: [&str; 1] = ["cloudwatch.amazonaws.com"];
/// How AWS's own key for SNS is named. Its policy cannot be changed.
const OWN_KEY: &str = "alias/aws/sns";

/// Source: CloudWatch guide, "Notifying users on alarm changes", and SNS guide, "Enable compatibility between event sources from
/// AWS services and encrypted topics": a customer managed key whose policy names `cloudwatch.amazonaws.com`.
pub(in super::super) fn topic_key(scope: &Scope<'_>) -> Vec<Finding> {
    let fix = "use a customer managed key whose policy allows `cloudwatch.amazonaws.com` to call kms:Decrypt and \
               kms:GenerateDataKey*, or no key";
    let told = told_topics(scope).into_iter().filter_map(|topic| {
        let key = topic.property("KmsMasterKeyId")?;
        let message = if key.text().is_some_and(|text| text.ends_with(OWN_KEY)) {
            "CloudWatch may not use AWS's own key for SNS, so this topic gets no alarm"
        } else {
            let policy = key_of(scope, key)?.property("KeyPolicy")?;
            if admits(policy, &CLOUDWATCH, false) {
                return None;
            }
            "the policy of this key does not let CloudWatch use it, so the topic gets no alarm"
        };
        Some(scope.document.finding("topic-key", &key.place, message, fix))
    });
    told.collect()
}

/// A policy takes the place of the default one, which lets in everything of the account.
pub(in super::super) fn topic_policy(scope: &Scope<'_>) -> Vec<Finding> {
    let message =
        "an alarm of this file tells the topic, and this policy does not let CloudWatch publish";
    let fix = "add a statement that allows `cloudwatch.amazonaws.com` sns:Publish";
    let told: Vec<&str> = told_topics(scope).into_iter().map(|topic| topic.name.as_str()).collect();
    let policies = scope.view.of_kind("AWS::SNS::TopicPolicy").filter_map(|policy| {
        let topics = policy.property("Topics")?.items();
        let of_it = topics.iter().filter_map(|topic| topic.identity());
        of_it.into_iter().any(|name| told.contains(&name)).then_some(())?;
        let document = policy.property("PolicyDocument")?;
        (!admits(document, &CLOUDWATCH, true))
            .then(|| scope.document.finding("topic-policy", &document.place, message, fix))
    });
    policies.collect()
}

/// Source: CloudWatch API, `PutMetricAlarm`: an action is in the alarm's own region.
pub(in super::super) fn action_region(scope: &Scope<'_>) -> Vec<Finding> {
    let here = scope.region();
    let fix = format!(
        "tell a topic in {here}; it can forward to a function or a queue in another region"
    );
    let mut findings = Vec::new();
    for action in actions(scope) {
        let texts = action.texts();
        let other = texts.iter().filter(|text| text.starts_with("arn:")).find_map(|arn| {
            arn.split(':').find(|part| is_region(part)).filter(|region| *region != here)
        });
        if let Some(other) = other {
            let message = format!(
                "the action is in {other}, and an alarm in {here} takes only actions of its own region"
            );
            findings.push(scope.document.finding(
                "alarm-action-region",
                &action.place,
                message,
                &fix,
            ));
        }
    }
    findings
}

fn actions<'a>(scope: &'a Scope<'_>) -> Vec<&'a Node> {
    let alarms = ALARMS.into_iter().flat_map(|kind| scope.view.of_kind(kind));
    let lists = alarms.flat_map(|alarm| ACTIONS.into_iter().filter_map(|key| alarm.property(key)));
    lists.flat_map(Node::items).collect()
}

/// The topics of the file that an alarm of the file tells.
fn told_topics<'a>(scope: &'a Scope<'_>) -> Vec<&'a Viewed> {
    let named: Vec<&str> = actions(scope).into_iter().filter_map(Node::identity).collect();
    let topics = scope.view.of_kind(TOPIC);
    topics.filter(|topic| named.contains(&topic.name.as_str())).collect()
}

/// The key of the file that a value names, by itself or by an alias.
pub(super) fn key_of<'a>(scope: &'a Scope<'_>, value: &Node) -> Option<&'a Viewed> {
    let named = scope.view.resource(value.identity()?);
    let named = named.or_else(|| {
        let mut aliases = scope.view.of_kind("AWS::KMS::Alias");
        aliases.find(|alias| alias.text("AliasName").is_some_and(|name| value.text() == Some(name)))
    })?;
    match named.kind.as_str() {
        "AWS::KMS::Key" => Some(named),
        "AWS::KMS::Alias" => {
            let key = scope.view.resource(named.property("TargetKeyId")?.identity()?)?;
            (key.kind == "AWS::KMS::Key").then_some(key)
        }
        _ => None,
    }
}
