//! The doctor: a site with everything in order, and each thing that can be wrong with its fix.

mod account;
mod capacity;
mod dns;
mod launch;
mod standby;
mod wire;
mod wire_launches;
mod wires;
pub mod world;

use cloud::Caller;
use expect_test::expect;

use self::world::{EVERYTHING, World, check};

/// Goal: what is in order is told as such, check by check. Method: a deployed site with every option that a check looks at.
#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a line for each check")]
async fn a_site_with_everything_in_order_has_nothing_to_mend() {
    let world = World::deployed(EVERYTHING).await;
    expect![[r#"
        site-file ok: 8 stacks, no findings
        credentials ok: arn:aws:sts::111122223333:assumed-role/Operator/alice
        account ok: 111122223333, as the site file says
        caller ok: not the account's root user
        clock ok: within 30 s of AWS
        region us-west-2 ok: enabled by default
        region us-east-2 ok: enabled by default
        region us-east-1 ok: answers
        zone ok: `example.com`, public
        delegation ok: public DNS names 4 name servers, all of this zone
        authority ok: 4 name servers answer for the zone
        record ok: 2 records, all of the site
        certificate us-west-2 ok: valid until 2026-10-28T00:00:00Z
        certificate us-east-2 ok: valid until 2026-10-28T00:00:00Z
        certificate us-east-1 ok: valid until 2026-10-28T00:00:00Z
        issuer skipped: CAA records forbid every certificate
        image us-west-2 ok: ami-1, arm64
        image us-east-2 ok: ami-1, arm64
        instance-type us-west-2 ok: t4g.micro: offered in 2 zones or more
        instance-type us-east-2 ok: t4g.micro: offered in 2 zones or more
        vcpus us-west-2 ok: Standard/OnDemand vCPUs: 32 allowed, 0 in use by others, 16 needed at most
        vcpus us-east-2 ok: Standard/OnDemand vCPUs: 32 allowed, 0 in use by others, 16 needed at most
        launch-template us-west-2 ok: version 3 of lt-1, with ami-1, which is available
        launch-template us-east-2 ok: version 3 of lt-1, with ami-1, which is available
        volume-key us-west-2 ok: Auto Scaling may use the keys of the disks
        volume-key us-east-2 ok: Auto Scaling may use the keys of the disks
        subnets us-west-2 ok: 2 subnets with 500 free addresses in zones that offer t4g.micro
        subnets us-east-2 ok: 2 subnets with 500 free addresses in zones that offer t4g.micro
        processes us-west-2 ok: us-west-2-shop-web-GroupName may launch
        processes us-east-2 ok: us-east-2-shop-web-GroupName may launch
        public-access us-west-2 ok: no VPC of the region is blocked
        public-access us-east-2 ok: no VPC of the region is blocked
        addresses us-west-2 ok: `network-primary` has its Elastic IP addresses
        addresses us-east-2 ok: `network-standby` has its Elastic IP addresses
        load-balancers us-west-2 ok: `web-primary` has its Application Load Balancers
        load-balancers us-east-2 ok: `web-standby` has its Application Load Balancers
        vpcs us-west-2 ok: `network-primary` has its VPCs
        vpcs us-east-2 ok: `network-standby` has its VPCs
        health-checks ok: `detector` has its health checks
        concurrency ok: the controller has reserved 1
        organization skipped: [organization] names neither a boundary nor a role
        stacks ok: 8 of 8 exist
        names us-west-2 ok: none is used by anything else
        names us-east-2 ok: none is used by anything else
        names us-east-1 ok: none is used by anything else
        records ok: origin.shop.example.com leads to both load balancers
        check-settings ok: 3 checks, none disabled or inverted
        watched-check ok: us-east-1-shop-detector-AlarmName and the record follow the same check
        verdict ok: pilotlight-verdict.origin.shop.example.com and the failover alarm follow the same check
        alarm ok: us-east-1-shop-detector-AlarmName notifies the topic of every state
        topic ok: the topic notifies the controller
        permission ok: the topic may invoke the controller
        tick ok: shop-tick runs the controller each minute
        tick-permission ok: the tick's rule may invoke the controller
        looks ok: shop-looks runs the controller each 10s between two ticks
        function ok: us-east-2-shop-controller-FunctionName is active
        reserved-concurrency ok: 1 is reserved, as the site file says
        code skipped: the function reports no hash of its code
        load-balancer us-west-2 ok: shop-primary is active
        load-balancer us-east-2 ok: shop-standby is active
        keep-alive us-west-2 ok: clients ask DNS again after 300 s at most
        keep-alive us-east-2 ok: clients ask DNS again after 300 s at most
        controller ok: wrote 30 s ago
        notice-topics skipped: `notice_topic` is not set: the site has topics of its own
        e-mail ok: 1 confirmed, of 3 topics
        rust ok: builds for aarch64-unknown-linux-gnu
        python ok: python3
        disk ok: 20 GiB free
        emulator ok: installed
    "#]].assert_eq(&world.table().await);
}

/// Goal: what is not there yet is no trouble. Method: the smallest site, before its first deploy.
#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a line for each check")]
async fn a_site_before_its_first_deploy_has_nothing_to_mend() {
    let world = World::fresh("");
    expect![[r#"
        site-file ok: 7 stacks, no findings
        credentials ok: arn:aws:sts::111122223333:assumed-role/Operator/alice
        account skipped: any account is accepted, and this is 111122223333: `account = "111122223333"` in the site file refuses others
        caller ok: not the account's root user
        clock ok: within 30 s of AWS
        region us-west-2 ok: enabled by default
        region us-east-2 ok: enabled by default
        region us-east-1 ok: answers
        zone ok: `example.com`, public
        delegation ok: public DNS names 4 name servers, all of this zone
        authority ok: 4 name servers answer for the zone
        record ok: free
        certificate us-west-2 skipped: the site has no TLS
        certificate us-east-2 skipped: the site has no TLS
        certificate us-east-1 skipped: the site has no TLS
        issuer skipped: CAA records forbid every certificate
        image us-west-2 ok: ami-1, arm64
        image us-east-2 ok: ami-1, arm64
        instance-type us-west-2 ok: t4g.micro: offered in 2 zones or more
        instance-type us-east-2 ok: t4g.micro: offered in 2 zones or more
        vcpus us-west-2 ok: Standard/OnDemand vCPUs: 32 allowed, 0 in use by others, 16 needed at most
        vcpus us-east-2 ok: Standard/OnDemand vCPUs: 32 allowed, 0 in use by others, 16 needed at most
        launch-template us-west-2 skipped: `web-primary` is not deployed
        launch-template us-east-2 skipped: `web-standby` is not deployed
        volume-key us-west-2 ok: Auto Scaling may use the keys of the disks
        volume-key us-east-2 ok: Auto Scaling may use the keys of the disks
        subnets us-west-2 skipped: `web-primary` is not deployed
        subnets us-east-2 skipped: `web-standby` is not deployed
        processes us-west-2 skipped: `web-primary` is not deployed
        processes us-east-2 skipped: `web-standby` is not deployed
        public-access us-west-2 ok: no VPC of the region is blocked
        public-access us-east-2 ok: no VPC of the region is blocked
        addresses us-west-2 skipped: the site has no NAT gateways
        addresses us-east-2 skipped: the site has no NAT gateways
        load-balancers us-west-2 ok: 0 of 50 Application Load Balancers in use, 1 needed
        load-balancers us-east-2 ok: 0 of 50 Application Load Balancers in use, 1 needed
        vpcs us-west-2 ok: 0 of 5 VPCs in use, 1 needed
        vpcs us-east-2 ok: 0 of 5 VPCs in use, 1 needed
        health-checks ok: 3 of 200 health checks in use, 4 needed
        concurrency ok: 1000 of 1000 are free, 1 needed
        organization skipped: [organization] names neither a boundary nor a role
        stacks ok: none exists yet, and every name is free
        names us-west-2 ok: none is used by anything else
        names us-east-2 ok: none is used by anything else
        names us-east-1 ok: none is used by anything else
        records skipped: `detector` is not deployed, or has no output `AlarmName`
        check-settings skipped: `detector` is not deployed, or has no output `AlarmName`
        watched-check skipped: `detector` is not deployed, or has no output `AlarmName`
        verdict skipped: `detector` is not deployed, or has no output `VerdictName`
        alarm skipped: `detector` is not deployed, or has no output `AlarmName`
        topic skipped: `detector` is not deployed, or has no output `TopicArn`
        permission skipped: `detector` is not deployed, or has no output `TopicArn`
        tick skipped: `controller` is not deployed, or has no output `FunctionArn`
        tick-permission skipped: `controller` is not deployed, or has no output `FunctionName`
        looks skipped: `controller` is not deployed, or has no output `FunctionName`
        function skipped: `controller` is not deployed, or has no output `FunctionName`
        reserved-concurrency skipped: `controller` is not deployed, or has no output `FunctionName`
        code skipped: `controller` is not deployed, or has no output `FunctionName`
        load-balancer us-west-2 skipped: `web-primary` is not deployed, or has no output `LoadBalancerDnsName`
        load-balancer us-east-2 skipped: `web-standby` is not deployed, or has no output `LoadBalancerDnsName`
        keep-alive us-west-2 skipped: `web-primary` is not deployed
        keep-alive us-east-2 skipped: `web-standby` is not deployed
        controller skipped: `controller` is not deployed
        notice-topics skipped: `notice_topic` is not set: the site has topics of its own
        e-mail skipped: nobody gets notices: `notice_email` is not set
        rust ok: builds for aarch64-unknown-linux-gnu
        python ok: python3
        disk ok: 20 GiB free
        emulator ok: installed
    "#]].assert_eq(&world.table().await);
}

/// Goal: every check says both that something is well and that something is wrong, somewhere in these tests. Method: the names of
/// all checks, against the two tables above and the cases of the other files.
#[tokio::test]
async fn every_check_is_seen_in_good_order() {
    let world = World::deployed(EVERYTHING).await;
    let diagnosis = world.diagnosis().await;
    let good: Vec<_> =
        diagnosis.findings.iter().filter(|found| found.verdict.word() == "ok").collect();
    for finding in &diagnosis.findings {
        let seen = good.iter().any(|found| found.check == finding.check);
        let elsewhere =
            ["issuer", "code", "organization", "notice-topics"].contains(&finding.check);
        assert!(seen || elsewhere, "{} is never in good order", finding.check);
    }
    let mut names: Vec<_> = diagnosis.findings.iter().map(|found| found.check).collect();
    names.dedup();
    names.sort_unstable();
    names.dedup();
    assert!(names.len() >= 20, "{} checks", names.len());
}

/// Goal: a question that AWS denies is one result, not the end. Method: one operation that is denied.
#[tokio::test]
async fn what_is_denied_is_told_and_the_rest_goes_on() {
    let mut world = World::fresh("");
    world.premises.denied.push("GetServiceQuota");
    check(
        &world,
        "vpcs us-west-2",
        "warning: not known: AWS denies `GetServiceQuota` in us-west-2: not for you; fix: the signed-in identity lacks the \
         permission: `aws sts get-caller-identity` shows which one it is",
    )
    .await;
    check(&world, "zone", "ok: `example.com`, public").await;
}

/// Goal: a region that is dark is told where it matters. Method: calls to the primary's region fail.
#[tokio::test]
async fn a_dark_region_is_a_warning_and_the_rest_goes_on() {
    let world = World::deployed("").await;
    world.cloud.go_dark(&sample::region("us-west-2"));
    check(
        &world,
        "keep-alive us-west-2",
        "warning: not known: no answer from AWS to `DescribeStacks` in us-west-2: connection timed out; \
         fix: run `cargo xtask doctor` again in a minute",
    )
    .await;
    check(&world, "keep-alive us-east-2", "ok: clients ask DNS again after 300 s at most").await;
}

/// Goal: what an emulator lacks is not the site's fault. Method: the same account, seen as an emulator.
#[tokio::test]
async fn an_emulator_is_not_blamed_for_what_it_lacks() {
    let mut world = World::fresh("");
    world.premises.parameters.clear();
    world.premises.denied.push("GetServiceQuota");
    world.local = true;
    let table = world.table().await;
    assert!(!table.contains("error") && !table.contains("warning"), "{table}");
    let image = "cannot be asked here: there is no SSM parameter";
    assert!(table.contains(image) && table.contains("cannot be asked here: AWS denies"), "{table}");
    assert!(table.contains("an emulator's zones are on no public server"), "{table}");
}

/// Goal: programs get the same. Method: one trouble and one good thing as JSON.
#[tokio::test]
async fn programs_get_the_same_words() {
    let mut world = World::fresh("");
    let arn = "arn:aws:iam::111122223333:root".to_owned();
    world.premises.caller = Some(Caller { account: "111122223333".to_owned(), arn });
    let json = serde_json::to_value(world.diagnosis().await).expect("it is JSON");
    expect![[r#"
        {
          "check": "caller",
          "fix": "sign in as a user or a role, and delete the root user's access keys",
          "told": "the credentials are those of the account's root user, whom no policy limits",
          "verdict": "warning"
        }"#]]
    .assert_eq(&format!("{:#}", json[3]));
    expect![[r#"
        {
          "check": "region",
          "place": "us-west-2",
          "told": "enabled by default",
          "verdict": "ok"
        }"#]]
    .assert_eq(&format!("{:#}", json[5]));
}
