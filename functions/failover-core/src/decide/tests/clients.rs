//! Clients that keep an address or a connection: the standby is not lowered under them, and not kept for them in silence.

use super::world::World;
use crate::decision::Reason;
use crate::finding::Finding;
use crate::observation::{Group, Known, Why};
use crate::record::Demand;
use crate::signal::Wish;

/// Everything is proven and drained: the next decision lowers the minimum, if nobody asks the standby.
fn drained(changes: &[(&str, &str)]) -> World {
    let mut world = World::blipped(31, changes);
    assert_eq!(world.story(2), "Draining x2");
    assert_eq!(world.decide().reason, Reason::LowerMin);
    world
}

/// The minute in which people are told, within so many.
fn told(world: &mut World, minutes: u16) -> Option<u16> {
    (0..minutes).find(|_| {
        let notice = world.decide().news.notice;
        world.story(1);
        notice.is_some_and(|notice| notice.body.contains("- busy: "))
    })
}

#[test]
fn clients_that_still_ask_the_standby_are_not_cut_off() {
    let mut world = drained(&[]);
    world.seen.requests = Known::Known(500);
    assert_eq!(world.story(20), "Busy x20");
    world.seen.requests = Known::Known(0);
    assert_eq!(world.story(3), "LowerMin, LowerDesired, Finish");
    world.verified();
}

#[test]
fn clients_that_come_between_the_phases_keep_their_servers() {
    let mut world = drained(&[]);
    assert_eq!(world.story(1), "LowerMin");
    world.seen.requests = Known::Known(500);
    assert_eq!(world.story(5), "Busy x5");
    assert_eq!(world.standby().desired, 4);
}

#[test]
fn requests_that_cannot_be_counted_lower_nothing_and_are_told_after_an_hour() {
    for requests in [Known::Unknown(Why::Denied), Known::Unknown(Why::NotAsked), Known::Known(500)]
    {
        let mut world = drained(&[]);
        world.seen.requests = requests;
        assert_eq!(told(&mut world, 100), Some(60), "{requests:?}");
        assert_eq!(world.story(60), "Busy x60");
        assert!(world.record().findings.held().unwrap().findings.contains(&Finding::Busy));
        world.verified();
    }
}

#[test]
fn a_failback_that_a_person_asked_for_waits_an_hour_for_clients_and_no_longer() {
    let mut world = drained(&[]);
    world.seen.requests = Known::Known(500);
    assert_eq!(told(&mut world, 100), Some(60));
    assert_eq!(world.ask(Wish::Order(Demand::Failback)), "Draining", "a tick lowers");
    assert!(world.story(3).starts_with("LowerMin"));
    world.verified();
    let mut by_hand = World::blipped(31, &[("failback", "manual")]);
    assert_eq!(by_hand.ask(Wish::Order(Demand::Failback)), "Draining");
    by_hand.seen.requests = Known::Known(500);
    by_hand.wait_minutes(1);
    let story = by_hand.story(70);
    assert_eq!(story, "Draining x2, Busy x60, LowerMin, LowerDesired, Finish, Sample x5");
    by_hand.verified();
}

#[test]
fn an_order_for_another_failover_cuts_nobody_off() {
    let mut world = drained(&[]);
    world.tag("order", "v1 what=failback for=1767100000 at=1767100000 by=alice");
    world.seen.requests = Known::Known(500);
    assert_eq!(world.story(90), "Busy x90");
}

#[test]
fn what_health_checks_and_stray_clients_send_keeps_nothing_raised() {
    let reason = |servers: u16, each: u32| {
        let mut world = drained(&[]);
        world.seen.requests = Known::Known(each);
        *world.standby() = Group { in_service: servers, ..*world.standby() };
        world.decide().reason.name()
    };
    assert_eq!((reason(1, 240), reason(1, 241)), ("LowerMin", "Busy"));
    assert_eq!((reason(4, 60), reason(4, 61)), ("LowerMin", "Busy"));
    assert_eq!((reason(100, 30), reason(100, 31)), ("LowerMin", "Busy"));
    assert_eq!(reason(0, u32::MAX), "LowerMin", "nobody is there to be asked");
}
