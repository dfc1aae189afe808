//! Deploying and steering through the command while the site fails over.

use drill_local::stage::{SERVERS, group_name};
use e2e::Deployed;
use e2e::command::{Told, Xtask};
use failover_core::ReasonKind;
use machine::clock;
use site::model::Role;

/// The instances of a group, by id.
async fn instances(site: &Deployed, role: Role) -> Vec<String> {
    let group = site.stage.cloud.group(site.stage.region(role), &group_name(role)).await;
    let group = group.expect("the emulator answers").expect("the group is there");
    let mut ids: Vec<_> = group.instances.into_iter().map(|instance| instance.id).collect();
    ids.sort();
    ids
}

fn assert_refused(told: &Told, why: &str) {
    assert_eq!(told.code, Some(6), "{told:#?}");
    for words in ["error: refused: ", why, "hint: "] {
        assert!(told.error.contains(words), "`{words}` is missing: {told:#?}");
    }
}

/// Goal: a deploy during a failover keeps every instance: it is refused where it would touch the groups, goes on elsewhere, and
/// overruled it carries the live sizes. Method: kill the primary, then deploy three changed site files.
#[tokio::test]
async fn a_deploy_in_the_middle_of_a_failover_keeps_every_instance() {
    let site = Deployed::new().await;
    let xtask = Xtask::new(&site.stage, "middle");
    let died = clock::now();
    site.stage.world.kill(Role::Primary).await;
    site.until_decided(ReasonKind::Raise, died).await;
    site.until_standby(SERVERS).await;
    site.until_page(Role::Standby).await;
    let (standby, primary) =
        (instances(&site, Role::Standby).await, instances(&site, Role::Primary).await);
    assert_eq!(standby.len(), usize::from(SERVERS));

    let groups = site.stage.site_file.replace("primary_max = 4", "primary_max = 5");
    xtask.write_site(&groups);
    let refused = xtask.run("deploy --yes").await;
    assert_refused(&refused, "while the controller holds the standby up since");
    assert_eq!(instances(&site, Role::Standby).await, standby);

    // What no failover stands on may change.
    let elsewhere =
        site.stage.site_file.replace("[controller]\n", "[controller]\nlog_retention_days = 7\n");
    xtask.write_site(&elsewhere);
    let told = xtask.good("deploy --yes").await;
    assert!(told.error.contains("controller: done"), "{told:#?}");
    assert_eq!(instances(&site, Role::Standby).await, standby);

    let both = groups
        .replace("[controller]\n", "[controller]\nlog_retention_days = 7\n")
        .replace("capacity_max = 4", "capacity_max = 3");
    xtask.write_site(&both);
    assert_refused(&xtask.run("deploy --yes").await, "while the controller holds the standby up");
    let told = xtask.good("deploy --yes --force").await;
    assert!(told.error.contains("web-primary: done"), "{told:#?}");
    assert_eq!(instances(&site, Role::Standby).await, standby, "the live sizes were carried");
    assert_eq!(instances(&site, Role::Primary).await, primary);
    assert_refused(&xtask.run("destroy --yes").await, "users may be on it");
    site.end().await;
}

/// Goal: a person moves the site there and back through the verbs alone, and each follows it to its end. Method: frozen first,
/// which forbids it; then a failover, an approval that is not waited for, and a failback.
#[tokio::test]
async fn a_person_moves_the_site_there_and_back() {
    let site = Deployed::new().await;
    let xtask = Xtask::new(&site.stage, "steering");
    let (there, latched) = ("failover done\n", "the latch is closed");
    assert_refused(&xtask.run("approve --yes").await, "nothing is raised");
    xtask.good("mode frozen --yes").await;
    assert_refused(&xtask.run("failover --yes").await, "the mode is not armed");
    assert_eq!(site.desired(Role::Standby).await, 0);
    let armed = xtask.good("mode armed --yes").await;
    assert_eq!(armed.out, "the mode is armed\n");

    let told = xtask.good("failover --yes").await;
    assert_eq!(told.out, there);
    assert!(told.error.contains(latched), "{told:#?}");
    assert_eq!(site.desired(Role::Standby).await, SERVERS);
    site.until_page(Role::Standby).await;
    let again = xtask.good("failover --yes").await;
    assert_eq!(again.out, there, "asked twice is done once");

    let told = xtask.good("failback --yes").await;
    assert_eq!(told.out, "failback done\n");
    assert!(told.error.contains("the failover is closed"), "{told:#?}");
    assert_eq!(site.desired(Role::Standby).await, 0);
    site.until_page(Role::Primary).await;
    assert_refused(&xtask.run("failback --yes").await, "nothing is raised");
    let status = xtask.good("status --drift").await;
    assert_eq!(status.code, Some(0), "{status:#?}");
    site.end().await;
}
