//! What a deploy would send, as files.

use infra_lib::model::{Site, StackId};
use infra_lib::names::ParameterName;
use infra_lib::{graph, render};

use super::sample::{site, site_with};

/// Everything but the templates' own text, which is in the repository.
fn parameters(site: &Site) -> String {
    let rendered = render::render(site);
    let mut text = String::new();
    for (name, content) in rendered.iter().filter(|(name, _)| !name.contains(".yaml")) {
        text.extend(["# ", name, "\n", content, "\n"]);
    }
    text
}

#[test]
fn a_site_renders_to_its_golden_files() {
    insta::assert_snapshot!(parameters(&site()));
}

#[test]
fn without_the_latch_nothing_of_it_is_asked_of_the_controller() {
    let site = site_with("[failover]\nlatch = \"off\"\n");
    for stack in [StackId::Controller, StackId::Detector] {
        assert_eq!(given(&site, stack, "Latch"), "off", "{stack}");
    }
    assert_eq!(given(&site, StackId::Detector, "LatchAlarmName"), "");
}

#[test]
fn a_floor_that_follows_the_peak_starts_where_a_raise_would() {
    let site = site_with("[failover]\nfloor = \"match\"\npeak_hint = 3\nmatch_percent = 150\n");
    assert_eq!(given(&site, StackId::WebStandby, "MinSize"), "5");
    assert_eq!(given(&site, StackId::Controller, "Floor"), "match");
}

/// The text that a stack is given.
fn given(site: &Site, stack: StackId, parameter: &str) -> String {
    site.stack(stack).parameters[&ParameterName::new(parameter)].to_string()
}

#[test]
fn the_same_site_renders_to_the_same_bytes() {
    assert_eq!(render::render(&site()), render::render(&site()));
}

#[test]
fn the_templates_are_rendered_as_they_are() {
    let site = site();
    let rendered = render::render(&site);
    assert_eq!(rendered["web-standby.yaml"], site.stack(StackId::WebStandby).template.body);
}

#[test]
fn a_standby_beside_the_detector_has_stacks_of_its_own() {
    let site = site_with("").config;
    let site = Site::new(infra_lib::config::Config {
        regions: infra_lib::config::Regions {
            primary: site.regions.primary.clone(),
            standby: super::sample::region("us-east-1"),
        },
        ..site
    });
    let mut names: Vec<_> = site.stacks.iter().map(|stack| (&stack.region, &stack.name)).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), site.stacks.len());
}

#[test]
fn a_wave_needs_only_what_earlier_ones_answer() {
    let site = site();
    let waves = graph::waves(&site);
    let waves: Vec<Vec<_>> =
        waves.iter().map(|wave| wave.iter().map(|stack| stack.id.as_str()).collect()).collect();
    assert_eq!(
        waves,
        [
            vec!["artifacts"],
            vec!["network-primary", "network-standby"],
            vec!["web-primary", "web-standby"],
            vec!["controller"],
            vec!["detector"],
        ]
    );
}
