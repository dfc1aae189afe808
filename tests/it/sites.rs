//! The six named sites on the emulator: as much of each as its CloudFormation knows, up and down again.

#![expect(clippy::panic, reason = "helpers of tests fail by panicking")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use cloud::guard::Safety;
use cloud::{ChangeSetKind, ChangeSetRequest, ChangeSetView, Phase};
use drill_local::stage::Stage;
use drill_local::story::{self, Teller, until};
use e2e::{WITHIN, program, room, stage};
use provision::apply::Outcome;
use provision::destroy::{self, Removal};
use provision::outputs::Outputs;
use site::config::{Config, Health, Nat, Switch, Waf};
use site::model::{Site, StackId};
use site::names::{Region, StackName};

/// A type of resource that the emulator's CloudFormation rejects.
struct Hidden {
    kind: &'static str,
    /// Properties of a small one.
    properties: &'static str,
    /// The settings of a real site that leave it out.
    settings: &'static str,
    hide: fn(&mut Config, &Config),
}

const HIDDEN: [Hidden; 5] = [
    Hidden {
        kind: "AWS::Route53::HealthCheck",
        properties: "HealthCheckConfig: { Type: HTTP, FullyQualifiedDomainName: www.example.com }",
        settings: "`primary_check_id`, `standby_check_id` and `gate_check_id` in `[health]`",
        hide: bring_checks,
    },
    Hidden {
        kind: "AWS::EC2::EIP",
        properties: "Domain: vpc",
        settings: "`nat = \"none\"` in `[network]`",
        hide: |config, _| config.network.nat = Nat::None,
    },
    Hidden {
        kind: "AWS::EC2::NatGateway",
        properties: "{ AllocationId: eipalloc-0123456789abcdef0, SubnetId: subnet-0123456789abcdef0 }",
        settings: "`nat = \"none\"` in `[network]`",
        hide: |config, _| config.network.nat = Nat::None,
    },
    Hidden {
        kind: "AWS::AutoScaling::WarmPool",
        properties: "AutoScalingGroupName: shop-standby",
        settings: "`warm_pool = 0` in `[web]`",
        hide: |config, _| config.web.warm_pool = 0,
    },
    Hidden {
        kind: "AWS::WAFv2::WebACLAssociation",
        properties: "{ ResourceArn: \"arn:aws:a:::b\", WebACLArn: \"arn:aws:a:::b\" }",
        settings: "`placement = \"none\"` or `\"edge\"` in `[waf]`",
        hide: |config, _| {
            if config.waf == Waf::Regional {
                config.waf = Waf::None;
            }
        },
    },
];

/// The stage's own checks, as far as the site has a place for them.
fn bring_checks(config: &mut Config, stage: &Config) {
    let Health { primary_check_id, standby_check_id, gate_check_id, .. } = stage.health.clone();
    config.health.primary_check_id = primary_check_id;
    config.health.standby_check_id =
        standby_check_id.filter(|_| config.health.standby_check.is_on());
    config.health.gate_check_id = gate_check_id.filter(|_| config.policy.latch());
}

/// A named site, with what it has of this machine and without what the emulator rejects.
fn named(name: &str, stage: &Stage) -> Site {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../sites/{name}.toml"));
    let mut config = Config::load(&file).expect("a named site is valid");
    let here = &stage.site.config;
    config.hosted_zone_id = here.hosted_zone_id.clone();
    // The emulator runs the function as it is, and knows one image.
    config.controller = here.controller.clone();
    config.web.image.clone_from(&here.web.image);
    for hidden in HIDDEN {
        (hidden.hide)(&mut config, here);
    }
    // Refused by the dashboard's parameters, see `the_dashboard_cannot_be_fed`.
    config.operations.dashboard = Switch::Off;
    Site::new(config)
}

/// What the web stacks retain with access logs: the bucket, and the policy without which it would take plain HTTP.
const LOGS: [&str; 4] = [
    "web-primary AccessLogBucketPolicy",
    "web-primary AccessLogBucket",
    "web-standby AccessLogBucketPolicy",
    "web-standby AccessLogBucket",
];

/// Deploys a site and destroys it; nothing stays but what its templates retain on purpose.
async fn up_and_down(name: &str, retained: &[&str]) {
    let _room = room().await;
    let (code, mut stage) = (program().await, stage().await);
    let (teller, _scenes) = Teller::channel();
    stage.site = named(name, &stage);
    let deployed = story::deploy(&stage, code.clone(), &teller).await;
    let deployed = deployed.unwrap_or_else(|error| panic!("{name}: {error:?}"));
    assert_eq!(deployed.stacks.len(), stage.site.stacks.len(), "{name}");
    for (stack, outcome) in &deployed.stacks {
        assert_eq!(*outcome, Outcome::Created, "{name}: {stack}");
    }
    the_dashboard_cannot_be_fed(&deployed.outputs);
    if stage.site.config.web.deletion_protection.is_on() {
        // The way that the site file tells: a protected load balancer is let go first.
        let mut config = stage.site.config.clone();
        config.web.deletion_protection = Switch::Off;
        stage.site = Site::new(config);
        let changed = story::deploy(&stage, code, &teller).await.expect("it lets go");
        let updated = changed.stacks.iter().filter(|(_, outcome)| **outcome != Outcome::Unchanged);
        let updated: BTreeMap<_, _> =
            updated.map(|(stack, outcome)| (stack.as_str(), *outcome)).collect();
        let both = [("web-primary", Outcome::Updated), ("web-standby", Outcome::Updated)];
        assert_eq!(updated, both.into(), "{name}");
    }
    let running = destroy::start(
        Arc::clone(&stage.cloud),
        stage.local.consent(),
        stage.site.clone(),
        Safety::Guarded,
    );
    let destroyed = running.finish().await;
    let destroyed = destroyed.unwrap_or_else(|error| panic!("{name}: {error:?}"));
    let mut kept: Vec<String> = Vec::new();
    for (stack, removal) in destroyed.stacks {
        match removal {
            Removal::Deleted { retained } => {
                kept.extend(retained.iter().map(|one| format!("{stack} {}", one.logical_id)));
            }
            Removal::Absent => panic!("{name}: {stack} was never there"),
        }
    }
    assert_eq!(kept, retained, "{name}");
    assert_eq!(left(&stage).await, Vec::<String>::new(), "{name}");
    stage.close().await.expect("everything ends");
}

