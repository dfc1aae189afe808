//! What is shorter on this machine than on AWS.

use failover_core::time::format_duration;

use drill::journal::Shortened;

use crate::stage::{
    ALARM_PERIOD, BOOT, CHECK_INTERVAL, CHECK_THRESHOLD, HOLD_DOWN, LATCH_INTERVAL, TICK, TTL,
    WATCH,
};

/// What is shorter in a local drill than on AWS.
#[must_use]
pub fn shortened() -> Vec<Shortened> {
    let line = |what: &str, aws: &str, drill| Shortened {
        what: what.to_owned(),
        aws: aws.to_owned(),
        drill,
    };
    vec![
        line("tick", "1m", format_duration(TICK)),
        line("looks between two ticks", "10s", format!("{} ms", WATCH.as_millis())),
        line("hold-down", "30m", format_duration(HOLD_DOWN)),
        line("datapoints and alarm period", "1m", format_duration(ALARM_PERIOD)),
        line(
            "health check",
            "10s x 3",
            format!("{} x {CHECK_THRESHOLD}", format_duration(CHECK_INTERVAL)),
        ),
        line("the latch's way to DNS", "1-3m", format_duration(LATCH_INTERVAL)),
        line("boot of an instance", "1-3m", format_duration(BOOT)),
        line("TTL of the site's answer", "1m", format_duration(TTL)),
    ]
}
