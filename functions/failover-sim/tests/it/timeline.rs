//! How long failovers take: what must be so whatever the numbers in the file of phases.

use std::time::Duration;

use expect_test::expect;
use failover_core::Policy;
use failover_sim::timeline::{
    Crowd, Limits, Phase, Phases, Setup, Spread, Summary, Timeline, crowd, play,
};

fn setup() -> Setup {
    Setup {
        policy: Policy::from_settings(|setting| Some(setting.default.to_owned()))
            .expect("defaults are valid"),
        check_interval: Duration::from_secs(10),
        check_threshold: 3,
        alarm_datapoints: 1,
        alarm_period: Duration::from_mins(1),
        floor: 0,
        warm_pool: 0,
        verdict: true,
        watch: Some(Duration::from_secs(10)),
        detector_dark: false,
        edge: None,
        target_interval: Duration::from_secs(10),
        target_threshold: 2,
        ttl: Duration::from_mins(1),
    }
}

/// The same without what issue 16 brought: the alarm alone tells.
fn alarm_alone() -> Setup {
    Setup { verdict: false, watch: None, ..setup() }
}

fn eager() -> Policy {
    let value = |name| if name == "eager" { Some("on".to_owned()) } else { None };
    Policy::from_settings(|setting| value(setting.name).or(Some(setting.default.to_owned())))
        .expect("a setting")
}

fn summary(setup: &Setup) -> Summary {
    Summary::of(&play(setup, &Phases::built_in(), 1, 20_000))
}

/// What a setup has otherwise.
type Change = fn(Setup) -> Setup;

