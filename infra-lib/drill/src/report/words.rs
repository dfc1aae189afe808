//! What every rendering says in the same words.

use failover_core::invariant::Verdict;

use crate::journal::{Journal, Level, Mark};

/// A length of time, or that there is none.
pub(super) fn seconds(value: Option<f64>) -> String {
    value.map_or_else(|| "never".to_owned(), |value| format!("{value:.1} s"))
}

/// A length of time, or nothing.
pub(super) fn number(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| format!("{value:.1} s"))
}

/// When a mark was in its act, unless it starts one.
pub(super) fn act(mark: &Mark) -> String {
    if mark.starts_act { String::new() } else { format!("+{:.1} s", mark.act_seconds) }
}

/// The drill in one sentence.
pub(super) fn headline(journal: &Journal) -> String {
    let site = &journal.site;
    match (journal.level, journal.recovery_seconds) {
        (Level::Shadow, Some(took)) => format!("The standby of {site} served in {took:.1} s"),
        (Level::Shadow, None) => format!("The standby of {site} did not serve"),
        (Level::Local | Level::Dns | Level::Live, Some(took)) => {
            format!("{site} failed over in {took:.1} s")
        }
        (Level::Local | Level::Dns | Level::Live, None) => format!("{site} did not fail over"),
    }
}

/// Where the drill was, and when.
pub(super) fn place(journal: &Journal) -> String {
    let level = match journal.level {
        Level::Local => "on one machine, against an emulated AWS",
        Level::Shadow => "the standby alone; nobody was moved",
        Level::Dns => "under a host name of its own",
        Level::Live => "under the site's real name",
    };
    let at = journal.started_at.strftime("%-d %B %Y, %H:%M UTC");
    format!("Failover drill `{}`, {level} · {at}", journal.level.word())
}

/// Why its times are not AWS's, if they are not.
pub(super) fn caveat(journal: &Journal) -> Option<&'static str> {
    (!journal.is_measured_truth()).then_some(
        "This drill ran with a shortened clock. It shows that everything works together and in which order; how long \
         AWS takes it does not say. Predictions are by the same shortened clock.",
    )
}

/// How many invariants hold, of those that applied.
pub(super) fn held(journal: &Journal) -> (usize, usize) {
    let met = || journal.invariants.iter().filter(|verdict| verdict.checked > 0);
    (met().filter(|verdict| verdict.holds()).count(), met().count())
}

/// What the records say of an invariant.
pub(super) fn judged(verdict: &Verdict) -> &'static str {
    match (verdict.holds(), verdict.checked) {
        (false, _) => "BROKEN",
        (true, 0) => "not met",
        (true, _) => "holds",
    }
}

/// A share of a whole in percent.
pub(super) fn percent(part: u64, whole: u64) -> String {
    let float = |number: u64| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    if whole == 0 {
        "0 %".to_owned()
    } else {
        format!("{:.1} %", float(part) / float(whole) * 100.0)
    }
}

/// What went wrong, in the order of weight. Empty in a drill that passed.
pub(super) fn wrong(journal: &Journal) -> Vec<String> {
    let late = (journal.in_time() == Some(false)).then(|| {
        let (took, target) = (seconds(journal.recovery_seconds), seconds(journal.target_seconds));
        format!("later than the target: {took} of {target}")
    });
    let unmet = journal.preconditions.iter().filter(|precondition| !precondition.met);
    let unmet =
        unmet.map(|one| format!("was not so before the drill: {} ({})", one.what, one.seen));
    let broken = journal.invariants.iter().filter(|verdict| !verdict.holds());
    let broken = broken.map(|one| format!("invariant {} is broken: {}", one.id, one.statement));
    let missed = journal.missed.iter().map(|what| format!("missed: {what}"));
    let left = journal.left_behind.iter().map(|what| format!("left behind: {what}"));
    missed.chain(late).chain(unmet).chain(broken).chain(left).collect()
}
