//! What must not be touched while the site is failed over.

use failover_core::observation::AlarmState;
use failover_core::record::Ownership;
use failover_core::{Record, Timestamp};

use crate::cloud::{Cloud, CloudError, GroupView};
use crate::model::{Site, StackId};
use crate::outputs::Outputs;

/// How the site stands, as far as it decides what may be changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Whether the standby is raised, and by whom.
    pub raised: Raised,
    /// The failover alarm, if it is there.
    pub alarm: Option<AlarmState>,
    /// Whether the controller has ever seen the primary in good health for an hour.
    pub proven: bool,
    /// The standby group, if it is there.
    pub standby: Option<GroupView>,
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

/// Something that a safety rule refuses. xtask ends with exit code 6.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("refused: {why}")]
#[diagnostic(code("refused"), help("{hint}"))]
pub struct Refusal {
    /// Why.
    pub why: String,
    /// What to do instead.
    pub hint: String,
}

impl Refusal {
    /// The diagnostic code of every refusal.
    pub const CODE: &'static str = "refused";
}

/// Reads how the site stands.
///
/// # Errors
/// [`CloudError`] if the group or the alarm cannot be read.
pub async fn read(
    cloud: &dyn Cloud,
    site: &Site,
    outputs: &Outputs,
) -> Result<Standing, CloudError> {
    let standby = match outputs.get(StackId::WebStandby, "GroupName") {
        Some(name) => cloud.group(site.standby_region(), name).await?,
        None => None,
    };
    let alarm = match outputs.get(StackId::Detector, "AlarmName") {
        Some(name) => cloud.alarm(&site.stack(StackId::Detector).region, name).await?,
        None => None,
    };
    let record = standby.as_ref().map(record).unwrap_or_default();
    Ok(Standing {
        raised: match record.ownership() {
            Ownership::Ours(raised) => Raised::Since(raised.first),
            Ownership::Idle => Raised::Idle,
            Ownership::Unreadable => Raised::Unreadable,
        },
        alarm: alarm.map(|alarm| alarm.state),
        proven: record.base.held().is_some(),
        standby,
    })
}

/// The record in a group's tags.
#[must_use]
pub fn record(group: &GroupView) -> Record {
    Record::from_tags(group.tags.iter().map(|(key, value)| (key.as_str(), value.as_str())))
}

impl Standing {
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
                    `--force` changes it anyway, at the live sizes"
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
