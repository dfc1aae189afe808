//! A site, and an account in which everything that it needs is in order.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use async_trait::async_trait;
use cloud::{
    AlarmWiring, BalancerView, Caller, CertificateView, CheckView, Concurrency, EventSource,
    FunctionView, GroupView, ImageView, InstanceView, Invoker, Issuer, LaunchView, LogLine, Quota,
    RecordView, RegionStatus, RuleView, StackResource, SubnetView, Subscription, TemplateView,
    TypeView, Used, ZoneView,
};
use doctor::{Diagnosis, Machine, Outlook, PublicNames, Reach, examine, standby};
use failover_core::Timestamp;
use failover_core::record::Sizes;
use failover_core::time::after;
use site::model::Site;
use site::names::{CertificateArn, HostedZoneId, Region};

use sample::{Fake, FakePremises, deploy, region, request, site_with};

/// Options that let every check have something to look at.
pub const EVERYTHING: &str = r#"
account = "111122223333"
notice_email = "ops@example.com"
---
[network]
nat = "one"
[tls]
certificate = "own"
primary_arn = "arn:aws:acm:us-west-2:111122223333:certificate/1"
standby_arn = "arn:aws:acm:us-east-2:111122223333:certificate/2"
[edge]
cloudfront = "on"
certificate_arn = "arn:aws:acm:us-east-1:111122223333:certificate/3"
"#;

const ACCOUNT: &str = "111122223333";
const IMAGE: &str = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64";
pub const TOPIC: &str = "us-east-1-shop-detector-TopicArn";
pub const ALERTS: &str = "arn:aws:sns:us-east-1:111122223333:shop-detector-alerts";
/// The service-linked role of the groups.
pub const ROLE: &str = "arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling";
pub const ALARM: &str = "us-east-1-shop-detector-AlarmName";
pub const FUNCTION: &str = "us-east-2-shop-controller-FunctionName";

/// A site, an account and a machine.
pub struct World {
    pub site: Site,
    pub cloud: Fake,
    pub premises: FakePremises,
    pub names: Names,
    pub machine: Machine,
    pub now: Timestamp,
    /// Whether the account is an emulator's.
    pub local: bool,
}

/// DNS as the world sees it.
pub struct Names {
    pub servers: Result<Vec<String>, String>,
    pub authoritative: bool,
    pub issuers: BTreeMap<String, Vec<String>>,
}

#[async_trait]
impl PublicNames for Names {
    async fn name_servers(&self, _zone: &str) -> Result<Vec<String>, String> {
        self.servers.clone()
    }

    async fn answers_for(&self, _server: &str, _zone: &str) -> Result<bool, String> {
        Ok(self.authoritative)
    }

    async fn issuers(&self, name: &str) -> Result<Option<Vec<String>>, String> {
        Ok(self.issuers.get(name).cloned())
    }
}

impl World {
    /// The smallest site with more in its file: what stands before the first table, a line `---`, and tables.
    pub fn fresh(more: &str) -> Self {
        let (root, tables) = more.split_once("---").unwrap_or(("", more));
        let site = if root.is_empty() { site_with(tables) } else { rooted(root, tables) };
        let servers: Vec<_> = (0..4).map(|n| format!("ns-{n}.awsdns-00.com")).collect();
        let names =
            Names { servers: Ok(servers.clone()), authoritative: true, issuers: BTreeMap::new() };
        let now = Timestamp::from_second(1_767_225_600).expect("a time");
        let machine = Machine {
            rust: Ok("aarch64-unknown-linux-gnu"),
            python: Ok("python3".to_owned()),
            disk_free: Some(20 << 30),
            emulator: true,
        };
        let premises = premises(&site, servers, now);
        let cloud = Fake::new();
        Self { site, cloud, premises, names, machine, now, local: false }
    }

    /// The same, deployed and running.
    pub async fn deployed(more: &str) -> Self {
        let mut world = Self::fresh(more);
        deploy(&world.cloud, &request(&world.site)).await.0.expect("it deploys");
        for place in ["us-west-2", "us-east-2"] {
            let instance = InstanceView { id: "i-1".to_owned(), state: "InService".to_owned() };
            let group = GroupView {
                sizes: Sizes { min: 0, desired: 1, max: 8 },
                instances: vec![instance],
                tags: BTreeMap::new(),
                launch: Some(launch(place)),
                ..GroupView::default()
            };
            let name = format!("{place}-shop-web-GroupName");
            world.cloud.set_group(&region(place), &name, group);
        }
        let text = "{}".to_owned();
        world.cloud.log(LogLine { at: after(world.now, -30), text });
        world.wire();
        world.lead();
        world
    }

