//! Without the controller: the same note and sizes as it would write, by one service of one region.

use std::net::{IpAddr, Ipv4Addr};

use cloud::{GroupView, guard};
use expect_test::expect;
use failover_core::decision::StandbyWrite;
use failover_core::observation::Mode;
use failover_core::record::{Base, Cause, Order, Ownership, Peak, Raised, Register, Sizes};
use operate::steer::SteerError;
use operate::steer::direct::{self, Done, Place, Plan};

use sample::standby::{at, note, standby};
use sample::{Fake, Happening, consent, deploy, group_now, region, request, site, site_with};

const GROUP: &str = "shop-standby";

fn place() -> (site::names::Region, Fake) {
    (region("us-east-2"), Fake::new())
}

/// An account in which nothing but the standby's Auto Scaling answers.
fn cloud(group: &GroupView) -> Fake {
    let (east, cloud) = place();
    cloud.set_group(&east, GROUP, group.clone());
    cloud.go_dark(&region("us-east-1"));
    cloud.go_dark(&region("us-west-2"));
    cloud
}

fn raise(group: &GroupView) -> Plan {
    direct::raise(&site(), Some(group), at(1000)).expect("it may be raised")
}

/// Carries a plan out on the group as it is now.
async fn carry_out(plan: &Plan, cloud: &Fake) -> Result<Done, SteerError> {
    let group = group_now(cloud, "us-east-2", GROUP).await;
    plan.carry_out(cloud, &consent(), group).await
}

/// Reads, plans and raises, as after an answer.
async fn raise_now(cloud: &Fake) -> Plan {
    let read = direct::raise_now(cloud, &consent(), &site(), at(1000)).await;
    let (group, plan) = read.expect("it may be raised");
    plan.carry_out(cloud, &consent(), group).await.expect("it is carried out");
    plan
}

fn dormant() -> GroupView {
    standby(Sizes { min: 0, desired: 0, max: 8 }, 0, &[])
}

#[tokio::test]
async fn the_note_is_written_first_and_then_the_group_once() {
    let group = dormant();
    let cloud = cloud(&group);
    let read = Place::of(&site()).read(&cloud).await.expect("it is there");
    assert_eq!(read, group);
    let done = carry_out(&raise(&read), &cloud).await.expect("it is raised");
    assert_eq!(done, Done::Written);
    assert_eq!(
        cloud.writes(),
        [
            "CreateOrUpdateTags us-east-2 shop-standby pilotlight:raised",
            "UpdateAutoScalingGroup us-east-2 shop-standby Raise(Sizes { min: 2, desired: 2, max: 8 })",
        ]
    );
    let after = cloud.group_view(&region("us-east-2"), GROUP).expect("it is there");
    let Ownership::Ours(raised) = guard::record(&after).ownership() else {
        panic!("the controller must take it for its own");
    };
    assert_eq!((raised.first, raised.why, raised.undo), (at(1000), Cause::Order, group.sizes));
    assert!(raise(&after).is_empty(), "a second time there is nothing to do");
}

#[test]
fn nothing_that_runs_is_ever_lowered_by_a_raise() {
    for sizes in [(0, 0, 1), (1, 5, 6), (3, 3, 3), (2, 9, 12), (8, 8, 8)] {
        let live = Sizes { min: sizes.0, desired: sizes.1, max: sizes.2 };
        for write in raise(&standby(live, 0, &[])).writes {
            let StandbyWrite::Raise(to) = write else { panic!("{write:?}") };
            assert!(to.min >= live.min && to.desired >= live.desired && to.max >= live.max);
            assert!(to.min <= to.desired && to.desired <= to.max && to.min >= 2, "{to:?}");
        }
    }
}

#[test]
fn the_peak_that_was_sampled_is_what_is_asked_for() {
    let peak = Peak::sampled(None, 400_000, 5);
    let group = standby(Sizes { min: 0, desired: 0, max: 3 }, 0, &[Register::Peak(peak)]);
    let sizes = Sizes { min: 5, desired: 5, max: 5 };
    assert_eq!(raise(&group).writes, [StandbyWrite::Raise(sizes)]);
}

