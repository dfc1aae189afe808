//! Images, types, quotas, and names that are taken.

use cloud::{AlarmStatus, Concurrency, Counted, GroupView, Quota, Used};
use failover_core::observation::AlarmState;
use site::model::{Source, StackId};
use site::names::ParameterName;

use sample::{deploy, region, request};

use super::world::{EVERYTHING, World, check};

fn more(region: &str, service: &str, code: &str, value: u64) -> String {
    format!(
        "fix: ask for more: `aws service-quotas request-service-quota-increase --region {region} --service-code {service} \
         --quota-code {code} --desired-value {value}`"
    )
}

#[tokio::test]
async fn the_image_must_be_there_available_and_for_the_processor() {
    let mut world = World::fresh("");
    let key = (region("us-west-2"), "ami-1".to_owned());
    let name = "image us-west-2";
    world.premises.images.get_mut(&key).expect("an image").architecture = "x86_64".to_owned();
    check(
        &world,
        name,
        "error: ami-1 is for x86_64, and t4g.micro is not; fix: set `image` to an image for the processor of `instance_type`, or \
         the other way round",
    )
    .await;
    world.premises.images.get_mut(&key).expect("an image").state = "pending".to_owned();
    check(&world, name, "error: ami-1 is pending; fix: wait until it is, or name another image")
        .await;
    world.premises.images.remove(&key);
    check(
        &world,
        name,
        "error: there is no image ami-1 for this account; fix: set `image` to an SSM parameter that names an image of this region",
    )
    .await;
    world.premises.parameters.clear();
    check(
        &world,
        name,
        "error: there is no SSM parameter `/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64`; fix: \
         `aws ssm get-parameters-by-path --region us-west-2 --path /aws/service/ami-amazon-linux-latest` lists Amazon's",
    )
    .await;
}

#[tokio::test]
async fn images_by_id_are_looked_for_on_their_side() {
    let web =
        "[web]\nprimary_ami = \"ami-0123456789abcdef0\"\nstandby_ami = \"ami-0fedcba9876543210\"";
    let mut world = World::fresh(web);
    let image = world.premises.images[&(region("us-east-2"), "ami-1".to_owned())].clone();
    let key = (region("us-east-2"), "ami-0fedcba9876543210".to_owned());
    world.premises.images.insert(key, image);
    check(&world, "image us-east-2", "ok: ami-0fedcba9876543210, arm64").await;
    check(
        &world,
        "image us-west-2",
        "error: there is no image ami-0123456789abcdef0 for this account; fix: copy it here with `aws ec2 copy-image --region \
         us-west-2 --source-region us-east-2 --source-image-id ami-0fedcba9876543210 --name shop-web`, and set `primary_ami` to \
         what that prints",
    )
    .await;
}

#[tokio::test]
async fn the_type_must_be_offered_in_enough_zones() {
    let mut world = World::fresh("[web]\nmore_instance_types = [\"t4g.small\"]");
    let fix = |name: &str| {
        format!(
            "fix: `aws ec2 describe-instance-type-offerings --region us-west-2 --location-type availability-zone --filters \
             Name=instance-type,Values={name}` lists its zones; choose another type"
        )
    };
    let name = "instance-type us-west-2";
    let offered = |name: &str| (region("us-west-2"), name.to_owned());
    world.premises.zones_with.insert(offered("t4g.small"), Vec::new());
    let what = "warning: t4g.small is not offered here";
    check(&world, name, &format!("{what}; {}", fix("t4g.small"))).await;
    world.premises.zones_with.insert(offered("t4g.micro"), vec!["us-west-2a".to_owned()]);
    let what = "warning: t4g.micro is offered in 1 of the 2 zones that the site uses";
    check(&world, name, &format!("{what}; {}", fix("t4g.micro"))).await;
    world.premises.zones_with.insert(offered("t4g.micro"), Vec::new());
    let what = "error: t4g.micro is not offered here";
    check(&world, name, &format!("{what}; {}", fix("t4g.micro"))).await;
}

