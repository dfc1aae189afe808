//! Domain values as an operator reads them.

use std::time::Duration;

use failover_core::decision::{Latch, Outcome, PrimaryWrite, Reply, StandbyWrite, Step};
use failover_core::finding::Finding;
use failover_core::observation::{
    AlarmView, Answer, CheckConfig, Datapoints, Evaluation, Group, Probe, Subscriptions,
};
use failover_core::record::{Cause, Demand, Raised, Register, Sizes, Told};
use failover_core::signal::{Request, Wish};
use failover_core::time::age;
use failover_core::{Known, Signal, Timestamp, Why};

use crate::numbers::counted;

/// A time of day, with its date unless it is that of `now`.
#[must_use]
pub fn clock(now: Timestamp, at: Timestamp) -> String {
    let same_day = now.as_second().div_euclid(86_400) == at.as_second().div_euclid(86_400);
    at.strftime(if same_day { "%H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" }).to_string()
}

/// The steps of a decision that did not go through, each with its error.
#[must_use]
pub fn failed(outcome: &Outcome) -> Vec<String> {
    outcome.failed.iter().map(|(step, error)| format!("{}: {error}", part(*step))).collect()
}

const fn part(step: Step) -> &'static str {
    match step {
        Step::Before => "the record before it",
        Step::Recheck => "the second reading",
        Step::Standby => "the standby group",
        Step::Primary => "the primary group",
        Step::After => "the record after it",
        Step::Latch => "the latch's metric",
        Step::Notify => "the notice",
        Step::Told => "the record of the notice",
    }
}

/// A length of time in its two largest units.
#[must_use]
pub fn lasting(length: Duration) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")];
    let mut left = length.as_secs();
    let mut words = Vec::new();
    for (seconds, unit) in UNITS {
        let count = left / seconds;
        left %= seconds;
        if count > 0 {
            words.push(format!("{count} {unit}"));
        } else if !words.is_empty() {
            break;
        }
        if words.len() == 2 {
            break;
        }
    }
    if words.is_empty() { "0 s".to_owned() } else { words.join(" ") }
}

/// Since when, and for how long.
#[must_use]
pub fn since(now: Timestamp, at: Timestamp) -> String {
    if at > now {
        return format!("from {}, which is in the future", clock(now, at));
    }
    format!("for {}, since {}", lasting(age(now, at)), clock(now, at))
}

/// A reading, or why there is none.
pub fn known<T>(reading: &Known<T>, words: impl FnOnce(&T) -> String) -> String {
    match reading {
        Known::Known(value) => words(value),
        Known::Unknown(Why::NotAsked) => Why::NotAsked.word().to_owned(),
        Known::Unknown(why) => format!("unknown: {}", why.word()),
    }
}

pub fn alarm(now: Timestamp, alarm: &AlarmView) -> String {
    let mut words = format!("{} {}", alarm.state.word(), since(now, alarm.transitioned_at));
    if alarm.evaluation == Evaluation::Failing {
        words.push_str("; CloudWatch does not evaluate it");
    }
    if !alarm.actions {
        words.push_str("; its actions are off, so only the tick sees it");
    }
    words
}

pub fn datapoints(now: Timestamp, points: &Datapoints) -> String {
    let run = match points {
        Datapoints { newest_two_zero: true, .. } => "0 in the newest two datapoints".to_owned(),
        Datapoints { healthy_run: 0, .. } => "0 in the newest datapoint".to_owned(),
        Datapoints { healthy_run, .. } => format!(
            "1 in the newest {} without a gap ({})",
            counted(*healthy_run, "datapoint"),
            lasting(points.healthy_for())
        ),
    };
    format!("{run}; the newest began {} ago", lasting(age(now, points.newest)))
}

/// The three sizes of a group.
#[must_use]
pub fn sizes(sizes: Sizes) -> String {
    format!("min {}, desired {}, max {}", sizes.min, sizes.desired, sizes.max)
}

pub fn group(group: &Group) -> String {
    let healthy = known(&group.healthy, u16::to_string);
    let cpu = group.cpu.known().map_or_else(String::new, |cpu| format!(", CPU {cpu} %"));
    let suspended =
        if group.suspended { "; LAUNCH IS SUSPENDED, a raise brings no servers" } else { "" };
    let sizes = sizes(group.sizes());
    format!("{sizes}; in service {}, healthy {healthy}{cpu}{suspended}", group.in_service)
}

