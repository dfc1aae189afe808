//! What people should know although nothing has failed yet: told when it appears, once a day while it lasts, and when it is
//! gone.

use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

/// Letters of a word that tell it from every other one.
pub(crate) const MARK_LEN: usize = 5;

/// Something that would make the next failover worse, or that waits for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Finding {
    /// The failback is ready and waits for a person.
    Approval,
    /// The detector is blind: no data, or CloudWatch does not evaluate the alarm.
    Blind,
    /// The alarm's actions are disabled, or it has none.
    Actions,
    /// A health check of the site is disabled: healthy for ever.
    Disabled,
    /// A health check of the site is inverted, probably since a drill.
    Inverted,
    /// A health check of the site cannot be read: deleted, or not named by the failover alarm.
    #[strum(serialize = "check")]
    Checks,
    /// Fewer receivers of notices have confirmed than the site asks for.
    Unconfirmed,
    /// The standby group's `Launch` or `AddToLoadBalancer` is suspended.
    Suspended,
    /// The raised standby has had fewer healthy targets than asked for, for too long.
    Starved,
    /// The primary's peak is more than the standby may be raised to.
    Capacity,
    /// The primary's maximum is below what the standby carries now: it cannot take everybody back.
    Primary,
    /// The capacity ring has not been fed for a day.
    Stale,
    /// Everything else proves the primary up; our own probe does not.
    Probe,
    /// A register of the record cannot be read.
    Record,
    /// The primary is down, the standby has healthy servers, and DNS does not name it.
    Unmoved,
    /// The latch is closed, and DNS names the primary.
    Unheld,
    /// The latch is open and the alarm reads OK, and DNS names the standby.
    Unreturned,
    /// Nobody can tell which region DNS names.
    Answer,
    /// Route 53's verdict cannot be read.
    Verdict,
    /// Route 53's verdict and the failover alarm say different things of the same health check.
    Split,
    /// The standby has been raised for hours, and the failover is not finished.
    Held,
    /// The mode is not armed.
    Unarmed,
    /// The primary is down, and nothing is done because the mode is not armed.
    Withheld,
    /// The primary's health check and its targets disagree.
    Disagree,
    /// A group does not follow its load or keeps unhealthy servers: a scaling process is suspended.
    Processes,
    /// DNS has named the primary for long, and clients still ask the standby.
    Busy,
    /// The standby is raised, and the failover is not finished. The notices of its steps tell it; it is told where they were
    /// lost. The last one, because whatever else is wrong is more to the point.
    Failover,
}

impl Finding {
    /// Every finding.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// Those that are told only if they last.
    pub const LASTING: [Self; 10] = [
        Self::Probe,
        Self::Unmoved,
        Self::Unheld,
        Self::Unreturned,
        Self::Answer,
        Self::Verdict,
        Self::Split,
        Self::Disagree,
        Self::Processes,
        Self::Busy,
    ];

