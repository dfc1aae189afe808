//! `[health]`: how the primary is judged.

use std::fmt;
use std::time::Duration;

use failover_core::time::parse_duration;

use super::super::key::section;
use super::super::takes::{durations, kept, number, text, word, wrong};
use super::super::value::{Switch, words};
use crate::names::NameError;

section! {
    /// How the health checks and the alarm judge.
    struct Health = "health", |around| {
        /// The path must answer 200 while the region can serve, and nothing else when it cannot. It asks this server and
        /// nothing that all servers share: when a shared database fails, `load-balancer` below replaces every server of both
        /// regions, again and again. It must answer whatever the `Host` header says: a load balancer asks with the server's
        /// address, Route 53 with the load balancer's own name, the controller's probe with `hostname`.
        path: String = text(path).or("/health"),
        /// Who can have a server replaced: the `load-balancer`, when the path fails, or only the `machine`, when EC2's own check
        /// fails. With `machine` a server that hangs gets no requests and stays until a person ends it. Either way its successor
        /// starts first.
        replace_unhealthy: ReplaceUnhealthy = word::<ReplaceUnhealthy>().or("load-balancer"),
        /// Interval between two requests of a checker, 10s or 30s.
        interval: Duration = durations(&["10s", "30s"]).or("10s"),
        /// How many failures in a row count, 1 to 10.
        threshold: u16 = number(1..=10, "1 to 10 probes").or("3"),
        /// Period of the failover alarm. Route 53 gives one point a minute. 10s or 30s need a check of your own, named below.
        alarm_period: Duration = durations(&["10s", "30s", "1m"]).or("1m"),
        /// Interval between two looks at Route 53's verdict on the primary, `5s` to `30s`. The verdict is there one to two
        /// minutes before the alarm. A look is a run of the controller of about 100 ms, and only ever raises. `off`: the verdict
        /// is read at each tick, once a minute.
        watch: Watch = text(watch).or("10s"),
        /// `off`: the standby's record follows the load balancer alone, and a dark standby may be answered.
        standby_check: Switch = word::<Switch>().or("on"),
        /// A check of the primary that you already have; without this line the site makes its own.
        primary_check_id: Option<String> = text(check_id).optional("abcdef11-2222-3333-4444-555555fedcba"),
        /// A check of the standby that you already have; without this line the site makes its own.
        standby_check_id: Option<String> = text(check_id).optional("abcdef11-2222-3333-4444-555555fedcbb"),
        /// With the latch, a check of your own that is healthy while both the primary's check and the latch are. It needs
        /// `primary_check_id`.
        gate_check_id: Option<String> = text(check_id).optional("abcdef11-2222-3333-4444-555555fedcbc"),
    }
}

/// How often the controller looks between its ticks. `None`: never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watch(pub Option<Duration>);

impl fmt::Display for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(interval) => write!(f, "{}s", interval.as_secs()),
            None => f.write_str("off"),
        }
    }
}

words! {
    /// Who can have a server replaced.
    ReplaceUnhealthy,
    /// The load balancer, when `path` fails: a server that hangs is replaced, and so is every server whose path asks a database
    /// that is down.
    LoadBalancer = "load-balancer",
    /// EC2 alone, when the machine fails: a server that hangs gets no requests and stays.
    Machine = "machine",
}

fn path(text: &str) -> Result<String, NameError> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"._~/-".contains(&b);
    let good = text.starts_with('/') && text.len() <= 255 && text.bytes().all(allowed);
    kept(text, good, "a path that starts with a slash, without a query, such as `/health`")
}

fn watch(text: &str) -> Result<Watch, NameError> {
    if text == "off" {
        return Ok(Watch(None));
    }
    let interval = parse_duration(text).filter(|interval| (5..=30).contains(&interval.as_secs()));
    interval.map_or_else(|| wrong("5s to 30s, or off"), |interval| Ok(Watch(Some(interval))))
}

fn check_id(text: &str) -> Result<String, NameError> {
    let allowed = |b: u8| b.is_ascii_hexdigit() || b == b'-';
    let good = (1..=64).contains(&text.len()) && text.bytes().all(allowed);
    kept(
        text,
        good,
        "the id of a Route 53 health check, such as `abcdef11-2222-3333-4444-555555fedcba`",
    )
}
