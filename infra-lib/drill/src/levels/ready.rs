//! What must be true before a drill. What cannot be read is not true.

use failover_core::decision::Latch;
use failover_core::observation::{AlarmState, Answer, Known, Mode, Probe};
use failover_core::policy::Routing;
use failover_core::record::Demand;

use cloud::CheckView;
use cloud::guard::Refusal;
use operate::status::{Group, Raised, Reading, Side, StackReading};
use site::model::Site;

use super::{Facts, Foretold, Level, known};
use crate::journal::Precondition;

/// Checks that ask an endpoint. The verdict of any other is somebody else's, and is not turned round.
const ENDPOINT_CHECKS: [&str; 5] = ["HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP"];

/// Every precondition of a level, met or not.
#[must_use]
pub fn ready(
    level: Level,
    site: &Site,
    facts: &Facts,
    foretold: &Result<Foretold, String>,
) -> Vec<Precondition> {
    let status = &facts.status;
    let controller = &facts.rehearsal.observation;
    let mut all = vec![
        of("one region stands by", site.config.policy.routing() == Routing::Failover, || {
            "both regions serve, so there is nothing to fail over".to_owned()
        }),
        stacks(&status.stacks),
        reading("nothing is raised", &status.raised, |raised| *raised == Raised::Idle, raised),
        of(
            "no failover is ordered",
            status.order.as_ref().is_none_or(|order| order.what != Demand::Failover),
            || "an operator's failover stands".to_owned(),
        ),
        reading(
            "the controller is armed",
            &status.mode,
            |mode| *mode == Mode::Armed,
            |mode| mode.word().to_owned(),
        ),
        reading(
            "the alarm is OK",
            &status.alarm,
            |alarm| alarm.state == AlarmState::Ok,
            |alarm| format!("it reads {}", alarm.state.word()),
        ),
        gate(site, &status.latch),
        of("DNS names the primary", controller.answer == Known::Known(Answer::Primary), || {
            format!("the controller saw {}", known(&controller.answer, answer))
        }),
        of(
            "the primary answers the controller",
            controller.probe == Known::Known(Probe::Up),
            || format!("its probe: {}", known(&controller.probe, probe)),
        ),
        whole("the primary's servers are healthy", &status.primary, 1),
        whole("the standby group is whole", &status.standby, 0),
        of("a raise finds capacity", facts.capacity.is_empty(), || facts.capacity.join("; ")),
        check(
            "the primary's health check is neither inverted nor disabled",
            facts.primary_check.as_ref(),
        ),
    ];
    if site.config.health.standby_check.is_on() {
        all.push(check(
            "the standby's health check is neither inverted nor disabled",
            facts.standby_check.as_ref(),
        ));
    }
    if level == Level::Dns {
        let named = &facts.named;
        let others = named.aliases.len() + named.others.len();
        all.push(of("the drill's name is free", others == 0, || {
            format!("{others} records exist there")
        }));
    }
    all.push(known::credentials(level, site, facts.credentials, facts.at()));
    all.push(Precondition {
        what: "the controller will decide as the drill expects".to_owned(),
        met: foretold.is_ok(),
        seen: match foretold {
            Ok(foretold) => format!("they will decide {}", foretold.rules.join(", ")),
            Err(why) => why.clone(),
        },
    });
    all
}

/// Why a drill is refused: all that is not met. `None`: everything is.
#[must_use]
pub fn refusal(level: Level, preconditions: &[Precondition]) -> Option<Refusal> {
    let unmet: Vec<_> = preconditions.iter().filter(|one| !one.met).collect();
    if unmet.is_empty() {
        return None;
    }
    let words = unmet.iter().map(|one| format!("{}: {}", one.what, one.seen));
    Some(Refusal {
        why: format!("drill {}: not met: {}", level.word(), words.collect::<Vec<_>>().join("; ")),
        hint:
            "nothing was changed; check the site with `cargo xtask status` and `cargo xtask doctor`"
                .to_owned(),
    })
}

