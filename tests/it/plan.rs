//! A plan that is looked at and then carried out: exactly it, or nothing.

use cloud::guard::Safety;
use drill_local::story::{self, Teller};
use e2e::command::Xtask;
use e2e::{program, room, stage};

/// Goal: what was looked at is what is done, and only as long as it is still true. Method: plan a change into a file; change a
/// stack behind its back, deploy the plan; plan anew, deploy that.
#[tokio::test]
async fn a_plan_is_carried_out_as_it_was_looked_at_or_not_at_all() {
    let _room = room().await;
    let (_code, stage) = (program().await, stage().await);
    let xtask = Xtask::new(&stage, "plan");
    let told = xtask.run("plan").await;
    assert_eq!(told.code, Some(3), "{told:#?}");
    xtask.good("deploy --yes").await;
    let told = xtask.good("plan").await;
    assert!(told.out.contains("no changes"), "{told:#?}");

    xtask.write_site(
        &stage.site_file.replace("primary_max = 4", "primary_max = 4\ncpu_target_percent = 60"),
    );
    let told = xtask.run("plan --out reviewed.json").await;
    assert_eq!(told.code, Some(3), "{told:#?}");
    assert!(told.error.contains("hint: cargo xtask deploy --plan reviewed.json"), "{told:#?}");
    // Somebody else is quicker, with another change of the same stack.
    let other = Xtask::new(&stage, "somebody-else");
    other.write_site(&stage.site_file.replace("primary_min = 1", "primary_min = 2"));
    other.good("deploy --yes").await;
    let refused = xtask.run("deploy --plan reviewed.json").await;
    assert_eq!(refused.code, Some(6), "{refused:#?}");
    for words in ["error: refused: ", "web-primary", "hint: "] {
        assert!(refused.error.contains(words), "`{words}` is missing: {refused:#?}");
    }
    let told = xtask.run("plan").await;
    assert_eq!(told.code, Some(3), "nothing of it was done: {told:#?}");

    let told = xtask.run("plan --out anew.json").await;
    assert_eq!(told.code, Some(3), "{told:#?}");
    let told = xtask.good("deploy --plan anew.json").await;
    assert!(told.error.contains("web-primary: done"), "{told:#?}");
    let told = xtask.good("plan").await;
    assert!(told.out.contains("no changes"), "{told:#?}");
    let (teller, _scenes) = Teller::channel();
    story::destroy(&stage, Safety::Guarded, &teller).await.expect("it goes");
    assert_eq!(stage.leftovers().await.expect("it answers"), Vec::<String>::new());
    stage.close().await.expect("everything ends");
}
