//! A site goes in the reverse order, and not while users may be on the standby.

use cloud::GroupView;
use cloud::guard::Safety;
use failover_core::record::Sizes;
use provision::destroy::{DestroyError, Destroyed, Removal, destroy};
use provision::progress::{Pace, Reporter};
use site::model::StackId;

use sample::{Fake, Happening, consent, deploy, region, request, site, site_with};

async fn run(cloud: &Fake, safety: Safety) -> Result<Destroyed, DestroyError> {
    let (reporter, events) = Reporter::channel();
    drop(events);
    destroy(cloud, &consent(), &site(), safety, &reporter, Pace::at_once()).await
}

/// A site whose standby the controller holds up.
async fn raised() -> Fake {
    let cloud = Fake::new();
    deploy(&cloud, &request(&site())).await.0.expect("it deploys");
    let sizes = Sizes { min: 2, desired: 2, max: 8 };
    let note = "v1 first=1767225600 at=1767225600 target=2 why=alarm min=0 desired=0 max=8";
    let tags = [("pilotlight:raised".to_owned(), note.to_owned())].into();
    let group = GroupView { sizes, tags, ..GroupView::default() };
    cloud.set_group(&region("us-east-2"), "us-east-2-shop-web-GroupName", group);
    cloud
}

#[tokio::test]
async fn the_stacks_go_in_reverse_and_the_bucket_is_emptied_first() {
    let cloud = Fake::new();
    deploy(&cloud, &request(&site())).await.0.expect("it deploys");
    let before = cloud.writes().len();
    let destroyed = run(&cloud, Safety::Guarded).await.expect("it goes");
    assert!(destroyed.stacks.values().all(|removal| matches!(removal, Removal::Deleted { .. })));
    let mut writes = cloud.writes().split_off(before);
    writes[2..6].sort();
    assert_eq!(
        writes,
        [
            "DeleteStack us-east-1 shop-detector",
            "DeleteStack us-east-2 shop-controller",
            "DeleteStack us-east-2 shop-network",
            "DeleteStack us-east-2 shop-web",
            "DeleteStack us-west-2 shop-network",
            "DeleteStack us-west-2 shop-web",
            "DeleteObjects us-east-2 us-east-2-shop-artifacts-Bucket",
            "DeleteStack us-east-2 shop-artifacts",
        ]
    );
}

#[tokio::test]
async fn a_site_that_is_not_there_is_destroyed_already() {
    let destroyed = run(&Fake::new(), Safety::Guarded).await.expect("nothing to do");
    assert!(destroyed.stacks.values().all(|removal| *removal == Removal::Absent));
}

#[tokio::test]
async fn a_raised_standby_stays_unless_the_operator_overrules() {
    let cloud = raised().await;
    let before = cloud.writes().len();
    let refused = run(&cloud, Safety::Guarded).await;
    assert!(matches!(refused, Err(DestroyError::Refused(_))), "{refused:?}");
    assert_eq!(cloud.writes().len(), before);
    run(&cloud, Safety::Overruled).await.expect("it goes");
}

#[tokio::test]
async fn stacks_of_options_that_are_off_by_now_go_too() {
    let cloud = Fake::new();
    let more = "[tls]\ncertificate = \"managed\"\n[edge]\ncloudfront = \"on\"\n[operations]\ndashboard = \"on\"\n";
    deploy(&cloud, &request(&site_with(more))).await.0.expect("it deploys");
    let before = cloud.writes().len();
    let destroyed = run(&cloud, Safety::Guarded).await.expect("it goes");
    let mut first = cloud.writes().split_off(before);
    first.truncate(2);
    first.sort();
    assert_eq!(first, ["DeleteStack us-east-1 shop-edge", "DeleteStack us-east-2 shop-dashboard"]);
    assert_eq!(destroyed.stacks.len(), StackId::ALL.len());
}

#[tokio::test]
async fn protected_load_balancers_are_told_before_anything_is_touched() {
    let cloud = Fake::new();
    let protected = site_with("[web]\ndeletion_protection = \"on\"\n");
    deploy(&cloud, &request(&protected)).await.0.expect("it deploys");
    let before = cloud.writes().len();
    for safety in [Safety::Guarded, Safety::Overruled] {
        let Err(DestroyError::Refused(refusal)) = run(&cloud, safety).await else {
            panic!("it must be refused");
        };
        assert_eq!(
            refusal.why,
            "the load balancers of `web-primary` and `web-standby` are protected from deletion"
        );
        assert!(refusal.hint.contains("deletion_protection = \"off\""), "{}", refusal.hint);
    }
    assert_eq!(cloud.writes().len(), before);
    deploy(&cloud, &request(&site())).await.0.expect("it deploys");
    run(&cloud, Safety::Guarded).await.expect("it goes");
}

/// Goal: a destruction that waits for hours takes no server from users. Method: the controller raises the standby right after the
/// detector has gone, before the wave of the servers.
#[tokio::test]
async fn a_standby_that_is_raised_between_two_waves_stops_the_rest_of_the_destruction() {
    let cloud = Fake::new();
    deploy(&cloud, &request(&site())).await.0.expect("it deploys");
    let name = "us-east-2-shop-web-GroupName".to_owned();
    let up = raised().await.group_view(&region("us-east-2"), &name).expect("it is there");
    let raises = Happening::Group(region("us-east-2"), name, up);
    cloud.after("DeleteStack us-east-1 shop-detector", raises);
    let error = run(&cloud, Safety::Guarded).await.expect_err("users may be there");
    assert!(matches!(error, DestroyError::Refused(_)), "{error}");
    let deleted: Vec<_> =
        cloud.writes().into_iter().filter(|write| write.starts_with("DeleteStack")).collect();
    assert_eq!(deleted, ["DeleteStack us-east-1 shop-detector"]);
    run(&cloud, Safety::Overruled).await.expect("somebody insists");
}
