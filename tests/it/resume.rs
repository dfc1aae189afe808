//! What is killed half-way, and run again.

#![expect(clippy::panic, reason = "helpers of tests fail by panicking")]

use std::collections::BTreeSet;

use drill_local::stage::Stage;
use e2e::command::Xtask;
use e2e::inventory::{Inventory, change_sets_left};
use e2e::{program, room, stage};

/// BOUND: five waves of at most four steps each, an upload, and one run to the end; twice that is no end.
const RUNS_MAX: usize = 60;

/// Kills a command at every step that it has, one run for each, and lets the last one come to its end. Answers the steps.
async fn killed_at_every_step(xtask: &Xtask, arguments: &str) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    for _ in 0..RUNS_MAX {
        if !xtask.killed_at_a_new_step(arguments, &mut seen).await {
            return seen;
        }
    }
    panic!("`{arguments}` never comes to an end: {seen:#?}");
}

fn assert_seen(steps: &BTreeSet<String>, expected: &[&str]) {
    for start in expected {
        let found = steps.iter().any(|step| step.starts_with(start));
        assert!(found, "it was never killed at `{start}`: {steps:#?}");
    }
}

/// The same stands as after an undisturbed deploy, and nothing beside it.
async fn assert_as(stage: &Stage, undisturbed: &Inventory) {
    assert_eq!(Inventory::read(stage).await, *undisturbed);
    let mut left = Vec::new();
    for stack in &stage.site.stacks {
        left.extend(change_sets_left(stage, stack).await);
    }
    assert_eq!(left, Vec::<String>::new(), "change sets are left");
}

/// Goal: killed after any step and run again, a deploy converges to what an undisturbed one makes, a change to what was
/// asked
/// for, and a destruction to nothing. Method: SIGKILL at each line of progress that no earlier run told, one run for each.
#[tokio::test]
async fn what_is_killed_after_any_step_converges_when_it_is_run_again() {
    let _room = room().await;
    let (_code, stage) = (program().await, stage().await);
    let xtask = Xtask::new(&stage, "resume");
    let clean = Inventory::read(&stage).await;
    xtask.good("deploy --yes").await;
    let undisturbed = Inventory::read(&stage).await;
    xtask.good("destroy --yes").await;

    let steps = killed_at_every_step(&xtask, "deploy --yes").await;
    let stacks = ["artifacts", "network", "web", "controller", "detector"];
    let each =
        ["creating the change set", "changing ", "done", "deleting what an earlier run left"];
    let every: Vec<_> =
        stacks.iter().flat_map(|stack| each.map(|step| format!("{stack}: {step}"))).collect();
    let missed = every.iter().filter(|wanted| !steps.iter().any(|step| step.starts_with(*wanted)));
    // Which of a wave's two stacks tells first depends on the machine, and a quick one leaves nothing to clear.
    assert!(missed.count() <= stacks.len(), "{steps:#?}");
    assert_seen(&steps, &["wave 0", "wave 1", "wave 2", "wave 3", "wave 4", "uploaded"]);
    assert_as(&stage, &undisturbed).await;
    let told = xtask.good("deploy --yes").await;
    assert!(told.error.ends_with("no changes\n"), "{told:#?}");

    xtask.write_site(&stage.site_file.replace("t3.micro", "t3.small"));
    let steps = killed_at_every_step(&xtask, "deploy --yes").await;
    assert_seen(&steps, &["web: creating the change set", "web: changing "]);
    assert_as(&stage, &undisturbed).await;
    let told = xtask.good("deploy --yes").await;
    assert!(told.error.ends_with("no changes\n"), "{told:#?}");

    let steps = killed_at_every_step(&xtask, "destroy --yes").await;
    assert_seen(&steps, &["artifacts: deleting", "web: deleting"]);
    assert_eq!(Inventory::read(&stage).await, clean);
    assert_eq!(stage.leftovers().await.expect("it answers"), Vec::<String>::new());
    stage.close().await.expect("everything ends");
}

/// Goal: Ctrl-C in the middle says how to go on, to people and to programs, and the same command goes on. Method: SIGINT while
/// stacks are being changed.
#[tokio::test]
async fn what_is_interrupted_says_how_to_go_on_and_goes_on() {
    let _room = room().await;
    let (_code, stage) = (program().await, stage().await);
    let xtask = Xtask::new(&stage, "interrupted-deploy");
    for (verb, step) in [("deploy", "\"number\":2"), ("destroy", "\"number\":3")] {
        let told = xtask.interrupted_at(&format!("--format json {verb} --yes"), step).await;
        assert_eq!(told.code, Some(130), "{told:#?}");
        let resume = format!("run `cargo xtask {verb}` again to resume");
        assert!(told.error.contains(&resume), "{}", told.error);
        let last = told.out.lines().last().expect("events were told");
        assert!(last.contains("\"event\":\"interrupted\"") && last.contains(&resume), "{last}");
        xtask.good(&format!("{verb} --yes")).await;
    }
    assert_eq!(stage.leftovers().await.expect("it answers"), Vec::<String>::new());
    stage.close().await.expect("everything ends");
}
