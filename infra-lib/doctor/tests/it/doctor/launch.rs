//! A dark standby that cannot launch: each cause, before the outage shows it.

use cloud::{GroupView, KeyView, PublicAccess, TemplateView};
use site::names::Region;

use sample::{FakeKey, region};

use super::world::{ROLE, World, check};

const KEY: &str = "arn:aws:kms:us-east-2:111122223333:key/1";
const GROUP: &str = "us-east-2-shop-web-GroupName";

fn east() -> Region {
    region("us-east-2")
}

fn template(world: &mut World) -> &mut TemplateView {
    let key = (east(), "lt-1:3".to_owned());
    world.premises.launch_templates.get_mut(&key).expect("a template")
}

/// Changes the standby's group.
pub async fn regroup(world: &World, change: impl FnOnce(&mut GroupView)) {
    use cloud::Capacity as _;
    let group = world.cloud.group(&east(), GROUP).await.expect("an answer");
    let mut group = group.expect("a group");
    change(&mut group);
    world.cloud.set_group(&east(), GROUP, group);
}

/// Makes a customer's key the region's default.
pub fn own_default_key(world: &mut World, policy: &str) {
    let view = KeyView { arn: KEY.to_owned(), is_aws_managed: false, state: "Enabled".to_owned() };
    let key = FakeKey { view, policy: policy.to_owned(), grants: [].into() };
    world.premises.keys.insert(KEY.to_owned(), key);
    world.premises.ebs_default_keys.insert(east(), KEY.to_owned());
}

fn statement(effect: &str, principal: &str, actions: &str, condition: &str) -> String {
    format!(
        r#"{{"Effect":"{effect}","Principal":{{"AWS":"{principal}"}},"Action":{actions},"Resource":"*","Condition":{condition}}}"#
    )
}

fn policy(statements: &[String]) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

async fn line(world: &World, name: &str) -> String {
    let table = world.table().await;
    let found = table.lines().find(|line| line.starts_with(name));
    assert!(found.is_some(), "{name}: {table}");
    found.unwrap_or_default().to_owned()
}

#[tokio::test]
async fn the_image_that_the_launch_template_names_is_gone() {
    let mut world = World::deployed("").await;
    template(&mut world).image = Some("ami-old".to_owned());
    check(
        &world,
        "launch-template us-east-2",
        "error: version 3 of lt-1 names the image ami-old, which is gone: no launch can succeed; fix: set `primary_ami` \
         and `standby_ami` to images that exist, then `cargo xtask deploy`; `aws ssm get-parameter --region us-east-2 --name \
         /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64 --query Parameter.Value` prints today's",
    )
    .await;
    check(&world, "image us-east-2", "ok: ami-1, arm64").await;
    check(
        &world,
        "launch-template us-west-2",
        "ok: version 3 of lt-1, with ami-1, which is available",
    )
    .await;
}

#[tokio::test]
async fn an_image_of_ones_own_that_is_gone_is_copied_again() {
    let web =
        "[web]\nprimary_ami = \"ami-0123456789abcdef0\"\nstandby_ami = \"ami-0fedcba9876543210\"";
    let mut world = World::deployed(web).await;
    template(&mut world).image = Some("ami-0fedcba9876543210".to_owned());
    let line = line(&world, "launch-template us-east-2").await;
    assert!(line.contains("names the image ami-0fedcba9876543210, which is gone"), "{line}");
    assert!(
        line.contains("fix: copy it here with `aws ec2 copy-image --region us-east-2"),
        "{line}"
    );
    assert!(
        line.ends_with("and set `standby_ami` to what that prints; then `cargo xtask deploy`"),
        "{line}"
    );
}

#[tokio::test]
async fn the_image_of_the_template_is_disabled_or_for_another_processor() {
    let mut world = World::deployed("").await;
    let old = (east(), "ami-old".to_owned());
    let mut image = world.premises.images[&(east(), "ami-1".to_owned())].clone();
    template(&mut world).image = Some("ami-old".to_owned());
    image.architecture = "x86_64".to_owned();
    world.premises.images.insert(old.clone(), image.clone());
    let told = line(&world, "launch-template us-east-2 error").await;
    assert!(told.contains("names ami-old, which is for x86_64, and t4g.micro is not"), "{told}");
    image.state = "disabled".to_owned();
    world.premises.images.insert(old, image);
    let told = line(&world, "launch-template us-east-2 error").await;
    assert!(told.contains("names the image ami-old, which is disabled"), "{told}");
}

