//! The outage library: every script is played, its claims are asserted, and its timeline is the one beside it.

mod claims;
mod language;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::script::{Script, language};
use expect_test::expect_file;

fn library() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("outages")
}

fn text(file: &str) -> String {
    let path = library().join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Plays one script of the library.
fn plays(name: &str) {
    let file = format!("{name}.outage");
    let script = Script::read(&format!("outages/{file}"), &text(&file));
    let outcome = script.unwrap_or_else(|error| panic!("{error}")).play();
    assert!(outcome.wrong().is_empty(), "\n{}", outcome.wrong().join("\n"));
    expect_file![library().join(format!("{name}.outcome"))].assert_eq(outcome.timeline());
}

macro_rules! scripts {
    ($($test:ident: $name:literal,)*) => {
        /// Names of all the scripts that are played.
        const PLAYED: &[&str] = &[$($name),*];

        $(#[test]
        fn $test() {
            plays($name);
        })*
    };
}

scripts! {
    alarm_event_5_hours_old: "alarm-event-5-hours-old",
    alarm_event_lost: "alarm-event-lost",
    armed_in_mid_outage: "armed-in-mid-outage",
    both_regions_down: "both-regions-down",
    brown_out_at_3_of_16_checkers: "brown-out-at-3-of-16-checkers",
    check_deleted: "check-deleted",
    check_left_inverted: "check-left-inverted",
    controller_dead_behind_closed_latch: "controller-dead-behind-closed-latch",
    deploy_in_mid_outage: "deploy-in-mid-outage",
    deploy_of_the_detector_in_mid_outage: "deploy-of-the-detector-in-mid-outage",
    deploy_while_proving: "deploy-while-proving",
    fails_again_before_the_record_closes: "fails-again-before-the-record-closes",
    fails_again_between_the_lowerings: "fails-again-between-the-lowerings",
    fails_again_while_draining: "fails-again-while-draining",
    fails_again_while_prewarming: "fails-again-while-prewarming",
    fails_again_while_proving: "fails-again-while-proving",
    fails_again_while_the_latch_opens: "fails-again-while-the-latch-opens",
    flapping_for_a_day: "flapping-for-a-day",
    frozen_in_mid_outage: "frozen-in-mid-outage",
    latch_opened_by_hand: "latch-opened-by-hand",
    no_capacity_in_any_zone: "no-capacity-in-any-zone",
    ok_event_lost: "ok-event-lost",
    one_server_left: "one-server-left",
    operator_raises_by_hand: "operator-raises-by-hand",
    partition_of_43_seconds: "partition-of-43-seconds",
    planned_failover_and_failback: "planned-failover-and-failback",
    tags_edited_in_mid_outage: "tags-edited-in-mid-outage",
    third_failback_of_a_day: "third-failback-of-a-day",
    us_east_1_as_detector: "us-east-1-2025-10-20-as-detector",
    us_east_1_as_standby: "us-east-1-2025-10-20-as-standby",
    us_east_1_as_warm_standby: "us-east-1-2025-10-20-as-warm-standby",
    eager_in_a_flapping_network: "eager-in-a-flapping-network",
    looks_stop: "looks-stop",
    name_servers_disagree: "name-servers-disagree",
    name_servers_out_of_reach: "name-servers-out-of-reach",
    us_east_1_dark_with_the_verdict: "us-east-1-dark-with-the-verdict",
    us_east_1_dark_without_the_verdict: "us-east-1-dark-without-the-verdict",
    verdict_flaps_at_every_look: "verdict-flaps-at-every-look",
    verdict_lies_healthy: "verdict-lies-healthy",
    verdict_lies_unhealthy: "verdict-lies-unhealthy",
    without_a_latch: "without-a-latch",
}

/// Goal: the shortest script there is reads like the story that it tells.
#[test]
fn a_blip_raises_the_standby_once() {
    let script = "
        site    demand 4, floor 0
        from    2025-10-20 06:40
        06:55   the primary fails
        06:58   the primary is back
        until   08:00
        expect  raised at 06:56 because of alarm";
    let script = Script::read("blip.outage", script).expect("every line is understood");
    assert!(script.play().wrong().is_empty());
}

fn files(extension: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(library()).expect("the library is a folder");
    let paths = entries.map(|entry| entry.expect("an entry can be read").path());
    let named = paths.filter(|path| path.extension().is_some_and(|found| found == extension));
    let stem = |path: PathBuf| path.file_stem().expect("a name").to_string_lossy().into_owned();
    named.map(stem).collect()
}

#[test]
fn no_script_is_left_out_and_no_outcome_is_left_over() {
    let played: BTreeSet<String> = PLAYED.iter().map(ToString::to_string).collect();
    assert_eq!(files("outage"), played);
    assert_eq!(files("outcome"), played);
}

/// Goal: the library has what was asked for, and each script stands for it. Method: a table, read by people.
#[test]
fn every_outage_that_was_asked_for_is_there() {
    let asked = [
        ("us-east-1 on 2025-10-20 as standby", "us-east-1-2025-10-20-as-standby"),
        ("us-east-1 on 2025-10-20 as the detector's region", "us-east-1-2025-10-20-as-detector"),
        ("a 43-second partition", "partition-of-43-seconds"),
        ("flapping every 3 minutes for a day", "flapping-for-a-day"),
        ("brown-out seen by 3 of 16 checkers", "brown-out-at-3-of-16-checkers"),
        ("no capacity in any zone", "no-capacity-in-any-zone"),
        ("lost OK", "ok-event-lost"),
        ("lost ALARM", "alarm-event-lost"),
        ("5-hour-old ALARM", "alarm-event-5-hours-old"),
        ("checks left inverted after a drill", "check-left-inverted"),
        ("operator raises by hand", "operator-raises-by-hand"),
        ("deploy in mid-outage", "deploy-in-mid-outage"),
        ("both regions down", "both-regions-down"),
        ("failing again while proving", "fails-again-while-proving"),
        ("failing again while prewarming", "fails-again-while-prewarming"),
        ("failing again while the latch opens", "fails-again-while-the-latch-opens"),
        ("failing again while draining", "fails-again-while-draining"),
        ("failing again between the lowerings", "fails-again-between-the-lowerings"),
        ("failing again before the record closes", "fails-again-before-the-record-closes"),
        ("third failback in a day", "third-failback-of-a-day"),
        ("planned failover and failback", "planned-failover-and-failback"),
        ("controller dead behind a closed latch", "controller-dead-behind-closed-latch"),
        ("hand-edited tags", "tags-edited-in-mid-outage"),
    ];
    for (what, name) in asked {
        assert!(PLAYED.contains(&name), "{what}: `{name}` is not played");
    }
}

#[test]
fn the_readme_has_one_line_for_each_script_and_for_each_form() {
    let readme = text("README.md");
    let rows = |start: &str| readme.lines().filter(|line| line.starts_with(start)).count();
    for name in PLAYED {
        assert_eq!(rows(&format!("| `{name}` |")), 1, "{name}");
    }
    for (form, meaning) in language() {
        assert_eq!(rows(&format!("| `{form}` | {meaning} |")), 1, "| `{form}` | {meaning} |");
    }
    assert_eq!(rows("| `"), PLAYED.len() + language().len(), "and nothing else");
}

/// Goal: no form is there for its own sake. Method: its fixed words stand in some line, in their order.
#[test]
fn every_form_of_the_language_is_used() {
    let scripts: Vec<String> = PLAYED.iter().map(|name| text(&format!("{name}.outage"))).collect();
    let lines: Vec<&str> = scripts.iter().flat_map(|script| script.lines()).collect();
    let uses = |line: &str, form: &str| {
        let mut fixed = form.split(' ').filter(|word| !word.starts_with('<')).peekable();
        for word in line.split_whitespace() {
            fixed.next_if(|next| *next == word);
        }
        fixed.peek().is_none()
    };
    let spare = ["expect <step> at <time>", "expect no mail", "expect users always <state>"];
    for (form, _) in language() {
        let used = lines.iter().any(|line| uses(line, &form));
        assert!(used || spare.contains(&form.as_str()), "no script says `{form}`");
    }
}

#[test]
fn the_same_script_ends_the_same_way() {
    let file = "flapping-for-a-day.outage";
    let play = || Script::read(file, &text(file)).expect("it is read").play();
    assert_eq!(play().timeline(), play().timeline());
}
