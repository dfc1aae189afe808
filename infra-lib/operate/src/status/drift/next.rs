//! What to do about a difference. A command is made here and nowhere else, out of the live sizes and of how the site stands, so
//! that none can be made that ends a serving instance or touches a site that is failed over.

use std::fmt;

use failover_core::Record;
use failover_core::observation::AlarmState;
use failover_core::record::{Ownership, Sizes};
use serde::Serialize;

use cloud::AlarmStatus;
use provision::needs::{Broken, Fix, Need};
use site::model::StackId;
use site::names::Region;

use super::super::Reading;

/// What to do about a difference, or why it is meant to be so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Next {
    kind: Kind,
    #[serde(rename = "next")]
    text: String,
}

/// What the text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A command to type now.
    Command,
    /// Nothing yet: the text says what to wait for.
    Wait,
    /// Something that a person has to decide first.
    Advice,
    /// Nothing: the text says why it is meant to be so.
    Reason,
}

/// The group that a command is for.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) region: &'a Region,
    pub(super) group: &'a str,
    /// The key of the site file that holds its maximum.
    pub(super) max_key: &'static str,
    /// Instances that run in it, in whatever state.
    pub(super) running: usize,
}

/// Whether the site may be changed now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Situation {
    /// Nothing is raised, and the alarm is not known to be anything but OK.
    Calm,
    /// The site is failed over, may be, or is about to be. The text says what to wait for.
    Wait(String),
}

/// Processes whose return brings instances. Any other that comes back may end some.
const BRINGS: [&str; 2] = ["Launch", "AddToLoadBalancer"];
/// How to see who serves.
const LOOK: &str = "`cargo xtask status` shows who serves";

impl Next {
    /// What the text is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The command, if it is one.
    #[must_use]
    pub fn command(&self) -> Option<&str> {
        (self.kind == Kind::Command).then_some(self.text.as_str())
    }

    pub(super) fn reason(text: impl Into<String>) -> Self {
        Self { kind: Kind::Reason, text: text.into() }
    }

    pub(super) fn advice(text: impl Into<String>) -> Self {
        Self { kind: Kind::Advice, text: text.into() }
    }

    /// What may be done whatever the situation.
    pub(super) fn again() -> Self {
        Self::advice("run this command again once it can be read")
    }

    /// Lets the controller act again. It lowers by its own proofs alone.
    pub(super) fn arm() -> Self {
        Self::typed("cargo xtask mode armed".to_owned())
    }

    fn typed(text: String) -> Self {
        Self { kind: Kind::Command, text }
    }

    fn wait(until: &str, then: &str) -> Self {
        Self { kind: Kind::Wait, text: format!("wait until {until}, then {then}") }
    }
}

impl fmt::Display for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Situation {
    /// How the site stands, by the record and the alarm. What cannot be read may be a failover. As with a deploy, an alarm counts
    /// only once the controller has seen the site in good health: before that, the change may be what makes it healthy.
    pub(super) fn of(record: &Reading<Record>, alarm: &Reading<AlarmStatus>) -> Self {
        let proven = match record {
            Reading::Unknown(why) => {
                return Self::Wait(format!("the standby group can be read ({why})"));
            }
            Reading::Absent => false,
            Reading::Known(record) => match record.ownership() {
                Ownership::Ours(raised) => {
                    return Self::Wait(format!(
                        "the failover that began at {} is over",
                        raised.first
                    ));
                }
                Ownership::Unreadable => {
                    return Self::Wait("the record on the standby group can be read".to_owned());
                }
                Ownership::Idle => record.base.held().is_some(),
            },
        };
        match alarm {
            Reading::Unknown(why) => Self::Wait(format!("the failover alarm can be read ({why})")),
            Reading::Known(alarm) if proven && alarm.state != AlarmState::Ok => {
                Self::Wait("the failover alarm reads OK".to_owned())
            }
            Reading::Known(_) | Reading::Absent => Self::Calm,
        }
    }