/// Why no dashboard is deployed here: the emulator answers the full name of a target group without its beginning, which the
/// metrics of CloudWatch have, and the dashboard insists on it.
fn the_dashboard_cannot_be_fed(outputs: &Outputs) {
    let name = outputs.get(StackId::WebPrimary, "TargetGroupFullName").expect("it has a name");
    let known = "the emulator knows the name now: let the dashboard be deployed";
    assert!(!name.starts_with("targetgroup/"), "{known}: {name}");
}

/// What still stands of the stage's site. Its zone is the stage's own, with the two records that every zone has.
async fn left(stage: &Stage) -> Vec<String> {
    let mut left = stage.leftovers().await.expect("the emulator answers");
    let zone = &stage.site.config.hosted_zone_id;
    let records = stage.cloud.records(zone).await.expect("the emulator answers");
    let records =
        records.into_iter().filter(|record| !["NS", "SOA"].contains(&record.kind.as_str()));
    left.extend(records.map(|record| format!("record {} {}", record.name, record.kind)));
    left
}

#[tokio::test]
async fn the_minimal_site_comes_and_goes() {
    up_and_down("minimal", &[]).await;
}

#[tokio::test]
async fn the_site_of_the_tutorial_comes_and_goes() {
    up_and_down("tutorial", &[]).await;
}

#[tokio::test]
async fn the_private_site_comes_and_goes_and_keeps_its_logs() {
    up_and_down("private", &LOGS).await;
}

#[tokio::test]
async fn the_warm_site_comes_and_goes() {
    up_and_down("warm", &[]).await;
}

#[tokio::test]
async fn the_site_that_serves_from_both_regions_comes_and_goes() {
    up_and_down("active-active", &[]).await;
}

#[tokio::test]
async fn the_site_with_everything_comes_and_goes_and_keeps_its_logs() {
    up_and_down("everything", &LOGS).await;
}

/// Goal: nothing is hidden that could be tried. Method: a stack with each of the hidden types alone.
#[tokio::test]
async fn what_is_hidden_from_the_emulator_is_rejected_by_it() {
    let _room = room().await;
    let stage = stage().await;
    for (number, hidden) in HIDDEN.iter().enumerate() {
        let Hidden { kind, .. } = hidden;
        let refusal = refusal(&stage, hidden, &format!("alone-{number}")).await;
        let refusal = refusal.unwrap_or_else(|| {
            panic!("the emulator knows {kind} now: take it out of the list and let it be deployed")
        });
        assert!(refusal.contains(kind), "{kind} is refused for another reason: {refusal}");
    }
    stage.close().await.expect("everything ends");
}

/// Why a stack with a hidden type alone does not come about.
async fn refusal(stage: &Stage, hidden: &Hidden, name: &str) -> Option<String> {
    let (cloud, region) = (&stage.cloud, Region::parse("us-east-2").expect("it is a region"));
    let Hidden { kind, properties, .. } = hidden;
    let request = ChangeSetRequest {
        stack: StackName::new(name),
        name: "alone".to_owned(),
        kind: ChangeSetKind::Create,
        template: format!(
            "Resources:\n  Alone:\n    Type: {kind}\n    Properties:\n      {properties}\n"
        ),
        parameters: BTreeMap::new(),
        tags: None,
        role: None,
    };
    let id = match cloud.create_change_set(&stage.permit, &region, &request).await {
        Ok(id) => id,
        Err(error) => return Some(format!("{error:?}")),
    };
    let view = until(WITHIN, async || {
        let view = cloud.describe_change_set(&region, &id).await.ok()?;
        (view != ChangeSetView::Working).then_some(view)
    });
    match view.await.expect("a change set is worked out") {
        ChangeSetView::Failed { reason } => return Some(reason),
        ChangeSetView::Ready { .. } => {}
        ChangeSetView::Working | ChangeSetView::Empty => panic!("{kind}: nothing was worked out"),
    }
    let consent = stage.local.consent();
    let now = consent.stack(cloud.as_ref(), &stage.site, &region, name).await;
    let executed = cloud.execute_change_set(now.expect("it is read"), &id).await;
    executed.expect("the change set is executed");
    let ended = until(WITHIN, async || {
        let view = cloud.describe_stack(&region, name).await.ok()??;
        (![Phase::Moving, Phase::Reviewing].contains(&view.status.phase())).then_some(view)
    });
    if ended.await.expect("the stack ends").status.is_success() {
        return None;
    }
    let events = cloud.stack_events(&region, name, None).await.expect("the emulator answers");
    let reasons = events.into_iter().filter(cloud::StackEvent::is_failure);
    Some(reasons.filter_map(|event| event.reason).collect::<Vec<_>>().join("; "))
}

/// Goal: the list in the catalogue is this one.
#[test]
fn the_catalogue_names_what_the_emulator_rejects() {
    let catalogue = include_str!("../../templates/README.md");
    for Hidden { kind, settings, .. } in HIDDEN {
        let line = format!("| {kind} | {settings} |");
        assert!(catalogue.contains(&line), "templates/README.md does not say: {line}");
    }
}
