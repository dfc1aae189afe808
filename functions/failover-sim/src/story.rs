//! A history as text that a person can follow: what happened, what the controller did, and how things stood.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use failover_core::decision::Latch;
use failover_core::invariant::{self, Case};
use failover_core::observation::{AlarmState, Answer};
use failover_core::record::Demand;
use failover_core::signal::{Signal, Wish};

use crate::world::{
    Check, Checked, Fault, Fleet, Flip, Invocation, Look, Minute, Names, Operator, Read, Region,
    Ruling, Set, Sight, Site, Stage, Words, World,
};

/// Tells a history from its first world and its minutes, one line a minute. The invariants that single decisions break on the
/// way go to `also`.
#[must_use]
pub fn tell(
    stage: &Stage<'_>,
    first: &World,
    minutes: &[Minute],
    also: &mut BTreeSet<&'static str>,
) -> String {
    let mut text = String::new();
    let mut world = first.clone();
    for (number, minute) in minutes.iter().enumerate() {
        let mut ran = Vec::new();
        let Some(next) = world.after(stage, minute, &mut |_, invocation| {
            ran.push(said(invocation));
            also.extend(broken(stage.site, invocation));
        }) else {
            break;
        };
        let mut happened = happenings(minute);
        happened.extend(ran);
        let happened = if happened.is_empty() { "-".to_owned() } else { happened.join("; ") };
        writeln!(text, "{:>3}  {happened}\n     {}", number + 1, stands(&next))
            .expect("a string grows");
        world = next;
    }
    if let Some(broken) = world.broken {
        writeln!(text, "     broken: {broken}").expect("a string grows");
    }
    text
}

/// The invariants that a single decision breaks, whether or not anybody is hurt by it.
#[must_use]
pub fn broken(site: &Site, invocation: &Invocation) -> Vec<&'static str> {
    let Ruling { signal, observation, at, decision, .. } = &*invocation.ruling;
    let variant = usize::from(invocation.ruling.setting).checked_sub(1);
    let policy = variant.and_then(|variant| site.variants.get(variant)).unwrap_or(&site.policy);
    let case = Case { policy, signal, observation, at: *at, decision, outcome: None };
    invariant::broken(&case).map(|(id, _)| id).collect()
}

/// What happens in a minute, in words.
#[must_use]
pub fn happenings(minute: &Minute) -> Vec<String> {
    let mut words = Vec::new();
    if minute.flip {
        words.push("the primary fails or returns".to_owned());
    }
    if let Some(relief) = minute.relief {
        words.push(ended(relief).to_owned());
    }
    if let Some(fault) = minute.fault {
        words.push(went_wrong(fault));
    }
    if let Some(operator) = minute.operator {
        words.push(asked(operator).to_owned());
    }
    let lags = [
        (minute.lags.alarm, "the alarm is late"),
        (minute.lags.gate, "the latch's check is late"),
        (minute.lags.answer, "our resolver is late"),
        (minute.lags.tracking, "target tracking waits"),
        (minute.late, "the halted handler goes on after the tick"),
        (minute.look == Some(Look::Before), "a look comes before the tick"),
        (minute.look == Some(Look::After), "a look comes after the tick"),
        (minute.look == Some(Look::Twice), "looks come before and after the tick"),
    ];
    words.extend(lags.into_iter().filter(|(late, _)| *late).map(|(_, text)| text.to_owned()));
    words
}

const fn ended(flip: Flip) -> &'static str {
    match flip {
        Flip::Standby => "the standby region is back",
        Flip::Sight => "the detector sees again",
        Flip::Controller => "the controller runs again",
        Flip::Freeze => "the operator arms it again",
        Flip::Tags => "the spoiled tag is deleted",
        Flip::Readings => "every reading succeeds again",
        Flip::Names => "the names resolve as usual again",
        Flip::Check => "the health check is set right",
        Flip::Words => "the verdict's records are as they were",
        Flip::Path => "our probe has its way to the primary again",
        Flip::Servers => "the unhealthy servers are replaced",
    }
}

