//! What drift tells people to type is held to the same rules as what the tool does itself: nothing that serves is stopped.

use cloud::{AlarmStatus, GroupView};
use failover_core::observation::AlarmState;
use failover_core::record::{Base, PrimaryUndo, Register, Sizes};
use operate::status::drift::{Drift, Kind};
use site::names::Region;

use sample::standby::{STANDBY, at, deployed, note, servers, standby};
use sample::{Fake, region, site, site_with};

use super::read;

const PRIMARY: &str = "us-west-2-shop-web-GroupName";

fn set_primary(cloud: &Fake, sizes: Sizes) {
    let instances = servers(sizes.desired.into());
    let group = GroupView { sizes, instances, ..GroupView::default() };
    cloud.set_group(&region("us-west-2"), PRIMARY, group);
}

fn set_standby(cloud: &Fake, sizes: Sizes, registers: &[Register]) {
    let group = standby(sizes, sizes.desired.into(), registers);
    cloud.set_group(&region("us-east-2"), STANDBY, group);
}

fn set_alarm(cloud: &Fake, state: AlarmState) {
    let alarm = AlarmStatus { state, since: None, reason: None };
    cloud.set_alarm(&Region::detector(), "shop-primary-down", alarm);
}

fn commands(drift: &Drift) -> Vec<&str> {
    let all = drift.unexpected.iter().chain(&drift.expected).chain(&drift.unknown);
    all.filter_map(|line| line.next.command()).collect()
}

/// A group after a command, as Auto Scaling does it: the desired capacity is kept within the bounds.
fn typed(command: &str, group: &str, live: Sizes) -> Sizes {
    if !command.split_whitespace().any(|word| word == group) {
        return live;
    }
    let number = |flag: &str| {
        let mut words = command.split_whitespace().skip_while(|word| *word != flag);
        words.nth(1).map(|value| value.parse::<u16>().expect("a number"))
    };
    let min = number("--min-size").unwrap_or(live.min);
    let max = number("--max-size").unwrap_or(live.max);
    let desired = number("--desired-capacity").unwrap_or(live.desired);
    Sizes { min, desired: desired.max(min).min(max), max }
}

#[tokio::test]
async fn a_primary_that_was_enlarged_in_a_crisis_is_not_cut_by_what_drift_prints() {
    let cloud = deployed().await;
    set_primary(&cloud, Sizes { min: 2, desired: 7, max: 8 });
    let small = site_with("[web]\nprimary_max = 4\n");
    let drift = read(&cloud, &small).await;
    assert!(commands(&drift).iter().all(|one| !one.contains("autoscaling")), "{drift:?}");
    let line = drift.unexpected.iter().find(|line| line.subject == "shop-primary");
    let next = &line.expect("it is told").next;
    assert_eq!(next.kind(), Kind::Advice);
    assert!(next.to_string().contains("set `primary_max` to at least 7"), "{next}");
}

#[tokio::test]
async fn no_printed_command_ends_an_instance_or_lowers_a_bound() {
    let cloud = deployed().await;
    let undo = PrimaryUndo { episode: at(0), min: 2, desired: 2, ours: None };
    let base = Base { sizes: Sizes { min: 0, desired: 0, max: 8 }, at: at(0) };
    let situations: [&[Register]; 3] =
        [&[], &[Register::Base(base)], &[note(4), Register::Primary(undo)]];
    let files = [site(), site_with("[web]\nprimary_max = 4\n[failover]\nfloor = 2\n")];
    let mut grows = 0;
    for registers in situations {
        for state in [AlarmState::Ok, AlarmState::Alarm, AlarmState::Insufficient] {
            set_alarm(&cloud, state);
            for (min, desired, max) in
                [(0, 0, 0), (0, 0, 8), (0, 3, 8), (1, 2, 3), (2, 2, 8), (4, 7, 8), (7, 7, 40)]
            {
                let live = Sizes { min, desired, max };
                set_standby(&cloud, live, registers);
                set_primary(&cloud, live);
                for site in &files {
                    let drift = read(&cloud, site).await;
                    for command in commands(&drift) {
                        for group in ["shop-standby", "shop-primary"] {
                            let after = typed(command, group, live);
                            assert!(
                                after.desired >= desired && after.min >= min && after.max >= max,
                                "{live:?} becomes {after:?} by `{command}`"
                            );
                            grows += usize::from(after != live);
                        }
                    }
                }
            }
        }
    }
    assert!(grows > 10, "some commands were printed: {grows}");
}

#[tokio::test]
async fn no_deploy_is_advised_while_the_site_is_failed_over_or_nobody_can_tell() {
    let changed = site_with("[failover]\nhold_down = \"1h\"\n");
    let sizes = Sizes { min: 4, desired: 4, max: 8 };
    let dark = Sizes { min: 0, desired: 0, max: 8 };
    let base = Base { sizes: dark, at: at(0) };
    let raised = deployed().await;
    set_standby(&raised, sizes, &[note(4)]);
    let alarmed = deployed().await;
    set_standby(&alarmed, dark, &[Register::Base(base)]);
    set_alarm(&alarmed, AlarmState::Alarm);
    let unreadable = deployed().await;
    unreadable.refuse("DescribeAutoScalingGroups", "AccessDenied");
    unreadable.refuse("DescribeAutoScalingGroups", "AccessDenied");
    let blind = deployed().await;
    blind.refuse("DescribeAlarms", "Throttling");
    let cases = [
        (raised, "wait until the failover that began at 2026-01-01T00:00:00Z is over, then run"),
        (alarmed, "wait until the failover alarm reads OK, then run `cargo xtask deploy`"),
        (unreadable, "wait until the standby group can be read ("),
        (blind, "wait until the failover alarm can be read ("),
    ];
    for (cloud, expected) in cases {
        let drift = read(&cloud, &changed).await;
        assert!(commands(&drift).is_empty(), "{drift:?}");
        let line = drift.unexpected.iter().find(|line| line.subject == "controller");
        let next = &line.expect("the other hold-down is told").next;
        assert_eq!(next.kind(), Kind::Wait);
        assert!(next.to_string().starts_with(expected), "{next}");
    }
}

#[tokio::test]
async fn only_processes_that_bring_instances_are_resumed_by_command() {
    for (suspended, expected) in [
        (&["Launch", "Terminate"][..], Some("--scaling-processes Launch")),
        (&["Terminate"][..], None),
        (&["AZRebalance", "ReplaceUnhealthy"][..], None),
    ] {
        let cloud = deployed().await;
        let mut group = standby(Sizes { min: 0, desired: 0, max: 8 }, 0, &[]);
        group.suspended = suspended.iter().map(|name| (*name).to_owned()).collect();
        cloud.set_group(&region("us-east-2"), STANDBY, group);
        let drift = read(&cloud, &site()).await;
        let line = &drift.unexpected[0];
        assert!(line.what.starts_with("suspended: "), "{line:?}");
        let command = line.next.command();
        assert_eq!(command.is_some(), expected.is_some(), "{line:?}");
        assert!(command.is_none_or(|one| one.ends_with(expected.unwrap_or_default())));
    }
}
