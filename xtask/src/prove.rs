//! `prove`: walk every history within stated bounds, around the decision that ships.

mod history;
mod mutants;
mod search;

use failover_sim::scope::{self, CHECKED, PROVE, Scope};
use serde::Serialize;
use surface::exit::Exit;
use surface::flags::{Flags, ProveFlags};
use surface::output;
use surface::sheet::{Cell, Sheet};

use failover_words::numbers::counted;

pub async fn run(flags: &Flags, prove: &ProveFlags) -> miette::Result<Exit> {
    if prove.list {
        return list(flags);
    }
    if let Some(seed) = prove.seed {
        return history::run(flags, seed).await;
    }
    if prove.mutants {
        return mutants::run(flags).await;
    }
    let chosen = prove.scope.iter().map(|name| find(name)).collect::<miette::Result<Vec<_>>>()?;
    let scopes = if chosen.is_empty() { PROVE.iter().collect() } else { chosen };
    search::run(flags, scopes).await
}

fn find(name: &str) -> miette::Result<&'static Scope> {
    scope::find(name).ok_or_else(|| {
        miette::miette!(
            code = "usage",
            help = "the names: cargo xtask prove --list",
            "there is no scope of that name: `{name}`"
        )
    })
}

/// A scope, for whoever chooses one.
#[derive(Serialize)]
struct Listed {
    scope: &'static str,
    flips: u8,
    faults: u8,
    orders: u8,
    settings: &'static [(&'static str, &'static str)],
    searched_by: &'static str,
}

fn list(flags: &Flags) -> miette::Result<Exit> {
    let of = |searched_by| {
        move |scope: &'static Scope| Listed {
            scope: scope.name,
            flips: scope.flips,
            faults: scope.faults,
            orders: scope.orders,
            settings: scope.settings,
            searched_by,
        }
    };
    let all = PROVE.iter().map(of("prove")).chain(CHECKED.iter().map(of("cargo test")));
    let all: Vec<_> = all.collect();
    output::print(flags.format, &all, |out| {
        let sheet = Sheet::output();
        let width = all.iter().map(|listed| listed.scope.len()).max().unwrap_or(0) + 2;
        for listed in &all {
            let name = Cell { text: listed.scope, width, style: sheet.paint.strong() };
            sheet.row(out, 0, &[name], &listed.words())?;
        }
        Ok(())
    })
}

impl Listed {
    fn words(&self) -> String {
        let settings = self.settings.iter().map(|(name, value)| format!("; {name} = {value}"));
        let bounds = bounds(self.flips, self.faults, self.orders);
        format!("{bounds}{}; searched by {}", settings.collect::<String>(), self.searched_by)
    }
}

/// Bounds in words.
fn bounds(flips: u8, faults: u8, orders: u8) -> String {
    let orders = match orders {
        0 => String::new(),
        orders => format!(", {}", counted(orders, "order")),
    };
    format!("{}, {}{orders}", counted(flips, "flip"), counted(faults, "fault"))
}
