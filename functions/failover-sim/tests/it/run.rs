//! Random histories: hundreds of sites keep every promise, one seed is one history for ever, and a broken decision is caught
//! and told in a few minutes.

use std::collections::BTreeSet;
use std::io::Write as _;

use expect_test::{Expect, expect};
use failover_core::observation::Known;
use failover_core::policy::Clockwork;
use failover_core::{Decision, Observation, Policy, Reason, ReasonKind, Signal, Timestamp, decide};
use failover_sim::run::{DAYS, Plan, Played, play, play_with};
use failover_sim::world::Judged;

/// Sites of every test run.
const SEEDS: u64 = 300;

/// Goal: no history of hundreds of sites breaks a promise, and every quiet end comes to its end in time. Method: one history
/// for each seed; a failure prints its seed and a shrunk history. Together they decide for every reason there is.
#[test]
fn hundreds_of_sites_keep_every_promise() {
    let mut reasons = BTreeSet::new();
    let (mut minutes, mut failures, mut faults, mut longest) = (0, 0, 0, [0, 0]);
    for seed in 0..SEEDS {
        let played = play(&Plan::new(seed));
        assert!(played.failure.is_none(), "{played}");
        reasons.extend(played.reasons.keys().copied());
        minutes += played.minutes;
        failures += played.failures;
        faults += played.faults;
        longest = [longest[0].max(played.longest[0]), longest[1].max(played.longest[1])];
    }
    let [back, serving] = longest;
    // Not `eprintln!`, which only a failed test shows.
    writeln!(
        std::io::stderr(),
        "{SEEDS} sites, {} site-days, {failures} failures of the primary, {faults} faults; back to normal within {back} \
         minutes, serving from the standby within {serving}",
        minutes / 1440
    )
    .unwrap();
    assert_eq!(minutes, u32::try_from(SEEDS).unwrap() * u32::from(DAYS) * 1440);
    let all = ReasonKind::ALL.iter().copied().collect();
    assert_eq!(reasons, all, "every reason is decided somewhere");
}

/// Goal: a seed is enough to see again what somebody else saw. Method: the same seed twice, byte for byte.
#[test]
fn one_seed_is_one_history() {
    let played = play(&Plan::new(7));
    assert_eq!(played, play(&Plan::new(7)));
    assert_eq!(played.to_string(), play(&Plan::new(7)).to_string());
    assert_ne!(played.log, play(&Plan::new(8)).log);
}

fn check(plan: Plan, expected: &Expect) {
    expected.assert_eq(&play(&plan).to_string());
}

