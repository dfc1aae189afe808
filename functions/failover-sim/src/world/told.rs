//! Whether people know: for so many good runs of the controller may something hold that they must know, and no longer.
//!
//! A good run is a tick in a minute without a fault. An outage in which nothing is to be done, because the standby carries
//! everybody and there is no latch, is told by the alarm alone. What the controller itself cannot say, because it does not run,
//! is told by the alarm on its silence; that is not played here.

use failover_core::Reason;
use failover_core::decision::News;
use failover_core::finding::Finding;
use failover_core::observation::{AlarmState, Answer, Known, Mode};
use failover_core::policy::Routing;
use failover_core::record::{Ownership, Slot};
use failover_core::time::age;

use super::{Invocation, Site, World};

/// BOUND: four times the hour of OK, as the rules have it. Units: hours of the clockwork.
const HELD_HOURS: u32 = 4;
/// People have heard of it.
const KNOWN: u8 = u8::MAX;

/// Good runs in a row, by what people do not know. 255: they do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Untold {
    /// Some notice has arrived since the last good run.
    pub(super) heard: bool,
    /// A notice of this failover was lost.
    pub(crate) lost: bool,
    /// What the notices that arrived have named, and have not called resolved. One bit each.
    known: u32,
    failover: u8,
    waits: u8,
    unarmed: u8,
    held: u8,
    dead_end: u8,
    unseen: u8,
}

impl Untold {
    /// A notice arrived. What is noted of it afterwards is what it has told.
    pub(super) fn hear(&mut self, news: &News) {
        self.heard = true;
        if let Some(told) = &news.told {
            self.known = told.findings.iter().map(|&finding| bit(finding)).sum();
        }
    }
}

fn bit(finding: Finding) -> u32 {
    let index = Finding::ALL.iter().position(|&known| known == finding);
    index.map_or(0, |index| 1 << index)
}

impl World {
    /// Counts what people must know, after a good run.
    pub(super) fn judge_telling(&mut self, site: &Site, ran: &Invocation) {
        let policy = self.policy(site);
        // With active-active routing nobody is moved, and the alarm itself tells that a region is down. A controller that cannot
        // read its own group ends with an error, and the alarm on that tells.
        let unread = ran.ruling.observation.standby.known().is_none();
        if policy.routing() == Routing::ActiveActive || unread {
            return;
        }
        let starved = u8::try_from(policy.starved_ticks()).unwrap_or(KNOWN / 2);
        let long = policy.hour() * HELD_HOURS;
        let raised = self.record.raised.held().filter(|_| self.ours());
        let knows =
            |any: &[Finding]| any.iter().any(|&finding| self.untold.known & bit(finding) != 0);
        let (primary, standby) = (self.primary.healthy(), self.standby.healthy());
        // Nobody can tell that it is over while its registers cannot be read.
        let raised_by_us = self.record.ownership() != Ownership::Idle;
        let waits = ran.decision().reason == Reason::AwaitingApproval;
        let unarmed = matches!(self.record.mode, Slot::Held(Mode::Frozen | Mode::Observe));
        let held = raised.is_some_and(|raised| age(ran.ruling.at, raised.first) >= long);
        let seen = &ran.ruling.observation;
        let alarm = seen.alarm.known().is_some_and(|alarm| alarm.state == AlarmState::Alarm);
        let named = seen.answer == Known::Known(Answer::Primary);
        let dead_end = alarm && named && primary == 0 && standby > 0;
        let unseen = matches!(seen.answer, Known::Known(Answer::Mixed) | Known::Unknown(_));
        let dns = [Finding::Unmoved, Finding::Unheld, Finding::Withheld];
        let mut next = self.untold;
        let heard = std::mem::take(&mut next.heard);
        next.lost &= raised_by_us;
        let kinds = [
            (&mut next.failover, raised_by_us, heard || knows(&[Finding::Failover]), 3, FAILOVER),
            (&mut next.waits, waits, knows(&[Finding::Approval]), 1, WAITS),
            (&mut next.unarmed, unarmed, knows(&[Finding::Unarmed]), 1, UNARMED),
            (&mut next.held, held, knows(&[Finding::Held]), 2, HELD),
            (&mut next.dead_end, dead_end, knows(&dns), starved + 3, DEAD_END),
            (&mut next.unseen, unseen, knows(&[Finding::Answer]), 2 * starved + 2, UNSEEN),
        ];
        let mut silent = None;
        for (count, holds, told, most, property) in kinds {
            *count = if !holds {
                0
            } else if told || *count == KNOWN {
                KNOWN
            } else {
                (*count + 1).min(most + 1)
            };
            if *count != KNOWN && *count > most {
                silent.get_or_insert(property);
            }
        }
        self.untold = next;
        if let Some(property) = silent {
            self.breaks(property);
        }
    }
}

const FAILOVER: &str = "T1 a failover is told at once";
const WAITS: &str = "T2 whatever waits for a person is told";
const UNARMED: &str = "T3 a mode that is not armed is told";
const HELD: &str = "T4 a failover that lasts is told";
const DEAD_END: &str = "T5 users whom DNS leaves at a dead region are told of";
const UNSEEN: &str = "T6 an answer of DNS that nobody understands is told";
