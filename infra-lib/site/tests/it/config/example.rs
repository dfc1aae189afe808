//! The example file says every setting and its default.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use expect_test::expect_file;
use site::config::{self, Config, ConfigError, MINIMAL};

const EXAMPLE: &str = include_str!("../../../../../pilotlight.example.toml");

type Key = (&'static str, &'static str);

/// Settings without a default that the site file could show: without them something is left out, or follows from the rest.
const WITHOUT_DEFAULT: [Key; 20] = [
    ("", "notice_topic"),
    ("organization", "permissions_boundary"),
    ("organization", "role_path"),
    ("organization", "deploy_role"),
    ("organization", "tags"),
    ("", "account"),
    ("", "notice_email"),
    ("web", "primary_ami"),
    ("web", "standby_ami"),
    ("web", "user_data"),
    ("tls", "primary_arn"),
    ("tls", "standby_arn"),
    ("tls", "ca_bundle"),
    ("edge", "certificate_arn"),
    ("edge", "failover_path"),
    ("health", "primary_check_id"),
    ("health", "standby_check_id"),
    ("health", "gate_check_id"),
    ("controller", "resolver"),
    // The template's default, which the template keeps: see below.
    ("controller", "egress_url"),
];

/// What must be set beside a setting for it to mean something.
fn companions((section, key): Key) -> Vec<(Key, &'static str)> {
    let both =
        [(("failover", "routing"), "\"active-active\""), (("failover", "floor"), "\"match\"")];
    match (section, key) {
        ("web", "primary_ami") => vec![(("web", "standby_ami"), "\"ami-0fedcba9876543210\"")],
        ("web", "standby_ami") => vec![(("web", "primary_ami"), "\"ami-0fedcba9876543210\"")],
        ("tls", "primary_arn") => own("standby_arn", "us-east-2"),
        ("tls", "standby_arn") => own("primary_arn", "us-west-2"),
        ("edge", "origin_hostname" | "failover_path" | "price_class" | "certificate_arn") => {
            vec![(("tls", "certificate"), "\"managed\""), (("edge", "cloudfront"), "\"on\"")]
        }
        ("health", "gate_check_id") => vec![(("health", "primary_check_id"), "\"abc\"")],
        ("routing", "records") => both.into(),
        ("routing", "primary_weight" | "standby_weight") => {
            [both.as_slice(), &[(("routing", "records"), "\"weighted\"")]].concat()
        }
        _ => Vec::new(),
    }
}

fn own(other: &'static str, region: &str) -> Vec<(Key, &'static str)> {
    let arn = match region {
        "us-west-2" => "\"arn:aws:acm:us-west-2:111122223333:certificate/1\"",
        _ => "\"arn:aws:acm:us-east-2:111122223333:certificate/1\"",
    };
    vec![(("tls", "certificate"), "\"own\""), (("tls", other), arn)]
}

/// The example's lines with the section that each stands in.
fn lines() -> Vec<(&'static str, &'static str)> {
    let mut section = "";
    let within = |line: &'static str| {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
        }
        (section, line)
    };
    EXAMPLE.lines().map(within).collect()
}

/// A setting that is commented out: its name and its value.
fn commented(line: &'static str) -> Option<(&'static str, &'static str)> {
    let (key, value) = line.strip_prefix("# ")?.split_once(" = ")?;
    let name = key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    name.then_some((key, value))
}

/// The example with some of its settings uncommented and set.
fn with(settings: &BTreeMap<Key, &str>) -> String {
    let set = |(section, line): (&'static str, &'static str)| {
        let (key, _) = commented(line)?;
        Some(format!("{key} = {}\n", settings.get(&(section, key))?))
    };
    lines().into_iter().map(|line| set(line).unwrap_or_else(|| format!("{}\n", line.1))).collect()
}

/// A folder with the files that the example names.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("server.sh"), "#!/bin/sh\n").expect("it can be written");
        let roots = include_str!("../../roots.pem");
        std::fs::write(folder.path().join("roots.pem"), roots).expect("it can be written");
        Self(folder)
    }

    fn read(&self, settings: &BTreeMap<Key, &str>) -> Config {
        let name = self.0.path().join("pilotlight.toml");
        let read = Config::from_toml(&with(settings), &name.display().to_string());
        read.map_err(|error| format!("{settings:?}: {error:?}")).expect("the file is valid")
    }
}

/// Goal: what the file says about a key is what the reader takes. Method: it is made anew from the table of keys.
#[test]
fn the_example_file_is_made_from_the_table_of_keys() {
    expect_file!["../../../../../pilotlight.example.toml"].assert_eq(&config::example());
}

#[test]
fn the_example_is_valid_and_is_the_smallest_file() {
    let example = Config::from_toml(EXAMPLE, "pilotlight.example.toml").expect("valid");
    let smallest = Config::from_toml(MINIMAL, "pilotlight.toml").expect("valid");
    assert_eq!(example, smallest);
}

/// Goal: whoever uncomments a line gets what was in force before, and a setting that the file does not know cannot stand in the
/// example. Method: each line alone, with what it needs beside it, against the same file without the line.
#[test]
fn every_setting_of_the_example_is_taken_and_shows_its_default() {
    let folder = Folder::new();
    let mut seen = 0;
    for (section, line) in lines() {
        let Some((key, value)) = commented(line) else { continue };
        seen += 1;
        let mut settings: BTreeMap<Key, &str> = companions((section, key)).into_iter().collect();
        let alone = !["primary_ami", "standby_ami", "primary_arn", "standby_arn"].contains(&key);
        // A pair cannot stand by half, so there the whole pair is what makes the difference.
        let without = if alone { folder.read(&settings) } else { folder.read(&BTreeMap::new()) };
        settings.insert((section, key), value);
        let config = folder.read(&settings);
        if WITHOUT_DEFAULT.contains(&(section, key)) {
            assert_ne!(config, without, "[{section}] {key} is read");
        } else {
            assert_eq!(config, without, "[{section}] {key} shows its default");
        }
    }
    assert!(seen >= 55, "{seen} settings were tried");
}

