//! Long random histories of random sites, with the lengths that ship.

use failover_sim::run::{Plan, play};

/// Goal: no promise is broken in any history. A failure prints its seed; `cargo xtask prove --seed N` plays it again.
#[test]
fn random_histories_break_no_promise() {
    for seed in 0..120 {
        let played = play(&Plan::new(seed));
        assert!(played.failure.is_none(), "{played}");
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let [once, again] = [play(&Plan::new(7)), play(&Plan::new(7))];
    assert_eq!(once.log, again.log);
}
