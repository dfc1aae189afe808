//! A deployed site and its standby group, in the states that tests begin with.

use cloud::{GroupView, InstanceView};
use failover_core::Timestamp;
use failover_core::record::{Cause, Raised as Note, Register, Sizes};

use super::{Fake, deploy, region, request, site};

const WEST: &str = "us-west-2";
const EAST: &str = "us-east-2";
/// What the account in memory answers as the group's name and the target group's ARN.
pub const STANDBY: &str = "us-east-2-shop-web-GroupName";
const PRIMARY: &str = "us-west-2-shop-web-GroupName";

#[must_use]
pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_767_225_600 + second).expect("a time")
}

#[must_use]
pub fn servers(count: usize) -> Vec<InstanceView> {
    let one = |number| InstanceView { id: format!("i-{number}"), state: "InService".to_owned() };
    (0..count).map(one).collect()
}

/// A standby group that holds these registers.
#[must_use]
pub fn standby(sizes: Sizes, running: usize, registers: &[Register]) -> GroupView {
    let tags = registers.iter().map(Register::tag).collect();
    GroupView { sizes, instances: servers(running), tags, ..GroupView::default() }
}

#[must_use]
pub fn note(target: u16) -> Register {
    let undo = Sizes { min: 0, desired: 0, max: 8 };
    Register::Raised(Note { first: at(0), at: at(0), target, why: Cause::Alarm, undo })
}

/// A site that stands, with a primary of two.
pub async fn deployed() -> Fake {
    let cloud = Fake::new();
    deploy(&cloud, &request(&site())).await.0.expect("it deploys");
    let sizes = Sizes { min: 2, desired: 2, max: 8 };
    let primary = GroupView { sizes, instances: servers(2), ..GroupView::default() };
    cloud.set_group(&region(WEST), PRIMARY, primary);
    cloud.set_group(&region(EAST), STANDBY, standby(Sizes { min: 0, desired: 0, max: 8 }, 0, &[]));
    cloud
}

/// A standby group that the controller has raised.
#[must_use]
pub fn raised() -> GroupView {
    standby(Sizes { min: 2, desired: 2, max: 8 }, 2, &[note(2)])
}