#[tokio::test]
async fn an_image_that_is_named_by_a_parameter_is_looked_up_as_a_launch_does() {
    let mut world = World::deployed("").await;
    template(&mut world).image = Some("resolve:ssm:/shop/image".to_owned());
    let told = line(&world, "launch-template us-east-2 error").await;
    assert!(told.contains("version 3 of lt-1 names an image that does not exist"), "{told}");
    world.premises.parameters.insert((east(), "/shop/image".to_owned()), "ami-1".to_owned());
    check(
        &world,
        "launch-template us-east-2",
        "ok: version 3 of lt-1, with ami-1, which is available",
    )
    .await;
}

#[tokio::test]
async fn the_launch_template_or_the_group_is_gone() {
    const RENEW: &str = "fix: `cargo xtask plan --repair web-standby` shows whether a repair can bring it back; where only the \
                         version is gone, a deploy with any change of [web] makes another";
    let mut world = World::deployed("").await;
    world.premises.launch_templates.remove(&(east(), "lt-1:3".to_owned()));
    let what = format!("error: {GROUP} launches by version 3 of lt-1, which is gone; {RENEW}");
    check(&world, "launch-template us-east-2", &what).await;
    regroup(&world, |group| group.launch = None).await;
    let what = format!("error: {GROUP} names no launch template; {RENEW}");
    check(&world, "launch-template us-east-2", &what).await;
    let world = World::deployed("").await;
    world.cloud.remove_group(&east(), GROUP);
    let fix = "fix: `cargo xtask deploy --repair web-standby` recreates it";
    let what = format!("error: there is no Auto Scaling group {GROUP}; {fix}");
    check(&world, "launch-template us-east-2", &what).await;
}

#[tokio::test]
async fn auto_scaling_may_not_use_the_regions_default_key() {
    let mut world = World::deployed("").await;
    check(&world, "volume-key us-east-2", "ok: Auto Scaling may use the keys of the disks").await;
    // The account alone is of no use: the role's own policy, which AWS writes, names no key.
    let root = statement("Allow", "arn:aws:iam::111122223333:root", "\"kms:*\"", "{}");
    own_default_key(&mut world, &policy(&[root]));
    check(
        &world,
        "volume-key us-east-2",
        &format!(
            "error: the default key of EBS, {KEY}, does not let Auto Scaling use it, so every launch fails: CreateGrant, Decrypt, \
             DescribeKey, GenerateDataKeyWithoutPlaintext is missing for {ROLE}; fix: allow it in the key's policy, or: `aws kms \
             create-grant --region us-east-2 --key-id {KEY} --grantee-principal {ROLE} --operations CreateGrant Decrypt \
             DescribeKey Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext ReEncryptFrom ReEncryptTo`"
        ),
    )
    .await;
}

#[tokio::test]
async fn a_key_that_auto_scaling_may_use_is_in_order() {
    let mut world = World::deployed("").await;
    // The two statements of the Auto Scaling guide.
    let use_it = r#"["kms:Encrypt","kms:Decrypt","kms:ReEncrypt*","kms:GenerateDataKey*","kms:DescribeKey"]"#;
    let grants = r#"{"Bool":{"kms:GrantIsForAWSResource":true}}"#;
    let both = [
        statement("Allow", ROLE, use_it, "{}"),
        statement("Allow", ROLE, "[\"kms:CreateGrant\"]", grants),
    ];
    own_default_key(&mut world, &policy(&both));
    check(&world, "volume-key us-east-2", "ok: Auto Scaling may use the keys of the disks").await;
    // Everybody in the account, through EC2.
    let via = r#"{"StringEquals":{"kms:ViaService":"ec2.us-east-2.amazonaws.com"}}"#;
    own_default_key(&mut world, &policy(&[statement("Allow", "*", "\"kms:*\"", via)]));
    check(&world, "volume-key us-east-2", "ok: Auto Scaling may use the keys of the disks").await;
    // Nothing but a grant.
    own_default_key(&mut world, &policy(&[]));
    let all = ["CreateGrant", "Decrypt", "DescribeKey", "GenerateDataKeyWithoutPlaintext"];
    let key = world.premises.keys.get_mut(KEY).expect("a key");
    key.grants.insert(ROLE.to_owned(), all.map(ToOwned::to_owned).into());
    check(&world, "volume-key us-east-2", "ok: Auto Scaling may use the keys of the disks").await;
}