fn went_wrong(fault: Fault) -> String {
    match fault {
        Fault::StandbyDark => "the standby region goes dark".to_owned(),
        Fault::DetectorDark => "us-east-1 goes dark".to_owned(),
        Fault::DetectorSilent => "the metric stops".to_owned(),
        Fault::Dead => "the controller stops".to_owned(),
        Fault::Freeze => "the operator freezes it".to_owned(),
        Fault::WrongVerdict => "the health check is wrong".to_owned(),
        Fault::Loss => "the standby loses an instance".to_owned(),
        Fault::Drought => "the standby loses an instance, and no zone has another".to_owned(),
        Fault::Shrink => "the primary keeps one instance only".to_owned(),
        Fault::Deploy => "somebody deploys".to_owned(),
        Fault::Delete(tag) => format!("somebody deletes the tag {}", tag.word()),
        Fault::Setting(n) => format!("somebody deploys the site's settings {n}"),
        Fault::Unreadable(read) => format!("from now on {} cannot be read", read_name(read)),
        Fault::Names(names) => format!("from now on {}", names_text(names)),
        Fault::Check(check) => format!("somebody sets {}", check_text(check)),
        Fault::Words(words) => format!("from now on the verdict {}", words_text(words)),
        Fault::Path => "our probe is cut off from the primary".to_owned(),
        Fault::Unhealthy(Region::Primary) => "a server of the primary is unhealthy".to_owned(),
        Fault::Unhealthy(Region::Standby) => "a server of the standby is unhealthy".to_owned(),
        Fault::Garble(tag) => format!("somebody spoils the tag {}", tag.word()),
        Fault::Unread(read) => format!("{} cannot be read", read_name(read)),
        Fault::Stragglers => "clients still ask the standby".to_owned(),
        Fault::NoEgress => "the controller has no egress".to_owned(),
        Fault::StaleEvent => "a stale event says ALARM, and the alarm cannot be read".to_owned(),
        Fault::Crash(n) => format!("the handler dies before act {}", n + 1),
        Fault::Lost(n) => format!("act {} fails", n + 1),
        Fault::Unconfirmed(n) => format!("act {} happens and looks failed", n + 1),
        Fault::Untold => "the notice is lost".to_owned(),
        Fault::Slow(n) => format!("the handler halts before act {}", n + 1),
    }
}

const fn read_name(read: Read) -> &'static str {
    match read {
        Read::Alarm => "the alarm",
        Read::Datapoints => "the metric",
        Read::Standby => "the standby group",
        Read::Primary => "the primary group",
        Read::Answer => "DNS",
        Read::Probe => "our probe",
        Read::Healthy => "the standby's target health",
        Read::Requests => "the standby's requests",
        Read::Verdict => "the verdict",
    }
}

const fn names_text(names: Names) -> &'static str {
    match names {
        Names::Overlap => "answers of DNS share one address with a load balancer's",
        Names::Apart => "answers of DNS share no address with a load balancer's",
        Names::Both => "answers of DNS have addresses of both load balancers",
        Names::NoPrimary => "the primary's load balancer cannot be resolved",
        Names::NoStandby => "the standby's load balancer cannot be resolved",
    }
}

const fn words_text(words: Words) -> &'static str {
    match words {
        Words::Healthy => "reads healthy, whatever is true",
        Words::Unhealthy => "reads unhealthy, whatever is true",
        Words::Foreign => "is another one from each name server",
    }
}

fn check_text(check: Check) -> String {
    let whose = match check.of {
        Checked::Primary => "the PRIMARY record's",
        Checked::Latch => "the latch's",
        Checked::Standby => "the SECONDARY record's",
    };
    let how = match check.set {
        Set::Disabled => "disabled",
        Set::Inverted => "inverted",
    };
    format!("{whose} check to {how}")
}

const fn asked(operator: Operator) -> &'static str {
    match operator {
        Operator::Asks(Wish::Order(Demand::Failover)) => "the operator asks for a failover",
        Operator::Asks(Wish::Order(Demand::Failback)) => "the operator asks for a failback",
        Operator::Asks(Wish::Order(Demand::Approve)) => "the operator approves",
        Operator::Asks(Wish::Mode(_)) => "the operator changes the mode",
        Operator::Raises => "the operator raises the standby by hand",
    }
}

/// One invocation: why it ran, and what it decided.
#[must_use]
pub fn said(invocation: &Invocation) -> String {
    let why = match &invocation.ruling.signal {
        Signal::Alarm(_) => "event",
        Signal::Tick => "tick",
        Signal::Look { .. } => "look",
        Signal::Rehearsal => "rehearsal",
        Signal::Request(_) => "request",
        Signal::Unreadable { .. } => "message",
    };
    let reason = invocation.decision().reason.name();
    let stopped = if invocation.stopped.is_some() { ", not to its end" } else { "" };
    format!("{why}: {reason}{stopped}")
}

/// How things stand, in one line.
#[must_use]
pub fn stands(world: &World) -> String {
    let fleet = |fleet: &Fleet| {
        let dark = if fleet.up { "" } else { " down" };
        let ill = match fleet.unhealthy {
            0 => String::new(),
            ill => format!(", {ill} of them unhealthy"),
        };
        format!("{}/{} of {}{ill}{dark}", fleet.min, fleet.desired, fleet.in_service)
    };
    let alarm = match (world.detector.sight, world.detector.alarm) {
        (Sight::Dark, _) => "dark",
        (_, AlarmState::Ok) => "OK",
        (_, AlarmState::Alarm) => "ALARM",
        (_, AlarmState::Insufficient) => "INSUFFICIENT_DATA",
    };
    let dns = match world.answer {
        Answer::Primary => "primary",
        Answer::Standby => "standby",
        Answer::Mixed => "both",
    };
    let latch = match world.gate.seen {
        Latch::Open => "",
        Latch::Closed => ", latch closed",
    };
    let ours = if world.ours() { ", ours" } else { "" };
    format!(
        "primary {}, standby {}, alarm {alarm}, DNS {dns}{latch}{ours}",
        fleet(&world.primary),
        fleet(&world.standby)
    )
}
