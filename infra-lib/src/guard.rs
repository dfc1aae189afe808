//! What must not be touched while the site is failed over, and what AWS would refuse half-way; and whose the site is.

mod consent;
mod identity;
mod live;
mod permit;
mod was;
mod whose;

use failover_core::observation::AlarmState;
use failover_core::record::{Ownership, Sizes};
use failover_core::{Record, Timestamp};
use serde::Serialize;

use crate::apply::Safety;
use crate::cloud::{Cloud, CloudError, GroupView, Phase, StackView};
use crate::model::{Site, StackId};

pub use self::consent::{Bucket, Consent, Fresh, Group, Records, StackNow};
pub use self::identity::{Glance, GuardError, admit, admit_in_outage, oddities, oddities_of};
pub use self::permit::{Local, Permit};
pub use self::was::{Leaving, leaving};
pub use self::whose::{Stranger, bucket, retained, stranger, stranger_within};
pub use crate::model::{Mark, Was};

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

/// Something that a safety rule refuses. A command ends with exit code 6.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error, miette::Diagnostic)]
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

/// Reads how the site stands now. Groups and alarm are found by what their stacks answer, or else by their fixed names.
///
/// # Errors
/// [`CloudError`] if a stack, a group or the alarm cannot be read.
pub async fn read(cloud: &dyn Cloud, site: &Site) -> Result<Standing, CloudError> {
    let look = |id| standing(cloud, site, id);
    let (primary, standby, detector) = futures::try_join!(
        look(StackId::WebPrimary),
        look(StackId::WebStandby),
        look(StackId::Detector),
    )?;
    let named = |view: &Option<StackView>, output: &str, fixed: String| {
        let answered = view.as_ref().and_then(|view| view.outputs.get(output));
        answered.cloned().unwrap_or(fixed)
    };
    let primary_name = named(&primary, "GroupName", site.group_name("primary"));
    let moving_from = identity::moving_from(site, detector.as_ref());
    let (standby_region, standby_name) = match &moving_from {
        // The users' standby is where the detector says, until the site has left that region.
        Some(region) => (region, site.group_name("standby")),
        None => (site.standby_region(), named(&standby, "GroupName", site.group_name("standby"))),
    };
    let alarm_name = named(&detector, "AlarmName", site.alarm_name());
    let (primary, standby, alarm) = futures::try_join!(
        cloud.group(site.primary_region(), &primary_name),
        cloud.group(standby_region, &standby_name),
        cloud.alarm(&site.stack(StackId::Detector).region, &alarm_name),
    )?;
    let record = standby.as_ref().map(record).unwrap_or_default();
    Ok(Standing {
        raised: match record.ownership() {
            Ownership::Ours(raised) => Raised::Since(raised.first),
            Ownership::Idle => Raised::Idle,
            Ownership::Unreadable => Raised::Unreadable,
        },
        alarm: alarm.map(|alarm| alarm.state),
        proven: record.base.held().is_some(),
        primary,
        standby,
    })
}

/// Why the users' name may not move between the failover records and CloudFront, if this deploy would move it.
///
/// Route 53 holds either kind under a name, never both at once, and the two belong to two stacks. So one goes before the other
/// comes, and CloudFront takes its time for either.
///
/// # Errors
/// [`CloudError`] if one of the two stacks cannot be read.
pub async fn handover(cloud: &dyn Cloud, site: &Site) -> Result<Option<Refusal>, CloudError> {
    let hostname = &site.config.hostname;
    let (owner, from, to) = if site.has(StackId::Edge) {
        (StackId::Detector, "the failover records", "CloudFront")
    } else {
        (StackId::Edge, "CloudFront", "the failover records")
    };
    let view = standing(cloud, site, owner).await?;
    let live = view.as_ref().and_then(|view| view.parameters.get("Hostname"));
    if live.is_none_or(|live| live != hostname.as_str()) {
        return Ok(None);
    }
    let why = format!(
        "`{hostname}` would move from {from} to {to}, and only one stack can have its records"
    );
    let hint = "until CloudFront is done, 5 to 30 minutes, the name answers nobody, and resolvers may remember that for 15 more; \
                nothing avoids it while the name stays the same: in a quiet hour, `--force` does it in the right order"
        .to_owned();
    Ok(Some(Refusal { why, hint }))
}

/// Why AWS would refuse to delete the site, if so. No flag overrules it.
///
/// # Errors
/// [`CloudError`] if one of the web stacks cannot be read.
pub async fn protection(cloud: &dyn Cloud, site: &Site) -> Result<Option<Refusal>, CloudError> {
    let mut protected = Vec::new();
    for id in [StackId::WebPrimary, StackId::WebStandby] {
        let view = standing(cloud, site, id).await?;
        let live = view.as_ref().and_then(|view| view.parameters.get("DeletionProtection"));
        if live.is_some_and(|live| live == "on") {
            protected.push(format!("`{id}`"));
        }
    }
    let why = match &protected[..] {
        [] => return Ok(None),
        [one] => format!("the load balancer of {one} is protected from deletion"),
        all => format!("the load balancers of {} are protected from deletion", all.join(" and ")),
    };
    let hint =
        "set `deletion_protection = \"off\"` in [web], run `cargo xtask deploy`, then destroy; \
                until then nothing is deleted"
            .to_owned();
    Ok(Some(Refusal { why, hint }))
}

/// A stack, if there is anything in it.
async fn standing(
    cloud: &dyn Cloud,
    site: &Site,
    id: StackId,
) -> Result<Option<StackView>, CloudError> {
    let stack = site.stack(id);
    let view = cloud.describe_stack(&stack.region, stack.name.as_str()).await?;
    Ok(view.filter(|view| match view.status.phase() {
        Phase::Standing | Phase::Moving | Phase::Halted | Phase::Stuck | Phase::Undeleted => true,
        Phase::Reviewing | Phase::RolledBack | Phase::Gone => false,
    }))
}

/// The record in a group's tags.
#[must_use]
pub fn record(group: &GroupView) -> Record {
    Record::from_tags(group.tags.iter().map(|(key, value)| (key.as_str(), value.as_str())))
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
