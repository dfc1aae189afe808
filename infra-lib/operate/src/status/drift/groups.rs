//! The sizes and settings of both groups against the site file and the record.

use failover_core::observation::Mode;
use failover_core::policy::{Floor, Routing};
use failover_core::record::{Ownership, PrimaryUndo, Record, Sizes};

use cloud::GroupView;
use site::model::{Site, StackId};

use super::super::Reading;
use super::super::reader::asked_for;
use super::next::{Next, Situation, Target};
use super::{Drift, Live, role};

impl Drift {
    pub(super) fn standby(&mut self, live: &Live<'_>, group: &Reading<GroupView>) {
        let site = live.site;
        let subject = site.group_name("standby");
        let Some(view) = self.read(live, StackId::WebStandby, &subject, group) else { return };
        let target = target(site, StackId::WebStandby, &subject, view);
        self.suspended(target, view);
        let Some(record) = live.record.known() else { return };
        self.mode(record);
        let bad = record.unreadable();
        if !bad.is_empty() {
            let tags: Vec<_> = bad.iter().map(|key| format!("pilotlight:{key}")).collect();
            let what = format!("unreadable tags: {}", tags.join(", "));
            let next = "correct them: \"The record cannot be read\" in docs/runbook.md says which to delete and what to write";
            self.unexpected(&subject, what, Next::advice(next));
        }
        let Some((min, max)) = asked_for(site, StackId::WebStandby) else { return };
        let sizes = view.sizes;
        let told = told(sizes, min, max);
        let follows = site.config.policy.floor() == Floor::Match;
        match record.ownership() {
            Ownership::Ours(raised) => {
                let why = format!(
                    "failed over since {}: the controller lowers it after the failback",
                    raised.first
                );
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
                let next = live.situation.resize(target, sizes, min, max);
                self.unexpected(&subject, told, next);
            }
            Ownership::Idle => {
                let base = record.base.held().map_or(min, |base| base.sizes.desired);
                if sizes.desired > base.max(min) {
                    let what = format!(
                        "desired is {}, and the controller did not raise it",
                        sizes.desired
                    );
                    let next = live.situation.unasked(target, sizes, min, max);
                    self.unexpected(&subject, what, next);
                }
            }
        }
    }

    pub(super) fn primary(&mut self, live: &Live<'_>, group: &Reading<GroupView>) {
        let site = live.site;
        let subject = site.group_name("primary");
        let Some(view) = self.read(live, StackId::WebPrimary, &subject, group) else { return };
        let target = target(site, StackId::WebPrimary, &subject, view);
        self.suspended(target, view);
        let Some((min, max)) = asked_for(site, StackId::WebPrimary) else { return };
        let sizes = view.sizes;
        if sizes.min != min || sizes.max != max {
            let told = told(sizes, min, max);
            let both = site.config.policy.routing() == Routing::ActiveActive;
            match live.record.known().and_then(prewarmed) {
                Some(undo) if sizes.max == max && sizes.min >= undo.min => {
                    let why =
                        format!("prewarmed for the failback; its minimum returns to {}", undo.min);
                    self.expected(&subject, told, why);
                }
                _ if both && sizes.max == max && sizes.min > min => {
                    self.expected(&subject, told, "the floor follows the load");
                }
                _ => {
                    let next = live.situation.resize(target, sizes, min, max);
                    self.unexpected(&subject, told, next);
                }
            }
        } else if sizes.desired > min {
            let what = format!("desired is {}, above its minimum of {min}", sizes.desired);
            self.expected(&subject, what, "target tracking follows the load");
        }
    }

    fn read<'a>(
        &mut self,
        live: &Live<'_>,
        web: StackId,
        subject: &str,
        group: &'a Reading<GroupView>,
    ) -> Option<&'a GroupView> {
        match group {
            Reading::Known(view) => return Some(view),
            Reading::Absent => {
                let what = "the group does not exist, although its stack does".to_owned();
                self.unexpected(subject, what, live.situation.repair(web));
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
        self.unexpected("controller", what, Next::arm());
    }

    fn suspended(&mut self, target: Target<'_>, view: &GroupView) {
        if view.suspended.is_empty() {
            return;
        }
        let what = format!("suspended: {}", view.suspended.join(", "));
        self.unexpected(target.group, what, Situation::resume(target, &view.suspended));
    }
}

fn target<'a>(site: &'a Site, web: StackId, group: &'a str, view: &GroupView) -> Target<'a> {
    let max_key = if role(web) == "primary" { "primary_max" } else { "capacity_max" };
    Target { region: &site.stack(web).region, group, max_key, running: view.instances.len() }
}

/// The primary's undo note, while the failover that it belongs to is open.
fn prewarmed(record: &Record) -> Option<PrimaryUndo> {
    let Ownership::Ours(raised) = record.ownership() else { return None };
    record.primary.held().copied().filter(|undo| undo.episode == raised.first)
}

fn told(sizes: Sizes, min: u16, max: u16) -> String {
    let Sizes { min: live_min, desired, max: live_max } = sizes;
    format!(
        "min {live_min}, desired {desired}, max {live_max}; the site file says min {min}, max {max}"
    )
}