    /// A deploy.
    pub(super) fn deploy(&self) -> Next {
        self.when_calm("cargo xtask deploy".to_owned())
    }

    /// A command that touches what serves.
    fn when_calm(&self, command: String) -> Next {
        match self {
            Self::Calm => Next::typed(command),
            Self::Wait(until) => Next::wait(until, &format!("run `{command}`")),
        }
    }

    /// Has CloudFormation create what it believes to be there and is not.
    pub(super) fn repair(&self, stack: StackId) -> Next {
        self.when_calm(format!("cargo xtask deploy --repair {stack}"))
    }

    /// Puts right what a failover needs.
    pub(super) fn mend(&self, broken: &Broken) -> Next {
        match (&broken.fix, self) {
            (Fix::Repair(stack), _) => self.repair(*stack),
            (Fix::Command(command), Self::Wait(_)) if broken.need == Need::CheckSettings => {
                Next::advice(format!(
                    "unless this was done on purpose for the failover: `{command}`"
                ))
            }
            // Each brings back what the controller or DNS need, and touches no group.
            (Fix::Command(command), _) => Next::typed(command.clone()),
            (Fix::Advice(text), _) => Next::advice(text.clone()),
        }
    }

    /// Brings the bounds of a group to the site file's. The command only ever raises a bound; what would lower one is a person's
    /// to decide, with the live numbers.
    pub(super) fn resize(&self, target: Target<'_>, live: Sizes, min: u16, max: u16) -> Next {
        if let Self::Wait(until) = self {
            return Next::wait(until, "compare again: until then the controller sets the sizes");
        }
        // INVARIANT: neither number is below what is live, so that no instance is ended.
        let (raised_min, raised_max) = (live.min.max(min), live.max.max(max));
        if (raised_min, raised_max) == (live.min, live.max) {
            return Self::lower(target, live, min, max);
        }
        let Target { region, group, .. } = target;
        Next::typed(format!(
            "aws autoscaling update-auto-scaling-group --region {region} --auto-scaling-group-name {group} \
             --min-size {raised_min} --max-size {raised_max}"
        ))
    }

    /// Instances that nobody asked for.
    pub(super) fn unasked(&self, target: Target<'_>, live: Sizes, min: u16, max: u16) -> Next {
        match self {
            Self::Calm => Self::lower(target, live, min, max),
            Self::Wait(until) => Next::wait(until, "compare again: users may need them"),
        }
    }

    fn lower(target: Target<'_>, live: Sizes, min: u16, max: u16) -> Next {
        let Target { max_key, running, .. } = target;
        let serving = u16::try_from(running).unwrap_or(u16::MAX).max(live.desired);
        let keep = if serving > max {
            format!("keep them: set `{max_key}` to at least {serving} in the site file; or lower")
        } else {
            "if users need them, leave them; else lower".to_owned()
        };
        Next::advice(format!(
            "{serving} instances are asked for or run ({LOOK}). {keep} the group by hand, one instance at a time, to min {min} \
             and max {max}: a maximum below {serving} ends instances at once"
        ))
    }

    /// Lets suspended processes run again. The command names those that only bring instances.
    pub(super) fn resume(target: Target<'_>, suspended: &[String]) -> Next {
        let brings = suspended.iter().map(String::as_str).filter(|name| BRINGS.contains(name));
        let brings: Vec<_> = brings.collect();
        let Target { region, group, .. } = target;
        if brings.is_empty() {
            let all = suspended.join(" ");
            return Next::advice(format!(
                "it may be suspended to keep instances that serve ({LOOK}); when that is no longer needed, resume it: {all}"
            ));
        }
        Next::typed(format!(
            "aws autoscaling resume-processes --region {region} --auto-scaling-group-name {group} --scaling-processes {}",
            brings.join(" ")
        ))
    }
}
