//! Rules about whom an alarm tells: a topic that it cannot publish to tells nobody, and nothing shows it before an outage.

use cfn::{Node, Viewed};

use super::super::file::is_region;
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
pub(super) fn topic_key(scope: &Scope<'_>) {
    let fix = "use a customer managed key whose policy allows `cloudwatch.amazonaws.com` to call kms:Decrypt and \
               kms:GenerateDataKey*, or no key";
    for key in told_topics(scope).filter_map(|topic| topic.property("KmsMasterKeyId")) {
        let message = if key.text().is_some_and(|text| text.ends_with(OWN_KEY)) {
            "CloudWatch may not use AWS's own key for SNS, so this topic gets no alarm"
        } else {
            let policy = key_of(scope, key).and_then(|key| key.property("KeyPolicy"));
            if policy.is_none_or(|policy| admits(policy, &CLOUDWATCH, false)) {
                continue;
            }
            "the policy of this key does not let CloudWatch use it, so the topic gets no alarm"
        };
        scope.tell("topic-key", &key.place, message, fix);
    }
}

/// A policy takes the place of the default one, which lets in everything of the account.
pub(super) fn topic_policy(scope: &Scope<'_>) {
    let message =
        "an alarm of this file tells the topic, and this policy does not let CloudWatch publish";
    let fix = "add a statement that allows `cloudwatch.amazonaws.com` sns:Publish";
    let told: Vec<&str> = told_topics(scope).map(|topic| topic.name.as_str()).collect();
    for policy in scope.view.of_kind("AWS::SNS::TopicPolicy") {
        let topics = policy.property("Topics").map(Node::items).unwrap_or_default();
        let mut topics = topics.into_iter().filter_map(Node::identity);
        if topics.any(|name| told.contains(&name))
            && let Some(document) = policy.property("PolicyDocument")
            && !admits(document, &CLOUDWATCH, true)
        {
            scope.tell("topic-policy", &document.place, message, fix);
        }
    }
}

/// Source: CloudWatch API, `PutMetricAlarm`: an action is in the alarm's own region.
pub(super) fn action_region(scope: &Scope<'_>) {
    let here = scope.region();
    let fix = format!(
        "tell a topic in {here}; it can forward to a function or a queue in another region"
    );
    for action in actions(scope) {
        let texts = action.texts();
        let mut arns = texts.iter().filter(|text| text.starts_with("arn:"));
        let other = arns.find_map(|arn| {
            arn.split(':').find(|part| is_region(part)).filter(|region| *region != here)
        });
        if let Some(other) = other {
            let message = format!(
                "the action is in {other}, and an alarm in {here} takes only actions of its own region"
            );
            scope.tell("alarm-action-region", &action.place, message, &fix);
        }
    }
}

fn actions<'a>(scope: &'a Scope<'_>) -> Vec<&'a Node> {
    let alarms = ALARMS.into_iter().flat_map(|kind| scope.view.of_kind(kind));
    let lists = alarms.flat_map(|alarm| ACTIONS.into_iter().filter_map(|key| alarm.property(key)));
    lists.flat_map(Node::items).collect()
}

/// The topics of the file that an alarm of the file tells.
fn told_topics<'a>(scope: &'a Scope<'_>) -> impl Iterator<Item = &'a Viewed> {
    let named: Vec<&str> = actions(scope).into_iter().filter_map(Node::identity).collect();
    let topics = scope.view.of_kind(TOPIC);
    topics.filter(move |topic| named.contains(&topic.name.as_str()))
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
