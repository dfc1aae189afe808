//! How the parts hang together, through the clients that are there, and otherwise through plain calls.

use async_trait::async_trait;
use aws_sdk_elasticloadbalancingv2::types::{LoadBalancer, LoadBalancerStateEnum};
use aws_smithy_types::base64;
use serde_json::{Value, json};

use site::names::{HostedZoneId, Region, hexadecimal};

use super::super::{
    AlarmWiring, BalancerView, CheckView, Dns, EventSource, FunctionView, Invoker, Kept,
    RecordView, Result, RuleView, Subscription, Wiring, ZoneView,
};
use super::Aws;
use super::call::{Call, if_there, is_absent};
use super::pages::Pages;
use super::plain::Service;
use super::premises::{anywhere, child, parsed};

// BOUND: a page holds 100; a topic of a site has one function and a few people.
const SUBSCRIPTION_PAGES_MAX: usize = 10;
const KEEP_ALIVE: &str = "client_keep_alive.seconds";
/// What a load balancer does that has no such attribute yet.
const KEEP_ALIVE_DEFAULT: u32 = 3600;

impl Aws {
    async fn load_balancer(&self, region: &Region, name: &str) -> Result<Option<LoadBalancer>> {
        let call = Call::new("DescribeLoadBalancers", region);
        let request = self.clients(region).elb.describe_load_balancers().names(name);
        let answer = call.answer(request.send().await);
        let Some(answer) = if_there(answer, is_absent)? else { return Ok(None) };
        // An emulator may ignore the name.
        let mut balancers = answer.load_balancers.unwrap_or_default().into_iter();
        Ok(balancers.find(|balancer| balancer.load_balancer_name.as_deref() == Some(name)))
    }
}

#[async_trait]
impl Wiring for Aws {
    fn is_emulator(&self) -> bool {
        self.local
    }

    async fn zone(&self, id: &HostedZoneId) -> Result<Option<ZoneView>> {
        let call = Call::global("GetHostedZone");
        let answer = call.answer(self.route53().get_hosted_zone().id(id.as_str()).send().await);
        let Some(answer) = if_there(answer, is_absent)? else { return Ok(None) };
        let zone = answer.hosted_zone.ok_or_else(|| call.lacks("the zone"))?;
        Ok(Some(ZoneView {
            name: zone.name.trim_end_matches('.').to_owned(),
            private: zone.config.is_some_and(|config| config.private_zone),
            name_servers: answer.delegation_set.map(|set| set.name_servers).unwrap_or_default(),
        }))
    }

    async fn records_of(&self, zone: &HostedZoneId, name: &str) -> Result<Vec<RecordView>> {
        let records = self.record_sets(zone, Some(name)).await?;
        Ok(records.into_iter().map(super::dns::view).collect())
    }

    async fn alarm_wiring(&self, region: &Region, name: &str) -> Result<Option<AlarmWiring>> {
        let alarm = self.metric_alarm(region, name).await?;
        Ok(alarm.map(|alarm| {
            let dimensions = alarm.dimensions.unwrap_or_default().into_iter();
            AlarmWiring {
                enabled: alarm.actions_enabled.unwrap_or(true),
                on_alarm: alarm.alarm_actions.unwrap_or_default(),
                on_ok: alarm.ok_actions.unwrap_or_default(),
                on_insufficient: alarm.insufficient_data_actions.unwrap_or_default(),
                dimensions: dimensions
                    .filter_map(|found| Some((found.name?, found.value?)))
                    .collect(),
            }
        }))
    }

    async fn subscriptions(
        &self,
        region: &Region,
        topic_arn: &str,
    ) -> Result<Option<Vec<Subscription>>> {
        let operation = "ListSubscriptionsByTopic";
        let call = Call::new(operation, region);
        let mut found = Vec::new();
        let mut pages = Pages::<String>::new(&call, SUBSCRIPTION_PAGES_MAX);
        while let Some(page) = pages.next()? {
            let mut arguments = vec![("TopicArn", topic_arn)];
            arguments.extend(page.from.as_deref().map(|token| ("NextToken", token)));
            let answer = self.form(Service::Sns, region, operation, &arguments).await;
            let Some(answer) = if_there(answer, is_absent)? else { return Ok(None) };
            let document = parsed(&call, &answer)?;
            let members = document.descendants().filter(|node| node.tag_name().name() == "member");
            found.extend(members.map(|member| Subscription {
                protocol: child(member, "Protocol").unwrap_or_default().to_owned(),
                endpoint: child(member, "Endpoint").unwrap_or_default().to_owned(),
                pending: child(member, "SubscriptionArn") == Some("PendingConfirmation"),
            }));
            pages.turn(anywhere(&document, "NextToken").map(ToOwned::to_owned));
        }
        Ok(Some(found))
    }

