//! What the picture says in sentences.

use failover_core::Policy;
use failover_core::policy::{Failback, Floor, Routing};
use failover_core::time::format_duration;

use super::Step;
use crate::text::shortened;
use site::config::Config;

/// Longest path that a sentence spells out.
const LETTERS_MAX: usize = 60;

pub(super) fn summary(config: &Config) -> String {
    let (primary, standby) = (&config.regions.primary, &config.regions.standby);
    if both_serve(config) {
        return format!("{primary} and {standby} both serve, and each can carry everybody.");
    }
    let state = match config.policy.floor() {
        Floor::Fixed(0) => "is a pilot light: no instance runs there until a failover.".to_owned(),
        Floor::Fixed(1) => "is a warm standby: 1 instance always runs there.".to_owned(),
        Floor::Fixed(n) => format!("is a warm standby: {n} instances always run there."),
        Floor::Match => "is a hot standby: it runs as many instances as it would need.".to_owned(),
    };
    format!("{primary} serves. {standby} {state}")
}

pub(super) fn both_serve(config: &Config) -> bool {
    config.policy.routing() == Routing::ActiveActive
}

pub(super) fn steps(config: &Config) -> Vec<Step> {
    let standby = &config.regions.standby;
    let policy = &config.policy;
    let period = format_duration(config.health.alarm_period);
    let texts = [
        check(config),
        format!("After {period} of it the failover alarm goes off."),
        format!("The alarm's topic invokes the controller in {standby}."),
        looks(config),
        raise(policy),
        match policy.floor() {
            _ if both_serve(config) => {
                format!("DNS waits for none of this: it answers {standby} alone from step 1 on.")
            }
            Floor::Fixed(0) => format!(
                "Its first healthy server passes the standby's check, and DNS answers {standby}."
            ),
            Floor::Fixed(_) | Floor::Match => format!(
                "DNS waits for none of this: the standby's check passes all the time, so {standby} is answered from step 1 on."
            ),
        },
    ];
    let numbered = texts.into_iter().zip(1..);
    numbered.map(|(text, number)| Step { number, text }).collect()
}

/// What runs the controller beside the topic.
fn looks(config: &Config) -> String {
    let tick = format_duration(config.policy.tick());
    let own =
        format!("The controller reads for itself. It also runs every {tick} without being told");
    match config.health.watch.0 {
        Some(watch) => format!(
            "{own}, and every {} it asks Route 53's name servers for their verdict, which is there before the alarm.",
            format_duration(watch)
        ),
        None => format!("{own}."),
    }
}

fn check(config: &Config) -> String {
    let health = &config.health;
    let primary = &config.regions.primary;
    if health.primary_check_id.is_some() {
        return format!("Your own health check of {primary} fails.");
    }
    let path = shortened(&health.path, LETTERS_MAX);
    let interval = format_duration(health.interval);
    let failures = match health.threshold {
        1 => "one failure".to_owned(),
        n => format!("{n} failures in a row"),
    };
    format!("Checkers all over the world ask for {path} every {interval} and see {failures}.")
}

fn raise(policy: &Policy) -> String {
    // A peak of nothing is raised to the fewest.
    let (min, max) = (policy.target(Some(0)), policy.capacity_max());
    let range = if min == max { format!("{max}") } else { format!("{min} to {max}") };
    let percent =
        policy.settings().into_iter().find(|(setting, _)| setting.name == "match_percent");
    let share = match percent.as_ref().map(|(_, value)| value.as_str()) {
        Some("100") | None => "the primary's peak".to_owned(),
        Some(percent) => format!("{percent} % of the primary's peak"),
    };
    match policy.floor() {
        Floor::Fixed(floor) => {
            format!("It raises the group from {floor} to {share}: {range} instances.")
        }
        Floor::Match => {
            format!("It keeps the group at {share}: {range} instances.")
        }
    }
}

pub(super) fn return_trip(config: &Config) -> String {
    let proof = format_duration(config.policy.hold_down());
    if both_serve(config) {
        return "Afterwards DNS answers both again as soon as the check passes. Nothing is lowered: both floors follow the load \
                upwards."
            .to_owned();
    }
    if !config.policy.latch() {
        return format!(
            "Afterwards DNS goes back by itself as soon as the primary's check passes. The standby stays up until the primary \
             has been proven up for {proof}."
        );
    }
    let release = match config.policy.failback() {
        Failback::Automatic => "and can carry the users",
        Failback::Approve => "and can carry the users, and a person approves",
        Failback::Manual => "and a person asks for the failback",
    };
    let rest = match config.policy.floor() {
        Floor::Fixed(0) => "Then the standby is put out again.",
        Floor::Fixed(_) | Floor::Match => "Then the standby goes back to its floor.",
    };
    format!(
        "Afterwards the latch keeps DNS on the standby until the primary has been proven up for {proof} {release}. {rest}"
    )
}
