use expect_test::{Expect, expect};

use super::*;

fn with(changes: &[(&str, &str)]) -> Result<Policy, PolicyError> {
    Policy::from_settings(|setting| {
        let chosen = changes.iter().find(|(name, _)| *name == setting.name);
        Some(chosen.map_or(setting.default, |(_, value)| value).to_owned())
    })
}

fn check(changes: &[(&str, &str)], message: &Expect) {
    message.assert_eq(&with(changes).unwrap_err().to_string());
}

#[test]
fn a_bad_setting_is_named_with_its_range() {
    check(&[("floor", "9")], &expect!["`floor` is out of range: 9, must be 0 to 8"]);
    check(&[("failover_min", "0")], &expect!["`failover_min` is out of range: 0, must be 1 to 8"]);
    check(&[("hold_down", "5m")], &expect!["`hold_down` is out of range: 5m, must be 17m to 24h"]);
    check(
        &[("tick", "soon")],
        &expect!["`tick` is not a duration in whole seconds, such as `30m` or `90s`: `soon`"],
    );
    check(
        &[("floor", "some")],
        &expect!["`floor` is not a whole number of instances such as 0, or `match`: `some`"],
    );
    check(
        &[("routing", "active-active")],
        &expect!["`floor` is out of range: 0, must be `match` with `routing = active-active`"],
    );
    check(
        &[("failback", "never")],
        &expect!["`failback` is not `automatic`, `approve` or `manual`: `never`"],
    );
    check(
        &[("hold_percent", "80")],
        &expect!["`hold_percent` is out of range: 80, must be 0 to 75"],
    );
    check(
        &[("carry_percent", "0")],
        &expect!["`carry_percent` is out of range: 0, must be 1 to 100"],
    );
    check(
        &[("capacity_max", "-1")],
        &expect!["`capacity_max` is not a whole number from 0 to 65535, such as 2: `-1`"],
    );
}

#[test]
fn a_missing_setting_is_named() {
    let error = Policy::from_settings(|_| None).unwrap_err();
    assert_eq!(error, PolicyError::Missing { name: "routing" });
}

#[test]
fn settings_and_json_survive_a_round_trip() {
    let policy = with(&[("tick", "2s"), ("hold_down", "40s")]).unwrap();
    let json = serde_json::to_string(&policy).unwrap();
    assert_eq!(serde_json::from_str::<Policy>(&json).unwrap(), policy);
}

#[test]
fn one_name_gives_the_variable_and_the_parameter() {
    let setting = SETTINGS.iter().find(|setting| setting.name == "hold_down").unwrap();
    assert_eq!(setting.variable(), "PILOTLIGHT_HOLD_DOWN");
    assert_eq!(setting.parameter(), "HoldDown");
}

#[test]
fn the_target_is_clamped_between_the_minimum_and_the_cap() {
    let policy = with(&[("match_percent", "150")]).unwrap();
    assert_eq!(policy.target(None), 3);
    assert_eq!(policy.target(Some(0)), 2);
    assert_eq!(policy.target(Some(3)), 5);
    assert_eq!(policy.target(Some(1295)), 8);
}

#[test]
fn every_bound_is_part_of_its_range() {
    for (name, good, bad) in [
        ("capacity_max", ["2", "1295"], ["0", "1296"]),
        ("failover_min", ["1", "8"], ["0", "9"]),
        ("floor", ["0", "8"], ["9", "65535"]),
        ("match_percent", ["1", "300"], ["0", "301"]),
        ("peak_hint", ["1", "1295"], ["0", "1296"]),
        ("carry_percent", ["50", "100"], ["0", "101"]),
        ("hold_percent", ["0", "75"], ["76", "101"]),
        ("starved_ticks", ["2", "60"], ["1", "61"]),
        ("cpu_target_percent", ["10", "90"], ["9", "91"]),
        ("drain_ticks", ["3", "60"], ["2", "61"]),
        ("tick", ["1s", "1m"], ["0s", "301s"]),
        ("hold_down", ["17m", "24h"], ["1019s", "86401s"]),
    ] {
        for value in good {
            assert!(with(&[(name, value)]).is_ok(), "{name} = {value}");
        }
        for value in bad {
            assert_eq!(with(&[(name, value)]).unwrap_err().name(), name, "{name} = {value}");
        }
    }
    assert!(with(&[("tick", "5m"), ("hold_down", "85m")]).is_ok());
    assert!(with(&[("capacity_max", "1"), ("failover_min", "1")]).is_ok());
}

#[test]
fn every_error_names_its_setting() {
    assert_eq!(PolicyError::Missing { name: "tick" }.name(), "tick");
    assert_eq!(with(&[("latch", "maybe")]).unwrap_err().name(), "latch");
    check(&[("latch", "maybe")], &expect!["`latch` is not `on` or `off`: `maybe`"]);
    check(&[("routing", "")], &expect!["`routing` is not `failover` or `active-active`: ``"]);
}

#[test]
fn blanks_around_a_value_do_not_matter() {
    let blank = |name| with(&[(name, " 3 ")]).unwrap();
    assert_eq!(blank("failover_min"), with(&[("failover_min", "3")]).unwrap());
    for (name, value) in [
        ("routing", " failover"),
        ("latch", "on "),
        ("failback", " automatic"),
        ("floor", " 0"),
        ("hold_down", " 30m "),
    ] {
        if name != "floor" {
            assert_eq!(with(&[(name, value)]), with(&[]), "{name}");
        }
    }
}