/// Goal: a type that the region offers, but not where the site's subnets are, is told before it is deployed. Method: a network
/// with zones of its own, of which one has the type.
#[tokio::test]
async fn the_type_must_be_offered_where_the_network_stands() {
    let mut world = World::fresh("");
    let network = world.site.stacks.iter_mut().find(|one| one.id == StackId::NetworkPrimary);
    let parameters = &mut network.expect("it is there").parameters;
    for (name, zone) in [("ZoneA", "us-west-2a"), ("ZoneB", "us-west-2d")] {
        parameters.insert(ParameterName::new(name), Source::literal(zone));
    }
    deploy(&world.cloud, &request(&world.site)).await.0.expect("it deploys");
    check(
        &world,
        "instance-type us-west-2",
        "warning: t4g.micro is offered in 1 of the 2 zones that the site uses; fix: `aws ec2 describe-instance-type-offerings \
         --region us-west-2 --location-type availability-zone --filters Name=instance-type,Values=t4g.micro` lists its zones; \
         choose another type",
    )
    .await;
}

#[tokio::test]
async fn the_processors_of_a_failover_must_be_allowed() {
    let mut world = World::deployed("").await;
    let standby = region("us-east-2");
    world.cloud.set_value(&standby, "ResourceCount", 12.0);
    world.premises.quotas.insert((standby.clone(), Quota::OnDemandVcpus), 16.0);
    // 12 in use, of which the site's one instance has 2: 10 by others, and 8 instances need 16.
    let words = "Standard/OnDemand vCPUs: 16 allowed, 10 in use by others";
    let fix = more("us-east-2", "ec2", "L-1216C47A", 26);
    let name = "vcpus us-east-2";
    let what = format!("warning: {words}, and at the maximum the site needs 16");
    check(&world, name, &format!("{what}; {fix}")).await;
    world.premises.quotas.insert((standby, Quota::OnDemandVcpus), 12.0);
    let words = "Standard/OnDemand vCPUs: 12 allowed, 10 in use by others";
    let what = format!("error: {words}, and a failover needs 4");
    check(&world, name, &format!("{what}; {fix}")).await;
}

#[tokio::test]
async fn spot_has_a_quota_of_its_own() {
    let web = "[web]\nmore_instance_types = [\"t4g.small\"]\non_demand_percent = 50";
    let mut world = World::fresh(web);
    let good = "ok: Standard/OnDemand vCPUs: 32 allowed, 0 in use by others, 8 needed at most; \
                Standard/Spot vCPUs: 32 allowed, 0 in use by others, 8 needed at most";
    check(&world, "vcpus us-east-2", good).await;
    world.premises.quotas.insert((region("us-east-2"), Quota::SpotVcpus), 1.0);
    let fix = more("us-east-2", "ec2", "L-34B43A08", 8);
    let what = "error: Standard/Spot vCPUs: 1 allowed, 0 in use by others, and a failover needs 2";
    check(&world, "vcpus us-east-2", &format!("{what}; {fix}")).await;
    let world = World::fresh("[web]\ninstance_type = \"g5g.xlarge\"");
    let why = "skipped: g5g.xlarge has a quota of its own: `aws service-quotas list-service-quotas --region us-east-2 \
               --service-code ec2`";
    check(&world, "vcpus us-east-2", why).await;
}

#[tokio::test]
async fn addresses_balancers_networks_and_checks_must_be_allowed() {
    let mut world = World::fresh(EVERYTHING);
    let place = region("us-west-2");
    let full = [(Counted::Addresses, 5), (Counted::LoadBalancers, 50), (Counted::Vpcs, 5)];
    world.premises.counts.extend(full.map(|(what, count)| ((place.clone(), what), count)));
    world.premises.health_checks = Some(Used { used: 198, limit: 200 });
    let line = |words: &str, fix: String| format!("error: {words}; {fix}");
    let expected = line(
        "5 of 5 Elastic IP addresses in use, 1 needed",
        more("us-west-2", "ec2", "L-0263D0A3", 6),
    );
    check(&world, "addresses us-west-2", &expected).await;
    let words = "50 of 50 Application Load Balancers in use, 1 needed";
    let expected = line(words, more("us-west-2", "elasticloadbalancing", "L-53DA6B97", 51));
    check(&world, "load-balancers us-west-2", &expected).await;
    let expected = line("5 of 5 VPCs in use, 1 needed", more("us-west-2", "vpc", "L-F678F1CE", 6));
    check(&world, "vpcs us-west-2", &expected).await;
    let fix = "fix: ask for more in the console's Service Quotas, under Route 53; or bring checks that exist in [health]";
    let expected = line("198 of 200 health checks in use, 4 needed", fix.to_owned());
    check(&world, "health-checks", &expected).await;
}

