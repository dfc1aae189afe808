//! The name servers that the controller asks, which are read at each deploy.

use cloud::ZoneView;
use operate::status::drift;
use provision::zone_servers::settled;
use site::model::{Site, Source, StackId, VERDICT_SERVERS};
use site::names::ParameterName;

use sample::{Fake, FakePremises, deploy, request, site_with};

fn servers(site: &Site) -> &str {
    let parameters = &site.stack(StackId::Controller).parameters;
    let given = parameters.get(&ParameterName::new(VERDICT_SERVERS));
    let Some(Source::Literal(servers)) = given else { return "none" };
    servers
}

/// An account whose zone has these servers.
fn premises(servers: &[&str]) -> FakePremises {
    let mut premises = FakePremises::default();
    let name_servers = servers.iter().map(|&server| server.to_owned()).collect();
    let zone = ZoneView { name: "example.com".to_owned(), private: false, name_servers };
    premises.zones.insert(site_with("").config.hosted_zone_id, zone);
    premises
}

const FOUR: [&str; 4] = [
    "ns-1536.awsdns-00.co.uk",
    "ns-0.awsdns-00.com",
    "ns-1024.awsdns-00.org",
    "ns-512.awsdns-00.net",
];

fn remote() -> Fake {
    let cloud = Fake::new();
    cloud.go_remote();
    cloud
}

/// Goal: each deploy chooses the same two, in whatever order AWS answers.
#[tokio::test]
async fn two_servers_of_the_zone_are_asked() {
    let site = settled(&remote(), &premises(&FOUR), site_with("")).await.expect("servers");
    assert_eq!(servers(&site), "ns-0.awsdns-00.com,ns-1024.awsdns-00.org");
    let mut turned = FOUR;
    turned.reverse();
    let again = settled(&remote(), &premises(&turned), site_with("")).await.expect("servers");
    assert_eq!(servers(&again), servers(&site));
    let emulator = settled(&Fake::new(), &premises(&FOUR), site_with("")).await.expect("servers");
    assert_eq!(servers(&emulator), "");
}

/// Goal: a deploy in an outage of Route 53's control plane takes no verdict away. Method: a zone that cannot be read; a live site
/// with its servers is no drift.
#[tokio::test]
async fn a_zone_that_cannot_be_read_leaves_the_servers_as_they_are() {
    let cloud = Fake::new();
    let mut first = site_with("");
    provision::zone_servers::give(&mut first, "ns-0.awsdns-00.com,ns-512.awsdns-00.net");
    deploy(&cloud, &request(&first)).await.0.expect("it is deployed");
    cloud.go_remote();
    for unread in [FakePremises::default(), premises(&FOUR[..1])] {
        let site = settled(&cloud, &unread, site_with("")).await.expect("servers");
        assert_eq!(servers(&site), "ns-0.awsdns-00.com,ns-512.awsdns-00.net");
    }
    let at = "2026-01-01T00:00:00Z".parse().expect("a time");
    let drift = drift::read(&cloud, &site_with(""), at).await.expect("it is read");
    let told: Vec<_> = drift.unexpected.iter().filter(|one| one.what.contains("Verdict")).collect();
    assert!(told.is_empty(), "{told:?}");
    let none = settled(&remote(), &FakePremises::default(), site_with("")).await.expect("none");
    assert_eq!(servers(&none), "");
}
