//! `doctor`: whether everything that a site needs is there. It changes nothing.

use std::io::{self, Write};

use doctor::{Diagnosis, Finding, Machine, Outlook, Reach, Resolver, Verdict, examine, standby};
use machine::clock;
use owo_colors::Style;
use surface::colour::Paint;
use surface::exit::Exit;
use surface::flags::{DoctorFlags, Flags};
use surface::output;
use surface::sheet::{Cell, Sheet};
use surface::ticker::Ticker;

use crate::site;
use failover_words::numbers::counted;

/// Column of the verdicts, the longest of which is `warning` or `skipped`.
const VERDICT_WIDTH: usize = 9;
/// So many checks that were skipped for one reason share a line.
const SKIPS_MIN: usize = 3;

pub async fn run(flags: &Flags, doctor: &DoctorFlags) -> miette::Result<Exit> {
    let site = site::load(flags)?;
    site::note_drilled(flags, &site);
    let aws = site::aws(&site).await;
    let own = site.config.controller.resolver.map(|address| Resolver { address: Some(address) });
    let names = own.unwrap_or_else(Resolver::of_this_machine);
    let reach = Reach { cloud: &aws, premises: &aws, wiring: &aws, names: &names };
    if doctor.standby {
        let ticker = Ticker::begin("examining the standby");
        let outlook = standby(reach, &site, clock::now()).await;
        ticker.end(&summary(&outlook.diagnosis));
        output::print(flags.format, &outlook, |out| one_line(out, &outlook))?;
        return Ok(if outlook.has_errors() { Exit::Error } else { Exit::Done });
    }
    let ticker = Ticker::begin("examining the site");
    let machine = Machine::read(&machine::target(), site.config.controller.architecture).await;
    let diagnosis = examine(reach, &site, &machine, clock::now()).await;
    ticker.end(&summary(&diagnosis));
    output::print(flags.format, &diagnosis, |out| table(out, &diagnosis.findings))?;
    Ok(if diagnosis.has_errors() { Exit::Error } else { Exit::Done })
}

fn summary(diagnosis: &Diagnosis) -> String {
    let count = |word| diagnosis.count(word) as u64;
    format!(
        "{}: {} ok, {}, {}, {} skipped",
        counted(diagnosis.findings.len() as u64, "check"),
        count("ok"),
        counted(count("warning"), "warning"),
        counted(count("error"), "error"),
        count("skipped"),
    )
}

/// The line, as it is, for whoever reads it with another program; then what has to be fixed.
fn one_line(out: &mut dyn Write, outlook: &Outlook) -> io::Result<()> {
    writeln!(out, "{}", outlook.told)?;
    let troubles = outlook.diagnosis.findings.iter();
    let troubles = troubles.filter(|finding| finding.verdict.fix().is_some());
    table(out, &troubles.cloned().collect::<Vec<_>>())
}

fn table(out: &mut dyn Write, findings: &[Finding]) -> io::Result<()> {
    let sheet = Sheet::output();
    let wide = |texts: &mut dyn Iterator<Item = &str>| texts.map(str::len).max().unwrap_or(0) + 2;
    let checks = wide(&mut findings.iter().map(|finding| finding.check));
    let places = wide(&mut findings.iter().filter_map(|finding| finding.place.as_deref()));
    let mut rest = findings;
    while let [finding, others @ ..] = rest {
        let alike = 1 + others.iter().take_while(|other| is_same_skip(finding, other)).count();
        let (group, left) = rest.split_at(alike);
        rest = left;
        let verdict = &finding.verdict;
        let (name, place, told) = if alike >= SKIPS_MIN {
            let mut names: Vec<_> = group.iter().map(|finding| finding.check).collect();
            names.dedup();
            (format!("{alike} checks"), "", format!("{}: {}", verdict.told(), names.join(", ")))
        } else {
            rest = others;
            let place = finding.place.as_deref().unwrap_or_default();
            (finding.check.to_owned(), place, verdict.told().to_owned())
        };
        let cells = [
            Cell { text: verdict.word(), width: VERDICT_WIDTH, style: style(sheet.paint, verdict) },
            Cell { text: &name, width: checks, style: Style::new() },
            Cell { text: place, width: places, style: sheet.paint.faint() },
        ];
        sheet.row(out, 0, &cells, &told)?;
        if let Some(fix) = verdict.fix() {
            let hint = Cell { text: "fix: ", width: 5, style: sheet.paint.hint() };
            sheet.row(out, VERDICT_WIDTH, &[hint], fix)?;
        }
    }
    Ok(())
}

/// Whether two checks were skipped for the same reason, so that one line can tell of both.
fn is_same_skip(one: &Finding, other: &Finding) -> bool {
    matches!(one.verdict, Verdict::Skipped(_)) && one.verdict == other.verdict
}

fn style(paint: Paint, verdict: &Verdict) -> Style {
    match verdict {
        Verdict::Ok(_) => paint.good(),
        Verdict::Warning(_) => paint.strong(),
        Verdict::Error(_) => paint.bad(),
        Verdict::Skipped(_) => paint.faint(),
    }
}
