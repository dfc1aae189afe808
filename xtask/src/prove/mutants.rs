//! `prove --mutants`: rules that are broken on purpose must be refuted, or the proof proves nothing.

use std::io::{self, Write};

use failover_sim::mutant::{self, Mutant, Refutation};
use miette::IntoDiagnostic;
use owo_colors::Style;
use serde::Serialize;
use surface::exit::Exit;
use surface::flags::Flags;
use surface::output;
use surface::sheet::{Cell, Sheet};
use surface::ticker::Ticker;

use failover_words::numbers::{counted, thousands};

/// What became of one mutant.
#[derive(Serialize)]
struct Tried {
    mutant: &'static str,
    /// What is broken, as the rest of "it …".
    breaks: &'static str,
    /// Where it was searched for.
    scope: &'static str,
    /// `None`: it survived.
    refutation: Option<Refutation>,
}

pub async fn run(flags: &Flags) -> miette::Result<Exit> {
    let tried = tokio::task::spawn_blocking(|| {
        let numbered = mutant::all().enumerate();
        numbered.map(|(index, mutant)| one(mutant, index + 1)).collect::<Vec<_>>()
    });
    let tried = tried.await.into_diagnostic()?;
    let exit = output::print(flags.format, &tried, |out| text(out, &Sheet::output(), &tried))?;
    let alive: Vec<_> =
        tried.iter().filter(|tried| tried.refutation.is_none()).map(|tried| tried.mutant).collect();
    if alive.is_empty() {
        return Ok(exit);
    }
    Err(miette::miette!(
        code = "prove",
        help = "either the rule that it breaks is not needed, or no property says what it is for",
        "mutants that survive: {}",
        alive.join(", ")
    ))
}

fn one(mutant: &'static Mutant, number: usize) -> Tried {
    let place = format!("{number} of {}: {}", mutant::all().count(), mutant.name);
    let ticker = Ticker::begin(&place);
    let refutation = mutant::refute(mutant);
    ticker.end(&format!("{place} {}", if refutation.is_some() { "dies" } else { "SURVIVES" }));
    let Mutant { name, breaks, scope, .. } = mutant;
    Tried { mutant: name, breaks, scope: scope.name, refutation }
}

fn text(out: &mut dyn Write, sheet: &Sheet, tried: &[Tried]) -> io::Result<()> {
    let paint = sheet.paint;
    let width = tried.iter().map(|tried| tried.mutant.len()).max().unwrap_or(0) + 2;
    for Tried { mutant, breaks, refutation, .. } in tried {
        let name = Cell { text: mutant, width, style: paint.strong() };
        sheet.row(out, 0, &[name], &format!("It {breaks}."))?;
        let words = refutation.as_ref().map_or_else(|| "SURVIVES.".to_owned(), died);
        let indent = [Cell { text: "", width, style: Style::new() }];
        sheet.row(out, 0, &indent, &words)?;
    }
    let dead = tried.iter().filter(|tried| tried.refutation.is_some()).count();
    writeln!(out)?;
    sheet.row(out, 0, &[], &format!("{dead} of {} mutants are refuted.", tried.len()))
}

fn died(refutation: &Refutation) -> String {
    let Refutation { property, hurts_users, minutes, states, .. } = refutation;
    let whom = if *hurts_users { "" } else { "; nobody is hurt yet" };
    let (minutes, states) = (counted(*minutes as u64, "minute"), thousands(*states));
    format!("Refuted in {minutes}, {states} states: {property}{whom}.")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use expect_test::expect;

    use super::*;

    #[test]
    fn each_mutant_is_told_with_how_it_died_or_that_it_did_not() {
        let refutation = |hurts_users, minutes| {
            let (property, story) = ("S4 sizes fit".to_owned(), String::new());
            let also_breaks = BTreeSet::new();
            Some(Refutation { property, hurts_users, also_breaks, minutes, states: 4321, story })
        };
        let tried = |mutant, refutation| {
            let (breaks, scope) = ("lowers what it did not raise", "base");
            Tried { mutant, breaks, scope, refutation }
        };
        let all = [
            tried("foreign", refutation(true, 8)),
            tried("one", refutation(false, 1)),
            tried("alive", None),
        ];
        let mut out = Vec::new();
        text(&mut out, &Sheet::plain(80), &all).unwrap();
        expect![[r#"
            foreign  It lowers what it did not raise.
                     Refuted in 8 minutes, 4,321 states: S4 sizes fit.
            one      It lowers what it did not raise.
                     Refuted in 1 minute, 4,321 states: S4 sizes fit; nobody is hurt yet.
            alive    It lowers what it did not raise.
                     SURVIVES.

            2 of 3 mutants are refuted.
        "#]]
        .assert_eq(&String::from_utf8(out).unwrap());
    }
}
