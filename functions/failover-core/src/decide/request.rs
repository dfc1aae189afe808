//! An operator's request: kept in the record, so that it counts for every later invocation as well.

use crate::decision::{Refusal, Reply};
use crate::observation::{Known, Mode};
use crate::policy::{Failback, Routing};
use crate::record::{Demand, Order, Ownership, Register, Slot};
use crate::signal::{Request, Signal, Wish};
use crate::time::{Timestamp, age};

use super::situation::Situation;

/// The situation once the operator's request, if there is one, was answered.
pub(super) fn answered(situation: Situation<'_>) -> Situation<'_> {
    let Signal::Request(asked) = situation.signal else { return situation };
    let (reply, register) = answer(&situation, asked);
    situation.answered(reply, register)
}

/// What becomes of the request, and the register that keeps it.
fn answer(situation: &Situation<'_>, asked: &Request) -> (Reply, Option<Register>) {
    match kept(situation, asked) {
        Ok(Some(register)) => (Reply::Taken, Some(register)),
        Ok(None) => (Reply::Repeated, None),
        Err(refusal) => (Reply::Refused(refusal), None),
    }
}

fn kept(situation: &Situation<'_>, asked: &Request) -> Result<Option<Register>, Refusal> {
    let under_way = situation.policy.claim_age_max();
    if age(situation.now, asked.at) > under_way {
        return Err(Refusal::Old);
    }
    if age(asked.at, situation.now) > situation.policy.tick() {
        return Err(Refusal::Future);
    }
    let record = situation.record().ok_or(Refusal::RecordUnreadable)?;
    match asked.what {
        Wish::Mode(mode) if record.mode == Slot::Held(mode) => Ok(None),
        Wish::Mode(mode) => Ok(Some(Register::Mode(mode))),
        Wish::Order(what) => {
            let order = Order {
                what,
                episode: episode(situation, what, asked.episode)?,
                at: asked.at,
                by: asked.by.clone(),
            };
            match &record.order {
                Slot::Held(standing) if *standing == order => Ok(None),
                Slot::Held(standing) if standing.at >= order.at => Err(Refusal::Old),
                Slot::Held(_) | Slot::Absent | Slot::Unreadable => Ok(Some(Register::Order(order))),
            }
        }
    }
}

/// The failover that an order is for.
fn episode(
    situation: &Situation<'_>,
    what: Demand,
    asked: Option<Timestamp>,
) -> Result<Timestamp, Refusal> {
    if situation.policy.routing() == Routing::ActiveActive {
        return Err(Refusal::ActiveActive);
    }
    if matches!(situation.mode, Known::Known(Mode::Observe | Mode::Frozen)) {
        return Err(Refusal::NotArmed);
    }
    let present = match situation.ownership() {
        Ownership::Ours(raised) => Some(raised.at),
        Ownership::Idle => None,
        Ownership::Unreadable if what == Demand::Failover => None,
        Ownership::Unreadable => return Err(Refusal::RecordUnreadable),
    };
    match (what, present) {
        (Demand::Failover, present) => Ok(present.unwrap_or(Timestamp::UNIX_EPOCH)),
        // What an operator's failover moved goes back by an operator's failback alone.
        (Demand::Approve, _) if situation.failover_ordered() => Err(Refusal::FailoverOrdered),
        (Demand::Approve, Some(_)) if situation.policy.failback() == Failback::Manual => {
            Err(Refusal::Manual)
        }
        (Demand::Failback, None) if situation.failover_ordered() => Ok(Timestamp::UNIX_EPOCH),
        (Demand::Failback | Demand::Approve, None) => Err(Refusal::NothingRaised),
        (Demand::Failback | Demand::Approve, Some(present)) => {
            if asked.is_none_or(|asked| asked == present) {
                Ok(present)
            } else {
                Err(Refusal::OtherEpisode)
            }
        }
    }
}
