//! What people should know although nothing has failed yet: told when it appears, once a day while it lasts, and when it is
//! gone.

use serde::{Deserialize, Serialize};

/// Something that would make the next failover worse, or that waits for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
}

impl Finding {
    /// Every finding.
    pub const ALL: [Self; 23] = [
        Self::Approval,
        Self::Blind,
        Self::Actions,
        Self::Disabled,
        Self::Inverted,
        Self::Checks,
        Self::Unconfirmed,
        Self::Suspended,
        Self::Starved,
        Self::Capacity,
        Self::Primary,
        Self::Stale,
        Self::Probe,
        Self::Record,
        Self::Unmoved,
        Self::Unheld,
        Self::Unreturned,
        Self::Answer,
        Self::Held,
        Self::Unarmed,
        Self::Withheld,
        Self::Disagree,
        Self::Processes,
    ];

    /// Those that are told only if they last.
    pub const LASTING: [Self; 7] = [
        Self::Probe,
        Self::Unmoved,
        Self::Unheld,
        Self::Unreturned,
        Self::Answer,
        Self::Disagree,
        Self::Processes,
    ];

    /// The word in the register and in logs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Approval => "approval",
            Self::Blind => "blind",
            Self::Actions => "actions",
            Self::Disabled => "disabled",
            Self::Inverted => "inverted",
            Self::Checks => "checks",
            Self::Unconfirmed => "unconfirmed",
            Self::Suspended => "suspended",
            Self::Starved => "starved",
            Self::Capacity => "capacity",
            Self::Primary => "primary",
            Self::Stale => "stale",
            Self::Probe => "probe",
            Self::Record => "record",
            Self::Unmoved => "unmoved",
            Self::Unheld => "unheld",
            Self::Unreturned => "unreturned",
            Self::Answer => "answer",
            Self::Held => "held",
            Self::Unarmed => "unarmed",
            Self::Withheld => "withheld",
            Self::Disagree => "disagree",
            Self::Processes => "processes",
        }
    }

    /// What is wrong, in a few words: the subject of a notice.
    #[must_use]
    pub const fn subject(self) -> &'static str {
        match self {
            Self::Approval => "the failback waits for your approval",
            Self::Blind => "the detector is blind: no data from the health check",
            Self::Actions => "the failover alarm has no enabled action",
            Self::Disabled => "a health check of the site is disabled",
            Self::Inverted => "a health check of the site is inverted",
            Self::Checks => "a health check of the site cannot be read",
            Self::Unconfirmed => "a receiver of notices is not confirmed",
            Self::Suspended => "the standby group cannot launch servers",
            Self::Starved => "the raised standby lacks healthy servers",
            Self::Capacity => "the standby may not grow to the primary's peak",
            Self::Primary => "the primary cannot take everybody back",
            Self::Stale => "the primary's peak has not been sampled for a day",
            Self::Probe => "the controller's own probe does not reach the primary",
            Self::Record => "a tag of the record cannot be read",
            Self::Unmoved => "DNS does not move to the standby",
            Self::Unheld => "the latch is closed, but DNS names the primary",
            Self::Unreturned => "DNS does not move back to the primary",
            Self::Answer => "which region DNS names cannot be told",
            Self::Held => "the standby has been raised for hours",
            Self::Unarmed => "no failover will happen: the mode is not armed",
            Self::Withheld => "the primary is down and no failover happens: not armed",
            Self::Disagree => "the primary's health check and targets disagree",
            Self::Processes => "a scaling process of a group is suspended",
        }
    }

    /// What is wrong, and what to do, as two sentences.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "a table, a line or two for each finding")]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Approval => {
                "The primary is proven back and the failback waits for a person. Release it: cargo xtask approve."
            }
            Self::Blind => {
                "The detector is blind: the failover alarm has no data, or is not evaluated. Look at the health check and the \
                 alarm in us-east-1; until they are back, a failure of the primary may go unseen."
            }
            Self::Actions => {
                "The failover alarm has no enabled action, so only the tick sees it. Enable its actions, or deploy the detector \
                 again."
            }
            Self::Disabled => {
                "A health check of the site is disabled, which Route 53 takes for healthy: DNS will not move as it should. \
                 Enable it."
            }
            Self::Inverted => {
                "A health check of the site is inverted, so healthy looks dead and dead looks healthy. Put it back, unless a \
                 drill runs."
            }
            Self::Checks => {
                "DNS may not move in an outage: a health check of the site was deleted, or the failover alarm's description does \
                 not name it, so nobody sees whether it is enabled. See what is missing: cargo xtask doctor; then \"A part of the \
                 site is gone\" in docs/runbook.md."
            }
            Self::Unconfirmed => {
                "Fewer receivers of notices have confirmed than the site file names, or none has. Confirm the e-mail from SNS; \
                 if a mail scanner followed the unsubscribe link, subscribe again."
            }
            Self::Suspended => {
                "Launch or AddToLoadBalancer is suspended on the standby group, so a raise brings no servers. Resume it: aws \
                 autoscaling resume-processes --auto-scaling-group-name <group> --scaling-processes \
                 Launch AddToLoadBalancer."
            }
            Self::Starved => {
                "The raised standby has fewer healthy targets than were asked for. Look at the group's scaling activities: \
                 capacity, quota, image, health check."
            }
            Self::Capacity => {
                "The primary's peak is more than capacity_max, so a raised standby could not carry it. Raise capacity_max, and \
                 check the quota."
            }
            Self::Primary => {
                "The primary group's maximum is below what the standby carries now. Raise its maximum before the users come back."
            }
            Self::Stale => {
                "The primary's peak has not been sampled for a day, so a raise would use an old figure. Look at the controller's \
                 log for what it cannot read."
            }
            Self::Probe => {
                "The alarm proves the primary up, but the controller's own probe does not reach it, so nothing is lowered. Look \
                 at the probe's lines in the controller's log."
            }
            Self::Record => {
                "A pilotlight:* tag of the standby group cannot be read. Nothing is lowered on it: correct the tag, or delete it."
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
            Self::Held => {
                "The standby has been raised for hours, and the failover is not finished."
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
                "AlarmNotification or ReplaceUnhealthy has been suspended on a group for an hour, so it does not follow its load \
                 or keeps unhealthy servers. Resume it by its name, because without one AWS resumes every process, those that end \
                 servers too: aws autoscaling resume-processes --auto-scaling-group-name <group> --scaling-processes \
                 AlarmNotification. Resume ReplaceUnhealthy only when no server that looks unhealthy still serves."
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
        let words = Finding::ALL.map(Finding::word);
        let distinct = |texts: [&'static str; 23]| BTreeSet::from(texts).len();
        assert_eq!(distinct(words), Finding::ALL.len());
        assert_eq!(distinct(Finding::ALL.map(Finding::subject)), Finding::ALL.len());
        assert_eq!(distinct(Finding::ALL.map(Finding::text)), Finding::ALL.len());
        for finding in Finding::ALL {
            let word = finding.word();
            assert!(!word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()));
            let subject = format!("{}, and 12 more", finding.subject());
            assert!(subject.is_ascii() && subject.len() <= 100, "{subject}");
            assert!(finding.text().ends_with('.') && finding.text().len() > 60);
        }
    }

    #[test]
    fn every_finding_stands_in_the_list_once() {
        assert_eq!(BTreeSet::from(Finding::ALL).len(), Finding::ALL.len());
    }
}
