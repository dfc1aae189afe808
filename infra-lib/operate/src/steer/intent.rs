//! What a wish will set going, told before anybody says yes.

use failover_core::observation::Mode;
use failover_core::policy::Routing;
use failover_core::record::Demand;
use failover_core::signal::Wish;
use failover_core::time::format_duration;

use cost::Quantity;
use site::model::Site;

use crate::status::{Raised, Reading, Status, hourly};

/// What will happen, step by step. The controller's own rules have the last word.
#[must_use]
pub fn intent(site: &Site, what: Wish, status: &Status) -> Vec<String> {
    match what {
        Wish::Order(_) if site.config.policy.routing() == Routing::ActiveActive => {
            vec!["nothing: both regions serve, so there is nothing to move".to_owned()]
        }
        Wish::Order(Demand::Failover) => failover(site, status),
        Wish::Order(Demand::Failback) => failback(site, status),
        Wish::Order(Demand::Approve) => {
            let mut will = vec!["the failback that waits for a person is approved".to_owned()];
            will.extend(failback(site, status));
            will
        }
        Wish::Mode(mode) => vec![self::mode(mode).to_owned()],
    }
}

const fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Armed => "the controller decides and acts again",
        Mode::Observe => {
            "the controller decides and reports, and changes nothing: no failover will happen"
        }
        Mode::Frozen => {
            "the controller changes nothing: no failover will happen, and nothing is lowered"
        }
    }
}

fn failover(site: &Site, status: &Status) -> Vec<String> {
    let policy = &site.config.policy;
    let region = site.standby_region();
    let mut will = vec![
        "the controller records the order, and keeps it until you ask for a failback".to_owned(),
        match status.target {
            Reading::Known(target) => {
                format!(
                    "the controller raises the standby group in {region} to {}",
                    counted(target)
                )
            }
            Reading::Absent | Reading::Unknown(_) => {
                format!(
                    "the controller raises the standby group in {region} to what carries the load"
                )
            }
        },
    ];
    will.push(if policy.latch() {
        "once all of them are healthy the latch closes, and DNS moves the users to the standby"
            .to_owned()
    } else {
        "this site has no latch: the users stay at the primary until its health check fails"
            .to_owned()
    });
    if let Ok(hourly) = hourly(site) {
        let cost = hourly.times(Quantity::whole(1));
        will.push(format!("each instance costs ${cost} an hour on demand until the failback"));
    }
    if status.mode.known().is_some_and(|mode| *mode != Mode::Armed) {
        will.push("the mode is not armed, so this will be refused".to_owned());
    }
    will
}

fn failback(site: &Site, status: &Status) -> Vec<String> {
    let policy = &site.config.policy;
    let hold_down = format_duration(policy.hold_down());
    let mut will = vec![format!(
        "the primary must be proven up for {hold_down}, for twice as long if there was a failback within a day; what has \
         passed counts"
    )];
    if policy.latch() {
        will.push("its group grows to what the standby carries, then the latch opens and DNS moves the users back".to_owned());
    }
    will.push(format!("DNS must name the primary on {} ticks in a row", policy.drain_ticks()));
    will.push(match &status.raised {
        Reading::Known(Raised::Ours { undo, .. }) => format!(
            "the standby goes back to min {}, then to desired {}, max {}; the failover is closed",
            undo.min, undo.desired, undo.max
        ),
        Reading::Known(Raised::Idle | Raised::Unreadable)
        | Reading::Absent
        | Reading::Unknown(_) => {
            "the standby goes back to its normal sizes, and the failover is closed".to_owned()
        }
    });
    will
}

fn counted(instances: u16) -> String {
    if instances == 1 { "1 instance".to_owned() } else { format!("{instances} instances") }
}