#[test]
fn the_egress_url_of_the_example_is_the_template_s_default() {
    let shown = lines().into_iter().find_map(|(_, line)| {
        commented(line).filter(|(key, _)| *key == "egress_url").map(|(_, value)| value)
    });
    let template = include_str!("../../../../../templates/controller.yaml");
    let default = format!("Default: {}\n", shown.expect("it is shown").trim_matches('"'));
    assert!(template.contains(&default), "{default}");
}

/// The keys that a section knows, by its own complaint about one that it does not.
fn known(section: &str) -> BTreeSet<String> {
    let header = if section.is_empty() { String::new() } else { format!("[{section}]\n") };
    let text = match MINIMAL.find(&header) {
        Some(at) if !section.is_empty() => {
            let (before, after) = MINIMAL.split_at(at + header.len());
            format!("{before}zzz = 1\n{after}")
        }
        _ if section.is_empty() => format!("zzz = 1\n{MINIMAL}"),
        _ => format!("{MINIMAL}{header}zzz = 1\n"),
    };
    let error = Config::from_toml(&text, "x").expect_err("no section knows `zzz`");
    let problems = match error {
        ConfigError::Invalid { problems } => problems,
        ConfigError::Absent { .. } | ConfigError::Read { .. } => Vec::new(),
    };
    let expected = problems[0].expected.strip_prefix("expected one of ").expect("a list");
    expected.split(", ").map(|key| key.trim_matches('`').to_owned()).collect()
}

#[test]
fn the_example_shows_every_setting_that_there_is() {
    let mut shown: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (section, line) in lines() {
        let set = line.split_once(" = ").filter(|_| !line.starts_with('#')).map(|(key, _)| key);
        if let Some(key) = set.or_else(|| commented(line).map(|(key, _)| key)) {
            shown.entry(section).or_default().insert(key.to_owned());
        } else if line.starts_with('[') {
            shown.entry("").or_default().insert(section.to_owned());
        }
    }
    assert_eq!(shown[""], known(""));
    for (section, keys) in &shown {
        assert_eq!(*keys, known(section), "[{section}]");
    }
}

fn sites() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sites")
}

#[test]
fn every_named_site_is_valid_and_told_in_the_catalogue() {
    let entries = std::fs::read_dir(sites()).expect("the folder of sites");
    let files = entries.map(|entry| entry.expect("an entry").path());
    let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "toml"));
    let catalogue = std::fs::read_to_string(sites().join("README.md")).expect("a catalogue");
    let mut names = BTreeSet::new();
    for path in files {
        Config::load(&path).unwrap_or_else(|error| panic!("{}: {error:?}", path.display()));
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        assert!(catalogue.contains(&format!("| `{name}.toml` |")), "{name}");
        names.insert(name);
    }
    let expected = ["active-active", "everything", "minimal", "private", "tutorial", "warm"];
    assert_eq!(names.iter().map(String::as_str).collect::<Vec<_>>(), expected);
}

#[test]
fn the_minimal_site_is_the_smallest_file() {
    let minimal = Config::load(&sites().join("minimal.toml")).expect("valid");
    assert_eq!(minimal, Config::from_toml(MINIMAL, "pilotlight.toml").expect("valid"));
}

/// Goal: the site that shows everything keeps its word. Method: no option of it stands at its default, but those that cannot
/// go together with the others.
#[test]
fn the_site_with_everything_uses_every_option() {
    let text = std::fs::read_to_string(sites().join("everything.toml")).expect("the site");
    // Said although it is the default, because it could be otherwise.
    let at_home = ["on_demand_percent", "instances", "redirect", "path", "interval"];
    let left_out = BTreeSet::from([
        ("", "account"),
        // What only a company's account has.
        ("", "notice_topic"),
        ("", "notice_webhooks"),
        ("organization", "permissions_boundary"),
        ("organization", "role_path"),
        ("organization", "deploy_role"),
        ("organization", "tags"),
        // Exclude what is used instead: an image by its parameter, a certificate by AWS, checks of the site's own, the failover
        // records.
        ("web", "image"),
        ("web", "primary_ami"),
        ("web", "standby_ami"),
        ("web", "root_device"),
        ("web", "listener_port"),
        ("web", "instance_port"),
        ("tls", "ca_bundle"),
        ("tls", "primary_arn"),
        ("tls", "standby_arn"),
        ("edge", "certificate_arn"),
        ("health", "alarm_period"),
        ("health", "standby_check"),
        ("health", "primary_check_id"),
        ("health", "standby_check_id"),
        ("health", "gate_check_id"),
        ("controller", "architecture"),
        ("controller", "reserved_concurrency"),
        ("controller", "resolver"),
        ("controller", "egress_url"),
        ("failover", "routing"),
        ("failover", "latch"),
        ("failover", "tick"),
        ("failover", "drain_ticks"),
        ("routing", "records"),
        ("routing", "primary_weight"),
        ("routing", "standby_weight"),
    ]);
    let mut missing = BTreeSet::new();
    for (section, line) in lines() {
        let Some((key, default)) = commented(line) else { continue };
        let own = text.lines().find_map(|line| line.strip_prefix(&format!("{key} = ")));
        match own {
            Some(own) if own == default && !at_home.contains(&key) => {
                panic!("{key} stands at its default");
            }
            Some(_) => {}
            None => {
                missing.insert((section, key));
            }
        }
    }
    assert_eq!(missing, left_out);
}
