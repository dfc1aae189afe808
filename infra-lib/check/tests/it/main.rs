//! Each rule names the mistake that it is there for: those of any template by fixtures, those of a site by changed templates.

mod deploys;
mod fixtures;

use std::collections::BTreeSet;
use std::path::Path;

use check::{
    Finding, RULES, Replacement, Severity, SiteFile, Subject, check, check_with, replacements,
};
use site::config::Config;
use site::model::{Site, StackId};
use site::names::Region;

/// A site in which one template was changed.
fn changed(stack: StackId, change: impl FnOnce(&str) -> String) -> Site {
    let mut site = Site::minimal("");
    let body = change(&site.stack(stack).template.body);
    let found =
        site.stacks.iter_mut().find(|found| found.id == stack).expect("a site has every stack");
    found.template.body = body.into();
    site
}

/// A site in which one text of a template was replaced. The text must be there.
fn replaced(stack: StackId, from: &str, to: &str) -> Site {
    changed(stack, |body| {
        assert!(body.contains(from), "`{from}` is not in the template");
        body.replace(from, to)
    })
}

fn names(site: &Site, rule: &str, place: &str) {
    let findings = check(site);
    let named = |finding: &Finding| finding.rule == rule && finding.place.contains(place);
    assert!(findings.iter().any(named), "{rule} at {place} is not among {findings:#?}");
}

#[test]
fn the_templates_as_they_are_have_no_findings() {
    let findings = check(&Site::minimal(""));
    assert!(findings.is_empty(), "{findings:#?}");
}

#[test]
fn no_named_site_has_a_finding() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sites");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("the named sites") {
        let path = entry.expect("a file").path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let site = Site::new(Config::load(&path).expect("a valid site file"));
            let findings = check(&site);
            assert!(findings.is_empty(), "{}: {findings:#?}", path.display());
            count += 1;
        }
    }
    assert!(count >= 6, "{count} sites");
}

/// What breaks each rule that is about a site.
fn broken_sites() -> Vec<(&'static str, &'static str, Site)> {
    let web = StackId::WebPrimary;
    let renamed = |body: &str| body.replace("Role", "Part");
    let fewer = |body: &str| body.replace("AllowedValues: [10, 30]", "AllowedValues: [30]");
    vec![
        ("parameter-unknown", "Parameters.Role", changed(web, renamed)),
        ("parameter-missing", "Parameters.Part", changed(web, renamed)),
        ("parameter-value", "Parameters.HealthIntervalSeconds", changed(StackId::Detector, fewer)),
        (
            "output-missing",
            "Outputs.GroupName",
            replaced(StackId::WebStandby, "  GroupName:\n", "  AutoScalingGroup:\n"),
        ),
        (
            "setting-default",
            "Parameters.HoldDown",
            replaced(StackId::Controller, "Default: 30m", "Default: 31m"),
        ),
        (
            "setting-fed",
            "Environment.Variables",
            replaced(StackId::Controller, "PILOTLIGHT_HOLD_DOWN", "PILOTLIGHT_HOLD"),
        ),
        ("egress-region", "Parameters.EgressUrl", egress("us-east-2")),
    ]
}

fn egress(region: &str) -> Site {
    Site::minimal(&format!("[controller]\negress_url = \"https://sts.{region}.amazonaws.com/\"\n"))
}

#[test]
fn every_rule_of_a_site_names_a_site_that_breaks_it() {
    let broken = broken_sites();
    for (rule, place, site) in &broken {
        names(site, rule, place);
    }
    let rules = RULES.iter().filter(|rule| rule.subject == Subject::Site).map(|rule| rule.id);
    let broken: BTreeSet<_> = broken.iter().map(|(rule, ..)| *rule).collect();
    assert_eq!(broken, rules.collect());
}

#[test]
fn settings_of_the_policy_that_the_controller_lacks_are_named() {
    let unknown = |body: &str| body.replace("HoldDown", "HoldUp");
    names(&changed(StackId::Controller, unknown), "setting-fed", "Parameters.HoldDown");
    let off = replaced(StackId::Detector, "Default: \"on\"", "Default: \"off\"");
    names(&off, "setting-default", "Parameters.Latch");
}

#[test]
fn a_template_that_is_no_template_is_named() {
    for body in ["a: [", "Outputs: {}"] {
        let site = changed(StackId::WebPrimary, |_| body.to_owned());
        let findings = check(&site);
        let named =
            |found: &Finding| found.rule == "template-syntax" && found.file == "templates/web.yaml";
        assert!(findings.iter().any(named), "{findings:#?}");
    }
}

#[test]
fn references_to_nothing_are_named() {
    for (from, to, place) in [
        ("VpcId: !Ref VpcId", "VpcId: !Ref Vpc", ".VpcId"),
        ("!GetAtt LoadBalancer.DNSName", "!GetAtt Balancer.DNSName", "Outputs.LoadBalancerDnsName"),
        ("${SiteName}-${Role}", "${SiteName}-${Roll}", "Resources.LoadBalancer"),
        ("!If [BalancerReplaces,", "!If [WhoReplaces,", "Resources.Group"),
        (
            "DependsOn: [LaunchHook, ReleaseRule]",
            "DependsOn: [LaunchHooks, ReleaseRule]",
            "Resources.WarmPool.DependsOn",
        ),
    ] {
        names(&replaced(StackId::WebPrimary, from, to), "template-reference", place);
    }
}

