//! Each rule names the mistake that it is there for.

use infra_lib::check::{Finding, check};
use infra_lib::model::{Site, StackId};

use super::sample::{site, site_with};

/// A site in which one template was changed.
fn changed(stack: StackId, change: impl FnOnce(&str) -> String) -> Site {
    let mut site = site();
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
    let findings = check(&site());
    assert!(findings.is_empty(), "{findings:#?}");
}

#[test]
fn a_template_that_is_not_yaml_is_named() {
    names(&changed(StackId::WebPrimary, |_| "a: [".to_owned()), "template-syntax", "web.yaml");
    names(
        &changed(StackId::WebPrimary, |_| "Outputs: {}".to_owned()),
        "template-syntax",
        "web.yaml",
    );
}

#[test]
fn a_template_that_is_too_large_is_named() {
    let large = |body: &str| format!("{body}\n# {}", "x".repeat(60_000));
    names(&changed(StackId::Detector, large), "template-size", "detector.yaml");
}

#[test]
fn references_to_nothing_are_named() {
    let reference = |body: &str| body.replace("VpcId: !Ref VpcId", "VpcId: !Ref Vpc");
    names(&changed(StackId::WebPrimary, reference), "template-reference", ".VpcId");
    let attribute =
        |body: &str| body.replace("!GetAtt LoadBalancer.DNSName", "!GetAtt Balancer.DNSName");
    names(
        &changed(StackId::WebPrimary, attribute),
        "template-reference",
        "Outputs.LoadBalancerDnsName",
    );
    let substitution = |body: &str| body.replace("${SiteName}-${Role}", "${SiteName}-${Roll}");
    names(
        &changed(StackId::WebPrimary, substitution),
        "template-reference",
        "Resources.LoadBalancer",
    );
    let condition = |body: &str| body.replace("!If [IsPrimary,", "!If [IsFirst,");
    names(&changed(StackId::WebPrimary, condition), "template-reference", "Resources.Group");
    let order = |body: &str| body.replace("DependsOn: Listener", "DependsOn: Listeners");
    names(&changed(StackId::WebPrimary, order), "template-reference", "Resources.Group.DependsOn");
}

#[test]
fn parameters_and_outputs_that_do_not_meet_are_named() {
    let renamed = |body: &str| body.replace("Role", "Part");
    names(&changed(StackId::WebPrimary, renamed), "parameter-unknown", "Parameters.Role");
    names(&changed(StackId::WebPrimary, renamed), "parameter-missing", "Parameters.Part");
    let unnamed = |body: &str| body.replace("  GroupName:\n", "  AutoScalingGroup:\n");
    names(&changed(StackId::WebStandby, unnamed), "output-missing", "Outputs.GroupName");
    let fewer = |body: &str| body.replace("AllowedValues: [10, 30]", "AllowedValues: [30]");
    names(
        &changed(StackId::Detector, fewer),
        "parameter-value",
        "Parameters.HealthIntervalSeconds",
    );
}

#[test]
fn settings_of_the_policy_that_the_controller_lacks_are_named() {
    let unknown = |body: &str| body.replace("HoldDown", "HoldUp");
    names(&changed(StackId::Controller, unknown), "setting-parameter", "Parameters.HoldDown");
    names(
        &replaced(StackId::Controller, "Default: 30m", "Default: 31m"),
        "setting-default",
        "Parameters.HoldDown",
    );
    names(
        &replaced(StackId::Detector, "Default: \"on\"", "Default: \"off\""),
        "setting-default",
        "Parameters.Latch",
    );
    let unset = |body: &str| body.replace("PILOTLIGHT_HOLD_DOWN", "PILOTLIGHT_HOLD");
    names(&changed(StackId::Controller, unset), "setting-variable", "Environment.Variables");
}

#[test]
fn a_security_group_by_name_is_named() {
    let by_name =
        |body: &str| body.replace("        SecurityGroupIds:\n", "        SecurityGroups:\n");
    names(
        &changed(StackId::WebPrimary, by_name),
        "security-group-by-name",
        "LaunchTemplateData.SecurityGroups",
    );
    let by_attribute = |body: &str| {
        body.replace(
            "!GetAtt InstanceSecurityGroup.GroupId",
            "!GetAtt InstanceSecurityGroup.GroupName",
        )
    };
    names(
        &changed(StackId::WebPrimary, by_attribute),
        "security-group-by-name",
        "SecurityGroupIds[0]",
    );
}

#[test]
fn an_interface_without_groups_is_named() {
    let interface = |body: &str| {
        body.replace(
            "        MetadataOptions:\n",
            "        NetworkInterfaces:\n          - DeviceIndex: 0\n        MetadataOptions:\n",
        )
    };
    names(
        &changed(StackId::WebStandby, interface),
        "interface-without-groups",
        "NetworkInterfaces[0]",
    );
}

#[test]
fn a_desired_capacity_is_named() {
    let site = replaced(
        StackId::WebStandby,
        "      MinSize: !Ref MinSize\n",
        "      MinSize: !Ref MinSize\n      DesiredCapacity: !Ref MinSize\n",
    );
    names(&site, "desired-capacity", "DesiredCapacity");
}

#[test]
fn no_grace_period_is_named() {
    let zero = replaced(
        StackId::WebPrimary,
        "HealthCheckGracePeriod: !Ref HealthCheckGraceSeconds",
        "HealthCheckGracePeriod: 0",
    );
    names(&zero, "grace-period", "HealthCheckGracePeriod");
    let none = replaced(
        StackId::WebPrimary,
        "      HealthCheckGracePeriod: !Ref HealthCheckGraceSeconds\n",
        "",
    );
    names(&none, "grace-period", "HealthCheckGracePeriod");
}