    /// What runs the controller.
    fn wire(&mut self) {
        let (detector, standby) = (Region::detector(), region("us-east-2"));
        let topic = StackResource {
            logical_id: "AlertsTopic".to_owned(),
            physical_id: Some(ALERTS.to_owned()),
            resource_type: "AWS::SNS::Topic".to_owned(),
            status: "CREATE_COMPLETE".to_owned(),
        };
        self.cloud.set_resource(&detector, "shop-detector", topic);
        let told = vec![TOPIC.to_owned()];
        let alarm = AlarmWiring {
            enabled: true,
            on_alarm: told.clone(),
            on_ok: told.clone(),
            on_insufficient: told,
            dimensions: vec![("HealthCheckId".to_owned(), "primary".to_owned())],
        };
        let premises = &mut self.premises;
        premises.alarms.insert((detector, ALARM.to_owned()), alarm);
        let endpoint = "us-east-2-shop-controller-FunctionArn".to_owned();
        let lambda = Subscription { protocol: "lambda".to_owned(), endpoint, pending: false };
        premises.subscriptions.insert(TOPIC.to_owned(), vec![lambda]);
        premises.subscriptions.insert(ALERTS.to_owned(), vec![mail("ops@example.com", false)]);
        let sns =
            Invoker { service: "sns.amazonaws.com".to_owned(), source_arn: Some(TOPIC.to_owned()) };
        let events = Invoker {
            service: "events.amazonaws.com".to_owned(),
            source_arn: Some("arn:aws:events:us-east-2:111122223333:rule/shop-tick".to_owned()),
        };
        premises.invokers.insert((standby.clone(), FUNCTION.to_owned()), vec![sns, events]);
        let looks = EventSource {
            arn: "arn:aws:sqs:us-east-2:111122223333:shop-looks".to_owned(),
            enabled: true,
        };
        premises.event_sources.insert((standby.clone(), FUNCTION.to_owned()), vec![looks]);
        let targets = vec!["us-east-2-shop-controller-FunctionArn".to_owned()];
        let rule = RuleView { enabled: true, targets };
        premises.rules.insert((standby.clone(), "shop-tick".to_owned()), rule);
        let function = FunctionView {
            state: "Active".to_owned(),
            code_sha256: None,
            reserved: self.site.config.controller.reserved_concurrency.map(Into::into),
        };
        premises.functions.insert((standby, FUNCTION.to_owned()), function);
    }

    /// What leads users to the load balancers.
    fn lead(&mut self) {
        let premises = &mut self.premises;
        let gate = CheckView { children: vec!["primary".to_owned()], ..CheckView::default() };
        premises.checks.insert("gate".to_owned(), gate);
        for id in ["primary", "standby"] {
            premises.checks.insert(id.to_owned(), CheckView::default());
        }
        let name = self.site.config.failover_name().to_string();
        let sides = [("us-west-2", "PRIMARY", "gate"), ("us-east-2", "SECONDARY", "standby")];
        let records = sides.map(|(place, side, check)| {
            let alias = format!("{place}-shop-web-LoadBalancerDnsName.");
            RecordView {
                failover: Some(side.to_owned()),
                health_check_id: Some(check.to_owned()),
                ..record(&name, Some(alias))
            }
        });
        let verdict = [("PRIMARY", Some("primary")), ("SECONDARY", None)];
        let verdict_name = failover_core::verdict::name(&name);
        let verdict = verdict.map(|(side, check)| RecordView {
            kind: "TXT".to_owned(),
            failover: Some(side.to_owned()),
            health_check_id: check.map(str::to_owned),
            ..record(&verdict_name, None)
        });
        premises.records.insert(verdict_name.clone(), verdict.into());
        premises.records.insert(name, records.into());
        for (place, role) in [("us-west-2", "primary"), ("us-east-2", "standby")] {
            premises.keep_alive.insert((region(place), format!("shop-{role}")), 300);
            let balancer = BalancerView { active: true };
            premises.balancers.insert((region(place), format!("shop-{role}")), balancer);
        }
    }

    pub async fn diagnosis(&self) -> Diagnosis {
        if !self.local {
            self.cloud.go_remote();
        }
        let (premises, wiring) = (&self.premises, &self.premises);
        let reach = Reach { cloud: &self.cloud, premises, wiring, names: &self.names };
        examine(reach, &self.site, &self.machine, self.now).await
    }

    /// What the standby can launch.
    pub async fn outlook(&self) -> Outlook {
        if !self.local {
            self.cloud.go_remote();
        }
        let (premises, wiring) = (&self.premises, &self.premises);
        let reach = Reach { cloud: &self.cloud, premises, wiring, names: &self.names };
        standby(reach, &self.site, self.now).await
    }

    /// A line for each finding: check, place, verdict, words and fix.
    pub async fn table(&self) -> String {
        let mut table = String::new();
        for finding in self.diagnosis().await.findings {
            let place = finding.place.map(|place| format!(" {place}")).unwrap_or_default();
            let (word, told) = (finding.verdict.word(), finding.verdict.told());
            write!(table, "{}{place} {word}: {told}", finding.check).expect("a string takes all");
            if let Some(fix) = finding.verdict.fix() {
                write!(table, "; fix: {fix}").expect("a string takes all");
            }
            table.push('\n');
        }
        table
    }
}

