//! A journal as text.

use std::fmt;

use failover_core::invariant::Verdict;

use super::words;
use crate::journal::{Compared, DecisionLine, Journal, Mark, Shortened};

impl fmt::Display for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "timeline")?;
        for mark in &self.marks {
            write!(f, "{mark}")?;
        }
        self.write_phases(f)?;
        self.write_users(f)?;
        self.write_decisions(f)?;
        self.write_invariants(f)?;
        self.write_shortened(f)?;
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

impl Journal {
    fn write_phases(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.phases.is_empty() {
            return Ok(());
        }
        writeln!(f, "\n{:<38}{:>8}  {:>18}", "phases of the recovery", "measured", "predicted")?;
        for compared in self.compared() {
            let Compared { name, seconds, predicted } = compared;
            let seconds =
                seconds.map_or_else(|| "not seen".to_owned(), |took| format!("{took:.1} s"));
            let expected = predicted.map_or_else(
                || "-".to_owned(),
                |expected| format!("{:.1} s, p95 {:.1} s", expected.p50, expected.p95),
            );
            let beyond = if compared.is_beyond() { "  BEYOND its p95" } else { "" };
            writeln!(f, "  {name:<36} {seconds:>8}  {expected:>18}{beyond}")?;
        }
        Ok(())
    }

    fn write_shortened(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.shortened.is_empty() {
            return Ok(());
        }
        writeln!(f, "\nshortened against AWS")?;
        for Shortened { what, aws, drill } in &self.shortened {
            writeln!(f, "  {what:<28} {aws:>8} -> {drill}")?;
        }
        Ok(())
    }

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
        for DecisionLine { at, reason, times, wrote, .. } in &self.decisions {
            let at = at.strftime("%H:%M:%S");
            let times = if *times > 1 { format!(" x{times}") } else { String::new() };
            let wrote = wrote.as_deref().map(|wrote| format!("  {wrote}")).unwrap_or_default();
            writeln!(f, "  {at}  {:<20}{wrote}", format!("{reason}{times}"))?;
        }
        Ok(())
    }

    fn write_invariants(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\ninvariants over the decision records")?;
        for verdict in &self.invariants {
            let word = words::judged(verdict);
            let Verdict { id, statement, checked, .. } = verdict;
            writeln!(f, "  {id:<4} {word:<8} {checked:>4}  {statement}")?;
            for violation in &verdict.violations {
                writeln!(f, "         {violation}")?;
            }
        }
        Ok(())
    }

    fn write_verdict(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}: the standby served {} after the primary died; the failback took {}; {}",
            if self.passed() { "passed" } else { "MISSED" },
            words::seconds(self.recovery_seconds),
            words::seconds(self.failback_seconds),
            if self.left_behind.is_empty() { "nothing is left" } else { "something is left" },
        )?;
        if let Some(dark) = self.dark_seconds {
            writeln!(
                f,
                "with us-east-1 dark the standby served {dark:.1} s after the primary died"
            )?;
        }
        match (self.in_time(), self.target_seconds) {
            (Some(false), Some(target)) => writeln!(f, "later than the target of {target:.0} s"),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.starts_act {
            writeln!(f, "  {:>6.1} s            {}", self.at_seconds, self.what)
        } else {
            let act = format!("+{:.1} s", self.act_seconds);
            writeln!(f, "  {:>6.1} s  {act:>8}  {}", self.at_seconds, self.what)
        }
    }
}
