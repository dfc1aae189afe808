//! The sizes and settings of both groups against the site file and the record.

use failover_core::observation::Mode;
use failover_core::policy::{Floor, Routing};
use failover_core::record::{Ownership, PrimaryUndo, Record, Sizes};

use super::super::Reading;
use super::super::reader::group_name;
use super::{Drift, role};
use crate::cloud::GroupView;
use crate::model::{Site, StackId};

impl Drift {
    pub(super) fn standby(
        &mut self,
        site: &Site,
        group: &Reading<GroupView>,
        record: Option<&Record>,
    ) {
        let subject = group_name(site, "standby");
        let Some(live) = self.read(&subject, group) else { return };
        self.suspended(site, StackId::WebStandby, live);
        let Some(record) = record else { return };
        self.mode(record);
        let bad = record.unreadable();
        if !bad.is_empty() {
            let tags: Vec<_> = bad.iter().map(|key| format!("pilotlight:{key}")).collect();
            let what = format!("unreadable tags: {}", tags.join(", "));
            self.unexpected(
                &subject,
                what,
                "correct them, or delete them with `aws autoscaling delete-tags`",
            );
        }
        let Some((min, max)) = asked_for(site, StackId::WebStandby) else { return };
        let sizes = live.sizes;
        let told = told(sizes, min, max);
        let follows = site.config.policy.floor() == Floor::Match;
        match record.ownership() {
            Ownership::Ours(raised) => {
                let why =
                    format!("failed over since {}: the controller puts it back", raised.first);
                self.expected(&subject, told, why);
            }
            // The unreadable tags were told.
            Ownership::Unreadable => {}
            Ownership::Idle if follows && sizes.min >= min => {
                if sizes.min > min || sizes.max != max {
                    self.expected(&subject, told, "the floor follows the load");
                }
            }
            Ownership::Idle if sizes.min != min || sizes.max != max => {
                self.unexpected(&subject, told, resize(site, StackId::WebStandby, min, max));
            }
            Ownership::Idle => {
                let base = record.base.held().map_or(min, |base| base.sizes.desired);
                if sizes.desired > base.max(min) {
                    let what = format!(
                        "desired is {}, and the controller did not raise it",
                        sizes.desired
                    );
                    let next = set_desired(site, min);
                    self.unexpected(&subject, what, next);
                }
            }
        }
    }

    pub(super) fn primary(
        &mut self,
        site: &Site,
        group: &Reading<GroupView>,
        record: Option<&Record>,
    ) {
        let subject = group_name(site, "primary");
        let Some(live) = self.read(&subject, group) else { return };
        self.suspended(site, StackId::WebPrimary, live);
        let Some((min, max)) = asked_for(site, StackId::WebPrimary) else { return };
        let sizes = live.sizes;
        if sizes.min != min || sizes.max != max {
            let told = told(sizes, min, max);
            let both = site.config.policy.routing() == Routing::ActiveActive;
            match record.and_then(prewarmed) {
                Some(undo) if sizes.max == max && sizes.min >= undo.min => {
                    let why = format!(
                        "made ready for the way back; its minimum goes back to {}",
                        undo.min
                    );
                    self.expected(&subject, told, why);
                }
                _ if both && sizes.max == max && sizes.min > min => {
                    self.expected(&subject, told, "the floor follows the load");
                }
                _ => self.unexpected(&subject, told, resize(site, StackId::WebPrimary, min, max)),
            }
        } else if sizes.desired > min {
            let what = format!("desired is {}, above its minimum of {min}", sizes.desired);
            self.expected(&subject, what, "target tracking follows the load");
        }
    }

    fn read<'a>(&mut self, subject: &str, group: &'a Reading<GroupView>) -> Option<&'a GroupView> {
        match group {
            Reading::Known(live) => return Some(live),
            Reading::Absent => {
                let what = "the group is not there, although its stack is".to_owned();
                self.unexpected(subject, what, "delete the web stack and deploy again");
            }
            Reading::Unknown(why) => self.unknown(subject, why.clone()),
        }
        None
    }

    fn mode(&mut self, record: &Record) {
        let what = match record.mode().known() {
            // A mode that is none is told among the unreadable tags.
            Some(Mode::Armed) | None => return,
            Some(mode) => format!("the mode is `{}`: no failover will happen", mode.word()),
        };
        self.unexpected("controller", what, "cargo xtask mode armed");
    }

    fn suspended(&mut self, site: &Site, web: StackId, live: &GroupView) {
        if live.suspended.is_empty() {
            return;
        }
        let (name, region) = (group_name(site, role(web)), &site.stack(web).region);
        let what = format!("suspended: {}", live.suspended.join(", "));
        let next = format!(
            "aws autoscaling resume-processes --region {region} --auto-scaling-group-name {name}"
        );
        self.unexpected(&name, what, next);
    }
}

/// The primary's undo note, while the failover that it belongs to is open.
fn prewarmed(record: &Record) -> Option<PrimaryUndo> {
    let Ownership::Ours(raised) = record.ownership() else { return None };
    record.primary.held().copied().filter(|undo| undo.episode == raised.first)
}

/// The sizes that the site file gives a web stack.
fn asked_for(site: &Site, web: StackId) -> Option<(u16, u16)> {
    let stack = site.stack(web);
    let number = |wanted: &str| {
        let found = stack.parameters.iter().find(|(name, _)| name.as_str() == wanted);
        found.and_then(|(_, source)| source.to_string().parse().ok())
    };
    Some((number("MinSize")?, number("MaxSize")?))
}

fn told(sizes: Sizes, min: u16, max: u16) -> String {
    let Sizes { min: live_min, desired, max: live_max } = sizes;
    format!(
        "min {live_min}, desired {desired}, max {live_max}; the site file says min {min}, max {max}"
    )
}

fn resize(site: &Site, web: StackId, min: u16, max: u16) -> String {
    let (name, region) = (group_name(site, role(web)), &site.stack(web).region);
    format!(
        "aws autoscaling update-auto-scaling-group --region {region} --auto-scaling-group-name {name} --min-size {min} \
         --max-size {max}"
    )
}

fn set_desired(site: &Site, desired: u16) -> String {
    let (name, region) = (group_name(site, "standby"), site.standby_region());
    format!(
        "if no users are on it: aws autoscaling set-desired-capacity --region {region} --auto-scaling-group-name {name} \
         --desired-capacity {desired}"
    )
}
