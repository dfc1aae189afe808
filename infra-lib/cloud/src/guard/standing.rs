//! How a site stands, as far as it decides what may be changed, and how a safety rule refuses.

use failover_core::observation::AlarmState;
use failover_core::record::Sizes;
use failover_core::{Record, Timestamp};
use serde::Serialize;

use site::model::StackId;

use crate::capacity::GroupView;

/// How the site stands, as far as it decides what may be changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Whether the standby is raised, and by whom.
    pub raised: Raised,
    /// The failover alarm, if it is there.
    pub alarm: Option<AlarmState>,
    /// Whether the controller has ever seen the primary in good health for an hour.
    pub proven: bool,
    /// The primary group, if it exists.
    pub primary: Option<GroupView>,
    /// The standby group, if it is there.
    pub standby: Option<GroupView>,
}

/// Live sizes below which a forced change brings neither group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// Of the primary group, which the controller may have grown for the failback.
    pub primary: Option<Sizes>,
    /// Of the standby group.
    pub standby: Option<Sizes>,
}

impl Carried {
    /// A parameter's value in the site file, or the live size where that is larger.
    #[must_use]
    pub fn at_least(&self, stack: StackId, parameter: &str, value: &str) -> String {
        let group = match stack {
            StackId::WebPrimary => self.primary,
            StackId::WebStandby => self.standby,
            StackId::Artifacts
            | StackId::NetworkPrimary
            | StackId::NetworkStandby
            | StackId::Controller
            | StackId::Detector
            | StackId::Edge
            | StackId::Dashboard => None,
        };
        let live = group.and_then(|sizes| match parameter {
            "MinSize" => Some(sizes.min),
            "MaxSize" => Some(sizes.max),
            _ => None,
        });
        let larger = live.filter(|live| value.parse::<u16>().is_ok_and(|value| value < *live));
        larger.map_or_else(|| value.to_owned(), |live| live.to_string())
    }
}

/// Whether the controller holds the standby up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Raised {
    /// It does not.
    #[default]
    Idle,
    /// It does.
    Since(Timestamp),
    /// The registers that would tell cannot be read.
    Unreadable,
}

/// Whether safety rules hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Safety {
    /// They do.
    #[default]
    Guarded,
    /// The operator overrules them. Live sizes are kept all the same.
    Overruled,
}

/// Something that a safety rule refuses. xtask ends with exit code 6.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error, miette::Diagnostic)]
#[error("refused: {why}")]
#[diagnostic(code("refused"), help("{hint}"))]
pub struct Refusal {
    /// Why.
    pub why: String,
    /// What to do instead.
    pub hint: String,
}

impl Standing {
    /// The live sizes that a forced change keeps: a raised standby stays raised, and a primary that was grown for the failback
    /// stays grown. While nothing is raised the site file decides.
    #[must_use]
    pub fn carried(&self, safety: Safety) -> Carried {
        if safety == Safety::Guarded || self.raised == Raised::Idle {
            return Carried::default();
        }
        let live = |group: &Option<GroupView>| group.as_ref().map(|group| group.sizes);
        Carried { primary: live(&self.primary), standby: live(&self.standby) }
    }

    /// Why the guarded stacks may not be changed now, if so.
    ///
    /// An alarm that is not OK counts only once the controller has seen the site in good health: before that, the change may be
    /// what makes it healthy.
    #[must_use]
    pub fn lock(&self) -> Option<Refusal> {
        let why = match (self.raised, self.alarm) {
            (Raised::Since(at), _) => format!("the controller holds the standby up since {at}"),
            (Raised::Unreadable, _) => "the record on the standby group cannot be read".to_owned(),
            (Raised::Idle, Some(AlarmState::Alarm)) if self.proven => {
                "the failover alarm reads ALARM".to_owned()
            }
            (Raised::Idle, Some(AlarmState::Insufficient)) if self.proven => {
                "the failover alarm reads INSUFFICIENT_DATA".to_owned()
            }
            (Raised::Idle, _) => return None,
        };
        let hint = "wait until `cargo xtask status` shows the standby idle and the alarm OK; \
                    `--force` changes it anyway, and while the standby is raised it brings neither group below its live sizes"
            .to_owned();
        Some(Refusal { why, hint })
    }

    /// Why the site may not be destroyed now, if so.
    #[must_use]
    pub fn bars_destruction(&self) -> Option<Refusal> {
        let why = match self.raised {
            Raised::Idle => return None,
            Raised::Since(at) => {
                format!("the controller holds the standby up since {at}; users may be on it")
            }
            Raised::Unreadable => {
                "the record on the standby group cannot be read; users may be on it".to_owned()
            }
        };
        let hint = "see where the users are with `cargo xtask status`; `--force` destroys the site all the same".to_owned();
        Some(Refusal { why, hint })
    }
}

/// The record in a group's tags.
#[must_use]
pub fn record(group: &GroupView) -> Record {
    Record::from_tags(group.tags.iter().map(|(key, value)| (key.as_str(), value.as_str())))
}