pub fn answer(answer: Answer) -> String {
    let whom = match answer {
        Answer::Primary => "names the primary",
        Answer::Standby => "names the standby",
        Answer::Mixed => "names addresses of both regions",
    };
    whom.to_owned()
}

pub fn probe(probe: Probe) -> String {
    match probe {
        Probe::Up => "the primary answers, three times of three".to_owned(),
        Probe::Down => "the primary does not answer, three times of three".to_owned(),
    }
}

pub fn requests(each: u32) -> String {
    format!("{} a minute at each server of the standby", counted(each, "request"))
}

pub fn check(check: CheckConfig) -> String {
    match (check.disabled, check.inverted) {
        (false, false) => "health check in order".to_owned(),
        (true, false) => "HEALTH CHECK DISABLED".to_owned(),
        (false, true) => "HEALTH CHECK INVERTED".to_owned(),
        (true, true) => "HEALTH CHECK DISABLED AND INVERTED".to_owned(),
    }
}

pub fn subscriptions(receivers: Subscriptions) -> String {
    let pending = match receivers.pending {
        0 => String::new(),
        pending => format!(", {pending} NOT CONFIRMED"),
    };
    format!("{} of notices{pending}", counted(receivers.confirmed, "receiver"))
}

/// The evidence as the beginning of a sentence.
pub fn cause(cause: Cause, ordered_by: Option<&str>) -> String {
    let words = match cause {
        Cause::Alarm => "the alarm reads ALARM",
        Cause::Verdict => "Route 53's verdict reads unhealthy",
        Cause::Datapoints => "the newest two datapoints are 0",
        Cause::Order => {
            return format!("a failover was requested by {}", ordered_by.unwrap_or("somebody"));
        }
        Cause::Answer => "DNS names the standby although the latch is open",
        Cause::Probe => "the detector is blind and our own probe finds the primary down",
        Cause::Claim => "an event says ALARM and the alarm itself cannot be read",
        Cause::Suspicion => {
            "two looks in a row with our own probe found the primary down, as a precaution"
        }
    };
    words.to_owned()
}

/// Number of the evidence in the rules.
pub const fn number(cause: Cause) -> &'static str {
    match cause {
        Cause::Alarm => "D1",
        Cause::Datapoints => "D2",
        Cause::Order => "D3",
        Cause::Answer => "D4",
        Cause::Probe => "D5",
        Cause::Claim => "D6",
        Cause::Verdict => "D7",
        Cause::Suspicion => "D8",
    }
}

pub fn signal(now: Timestamp, signal: &Signal) -> String {
    match signal {
        Signal::Alarm(claim) => {
            format!("an alarm event that says {} {}", claim.state.word(), since(now, claim.at))
        }
        Signal::Tick => "the tick".to_owned(),
        Signal::Look { again: false } => "a look between two ticks".to_owned(),
        Signal::Look { again: true } => {
            "a look between two ticks, the second in a row on which our own probe failed".to_owned()
        }
        Signal::Rehearsal => "a rehearsal, which writes nothing".to_owned(),
        Signal::Request(request) => asked(now, request),
        Signal::Unreadable { detail } => format!("a message that is none of ours: {detail}"),
    }
}

fn asked(now: Timestamp, request: &Request) -> String {
    let what = match request.what {
        Wish::Order(Demand::Failover) => "a failover".to_owned(),
        Wish::Order(Demand::Failback) => "a failback".to_owned(),
        Wish::Order(Demand::Approve) => "the approval of the failback".to_owned(),
        Wish::Mode(mode) => format!("the mode `{}`", mode.word()),
    };
    let episode = request.episode.map_or_else(String::new, |episode| {
        format!(", for the failover that was raised at {}", clock(now, episode))
    });
    format!("{} asks for {what}, at {}{episode}", request.by, clock(now, request.at))
}

pub fn reply(reply: Reply) -> String {
    match reply {
        Reply::Taken => "taken: it counts from now on".to_owned(),
        Reply::Repeated => "it was taken before".to_owned(),
        Reply::Refused(refusal) => format!("refused: {refusal}"),
    }
}