/// The published shape of each strategy, and the goals of the design: p95 of at most 240, 180 and 100 s.
#[test]
fn each_strategy_has_its_recovery_time() {
    let strategies = [
        ("floor 0", setup()),
        ("warm pool", Setup { warm_pool: 2, ..setup() }),
        ("floor 1", Setup { floor: 1, ..setup() }),
    ];
    let ways: [(&str, Change); 5] = [
        ("the alarm alone", |setup| Setup { verdict: false, watch: None, ..setup }),
        ("looks", |setup| setup),
        ("us-east-1 dark", |setup| Setup { detector_dark: true, ..setup }),
        ("eager", |setup| Setup { policy: eager(), ..setup }),
        ("edge, reads", |setup| Setup { edge: Some(Duration::from_secs(3)), ..setup }),
    ];
    let lines = ways.iter().flat_map(|(way, with)| {
        strategies.iter().map(move |(name, setup)| {
            let Summary { served, reads, .. } = summary(&with(setup.clone()));
            let served = if way.starts_with("edge") { reads } else { served };
            format!(
                "{way:<16} {name:<10} p50 {:>3.0} s, p95 {:>3.0} s, p99 {:>3.0} s",
                served.p50, served.p95, served.p99
            )
        })
    });
    let lines: Vec<_> = lines.collect();
    expect![[r#"
        the alarm alone  floor 0    p50 218 s, p95 295 s, p99 333 s
        the alarm alone  warm pool  p50 208 s, p95 284 s, p99 321 s
        the alarm alone  floor 1    p50  70 s, p95  97 s, p99 102 s
        looks            floor 0    p50 164 s, p95 203 s, p99 221 s
        looks            warm pool  p50 154 s, p95 192 s, p99 210 s
        looks            floor 1    p50  70 s, p95  97 s, p99 102 s
        us-east-1 dark   floor 0    p50 146 s, p95 191 s, p99 210 s
        us-east-1 dark   warm pool  p50 136 s, p95 180 s, p99 199 s
        us-east-1 dark   floor 1    p50  70 s, p95  97 s, p99 102 s
        eager            floor 0    p50 138 s, p95 177 s, p99 195 s
        eager            warm pool  p50 128 s, p95 167 s, p99 184 s
        eager            floor 1    p50  70 s, p95  97 s, p99 102 s
        edge, reads      floor 0    p50 116 s, p95 136 s, p99 145 s
        edge, reads      warm pool  p50 107 s, p95 123 s, p99 130 s
        edge, reads      floor 1    p50   3 s, p95   3 s, p99   3 s"#]]
    .assert_eq(&lines.join("\n"));
}

/// Goal: the same seed gives the same bytes, whoever plays, and the first of many are the few.
#[test]
fn a_seed_decides_everything() {
    let phases = Phases::built_in();
    let all = play(&setup(), &phases, 7, 1000);
    assert_eq!(format!("{all:?}"), format!("{:?}", play(&setup(), &phases, 7, 1000)));
    assert_eq!(all[..10], play(&setup(), &phases, 7, 10));
    assert_ne!(all[0], play(&setup(), &phases, 8, 1)[0]);
    assert_eq!(play(&setup(), &phases, 7, 0), Vec::<Timeline>::new());
}

#[test]
fn the_parts_are_the_whole_and_none_is_negative() {
    for setup in [
        setup(),
        alarm_alone(),
        Setup { floor: 2, ..setup() },
        Setup { warm_pool: 1, ..setup() },
        Setup { policy: eager(), warm_pool: 2, ..setup() },
        Setup { edge: Some(Duration::from_secs(3)), ..setup() },
        Setup { detector_dark: true, ..setup() },
    ] {
        for timeline in play(&setup, &Phases::built_in(), 3, 2000) {
            let sum: f64 = timeline.parts.iter().sum();
            assert!((sum - timeline.served).abs() < 1e-9, "{timeline:?}");
            assert!(timeline.parts.iter().all(|part| *part >= 0.0), "{timeline:?}");
            assert!(timeline.alarm >= timeline.verdict && timeline.raised.is_finite());
            assert!(timeline.reads <= timeline.served, "{timeline:?}");
            assert!(timeline.full >= timeline.verdict && timeline.served.is_finite());
        }
    }
}

/// Goal: a lost event costs a tick at most. Method: SNS takes an hour.
#[test]
fn a_tick_raises_where_the_event_does_not_come() {
    let late = Spread::new(vec![(0.0, 3600.0), (1.0, 3600.0)]).unwrap();
    let phases = Phases::built_in().with(Phase::Event, late, "a test".to_owned());
    let timelines = play(&alarm_alone(), &phases, 5, 2000);
    let waits = timelines.iter().map(|timeline| timeline.raised - timeline.alarm);
    let longest = waits.fold(0.0, f64::max);
    assert!(longest > 30.0 && longest < 66.0, "{longest}");
}

/// Goal: a look raises within its interval and the time of its delivery, and one that is lost costs another interval.
/// Method: raises after the verdict, with the alarm out of the way.
#[test]
fn a_look_raises_within_its_interval() {
    let dark = Setup { detector_dark: true, ..setup() };
    let timelines = play(&dark, &Phases::built_in(), 5, 20_000);
    let waits: Vec<f64> = timelines.iter().map(|one| one.parts[1]).collect();
    let within = waits.iter().filter(|wait| **wait <= 20.0 + 2.0).count();
    assert!(within * 1000 > waits.len() * 995, "{within} of {}", waits.len());
    assert!(waits.iter().all(|wait| *wait >= 0.0 && *wait < 60.0));
}

/// Goal: a suspicion never moves users before Route 53 does. Method: a standby that serves at once.
#[test]
fn a_raise_on_suspicion_waits_for_the_verdict_before_users_move() {
    let at_once = || Spread::new(vec![(0.0, 0.0), (1.0, 0.0)]).unwrap();
    let fast = [Phase::Launch, Phase::BootCold, Phase::StandbyCheck];
    let phases = fast.into_iter().fold(Phases::built_in(), |phases, phase| {
        phases.with(phase, at_once(), "a test".to_owned())
    });
    let mut before = 0;
    for one in play(&Setup { policy: eager(), ..setup() }, &phases, 9, 2000) {
        before += usize::from(one.raised < one.verdict);
        assert!(one.served >= one.verdict, "{one:?}");
    }
    assert!(before > 1000, "{before}");
}

#[test]
fn every_knob_turns_the_way_it_says() {
    let p50 = |setup: &Setup| summary(setup).served.p50;
    let base = p50(&setup());
    let slower = [
        Setup { check_interval: Duration::from_secs(30), ..setup() },
        Setup { check_threshold: 6, ..setup() },
        Setup { target_interval: Duration::from_secs(30), ..setup() },
        Setup { target_threshold: 4, ..setup() },
        Setup { ttl: Duration::from_mins(5), ..setup() },
        Setup { watch: None, ..setup() },
        alarm_alone(),
    ];
    for setup in slower {
        assert!(p50(&setup) > base + 5.0, "{setup:?}");
    }
    for setup in [Setup { warm_pool: 2, ..setup() }, Setup { floor: 2, ..setup() }] {
        assert!(p50(&setup) < base - 5.0, "{setup:?}");
    }
    // The alarm is out of the way of the looks, and not out of the way without them.
    let later = |setup: &Setup| p50(&Setup { alarm_datapoints: 2, ..setup.clone() });
    assert!((later(&setup()) - base).abs() < 1.0);
    assert!(later(&alarm_alone()) > p50(&alarm_alone()) + 5.0);
    // Where the standby runs already, the controller is not on the way.
    let floor = Setup { floor: 2, ..setup() };
    let alarm = Setup { alarm_datapoints: 5, ..floor.clone() };
    assert_eq!(summary(&floor).served, summary(&alarm).served);
}

#[test]
fn a_crowd_gets_through_one_by_one_and_nobody_is_forgotten() {
    let phases = Phases::built_in();
    let wide = Limits { burst: 1e6, per_second: 1e6 };
    let through = crowd(&setup(), &phases, 1, Crowd { sites: 300, limits: wide });
    assert_eq!((through.raised, through.refused), (through.alone, 0));
    let limits = Limits { burst: 5.0, per_second: 1.0 };
    let narrow = crowd(&setup(), &phases, 1, Crowd { sites: 300, limits });
    assert_eq!(narrow.raised.len(), 300);
    let last = *narrow.raised.last().unwrap();
    assert!(last.is_finite() && last > *narrow.alone.last().unwrap() && narrow.refused > 0);
    // Two calls for each site cannot go faster than the bucket refills.
    assert!(last - narrow.alone[0] >= 600.0 - limits.burst, "{last}");
    assert_eq!(narrow, crowd(&setup(), &phases, 1, Crowd { sites: 300, limits }));
}
