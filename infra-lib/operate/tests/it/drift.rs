//! What the controller does on purpose is no drift; what nobody meant is, with the command that mends it.

mod printed;

use cloud::GroupView;
use failover_core::observation::Mode;
use failover_core::record::{Base, PrimaryUndo, Register, Sizes};
use operate::status::drift::{self, Drift};
use provision::apply::Outcome;
use provision::plan::Action;
use site::model::{Site, StackId};

use sample::standby::{STANDBY, at, deployed, note, servers, standby};
use sample::{Fake, deploy, planned, region, request, site, site_with};

async fn read(cloud: &Fake, site: &Site) -> Drift {
    drift::read(cloud, site, at(60)).await.expect("a comparison")
}

/// The subjects and what is said of them.
fn unexpected(drift: &Drift) -> Vec<String> {
    let lines = drift.unexpected.iter();
    lines.map(|line| format!("{}: {} -> {}", line.subject, line.what, line.next)).collect()
}

fn set_standby(cloud: &Fake, group: GroupView) {
    cloud.set_group(&region("us-east-2"), STANDBY, group);
}

#[tokio::test]
async fn a_site_as_it_was_deployed_has_none() {
    let drift = read(&deployed().await, &site()).await;
    assert_eq!((drift.unexpected, drift.expected, drift.unknown), (vec![], vec![], vec![]));
}

#[tokio::test]
async fn a_failed_over_standby_and_a_prewarmed_primary_are_expected() {
    let cloud = deployed().await;
    let undo = PrimaryUndo { episode: at(0), min: 2, desired: 2, ours: None };
    let registers = [note(4), Register::Primary(undo)];
    set_standby(&cloud, standby(Sizes { min: 4, desired: 4, max: 8 }, 4, &registers));
    let sizes = Sizes { min: 4, desired: 4, max: 8 };
    let primary = GroupView { sizes, instances: servers(4), ..GroupView::default() };
    cloud.set_group(&region("us-west-2"), "us-west-2-shop-web-GroupName", primary);
    let drift = read(&cloud, &site()).await;
    assert_eq!(unexpected(&drift), Vec::<String>::new());
    let expected: Vec<_> = drift.expected.iter().map(|line| line.subject.as_str()).collect();
    assert_eq!(expected, ["shop-standby", "shop-primary"]);
}

#[tokio::test]
async fn the_same_sizes_without_a_note_are_somebodys_doing() {
    let cloud = deployed().await;
    set_standby(&cloud, standby(Sizes { min: 4, desired: 4, max: 8 }, 4, &[]));
    let drift = read(&cloud, &site()).await;
    assert_eq!(
        unexpected(&drift),
        [
            "shop-standby: min 4, desired 4, max 8; the site file says min 0, max 8 -> 4 instances are asked for or run \
             (`cargo xtask status` shows who serves). if users need them, leave them; else lower the group by hand, one \
             instance at a time, to min 0 and max 8: a maximum below 4 ends instances at once"
        ]
    );
}

#[tokio::test]
async fn a_standby_that_runs_more_than_its_minimum_for_nobody_is_told() {
    let cloud = deployed().await;
    set_standby(&cloud, standby(Sizes { min: 0, desired: 3, max: 8 }, 3, &[]));
    let lines = unexpected(&read(&cloud, &site()).await);
    assert!(lines[0].starts_with("shop-standby: desired is 3") && lines.len() == 1, "{lines:?}");
    // What was noted while idle is its normal size.
    let base = Base { sizes: Sizes { min: 0, desired: 3, max: 8 }, at: at(0) };
    set_standby(&cloud, standby(base.sizes, 3, &[Register::Base(base)]));
    assert_eq!(unexpected(&read(&cloud, &site()).await), Vec::<String>::new());
}

#[tokio::test]
async fn target_tracking_is_expected_in_the_primary() {
    let cloud = deployed().await;
    let sizes = Sizes { min: 2, desired: 5, max: 8 };
    let primary = GroupView { sizes, instances: servers(5), ..GroupView::default() };
    cloud.set_group(&region("us-west-2"), "us-west-2-shop-web-GroupName", primary);
    let drift = read(&cloud, &site()).await;
    assert_eq!(unexpected(&drift), Vec::<String>::new());
    assert_eq!(drift.expected[0].next.to_string(), "target tracking follows the load");
}

