//! How the parts of the account in memory hang together. A stack that is created or repaired puts its parts there as its
//! template says; an update does not see what was changed outside CloudFormation, as at AWS.

use async_trait::async_trait;
use failover_core::verdict::VERDICT_LABEL;

use site::names::{HostedZoneId, Region};

use super::premises::FakePremises;
use super::{Fake, State};
use cloud::{
    AlarmWiring, BalancerView, ChangeSetKind, ChangeSetRequest, CheckView, CloudError, EventSource,
    FunctionView, Invoker, Kept, RecordView, RuleView, Subscription, Wiring, ZoneView,
};

impl Fake {
    /// Changes how the parts hang together, as somebody would outside CloudFormation.
    pub fn rewire(&self, change: impl FnOnce(&mut FakePremises)) {
        change(&mut self.lock().wires);
    }
}

macro_rules! answered {
    ($self:ident, $operation:literal, $region:expr, $call:ident($($argument:expr),*)) => {{
        let wires = $self.reach($operation, $region)?.wires.clone();
        wires.$call($($argument),*).await
    }};
}

#[async_trait]
impl Wiring for Fake {
    async fn zone(&self, id: &HostedZoneId) -> Result<Option<ZoneView>, CloudError> {
        answered!(self, "GetHostedZone", &Region::detector(), zone(id))
    }

    async fn records_of(
        &self,
        zone: &HostedZoneId,
        name: &str,
    ) -> Result<Vec<RecordView>, CloudError> {
        answered!(self, "ListResourceRecordSets", &Region::detector(), records_of(zone, name))
    }

    async fn alarm_wiring(
        &self,
        region: &Region,
        name: &str,
    ) -> Result<Option<AlarmWiring>, CloudError> {
        answered!(self, "DescribeAlarms", region, alarm_wiring(region, name))
    }

    async fn subscriptions(
        &self,
        region: &Region,
        topic: &str,
    ) -> Result<Option<Vec<Subscription>>, CloudError> {
        answered!(self, "ListSubscriptionsByTopic", region, subscriptions(region, topic))
    }

    async fn invokers(
        &self,
        region: &Region,
        function: &str,
    ) -> Result<Option<Vec<Invoker>>, CloudError> {
        answered!(self, "GetPolicy", region, invokers(region, function))
    }

    async fn event_sources(
        &self,
        region: &Region,
        function: &str,
    ) -> Result<Vec<EventSource>, CloudError> {
        answered!(self, "ListEventSourceMappings", region, event_sources(region, function))
    }

    async fn health_check(&self, id: &str) -> Result<Option<CheckView>, CloudError> {
        answered!(self, "GetHealthCheck", &Region::detector(), health_check(id))
    }

    async fn rule(&self, region: &Region, name: &str) -> Result<Option<RuleView>, CloudError> {
        answered!(self, "DescribeRule", region, rule(region, name))
    }

    async fn exists(&self, region: &Region, kind: Kept, name: &str) -> Result<bool, CloudError> {
        answered!(self, "Exists", region, exists(region, kind, name))
    }

    async fn function(
        &self,
        region: &Region,
        name: &str,
    ) -> Result<Option<FunctionView>, CloudError> {
        answered!(self, "GetFunction", region, function(region, name))
    }

    async fn balancer(
        &self,
        region: &Region,
        name: &str,
    ) -> Result<Option<BalancerView>, CloudError> {
        answered!(self, "DescribeLoadBalancers", region, balancer(region, name))
    }

    async fn keep_alive(&self, region: &Region, name: &str) -> Result<Option<u32>, CloudError> {
        answered!(self, "DescribeLoadBalancerAttributes", region, keep_alive(region, name))
    }
}

impl State {
    /// Whether a repair would put anything back.
    pub(super) fn repairs(&mut self, region: &Region, request: &ChangeSetRequest) -> bool {
        if request.kind != ChangeSetKind::Repair {
            return false;
        }
        let before = self.wires.clone();
        self.wire(region, request.stack.as_str(), &request.template);
        std::mem::replace(&mut self.wires, before.clone()) != before
    }