/// What the group of a region launches.
fn launch(place: &str) -> LaunchView {
    LaunchView {
        template: "lt-1".to_owned(),
        version: "3".to_owned(),
        types: Vec::new(),
        on_demand_percent: 100,
        subnets: ["a", "b"].map(|letter| format!("subnet-{place}{letter}")).into(),
        role: Some(ROLE.to_owned()),
    }
}

/// Expects a verdict with its words and its fix from a check, named with its place if it has one.
pub async fn check(world: &World, name: &str, expected: &str) {
    let table = world.table().await;
    let found = table.lines().find_map(|line| line.strip_prefix(&format!("{name} ")));
    assert_eq!(found, Some(expected), "{table}");
}

pub fn record(name: &str, alias: Option<String>) -> RecordView {
    RecordView {
        name: format!("{name}."),
        kind: "A".to_owned(),
        failover: None,
        health_check_id: None,
        evaluates_target: alias.is_some(),
        alias,
    }
}

pub fn mail(address: &str, pending: bool) -> Subscription {
    Subscription { protocol: "email".to_owned(), endpoint: address.to_owned(), pending }
}

fn rooted(root: &str, tables: &str) -> Site {
    let text = site::config::MINIMAL.replacen("[regions]", &format!("{root}\n[regions]"), 1);
    let text = format!("{text}\n{tables}");
    let config = site::config::Config::from_toml(&text, "pilotlight.toml");
    Site::new(config.expect("the sample is a valid site file"))
}

fn premises(site: &Site, name_servers: Vec<String>, now: Timestamp) -> FakePremises {
    let mut premises = FakePremises {
        caller: Some(Caller {
            account: ACCOUNT.to_owned(),
            arn: format!("arn:aws:sts::{ACCOUNT}:assumed-role/Operator/alice"),
        }),
        clock: Some(now),
        health_checks: Some(Used { used: 3, limit: 200 }),
        ..FakePremises::default()
    };
    let zone = ZoneView { name: "example.com".to_owned(), private: false, name_servers };
    premises.zones.insert(site.config.hosted_zone_id.clone(), zone);
    for number in 1..=3 {
        let place = ["us-west-2", "us-east-2", "us-east-1"][number - 1];
        let arn = format!("arn:aws:acm:{place}:{ACCOUNT}:certificate/{number}");
        let names = vec!["*.example.com".to_owned(), "origin.shop.example.com".to_owned()];
        let until = Some(after(now, 300 * 86_400));
        let status = "ISSUED".to_owned();
        let certificate = CertificateView { status, names, until, issuer: Issuer::Amazon };
        let arn = CertificateArn::parse(&arn).expect("an ARN");
        premises.certificates.insert(arn, certificate);
    }
    for place in ["us-west-2", "us-east-2"].map(region) {
        premises.regions.insert(place.clone(), RegionStatus::Default);
        let quotas = [
            (Quota::OnDemandVcpus, 32.0),
            (Quota::SpotVcpus, 32.0),
            (Quota::Addresses, 5.0),
            (Quota::LoadBalancers, 50.0),
            (Quota::Vpcs, 5.0),
        ];
        premises.quotas.extend(quotas.map(|(quota, value)| ((place.clone(), quota), value)));
        premises.parameters.insert((place.clone(), IMAGE.to_owned()), "ami-1".to_owned());
        let image = ImageView {
            state: "available".to_owned(),
            architecture: "arm64".to_owned(),
            encrypted_snapshots: Vec::new(),
        };
        premises.images.insert((place.clone(), "ami-1".to_owned()), image);
        let kind = TypeView { vcpus: 2, architectures: vec!["arm64".to_owned()] };
        let types =
            ["t4g.micro", "t4g.small"].map(|name| ((place.clone(), name.to_owned()), kind.clone()));
        premises.types.extend(types);
        let zones: Vec<_> = ["a", "b", "c"].map(|letter| format!("{place}{letter}")).into();
        let offered = ["t4g.micro", "t4g.small"]
            .map(|name| ((place.clone(), name.to_owned()), zones.clone()));
        premises.zones_with.extend(offered);
        let template = TemplateView {
            image: Some("ami-1".to_owned()),
            instance_type: Some("t4g.micro".to_owned()),
            keys: Vec::new(),
        };
        premises.launch_templates.insert((place.clone(), "lt-1:3".to_owned()), template);
        for letter in ["a", "b"] {
            let zone = format!("{place}{letter}");
            let id = format!("subnet-{zone}");
            let subnet = SubnetView { id: id.clone(), zone, free: 250 };
            premises.subnets.insert((place.clone(), id), subnet);
        }
        let free = Concurrency { limit: 1000, unreserved: 1000 };
        premises.concurrency.insert(place, free);
    }
    premises
}

/// The zone of the sample.
pub fn zone_id() -> HostedZoneId {
    HostedZoneId::parse("Z0123456789ABCDEFGHIJ").expect("an id")
}
