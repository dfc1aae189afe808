//! Deploying against the emulator's CloudFormation.

use cloud::guard::Safety;
use drill_local::story::{self, Teller};
use e2e::{program, room, stage};
use provision::apply::Outcome;
use site::config::Config;
use site::model::Site;

/// Goal: a second deploy finds nothing to do. Method: deploy twice.
#[tokio::test]
async fn a_second_deploy_changes_nothing() {
    let _room = room().await;
    let (code, stage) = (program().await, stage().await);
    let (teller, _scenes) = Teller::channel();
    let first = story::deploy(&stage, code.clone(), &teller).await.expect("it deploys");
    assert!(first.stacks.values().all(|outcome| *outcome == Outcome::Created), "{first:?}");
    let second = story::deploy(&stage, code, &teller).await.expect("it deploys again");
    assert!(second.stacks.values().all(|outcome| *outcome == Outcome::Unchanged), "{second:?}");
    assert_eq!(first.outputs, second.outputs);
    story::destroy(&stage, Safety::Guarded, &teller).await.expect("it goes");
    stage.close().await.expect("everything ends");
}

/// Goal: the first root cause is told in CloudFormation's own words, and a rerun converges although a stack is left in a
/// rollback. Method: a hosted zone that is not there, then the right one.
#[tokio::test]
async fn a_failed_deploy_names_its_root_cause_and_a_rerun_converges() {
    let _room = room().await;
    let (code, mut stage) = (program().await, stage().await);
    let (teller, _scenes) = Teller::channel();
    let right = stage.site.clone();
    let zone = right.config.hosted_zone_id.to_string();
    let wrong = stage.site_file.replace(&zone, "Z0WRONGZONE");
    stage.site = Site::new(Config::from_toml(&wrong, "wrong.toml").expect("it is well formed"));
    let error = story::deploy(&stage, code.clone(), &teller).await.expect_err("there is no zone");
    let words = error.to_string();
    for part in ["detector", "us-east-1", "Record", "Z0WRONGZONE"] {
        assert!(words.contains(part), "`{part}` is missing: {words}");
    }
    stage.site = right;
    let deployed = story::deploy(&stage, code, &teller).await.expect("it converges");
    let created = deployed.stacks.values().filter(|outcome| **outcome == Outcome::Created).count();
    assert_eq!(created, 1, "only the detector was missing: {:?}", deployed.stacks);
    story::destroy(&stage, Safety::Guarded, &teller).await.expect("it goes");
    assert_eq!(stage.leftovers().await.expect("it answers"), Vec::<String>::new());
    stage.close().await.expect("everything ends");
}
