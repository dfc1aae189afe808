//! `simulate`: the same seed, the same bytes; times from the journals of drills.

use expect_test::expect;
use serde_json::{Value, json};

use crate::command::{Folder, SITE};

/// The journal of a drill that was run on one machine.
const JOURNAL: &str = include_str!("../../../../tests/fixtures/drill-local.json");

/// Journals of drills as they would be on AWS: nothing shortened, the phases each so many times as long.
fn journals(folder: &Folder, factors: &[f64]) -> String {
    let mut names = String::new();
    for (index, factor) in factors.iter().enumerate() {
        let mut journal: Value = serde_json::from_str(JOURNAL).expect("it is committed");
        journal["level"] = json!("live");
        journal["shortened"] = json!([]);
        let mut at = 0.0;
        for phase in journal["phases"].as_array_mut().expect("a list") {
            phase["from_seconds"] = json!(at);
            at += factor * 10.0;
            phase["to_seconds"] = json!(at);
        }
        for mark in journal["marks"].as_array_mut().expect("a list") {
            let at = match mark["milestone"].as_str() {
                Some("begun") => 0.0,
                Some("red") => 1.0,
                Some("alarm") => 1.0 + factor * 10.0,
                Some("event") => 1.0 + factor * 11.0,
                _ => continue,
            };
            mark["at_seconds"] = json!(at);
        }
        let name = format!("{index}.json");
        std::fs::write(folder.path().join(&name), journal.to_string()).expect("a file");
        names = names + " " + &name;
    }
    names
}

/// Goal: what somebody reports can be seen again. Method: the whole command twice, byte for byte; another seed.
#[test]
fn the_same_seed_gives_the_same_bytes() {
    let folder = Folder::with(SITE);
    let told = |seed: &str| {
        folder.run(&format!("simulate --count 200 --seed {seed} --sites 300 --svg c.svg"))
    };
    let chart = || std::fs::read(folder.path().join("c.svg")).expect("it is written");
    let (first, drawn) = (told("7"), chart());
    assert!(first.starts_with("exit code: 0\n") && first.contains("300 sites at once"), "{first}");
    assert_eq!(first, told("7"));
    assert_eq!(drawn, chart());
    assert_ne!(first, told("8"));
}

/// Goal: nobody takes the p95 for measured. Method: the file that ships, and the same as if each source spoke for every case.
#[test]
fn the_seconds_that_rest_on_assumptions_are_told() {
    let folder = Folder::with(SITE);
    let told = folder.run("simulate --count 2000");
    assert!(told.contains(" s rest on assumptions"), "{told}");
    assert!(!told.contains(": 0 s of the p95"), "{told}");
    let shipped = include_str!("../../../../functions/failover-sim/src/timeline/phases.toml");
    let lines = shipped.lines().filter(|line| !line.starts_with("sourced_seconds"));
    let measured = lines.collect::<Vec<_>>().join("\n").replace("assumption", "measurement");
    std::fs::write(folder.path().join("phases.toml"), measured).expect("a file");
    let told = folder.run("simulate --count 2000 --phases phases.toml");
    assert!(told.contains(": 0 s of the p95 of "), "{told}");
}

#[test]
fn a_local_drill_says_nothing_of_the_times_of_aws() {
    let folder = Folder::with(SITE);
    std::fs::write(folder.path().join("local.json"), JOURNAL).expect("a file");
    expect![[r#"
        exit code: 1
        ----- stdout -----
        ----- stderr -----
        error: the times of this journal are not AWS's: `local.json`: shortened are tick, looks between two ticks, hold-down, datapoints and alarm period, health check, the latch's way to DNS, boot of an instance, TTL of the site's answer
        hint: a local drill shows that everything works together, not how long AWS takes; give journals of `drill dns` or `drill live`
    "#]]
    .assert_eq(&folder.run("simulate --calibrate local.json --out phases.toml"));
    assert!(!folder.path().join("phases.toml").exists());
}

/// Goal: what drills measured is what is simulated from then on. Method: three journals with longer phases, and the file in use.
#[test]
fn drills_change_the_times_and_what_they_cannot_tell_stays() {
    let folder = Folder::with(SITE);
    let names = journals(&folder, &[8.0, 9.0, 10.0]);
    let told = folder.run(&format!("simulate --count 2000 --calibrate{names} --out phases.toml"));
    expect![[r#"
        exit code: 0
        ----- stdout -----
        Times from 3 journals, in seconds
        part           measured   p50  before   p95  before
        verdict               3   0.0     2.0   0.0     5.6
        metric                3  90.0    60.0  99.0   120.0
        event                 3   9.0     1.5   9.9     2.9
        launch                3  90.0    16.0  99.0    23.0
        boot_cold             3  90.0    36.0  99.0    64.0
        standby_check         3  85.0    12.0  94.0    30.0
        as it was: probe_failure: a drill sees it only together with others
        as it was: look: a drill sees it only together with others
        as it was: write: a drill sees it only together with others
        as it was: boot_warm: a drill sees it only together with others
        as it was: spread: a drill sees it only together with others

        Recovery time of shop: p50 348 s, p95 381 s; before p50 156 s, p95 194 s
        ----- stderr -----
        written: phases.toml
        hint: cargo xtask simulate --phases phases.toml
    "#]]
    .assert_eq(&told);
    let used = folder.command("simulate --count 2000 --phases phases.toml --format json").output();
    let used: Value = serde_json::from_slice(&used.expect("it starts").stdout).expect("JSON");
    let alarm = used["sources"].as_array().expect("a list");
    let alarm = alarm.iter().find(|source| source["phase"] == "metric").expect("a part");
    assert_eq!(alarm["origin"], "measured on AWS: `verdict to alarm` of 3 drills");
    assert_eq!(alarm["median"], 90.0);
}

#[test]
fn one_drill_is_no_distribution() {
    let folder = Folder::with(SITE);
    let names = journals(&folder, &[8.0]);
    expect![[r#"
        exit code: 1
        ----- stdout -----
        ----- stderr -----
        error: no times in 1 journal: no part was measured twice
        hint: give the journals of two drills on AWS or more that saw the same phases
    "#]]
    .assert_eq(&folder.run(&format!("simulate --calibrate{names} --out phases.toml")));
    assert!(folder.run("simulate --calibrate 0.json").starts_with("exit code: 2\n"), "where to?");
}
