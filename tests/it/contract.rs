//! The real program in the emulator: what goes in, what comes out.

use e2e::{Deployed, events};
use failover_core::Signal;
use failover_core::decision::Effect;
use failover_core::observation::AlarmState;
use failover_core::signal::Claim;
use site::model::Role;

/// Goal: every event that ships is understood, and none moves a healthy site. Method: invoke the deployed function.
#[tokio::test]
async fn no_event_moves_a_healthy_site() {
    let site = Deployed::new().await;
    for (event, state) in [
        (events::OK, AlarmState::Ok),
        (events::ALARM, AlarmState::Alarm),
        (events::INSUFFICIENT, AlarmState::Insufficient),
    ] {
        let record = site.invoke(event).await;
        let Signal::Alarm(Claim { state: claimed, .. }) = record.signal else {
            panic!("not read as an alarm: {:?}", record.signal);
        };
        assert_eq!(claimed, state);
        assert_eq!(record.decision.standby, None, "{state:?}");
    }
    assert_eq!(site.invoke(events::TICK).await.signal, Signal::Tick);
    let rehearsal = site.invoke(events::REHEARSAL).await;
    assert_eq!(rehearsal.decision.effect, Effect::Report);
    assert_eq!(rehearsal.outcome.done, []);
    assert_eq!(site.desired(Role::Standby).await, 0);
    site.end().await;
}

/// Goal: a quarter of a megabyte of garbage still reconciles. Method: invoke with one long string.
#[tokio::test]
async fn garbage_still_reconciles() {
    let site = Deployed::new().await;
    let garbage = format!("\"{}\"", "x".repeat(256 * 1024 - 2));
    let record = site.invoke(&garbage).await;
    assert!(matches!(record.signal, Signal::Unreadable { .. }), "{:?}", record.signal);
    assert_eq!(record.decision.reason.name(), "Idle");
    site.end().await;
}