    async fn invokers(&self, region: &Region, function: &str) -> Result<Option<Vec<Invoker>>> {
        let call = Call::new("GetPolicy", region);
        let answer = call
            .answer(self.clients(region).lambda.get_policy().function_name(function).send().await);
        let Some(answer) = if_there(answer, is_absent)? else { return Ok(None) };
        let policy = answer.policy.ok_or_else(|| call.lacks("the policy"))?;
        let policy = serde_json::from_str(&policy).map_err(|_| call.lacks("JSON"))?;
        Ok(Some(invokers(&policy)))
    }

    async fn event_sources(&self, region: &Region, function: &str) -> Result<Vec<EventSource>> {
        let call = Call::new("ListEventSourceMappings", region);
        let request = self.clients(region).lambda.list_event_source_mappings();
        let answer = call.answer(request.function_name(function).send().await);
        let Some(answer) = if_there(answer, is_absent)? else { return Ok(Vec::new()) };
        // BOUND: the first hundred. The tool makes one.
        let mappings = answer.event_source_mappings.unwrap_or_default().into_iter();
        let sources = mappings.filter_map(|mapping| {
            let off = ["Disabling", "Disabled", "Deleting"];
            let enabled = mapping.state.is_none_or(|state| !off.contains(&state.as_str()));
            Some(EventSource { arn: mapping.event_source_arn?, enabled })
        });
        Ok(sources.collect())
    }

    async fn health_check(&self, id: &str) -> Result<Option<CheckView>> {
        self.check(id).await
    }

    async fn rule(&self, region: &Region, name: &str) -> Result<Option<RuleView>> {
        let asked = json!({ "Name": name });
        let rule = self.json(Service::Events, region, "DescribeRule", asked).await;
        let Some(rule) = if_there(rule, is_absent)? else { return Ok(None) };
        // BOUND: a page holds 100 targets, and a rule has five at most.
        let asked = json!({ "Rule": name });
        let targets = self.json(Service::Events, region, "ListTargetsByRule", asked).await?;
        let targets = targets["Targets"].as_array().into_iter().flatten();
        let arns = targets.filter_map(|target| target["Arn"].as_str().map(ToOwned::to_owned));
        Ok(Some(RuleView { enabled: rule["State"] == "ENABLED", targets: arns.collect() }))
    }

    async fn exists(&self, region: &Region, kind: Kept, name: &str) -> Result<bool> {
        let answer = match kind {
            Kept::LogGroup => {
                let asked = json!({ "logGroupNamePrefix": name });
                let answer = self.json(Service::Logs, region, "DescribeLogGroups", asked).await?;
                // BOUND: AWS sorts by name, so the one that is its own prefix comes first.
                let mut groups = answer["logGroups"].as_array().into_iter().flatten();
                return Ok(groups.any(|group| group["logGroupName"] == name));
            }
            Kept::Queue => {
                let asked = [("QueueName", name)];
                self.form(Service::Sqs, region, "GetQueueUrl", &asked).await.map(drop)
            }
            Kept::Topic => {
                let account = self.signer(region).await?.account;
                let arn = format!("arn:aws:sns:{region}:{account}:{name}");
                let asked = [("TopicArn", arn.as_str())];
                self.form(Service::Sns, region, "GetTopicAttributes", &asked).await.map(drop)
            }
            Kept::Dashboard => {
                let call = Call::new("GetDashboard", region);
                let request = self.clients(region).cloudwatch.get_dashboard().dashboard_name(name);
                call.answer(request.send().await).map(drop)
            }
            Kept::Alarm => return Ok(self.metric_alarm(region, name).await?.is_some()),
            Kept::Rule => return Ok(self.rule(region, name).await?.is_some()),
        };
        Ok(if_there(answer, is_absent)?.is_some())
    }

