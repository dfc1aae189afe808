//! `[health]`: how the primary is judged.

use std::time::Duration;

use super::super::reader::{Form, Section};
use super::super::value::{Switch, seconds, within, words, wrong};
use crate::names::NameError;

const MINUTE: Duration = Duration::from_mins(1);

/// How the health checks and the alarm judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Path that answers 200 while a region can serve.
    pub path: String,
    /// Who can have a server replaced.
    pub replace_unhealthy: ReplaceUnhealthy,
    /// Distance of two probes of one checker. Range: 10 s or 30 s.
    pub interval: Duration,
    /// Failed probes in a row before a checker calls it down. Range: 1 to 10.
    pub threshold: u16,
    /// Period of the failover alarm. Range: 10 s, 30 s or 1 min.
    pub alarm_period: Duration,
    /// Whether the standby's record has a check of its own. Without one it follows the load balancer alone, and a dark standby
    /// may be answered.
    pub standby_check: Switch,
    /// An existing check of the primary to use instead of a new one.
    pub primary_check_id: Option<String>,
    /// An existing check of the standby to use instead of a new one.
    pub standby_check_id: Option<String>,
    /// An existing check for the primary's record, over `primary_check_id` and the latch, to use instead of a new one. Never
    /// without `primary_check_id`, and never with the latch off.
    pub gate_check_id: Option<String>,
}

words! {
    /// Who can have a server replaced.
    ReplaceUnhealthy, "`load-balancer` or `machine`",
    /// The load balancer, when `path` fails: a server that hangs is replaced, and so is every server whose path asks a database
    /// that is down.
    LoadBalancer = "load-balancer",
    /// EC2 alone, when the machine fails: a server that hangs gets no requests and stays.
    Machine = "machine",
}

pub(super) fn read(section: Section<'_>) -> Option<Health> {
    let path = section.or("path", Form::Text, "/health".to_owned(), path);
    let replace_unhealthy = section.or(
        "replace_unhealthy",
        Form::Text,
        ReplaceUnhealthy::LoadBalancer,
        ReplaceUnhealthy::parse,
    );
    let interval = section.or("interval", Form::Text, Duration::from_secs(10), interval);
    let threshold = section.or("threshold", Form::Number, 3, threshold);
    let alarm_period = section.or("alarm_period", Form::Text, MINUTE, alarm_period);
    let standby_check = section.or("standby_check", Form::Text, Switch::On, Switch::parse);
    let primary_check_id = section.optional("primary_check_id", Form::Text, check_id);
    let standby_check_id = section.optional("standby_check_id", Form::Text, check_id);
    let gate_check_id = section.optional("gate_check_id", Form::Text, check_id);
    section.finish();
    Some(Health {
        path: path?,
        replace_unhealthy: replace_unhealthy?,
        interval: interval?,
        threshold: threshold?,
        alarm_period: alarm_period?,
        standby_check: standby_check?,
        primary_check_id: primary_check_id?,
        standby_check_id: standby_check_id?,
        gate_check_id: gate_check_id?,
    })
}

fn threshold(text: &str) -> Result<u16, NameError> {
    within(text, 1, 10, "1 to 10 probes")
}

fn interval(text: &str) -> Result<Duration, NameError> {
    seconds(text, &[10, 30], "`10s` or `30s`")
}

fn alarm_period(text: &str) -> Result<Duration, NameError> {
    seconds(text, &[10, 30, 60], "`10s`, `30s` or `1m`")
}

fn path(text: &str) -> Result<String, NameError> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"._~/-".contains(&b);
    if text.starts_with('/') && text.len() <= 255 && text.bytes().all(allowed) {
        return Ok(text.to_owned());
    }
    wrong("a path that starts with a slash, without a query, such as `/health`")
}

fn check_id(text: &str) -> Result<String, NameError> {
    let allowed = |b: u8| b.is_ascii_hexdigit() || b == b'-';
    if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
        return Ok(text.to_owned());
    }
    wrong("the id of a Route 53 health check, such as `abcdef11-2222-3333-4444-555555fedcba`")
}