#[test]
fn a_broken_template_of_the_site_is_named_with_its_stack_and_line() {
    let site = replaced(
        StackId::WebStandby,
        "      MinSize: !Ref MinSize\n",
        "      MinSize: !Ref MinSize\n      DesiredCapacity: !Ref MinSize\n",
    );
    let findings = check(&site);
    let [finding] = findings.as_slice() else { panic!("{findings:#?}") };
    assert_eq!((finding.rule, finding.stack), ("desired-capacity", Some(StackId::WebStandby)));
    let excerpt = finding.excerpt.as_ref().expect("a line");
    assert_eq!(excerpt.text.trim(), "DesiredCapacity: !Ref MinSize");
}

#[test]
fn a_standby_that_runs_more_than_its_floor_is_named() {
    let pinned =
        replaced(StackId::WebStandby, "      MinSize: !Ref MinSize\n", "      MinSize: 2\n");
    names(&pinned, "two-fleets", "Resources.Group.Properties.MinSize");
    let warm = Site::minimal("[failover]\nfloor = 2\n");
    assert_eq!(check(&warm), [], "a floor is a choice");
}

#[test]
fn an_alarm_on_route_53_in_another_region_is_named() {
    let mut site = Site::minimal("");
    let detector =
        site.stacks.iter_mut().find(|stack| stack.id == StackId::Detector).expect("a detector");
    detector.region = Region::parse("us-east-2").expect("a region");
    names(&site, "alarm-region", "Resources.FailoverAlarm");
}

#[test]
fn the_detectors_traps_are_named_through_its_conditions() {
    for (from, to, rule, place) in [
        (
            "TreatMissingData: missing",
            "TreatMissingData: ignore",
            "missing-data",
            "Resources.FailoverAlarm.Properties.TreatMissingData",
        ),
        (
            "FullyQualifiedDomainName: !Ref PrimaryEndpoint",
            "FullyQualifiedDomainName: !Ref Hostname",
            "check-of-failover-name",
            "Resources.PrimaryCheck",
        ),
        (
            "EvaluateTargetHealth: true",
            "EvaluateTargetHealth: false",
            "record-target-health",
            "Resources.StandbyRecord",
        ),
        ("HealthThreshold: 2", "HealthThreshold: 1", "gate-threshold", "Resources.GateCheck"),
        ("LastKnownStatus", "Healthy", "gate-missing-data", "Resources.LatchCheck"),
    ] {
        names(&replaced(StackId::Detector, from, to), rule, place);
    }
    let alarm = "          Value: !If [CreatesPrimaryCheck, !Ref PrimaryCheck, !Ref PrimaryHealthCheckId]\n";
    let on =
        |check: &str| replaced(StackId::Detector, alarm, &format!("          Value: {check}\n"));
    names(&on("!Ref GateCheck"), "alarm-on-gate", "Resources.FailoverAlarm");
    names(
        &on("11112222-3333-4444-5555-666677778888"),
        "alarm-dimension",
        "Resources.FailoverAlarm",
    );
    names(&on("!Ref StandbyEndpointCheck"), "record-without-alarm", "Resources.PrimaryRecord");
}

#[test]
fn a_standby_without_a_check_of_its_own_is_a_warning() {
    let findings = check(&Site::minimal("[health]\nstandby_check = \"off\"\n"));
    let [finding] = findings.as_slice() else { panic!("{findings:#?}") };
    assert_eq!((finding.rule, finding.severity), ("record-health-check", Severity::Warning));
}

#[test]
fn a_latch_alarm_that_route_53_cannot_follow_is_named() {
    let breaching = replaced(
        StackId::Controller,
        "      TreatMissingData: missing\n",
        "      TreatMissingData: breaching\n",
    );
    names(&breaching, "latch-alarm", "Resources.LatchAlarm.Properties.TreatMissingData");
}

#[test]
fn a_proof_of_egress_inside_the_site_is_named() {
    for region in ["us-west-2", "us-east-2", "us-east-1"] {
        names(&egress(region), "egress-region", "Parameters.EgressUrl");
    }
    assert_eq!(check(&egress("us-west-1")), []);
    let mut site = Site::minimal("");
    site.config.regions.standby = Region::parse("eu-west-1").expect("a region");
    names(&site, "egress-region", "Parameters.EgressUrl");
}

#[test]
fn what_the_site_file_says_is_shown_in_the_site_file() {
    let text =
        "name = \"shop\"\n\n[controller]\negress_url = \"https://sts.us-east-2.amazonaws.com/\"\n";
    let findings = check_with(&egress("us-east-2"), Some(&SiteFile::new("pilotlight.toml", text)));
    let [finding] = findings.as_slice() else { panic!("{findings:#?}") };
    assert_eq!(finding.file, "pilotlight.toml");
    let excerpt = finding.excerpt.as_ref().expect("a line");
    assert_eq!((excerpt.line, excerpt.column), (4, 14));
}

#[test]
fn what_a_change_replaces_is_derived_from_the_templates() {
    let found = replacements(&Site::minimal(""));
    let replaces = |template: &str, parameter: &str, resource: &str| {
        found.iter().any(|one| {
            let named = one.resources.iter().any(|name| name == resource);
            one.template == template && one.parameter == parameter && named
        })
    };
    assert!(replaces("detector", "HealthProtocol", "PrimaryCheck"));
    assert!(replaces("detector", "HealthIntervalSeconds", "PrimaryCheck"));
    assert!(replaces("detector", "Hostname", "PrimaryRecord"));
    assert!(replaces("network", "VpcCidr", "Vpc"));
    assert!(replaces("web", "InstancePort", "TargetGroup"));
    let rolled = |one: &&Replacement| one.parameter == "InstanceType";
    assert!(found.iter().filter(rolled).all(|one| one.resources.is_empty()), "{found:#?}");
    assert!(!found.iter().any(|one| one.parameter == "VpcId"), "an output is nobody's setting");
}