#[test]
fn a_second_raise_of_one_failover_keeps_the_sizes_to_go_back_to() {
    let group = standby(Sizes { min: 1, desired: 1, max: 8 }, 1, &[note(1)]);
    let Some(Register::Raised(noted)) = raise(&group).note else { panic!("it is noted") };
    assert_eq!((noted.first, noted.at, noted.undo.desired), (at(0), at(1000), 0));
}

#[test]
fn a_note_is_always_newer_than_what_is_finished() {
    let ahead = Register::Done(at(5000));
    let Some(Register::Raised(noted)) = raise(&standby(dormant().sizes, 0, &[ahead])).note else {
        panic!("it is noted");
    };
    assert_eq!(noted.at, at(5001), "a clock that runs behind must not make it look finished");
}

#[test]
fn of_a_garbled_record_the_sizes_recorded_while_idle_are_kept() {
    let base = Base { sizes: Sizes { min: 1, desired: 1, max: 8 }, at: at(0) };
    let mut group = standby(Sizes { min: 4, desired: 4, max: 8 }, 4, &[Register::Base(base)]);
    group.tags.insert("pilotlight:raised".to_owned(), "?".to_owned());
    let plan = raise(&group);
    let Some(Register::Raised(noted)) = plan.note else { panic!("it is noted") };
    assert_eq!(noted.undo, base.sizes);
}

#[test]
fn a_standby_that_carries_everything_already_is_left_alone() {
    assert!(raise(&standby(Sizes { min: 2, desired: 4, max: 8 }, 4, &[])).is_empty());
}

#[test]
fn where_both_regions_serve_there_is_nothing_to_raise() {
    let both = site_with("[failover]\nrouting = \"active-active\"\nfloor = \"match\"\n");
    assert!(direct::raise(&both, Some(&dormant()), at(0)).is_err());
}

#[tokio::test]
async fn a_failed_note_never_stops_a_raise_and_is_made_good_after_it() {
    let cloud = cloud(&dormant());
    cloud.refuse("CreateOrUpdateTags", "InternalFailure");
    carry_out(&raise(&dormant()), &cloud).await.expect("it is raised and noted");
    let writes = cloud.writes();
    assert!(writes[0].starts_with("UpdateAutoScalingGroup") && writes.len() == 2, "{writes:?}");
    let cloud = self::cloud(&dormant());
    cloud.refuse("CreateOrUpdateTags", "InternalFailure");
    cloud.refuse("CreateOrUpdateTags", "InternalFailure");
    let error = carry_out(&raise(&dormant()), &cloud).await.expect_err("nobody knows of it");
    let SteerError::Unnoted { command, .. } = error else { panic!("{error:?}") };
    assert!(command.contains("pilotlight:raised") && command.contains("first=1767226600"));
}

#[tokio::test]
async fn a_group_that_is_not_there_is_told() {
    let (_, cloud) = place();
    let error = Place::of(&site()).read(&cloud).await.expect_err("there is none");
    assert_eq!(error.to_string(), "there is no group `shop-standby` in us-east-2");
}