#[tokio::test]
async fn a_key_that_denies_the_role_or_hangs_on_a_condition_is_told() {
    let mut world = World::deployed("").await;
    let allow = statement("Allow", ROLE, "\"kms:*\"", "{}");
    let deny = statement("Deny", "*", "\"kms:CreateGrant\"", "{}");
    own_default_key(&mut world, &policy(&[allow, deny]));
    let told = line(&world, "volume-key us-east-2 error").await;
    assert!(
        told.contains(&format!("every launch fails: CreateGrant is missing for {ROLE}")),
        "{told}"
    );
    let office = r#"{"StringEquals":{"aws:SourceVpc":"vpc-1"}}"#;
    own_default_key(&mut world, &policy(&[statement("Allow", ROLE, "\"kms:*\"", office)]));
    let told = line(&world, "volume-key us-east-2 warning").await;
    assert!(
        told.contains("lets Auto Scaling use it on conditions that are not looked into"),
        "{told}"
    );
}

#[tokio::test]
async fn the_key_is_disabled_or_gone() {
    let mut world = World::deployed("").await;
    own_default_key(&mut world, &policy(&[]));
    world.premises.keys.get_mut(KEY).expect("a key").view.state = "PendingDeletion".to_owned();
    let told = line(&world, "volume-key us-east-2 error").await;
    assert!(
        told.contains(&format!("the default key of EBS, {KEY}, is PendingDeletion: no launch")),
        "{told}"
    );
    assert!(
        told.contains(&format!("fix: `aws kms describe-key --region us-east-2 --key-id {KEY}`")),
        "{told}"
    );
    world.premises.keys.clear();
    let told = line(&world, "volume-key us-east-2 error").await;
    assert!(told.contains(&format!("the default key of EBS, {KEY}, is gone")), "{told}");
}

/// Goal: the other keys of a disk are looked at too. Method: one that the template names, and the one of the image's snapshot.
#[tokio::test]
async fn auto_scaling_may_not_use_the_key_of_the_template_or_of_the_image() {
    let mut world = World::deployed("").await;
    own_default_key(&mut world, &policy(&[]));
    world.premises.ebs_default_keys.clear();
    template(&mut world).keys.push(KEY.to_owned());
    let told = line(&world, "volume-key us-east-2 error").await;
    assert!(told.contains(&format!("the template's key, {KEY}, does not let")), "{told}");
    template(&mut world).keys.clear();
    let image = world.premises.images.get_mut(&(east(), "ami-1".to_owned())).expect("an image");
    image.encrypted_snapshots.push("snap-1".to_owned());
    world.premises.snapshots.insert((east(), "snap-1".to_owned()), KEY.to_owned());
    let told = line(&world, "volume-key us-east-2 error").await;
    assert!(told.contains(&format!("the image's key, {KEY}, does not let")), "{told}");
}

/// Goal: the first deploy does not hang on it. Method: a site before its first deploy.
#[tokio::test]
async fn the_default_key_is_looked_at_before_the_first_deploy_too() {
    let mut world = World::fresh("");
    check(&world, "volume-key us-east-2", "ok: Auto Scaling may use the keys of the disks").await;
    own_default_key(&mut world, &policy(&[]));
    let told = line(&world, "volume-key us-east-2 error").await;
    assert!(told.contains(&format!("is missing for {ROLE}; fix: ")), "{told}");
}

#[tokio::test]
async fn no_zone_of_the_deployed_subnets_offers_the_type() {
    let mut world = World::deployed("").await;
    let offered = (east(), "t4g.micro".to_owned());
    world
        .premises
        .zones_with
        .insert(offered.clone(), vec!["us-east-2c".to_owned(), "us-east-2b".to_owned()]);
    let told = line(&world, "subnets us-east-2 warning").await;
    assert!(told.contains("no type is offered for subnet-us-east-2a in us-east-2a"), "{told}");
    world.premises.zones_with.insert(offered, vec!["us-east-2c".to_owned()]);
    check(
        &world,
        "subnets us-east-2",
        "error: no subnet is in a zone that offers t4g.micro: subnet-us-east-2a in us-east-2a, subnet-us-east-2b in us-east-2b; \
         fix: choose another type; `aws ec2 describe-instance-type-offerings --region us-east-2 --location-type \
         availability-zone --filters Name=instance-type,Values=t4g.micro` lists its zones",
    )
    .await;
    // Offered in two zones of the region, which is all that the check of the site file can see before a deploy.
    check(&world, "instance-type us-west-2", "ok: t4g.micro: offered in 2 zones or more").await;
    // Another type of the group is.
    regroup(&world, |group| {
        let launch = group.launch.as_mut().expect("a launch");
        launch.types = ["t4g.micro", "t4g.small"].map(ToOwned::to_owned).into();
    })
    .await;
    check(
        &world,
        "subnets us-east-2",
        "ok: 2 subnets with 500 free addresses in zones that offer t4g.micro, t4g.small",
    )
    .await;
}