#[test]
fn the_defaults_are_what_the_documents_say() {
    let policy = with(&[]).unwrap();
    assert_eq!(policy.routing(), Routing::Failover);
    assert!(policy.latch());
    assert_eq!(policy.failback(), Failback::Automatic);
    assert_eq!(policy.floor(), Floor::Fixed(0));
    assert_eq!((policy.capacity_max(), policy.target(Some(1)), policy.wanted(None)), (8, 2, 2));
    assert_eq!(policy.hold_down(), Duration::from_mins(30));
    assert_eq!(policy.tick(), Duration::from_mins(1));
    assert_eq!(policy.drain_ticks(), 10);
}

#[test]
fn every_length_follows_from_the_tick() {
    let policy = with(&[("tick", "2s"), ("hold_down", "40s")]).unwrap();
    for (length, seconds) in [
        (policy.step_gap(), 1.5),
        (policy.drain_gap(), 3.0),
        (policy.evidence(), 80.0),
        (policy.claim_age_max(), 30.0),
        (policy.hour(), 120.0),
        (policy.day(), 2880.0),
        (policy.released(), 10.0),
        (policy.starved(), 10.0),
    ] {
        assert_eq!(length, Duration::from_secs_f64(seconds));
    }
}

#[test]
fn a_model_may_shorten_the_clockwork_and_nothing_else() {
    let clockwork = Clockwork { hour: 1, day: 2, claim: 3, released: 4, starved: 5 };
    let policy = with(&[("latch", "off")]).unwrap();
    let short = policy.clone().shortened(3, 2, clockwork);
    let minutes = Duration::from_mins;
    assert_eq!((short.hold_down(), short.drain_ticks()), (minutes(3), 2));
    assert_eq!((short.hour(), short.day()), (minutes(1), minutes(2)));
    assert_eq!((short.claim_age_max(), short.released()), (minutes(3), minutes(4)));
    assert_eq!(short.starved(), minutes(5));
    assert_eq!(short.shortened(30, 10, Clockwork::AWS), policy);
}

#[test]
fn every_choice_survives_a_round_trip() {
    for changes in [
        [("routing", "active-active"), ("floor", "match")],
        [("latch", "off"), ("failback", "approve")],
        [("failback", "manual"), ("floor", "3")],
    ] {
        let policy = with(&changes).unwrap();
        let settings = policy.settings();
        for (name, value) in changes {
            let (_, written) = settings.iter().find(|(setting, _)| setting.name == name).unwrap();
            assert_eq!(written, value);
        }
        let json = serde_json::to_string(&policy).unwrap();
        assert_eq!(serde_json::from_str::<Policy>(&json).unwrap(), policy);
    }
    assert!(serde_json::from_str::<Policy>("{}").is_err());
}

#[test]
fn nothing_is_raised_on_suspicion_unless_the_site_asks_for_it() {
    assert!(!with(&[]).unwrap().eager());
    assert!(with(&[("eager", " on")]).unwrap().eager());
    check(&[("eager", "yes")], &expect!["`eager` is not `on` or `off`: `yes`"]);
}

#[test]
fn there_is_no_latch_where_both_regions_serve() {
    let both = [("routing", "active-active"), ("floor", "match")];
    assert!(!with(&both).unwrap().latch());
    assert!(!with(&[("latch", "off")]).unwrap().latch());
}

#[test]
fn what_is_wanted_is_rounded_up_and_has_no_bounds() {
    let policy = with(&[("match_percent", "34")]).unwrap();
    assert_eq!((policy.wanted(Some(3)), policy.wanted(Some(0))), (2, 0));
    let triple = with(&[("match_percent", "300")]).unwrap();
    assert_eq!(triple.wanted(Some(u16::MAX)), u16::MAX);
}

/// Whether a setting is read from a text, whatever its range.
fn is_read(name: &str, text: &str) -> bool {
    !matches!(with(&[(name, text)]), Err(PolicyError::Unreadable { .. }))
}

#[test]
fn a_setting_is_read_from_what_the_list_says_and_nothing_else() {
    for setting in &SETTINGS {
        let name = setting.name;
        let taken: &[&str] = match &setting.written {
            Written::Word(words) => words,
            Written::Number => &["2"],
            Written::NumberOr(word) => &[word, "2"],
            Written::Duration => &["30m"],
        };
        for text in ["failover", "on", "automatic", "match", "2", "30m", ""] {
            assert_eq!(is_read(name, text), taken.contains(&text), "`{name}` from `{text}`");
        }
        assert!(taken.iter().all(|text| is_read(name, text)), "`{name}`");
    }
}

#[test]
fn every_setting_has_a_meaning_and_a_parameter_of_its_own() {
    let parameters: std::collections::BTreeSet<_> =
        SETTINGS.iter().map(Setting::parameter).collect();
    assert_eq!(parameters.len(), SETTINGS.len());
    assert!(SETTINGS.iter().all(|setting| setting.meaning.ends_with('.')));
}

#[test]
fn another_cpu_target_is_taken_or_refused() {
    let policy = with(&[]).unwrap();
    let other = policy.clone().with_cpu_target(70).unwrap();
    assert_eq!((policy.cpu_target_percent(), other.cpu_target_percent()), (50, 70));
    assert!(matches!(policy.with_cpu_target(91), Err(PolicyError::Range { .. })));
}

#[test]
fn a_setting_stands_in_the_section_that_it_is_about() {
    let web: Vec<_> = SETTINGS.iter().filter(|setting| setting.section() == "web").collect();
    assert_eq!(web.iter().map(|setting| setting.name).collect::<Vec<_>>(), ["cpu_target_percent"]);
    let failover = SETTINGS.iter().filter(|setting| setting.section() == "failover").count();
    assert_eq!(failover + web.len(), SETTINGS.len());
}
