//! The whole story, as `cargo xtask drill` plays it.

use e2e::{alone, program, settings};
use infra_lib::drill::local::story::{self, Teller};

/// Goal: the promise of the README. Method: play the drill and read its report.
#[tokio::test]
async fn the_site_fails_over_and_comes_back_and_leaves_nothing() {
    let _alone = alone().await;
    let (teller, _scenes) = Teller::channel();
    let report = story::play(&settings().await, program().await, &teller).await.expect("it plays");
    assert!(report.passed(), "{report}");
    assert!(report.clients.from_standby > 0, "{report}");
    let lowered = ["Raise", "LowerMin", "LowerDesired", "Finish"];
    let reasons: Vec<&str> = report.decisions.iter().map(|line| line.reason).collect();
    let told: Vec<&str> = reasons.into_iter().filter(|reason| lowered.contains(reason)).collect();
    assert_eq!(told, lowered, "one failover, one failback: {report}");
    for id in ["S1", "S4", "S6", "S7", "S15", "L1", "R"] {
        let verdict = report.invariants.iter().find(|verdict| verdict.id == id);
        assert!(verdict.is_some_and(|verdict| verdict.checked > 0), "{id} was not exercised");
    }
    let json = serde_json::to_value(&report).expect("it is plain data");
    assert_eq!(json["missed"], serde_json::json!([]));
}