#[tokio::test]
async fn the_subnets_have_no_free_addresses() {
    let mut world = World::deployed("").await;
    let name = "subnets us-east-2";
    check(&world, name, "ok: 2 subnets with 500 free addresses in zones that offer t4g.micro")
        .await;
    let fix = "fix: free some: `aws ec2 describe-network-interfaces --region us-east-2 --filters \
               Name=subnet-id,Values=subnet-us-east-2a,subnet-us-east-2b` lists what has them";
    for subnet in world.premises.subnets.values_mut() {
        subnet.free = 3;
    }
    let words = "2 subnets with 6 free addresses in zones that offer t4g.micro";
    let what = format!("warning: {words}; the maximum needs 7 beside what runs; {fix}");
    check(&world, name, &what).await;
    for subnet in world.premises.subnets.values_mut() {
        subnet.free = 0;
    }
    let words = "2 subnets with 0 free addresses in zones that offer t4g.micro";
    let what = format!("error: {words}; a failover needs 1 beside what runs; {fix}");
    check(&world, name, &what).await;
    world.premises.subnets.remove(&(east(), "subnet-us-east-2b".to_owned()));
    check(
        &world,
        name,
        "error: the group launches into subnet-us-east-2b, which is gone; fix: `cargo xtask deploy --repair network-standby` \
         recreates it",
    )
    .await;
}

#[tokio::test]
async fn launch_is_suspended() {
    let world = World::deployed("").await;
    regroup(&world, |group| group.suspended = vec!["Launch".to_owned(), "AZRebalance".to_owned()])
        .await;
    check(
        &world,
        "processes us-east-2",
        &format!(
            "error: Launch is suspended on {GROUP}: it brings no servers; fix: `cargo xtask status --drift` has the command that \
             resumes it"
        ),
    )
    .await;
}

#[tokio::test]
async fn vpc_block_public_access_keeps_users_out() {
    let mut world = World::deployed("").await;
    let name = "public-access us-east-2";
    let vpc = "us-east-2-shop-network-VpcId";
    let mode = "block-ingress".to_owned();
    let blocked = |excluded: &[&str]| PublicAccess {
        mode: mode.clone(),
        excluded: excluded
            .iter()
            .map(|id| format!("arn:aws:ec2:us-east-2:111122223333:vpc/{id}"))
            .collect(),
    };
    world.premises.public_access.insert(east(), blocked(&["vpc-other"]));
    check(
        &world,
        name,
        &format!(
            "error: VPC Block Public Access is `block-ingress`: no user reaches the load balancer; fix: exclude the VPC: `aws ec2 \
             create-vpc-block-public-access-exclusion --region us-east-2 --vpc-id {vpc} --internet-gateway-exclusion-mode \
             allow-bidirectional`"
        ),
    )
    .await;
    for excluded in [vpc, "us-east-2-shop-network-PublicSubnetIds"] {
        world.premises.public_access.insert(east(), blocked(&[excluded]));
        check(&world, name, "ok: `block-ingress`, and the site's VPC is excluded").await;
    }
    check(&world, "public-access us-west-2", "ok: no VPC of the region is blocked").await;
    let mut world = World::fresh("");
    world.premises.public_access.insert(east(), blocked(&[]));
    let told = line(&world, &format!("{name} warning")).await;
    assert!(told.contains("once the network is deployed"), "{told}");
}

/// Goal: a question that is denied is a warning, never skipped. Method: each of them, denied alone.
#[tokio::test]
async fn a_question_about_launches_that_is_denied_is_a_warning() {
    let denied = [
        ("DescribeLaunchTemplateVersions", "launch-template"),
        ("DescribeSubnets", "subnets"),
        ("GetEbsDefaultKmsKeyId", "volume-key"),
        ("DescribeKey", "volume-key"),
        ("GetKeyPolicy", "volume-key"),
        ("ListGrants", "volume-key"),
        ("DescribeVpcBlockPublicAccessOptions", "public-access"),
    ];
    for (operation, check) in denied {
        let mut world = World::deployed("").await;
        own_default_key(&mut world, &policy(&[]));
        world.premises.denied.push(operation);
        let told = line(&world, &format!("{check} us-east-2")).await;
        let expected = format!(
            "{check} us-east-2 warning: not known: AWS denies `{operation}` in us-east-2: not for you; fix: "
        );
        assert!(told.starts_with(&expected), "{told}");
    }
    // What one of the two tells is enough.
    let mut world = World::deployed("").await;
    own_default_key(&mut world, &policy(&[statement("Allow", ROLE, "\"kms:*\"", "{}")]));
    world.premises.denied.push("ListGrants");
    check(&world, "volume-key us-east-2", "ok: Auto Scaling may use the keys of the disks").await;
}
