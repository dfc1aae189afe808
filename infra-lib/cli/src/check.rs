//! `check`: mistakes that can be found without asking AWS.

use std::io::{self, Write};
use std::path::Path;

use ::site::model::Site;
use check::{Finding, RULES, Replacement, Rule, Severity, SiteFile};
use owo_colors::{OwoColorize, Style};
use surface::colour::Paint;
use surface::exit::Exit;
use surface::flags::{CheckFlags, Flags};
use surface::output;
use surface::sheet::{Cell, Sheet};

use crate::site;
use failover_words::numbers::counted;

pub fn run(flags: &Flags, check: &CheckFlags) -> miette::Result<Exit> {
    if check.rules {
        return output::print(flags.format, &RULES, |out| table(out, RULES));
    }
    if let Some(id) = &check.explain {
        let rule = check::rule(id).ok_or_else(|| unknown(id))?;
        return output::print(flags.format, rule, |out| explained(out, rule));
    }
    if let (Some(file), Some(region)) = (&check.template, &check.region) {
        return template(flags, file, region);
    }
    let site = site::load(flags)?;
    if check.replacements {
        let found = check::replacements(&site);
        return output::print(flags.format, &found, |out| replacements(out, &found));
    }
    told(flags, &findings(flags, &site), &stacks(&site))
}

/// What is wrong, and where in the site file if it comes from there.
fn findings(flags: &Flags, site: &Site) -> Vec<Finding> {
    let text = std::fs::read_to_string(&flags.site).unwrap_or_default();
    let file = SiteFile::new(flags.site.display().to_string(), text);
    check::check_with(site, Some(&file))
}

/// Stops a deploy that could only fail, or fail in an outage.
pub fn must_pass(flags: &Flags, site: &Site) -> miette::Result<()> {
    let findings = findings(flags, site);
    for finding in &findings {
        output::note(finding);
    }
    if blocks(&findings) {
        return Err(miette::miette!(
            code = "check",
            help = "correct what is listed above; `cargo xtask check` lists it again",
            "the site cannot be deployed: {}",
            summary(&findings, &stacks(site))
        ));
    }
    Ok(())
}

fn template(flags: &Flags, file: &Path, region: &str) -> miette::Result<Exit> {
    let region = check::region(region)?;
    told(flags, &check::check_file(file, &region)?, "1 template")
}

fn told(flags: &Flags, findings: &[Finding], what: &str) -> miette::Result<Exit> {
    output::print(flags.format, &findings, |out| {
        let paint = Paint::output();
        for (number, finding) in findings.iter().enumerate() {
            if number > 0 {
                writeln!(out)?;
            }
            let style = match finding.severity {
                Severity::Error => paint.bad(),
                Severity::Warning => paint.strong(),
            };
            let text = finding.to_string();
            let (head, rest) = text.split_once(": ").unwrap_or((&text, ""));
            writeln!(out, "{}: {rest}", head.style(style))?;
        }
        Ok(())
    })?;
    output::note(format_args!("{}", summary(findings, what)));
    Ok(if blocks(findings) { Exit::Error } else { Exit::Done })
}

fn blocks(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Error)
}

fn stacks(site: &Site) -> String {
    counted(site.stacks.len() as u64, "stack")
}

fn summary(findings: &[Finding], what: &str) -> String {
    let found = match findings.len() {
        0 => "no findings".to_owned(),
        count => counted(count as u64, "finding"),
    };
    format!("{what} checked, {found}")
}

fn unknown(id: &str) -> miette::Report {
    miette::miette!(
        code = "usage",
        help = "`cargo xtask check --rules` lists them all",
        "there is no rule called `{id}`"
    )
}

fn table(out: &mut dyn Write, rules: &[Rule]) -> io::Result<()> {
    let sheet = Sheet::output();
    let wide = |texts: &mut dyn Iterator<Item = &str>| texts.map(str::len).max().unwrap_or(0) + 2;
    let ids = wide(&mut rules.iter().map(|rule| rule.id));
    let severities = wide(&mut rules.iter().map(|rule| rule.severity.as_str()));
    for rule in rules {
        let cells = [
            Cell { text: rule.id, width: ids, style: sheet.paint.strong() },
            Cell { text: rule.severity.as_str(), width: severities, style: Style::new() },
        ];
        sheet.row(out, 0, &cells, &format!("{}{}", rule.title, reference(rule)))?;
    }
    Ok(())
}

fn explained(out: &mut dyn Write, rule: &Rule) -> io::Result<()> {
    let sheet = Sheet::output();
    let Rule { id, severity, title, why, .. } = rule;
    writeln!(out, "{}", format_args!("{severity}[{id}]: {title}").style(sheet.paint.strong()))?;
    sheet.row(out, 0, &[], &format!("{why}{}", reference(rule)))
}

/// The failure modes in brackets, if there are any.
fn reference(rule: &Rule) -> String {
    if rule.reference.is_empty() { String::new() } else { format!(" ({})", rule.reference) }
}

fn replacements(out: &mut dyn Write, found: &[Replacement]) -> io::Result<()> {
    let sheet = Sheet::output();
    let mut last = String::new();
    for Replacement { template, parameter, resources, effect } in found {
        let head = format!("{template}.{parameter}");
        if head != last {
            writeln!(out, "{}", head.style(sheet.paint.strong()))?;
        }
        last = head;
        let told = match resources.as_slice() {
            [] => (*effect).to_owned(),
            [one] => format!("{one} is replaced: {effect}"),
            several => format!("{} are replaced: {effect}", several.join(", ")),
        };
        sheet.row(out, 2, &[], &told)?;
    }
    Ok(())
}
