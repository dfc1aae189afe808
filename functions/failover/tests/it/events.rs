//! The event files that ship for `cargo lambda invoke`.

use failover_core::observation::AlarmState;
use failover_core::record::Demand;
use failover_core::signal::{AlarmArn, Claim, Request, Signal, Wish};
use failover_core::wire;

use crate::world::{ALARM_ARN, now};

fn signal(event: &str) -> Signal {
    wire::parse(event.as_bytes(), &AlarmArn::parse(ALARM_ARN).expect("a valid ARN"))
}

fn claims(event: &str, state: AlarmState) -> bool {
    matches!(signal(event), Signal::Alarm(Claim { state: claimed, .. }) if claimed == state)
}

/// Goal: each shipped event is what its name says.
#[test]
fn shipped_events_are_read_as_their_names_say() {
    assert!(claims(include_str!("../../events/alarm.json"), AlarmState::Alarm));
    assert!(claims(include_str!("../../events/ok.json"), AlarmState::Ok));
    assert!(claims(include_str!("../../events/insufficient.json"), AlarmState::Insufficient));
    assert_eq!(signal(include_str!("../../events/tick.json")), Signal::Tick);
    assert_eq!(signal(include_str!("../../events/look.json")), Signal::Look { again: false });
    assert_eq!(signal(include_str!("../../events/rehearsal.json")), Signal::Rehearsal);
    let request = Request {
        what: Wish::Order(Demand::Failover),
        episode: None,
        at: now(),
        by: "alice".to_owned(),
    };
    assert_eq!(signal(include_str!("../../events/request.json")), Signal::Request(request));
}
