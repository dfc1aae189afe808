//! What people are told: what, why, what next, what it costs.

use expect_test::{Expect, expect};

use super::world::World;
use crate::decision::{Notice, Reason};
use crate::observation::{AlarmState, Answer, Group, Known, Mode, Probe, Why};
use crate::record::{Base, Demand, History, Peak, Register, Sizes, Slot};
use crate::signal::{Claim, Signal, Wish};
use crate::time::after;

fn notice(world: &World) -> Notice {
    world.decide().notice.expect("people are told")
}

#[expect(clippy::needless_pass_by_value, reason = "the macro makes a value")]
fn check(world: &World, expected: Expect) {
    let Notice { subject, body } = notice(world);
    assert!(subject.is_ascii() && subject.len() <= 100, "{subject}");
    assert!(is_in_the_runbook(&subject), "the runbook has no row for: {subject}");
    expected.assert_eq(&format!("{subject}\n\n{body}\n"));
}

/// Whether the runbook's table has a row for a notice, whatever its numbers.
fn is_in_the_runbook(subject: &str) -> bool {
    let plain = |text: &str| {
        let words =
            text.split(' ').map(|word| if word.parse::<u16>().is_ok() { "N" } else { word });
        words.collect::<Vec<_>>().join(" ")
    };
    let rows = include_str!("../../../../../docs/runbook.md").lines();
    let mut subjects = rows.filter_map(|row| row.strip_prefix("| ")?.split(" |").next());
    let subject = plain(subject);
    subjects.any(|row| {
        let start = row.strip_suffix(" …").is_some_and(|start| subject.starts_with(start));
        start || plain(row) == subject
    })
}

/// The line of the text that begins so.
fn line(world: &World, start: &str) -> String {
    let body = notice(world).body;
    body.lines().find(|line| line.starts_with(start)).expect("the line is there").to_owned()
}

fn alarmed() -> World {
    let mut world = World::new();
    world.alarm(AlarmState::Alarm);
    world
}

fn ordered(changes: &[(&str, &str)]) -> World {
    let mut world = World::with(changes);
    world.signal = Signal::Request(world.request(Wish::Order(Demand::Failover)));
    world
}