/// What the latch does to DNS.
#[must_use]
pub const fn latch(latch: Latch) -> &'static str {
    match latch {
        Latch::Open => "open",
        Latch::Closed => "closed",
    }
}

pub fn standby_write(write: StandbyWrite) -> String {
    match write {
        StandbyWrite::Raise(to) => format!("the standby group to {}", sizes(to)),
        StandbyWrite::LowerMin { min } => {
            format!("the standby group to min {min}, which stops nothing")
        }
        StandbyWrite::LowerDesired { desired, max } => {
            format!("the standby group to desired {desired}, max {max}")
        }
    }
}

pub fn primary_write(write: PrimaryWrite) -> String {
    match write.desired {
        Some(desired) => format!("the primary group to min {}, desired {desired}", write.min),
        None => format!("the primary group to min {}", write.min),
    }
}

/// A raise that is noted, in a few words.
pub fn raised(now: Timestamp, raised: &Raised) -> String {
    let again = if raised.first == raised.at {
        String::new()
    } else {
        format!(", again at {}", clock(now, raised.at))
    };
    format!(
        "raised at {}{again} to {} because of the {}; to go back to {}",
        clock(now, raised.first),
        raised.target,
        raised.why.word(),
        sizes(raised.undo)
    )
}

/// The findings that people were told of, those that do not hold now marked; or `none`.
pub fn findings(told: &Told, none: &str) -> String {
    let word = |&finding: &Finding| {
        let gone = if told.is_gone(finding) { " (not true any more)" } else { "" };
        format!("{}{gone}", finding.word())
    };
    let words: Vec<_> = told.findings.iter().map(word).collect();
    if words.is_empty() { none.to_owned() } else { words.join(", ") }
}

/// A register as what it notes.
pub fn register(now: Timestamp, register: &Register) -> String {
    match register {
        Register::Base(base) => format!("record: normal sizes are {}", sizes(base.sizes)),
        Register::Peak(peak) => format!("record: the peak is {}", peak.max().unwrap_or(0)),
        Register::Raised(note) => format!("record: {}", raised(now, note)),
        Register::Done(at) => format!("record: the failover of {} is finished", clock(now, *at)),
        Register::Closed(_) => "record: the latch closes".to_owned(),
        Register::Opened(_) => "record: the latch opens".to_owned(),
        Register::Primary(undo) => format!("record: the primary's min goes back to {}", undo.min),
        Register::Drain(drain) => {
            format!("record: DNS named the primary on {} in a row", counted(drain.ticks, "tick"))
        }
        Register::Starved(starved) => format!(
            "record: the standby has had less than its share on {} in a row",
            counted(starved.ticks, "tick")
        ),
        Register::Unseen(_) => {
            "record: the metric cannot be read, and the controller's own probe fails".to_owned()
        }
        Register::History(history) => {
            format!(
                "record: {} finished so far",
                counted(history.finished.len() as u64, "failback")
            )
        }
        Register::Mode(mode) => format!("record: the mode is `{}`", mode.word()),
        Register::Order(order) => format!("record: {} orders {}", order.by, order.what.word()),
        Register::Told(told) => {
            format!("record: findings that were told: {}", findings(told, "none"))
        }
        Register::Lasting(lasting) => {
            let words: Vec<_> = lasting.since.keys().map(|finding| finding.word()).collect();
            let words = if words.is_empty() { "nothing".to_owned() } else { words.join(", ") };
            format!("record: what lasts and may become a finding: {words}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_told_in_its_two_largest_units() {
        let told = [0, 45, 60, 310, 3600, 3605, 11_100, 90_061, 259_200]
            .map(|seconds| lasting(Duration::from_secs(seconds)));
        let expected =
            ["0 s", "45 s", "1 min", "5 min 10 s", "1 h", "1 h", "3 h 5 min", "1 d 1 h", "3 d"];
        assert_eq!(told, expected);
    }

    #[test]
    fn another_day_is_told_with_its_date() {
        let now = Timestamp::from_second(1_767_225_600).unwrap();
        let yesterday = Timestamp::from_second(1_767_225_599).unwrap();
        assert_eq!(since(now, yesterday), "for 1 s, since 2025-12-31 23:59:59");
        assert_eq!(since(yesterday, now), "from 2026-01-01 00:00:00, which is in the future");
    }
}
