//! Failing over while something else is broken too.

use std::time::Duration;

use drill_local::proxy::{Fault, FaultRule};
use drill_local::stage::{HOLD_DOWN, SERVERS};
use drill_local::story::until;
use e2e::{Deployed, events};
use failover_core::decision::Proof;
use failover_core::{Reason, ReasonKind};
use machine::clock;
use operate::status::{self, Reading};
use site::model::Role;
use site::names::Region;

fn rule(region: &str, fault: Fault) -> FaultRule {
    let region = Region::parse(region).expect("it is a region");
    FaultRule { region, service: None, fault }
}

/// Goal: the primary's region may be gone as a whole, its API included. Method: every call of the function to it hangs.
#[tokio::test]
async fn a_silent_primary_region_does_not_delay_the_raise() {
    let site = Deployed::new().await;
    let hang = Fault::Hang(Duration::from_secs(30));
    site.stage.proxy.set_rules(vec![rule("us-west-2", hang)]);
    let died = clock::now();
    site.stage.world.kill(Role::Primary).await;
    let raise = site.until_decided(ReasonKind::Raise, died).await;
    assert!(raise.outcome.failed.is_empty(), "{:?}", raise.outcome);
    site.until_standby(SERVERS).await;
    site.until_page(Role::Standby).await;
    site.end().await;
}

/// Goal: an OK that overtakes the ALARM, and one that comes after it, take nothing away.
/// Method: send the OK event before and during an outage.
#[tokio::test]
async fn an_ok_event_out_of_order_takes_nothing_away() {
    let site = Deployed::new().await;
    assert_eq!(site.invoke(events::OK).await.decision.standby, None);
    let died = clock::now();
    site.stage.world.kill(Role::Primary).await;
    site.until_decided(ReasonKind::Raise, died).await;
    site.until_standby(SERVERS).await;
    let record = site.invoke(events::OK).await;
    assert_eq!(record.decision.reason, Reason::AlreadyRaised { target: SERVERS });
    assert_eq!(site.desired(Role::Standby).await, SERVERS);
    let status = status::read(site.stage.cloud.as_ref(), &site.stage.site, clock::now()).await;
    let Reading::Known(decision) = status.expect("it can be read").decision else {
        panic!("status shows no decision");
    };
    assert_eq!(decision.reason, ReasonKind::AlreadyRaised);
    site.end().await;
}

/// Goal: while us-east-1 is dark nothing is lowered, however long the primary has been back; afterwards it is.
/// Method: the region's API answers 503 from the primary's return until twice the hold-down is over.
#[tokio::test]
async fn a_dark_detector_region_lowers_nothing() {
    let site = Deployed::new().await;
    let died = clock::now();
    site.stage.world.kill(Role::Primary).await;
    site.until_decided(ReasonKind::Raise, died).await;
    site.until_standby(SERVERS).await;
    site.stage.proxy.set_rules(vec![rule("us-east-1", Fault::Unavailable)]);
    let back = clock::now();
    site.stage.world.revive(Role::Primary).await.expect("the address is free");
    let decisions = site.decisions();
    let late = async || {
        let last = decisions.last()?;
        let long = failover_core::time::age(last.at, back) > HOLD_DOWN * 2;
        long.then_some(last)
    };
    let last = until(e2e::WITHIN, late).await.expect("the ticks go on");
    let Reason::Proving { missing, .. } = last.decision.reason else {
        panic!("not waiting for proof: {:?}", last.decision.reason);
    };
    assert_eq!(missing, Proof::Alarm);
    assert_eq!(site.desired(Role::Standby).await, SERVERS, "nothing was lowered in the dark");
    site.stage.proxy.set_rules(Vec::new());
    let light = clock::now();
    site.until_decided(ReasonKind::Finish, light).await;
    assert_eq!(site.desired(Role::Standby).await, 0);
    site.end().await;
}
