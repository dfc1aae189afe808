//! The zones of the networks, which are chosen once.

use expect_test::expect;
use operate::status::drift;
use provision::zones::{ZonesError, settled};
use site::model::{Site, Source, StackId, ZONES};
use site::names::ParameterName;

use sample::{Fake, FakePremises, deploy, region, request, site_with};

const TWO_TYPES: &str = "[web]\nmore_instance_types = [\"t4g.small\"]\n";

/// Zones of us-west-2 that offer the first type, and the same with their letters in us-east-2; the second type is in c and b.
fn premises(letters: &str) -> FakePremises {
    let mut premises = FakePremises::default();
    for place in ["us-west-2", "us-east-2"] {
        let zones = |letters: &str| -> Vec<String> {
            letters.chars().map(|letter| format!("{place}{letter}")).collect()
        };
        let mut first = zones(letters);
        first.push(format!("{place}-lax-1a"));
        premises.zones_with.insert((region(place), "t4g.micro".to_owned()), first);
        premises.zones_with.insert((region(place), "t4g.small".to_owned()), zones("cb"));
    }
    premises
}

fn zones(site: &Site, stack: StackId) -> String {
    let given = ZONES.map(|name| {
        let source = site.stack(stack).parameters.get(&ParameterName::new(name));
        let Some(Source::Literal(zone)) = source else { return "none".to_owned() };
        zone.clone()
    });
    given.join(" ").trim_end().to_owned()
}

/// An account that is not on this machine, with nothing in it.
fn empty() -> Fake {
    let cloud = Fake::new();
    cloud.go_remote();
    cloud
}

/// The same where the smallest site was deployed, with its zones settled before.
async fn standing(premises: &FakePremises) -> Fake {
    let site = settled(&empty(), premises, site_with("")).await.expect("zones");
    let cloud = Fake::new();
    let (deployed, _) = deploy(&cloud, &request(&site)).await;
    deployed.expect("it is deployed");
    cloud.go_remote();
    cloud
}

#[tokio::test]
async fn a_new_network_takes_zones_that_offer_the_types() {
    let cloud = empty();
    let site = settled(&cloud, &premises("adbc"), site_with("")).await.expect("zones");
    assert_eq!(zones(&site, StackId::NetworkPrimary), "us-west-2a us-west-2b");
    let site = settled(&cloud, &premises("adbc"), site_with(TWO_TYPES)).await.expect("zones");
    assert_eq!(zones(&site, StackId::NetworkStandby), "us-east-2b us-east-2c");
    let emulator = settled(&Fake::new(), &premises("adbc"), site_with("")).await.expect("zones");
    assert_eq!(zones(&emulator, StackId::NetworkPrimary), "", "the template's own choice");
}

/// Goal: nothing that changes in the account moves a subnet of a site that stands. Method: other zones offer the type by now; a
/// third zone is asked for; the live site is no drift.
#[tokio::test]
async fn a_network_that_stands_keeps_its_zones() {
    let cloud = standing(&premises("bd")).await;
    let now = premises("abcd");
    let site = settled(&cloud, &now, site_with("")).await.expect("zones");
    assert_eq!(zones(&site, StackId::NetworkPrimary), "us-west-2b us-west-2d");
    let (deployed, _) = deploy(&cloud, &request(&site)).await;
    let outcomes = format!("{:?}", deployed.expect("it is deployed").stacks);
    assert!(!outcomes.contains("Updated"), "{outcomes}");
    let three = site_with("[network]\nzones = 3\n");
    let site = settled(&cloud, &now, three).await.expect("zones");
    assert_eq!(zones(&site, StackId::NetworkPrimary), "us-west-2b us-west-2d us-west-2a");
    let at = "2026-01-01T00:00:00Z".parse().expect("a time");
    let drift = drift::read(&cloud, &site_with(""), at).await.expect("it is read");
    let told: Vec<_> = drift.unexpected.iter().filter(|one| one.what.contains("Zone")).collect();
    assert!(told.is_empty(), "{told:?}");
}

/// Goal: a network of an earlier version is not moved by the first deploy that knows zones. Method: one without the parameters.
#[tokio::test]
async fn a_network_that_took_its_zones_by_position_is_left_alone() {
    let cloud = Fake::new();
    let (deployed, _) = deploy(&cloud, &request(&site_with(""))).await;
    deployed.expect("it is deployed");
    cloud.go_remote();
    let site = settled(&cloud, &premises("bd"), site_with("")).await.expect("zones");
    assert_eq!(zones(&site, StackId::NetworkPrimary), "");
}

#[tokio::test]
async fn too_few_zones_are_told_before_anything_is_made() {
    let cloud = empty();
    let error = settled(&cloud, &premises("a"), site_with("")).await.expect_err("one zone");
    assert!(matches!(error, ZonesError::Few { .. }));
    expect!["1 of the 2 zones that the site needs in us-west-2 offer t4g.micro"]
        .assert_eq(&error.to_string());
}