#[test]
fn a_warm_pool_without_a_hook_is_named() {
    let pool = "Resources:\n  Pool:\n    Type: AWS::AutoScaling::WarmPool\n    Properties: {}\n";
    let site =
        changed(StackId::WebStandby, |body| body.replace("\nResources:\n", &format!("\n{pool}")));
    names(&site, "warm-pool-without-hook", "Resources.Pool");
}

#[test]
fn an_alarm_on_route_53_in_another_region_is_named() {
    let mut site = site();
    let detector =
        site.stacks.iter_mut().find(|stack| stack.id == StackId::Detector).expect("a detector");
    detector.region = super::sample::region("us-east-2");
    names(&site, "alarm-region", "Resources.FailoverAlarm");
}

#[test]
fn missing_data_that_looks_like_health_is_named() {
    let site = replaced(StackId::Detector, "TreatMissingData: missing", "TreatMissingData: ignore");
    names(&site, "missing-data", "Resources.FailoverAlarm.Properties.TreatMissingData");
}

#[test]
fn an_alarm_on_a_fixed_id_is_named() {
    let site = replaced(
        StackId::Detector,
        "          Value: !If [CreatesPrimaryCheck, !Ref PrimaryCheck, !Ref PrimaryHealthCheckId]\n",
        "          Value: abcdef11-2222-3333-4444-555555fedcba\n",
    );
    names(&site, "alarm-dimension", "Resources.FailoverAlarm");
}

#[test]
fn a_failover_record_that_does_not_tell_its_health_is_named() {
    let checkless = |body: &str| {
        body.replace("      HealthCheckId: !If [CreatesStandbyCheck, !Ref StandbyCheck, !Ref StandbyHealthCheckId]\n", "")
    };
    names(&changed(StackId::Detector, checkless), "record-health-check", "Resources.StandbyRecord");
    let blind =
        replaced(StackId::Detector, "EvaluateTargetHealth: true", "EvaluateTargetHealth: false");
    names(&blind, "record-target-health", "Resources.StandbyRecord");
}

#[test]
fn a_health_check_of_the_failover_name_is_named() {
    let site = replaced(
        StackId::Detector,
        "FullyQualifiedDomainName: !Ref PrimaryEndpoint",
        "FullyQualifiedDomainName: !Ref Hostname",
    );
    names(&site, "check-of-failover-name", "Resources.PrimaryCheck");
}

#[test]
fn a_gate_that_does_not_need_all_its_checks_is_named() {
    for threshold in ["0", "1", "3"] {
        let site = replaced(
            StackId::Detector,
            "HealthThreshold: 2",
            &format!("HealthThreshold: {threshold}"),
        );
        names(&site, "gate-threshold", "Resources.GateCheck");
    }
}

#[test]
fn an_alarm_on_the_gate_is_named() {
    let site = replaced(
        StackId::Detector,
        "          Value: !If [CreatesPrimaryCheck, !Ref PrimaryCheck, !Ref PrimaryHealthCheckId]\n",
        "          Value: !If [CreatesGate, !Ref GateCheck, !Ref PrimaryHealthCheckId]\n",
    );
    names(&site, "alarm-on-gate", "Resources.FailoverAlarm.Properties.Dimensions");
}

#[test]
fn a_record_that_does_not_follow_the_alarms_check_is_named() {
    let elsewhere = replaced(
        StackId::Detector,
        "          - !If [CreatesPrimaryCheck, !Ref PrimaryCheck, !Ref PrimaryHealthCheckId]\n          - !Ref LatchCheck",
        "          - !Ref StandbyCheck\n          - !Ref LatchCheck",
    );
    names(&elsewhere, "record-without-alarm", "Resources.PrimaryRecord");
    let alone =
        replaced(StackId::Detector, "        - !Ref GateCheck\n", "        - !Ref LatchCheck\n");
    names(&alone, "record-without-alarm", "Resources.PrimaryRecord");
}

#[test]
fn a_latch_that_silence_moves_is_named() {
    for status in ["Healthy", "Unhealthy"] {
        let site = replaced(StackId::Detector, "LastKnownStatus", status);
        names(&site, "gate-missing-data", "Resources.LatchCheck");
    }
    let breaching = replaced(
        StackId::Controller,
        "      TreatMissingData: missing\n",
        "      TreatMissingData: breaching\n",
    );
    names(&breaching, "latch-alarm", "Resources.LatchAlarm.Properties.TreatMissingData");
    let slow = replaced(
        StackId::Controller,
        "Statistic: Maximum\n      Period: 60\n      EvaluationPeriods: 1\n      DatapointsToAlarm: 1\n",
        "Statistic: Average\n      Period: 300\n      EvaluationPeriods: 3\n",
    );
    for property in ["Statistic", "Period", "EvaluationPeriods"] {
        names(&slow, "latch-alarm", &format!("Resources.LatchAlarm.Properties.{property}"));
    }
}

#[test]
fn a_proof_of_egress_inside_the_site_is_named() {
    let url = |region: &str| {
        site_with(&format!("[controller]\negress_url = \"https://sts.{region}.amazonaws.com/\"\n"))
    };
    for region in ["us-west-2", "us-east-2", "us-east-1"] {
        names(&url(region), "egress-region", "Parameters.EgressUrl");
    }
    assert_eq!(check(&url("us-west-1")), []);
    let mut site = site();
    site.config.regions.standby = super::sample::region("eu-west-1");
    names(&site, "egress-region", "Parameters.EgressUrl");
}