#[test]
fn the_commands_do_the_same() {
    expect![[r#"
        aws autoscaling describe-auto-scaling-groups --region us-east-2 --auto-scaling-group-names shop-standby
        aws autoscaling create-or-update-tags --region us-east-2 --tags '[{"ResourceId":"shop-standby","ResourceType":"auto-scaling-group","Key":"pilotlight:raised","Value":"v1 first=1767226600 at=1767226600 target=2 why=order min=0 desired=0 max=8","PropagateAtLaunch":false}]'  # not if the first command shows a newer pilotlight:raised: that one is valid
        aws autoscaling update-auto-scaling-group --region us-east-2 --auto-scaling-group-name shop-standby --min-size $(aws autoscaling describe-auto-scaling-groups --region us-east-2 --auto-scaling-group-names shop-standby --query 'max([AutoScalingGroups[0].MinSize, `2`])' --output text)"#]].assert_eq(&raise(&dormant()).commands().join("\n"));
    let unread = direct::raise(&site(), None, at(1000)).expect("it may be raised");
    expect!["aws autoscaling update-auto-scaling-group --region us-east-2 --auto-scaling-group-name shop-standby --min-size $(aws autoscaling describe-auto-scaling-groups --region us-east-2 --auto-scaling-group-names shop-standby --query 'max([AutoScalingGroups[0].MinSize, `2`])' --output text) --max-size $(aws autoscaling describe-auto-scaling-groups --region us-east-2 --auto-scaling-group-names shop-standby --query 'max([AutoScalingGroups[0].MaxSize, `8`])' --output text)"].assert_eq(unread.commands().last().expect("one"));
}

/// A standby that is raised, with the latch open or closed.
fn raised(more: &[Register]) -> GroupView {
    let registers: Vec<_> = [note(2)].iter().chain(more).cloned().collect();
    standby(Sizes { min: 2, desired: 3, max: 8 }, 3, &registers)
}

/// Lowers the group as it stands, which somebody has just seen and agreed to.
async fn lower(cloud: &Fake) -> Result<Done, SteerError> {
    let shown = cloud.group_view(&region("us-east-2"), GROUP).expect("it is there");
    direct::lower_now(cloud, &consent(), &site(), &shown).await
}

const LOWER_MIN: &str = "UpdateAutoScalingGroup us-east-2 shop-standby LowerMin { min: 0 }";
const LOWER_DESIRED: &str =
    "UpdateAutoScalingGroup us-east-2 shop-standby LowerDesired { desired: 0, max: 8 }";

#[tokio::test]
async fn a_lowering_is_two_writes_the_minimum_first() {
    let group = raised(&[]);
    let cloud = cloud(&group);
    let plan = direct::lower(&site(), &group).expect("it may be lowered");
    assert_eq!(plan.note, None, "the controller closes the record");
    assert_eq!(lower(&cloud).await, Ok(Done::Written));
    assert_eq!(cloud.writes(), [LOWER_MIN, LOWER_DESIRED]);
    let after = cloud.group_view(&region("us-east-2"), GROUP).expect("it is there");
    assert!(direct::lower(&site(), &after).expect("it may be").is_empty());
}

fn noted() -> Raised {
    let note = note(2);
    let raised = if let Register::Raised(raised) = note { Some(raised) } else { None };
    raised.expect("it is the note of a raise")
}

fn standby_is(group: GroupView) -> Happening {
    Happening::Group(region("us-east-2"), GROUP.to_owned(), group)
}

/// Goal: a raise between the two writes stands. Method: the group grows right after the minimum was lowered, by its minimum, by
/// its desired capacity alone, or by a newer note.
#[tokio::test]
async fn a_raise_that_comes_between_stands_and_the_minimum_is_put_back() {
    let grown = [
        standby(Sizes { min: 4, desired: 4, max: 8 }, 4, &[note(4)]),
        standby(Sizes { min: 0, desired: 5, max: 8 }, 5, &[note(2)]),
    ];
    for grown in grown {
        let cloud = cloud(&raised(&[]));
        cloud.after(LOWER_MIN, standby_is(grown.clone()));
        let done = lower(&cloud).await;
        assert_eq!(done, Ok(Done::RaisedMeanwhile));
        let after = cloud.group_view(&region("us-east-2"), GROUP).expect("it is there").sizes;
        assert_eq!(after, Sizes { min: grown.sizes.min.max(2), ..grown.sizes });
    }
}

/// An account at AWS itself, with a deployed site whose DNS names the primary.
async fn named() -> Fake {
    let cloud = Fake::new();
    deploy(&cloud, &request(&site())).await.0.expect("it deploys");
    cloud.go_remote();
    cloud.set_group(&region("us-east-2"), GROUP, raised(&[]));
    cloud.set_addresses("us-west-2-shop-web-LoadBalancerDnsName", &[WEST]);
    cloud.set_addresses("us-east-2-shop-web-LoadBalancerDnsName", &[EAST]);
    cloud.set_addresses("shop.example.com", &[WEST]);
    cloud
}

const WEST: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const EAST: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));