#[tokio::test]
async fn what_is_reserved_must_leave_a_hundred() {
    let mut world = World::fresh("");
    let small = Concurrency { limit: 10, unreserved: 10 };
    world.premises.concurrency.insert(region("us-east-2"), small);
    check(
        &world,
        "concurrency",
        "error: 10 of 10 concurrent executions are unreserved; AWS keeps 100 of them, and the controller reserves 1; fix: set \
         `reserved_concurrency = \"none\"` in [controller], or ask for more: `aws service-quotas request-service-quota-increase \
         --region us-east-2 --service-code lambda --quota-code L-B99A9384 --desired-value 1000`",
    )
    .await;
    let world = World::fresh("[controller]\nreserved_concurrency = \"none\"");
    check(&world, "concurrency", "skipped: the site reserves nothing").await;
}

#[tokio::test]
async fn names_that_others_have_are_told_before_a_deploy_fails_on_them() {
    let mut world = World::fresh("");
    let fix = "fix: delete it, or choose another `name`";
    world.premises.keep_alive.insert((region("us-west-2"), "shop-primary".to_owned()), 60);
    let what = "error: exists already, and is not part of the site: load balancer shop-primary";
    check(&world, "names us-west-2", &format!("{what}; {fix}")).await;
    let function = (region("us-east-2"), "shop-controller".to_owned());
    world.premises.invokers.insert(function, Vec::new());
    let what = "error: exists already, and is not part of the site: function shop-controller";
    check(&world, "names us-east-2", &format!("{what}; {fix}")).await;
}

#[tokio::test]
async fn a_group_or_an_alarm_of_the_name_is_told_too() {
    let world = World::fresh("");
    world.cloud.set_group(&region("us-east-2"), "shop-standby", GroupView::default());
    let alarm = AlarmStatus { state: AlarmState::Ok, since: None, reason: None };
    world.cloud.set_alarm(&region("us-east-1"), "shop-primary-down", alarm);
    let fix = "fix: delete it, or choose another `name`";
    let what =
        "error: exists already, and is not part of the site: Auto Scaling group shop-standby";
    check(&world, "names us-east-2", &format!("{what}; {fix}")).await;
    let what = "error: exists already, and is not part of the site: alarm shop-primary-down";
    check(&world, "names us-east-1", &format!("{what}; {fix}")).await;
}

/// Goal: what cannot be read is not called free. Method: the primary's region is dark, and nothing is deployed.
#[tokio::test]
async fn a_stack_that_cannot_be_read_is_not_said_to_be_absent() {
    let world = World::fresh("");
    world.cloud.go_dark(&region("us-west-2"));
    check(
        &world,
        "stacks",
        "warning: not known: no answer from AWS to `DescribeStacks` in us-west-2: connection timed out; \
         fix: run `cargo xtask doctor` again in a minute",
    )
    .await;
}

#[tokio::test]
async fn a_stack_in_the_way_is_explained() {
    let world = World::fresh("");
    world.cloud.leave_stack(&region("us-west-2"), "shop-web", "UPDATE_COMPLETE");
    world.cloud.set_parameters(&region("us-west-2"), "shop-web", &[]);
    check(
        &world,
        "stacks",
        "error: stack shop-web in us-west-2 belongs to another site; fix: choose another `name`, or delete that stack",
    )
    .await;
    let world = World::deployed("").await;
    world.cloud.let_end(&region("us-east-2"), "shop-web", "UPDATE_ROLLBACK_FAILED");
    check(
        &world,
        "stacks",
        "error: stack shop-web in us-east-2 is in UPDATE_ROLLBACK_FAILED: an update failed, and so did its rollback; fix: \
         `cargo xtask deploy` resumes the rollback, and says what to do if it fails again",
    )
    .await;
}
