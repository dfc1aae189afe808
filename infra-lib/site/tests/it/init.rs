//! The first site file, and the schema of any.

use std::collections::BTreeSet;
use std::path::PathBuf;

use failover_core::policy::SETTINGS;
use serde_json::{Value, json};
use site::config::{self, Config};
use site::init::{Answers, QUESTIONS};
use site::model::Site;

const EXAMPLE: &str = include_str!("../../../../pilotlight.example.toml");

fn answers(given: &[(&str, &str)]) -> Answers {
    let mut answers = Answers::default();
    for (flag, text) in given {
        let question = QUESTIONS.iter().find(|question| question.flag == *flag);
        answers.take(question.expect("a question"), text).expect("it fits");
    }
    answers
}

const LEAST: [(&str, &str); 3] =
    [("name", "blog"), ("hostname", "blog.example.org"), ("zone", "Z111")];

/// Goal: what `init` writes can be deployed as it is. Method: the least and the most that can be answered, read and checked.
#[test]
fn what_is_written_is_read_back_and_passes_every_check() {
    let most = [
        ("primary", "eu-west-1"),
        ("standby", "eu-central-1"),
        ("account", "111122223333"),
        ("email", "ops@example.org"),
        ("email", "boss@example.org"),
    ];
    let most: Vec<_> = LEAST.into_iter().chain(most).collect();
    for given in [LEAST.to_vec(), most] {
        let text = answers(&given).site_file().expect("the answers go together");
        let config = Config::from_toml(&text, "pilotlight.toml").expect("it is read");
        assert_eq!((config.name.as_str(), config.hostname.as_str()), ("blog", "blog.example.org"));
        let emails = given.iter().filter(|(flag, _)| *flag == "email").count();
        assert_eq!(config.notice_emails.len(), emails);
        assert_eq!(check::check(&Site::new(config)), []);
        assert!(!text.contains("Copy this"), "that is for readers of the example");
    }
}

/// Goal: the outside that proves that the controller reaches anything is in neither region. Method: pairs with the default's
/// region.
#[test]
fn the_outside_is_in_neither_region() {
    assert!(EXAMPLE.contains("dynamodb.eu-west-1."), "the default that the pairs are about");
    for (primary, standby) in [
        ("eu-west-1", "us-west-2"),
        ("eu-central-1", "eu-west-1"),
        ("us-west-2", "eu-west-1"),
        ("us-east-1", "eu-west-2"),
    ] {
        let sides = [("primary", primary), ("standby", standby)];
        let given: Vec<_> = LEAST.into_iter().chain(sides).collect();
        let text = answers(&given).site_file().expect("the answers go together");
        let config = Config::from_toml(&text, "pilotlight.toml").expect("it is read");
        let errors: Vec<_> =
            check::check(&Site::new(config)).into_iter().map(|found| found.rule).collect();
        assert!(!errors.contains(&"egress-region"), "{primary} and {standby}: {errors:?}");
    }
}

/// Goal: the meaning of the keys stands in one place. Method: the lines that differ from the example are the answers.
#[test]
fn nothing_but_the_answers_differs_from_the_example() {
    let text = answers(&LEAST).site_file().expect("the answers go together");
    let changed = text.lines().zip(EXAMPLE.lines()).filter(|(new, old)| new != old);
    let changed: Vec<_> = changed.map(|(new, _)| new.split(" = ").next().unwrap_or(new)).collect();
    let first =
        "# Everything that is commented out shows its default; what has none says \"no default\".";
    assert_eq!(changed, [first, "name", "hostname", "hosted_zone_id"]);
    assert_eq!(text.lines().count(), EXAMPLE.lines().count());
}

#[test]
fn answers_that_do_not_go_together_are_told() {
    let same = [("primary", "us-east-2")];
    let given: Vec<_> = LEAST.into_iter().chain(same).collect();
    let error = answers(&given).site_file().expect_err("the standby is the primary");
    assert_eq!(error.to_string(), "the standby is the same region as the primary");
    let error = QUESTIONS[2].fits("example.com").expect_err("a name");
    assert!(error.hint.contains("--dns-name example.com"), "{}", error.hint);
}

#[test]
fn what_must_be_said_is_known_to_be_missing() {
    let missing: Vec<_> = answers(&[("name", "blog")]).missing().map(|found| found.flag).collect();
    assert_eq!(missing, ["hostname", "zone"]);
    assert_eq!(answers(&LEAST).missing().count(), 0);
    assert!(answers(&[]).site_file().is_err(), "an empty answer is none");
}

/// Section and key of each line of the example that sets one, in use or commented out.
fn keys_of_the_example() -> BTreeSet<(String, String)> {
    let mut section = String::new();
    let mut keys = BTreeSet::new();
    for line in EXAMPLE.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            name.clone_into(&mut section);
        }
        let text = line.strip_prefix("# ").unwrap_or(line);
        if let Some((key, _)) = text.split_once(" = ")
            && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
        {
            keys.insert((section.clone(), key.to_owned()));
        }
    }
    keys
}

fn keys_of(schema: &Value) -> BTreeSet<(String, String)> {
    let properties = schema["properties"].as_object().expect("an object");
    let mut keys = BTreeSet::new();
    for (name, property) in properties {
        match property["properties"].as_object() {
            Some(inner) => keys.extend(inner.keys().map(|key| (name.clone(), key.clone()))),
            None => drop(keys.insert((String::new(), name.clone()))),
        }
    }
    keys
}

