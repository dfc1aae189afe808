//! How long failovers take: what must be so whatever the numbers in the file of phases.

use std::time::Duration;

use expect_test::expect;
use failover_core::Policy;
use failover_sim::timeline::{
    Crowd, Limits, PHASES, Phase, Phases, Setup, Spread, Summary, Timeline, crowd, play,
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

fn summary(setup: &Setup) -> Summary {
    Summary::of(&play(setup, &Phases::built_in(), 1, 20_000))
}

/// The published shape of each strategy, and the goals of the design: p95 of at most 240, 180 and 100 s.
#[test]
fn each_strategy_has_its_recovery_time() {
    let strategies = [
        ("floor 0", setup()),
        ("warm pool", Setup { warm_pool: 2, ..setup() }),
        ("floor 1", Setup { floor: 1, ..setup() }),
    ];
    let lines = strategies.map(|(name, setup)| {
        let served = summary(&setup).served;
        format!(
            "{name:<10} p50 {:>3.0} s, p95 {:>3.0} s, p99 {:>3.0} s",
            served.p50, served.p95, served.p99
        )
    });
    expect![[r#"
        floor 0    p50 217 s, p95 299 s, p99 338 s
        warm pool  p50 205 s, p95 282 s, p99 319 s
        floor 1    p50  68 s, p95  95 s, p99 100 s"#]]
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
    for setup in [setup(), Setup { floor: 2, ..setup() }, Setup { warm_pool: 1, ..setup() }] {
        for timeline in play(&setup, &Phases::built_in(), 3, 2000) {
            let sum: f64 = timeline.parts.iter().sum();
            assert!((sum - timeline.served).abs() < 1e-9, "{timeline:?}");
            assert!(timeline.parts.iter().all(|part| *part >= 0.0), "{timeline:?}");
            assert!(timeline.alarm >= timeline.verdict && timeline.raised >= timeline.alarm);
            assert!(timeline.full >= timeline.verdict && timeline.served.is_finite());
        }
    }
    assert_eq!(PHASES.len(), 8);
}

/// Goal: a lost event costs a tick at most. Method: SNS takes an hour.
#[test]
fn a_tick_raises_where_the_event_does_not_come() {
    let late = Spread::new(vec![(0.0, 3600.0), (1.0, 3600.0)]).unwrap();
    let phases = Phases::built_in().with(Phase::Event, late, "a test".to_owned());
    let timelines = play(&setup(), &phases, 5, 2000);
    let waits = timelines.iter().map(|timeline| timeline.parts[2]);
    let longest = waits.fold(0.0, f64::max);
    assert!(longest > 30.0 && longest < 66.0, "{longest}");
}

#[test]
fn every_knob_turns_the_way_it_says() {
    let p50 = |setup: &Setup| summary(setup).served.p50;
    let base = p50(&setup());
    let slower = [
        Setup { check_interval: Duration::from_secs(30), ..setup() },
        Setup { check_threshold: 6, ..setup() },
        Setup { alarm_datapoints: 2, ..setup() },
        Setup { target_interval: Duration::from_secs(30), ..setup() },
        Setup { target_threshold: 4, ..setup() },
        Setup { ttl: Duration::from_mins(5), ..setup() },
    ];
    for setup in slower {
        assert!(p50(&setup) > base + 5.0, "{setup:?}");
    }
    for setup in [Setup { warm_pool: 2, ..setup() }, Setup { floor: 2, ..setup() }] {
        assert!(p50(&setup) < base - 5.0, "{setup:?}");
    }
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
