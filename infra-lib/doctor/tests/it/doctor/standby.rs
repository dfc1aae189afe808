//! `doctor --standby`: in one line how many instances the standby can launch now.

use cloud::{PublicAccess, Quota};
use expect_test::expect;

use sample::{FakePremises, region};

use super::launch::{own_default_key, regroup};
use super::world::World;

const UNKNOWABLE: &str = "; whether EC2 will have capacity for t4g.micro, or will throttle the account, cannot be known in advance";

async fn dark() -> World {
    let world = World::deployed("").await;
    regroup(&world, |group| {
        group.instances.clear();
        group.sizes.desired = 0;
    })
    .await;
    world
}

async fn told(world: &World) -> String {
    let told = world.outlook().await.told;
    assert!(told.ends_with(UNKNOWABLE), "{told}");
    told.strip_suffix(UNKNOWABLE).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn the_least_of_maximum_quota_and_addresses_is_told() {
    let mut world = dark().await;
    let outlook = world.outlook().await;
    assert_eq!((outlook.instances, outlook.complete, outlook.has_errors()), (Some(8), true, false));
    let line = "the standby can launch 8 instances now, as far as AWS tells: its maximum is 8";
    assert_eq!(told(&world).await, line);
    let quota = (region("us-east-2"), Quota::OnDemandVcpus);
    world.premises.quotas.insert(quota, 12.0);
    world.cloud.set_value(&region("us-east-2"), "ResourceCount", 3.0);
    let line = "the standby can launch 4 instances now, as far as AWS tells: Standard/OnDemand vCPUs: 12 allowed, 3 in use by \
                others, and one instance has 2";
    assert_eq!(told(&world).await, line);
    for subnet in world.premises.subnets.values_mut() {
        subnet.free = u64::from(subnet.zone.ends_with('a'));
    }
    let line = "the standby can launch 1 instance now, as far as AWS tells: free addresses of the subnets: 1";
    assert_eq!(told(&world).await, line);
    assert!(world.outlook().await.has_errors(), "a failover asks for two");
}

#[tokio::test]
async fn what_runs_already_is_not_launched_again() {
    let world = World::deployed("").await;
    let line = "the standby can launch 7 more instances now, as far as AWS tells: its maximum is 8";
    assert_eq!(told(&world).await, line);
}

#[tokio::test]
async fn spot_and_on_demand_bound_their_shares() {
    let mut world = dark().await;
    regroup(&world, |group| group.launch.as_mut().expect("a launch").on_demand_percent = 50).await;
    world.premises.quotas.insert((region("us-east-2"), Quota::SpotVcpus), 5.0);
    let line = "the standby can launch 4 instances now, as far as AWS tells: Standard/Spot vCPUs: 5 allowed, 0 in use by others, \
                and one instance has 2";
    assert_eq!(told(&world).await, line);
}

/// Goal: what stops every launch is told with N = 0, whatever room there is. Method: each of the causes.
#[tokio::test]
async fn a_cause_that_stops_every_launch_is_no_instance_and_why() {
    type Doing = fn(&mut FakePremises);
    let causes: [(&str, Doing); 3] = [
        (
            "version 3 of lt-1 names the image ami-1, which is gone: no launch can succeed",
            |premises| {
                premises.images.clear();
            },
        ),
        ("us-east-2-shop-web-GroupName launches by version 3 of lt-1, which is gone", |premises| {
            premises.launch_templates.clear();
        }),
        ("free addresses of the subnets: 0", |premises| premises.zones_with.clear()),
    ];
    for (why, doing) in causes {
        let mut world = dark().await;
        doing(&mut world.premises);
        let outlook = world.outlook().await;
        assert_eq!((outlook.instances, outlook.has_errors()), (Some(0), true), "{outlook:?}");
        let line = format!("the standby can launch no instance now: {why}; whether EC2");
        assert!(outlook.told.starts_with(&line), "{}", outlook.told);
        let fixes = outlook.diagnosis.findings.iter().filter_map(|found| found.verdict.fix());
        assert!(fixes.count() > 0, "each trouble comes with its fix");
    }
    let mut world = dark().await;
    own_default_key(&mut world, "{}");
    let line = "the standby can launch no instance now: the default key of EBS, ";
    assert!(told(&world).await.starts_with(line));
    let world = dark().await;
    regroup(&world, |group| group.suspended.push("Launch".to_owned())).await;
    let line = "the standby can launch no instance now: Launch is suspended on ";
    assert!(told(&world).await.starts_with(line));
}

#[tokio::test]
async fn instances_that_no_user_reaches_are_told() {
    let mut world = dark().await;
    let blocked = PublicAccess { mode: "block-bidirectional".to_owned(), excluded: Vec::new() };
    world.premises.public_access.insert(region("us-east-2"), blocked);
    let outlook = world.outlook().await;
    assert!(outlook.told.starts_with("the standby can launch 8 instances now"), "{}", outlook.told);
    let end =
        "; VPC Block Public Access is `block-bidirectional`: no user reaches the load balancer";
    assert!(outlook.told.ends_with(end) && outlook.has_errors(), "{}", outlook.told);
}

/// Goal: what was not read is never counted as room. Method: a question that is denied, and all of them.
#[tokio::test]
async fn what_could_not_be_read_makes_the_number_a_bound() {
    let mut world = dark().await;
    world.premises.denied.push("GetServiceQuota");
    let line = "the standby can launch 8 instances now at the very most: its maximum is 8; not known: vcpus";
    assert_eq!(told(&world).await, line);
    let outlook = world.outlook().await;
    assert_eq!((outlook.complete, outlook.has_errors()), (false, false));
    world.cloud.go_dark(&region("us-east-2"));
    let outlook = world.outlook().await;
    let line =
        "nobody can tell what the standby can launch: no answer from AWS to `DescribeStacks`";
    assert!(outlook.told.starts_with(line) && outlook.instances.is_none(), "{}", outlook.told);
}

/// Goal: it can be asked while the primary's region and us-east-1 are dark. Method: both are.
#[tokio::test]
async fn the_standby_alone_is_asked() {
    let world = dark().await;
    let line = told(&world).await;
    let world = dark().await;
    for place in ["us-west-2", "us-east-1"] {
        world.cloud.go_dark(&region(place));
    }
    assert_eq!(told(&world).await, line);
}

#[tokio::test]
async fn a_standby_that_is_not_deployed_launches_nothing() {
    let world = World::fresh("");
    let outlook = world.outlook().await;
    assert_eq!(outlook.told, "the standby can launch no instance: `web-standby` is not deployed");
    assert!(outlook.has_errors());
}

#[tokio::test]
async fn nobody_who_is_signed_in_is_no_answer() {
    let mut world = dark().await;
    world.premises.caller = None;
    let outlook = world.outlook().await;
    assert_eq!(outlook.told, "nobody can tell what the standby can launch: nobody is signed in");
    assert!(outlook.has_errors() && outlook.instances.is_none());
}

#[tokio::test]
async fn programs_get_the_number() {
    let outlook = dark().await.outlook().await;
    let mut json = serde_json::to_value(outlook).expect("it is JSON");
    let checks = json["checks"].as_array_mut().expect("a list");
    assert_eq!(checks.len(), 6);
    checks.truncate(1);
    expect![[r#"
        {
          "checks": [
            {
              "check": "vcpus",
              "place": "us-east-2",
              "told": "Standard/OnDemand vCPUs: 32 allowed, 0 in use by others, 16 needed at most",
              "verdict": "ok"
            }
          ],
          "complete": true,
          "instances": 8,
          "told": "the standby can launch 8 instances now, as far as AWS tells: its maximum is 8; whether EC2 will have capacity for t4g.micro, or will throttle the account, cannot be known in advance"
        }"#]]
    .assert_eq(&format!("{json:#}"));
}