#[test]
fn the_schema_has_the_keys_of_the_example_and_no_others() {
    let schema = config::schema();
    assert_eq!(keys_of(&schema), keys_of_the_example());
    for setting in SETTINGS.iter().filter(|setting| setting.section() == "failover") {
        let key = &schema["properties"]["failover"]["properties"][setting.name];
        assert!(key["description"].is_string() && !key["default"].is_null(), "{}", setting.name);
    }
    assert_eq!(schema["required"], json!(["name", "hostname", "hosted_zone_id", "regions"]));
}

/// Goal: forms, ranges and words come from the reader. Method: one key of each kind, pinned.
#[test]
fn the_schema_knows_what_the_reader_takes() {
    let schema = config::schema();
    let of = |section: &str, key: &str| {
        let mut found = schema["properties"][section]["properties"][key].clone();
        found.as_object_mut().expect("a key").remove("description");
        found
    };
    assert_eq!(
        of("web", "root_volume_gib"),
        json!({"type": "integer", "minimum": 8, "maximum": 1024, "default": 8})
    );
    assert_eq!(
        of("network", "nat"),
        json!({"type": "string", "enum": ["none", "one", "per-zone"], "default": "none"})
    );
    assert_eq!(
        of("health", "interval"),
        json!({"type": "string", "minLength": 1, "default": "10s"})
    );
    assert_eq!(
        of("failover", "latch"),
        json!({"type": "string", "enum": ["on", "off"], "default": "on"})
    );
    assert_eq!(
        of("failover", "floor"),
        json!({"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "enum": ["match"]}], "default": 0})
    );
    let types = of("web", "more_instance_types");
    assert_eq!((&types["type"], &types["maxItems"]), (&json!("array"), &json!(2)));
    assert_eq!(of("controller", "log_retention_days")["enum"][0], 1);
    assert!(of("tls", "primary_arn").get("default").is_none(), "a key without a default has none");
}

/// Goal: no editor marks a good file. Method: every site of the project against the schema.
#[test]
fn the_sites_of_the_project_fit_the_schema() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = std::fs::read_dir(root.join("sites")).expect("the folder of sites");
    let files = folder.map(|entry| entry.expect("an entry").path());
    let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "toml"));
    let texts = files.map(|path| std::fs::read_to_string(path).expect("a site"));
    let mut texts: Vec<_> = texts.collect();
    assert!(!texts.is_empty(), "there are sites to begin with");
    texts.push(EXAMPLE.to_owned());
    texts.push(config::MINIMAL.to_owned());
    let schema = config::schema();
    for text in texts {
        let value: toml::Table = toml::from_str(&text).expect("TOML");
        let value = serde_json::to_value(value).expect("JSON");
        assert_eq!(misfit(&schema, &value), None, "{text}");
    }
}

#[test]
fn what_the_reader_refuses_does_not_fit_the_schema() {
    let schema = config::schema();
    let with = |more: &str| {
        let text = format!("{}{more}", config::MINIMAL);
        let value: toml::Table = toml::from_str(&text).expect("TOML");
        misfit(&schema, &serde_json::to_value(value).expect("JSON"))
    };
    for bad in [
        "[network]\nzones = 4",
        "[network]\nnat = \"two\"",
        "[web]\nroot_volume_gib = \"8\"",
        "[web]\nmore_instance_types = [\"a.b\", \"a.c\", \"a.d\"]",
        "[tls]\ncertificat = \"own\"",
        "[regins]\nprimary = \"x\"",
    ] {
        assert!(with(bad).is_some(), "{bad}");
    }
}

/// What of a value does not fit a schema: the keywords that ours uses, each as the standard has it.
fn misfit(schema: &Value, value: &Value) -> Option<String> {
    if let Some(any) = schema["anyOf"].as_array() {
        let fits = any.iter().any(|schema| misfit(schema, value).is_none());
        return (!fits).then(|| format!("{value} fits nothing of {schema}"));
    }
    let kind = match value {
        Value::Object(_) => "object",
        Value::Array(_) => "array",
        Value::String(_) => "string",
        Value::Number(_) => "integer",
        Value::Bool(_) | Value::Null => "nothing",
    };
    if schema["type"] != kind {
        return Some(format!("{value} is no {}", schema["type"]));
    }
    if schema["enum"].as_array().is_some_and(|words| !words.contains(value)) {
        return Some(format!("{value} is none of {}", schema["enum"]));
    }
    let number = value.as_i64();
    let low = schema["minimum"].as_i64().zip(number).is_some_and(|(low, number)| number < low);
    let high = schema["maximum"].as_i64().zip(number).is_some_and(|(high, number)| number > high);
    if low || high {
        return Some(format!("{value} is out of range"));
    }
    if let Some(items) = value.as_array() {
        if schema["maxItems"].as_u64().is_some_and(|most| items.len() as u64 > most) {
            return Some(format!("{value} has too many"));
        }
        return items.iter().find_map(|item| misfit(&schema["items"], item));
    }
    let object = value.as_object()?;
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    if let Some(missing) = required.into_iter().find(|key| !object.contains_key(*key)) {
        return Some(format!("{missing} is missing"));
    }
    object.iter().find_map(|(key, inner)| {
        let known = schema["properties"].get(key);
        known.map_or_else(|| Some(format!("there is no {key}")), |schema| misfit(schema, inner))
    })
}
