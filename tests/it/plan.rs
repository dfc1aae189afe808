//! Plans against the emulator's change sets: shown, reviewed, and done as reviewed or refused.

use std::sync::Arc;

use e2e::{alone, program, stage};
use failover_core::Timestamp;
use infra_lib::apply::{self, Code, Outcome, Request, Safety};
use infra_lib::cloud::ResourceAction;
use infra_lib::config::Config;
use infra_lib::drill::local::stage::Stage;
use infra_lib::drill::local::story::{self, Teller};
use infra_lib::guard::Standing;
use infra_lib::model::{Site, StackId};
use infra_lib::plan::{Action, Agreed, Plan, PlanFile, plan};
use infra_lib::progress::Pace;

fn asked(stage: &Stage, code: &Code) -> Request {
    Request {
        site: stage.site.clone(),
        code: code.clone(),
        standing: Standing::default(),
        safety: Safety::Guarded,
        skip: Vec::new(),
        agreed: None,
    }
}

async fn planned(stage: &Stage, code: &Code) -> Plan {
    let cloud = stage.cloud.as_ref();
    let given = asked(stage, code).given();
    plan(cloud, &stage.site, &given, Pace::of(cloud)).await.expect("a plan")
}

fn file(stage: &Stage, code: &Code, plan: &Plan) -> PlanFile {
    let hostname = stage.site.config.hostname.as_str();
    PlanFile::new(plan, hostname, &code.key, false, Timestamp::UNIX_EPOCH)
}

/// Writes `to` for `from` in the site file.
fn rewrite(stage: &mut Stage, from: &str, to: &str) {
    assert!(stage.site_file.contains(from), "{}", stage.site_file);
    let text = stage.site_file.replace(from, to);
    stage.site = Site::new(Config::from_toml(&text, "changed.toml").expect("it is well formed"));
    stage.site_file = text;
}

async fn change_sets(stage: &Stage) -> usize {
    let mut left = 0;
    for stack in &stage.site.stacks {
        let found = stage.cloud.change_sets(&stack.region, stack.name.as_str()).await;
        left += found.expect("the emulator answers").len();
    }
    left
}

/// Goal: a first plan leaves nothing behind, and is what a deploy then does. A second one of a changed file shows the change,
/// leaves no change set, is done as reviewed, and holds no longer once somebody was there before. Method: the emulator.
#[tokio::test]
async fn a_plan_is_done_as_it_was_reviewed_or_refused() {
    let _alone = alone().await;
    let (code, mut stage) = (program().await, stage().await);
    let (teller, _scenes) = Teller::channel();
    let first = planned(&stage, &code).await;
    assert!(first.stacks.iter().all(|entry| entry.action == Action::Create), "{first}");
    assert_eq!(stage.leftovers().await.expect("it answers"), Vec::<String>::new());
    let again = file(&stage, &code, &planned(&stage, &code).await);
    assert_eq!(file(&stage, &code, &first).moved(&again), None);

    let mut request = asked(&stage, &code);
    request.agreed = Some(Agreed::from(&first));
    let deployed = apply::start(Arc::clone(&stage.cloud), request).finish().await;
    let deployed = deployed.expect("it deploys");
    assert!(deployed.stacks.values().all(|outcome| *outcome == Outcome::Created));
    assert!(planned(&stage, &code).await.is_empty());

    rewrite(&mut stage, "hold_down = \"36s\"", "hold_down = \"37s\"");
    let second = planned(&stage, &code).await;
    let controller = second.stacks.iter().find(|entry| entry.stack == StackId::Controller);
    let controller = controller.expect("it is one of them");
    assert!(matches!(controller.action, Action::Update { .. }), "{second}");
    let touched = |one: &infra_lib::plan::Resource| one.action != ResourceAction::Add;
    assert!(controller.resources.iter().any(touched), "{second}");
    assert_eq!(change_sets(&stage).await, 0, "of a plan nothing stays");
    let reviewed = file(&stage, &code, &second);
    let now = file(&stage, &code, &planned(&stage, &code).await);
    assert_eq!(reviewed.moved(&now), None, "the emulator tells the same twice");

    let mut request = asked(&stage, &code);
    request.agreed = Some(Agreed::from(&second));
    let deployed = apply::start(Arc::clone(&stage.cloud), request).finish().await;
    assert_eq!(deployed.expect("it deploys").stacks[&StackId::Controller], Outcome::Updated);
    let now = file(&stage, &code, &planned(&stage, &code).await);
    let refusal = reviewed.moved(&now).expect("it was done already");
    assert!(refusal.why.contains("`controller`: somebody changed it meanwhile"), "{}", refusal.why);

    story::destroy(&stage, Safety::Guarded, &teller).await.expect("it goes");
    assert_eq!(stage.leftovers().await.expect("it answers"), Vec::<String>::new());
    stage.close().await.expect("everything ends");
}