fn of(what: &str, met: bool, otherwise: impl FnOnce() -> String) -> Precondition {
    let seen = if met { String::new() } else { otherwise() };
    Precondition { what: what.to_owned(), met, seen }
}

fn reading<T>(
    what: &str,
    reading: &Reading<T>,
    is: impl FnOnce(&T) -> bool,
    words: impl FnOnce(&T) -> String,
) -> Precondition {
    let met = reading.known().is_some_and(is);
    of(what, met, || seen(reading, words))
}

/// A reading in words.
fn seen<T>(reading: &Reading<T>, words: impl FnOnce(&T) -> String) -> String {
    match reading {
        Reading::Known(value) => words(value),
        Reading::Absent => "it does not exist".to_owned(),
        Reading::Unknown(why) => why.clone(),
    }
}

fn known<T: Copy>(reading: &Known<T>, words: impl FnOnce(T) -> &'static str) -> String {
    match reading {
        Known::Known(value) => words(*value).to_owned(),
        Known::Unknown(why) => format!("nothing: {}", why.word()),
    }
}

const fn answer(answer: Answer) -> &'static str {
    match answer {
        Answer::Primary => "the primary",
        Answer::Standby => "the standby",
        Answer::Mixed => "addresses of both regions",
    }
}

const fn probe(probe: Probe) -> &'static str {
    match probe {
        Probe::Up => "it reaches the primary",
        Probe::Down => "it does not reach the primary",
    }
}

fn raised(raised: &Raised) -> String {
    match raised {
        Raised::Idle => "nothing".to_owned(),
        Raised::Ours { since, target, .. } => {
            format!("the controller has held the standby at {target} instances since {since}")
        }
        Raised::Unreadable => "the record of the controller cannot be read".to_owned(),
    }
}

fn stacks(stacks: &[StackReading]) -> Precondition {
    let stands = |status: &str| {
        status.ends_with("_COMPLETE") && !["DELETE_COMPLETE", "ROLLBACK_COMPLETE"].contains(&status)
    };
    let bad: Vec<String> = stacks
        .iter()
        .filter(|stack| stack.wanted)
        .filter(|stack| !stack.status.known().is_some_and(|status| stands(status)))
        .map(|stack| format!("{}: {}", stack.stack, seen(&stack.status, String::clone)))
        .collect();
    of("every stack stands", bad.is_empty(), || bad.join(", "))
}

fn gate(site: &Site, latch: &Reading<operate::status::Gate>) -> Precondition {
    if !site.config.policy.latch() {
        return of("the latch is open", true, String::new);
    }
    reading(
        "the latch is open",
        latch,
        |gate| gate.recorded == Latch::Open,
        |_| "it is closed".to_owned(),
    )
}

/// Everything asked for is in service, and nobody suspended what would bring more.
fn whole(what: &str, side: &Side, least: usize) -> Precondition {
    let is = |group: &Group| {
        let wanted = usize::from(group.sizes.desired).max(least);
        let healthy = group.healthy.known().copied().unwrap_or_default();
        group.suspended.is_empty() && group.in_service >= wanted && healthy >= wanted
    };
    reading(what, &side.group, is, |group| {
        let Group { sizes, in_service, healthy, suspended } = group;
        let healthy = seen(healthy, ToString::to_string);
        let desired = sizes.desired;
        let mut words = format!("in service {in_service} of {desired}, healthy {healthy}");
        if !suspended.is_empty() {
            words = format!("{words}, suspended: {}", suspended.join(", "));
        }
        words
    })
}

fn check(what: &str, check: Option<&CheckView>) -> Precondition {
    let Some(check) = check else {
        return of(what, false, || "there is no such check".to_owned());
    };
    let plain = ENDPOINT_CHECKS.contains(&check.kind.as_str());
    of(what, plain && !check.inverted && !check.disabled, || {
        let CheckView { id, kind, inverted, disabled, .. } = check;
        format!("{id} is of type {kind}, inverted: {inverted}, disabled: {disabled}")
    })
}
