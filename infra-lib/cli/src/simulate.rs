//! `simulate`: how long a failover of this site takes, and what would change it.

mod calibrate;
mod chart;
mod report;
pub mod setup;
mod text;

use failover_sim::timeline::Phases;
use miette::{Context, IntoDiagnostic};
use surface::exit::Exit;
use surface::flags::{Flags, SimulateFlags};
use surface::output;
use surface::sheet::Sheet;

use self::report::Report;
use crate::site;

pub fn run(flags: &Flags, simulate: &SimulateFlags) -> miette::Result<Exit> {
    let site = site::load(flags)?;
    let phases = phases(simulate)?;
    if let Some(out) = &simulate.out {
        return calibrate::run(flags, simulate, (&site, phases), out);
    }
    let report = Report::new(&site, &phases, simulate)?;
    if let Some(file) = &simulate.svg {
        let failed = || format!("cannot write the chart: `{}`", file.display());
        std::fs::write(file, chart::svg(&report)).into_diagnostic().wrap_err_with(failed)?;
        output::note(format_args!("a chart of {} in {}", report.site, file.display()));
    }
    output::print(flags.format, &report, |out| text::write(out, &Sheet::output(), &report))
}

fn phases(simulate: &SimulateFlags) -> miette::Result<Phases> {
    let Some(file) = &simulate.phases else { return Ok(Phases::built_in()) };
    let name = file.display();
    let text = std::fs::read_to_string(file).into_diagnostic();
    let text = text.wrap_err_with(|| format!("cannot read the file of phases: `{name}`"))?;
    Phases::from_toml(&text).map_err(|error| {
        miette::miette!(
            code = "phases",
            help =
                "begin with the file that ships: functions/failover-sim/src/timeline/phases.toml",
            "the file of phases is not valid: `{name}`: {error}"
        )
    })
}
