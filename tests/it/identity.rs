//! What is not this site survives every verb, and a site file that is of another site is refused before anything is changed.

use std::collections::BTreeMap;

use cloud::{ChangeSetKind, ChangeSetRequest, ChangeSetView};
use drill_local::stage::Stage;
use drill_local::story::until;
use e2e::command::Xtask;
use e2e::inventory::Inventory;
use e2e::{WITHIN, program, room, stage};
use site::names::{Region, StackName};

const REFUSED: Option<i32> = Some(6);
const QUEUE: &str = "Resources:\n  Orders:\n    Type: AWS::SQS::Queue\n";

/// A stack of another team that has a name of the site's.
async fn strangers(stage: &Stage, region: &str, name: &str) {
    let (cloud, region) = (&stage.cloud, Region::parse(region).expect("a region"));
    let request = ChangeSetRequest {
        stack: StackName::new(name),
        name: "theirs".to_owned(),
        kind: ChangeSetKind::Create,
        template: QUEUE.to_owned(),
        parameters: BTreeMap::new(),
        tags: None,
        role: None,
    };
    let id = cloud.create_change_set(&stage.permit, &region, &request).await.expect("it is made");
    let ready = until(WITHIN, async || {
        let view = cloud.describe_change_set(&region, &id).await.ok()?;
        (view != ChangeSetView::Working).then_some(())
    });
    ready.await.expect("it is ready");
    let now = stage.local.consent().stack(cloud.as_ref(), &stage.site, &region, name).await;
    let executed = cloud.execute_change_set(now.expect("it is read"), &id).await;
    executed.expect("it is executed");
    let made = until(WITHIN, async || queues(stage, &region, name).await.then_some(()));
    made.await.expect("it stands");
}

async fn queues(stage: &Stage, region: &Region, name: &str) -> bool {
    let held = stage.cloud.stack_resources(region, name).await.expect("it answers");
    held.iter().any(|one| one.resource_type == "AWS::SQS::Queue")
}

async fn delete(stage: &Stage, region: &Region, name: &str) {
    let now = stage.local.consent().stack(stage.cloud.as_ref(), &stage.site, region, name).await;
    stage.cloud.delete_stack(now.expect("it is read")).await.expect("it goes");
    let gone = until(WITHIN, async || (!queues(stage, region, name).await).then_some(()));
    gone.await.expect("it is gone");
}

/// Goal: nobody's stack is changed, emptied or deleted because of its name. Method: queues under names of the site's, before a
/// deploy, beside a deployed site, and at its end.
#[tokio::test]
async fn stacks_of_strangers_survive_a_deploy_and_a_destruction() {
    let _room = room().await;
    let (_code, stage) = (program().await, stage().await);
    let xtask = Xtask::new(&stage, "strangers");
    let (west, east) = (stage.site.primary_region(), stage.site.standby_region());
    strangers(&stage, west.as_str(), "shop-network").await;
    for verb in ["plan", "deploy --yes", "destroy --yes", "destroy --yes --force"] {
        let told = xtask.run(verb).await;
        assert_eq!(told.code, REFUSED, "{verb}: {told:#?}");
        assert!(told.error.contains("`shop-network` in us-west-2"), "{verb}: {}", told.error);
        assert!(told.error.contains("nothing was changed"), "{verb}: {}", told.error);
    }
    assert!(queues(&stage, west, "shop-network").await);
    delete(&stage, west, "shop-network").await;

    strangers(&stage, east.as_str(), "shop-dashboard").await;
    let told = xtask.good("deploy --yes").await;
    assert!(told.error.contains("not touched: the stack `shop-dashboard`"), "{}", told.error);
    assert!(queues(&stage, east, "shop-dashboard").await);
    let told = xtask.good("destroy --yes").await;
    assert!(told.error.contains("deleted for good: the bucket "), "{}", told.error);
    assert!(queues(&stage, east, "shop-dashboard").await);
    delete(&stage, east, "shop-dashboard").await;
    stage.close().await.expect("everything ends");
}

/// Goal: production's records, servers and controller stay what they are. Method: the file of another site of the same name, and
/// swapped regions, with every verb that writes; then the change is said to be meant.
#[tokio::test]
async fn a_renamed_host_and_swapped_regions_are_refused_with_what_to_do_and_lose_nothing() {
    let _room = room().await;
    let (_code, stage) = (program().await, stage().await);
    let xtask = Xtask::new(&stage, "renamed");
    xtask.good("deploy --yes").await;
    let before = Inventory::read(&stage).await;
    let verbs = [
        "plan",
        "deploy --yes",
        "deploy --yes --force",
        "destroy --yes",
        "failover --yes",
        "failover --yes --direct",
        "mode frozen --yes",
        "drill shadow --yes",
    ];
    let renamed = stage.site_file.replace("shop.example.com", "staging.example.com");
    // A placeholder that no made-up id can hold.
    let swapped = stage.site_file.replace("us-west-2", "<west>").replace("us-east-2", "us-west-2");
    let swapped = swapped.replace("<west>", "us-east-2");
    // What must work while us-east-1 is down does not ask the detector whose name it is, but the controller.
    for (file, words, direct) in [
        (
            &renamed,
            "shop.example.com would lose its records",
            "the live controller watches `shop.example.com`",
        ),
        (&swapped, "the site file swaps the regions", "the site file swaps the regions"),
    ] {
        xtask.write_site(file);
        for verb in verbs {
            let told = xtask.run(verb).await;
            assert_eq!(told.code, REFUSED, "{verb}: {told:#?}");
            let error = told.error.split_whitespace().collect::<Vec<_>>().join(" ");
            let error = error.replace("│ ", "");
            let words = if verb.contains("--direct") { direct } else { words };
            assert!(error.contains(words), "{verb}: {error}");
        }
        let told = xtask.run("status").await;
        assert_eq!(told.code, Some(4), "{told:#?}");
        assert!(told.out.contains("NOT THE SITE OF THE SITE FILE"), "{}", told.out);
        assert_eq!(xtask.run("status --drift").await.code, Some(4));
        assert_eq!(Inventory::read(&stage).await, before, "{words}");
    }
    let foreign = format!("account = \"111122223333\"\n{}", stage.site_file);
    xtask.write_site(&foreign);
    for verb in ["status", "status --drift", "plan", "destroy --yes"] {
        assert_eq!(xtask.run(verb).await.code, REFUSED, "{verb}");
    }
    xtask.write_site(&renamed);
    // One run: the loss of the old records is shown before the controller is changed.
    let told = xtask.good("deploy --yes --was hostname=shop.example.com").await;
    let (plan, _) = told.error.split_once("wave 0").expect("the plan comes first");
    assert!(plan.contains("! PrimaryRecord"), "{plan}");
    xtask.good("status").await;
    xtask.good("destroy --yes").await;
    stage.close().await.expect("everything ends");
}

/// Goal: the Lambda of another checkout is never deployed. Method: cargo says that it runs the program for another one.
#[tokio::test]
async fn a_program_of_another_checkout_builds_nothing() {
    let _room = room().await;
    let stage = stage().await;
    let xtask = Xtask::new(&stage, "checkout");
    let mut command = xtask.command("package");
    command.env("CARGO_MANIFEST_DIR", "/elsewhere/infra-lib/cli");
    let told = command.output().await.expect("it starts");
    assert_eq!(told.status.code(), REFUSED, "{}", String::from_utf8_lossy(&told.stderr));
    stage.close().await.expect("everything ends");
}
