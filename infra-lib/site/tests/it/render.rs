//! What a deploy would send, as files.

use site::model::{Site, StackId};
use site::names::ParameterName;
use site::{graph, render};

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

#[test]
fn both_regions_start_with_what_one_needs_to_carry_everything() {
    let site = site_with(
        "[failover]\nrouting = \"active-active\"\nfloor = \"match\"\npeak_hint = 3\ncapacity_max = 9\n",
    );
    for stack in [StackId::WebPrimary, StackId::WebStandby] {
        assert_eq!(given(&site, stack, "MinSize"), "3", "{stack}");
        assert_eq!(given(&site, stack, "MaxSize"), "9", "{stack}");
    }
    assert_eq!(given(&site, StackId::Detector, "Routing"), "active-active");
    assert_eq!(given(&site, StackId::Detector, "LatchAlarmName"), "");
}

#[test]
fn what_differs_between_the_regions_goes_to_its_own() {
    let arn = |region: &str| format!("arn:aws:acm:{region}:111122223333:certificate/1");
    let (west, east) = (arn("us-west-2"), arn("us-east-2"));
    let site = site_with(&format!(
        "[web]\nwarm_pool = 2\nprimary_ami = \"ami-0123456789abcdef0\"\nstandby_ami = \"ami-0fedcba9876543210\"\n\
         [tls]\ncertificate = \"own\"\nprimary_arn = \"{west}\"\nstandby_arn = \"{east}\"\n"
    ));
    let given = |stack| {
        ["PreparedCapacity", "AmiId", "CertificateArn"].map(|name| given(&site, stack, name))
    };
    assert_eq!(given(StackId::WebPrimary), ["0", "ami-0123456789abcdef0", west.as_str()]);
    assert_eq!(given(StackId::WebStandby), ["2", "ami-0fedcba9876543210", east.as_str()]);
}

/// Goal: a pool beside servers that always run holds what the site file says, and is not filled again while they serve an outage.
/// Method: what the group may have prepared at all, less what runs; nothing that holds the pool at a size.
#[test]
fn a_warm_pool_comes_on_top_of_the_floor() {
    for (floor, pool, prepared) in [(0, 2, "2"), (1, 2, "3"), (3, 0, "0")] {
        let site = site_with(&format!("[web]\nwarm_pool = {pool}\n[failover]\nfloor = {floor}\n"));
        assert_eq!(given(&site, StackId::WebStandby, "PreparedCapacity"), prepared);
        assert_eq!(given(&site, StackId::WebPrimary, "PreparedCapacity"), "0");
    }
}

#[test]
fn the_standby_alone_reserves_capacity_of_its_load_balancer() {
    let site = site_with("[web]\nstandby_lcus = 100\n");
    assert_eq!(given(&site, StackId::WebStandby, "ReservedLcus"), "100");
    assert_eq!(given(&site, StackId::WebPrimary, "ReservedLcus"), "0");
}

/// Goal: with CloudFront, users' name and the name that fails over are two, and nobody mixes them up.
#[test]
fn with_cloudfront_the_failover_records_have_a_name_of_their_own() {
    let site = site_with("[tls]\ncertificate = \"managed\"\n[edge]\ncloudfront = \"on\"\n");
    let (name, origin) = ("shop.example.com", "origin.shop.example.com");
    for (stack, parameter, expected) in [
        (StackId::Detector, "Hostname", origin),
        (StackId::Controller, "Hostname", origin),
        (StackId::Controller, "ProbeUrl", "https://origin.shop.example.com:443/health"),
        (StackId::WebPrimary, "Hostname", name),
        (StackId::WebStandby, "OriginHostname", origin),
        (StackId::Edge, "Hostname", name),
        (StackId::Edge, "OriginHostname", origin),
        (StackId::Edge, "OriginPort", "443"),
        (StackId::Detector, "HealthProtocol", "HTTPS"),
    ] {
        assert_eq!(given(&site, stack, parameter), expected, "{stack} {parameter}");
    }
}

/// Goal: reads of some paths go on at the standby by its own name; without such paths the edge waits for no load balancer.
#[test]
fn the_edge_learns_of_the_standby_only_if_it_fails_over_by_itself() {
    let edge = "[tls]\ncertificate = \"managed\"\n[edge]\ncloudfront = \"on\"\n";
    let source = |more: &str| {
        let site = site_with(&format!("{edge}{more}"));
        let parameters = &site.stack(StackId::Edge).parameters;
        let of = |name: &str| {
            let found = parameters.iter().find(|(key, _)| key.as_str() == name);
            format!("{:?}", found.expect("the template has it").1)
        };
        [of("FailoverPath"), of("StandbyEndpoint")]
    };
    let [path, standby] = source("");
    assert_eq!((path.as_str(), standby.as_str()), ("Literal(\"\")", "Literal(\"\")"));
    let [path, standby] = source("failover_path = \"/static/*\"\n");
    assert_eq!(path, "Literal(\"/static/*\")");
    assert!(standby.contains("WebStandby") && standby.contains("LoadBalancerDnsName"), "{standby}");
}

