use super::*;

const MINUTE: Duration = Duration::from_mins(1);

fn series(values: &[(i64, f64)]) -> Vec<(Timestamp, f64)> {
    let at = |minute| Timestamp::from_second(minute * 60).unwrap();
    values.iter().map(|&(minute, value)| (at(minute), value)).collect()
}

#[test]
fn a_gap_ends_the_healthy_run() {
    let points = Datapoints::from_series(series(&[(1, 1.0), (3, 1.0), (4, 1.0)]), MINUTE);
    assert_eq!(points.known().unwrap().healthy_run, 2);
}

#[test]
fn a_zero_ends_the_healthy_run() {
    let points = Datapoints::from_series(series(&[(2, 1.0), (1, 0.0), (3, 1.0)]), MINUTE);
    assert_eq!(points.known().unwrap().healthy_for(), Duration::from_mins(2));
}

#[test]
fn two_zeros_count_only_side_by_side() {
    let side_by_side = Datapoints::from_series(series(&[(1, 0.0), (2, 0.0)]), MINUTE);
    assert!(side_by_side.known().unwrap().newest_two_zero);
    let apart = Datapoints::from_series(series(&[(1, 0.0), (3, 0.0)]), MINUTE);
    assert!(!apart.known().unwrap().newest_two_zero);
}

#[test]
fn no_datapoint_is_unknown_not_healthy() {
    assert_eq!(Datapoints::from_series(vec![], MINUTE), Known::Unknown(Why::Empty));
}

#[test]
fn only_whole_ones_are_healthy_and_only_two_of_less_are_down() {
    let points =
        |values: &[(i64, f64)]| *Datapoints::from_series(series(values), MINUTE).known().unwrap();
    assert_eq!(points(&[(2, 0.9), (1, 1.0)]).healthy_run, 0);
    assert_eq!(points(&[(2, 1.0), (1, 0.9)]).healthy_run, 1);
    assert!(points(&[(2, 0.9), (1, 0.9), (0, 1.0)]).newest_two_zero);
    assert!(!points(&[(2, 1.0), (1, 0.0), (0, 0.0)]).newest_two_zero);
    assert!(!points(&[(2, 0.0), (1, 1.0)]).newest_two_zero);
    assert!(!points(&[(2, 0.0)]).newest_two_zero);
}

#[test]
fn the_newest_datapoint_is_found_in_any_order() {
    let at = |minute: i64| Timestamp::from_second(minute * 60).unwrap();
    let points = Datapoints::from_series(series(&[(1, 1.0), (3, 1.0), (2, 1.0)]), MINUTE);
    let points = points.known().unwrap();
    assert_eq!((points.newest, points.healthy_run, points.period), (at(3), 3, MINUTE));
}

#[test]
fn a_reading_is_mapped_only_if_it_is_known() {
    let lost: Known<u8> = Known::Unknown(Why::Denied);
    assert_eq!(Known::Known(1).map(|n| n + 1), Known::Known(2));
    assert_eq!(lost.map(|n| n + 1), Known::Unknown(Why::Denied));
    assert_eq!(Known::Known(1).and_then(|n| Known::Known(n + 1)), Known::Known(2));
    assert_eq!(Known::Known(1).and_then(|_| lost), Known::Unknown(Why::Denied));
    assert_eq!(lost.and_then(Known::Known), Known::Unknown(Why::Denied));
    assert_eq!((Known::Known(1).known(), lost.known()), (Some(&1), None));
}

#[test]
fn every_reason_for_not_knowing_has_its_word() {
    let words = [
        Why::Timeout,
        Why::Throttled,
        Why::Denied,
        Why::Empty,
        Why::Unparseable,
        Why::Fault,
        Why::NotAsked,
        Why::Foreign,
        Why::Expired,
    ]
    .map(Why::word);
    let expected = [
        "timeout",
        "throttled",
        "access denied",
        "not found",
        "unreadable",
        "service error",
        "not asked",
        "addresses of neither region",
        "session token expired",
    ];
    assert_eq!(words, expected);
}

#[test]
fn an_alarm_state_is_called_as_cloudwatch_calls_it() {
    let words = [AlarmState::Ok, AlarmState::Alarm, AlarmState::Insufficient];
    assert_eq!(words.map(AlarmState::word), ["OK", "ALARM", "INSUFFICIENT_DATA"]);
}

#[test]
fn a_group_has_three_sizes() {
    let group = Group {
        min: 1,
        desired: 2,
        max: 3,
        in_service: 4,
        healthy: Known::Known(5),
        suspended: false,
        paused: false,
        cpu: Known::Known(6),
    };
    assert_eq!(group.sizes(), Sizes { min: 1, desired: 2, max: 3 });
}
