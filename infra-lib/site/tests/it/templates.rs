//! What the templates promise for the day of an outage, read from their text.

#![expect(clippy::panic, reason = "helpers of tests fail by panicking")]

use std::fs::File;
use std::io::Read as _;

use package::{Beside, pack};
use serde_norway::Value;
use site::config::{Config, MINIMAL};
use site::model::{Site, Source, StackId, without_comments};
use site::names::ParameterName;
use zip::ZipArchive;

use super::sample::site;

/// The template of a stack.
fn template(id: StackId) -> Value {
    let site = site();
    let stack = site.stacks.iter().find(|stack| stack.id == id).expect("the site has the stack");
    serde_norway::from_str(&stack.template.body).expect("the template is YAML")
}

fn properties(id: StackId, resource: &str) -> Value {
    template(id)["Resources"][resource]["Properties"].clone()
}

/// The logical names that a list refers to, whatever the condition.
fn references(list: &Value) -> Vec<String> {
    let names = |one: &Value| {
        let Value::Tagged(tagged) = one else { return Vec::new() };
        match (&*tagged.tag.to_string(), &tagged.value) {
            ("!Ref", Value::String(name)) => vec![name.clone()],
            ("!If", Value::Sequence(parts)) => references(&Value::Sequence(parts[1..].to_vec())),
            _ => Vec::new(),
        }
    };
    let list = list.as_sequence().expect("a list").iter();
    list.flat_map(|one| {
        let names = names(one);
        assert!(!names.is_empty(), "a reference");
        names
    })
    .collect()
}

/// A value as CloudFormation would make it: conditions by `holds`, references and what `!Sub` names as they are written.
fn evaluated(value: &Value, holds: &dyn Fn(&str) -> bool) -> String {
    let Value::Tagged(tagged) = value else { return value.as_str().expect("a text").to_owned() };
    let parts = tagged.value.as_sequence();
    match (tagged.tag.to_string().as_str(), parts.map(Vec::as_slice)) {
        ("!If", Some([condition, then, otherwise])) => {
            let condition = condition.as_str().expect("a condition's name");
            evaluated(if holds(condition) { then } else { otherwise }, holds)
        }
        ("!Join", Some([delimiter, list])) => {
            let list = list.as_sequence().expect("a list").iter();
            let list: Vec<_> = list.map(|one| evaluated(one, holds)).collect();
            list.join(delimiter.as_str().expect("a delimiter"))
        }
        ("!Ref" | "!Sub", None) => tagged.value.as_str().expect("a text").to_owned(),
        (tag, _) => panic!("nobody evaluates {tag} here"),
    }
}

