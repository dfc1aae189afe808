//! What is told while a failover is followed, and when it is done.

use std::time::Duration;

use cloud::{LogLine, guard};
use expect_test::expect;
use failover_core::decision::Latch;
use failover_core::observation::{AlarmState, Mode};
use failover_core::record::{Demand, Record, Register, Sizes};
use failover_core::signal::Wish;
use failover_core::{Signal, Timestamp};
use machine::clock;
use operate::status::{self, Reader, Status};
use operate::steer::{self, End, Goal, Step};

use sample::decided::{decided, seen};
use sample::standby::{STANDBY, at, deployed, note, standby};
use sample::{Fake, region, site, site_with};

const TARGETS: &str = "us-east-2-shop-web-TargetGroupArn";
const RAISED: Sizes = Sizes { min: 2, desired: 2, max: 8 };

async fn look(cloud: &Fake, now: Timestamp) -> Status {
    status::read(cloud, &site(), now).await.expect("a status")
}

fn sentences(before: &Status, after: &Status) -> Vec<String> {
    steer::steps(before, after).iter().map(ToString::to_string).collect()
}

/// The standby with so many running, and the controller's decision on it.
fn stand(cloud: &Fake, running: usize, registers: &[Register], at: Timestamp) {
    let sizes = if registers.is_empty() { Sizes { min: 0, desired: 0, max: 8 } } else { RAISED };
    let group = standby(sizes, running, registers);
    let record: Record = guard::record(&group);
    cloud.set_group(&region("us-east-2"), STANDBY, group);
    cloud.set_healthy(TARGETS, running);
    let seen = seen(AlarmState::Alarm, at, sizes, record);
    let record = decided(&site(), Signal::Tick, seen, at);
    cloud.log(LogLine { at: record.at, text: record.to_log_line() });
}

#[tokio::test]
async fn each_change_is_told_once() {
    let cloud = deployed().await;
    let mut before = look(&cloud, at(0)).await;
    let mut told = Vec::new();
    let closed = [note(2), Register::Closed(at(200).into())];
    let moments: [(usize, &[Register]); 5] =
        [(0, &[note(2)]), (1, &[note(2)]), (1, &[note(2)]), (2, &closed), (0, &[])];
    for (number, (running, registers)) in (1..).zip(moments) {
        let now = at(number * 60);
        stand(&cloud, running, registers, now);
        let after = look(&cloud, now).await;
        told.push(format!("{number}: {}\n", sentences(&before, &after).join(" | ")));
        before = after;
    }
    expect![[r#"
        1: The alarm reads ALARM, and the standby already runs its 2 instances: nothing to do. | standby: desired 2 (min 2, max 8) | DNS names the standby
        2: standby: in service 1 of 2 | standby: healthy 1 of 2
        3: 
        4: standby: in service 2 of 2 | standby: healthy 2 of 2 | the latch is closed: the users stay at the standby
        5: The alarm reads ALARM: the standby is raised to 2 instances. | standby: desired 0 (min 0, max 8) | standby: in service 0 of 0 | standby: healthy 0 of 0 | the latch is open: the health check decides again | the failover is closed
    "#]].assert_eq(&told.concat());
}

#[tokio::test]
async fn a_failover_is_done_when_the_latch_holds_the_users_at_a_healthy_standby() {
    let cloud = deployed().await;
    let site = site();
    let reader = Reader::open(&cloud, &site);
    let reader = reader.await.expect("it can be read");
    let before = reader.look(clock::now()).await;
    stand(&cloud, 2, &[note(2)], clock::now());
    let pause = Duration::from_millis(1);
    let late = async |goal, before: Status| {
        let followed = steer::follow(&reader, goal, before, Duration::ZERO, |_, _| ()).await;
        followed.0
    };
    assert_eq!(late(Goal::Failover, before.clone()).await, End::Late, "the latch is open");
    stand(&cloud, 2, &[note(2), Register::Closed(at(200).into())], clock::now());
    let mut told = Vec::new();
    let tell = |_, step: &Step| told.push(step.clone());
    let (end, status) = steer::follow(&reader, Goal::Failover, before, pause, tell).await;
    assert_eq!(end, End::Done);
    assert!(told.contains(&Step::Latch(Latch::Closed)), "{told:?}");
    assert_eq!(late(Goal::Failback, status.clone()).await, End::Late, "it is still raised");
    stand(&cloud, 0, &[], clock::now());
    assert_eq!(late(Goal::Failback, status).await, End::Done);
}

/// Goal: whoever follows a failback for an hour hears at once that nothing can be read because the sign-in is gone. Method: the
/// sign-in ends before the first look.
#[tokio::test]
async fn a_sign_in_that_is_lost_while_a_failback_is_followed_is_told_at_once() {
    let cloud = deployed().await;
    let site = site();
    let reader = Reader::open(&cloud, &site);
    let reader = reader.await.expect("it can be read");
    let before = reader.look(clock::now()).await;
    cloud.sign_out(true);
    let mut told = Vec::new();
    let tell = |_, step: &Step| told.push(step.to_string());
    steer::follow(&reader, Goal::Failback, before, Duration::ZERO, tell).await;
    let signed_out = told.iter().filter(|what| what.starts_with("SIGNED OUT")).count();
    assert_eq!(signed_out, 1, "at once, and not at each look: {told:?}");
}

#[tokio::test]
async fn a_reading_that_fails_for_a_moment_is_no_change() {
    let cloud = deployed().await;
    stand(&cloud, 2, &[note(2)], at(60));
    let before = look(&cloud, at(60)).await;
    cloud.refuse("DescribeAutoScalingGroups", "ThrottlingException");
    cloud.refuse("DescribeAutoScalingGroups", "ThrottlingException");
    cloud.refuse("FilterLogEvents", "ThrottlingException");
    let after = look(&cloud, at(60)).await;
    assert_eq!(steer::steps(&before, &after), []);
}

#[tokio::test]
async fn what_will_happen_is_told_before_anybody_says_yes() {
    let cloud = deployed().await;
    let site = site();
    let status = look(&cloud, at(0)).await;
    let told = |what| steer::intent(&site, what, &status).join("\n");
    expect![[r#"
        the controller records the order, and keeps it until you ask for a failback
        the controller raises the standby group in us-east-2 to 2 instances
        once all of them are healthy the latch closes, and DNS moves the users to the standby
        each instance costs $0.0084 an hour on demand until the failback"#]]
    .assert_eq(&told(Wish::Order(Demand::Failover)));
    expect![[r#"
        the failback that waits for a person is approved
        the primary must be proven up for 30m, for twice as long if there was a failback within a day; what has passed counts
        its group grows to what the standby carries, then the latch opens and DNS moves the users back
        DNS must name the primary on 10 ticks in a row
        the standby goes back to its normal sizes, and the failover is closed"#]].assert_eq(&told(Wish::Order(Demand::Approve)));
    expect!["the controller decides and reports, and changes nothing: no failover will happen"]
        .assert_eq(&told(Wish::Mode(Mode::Observe)));
    let both = site_with("[failover]\nrouting = \"active-active\"\nfloor = \"match\"\n");
    let told = steer::intent(&both, Wish::Order(Demand::Failover), &status);
    assert_eq!(told, ["nothing: both regions serve, so there is nothing to move"]);
}