    /// The word in notices and in logs.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// The first five letters of its word: its name in the tag `findings`, where 30 of them must fit.
    #[must_use]
    pub fn mark(self) -> &'static str {
        let word = self.word();
        word.get(..MARK_LEN).unwrap_or(word)
    }

    /// The finding of that mark, or of that word, which earlier versions wrote.
    pub(crate) fn marked(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|finding| [finding.mark(), finding.word()].contains(&text))
    }

    /// What is wrong, in a few words: the subject of a notice.
    #[must_use]
    pub const fn subject(self) -> &'static str {
        match self {
            Self::Failover => "a failover is under way",
            Self::Approval => "the failback waits for your approval",
            Self::Blind => "a failure of the primary may go unseen: no data from the health check",
            Self::Actions => "the failover alarm has no enabled action",
            Self::Disabled => "a health check of the site is disabled",
            Self::Inverted => "a health check of the site is inverted",
            Self::Checks => "a health check of the site cannot be read",
            Self::Unconfirmed => "a receiver of notices is not confirmed",
            Self::Suspended => "the standby group cannot launch servers",
            Self::Starved => "the raised standby lacks healthy servers",
            Self::Capacity => "a raised standby could not carry the primary's peak",
            Self::Primary => "the primary could not take everybody back",
            Self::Stale => "the primary's peak has not been sampled for a day",
            Self::Probe => "the controller's own probe does not reach the primary",
            Self::Record => "a tag of the record cannot be read",
            Self::Unmoved => "DNS does not move to the standby",
            Self::Unheld => "the latch is closed, but DNS names the primary",
            Self::Unreturned => "DNS does not move back to the primary",
            Self::Answer => "which region DNS names cannot be told",
            Self::Verdict => "Route 53's verdict on the primary cannot be read",
            Self::Split => "Route 53's verdict and the failover alarm disagree",
            Self::Held => "the standby has been raised for hours",
            Self::Unarmed => "no failover will happen: the mode is not armed",
            Self::Withheld => "the primary is down and no failover happens: not armed",
            Self::Disagree => "the primary's health check and targets disagree",
            Self::Processes => "a scaling process of a group is suspended",
            Self::Busy => "clients still use the standby",
        }
    }

    /// What it leads to, why, and what to do.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "a table, a few lines for each finding")]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Failover => {
                "Users are on the standby, or will be: it is raised, and the failover is not finished. See how far it is: cargo \
                 xtask status."
            }
            Self::Approval => {
                "Users stay on the standby until a person releases the failback; the primary is proven up. Release it: cargo \
                 xtask approve."
            }
            Self::Blind => {
                "A failure of the primary may go unseen: the failover alarm has no data, or CloudWatch does not evaluate it. Look \
                 at the health check and the alarm: cargo xtask status; then \"us-east-1 is dark\" in docs/runbook.md."
            }
            Self::Actions => {
                "A failover starts up to a minute late: the failover alarm has no enabled action, so only the controller's tick \
                 sees it. Enable them: aws cloudwatch enable-alarm-actions --region us-east-1 --alarm-names <alarm>. If they are \
                 gone: \"A part of the site is gone\" in docs/runbook.md."
            }
            Self::Disabled => {
                "DNS will not move as it should: a health check of the site is disabled, and Route 53 counts it as healthy. Enable \
                 it: \"DNS does not move\" in docs/runbook.md."
            }
            Self::Inverted => {
                "DNS will move the wrong way: a health check of the site is inverted, so Route 53 takes healthy for unhealthy. \
                 Unless a drill runs, put it back: cargo xtask drill restore."
            }
            Self::Checks => {
                "DNS may not move in an outage: a health check of the site was deleted, or the failover alarm's description does \
                 not name it, so nobody sees whether it is enabled. See what is missing: cargo xtask doctor; then \"A part of the \
                 site is gone\" in docs/runbook.md."
            }
            Self::Unconfirmed => {
                "Fewer people than the site file names hear of an outage: a receiver of notices has not confirmed, or has \
                 unsubscribed. Confirm the e-mail from SNS; if a mail scanner followed the unsubscribe link, subscribe again."
            }
            Self::Suspended => {
                "A raise brings no servers: Launch or AddToLoadBalancer is suspended on the standby group. Resume them: aws \
                 autoscaling resume-processes --auto-scaling-group-name <group> --scaling-processes Launch AddToLoadBalancer."
            }
            Self::Starved => {
                "Users may be refused: the raised standby has fewer healthy targets than were asked for. Look for capacity, quota, \
                 image and health check: \"The standby does not get healthy\" in docs/runbook.md."
            }
            Self::Capacity => {
                "A raised standby could not carry the load: the primary's peak is more than capacity_max allows. Raise \
                 capacity_max and the vCPU quota, then run cargo xtask deploy."
            }
            Self::Primary => {
                "The primary could not take everybody back: its group's maximum is below what the standby carries now. Raise that \
                 maximum before the users return."
            }
            Self::Stale => {
                "A raise would use an old figure: the primary's peak has not been sampled for a day. Look at the controller's log \
                 for what it cannot read: cargo xtask explain."
            }
            Self::Probe => {
                "Nothing is lowered: the alarm shows the primary up, but the controller's own probe does not reach it. Look at the \
                 probe's lines in the controller's log; if Amazon did not issue the primary's certificate, set ca_bundle in [tls]."
            }
            Self::Record => {
                "Nothing is lowered: a pilotlight:* tag of the standby group cannot be read. Correct the tag: \"The record cannot \
                 be read\" in docs/runbook.md says how for each."
            }
            Self::Unmoved => {
                "Users still reach the failed primary: the standby has healthy servers, and DNS does not name it. Check in Route 53 \
                 that no health check of the site is disabled or inverted and that the standby's passes; then \"DNS does not \
                 move\" in docs/runbook.md."
            }
            Self::Unheld => {
                "Nothing holds the users at the standby: the latch is closed, and DNS names the primary. Check the latch's health \
                 check and alarm; then \"DNS does not move\" in docs/runbook.md."
            }
            Self::Unreturned => {
                "Users stay at the standby: the latch is open and the alarm reads OK, and DNS still names the standby. Check in \
                 Route 53 that the health check of the primary's record is enabled and not inverted; then \"DNS does not move\" \
                 in docs/runbook.md."
            }
            Self::Answer => {
                "Nothing will be lowered, because nobody can tell which region DNS names: its answer is missing, foreign, or of \
                 both regions. Check the site's records and the controller's resolver; then \"DNS does not move\" in \
                 docs/runbook.md."
            }
            Self::Verdict => {
                "A failover starts a minute or two later, and nothing is lowered: the zone's name servers do not answer Route \
                 53's verdict, or not alike. Check the two records and the servers' names: \"The verdict cannot be read\" in \
                 docs/runbook.md."
            }
            Self::Split => {
                "A failover may happen for nothing, or late: Route 53's verdict and the failover alarm say different things of \
                 the primary, for longer than the alarm lags behind. Compare what each of them reads: \"The verdict cannot be \
                 read\" in docs/runbook.md."
            }
            Self::Held => {
                "Both fleets run and cost money: the standby has been raised for hours, and the failover is not finished."
            }
            Self::Unarmed => {
                "No failover will happen: the mode is not armed. Arm the controller when you are done: cargo xtask mode armed."
            }
            Self::Withheld => {
                "No failover will happen: the primary is down, and the mode is not armed. Arm the controller: cargo xtask mode \
                 armed."
            }
            Self::Disagree => {
                "A failover may come too late or for nothing: the primary's health check and its load balancer's targets \
                 disagree. Compare health path, port, WAF and security groups of the two."
            }
            Self::Processes => {
                "A group does not follow its load or keeps unhealthy servers: AlarmNotification or ReplaceUnhealthy has been \
                 suspended for an hour. Resume it by its name, because without one AWS resumes every process, those that end \
                 servers too: aws autoscaling resume-processes --auto-scaling-group-name <group> --scaling-processes \
                 AlarmNotification. Resume ReplaceUnhealthy only when no server that looks unhealthy still serves."
            }
            Self::Busy => {
                "The standby is not lowered: DNS has named the primary for an hour and clients still ask the standby for pages, or \
                 their requests cannot be counted. Find who keeps its address or a connection; to lower it all the same: cargo \
                 xtask failback."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Finding;

    #[test]
    fn every_finding_has_its_own_word_subject_and_text() {
        let distinct = |text: fn(Finding) -> &'static str| {
            Finding::ALL.iter().copied().map(text).collect::<BTreeSet<_>>().len()
        };
        for text in [Finding::word, Finding::mark, Finding::subject, Finding::text] {
            assert_eq!(distinct(text), Finding::ALL.len());
        }
        for &finding in Finding::ALL {
            let word = finding.word();
            assert!(!word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()));
            let subject = format!("{}, and 12 more", finding.subject());
            assert!(subject.is_ascii() && subject.len() <= 100, "{subject}");
            assert!(finding.text().ends_with('.') && finding.text().len() > 60);
        }
    }

    /// A section that a text names must be there, and whoever got the notice must find its subject in the runbook's table.
    #[test]
    fn every_finding_is_in_the_runbook_and_names_sections_that_exist() {
        let runbook = include_str!("../../../docs/runbook.md");
        for &finding in Finding::ALL {
            let row = format!("| {} |", finding.subject());
            assert!(runbook.contains(&row), "no row begins with: {row}");
            for (before, _) in finding
                .text()
                .match_indices("\" in docs/runbook.md")
                .map(|(at, _)| finding.text().split_at(at))
            {
                let (_, section) = before.rsplit_once('"').expect("a quoted name");
                assert!(runbook.contains(&format!("## {section}\n")), "{section}");
            }
        }
    }
}