#[test]
fn a_firewall_stands_in_one_place() {
    let placed = |more: &str, placement: &str| {
        let site = site_with(&format!("[waf]\nplacement = \"{placement}\"\n{more}"));
        let edge = site.has(StackId::Edge).then(|| given(&site, StackId::Edge, "Waf"));
        (given(&site, StackId::WebPrimary, "Waf"), edge)
    };
    let cloudfront = "[tls]\ncertificate = \"managed\"\n[edge]\ncloudfront = \"on\"\n";
    let pair = |web: &str, edge: Option<&str>| (web.to_owned(), edge.map(ToOwned::to_owned));
    assert_eq!(placed("", "none"), pair("off", None));
    assert_eq!(placed("", "regional"), pair("on", None));
    assert_eq!(placed(cloudfront, "regional"), pair("on", Some("off")));
    assert_eq!(placed(cloudfront, "edge"), pair("off", Some("on")));
}

#[test]
fn an_option_that_is_off_has_a_place_and_no_stack() {
    let site = site();
    for id in [StackId::Edge, StackId::Dashboard] {
        assert!(!site.has(id));
        assert_eq!(site.stack(id).id, id);
        assert_eq!(given(&site, id, "SiteName"), "shop");
    }
    assert!(!render::render(&site).contains_key("edge.yaml"));
    assert_eq!(site.stack(StackId::Edge).region.as_str(), "us-east-1");
    assert_eq!(site.stack(StackId::Dashboard).region.as_str(), "us-east-2");
}

/// Goal: no template lacks a parameter that it is given, and none that must be given is left out. Method: all named sites.
#[test]
fn the_named_sites_fit_the_templates() {
    for name in ["minimal", "tutorial", "private", "warm", "active-active", "everything"] {
        let path = format!("{}/../../sites/{name}.toml", env!("CARGO_MANIFEST_DIR"));
        let config = site::config::Config::load(path.as_ref()).expect("a valid site");
        for stack in &Site::new(config).stacks {
            let known = template_parameters(&stack.template.body);
            for parameter in stack.parameters.keys() {
                assert!(known.contains_key(parameter.as_str()), "{name}: {}.{parameter}", stack.id);
            }
            for (parameter, has_default) in known {
                let given = stack.parameters.contains_key(&ParameterName::new(&parameter));
                assert!(given || has_default, "{name}: {}.{parameter} is missing", stack.id);
            }
        }
    }
}

/// The parameters of a template, and whether each has a default.
fn template_parameters(body: &str) -> std::collections::BTreeMap<String, bool> {
    let template: serde_norway::Value = serde_norway::from_str(body).expect("a template is YAML");
    let parameters = template["Parameters"].as_mapping().expect("a template has parameters");
    let name = |value: &serde_norway::Value| value.as_str().expect("a name").to_owned();
    parameters.iter().map(|(key, value)| (name(key), value.get("Default").is_some())).collect()
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
    let site = Site::new(site::config::Config {
        regions: site::config::Regions {
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
    let site = site_with(
        "[tls]\ncertificate = \"managed\"\n[edge]\ncloudfront = \"on\"\n[operations]\ndashboard = \"on\"\n",
    );
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
            vec!["edge", "dashboard"],
        ]
    );
}

/// Goal: a folder holds one site, not what is left of two. Method: a render with both options over one without, beside files of
/// other people: one that nobody rendered, and one with a stack's name in a folder that was never rendered to.
#[test]
fn a_render_takes_its_own_stale_files_away_and_no_others() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("dashboard.yaml"), "mine").expect("it can be written");
    std::fs::write(path("notes.yaml"), "mine").expect("it can be written");
    let plain = render::render(&site());
    assert_eq!(render::write(&plain, folder.path()).expect("written"), [""; 0]);
    assert!(path("dashboard.yaml").exists(), "no render wrote it");
    let more = site_with("[operations]\ndashboard = \"on\"\n");
    render::write(&render::render(&more), folder.path()).expect("written");
    std::fs::remove_file(path("dashboard.parameters.json")).expect("it is there");
    let removed = render::write(&plain, folder.path()).expect("written");
    assert_eq!(removed, ["dashboard.yaml"]);
    let left = std::fs::read_dir(folder.path()).expect("a folder");
    assert_eq!(left.count(), plain.len() + 1, "the site and the notes");
    assert_eq!(std::fs::read_to_string(path("notes.yaml")).expect("text"), "mine");
}

/// Goal: a summary that somebody wrote cannot lead out of the folder.
#[test]
fn a_summary_with_other_names_removes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let own = folder.path().join("own");
    std::fs::create_dir(&own).expect("it can be made");
    let victim = folder.path().join("victim.yaml");
    std::fs::write(&victim, "mine").expect("it can be written");
    let summary = r#"{"stacks": [{"stack": "../victim"}, {"stack": "victim"}, 3]}"#;
    std::fs::write(own.join("site.json"), summary).expect("it can be written");
    assert_eq!(render::write(&render::render(&site()), &own).expect("written"), [""; 0]);
    assert!(victim.exists());
}
