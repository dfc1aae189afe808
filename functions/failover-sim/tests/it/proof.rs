//! The searches and the mutants of every test run. Both tables are committed, so that a change of what is proven is seen.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use expect_test::expect_file;
use failover_core::ReasonKind;
use failover_core::invariant::verify;
use failover_sim::model::{Proven, prove};
use failover_sim::mutant::{self, drawn, refute};
use failover_sim::scope::{CHECKED, NOT_CHECKED, Scope};
use failover_sim::world::Judged;

/// The properties that are judged in the world, beside the invariants of single decisions.
const IN_THE_WORLD: [&str; 16] = [
    "S2", "S11", "F", "I1", "I2", "I3", "I4", "I5", "L1", "L2", "T1", "T2", "T3", "T4", "T5", "T6",
];

fn proof(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("proof").join(file)
}

fn bounds(scope: &Scope) -> String {
    let settings = scope.settings.iter().map(|(name, value)| format!("{name} = {value}"));
    let settings: Vec<String> = settings.collect();
    let orders =
        if scope.orders > 0 { format!(", {} orders", scope.orders) } else { String::new() };
    let with =
        if settings.is_empty() { String::new() } else { format!("; {}", settings.join(", ")) };
    format!("{} changes, {} faults{orders}{with}", scope.flips, scope.faults)
}

/// Goal: every invariant, and both kinds of liveness, hold on every state within the bounds, and every reason is decided
/// somewhere. Method: the model checker, around the decision and the order of writes that ship.
#[test]
fn every_search_holds() {
    let found: Vec<Proven> = CHECKED.iter().map(|scope| prove(scope, &mut |_| {})).collect();
    let mut table = String::from(
        "| search | bounds | distinct states | steps | back to normal | standby serves |\n|---|---|---:|---:|---:|---:|\n",
    );
    for proven in &found {
        if let Some(violation) = proven.violations.first() {
            panic!("{}: {}\n{}", proven.scope.name, violation.property, violation.story);
        }
        let Proven { scope, states, transitions, back, serving, .. } = proven;
        let (name, bounds) = (scope.name, bounds(scope));
        writeln!(
            table,
            "| {name} | {bounds} | {states} | {transitions} | ≤ {back} min | ≤ {serving} min |"
        )
        .unwrap();
    }
    let total: usize = found.iter().map(|proven| proven.states).sum();
    assert!(total >= 1_000_000, "{total} distinct states are not enough");
    let reasons: BTreeSet<_> = CHECKED.iter().flat_map(|scope| scope.reasons).copied().collect();
    let all = ReasonKind::ALL.iter().copied().collect();
    assert_eq!(reasons, all, "every reason is reached somewhere");
    let text = format!(
        "# What every test run checks\n\nWritten by the test `every_search_holds`; `cargo xtask prove` looks further.\n\n\
         {table}\n{total} distinct states in all. {NOT_CHECKED}\n"
    );
    expect_file![proof("searches.md")].assert_eq(&text);
    the_readme_says(found.len(), total);
}

/// The README quotes the same counts.
fn the_readme_says(searches: usize, states: usize) {
    let digits = states.to_string();
    let grouped: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|chunk| std::str::from_utf8(chunk).expect("digits"))
        .collect();
    let (states, mutants) = (grouped.join(","), mutant::all().count());
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = std::fs::read_to_string(readme).expect("the README is there");
    let readme = readme.split_whitespace().collect::<Vec<_>>().join(" ");
    let claims = [
        format!("{states} distinct states in {searches} searches"),
        format!("{mutants} rules that are broken on purpose"),
    ];
    for claim in claims {
        assert!(readme.contains(&claim), "README.md should say: {claim}");
    }
}

/// Goal: no invariant of single decisions leans on what a history reaches. Method: readings that are drawn, most of them about
/// readings on which a step is to be taken, judged for the rules that ship; the mutants that no search reaches die of the same.
#[test]
fn no_drawn_reading_breaks_an_invariant() {
    let policy = Scope::BASE.site().policy;
    let broken = drawn::refuting(&policy, &failover_core::decide, Judged::All);
    assert!(broken.is_none(), "{broken:?}");
}

/// Goal: the checker can refute. Method: every rule that is broken on purpose must die, and its shortest history is committed.
#[test]
fn every_mutant_dies() {
    let mut table = String::from(
        "| mutant | it … | dies of | breaks on the way | minutes |\n|---|---|---|---|---:|\n",
    );
    let mut stories = String::new();
    let mut refuted = BTreeSet::new();
    for mutant in mutant::all() {
        let found = refute(mutant);
        let found = found.unwrap_or_else(|| panic!("{} survives: {}", mutant.name, mutant.breaks));
        let id = found.property.split(' ').next().unwrap_or_default();
        refuted.insert(id.to_owned());
        refuted.extend(found.also_breaks.iter().map(ToString::to_string));
        let others = found.also_breaks.into_iter().filter(|other| *other != id);
        let by = others.collect::<Vec<_>>().join(", ");
        let (name, breaks) = (mutant.name, mutant.breaks);
        writeln!(
            table,
            "| [{name}](#{name}) | {breaks} | {} | {by} | {} |",
            found.property, found.minutes
        )
        .unwrap();
        writeln!(stories, "## {name}\nIt {breaks}.\n```\n{}```\n", found.story).unwrap();
    }
    let alone = verify(&[]).into_iter().map(|verdict| verdict.id).filter(|id| *id != "R");
    let missed: Vec<_> =
        alone.chain(IN_THE_WORLD.map(Into::into)).filter(|id| !refuted.contains(&**id)).collect();
    assert!(missed.is_empty(), "no mutant breaks {missed:?}");
    let text = format!(
        "# Mutants\n\nRules that are broken on purpose, and the shortest history that refutes each. Written by the test \
         `every_mutant_dies`.\n\nGroups are written as minimum/desired of running instances.\n\n{table}\n{stories}"
    );
    expect_file![proof("mutants.md")].assert_eq(&text);
}