#[test]
fn a_raise_says_why_and_how_it_goes_on() {
    check(
        &alarmed(),
        expect![[r#"
            raising the standby from 0 to 4 instances

            What: the standby group is raised from 0 to 4 instances.
            Why: the health-check alarm reads ALARM.
            Next: when the first instance is healthy, Route 53 moves the users by itself. When the primary has been proven up for 30m, the standby goes back to its normal size. The controller has not yet seen the primary healthy for an hour: if this is the site's first deploy, wait until the primary's servers are healthy.
            Cost: 4 instances run in the standby region until then.
        "#]],
    );
    let mut again = alarmed();
    again.write(&Register::History(History { finished: vec![after(again.now, -3600)] }));
    assert!(line(&again, "Next").contains("proven up for 1h"), "the hold-down has doubled");
}

#[test]
fn a_raise_names_its_evidence() {
    let mut datapoints = World::new();
    datapoints.points().newest_two_zero = true;
    let mut answer = World::new();
    answer.dns(Answer::Standby);
    let mut probe = World::new();
    let sizes = Sizes { min: 0, desired: 0, max: 8 };
    probe.write(&Register::Base(Base { sizes, at: probe.now }));
    probe.seen.alarm = Known::Unknown(Why::Timeout);
    probe.seen.probe = Known::Known(Probe::Down);
    let mut claim = World::new();
    claim.seen.alarm = Known::Unknown(Why::Timeout);
    claim.signal = Signal::Alarm(Claim { state: AlarmState::Alarm, at: claim.now });
    let whys = [alarmed(), datapoints, ordered(&[]), answer, probe, claim]
        .map(|world| line(&world, "Why") + "\n");
    expect![[r#"
        Why: the health-check alarm reads ALARM.
        Why: the last two datapoints of the health check are 0.
        Why: alice ordered a failover.
        Why: Route 53 has already moved DNS to the standby.
        Why: the health check has no data, and the controller's own probe finds the primary down.
        Why: an alarm event says ALARM and the alarm itself cannot be read.
    "#]]
    .assert_eq(&whys.concat());
}

#[test]
fn an_ordered_raise_says_when_the_users_move_and_when_they_come_back() {
    let nexts =
        [ordered(&[]), ordered(&[("latch", "off")])].map(|world| line(&world, "Next") + "\n");
    expect![[r#"
        Next: when all of them are healthy, the latch moves the users. They stay until you ask for a failback.
        Next: there is no latch, so the users stay at the primary until it fails. Ask for a failback to bring the standby back to its normal size.
    "#]]
    .assert_eq(&nexts.concat());
}

#[test]
fn a_raise_that_brings_no_servers_is_a_warning() {
    let mut world = alarmed();
    world.standby().suspended = true;
    expect![[r#"WARNING: the group's Launch or AddToLoadBalancer process is suspended, so no server will come. Resume it: aws autoscaling resume-processes --auto-scaling-group-name <group> --scaling-processes Launch AddToLoadBalancer"#]]
    .assert_eq(&line(&world, "WARNING"));
}

#[test]
fn a_minimum_that_is_raised_again_is_not_told_as_servers_that_come() {
    let mut world = alarmed();
    world.step();
    world.standby().min = 1;
    check(
        &world,
        expect![[r#"
            holding the standby at no less than 4 instances

            What: the standby group's minimum is raised from 1 to 4 instances.
            Why: the health-check alarm reads ALARM.
            Next: when the first instance is healthy, Route 53 moves the users by itself. When the primary has been proven up for 30m, the standby goes back to its normal size. The controller has not yet seen the primary healthy for an hour: if this is the site's first deploy, wait until the primary's servers are healthy.
            Cost: 4 instances run in the standby region until then.
        "#]],
    );
    let mut back = World::latched(5, &[]);
    back.standby().min = 1;
    check(
        &back,
        expect![[r#"
        the standby's minimum is put back to 4 instances

        What: the standby group's minimum was 1; it is 4 again.
        Why: somebody changed the group, perhaps by a deploy, while the latch holds all users there.
        Next: do not deploy to the standby or the detector before the failover is finished.
        Cost: none beyond what ran before.
    "#]],
    );
}

#[test]
fn an_adopted_standby_says_that_nothing_was_changed() {
    let mut world = World::failed_over(&[]);
    (world.record().raised, world.record().closed) = (Slot::Absent, Slot::Absent);
    check(
        &world,
        expect![[r#"
            the running standby is recorded as a failover

            What: the standby's 4 instances are recorded as a failover; no size was changed.
            Why: the primary is down, and the standby already runs its target, which the controller had not recorded.
            Next: nothing to do. The failback comes as after every failover.
            Cost: none beyond what runs already.
        "#]],
    );
}

#[test]
fn the_latch_says_that_the_users_stay_and_that_they_go() {
    let mut world = alarmed();
    world.step();
    world.wait_minutes(1);
    world.dns(Answer::Standby);
    check(
        &world,
        expect![[r#"
            users stay on the standby until the failback

            What: the latch is closed: DNS stays at the standby although the primary's check may turn green.
            Why: the standby has all its servers, and DNS names it.
            Next: nothing to do. When the primary is proven up and can carry everybody, the latch opens.
            Cost: the standby's instances run until then.
        "#]],
    );
    let mut back = World::latched(30, &[]);
    back.primary().min = 4;
    check(
        &back,
        expect![[r#"
            the users move back to the primary

            What: the latch is open: the primary's health check decides again.
            Why: the primary can carry everybody, or the standby cannot.
            Next: when DNS has named the primary for 3 ticks in a row, the standby is lowered.
            Cost: both fleets run until then.
        "#]],
    );
}

#[test]
fn the_primary_is_made_ready_with_and_without_a_latch() {
    check(
        &World::latched(30, &[]),
        expect![[r#"
            prewarming the primary: at least 4 instances

            What: the primary group's minimum is raised to 4 instances.
            Why: the primary is back, and target tracking would bring its servers only after the users.
            Next: when they are healthy, the latch opens and the users move back.
            Cost: both fleets run for some minutes.
        "#]],
    );
    check(
        &World::blipped(1, &[("latch", "off")]),
        expect![[r#"
            prewarming the primary: at least 4 instances

            What: the primary group's minimum is raised to 4 instances.
            Why: there is no latch, so the users come back as soon as the primary's check is green.
            Next: when the failover is finished, the minimum goes back.
            Cost: both fleets run for some minutes.
        "#]],
    );
}

#[test]
fn the_way_back_is_told_when_it_begins_and_when_it_is_done() {
    let mut world = World::blipped(31, &[]);
    assert_eq!(world.story(2), "Draining x2");
    check(
        &world,
        expect![[r#"
            the primary is proven back: lowering the standby

            What: the standby group's minimum goes back to normal; one tick later its desired capacity follows.
            Why: the primary has been proven up for 30m, and DNS has answered the primary for 3 ticks in a row.
            Next: nothing to do. If the primary fails again, the standby is raised again.
            Cost: the standby's instances stop within minutes.
        "#]],
    );
    assert_eq!(world.story(1), "LowerMin");
    assert_eq!(world.decide().notice, None, "one notice for both phases");
    assert_eq!(world.story(1), "LowerDesired");
    check(
        &world,
        expect![[r#"
            failover finished: the standby is back to normal

            What: both groups have their normal sizes again and this failover is closed.
            Why: every step of the failback is done.
            Next: nothing to do.
            Cost: none beyond the idle load balancer.
        "#]],
    );
}

#[test]
fn a_floor_that_grows_is_told() {
    let mut world = World::with(&[("floor", "match")]);
    *world.standby() = Group { min: 4, desired: 4, ..*world.standby() };
    world.write(&Register::Peak(Peak::sampled(None, 490_896, 6)));
    check(
        &world,
        expect![[r#"
            the floor follows the load: 6 instances

            What: the minimum is raised to 6 instances; the standby's was 4.
            Why: the load of the last 24 sampled hours needs as many.
            Next: nothing to do.
            Cost: as many instances run from now on.
        "#]],
    );
}

#[test]
fn a_new_mode_says_what_no_longer_happens() {
    let texts = Mode::ALL.iter().map(|&mode| {
        let mut world = World::new();
        world.signal = Signal::Request(world.request(Wish::Mode(mode)));
        let Notice { subject, body } = notice(&world);
        format!("{subject}\n{body}\n\n")
    });
    expect![[r#"
        the mode is now armed
        What: the controller decides and acts again.
        Why: an operator asked for it.
        Next: nothing to do.
        Cost: none.

        the mode is now observe
        What: the controller decides and reports, and changes no group: no failover will happen.
        Why: an operator asked for it.
        Next: when you are done: cargo xtask mode armed.
        Cost: none.

        the mode is now frozen
        What: the controller changes no group: no failover will happen, and the standby keeps its size.
        Why: an operator asked for it.
        Next: when you are done: cargo xtask mode armed.
        Cost: none.

    "#]]
    .assert_eq(&texts.collect::<String>());
}

#[test]
fn a_new_mode_tells_what_is_done_in_the_same_breath_too() {
    let mut world = alarmed();
    world.record().mode = Slot::Held(Mode::Frozen);
    world.signal = Signal::Request(world.request(Wish::Mode(Mode::Armed)));
    check(
        &world,
        expect![[r#"
            the mode is now armed

            What: the controller decides and acts again.
            Why: an operator asked for it.
            Next: nothing to do.
            Cost: none.

            Also: raising the standby from 0 to 4 instances
            What: the standby group is raised from 0 to 4 instances.
            Why: the health-check alarm reads ALARM.
            Next: when the first instance is healthy, Route 53 moves the users by itself. When the primary has been proven up for 30m, the standby goes back to its normal size. The controller has not yet seen the primary healthy for an hour: if this is the site's first deploy, wait until the primary's servers are healthy.
            Cost: 4 instances run in the standby region until then.
        "#]],
    );
}

#[test]
fn a_mode_that_was_set_already_is_not_told_again() {
    let mut world = World::new();
    world.record().mode = Slot::Held(Mode::Frozen);
    world.signal = Signal::Request(world.request(Wish::Mode(Mode::Frozen)));
    assert_eq!(world.decide().notice, None);
}

#[test]
fn what_holds_is_not_told() {
    for (world, reason) in [
        (World::new(), "Sample"),
        (World::failed_over(&[]), "AlreadyRaised"),
        (World::latched(5, &[]), "Proving"),
        (World::blipped(31, &[]), "Draining"),
    ] {
        let decision = world.decide();
        assert_eq!((decision.reason.name(), decision.notice), (reason, None));
    }
}

#[test]
fn a_latch_that_closes_on_fewer_servers_says_how_many() {
    let closing = |healthy, minutes| {
        let mut world = World::new();
        world.alarm(AlarmState::Alarm);
        assert_eq!(world.step(), "Raise");
        world.wait_minutes(minutes);
        world.standby().healthy = Known::Known(healthy);
        world.dns(Answer::Standby);
        let decision = world.decide();
        assert_eq!(decision.reason, Reason::CloseLatch);
        decision.notice.expect("it is told").body
    };
    assert!(closing(3, 6).contains("the standby has 3 of 4 healthy servers"));
    assert!(closing(4, 2).contains("the standby has all its servers"));
    assert!(closing(5, 2).contains("the standby has all its servers"));
}
