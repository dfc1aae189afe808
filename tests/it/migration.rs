//! A site that an earlier version deployed is updated in place.

use std::collections::BTreeMap;

use drill_local::stage::{SERVERS, group_name};
use drill_local::story::{self, Teller};
use e2e::{Deployed, events};
use failover_core::ReasonKind;
use failover_core::decision::Latch;
use failover_core::observation::{Known, Mode};
use failover_core::record::{Record, Register, TAG_PREFIX, Turn};
use machine::clock;
use provision::apply::Outcome;
use site::model::{Code, Role, StackId};

async fn tags(site: &Deployed) -> BTreeMap<String, String> {
    let region = site.stage.region(Role::Standby);
    let group = site.stage.cloud.group(region, &group_name(Role::Standby)).await;
    group.expect("the emulator answers").expect("the group is there").tags
}

async fn record(site: &Deployed) -> Record {
    let tags = tags(site).await;
    Record::from_tags(tags.iter().map(|(key, value)| (key.as_str(), value.as_str())))
}

async fn write(site: &Deployed, registers: &[Register]) {
    let (stage, group) = (&site.stage, group_name(Role::Standby));
    let (cloud, region) = (stage.cloud.as_ref(), stage.region(Role::Standby));
    let group = stage.local.consent().group(cloud, region, &group).await.expect("it is read");
    let written = cloud.write_registers(&group.expect("it is there"), registers).await;
    written.expect("the emulator takes tags");
}

/// Goal: an update in the middle of a failover lowers nothing and releases nobody, and the new version finishes what the one
/// before began. Method: a failover whose latch is noted as versions before this one did, without its episode; then another
/// build of the function is deployed. The mode is frozen meanwhile, or the running build would name the episode first.
#[tokio::test]
async fn a_failover_of_the_version_before_survives_the_update_and_is_finished() {
    let site = Deployed::new().await;
    let died = clock::now();
    site.stage.world.kill(Role::Primary).await;
    site.until_decided(ReasonKind::CloseLatch, died).await;
    site.until_standby(SERVERS).await;
    write(&site, &[Register::Mode(Mode::Frozen)]).await;
    site.until_decided(ReasonKind::Frozen, died).await;
    let closed = record(&site).await.closed.held().expect("the latch is noted").at;
    write(&site, &[Register::Closed(Turn::from(closed))]).await;
    let earlier = format!("v1 at={}", closed.as_second());
    assert_eq!(tags(&site).await[&format!("{TAG_PREFIX}closed")], earlier);

    let update = Code { key: "controller/the-next-build.zip".to_owned(), ..e2e::program().await };
    let (teller, _scenes) = Teller::channel();
    let deployed = story::deploy(&site.stage, update, &teller).await.expect("it is updated");
    for (stack, outcome) in deployed.stacks {
        let updated = stack == StackId::Controller;
        let expected = if updated { Outcome::Updated } else { Outcome::Unchanged };
        assert_eq!(outcome, expected, "{stack}");
    }
    let frozen = site.invoke(events::TICK).await;
    assert_eq!(frozen.decision.latch, Known::Known(Latch::Closed), "nobody is released");
    assert_eq!(site.desired(Role::Standby).await, SERVERS);

    let updated = clock::now();
    write(&site, &[Register::Mode(Mode::Armed)]).await;
    let held = site.until_decided(ReasonKind::AlreadyRaised, updated).await;
    assert_eq!(held.decision.latch, Known::Known(Latch::Closed));
    assert_eq!(site.desired(Role::Standby).await, SERVERS);
    let named = record(&site).await.closed;
    let turn = *named.held().expect("it can be read");
    assert_eq!((turn.at, turn.episode.is_some()), (closed, true), "it is given its episode");

    let back = clock::now();
    site.stage.world.revive(Role::Primary).await.expect("the address is free");
    site.until_decided(ReasonKind::OpenLatch, back).await;
    site.until_decided(ReasonKind::Finish, back).await;
    site.until_standby(0).await;
    let decisions = site.decisions().all();
    let early = decisions
        .iter()
        .find(|one| one.at < back && one.decision.standby.is_some_and(|write| write.lowers()));
    assert!(early.is_none(), "{early:?}");
    site.end().await;
}