fn sizes_of(cloud: &Fake) -> Sizes {
    cloud.group_view(&region("us-east-2"), GROUP).expect("it is there").sizes
}

/// Goal: whom DNS names is asked after the answer. Method: DNS names the standby, both, or nobody, when the lowering begins.
#[tokio::test]
async fn users_whom_dns_sent_to_the_standby_keep_their_servers() {
    let elsewhere = "DNS does not name the primary alone";
    let unknown = "whom DNS names cannot be read from here";
    for (addresses, why) in [(&[EAST][..], elsewhere), (&[WEST, EAST], elsewhere), (&[], unknown)] {
        let cloud = named().await;
        let before = sizes_of(&cloud);
        cloud.set_addresses("shop.example.com", addresses);
        let error = lower(&cloud).await.expect_err("it is refused");
        assert!(error.to_string().contains(why), "{error}");
        assert_eq!(sizes_of(&cloud), before);
    }
    let cloud = named().await;
    assert_eq!(lower(&cloud).await, Ok(Done::Written));
}

#[tokio::test]
async fn nobody_who_can_not_tell_whom_dns_names_lowers_anything() {
    let cloud = Fake::new();
    cloud.go_remote();
    cloud.set_group(&region("us-east-2"), GROUP, raised(&[]));
    let error = lower(&cloud).await.expect_err("it is refused");
    assert!(error.to_string().contains("whom DNS names cannot be read from here"), "{error}");
    assert_eq!(sizes_of(&cloud), raised(&[]).sizes);
}

/// Goal: the primary may fail between the two writes. Method: DNS moves right after the minimum was lowered.
#[tokio::test]
async fn users_who_move_between_the_two_writes_keep_their_servers() {
    let cloud = named().await;
    let moves = Happening::Addresses("shop.example.com".to_owned(), vec![EAST]);
    cloud.after(LOWER_MIN, moves);
    let error = lower(&cloud).await.expect_err("it is refused");
    assert!(matches!(error, SteerError::Refused(_)), "{error}");
    assert_eq!(sizes_of(&cloud), raised(&[]).sizes, "the minimum is put back");
}

/// Goal: consent to a lowering is consent to the end of what was shown. Method: while the question waits, the group grows, its
/// minimum rises, or somebody notes a newer raise.
#[tokio::test]
async fn a_lowering_that_waited_keeps_what_somebody_raised_meanwhile() {
    let sizes = raised(&[]).sizes;
    let newer = Raised { at: at(900), target: 2, ..noted() };
    for now in [
        standby(Sizes { desired: 4, ..sizes }, 4, &[note(2)]),
        standby(Sizes { min: 3, ..sizes }, 3, &[note(2)]),
        standby(sizes, 3, &[Register::Raised(newer)]),
    ] {
        let cloud = named().await;
        cloud.set_group(&region("us-east-2"), GROUP, now.clone());
        let lowered = direct::lower_now(&cloud, &consent(), &site(), &raised(&[])).await;
        let error = lowered.expect_err("it is refused");
        assert!(error.to_string().contains("raised the standby after the plan"), "{error}");
        assert_eq!(cloud.group_view(&region("us-east-2"), GROUP), Some(now));
    }
}