/// Goal: a change of what is decided, or of how chance is drawn, is seen in review. Method: a digest of the whole log.
#[test]
fn these_histories_are_as_they_were() {
    check(
        Plan { seed: 1, days: 2 },
        &expect![[r#"
            seed 1, 2 days: from 2026-10-31T10:50:31Z (daylight saving ends in America), an outage each day, load 3 to 6 of 6, a wrong clock, 6 faults, capacity_max=9, failback=automatic, failover_min=2, floor=0, latch=on, match_percent=100, peak_hint=2
            2880 minutes, the primary failed 2 times, 12 faults
            decided: Raise 2, AlreadyRaised 28, CloseLatch 2, Proving 62, Prewarm 2, Prewarming 6, OpenLatch 2, Draining 36, LowerMin 5, LowerDesired 2, Finish 2, Sample 2642, Blind 14, Idle 74
            back to normal within 0 minutes, serving from the standby within 6
            log of 136 lines, digest af51fec9b0197605
            every promise was kept
        "#]],
    );
    check(
        Plan { seed: 2, days: 2 },
        &expect![[r#"
            seed 2, 2 days: from 2029-12-31T01:51:36Z (the end of a year), quiet, load 7 to 7 of 7, a new site, two handlers, looks between the ticks, 4 faults, capacity_max=10, eager=on, failback=automatic, failover_min=2, floor=0, hold_down=2h, latch=on, match_percent=100, peak_hint=7
            2880 minutes, the primary failed 6 times, 6 faults
            decided: Raise 3, Looked 2853, AlreadyRaised 64, CloseLatch 3, Proving 726, Prewarm 1, Prewarming 2, OpenLatch 3, Draining 32, LowerMin 3, Finish 1, Sample 1996, Idle 2
            back to normal within 51 minutes, serving from the standby within 8
            log of 152 lines, digest 271c1f688ca2e8a3
            every promise was kept
        "#]],
    );
    check(
        Plan { seed: 3, days: 2 },
        &expect![[r#"
            seed 3, 2 days: from 2026-10-24T08:53:29Z (daylight saving ends in Europe), flapping, load 2 to 2 of 4, 2 faults, capacity_max=4, failback=manual, failover_min=1, floor=1, latch=on, match_percent=100, peak_hint=3
            2880 minutes, the primary failed 231 times, 11 faults
            decided: Raise 4, AlreadyRaised 1078, CloseLatch 3, Proving 1247, AwaitingApproval 329, Prewarm 2, Prewarming 2, OpenLatch 2, Draining 21, LowerMin 2, Finish 2, Sample 523
            back to normal within 74 minutes, serving from the standby within 2
            log of 1532 lines, digest 3719aa21232feb8c
            every promise was kept
        "#]],
    );
}

/// The decision that ships, on other inputs or with another answer.
type Altered = fn(&Policy, &Signal, &Observation, Timestamp) -> Decision;

/// The first seed of a few whose history breaks a promise.
fn caught(altered: Altered, judged: Judged) -> Played {
    let plans = (0..40).map(Plan::new);
    plans
        .map(|plan| play_with(&plan, &altered, judged))
        .find(|played| played.failure.is_some())
        .expect("it is caught")
}

fn refuted(altered: Altered, judged: Judged, minutes_max: usize, expected: &Expect) {
    let failure = caught(altered, judged).failure.expect("it was caught");
    assert!(failure.minutes <= minutes_max, "{} minutes\n{}", failure.minutes, failure.story);
    expected.assert_eq(&failure.story);
}

/// Goal: the judge of decisions sees a lowering without its hold-down. Method: a hold-down of no length.
#[test]
fn a_rule_without_hold_down_is_caught() {
    let hasty: Altered = |policy, signal, seen, at| {
        let hasty = policy.clone().shortened(0, policy.drain_ticks(), Clockwork::AWS);
        decide(&hasty, signal, seen, at)
    };
    refuted(
        hasty,
        Judged::Alone,
        20,
        &expect![[r#"
            from 2038-01-19T05:15:20Z (seconds no longer fit 31 bits), bursts of faults, load 2 to 2 of 5, a new site, 4 faults
            2038-01-19T05:15:20Z  the primary fails or returns; event: Raise; tick: AlreadyRaised
                load 2, primary 1/2 of 2 down, standby 2/2 of 0, alarm ALARM, DNS primary, ours
            2038-01-19T05:16:20Z  tick: AlreadyRaised
                load 2, primary 1/2 of 2 down, standby 2/2 of 1, alarm ALARM, DNS standby, ours
            2038-01-19T05:17:20Z  tick: CloseLatch
                load 2, primary 1/2 of 2 down, standby 2/2 of 2, alarm ALARM, DNS standby, ours
            from here on the primary stays up, and nothing goes wrong
            2038-01-19T05:18:20Z  event: Prewarm; tick: Prewarming
                load 2, primary 2/2 of 1, standby 2/2 of 2, alarm OK, DNS standby, latch closed, ours
            2038-01-19T05:19:20Z  tick: OpenLatch
                load 2, primary 2/2 of 2, standby 2/2 of 2, alarm OK, DNS standby, latch closed, ours
            broken: S13
        "#]],
    );
}

/// Goal: what happens to the users is enough to catch a rule that moves them to servers that do not run yet. Method: the
/// primary's instances count from the moment they are asked for, and no single decision is judged.
#[test]
fn a_rule_that_does_not_wait_for_the_primary_is_caught() {
    let eager: Altered = |policy, signal, seen, at| {
        let mut seen = seen.clone();
        if let Known::Known(primary) = &mut seen.primary {
            primary.in_service = primary.desired;
            primary.healthy = Known::Known(primary.desired);
        }
        decide(policy, signal, &seen, at)
    };
    refuted(
        eager,
        Judged::None,
        40,
        &expect![[r#"
            from 2038-01-18T23:13:20Z (seconds no longer fit 31 bits), bursts of faults, load 2 to 2 of 5, a new site, 4 faults, hold_down=17m
            2038-01-18T23:13:20Z  the primary fails or returns; event: Raise; tick: AlreadyRaised
                load 2, primary 1/2 of 2 down, standby 2/2 of 0, alarm ALARM, DNS primary, ours
            2038-01-18T23:14:20Z  tick: AlreadyRaised
                load 2, primary 1/2 of 2 down, standby 2/2 of 1, alarm ALARM, DNS standby, ours
            2038-01-18T23:15:20Z  tick: CloseLatch
                load 2, primary 1/2 of 2 down, standby 2/2 of 2, alarm ALARM, DNS standby, ours
            2038-01-18T23:16:20Z  the primary fails or returns; event: Proving; tick: Proving
                load 2, primary 1/1 of 1, standby 2/2 of 2, alarm OK, DNS standby, latch closed, ours
            2038-01-18T23:17:20Z  tick: Proving
                load 2, primary 1/1 of 1, standby 2/2 of 2, alarm OK, DNS standby, latch closed, ours
            2038-01-18T23:33:20Z  the operator asks for a failback; request: Prewarm; tick: OpenLatch
                load 2, primary 2/2 of 1, standby 2/2 of 2, alarm OK, DNS standby, latch closed, ours
            broken: I2 no release below demand
        "#]],
    );
}

/// Goal: a quiet end that never comes is caught. Method: the record is never closed.
#[test]
fn a_rule_that_never_finishes_is_caught() {
    let endless: Altered = |policy, signal, seen, at| {
        let decision = decide(policy, signal, seen, at);
        if decision.reason == Reason::Finish { Decision::hold(Reason::Finish) } else { decision }
    };
    refuted(
        endless,
        Judged::None,
        5,
        &expect![[r#"
            from 2038-01-19T05:18:20Z (seconds no longer fit 31 bits), bursts of faults, load 2 to 2 of 5, a new site, 4 faults
            2038-01-19T05:18:20Z  the primary fails or returns; event: Raise; tick: AlreadyRaised
                load 2, primary 1/2 of 2 down, standby 2/2 of 0, alarm ALARM, DNS primary, ours
            from here on the primary stays up, and nothing goes wrong
            2038-01-19T05:19:20Z  event: Proving; tick: Proving
                load 2, primary 1/2 of 2, standby 2/2 of 1, alarm OK, DNS primary, ours
            2038-01-19T05:20:20Z  tick: Proving
                load 2, primary 1/2 of 2, standby 2/2 of 2, alarm OK, DNS primary, ours
            2038-01-19T05:49:20Z  tick: Draining
                load 2, primary 1/2 of 2, standby 2/2 of 2, alarm OK, DNS primary, ours
            2038-01-19T05:58:20Z  tick: LowerMin
                load 2, primary 1/2 of 2, standby 0/2 of 2, alarm OK, DNS primary, ours
            2038-01-19T05:59:20Z  tick: Finish
                load 2, primary 1/2 of 2, standby 0/0 of 0, alarm OK, DNS primary, ours
            broken: L2 back to normal once the primary stays up
        "#]],
    );
}
