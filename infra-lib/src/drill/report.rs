//! What a drill found, as one struct: printed as text, serialised as JSON.

use std::fmt;

use failover_core::invariant::Verdict;
use serde::Serialize;

/// Version of the JSON form; grows when a field changes its meaning.
pub const SCHEMA: u16 = 1;

/// What a drill found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: u16,
    /// Host name of the site.
    pub site: String,
    /// What is shorter here than on AWS.
    pub shortened: Vec<Shortened>,
    /// What happened, in order.
    pub timeline: Vec<Mark>,
    /// From the primary's death to the first page from the standby. Units: seconds.
    pub recovery_seconds: Option<f64>,
    /// From the primary's return to a closed record. Units: seconds.
    pub failback_seconds: Option<f64>,
    /// What the users got.
    pub clients: ClientTally,
    /// What the controller decided; repeats are counted.
    pub decisions: Vec<DecisionLine>,
    /// The invariants over every decision record.
    pub invariants: Vec<Verdict>,
    /// What still stands after the destruction.
    pub left_behind: Vec<String>,
    /// What did not happen in time, or went wrong. Empty in a drill that passed.
    pub missed: Vec<String>,
}

/// A time that is shorter here than on AWS.
#[derive(Clone, Debug, Serialize)]
pub struct Shortened {
    /// Which.
    pub what: &'static str,
    /// On AWS.
    pub aws: String,
    /// Here.
    pub drill: String,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mark {
    /// Time since the drill's clock started. Units: seconds.
    pub at_seconds: f64,
    /// Time since the last mark that starts a phase. Units: seconds.
    pub phase_seconds: f64,
    /// Whether a phase starts here.
    pub starts_phase: bool,
    /// What happened.
    pub what: String,
}

/// What the users got.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ClientTally {
    /// Requests sent.
    pub sent: u64,
    /// Pages served by the primary region.
    pub from_primary: u64,
    /// Pages served by the standby region.
    pub from_standby: u64,
    /// Requests without a page.
    pub lost: u64,
    /// Of these, lost after the primary came back.
    pub lost_in_failback: u64,
    /// Longest time without any page. Units: seconds.
    pub gap_longest_seconds: f64,
}

/// Decisions of the same kind in a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DecisionLine {
    /// When the first was made.
    pub at: String,
    /// Name of the reason.
    pub reason: &'static str,
    /// How many in a row.
    pub times: u32,
    /// What was written, if anything.
    pub wrote: Option<String>,
}

impl Report {
    /// Whether everything happened in time, every invariant held, and nothing is left.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.missed.is_empty()
            && self.left_behind.is_empty()
            && self.invariants.iter().all(Verdict::holds)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "timeline")?;
        for mark in &self.timeline {
            write!(f, "{mark}")?;
        }
        self.write_users(f)?;
        self.write_decisions(f)?;
        self.write_invariants(f)?;
        writeln!(f, "\nshortened against AWS")?;
        for Shortened { what, aws, drill } in &self.shortened {
            writeln!(f, "  {what:<28} {aws:>8} -> {drill}")?;
        }
        writeln!(f)?;
        for missed in &self.missed {
            writeln!(f, "missed: {missed}")?;
        }
        for left in &self.left_behind {
            writeln!(f, "left behind: {left}")?;
        }
        self.write_verdict(f)
    }
}

impl Report {
    fn write_users(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let users = &self.clients;
        writeln!(f, "\nusers")?;
        writeln!(
            f,
            "  {} requests: {} served by the primary, {} by the standby, {} lost ({} of them in the failback)",
            users.sent, users.from_primary, users.from_standby, users.lost, users.lost_in_failback
        )?;
        writeln!(f, "  longest time without a page: {:.1} s", users.gap_longest_seconds)
    }

    fn write_decisions(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\ndecisions")?;
        for DecisionLine { at, reason, times, wrote } in &self.decisions {
            let times = if *times > 1 { format!(" x{times}") } else { String::new() };
            let wrote = wrote.as_deref().map(|wrote| format!("  {wrote}")).unwrap_or_default();
            writeln!(f, "  {at}  {:<20}{wrote}", format!("{reason}{times}"))?;
        }
        Ok(())
    }

    fn write_invariants(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\ninvariants over the decision records")?;
        for verdict in &self.invariants {
            let word = match (verdict.holds(), verdict.checked) {
                (false, _) => "BROKEN",
                (true, 0) => "not met",
                (true, _) => "holds",
            };
            let Verdict { id, statement, checked, .. } = verdict;
            writeln!(f, "  {id:<4} {word:<8} {checked:>4}  {statement}")?;
            for violation in &verdict.violations {
                writeln!(f, "         {violation}")?;
            }
        }
        Ok(())
    }

    fn write_verdict(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = |value: Option<f64>| {
            value.map_or_else(|| "never".to_owned(), |value| format!("{value:.1} s"))
        };
        writeln!(
            f,
            "{}: the standby served {} after the primary died; the failback took {}; {}",
            if self.passed() { "passed" } else { "MISSED" },
            seconds(self.recovery_seconds),
            seconds(self.failback_seconds),
            if self.left_behind.is_empty() { "nothing is left" } else { "something is left" },
        )
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.starts_phase {
            writeln!(f, "  {:>6.1} s            {}", self.at_seconds, self.what)
        } else {
            let phase = format!("+{:.1} s", self.phase_seconds);
            writeln!(f, "  {:>6.1} s  {phase:>8}  {}", self.at_seconds, self.what)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let verdict = Verdict { id: "S1", statement: "holds", checked: 1, violations: Vec::new() };
        Report {
            schema: SCHEMA,
            site: "shop.example.com".to_owned(),
            shortened: Vec::new(),
            timeline: Vec::new(),
            recovery_seconds: Some(9.7),
            failback_seconds: Some(73.0),
            clients: ClientTally::default(),
            decisions: Vec::new(),
            invariants: vec![verdict],
            left_behind: Vec::new(),
            missed: Vec::new(),
        }
    }

    #[test]
    fn a_drill_passes_only_if_nothing_is_missed_broken_or_left() {
        assert!(report().passed());
        let missed = Report { missed: vec!["DNS answers the standby".to_owned()], ..report() };
        let left = Report { left_behind: vec!["us-east-2 group".to_owned()], ..report() };
        let mut broken = report();
        broken.invariants[0].violations.push("lowered in the dark".to_owned());
        for (report, told) in
            [(missed, "missed: DNS"), (left, "left behind: us-east-2"), (broken, "BROKEN")]
        {
            assert!(!report.passed());
            let text = report.to_string();
            assert!(
                text.contains("MISSED: the standby served 9.7 s") && text.contains(told),
                "{text}"
            );
        }
    }
}