    /// Puts the parts of a stack there as its template says.
    pub(super) fn wire(&mut self, region: &Region, name: &str, template: &str) {
        let Some(view) = self.find(region, name).map(|found| found.view.clone()) else { return };
        let given = |name: &str| view.parameters.get(name).cloned().unwrap_or_default();
        let output = |name: &str| view.outputs.get(name).cloned().unwrap_or_default();
        let all = &mut self.wires;
        let there = |name: String| (region.clone(), name);
        let site = given("SiteName");
        if template.contains("\n  FailoverAlarm:") {
            let (topic, alarm) = (output("TopicArn"), output("AlarmName"));
            let told = vec![topic.clone()];
            let dimensions = vec![("HealthCheckId".to_owned(), "primary".to_owned())];
            let wired = AlarmWiring {
                enabled: true,
                on_alarm: told.clone(),
                on_ok: told.clone(),
                on_insufficient: told,
                dimensions,
            };
            all.alarms.insert(there(alarm), wired);
            let endpoint = given("FunctionArn");
            let lambda = Subscription { protocol: "lambda".to_owned(), endpoint, pending: false };
            all.subscriptions.insert(topic, vec![lambda]);
            let children = vec!["primary".to_owned(), "latch".to_owned()];
            let gate = CheckView { children, ..CheckView::default() };
            all.checks.insert("gate".to_owned(), gate);
            for id in ["primary", "latch", "standby"] {
                all.checks.insert(id.to_owned(), CheckView::default());
            }
            let host = given("Hostname");
            let endpoints = ["PrimaryEndpoint", "StandbyEndpoint"].map(given);
            all.records.extend(records(&host, endpoints));
        }
        if template.contains("\n  TickRule:") {
            let (function, arn) = (output("FunctionName"), output("FunctionArn"));
            let invoker = |service: &str, source: String| Invoker {
                service: service.to_owned(),
                source_arn: Some(source),
            };
            let topic = format!("{}-{site}-detector-TopicArn", Region::detector());
            let rule = format!("arn:aws:events:{region}:000000000000:rule/{site}-tick");
            let invokers =
                vec![invoker("sns.amazonaws.com", topic), invoker("events.amazonaws.com", rule)];
            all.invokers.insert(there(function.clone()), invokers);
            let queue = format!("arn:aws:sqs:{region}:000000000000:{site}-looks");
            let looks = EventSource { arn: queue, enabled: true };
            let sources = (given("Watch") != "off").then_some(looks).into_iter().collect();
            all.event_sources.insert(there(function.clone()), sources);
            let rule = RuleView { enabled: true, targets: vec![arn] };
            all.rules.insert(there(format!("{site}-tick")), rule);
            let wired = FunctionView {
                state: "Active".to_owned(),
                code_sha256: None,
                reserved: given("ReservedConcurrency").parse().ok(),
            };
            all.functions.insert(there(function), wired);
        }
        if view.outputs.contains_key("LoadBalancerDnsName") {
            let name = format!("{site}-{}", given("Role"));
            all.balancers.insert(there(name.clone()), BalancerView { active: true });
            all.keep_alive.insert(there(name), 300);
        }
    }
}

/// The site's failover pair, and the one that tells the verdict.
fn records(host: &str, [primary, standby]: [String; 2]) -> [(String, Vec<RecordView>); 2] {
    let verdict = format!("{VERDICT_LABEL}.{host}");
    let record = |name: &str, kind: &str, side: &str, check: Option<&str>| RecordView {
        name: format!("{name}."),
        kind: kind.to_owned(),
        failover: Some(side.to_owned()),
        health_check_id: check.map(str::to_owned),
        evaluates_target: false,
        alias: None,
    };
    let alias = |side, check, endpoint| RecordView {
        evaluates_target: true,
        alias: Some(format!("{endpoint}.")),
        ..record(host, "A", side, Some(check))
    };
    let told = vec![
        record(&verdict, "TXT", "PRIMARY", Some("primary")),
        record(&verdict, "TXT", "SECONDARY", None),
    ];
    let site = vec![alias("PRIMARY", "gate", primary), alias("SECONDARY", "standby", standby)];
    [(host.to_owned(), site), (verdict, told)]
}