    async fn function(&self, region: &Region, name: &str) -> Result<Option<FunctionView>> {
        let call = Call::new("GetFunction", region);
        let answer = call
            .answer(self.clients(region).lambda.get_function().function_name(name).send().await);
        let Some(answer) = if_there(answer, is_absent)? else { return Ok(None) };
        let found = answer.configuration.ok_or_else(|| call.lacks("the configuration"))?;
        let hash = found.code_sha256.and_then(|text| base64::decode(text).ok());
        let reserved = answer.concurrency.and_then(|found| found.reserved_concurrent_executions);
        Ok(Some(FunctionView {
            state: found.state.map_or_else(|| "Active".to_owned(), |one| one.as_str().to_owned()),
            code_sha256: hash.map(|bytes| hexadecimal(&bytes)),
            reserved: reserved.and_then(|number| u32::try_from(number).ok()),
        }))
    }

    async fn balancer(&self, region: &Region, name: &str) -> Result<Option<BalancerView>> {
        Ok(self.load_balancer(region, name).await?.map(|balancer| {
            let state = balancer.state.and_then(|state| state.code);
            // An impaired one forwards as well, with less room to grow.
            let active = [LoadBalancerStateEnum::Active, LoadBalancerStateEnum::ActiveImpaired];
            BalancerView { active: state.is_none_or(|state| active.contains(&state)) }
        }))
    }

    async fn keep_alive(&self, region: &Region, name: &str) -> Result<Option<u32>> {
        let found = self.load_balancer(region, name).await?;
        let Some(arn) = found.and_then(|balancer| balancer.load_balancer_arn) else {
            return Ok(None);
        };
        let call = Call::new("DescribeLoadBalancerAttributes", region);
        let request = self.clients(region).elb.describe_load_balancer_attributes();
        let request = request.load_balancer_arn(arn);
        let answer = call.answer(request.send().await)?;
        let mut attributes = answer.attributes.unwrap_or_default().into_iter();
        let found = attributes.find(|attribute| attribute.key.as_deref() == Some(KEEP_ALIVE));
        let seconds = found.and_then(|attribute| attribute.value?.parse().ok());
        Ok(Some(seconds.unwrap_or(KEEP_ALIVE_DEFAULT)))
    }
}

/// Each service that a policy lets in. Statements for anybody else are not of interest here.
fn invokers(policy: &Value) -> Vec<Invoker> {
    let statements = policy["Statement"].as_array().into_iter().flatten();
    let allowing = statements.filter(|statement| statement["Effect"] == "Allow");
    let let_in = allowing.filter_map(|statement| {
        let service = statement["Principal"]["Service"].as_str()?.to_owned();
        let conditions = statement["Condition"].as_object().into_iter().flatten();
        let mut sources = conditions.filter_map(|(_, keys)| keys.as_object()).flatten();
        let source = sources.find(|(key, _)| key.eq_ignore_ascii_case("aws:SourceArn"));
        let source_arn = source.and_then(|(_, arn)| arn.as_str()).map(ToOwned::to_owned);
        Some(Invoker { service, source_arn })
    });
    let_in.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_policy_names_who_is_let_in_and_from_where() {
        let policy = json!({ "Statement": [
            { "Effect": "Allow", "Principal": { "Service": "sns.amazonaws.com" },
              "Condition": { "ArnLike": { "AWS:SourceArn": "arn:aws:sns:us-east-1:1:t" } } },
            { "Effect": "Deny", "Principal": { "Service": "events.amazonaws.com" } },
            { "Effect": "Allow", "Principal": "*" },
            { "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" } },
        ] });
        let source_arn = Some("arn:aws:sns:us-east-1:1:t".to_owned());
        let sns = Invoker { service: "sns.amazonaws.com".to_owned(), source_arn };
        let events = Invoker { service: "events.amazonaws.com".to_owned(), source_arn: None };
        assert_eq!(invokers(&policy), [sns, events]);
    }
}
