//! The status tells what can be told, also in an outage.

use expect_test::expect;
use failover_core::Timestamp;
use failover_core::observation::AlarmState;
use failover_core::record::Sizes;
use infra_lib::cloud::{AlarmStatus, Fake, GroupView, InstanceView};
use infra_lib::status;

use super::sample::{deploy, region, request, site};

#[tokio::test]
async fn a_dark_region_is_a_line_and_not_an_end() {
    let cloud = Fake::new();
    deploy(&cloud, &request(&site())).await.0.expect("it deploys");
    let instance = |id: &str| InstanceView { id: id.to_owned(), state: "InService".to_owned() };
    let note = "v1 first=1767225600 at=1767225600 target=2 why=alarm min=0 desired=0 max=8";
    let group = GroupView {
        sizes: Sizes { min: 2, desired: 2, max: 8 },
        instances: vec![instance("i-1")],
        tags: [("pilotlight:raised".to_owned(), note.to_owned())].into(),
    };
    cloud.set_group(&region("us-east-2"), "us-east-2-shop-web-GroupName", group);
    let at = Timestamp::from_second(1_767_225_600).expect("a time");
    let alarm = AlarmStatus { state: AlarmState::Alarm, since: Some(at), reason: None };
    cloud.set_alarm(&region("us-east-1"), "us-east-1-shop-detector-AlarmName", alarm);
    cloud.go_dark(&region("us-west-2"));
    let status = status::read(&cloud, &site(), at).await.expect("a status");
    expect![[r#"
        site shop, shop.example.com
          artifacts        us-east-2      CREATE_COMPLETE
          network-primary  us-west-2      unknown: no answer from AWS to `DescribeStacks` in us-west-2: connection timed out
          network-standby  us-east-2      CREATE_COMPLETE
          web-primary      us-west-2      unknown: no answer from AWS to `DescribeStacks` in us-west-2: connection timed out
          web-standby      us-east-2      CREATE_COMPLETE
          controller       us-east-2      CREATE_COMPLETE
          detector         us-east-1      CREATE_COMPLETE
        alarm          not there
        primary        us-west-2: unknown: no answer from AWS to `DescribeStacks` in us-west-2: connection timed out
        standby        us-east-2: asked for 2, in service 1, healthy 0 (min 2, max 8)
        raised by us   yes, to 2 since 2026-01-01T00:00:00Z, because of the alarm
        last decision  not there
    "#]].assert_eq(&status.to_string());
    assert!(serde_json::to_string(&status).is_ok());
}
