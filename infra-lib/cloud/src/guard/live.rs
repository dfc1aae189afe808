//! What is live of a site, and in what it is another one than the site file's.

use std::collections::BTreeMap;
use std::fmt;

use site::model::{Mark, Site, Stack, StackId, Was};
use site::names::Region;

use super::standing::Refusal;
use super::whose::{Stranger, stranger};
use crate::StackView;

/// How every refusal ends that comes before the first write.
pub(super) const UNTOUCHED: &str = "nothing was changed";

/// What is live, as far as it tells whose site it is.
pub(super) struct Live {
    pub(super) views: BTreeMap<StackId, StackView>,
}

/// Something that makes the site another one than the site file's.
pub(super) struct Difference {
    pub(super) mark: Mark,
    pub(super) live: String,
    ours: String,
    loss: String,
}

impl Live {
    /// A parameter of a stack of ours that holds something.
    fn parameter(&self, id: StackId, name: &str) -> Option<&String> {
        let view = self.views.get(&id)?;
        view.parameters.get(name).filter(|_| view.status.phase().holds())
    }

    pub(super) fn standby(&self) -> Option<Region> {
        let region = self.parameter(StackId::Detector, "StandbyRegion")?;
        Region::parse(region).ok()
    }

    pub(super) fn stranger(&self, site: &Site, stack: &Stack) -> Option<Stranger> {
        stranger(site, stack, self.views.get(&stack.id)?)
    }

    pub(super) fn refusal(&self, site: &Site, was: &[Was]) -> Option<Refusal> {
        let found: Vec<_> =
            site.stacks.iter().filter_map(|stack| self.stranger(site, stack)).collect();
        if !found.is_empty() {
            return Some(strangers(&found));
        }
        if let Some(why) = self.swapped(site) {
            let hint = format!(
                "no deploy swaps regions in place: deploy a second site under another `name` and move the host name to it, or \
                 destroy this one with the site file that it was deployed with; docs/runbook.md tells both; {UNTOUCHED}"
            );
            return Some(Refusal { why, hint });
        }
        let differences = self.differences(site);
        let said = |one: &Difference| was.iter().find(|was| was.mark == one.mark);
        let wrong = differences.iter().find_map(|one| {
            let said = said(one).filter(|was| was.value != one.live)?;
            let (mark, live) = (one.mark, &one.live);
            Some((format!("`--was {said}` is not what is live: {mark} is {live}"), one))
        });
        if let Some((why, one)) = wrong {
            let hint = format!(
                "if the change is meant, say `--was {}={}`; {UNTOUCHED}",
                one.mark, one.live
            );
            return Some(Refusal { why, hint });
        }
        let unsaid: Vec<_> = differences.iter().filter(|one| said(one).is_none()).collect();
        if unsaid.is_empty() {
            return None;
        }
        let why: Vec<_> = unsaid.iter().map(ToString::to_string).collect();
        let say: Vec<_> =
            unsaid.iter().map(|one| format!("--was {}={}", one.mark, one.live)).collect();
        let hint = format!(
            "for another site choose another `name`; to change this one on purpose: `cargo xtask deploy {}`; {UNTOUCHED}",
            say.join(" ")
        );
        Some(Refusal { why: why.join("; "), hint })
    }

    pub(super) fn oddities(&self, site: &Site) -> Vec<String> {
        let all = site.stacks.iter().chain(&site.off);
        let strangers = all.filter_map(|stack| self.stranger(site, stack));
        let mut odd: Vec<_> = strangers.map(|stranger| stranger.to_string()).collect();
        match self.swapped(site) {
            Some(why) => odd.push(why),
            None => odd.extend(self.differences(site).iter().map(ToString::to_string)),
        }
        odd
    }

    /// Whether a region of the site file has the other role today.
    fn swapped(&self, site: &Site) -> Option<String> {
        let (primary, standby) = (site.primary_region(), site.standby_region());
        let live = |name| self.parameter(StackId::Detector, name).map(String::as_str);
        let role = |id| self.parameter(id, "Role").map(String::as_str);
        let is_standby = live("StandbyRegion") == Some(primary.as_str())
            || role(StackId::WebPrimary) == Some("standby");
        let is_primary = live("PrimaryRegion") == Some(standby.as_str())
            || role(StackId::WebStandby) == Some("primary");
        match (is_standby, is_primary) {
            (true, true) => Some(format!(
                "the site file swaps the regions: {standby} is the live primary, and {primary} the live standby"
            )),
            (true, false) => Some(format!("{primary} is the live standby, not the primary")),
            (false, true) => Some(format!("{standby} is the live primary, not the standby")),
            (false, false) => None,
        }
    }

    pub(super) fn differences(&self, site: &Site) -> Vec<Difference> {
        let config = &site.config;
        let mut found = Vec::new();
        let mut compare = |mark, live: Option<&String>, ours: &str, loss: &str| {
            if let Some(live) = live.filter(|live| live.as_str() != ours) {
                let (ours, loss) = (ours.to_owned(), loss.replace("{}", live));
                found.push(Difference { mark, live: live.clone(), ours, loss });
            }
        };
        let records = self.parameter(StackId::Detector, "Hostname");
        let users = self.parameter(StackId::Edge, "Hostname");
        let hostname = config.hostname.as_str();
        let lost = "{} would lose its records";
        if users.is_some() {
            compare(Mark::Hostname, users, hostname, lost);
            if site.has(StackId::Edge) {
                let lost = "CloudFront asks {} until its own update is done, and that name would have no records";
                compare(Mark::Origin, records, config.failover_name().as_str(), lost);
            }
        } else if !self.is_between(site) {
            compare(Mark::Hostname, records, hostname, lost);
        }
        let lost = "the records in {} would be deleted";
        let zone = config.hosted_zone_id.as_str();
        compare(Mark::Zone, self.parameter(StackId::Detector, "HostedZoneId"), zone, lost);
        let lost = "the stacks in {} would stay, and no verb would find them";
        for (mark, name, ours) in [
            (Mark::Primary, "PrimaryRegion", site.primary_region()),
            (Mark::Standby, "StandbyRegion", site.standby_region()),
        ] {
            compare(mark, self.parameter(StackId::Detector, name), ours.as_str(), lost);
        }
        found
    }

    /// Whether the records are at the name that CloudFront asks while it does not stand: a change to or from CloudFront ended
    /// half-way, and the next deploy finishes it.
    fn is_between(&self, site: &Site) -> bool {
        let config = &site.config;
        let records = self.parameter(StackId::Detector, "Hostname").map(String::as_str);
        let usual = config.hostname.below("origin");
        records == Some(config.failover_name().as_str())
            || usual.is_some_and(|usual| records == Some(usual.as_str()))
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { mark, live, ours, loss } = self;
        let what = match mark {
            Mark::Hostname => "the live site serves",
            Mark::Origin => "CloudFront asks",
            Mark::Zone => "the live records are in the zone",
            Mark::Primary => "the live primary is",
            Mark::Standby => "the live standby is",
        };
        write!(f, "{what} {live}, and the site file says {ours}: {loss}")
    }
}

pub(super) fn strangers(found: &[Stranger]) -> Refusal {
    let found: Vec<_> = found.iter().map(ToString::to_string).collect();
    another_name(found.join("; "))
}

pub(super) fn another_name(why: String) -> Refusal {
    let hint = format!(
        "choose another `name` in the site file, or look into what has the name and whose it is; {UNTOUCHED}"
    );
    Refusal { why, hint }
}