/// Goal: a raise that waited at its question goes below nothing. Method: the controller raises further before the answer.
#[tokio::test]
async fn a_raise_that_waited_lowers_nothing_and_keeps_the_note_of_the_controller() {
    let cloud = cloud(&dormant());
    assert_eq!(raise(&dormant()).writes.len(), 1, "what the plan showed");
    let theirs = standby(Sizes { min: 4, desired: 4, max: 8 }, 4, &[note(4)]);
    cloud.set_group(&region("us-east-2"), GROUP, theirs.clone());
    raise_now(&cloud).await;
    assert_eq!(cloud.group_view(&region("us-east-2"), GROUP), Some(theirs));
    assert_eq!(cloud.writes(), Vec::<String>::new());
}

/// Goal: what somebody sets between the reading and the write is left as it is. Method: the group reads with a maximum that is
/// enough, so the raise sends none, and somebody sets a larger one in this moment.
#[tokio::test]
async fn a_raise_sends_only_what_grows() {
    let cloud = cloud(&dormant());
    let read = direct::raise_now(&cloud, &consent(), &site(), at(1000)).await;
    let (group, plan) = read.expect("it may be raised");
    cloud.set_group(
        &region("us-east-2"),
        GROUP,
        standby(Sizes { min: 0, desired: 0, max: 20 }, 0, &[]),
    );
    plan.carry_out(&cloud, &consent(), group).await.expect("it is raised");
    assert_eq!(sizes_of(&cloud), Sizes { min: 2, desired: 2, max: 20 });
}

#[tokio::test]
async fn a_raise_above_an_episode_of_the_controller_keeps_its_note() {
    let theirs = standby(Sizes { min: 1, desired: 1, max: 8 }, 1, &[note(4)]);
    let cloud = cloud(&theirs);
    assert_eq!(raise_now(&cloud).await.note, None);
    let after = cloud.group_view(&region("us-east-2"), GROUP).expect("it is there");
    assert_eq!((after.sizes.desired, after.tags), (2, theirs.tags));
}

#[tokio::test]
async fn a_note_that_failed_does_not_overwrite_the_one_that_came_meanwhile() {
    let cloud = cloud(&dormant());
    cloud.refuse("CreateOrUpdateTags", "InternalFailure");
    let theirs = standby(Sizes { min: 2, desired: 2, max: 8 }, 0, &[note(2)]);
    let raise_to =
        "UpdateAutoScalingGroup us-east-2 shop-standby Raise(Sizes { min: 2, desired: 2, max: 8 })";
    cloud.after(raise_to, standby_is(theirs.clone()));
    carry_out(&raise(&dormant()), &cloud).await.expect("it is raised");
    assert_eq!(cloud.group_view(&region("us-east-2"), GROUP), Some(theirs));
}

#[test]
fn what_must_not_be_lowered_is_refused_with_what_to_do() {
    let refused = |group: &GroupView| direct::lower(&site(), group).expect_err("it is refused");
    assert!(refused(&dormant()).why.contains("nothing is raised"));
    let closed = refused(&raised(&[Register::Closed(at(10).into())]));
    assert!(closed.why.contains("the latch holds the users"), "{closed:?}");
    assert!(closed.hint.contains("put-metric-data") && closed.hint.contains("Site=shop"));
    let opened = raised(&[Register::Closed(at(10).into()), Register::Opened(at(20).into())]);
    assert!(direct::lower(&site(), &opened).is_ok());
    let mut garbled = raised(&[]);
    garbled.tags.insert("pilotlight:done".to_owned(), "?".to_owned());
    assert!(refused(&garbled).why.contains("cannot be read"));
}

#[test]
fn a_site_without_a_latch_needs_none_to_be_open() {
    let site = site_with("[failover]\nlatch = \"off\"\n");
    let order = Order {
        what: failover_core::record::Demand::Failover,
        episode: at(0),
        at: at(0),
        by: "alice".to_owned(),
    };
    let group = raised(&[
        Register::Order(order),
        Register::Closed(at(9).into()),
        Register::Mode(Mode::Frozen),
    ]);
    assert!(direct::lower(&site, &group).is_ok());
}
