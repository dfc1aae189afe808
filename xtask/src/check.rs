//! `check`: mistakes that can be found without asking AWS.

use infra_lib::check::{self, Finding, Severity};
use infra_lib::model::Site;

use crate::exit::Exit;
use crate::flags::Flags;
use crate::site;
use crate::ui::output;

pub fn run(flags: &Flags) -> miette::Result<Exit> {
    let site = site::load(flags)?;
    let findings = check::check(&site);
    output::print(flags.format, &findings, |out| {
        findings.iter().try_for_each(|finding| writeln!(out, "{finding}"))
    })?;
    output::note(format_args!("{}", summary(&findings, &site)));
    Ok(if blocks(&findings) { Exit::Error } else { Exit::Done })
}

/// Stops a deploy that could only fail, or fail in an outage.
pub fn must_pass(site: &Site) -> miette::Result<()> {
    let findings = check::check(site);
    for finding in &findings {
        output::note(finding);
    }
    if blocks(&findings) {
        return Err(miette::miette!(
            code = "check",
            help = "put right what is listed above; `cargo xtask check` lists it again",
            "the site cannot be deployed as it is: {}",
            summary(&findings, site)
        ));
    }
    Ok(())
}

fn blocks(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Error)
}

fn summary(findings: &[Finding], site: &Site) -> String {
    let stacks = site.stacks.len();
    match findings.len() {
        0 => format!("{stacks} stacks checked, no findings"),
        1 => format!("{stacks} stacks checked, 1 finding"),
        count => format!("{stacks} stacks checked, {count} findings"),
    }
}