/// Goal: the function, which is deployed before the health checks exist, learns of each from the alarm's description. Method:
/// the description under each choice of checks.
#[test]
fn the_failover_alarm_names_every_check_of_the_site() {
    let description = &properties(StackId::Detector, "FailoverAlarm")["AlarmDescription"];
    let named = |conditions: &[&str]| {
        let text = evaluated(description, &|condition| conditions.contains(&condition));
        let (_, ids) = text.split_once("Health checks:").expect("the function looks for it");
        ids.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let all = ["FailsOver", "CreatesPrimaryCheck", "HasLatch", "CreatesGate", "HasStandbyCheck"];
    assert_eq!(named(&all), ["PrimaryCheck", "GateCheck", "LatchCheck", "StandbyEndpointCheck"]);
    let brought = ["FailsOver", "HasLatch", "HasStandbyCheck", "BringsStandbyCheck"];
    let ids = ["PrimaryHealthCheckId", "GateHealthCheckId", "StandbyHealthCheckId"];
    assert_eq!(named(&brought), ids);
    assert_eq!(named(&["CreatesPrimaryCheck"]), ["PrimaryCheck"]);
}

/// Goal: a site whose certificate is of an authority of its own can be probed. Method: the site file's roots are in the zip
/// under the path that the function is given, the same roots always make the same zip, and others another.
#[test]
fn the_roots_of_the_site_file_reach_the_function() {
    let folder = tempfile::tempdir().expect("a folder");
    let (program, zip) = (folder.path().join("failover"), folder.path().join("failover.zip"));
    std::fs::write(&program, "a program").expect("it can be written");
    let roots = include_str!("../roots.pem");
    std::fs::write(folder.path().join("roots.pem"), roots).expect("it can be written");
    let text = format!("{MINIMAL}\n[tls]\nca_bundle = \"roots.pem\"\n");
    let file = folder.path().join("pilotlight.toml").display().to_string();
    let site = Site::new(Config::from_toml(&text, &file).expect("valid"));
    let parameter = |site: &Site| {
        let controller = site.stacks.iter().find(|stack| stack.id == StackId::Controller);
        controller.expect("it is there").parameters.get(&ParameterName::new("CaBundle")).cloned()
    };
    assert_eq!(parameter(&site), Some(Source::literal("on")));
    assert_eq!(parameter(&self::site()), None, "the template's default is off");

    let packed = |beside| pack(&program, beside, &zip).expect("it is packed").hash;
    let with = packed(Beside::of(&site.config));
    let mut archive = ZipArchive::new(File::open(&zip).expect("it is there")).expect("a zip");
    let mut found = String::new();
    let mut entry = archive.by_name("ca-bundle.pem").expect("the roots are in it");
    entry.read_to_string(&mut found).expect("a text");
    assert_eq!(found, roots);
    assert_eq!(packed(Beside::of(&site.config)), with);
    assert_ne!(packed(Beside::default()), with);

    let variables = &properties(StackId::Controller, "Controller")["Environment"]["Variables"];
    let path =
        evaluated(&variables["PILOTLIGHT_CA_BUNDLE"], &|condition| condition == "HasCaBundle");
    assert_eq!(path, "/var/task/ca-bundle.pem");
}

/// Goal: the function knows how many receivers the site file asks for. Method: a mark for each, however many there are.
#[test]
fn the_function_is_told_how_many_receivers_were_asked_for() {
    let variables = &properties(StackId::Controller, "Controller")["Environment"]["Variables"];
    let all = [
        "HasNoticeEmail",
        "HasNoticeEmail2",
        "HasNoticeEmail3",
        "HasNoticeWebhook",
        "HasNoticeWebhook2",
    ];
    for (asked, marks) in ["", "1", "11", "111", "1111", "11111"].into_iter().enumerate() {
        let holds = |condition: &str| all[..asked].contains(&condition);
        assert_eq!(evaluated(&variables["PILOTLIGHT_RECEIVERS"], &holds), marks);
    }
}

/// Goal: with a controller that is frozen or gone, people still hear that the primary is down, and that it is back, whatever the
/// routing. Method: the actions of the failover alarm.
#[test]
fn an_outage_under_a_frozen_controller_is_mailed_all_the_same() {
    let alarm = properties(StackId::Detector, "FailoverAlarm");
    for actions in ["AlarmActions", "OKActions", "InsufficientDataActions"] {
        let told = references(&alarm[actions]);
        assert_eq!(told, ["FailoverTopic", "AlertsTopic", "NoticeTopicArn"], "{actions}");
    }
    // CloudWatch takes no longer one; the host name is up to 253 characters of it.
    // Four ids of a health check are 36 characters each.
    for fails_over in [true, false] {
        let holds = |condition: &str| condition != "FailsOver" || fails_over;
        let text = evaluated(&alarm["AlarmDescription"], &holds);
        assert!(text.len() + 253 + 4 * 36 <= 1024, "{text}");
        assert!(text.starts_with("ALARM: ") && text.contains(" OK: "), "{text}");
    }
}

/// Goal: a step that AWS refuses for a quarter of an hour is told by mail, not only logged. Method: the alarm on the metric of
/// failed steps, and its namespace and dimension, which are the function's.
#[test]
fn a_refused_step_is_told_after_a_quarter_of_an_hour() {
    let alarm = properties(StackId::Controller, "FailedStepsAlarm");
    assert_eq!(
        (&alarm["Namespace"], &alarm["MetricName"]),
        (&"Pilotlight".into(), &"FailedSteps".into())
    );
    let number = |key: &str| alarm[key].as_u64().expect("a number");
    assert_eq!(number("Period") * number("EvaluationPeriods"), 15 * 60);
    assert_eq!(number("DatapointsToAlarm"), number("EvaluationPeriods"));
    assert_eq!(references(&alarm["AlarmActions"]), ["NoticeTopic", "NoticeTopicArn"]);
}

/// Goal: the metrics of all sites share a namespace, and a value that another writes beside the controller's opens nothing.
/// Method: the alarm takes the maximum, and 1 is closed, so that the controller's 1 outweighs any 0 of its minute; its period
/// is the tick's.
#[test]
fn a_strangers_zero_does_not_open_the_latch() {
    let alarm = properties(StackId::Controller, "LatchAlarm");
    assert_eq!(alarm["Statistic"], "Maximum");
    assert_eq!(alarm["ComparisonOperator"], "GreaterThanOrEqualToThreshold");
    assert_eq!((alarm["Threshold"].as_u64(), alarm["Period"].as_u64()), (Some(1), Some(60)));
}

/// Goal: the first server that gets all the users is not ended before its successor serves. Method: the group's policy, within
/// AWS's limits: both percentages, at most 100 apart.
#[test]
fn an_unhealthy_server_is_ended_after_its_successor_serves() {
    let group = properties(StackId::WebStandby, "Group");
    let policy = &group["InstanceMaintenancePolicy"];
    let percent = |key: &str| policy[key].as_u64().expect("a percentage");
    assert_eq!(percent("MinHealthyPercentage"), 100);
    assert!((101..=200).contains(&percent("MaxHealthyPercentage")));
}

/// Goal: after an update no server of the version before serves, not even one that was stopped in the pool, and no new one that
/// does not get healthy takes an old one's place. Method: the update policy, of which a group may have one; the pool's sizes.
#[test]
fn an_update_replaces_the_warm_pool_and_waits_for_health() {
    let group = &template(StackId::WebStandby)["Resources"]["Group"];
    let policy = group["UpdatePolicy"].as_mapping().expect("a policy");
    let names: Vec<_> = policy.keys().filter_map(Value::as_str).collect();
    assert_eq!(names, ["AutoScalingInstanceRefresh", "AutoScalingScheduledAction"]);
    let preferences = &policy["AutoScalingInstanceRefresh"]["Preferences"];
    assert_eq!(preferences["MinHealthyPercentage"].as_u64(), Some(100));
    assert!(preferences["SkipMatching"].is_null(), "what is of this version already stays");
    let pool = properties(StackId::WebStandby, "WarmPool");
    assert_eq!(pool["MinSize"].as_u64(), Some(0), "nothing fills it while its servers serve");
}

/// Goal: the limit of a request is seen long before a deploy meets it, and what is sent means what was checked. Method: each body
/// without comments, against nine tenths of the limit; both texts read.
#[test]
fn what_is_sent_is_the_template_and_has_room() {
    const LIMIT: usize = 51_200;
    let everything = format!("{}/../../sites/everything.toml", env!("CARGO_MANIFEST_DIR"));
    let site = Site::new(Config::load(everything.as_ref()).expect("a valid site file"));
    assert!(site.off.is_empty(), "every template is looked at");
    for stack in &site.stacks {
        let (body, sent) = (&stack.template.body, without_comments(&stack.template.body));
        assert!(sent.len() <= LIMIT / 10 * 9, "{}: {} bytes of {LIMIT}", stack.id, sent.len());
        let [ours, theirs]: [Value; 2] =
            [body, sent.as_str()].map(|text| serde_norway::from_str(text).expect("it is YAML"));
        assert_eq!(ours, theirs, "{}", stack.id);
    }
}

/// Goal: what the site file says of the `Host` header is what Route 53 sends. Method: the name that each check asks for.
#[test]
fn checks_ask_by_the_load_balancer_s_own_name() {
    let both = [("PrimaryCheck", "PrimaryEndpoint"), ("StandbyEndpointCheck", "StandbyEndpoint")];
    for (check, endpoint) in both {
        let config = &properties(StackId::Detector, check)["HealthCheckConfig"];
        assert_eq!(evaluated(&config["FullyQualifiedDomainName"], &|_| true), endpoint);
    }
}

/// Goal: whoever publishes to a topic of the site does it over TLS. Method: the policy of each topic.
#[test]
fn no_topic_takes_what_is_not_encrypted_on_its_way() {
    let topics = [
        (StackId::Detector, "FailoverTopicPolicy"),
        (StackId::Detector, "AlertsTopicPolicy"),
        (StackId::Controller, "NoticeTopicPolicy"),
    ];
    for (stack, policy) in topics {
        let statements = &properties(stack, policy)["PolicyDocument"]["Statement"];
        let denies = |one: &Value| {
            one["Effect"] == "Deny"
                && one["Principal"] == "*"
                && one["Action"] == "sns:Publish"
                && one["Condition"]["Bool"]["aws:SecureTransport"] == "false"
        };
        assert!(statements.as_sequence().expect("a list").iter().any(denies), "{policy}");
    }
}

/// Goal: no value that a parameter takes fails half-way in an update. Method: the longest time to boot, which an instance refresh
/// still waits for; texts that AWS cuts or refuses.
#[test]
fn what_a_parameter_takes_is_what_aws_takes() {
    let grace = &template(StackId::WebStandby)["Parameters"]["HealthCheckGraceSeconds"];
    assert_eq!(grace["MaxValue"].as_u64(), Some(3600));
    let latch = properties(StackId::Controller, "LatchAlarm");
    assert!(latch["DatapointsToAlarm"].is_null(), "Route 53 follows no \"M out of N\"");
    let edge: Value = serde_norway::from_str(include_str!("../../../../templates/edge.yaml"))
        .expect("it is YAML");
    let comment = &edge["Resources"]["Distribution"]["Properties"]["DistributionConfig"]["Comment"];
    assert_eq!(evaluated(comment, &|_| true), "SiteName", "a host name may be longer than 128");
}

/// Goal: CloudFront takes the distribution, which it refuses if an origin group stands where POST is allowed, and a write is
/// never asked twice. Method: the behavior of the group, and the one that everything else falls to.
#[test]
fn the_edge_asks_twice_for_reads_alone() {
    let edge: Value = serde_norway::from_str(include_str!("../../../../templates/edge.yaml"))
        .expect("it is YAML");
    let config = &edge["Resources"]["Distribution"]["Properties"]["DistributionConfig"];
    let then = |key: &str| {
        let Value::Tagged(tagged) = &config[key] else { panic!("`{key}` depends on FailoverPath") };
        tagged.value[1].clone()
    };
    let (group, behavior) = (&then("OriginGroups")["Items"][0], &then("CacheBehaviors")[0]);
    assert_eq!(behavior["TargetOriginId"], group["Id"]);
    let methods = serde_json::to_value(&behavior["AllowedMethods"]).expect("plain data");
    assert_eq!(methods, serde_json::json!(["GET", "HEAD", "OPTIONS"]));
    assert_eq!(config["DefaultCacheBehavior"]["TargetOriginId"], "site");
    let codes = serde_json::to_value(&group["FailoverCriteria"]["StatusCodes"]["Items"]);
    assert_eq!(
        codes.expect("plain data"),
        serde_json::json!([502, 503, 504]),
        "500 is the site's own"
    );
}
