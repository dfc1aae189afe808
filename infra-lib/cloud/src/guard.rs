//! What must not be touched while the site is failed over, and what AWS would refuse half-way; and whose the site is.

mod consent;
mod identity;
mod live;
pub(crate) mod proof;
pub(crate) mod standing;
mod was;
mod whose;

use failover_core::record::Ownership;

use site::model::{Site, StackId};

use crate::{Cloud, Result, StackView};

pub use self::identity::{Glance, GuardError, admit, admit_in_outage, oddities, oddities_of};
pub use self::proof::{Consent, Fresh, Local, Permit};
pub use self::standing::{Carried, Raised, Refusal, Safety, Standing, record};
pub use self::was::{Leaving, leaving};
pub use self::whose::{Stranger, bucket, retained, stranger, stranger_within};

/// Reads how the site stands now. Groups and alarm are found by what their stacks answer, or else by their fixed names.
///
/// # Errors
/// [`CloudError`](crate::CloudError) if a stack, a group or the alarm cannot be read.
pub async fn read(cloud: &dyn Cloud, site: &Site) -> Result<Standing> {
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
/// [`CloudError`](crate::CloudError) if one of the two stacks cannot be read.
pub async fn handover(cloud: &dyn Cloud, site: &Site) -> Result<Option<Refusal>> {
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
/// [`CloudError`](crate::CloudError) if one of the web stacks cannot be read.
pub async fn protection(cloud: &dyn Cloud, site: &Site) -> Result<Option<Refusal>> {
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
async fn standing(cloud: &dyn Cloud, site: &Site, id: StackId) -> Result<Option<StackView>> {
    let stack = site.stack(id);
    let view = cloud.describe_stack(&stack.region, stack.name.as_str()).await?;
    Ok(view.filter(|view| view.status.phase().holds()))
}

impl Local {
    /// `None` for AWS.
    #[must_use]
    pub fn of(cloud: &dyn Cloud) -> Option<Self> {
        cloud.is_local().then(Self::told)
    }
}