#[tokio::test]
async fn a_floor_that_follows_the_load_is_expected() {
    let site = site_with("[failover]\nfloor = \"match\"\n");
    let cloud = Fake::new();
    deploy(&cloud, &request(&site)).await.0.expect("it deploys");
    set_standby(&cloud, standby(Sizes { min: 5, desired: 5, max: 8 }, 5, &[]));
    let primary = Sizes { min: 2, desired: 2, max: 8 };
    let primary = GroupView { sizes: primary, ..GroupView::default() };
    cloud.set_group(&region("us-west-2"), "us-west-2-shop-web-GroupName", primary);
    let drift = read(&cloud, &site).await;
    assert_eq!(unexpected(&drift), Vec::<String>::new());
    assert_eq!(drift.expected[0].next.to_string(), "the floor follows the load");
}

#[tokio::test]
async fn a_mode_that_keeps_failovers_from_happening_is_told() {
    for (mode, count) in [(Mode::Armed, 0), (Mode::Observe, 1), (Mode::Frozen, 1)] {
        let cloud = deployed().await;
        let sizes = Sizes { min: 0, desired: 0, max: 8 };
        set_standby(&cloud, standby(sizes, 0, &[Register::Mode(mode)]));
        let drift = read(&cloud, &site()).await;
        assert_eq!(drift.unexpected.len(), count, "{mode:?}");
        assert!(
            drift
                .unexpected
                .iter()
                .all(|line| line.next.command() == Some("cargo xtask mode armed"))
        );
    }
}

#[tokio::test]
async fn suspended_processes_and_garbled_tags_are_told() {
    let cloud = deployed().await;
    let mut group = standby(Sizes { min: 0, desired: 0, max: 8 }, 0, &[]);
    group.suspended = vec!["Launch".to_owned()];
    group.tags.insert("pilotlight:drain".to_owned(), "?".to_owned());
    set_standby(&cloud, group);
    let lines = unexpected(&read(&cloud, &site()).await);
    assert!(lines[0].contains("suspended: Launch") && lines[0].contains("resume-processes"));
    assert!(lines[1].contains("pilotlight:drain"), "{lines:?}");
}

#[tokio::test]
async fn a_changed_setting_and_a_missing_stack_are_told_with_the_deploy_that_mends_them() {
    let cloud = deployed().await;
    let changed = site_with("[failover]\nhold_down = \"1h\"\n");
    let drift = read(&cloud, &changed).await;
    assert_eq!(
        unexpected(&drift),
        ["controller: HoldDown is 30m, and the site file says 1h -> cargo xtask deploy"]
    );
    let missing = read(&Fake::new(), &site()).await;
    assert_eq!(missing.unexpected.len(), site().stacks.len(), "no group is told twice");
}

#[tokio::test]
async fn a_region_that_cannot_be_read_is_not_compared() {
    let cloud = deployed().await;
    cloud.go_dark(&region("us-west-2"));
    let drift = read(&cloud, &site()).await;
    assert_eq!(unexpected(&drift), Vec::<String>::new());
    let unknown: Vec<_> = drift.unknown.iter().map(|line| line.subject.as_str()).collect();
    assert_eq!(unknown, ["network-primary", "web-primary", "records", "primary-balancer"]);
}

#[tokio::test]
async fn a_parameter_that_is_no_longer_given_is_a_difference() {
    let cloud = Fake::new();
    let asked = site_with("[controller]\negress_url = \"https://example.org/\"\n");
    deploy(&cloud, &request(&asked)).await.0.expect("it deploys");
    let of_controller = async |cloud: &Fake| {
        let mut lines = unexpected(&read(cloud, &site()).await);
        lines.retain(|line| line.starts_with("controller"));
        lines
    };
    assert_eq!(
        of_controller(&cloud).await,
        [
            "controller: EgressUrl is https://example.org/; the site file no longer gives it, and the template says \
             https://dynamodb.eu-west-1.amazonaws.com/ -> cargo xtask deploy"
        ]
    );
    let plan = planned(&cloud, &site()).await;
    let changed: Vec<_> = plan.stacks.iter().filter(|entry| entry.action != Action::Keep).collect();
    assert!(matches!(&changed[..], [one] if one.stack == StackId::Controller), "{plan}");
    assert!(
        plan.to_string().contains("EgressUrl: https://example.org/ -> https://dynamodb"),
        "{plan}"
    );
    let deployed = deploy(&cloud, &request(&site())).await.0.expect("it deploys");
    assert_eq!(deployed.stacks[&StackId::Controller], Outcome::Updated);
    assert!(planned(&cloud, &site()).await.is_empty(), "and then it is as the file says");
    assert_eq!(of_controller(&cloud).await, Vec::<String>::new());
}
