//! Every rule: what it is called, how bad it is, and why it is there. `cargo xtask check --rules` prints this list, and a test
//! holds `docs/checks.md` against it.

use serde::Serialize;

use super::finding::Severity;

/// A rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Fixed name.
    pub id: &'static str,
    /// How bad a finding of it is, as long as the finding says nothing else.
    pub severity: Severity,
    /// What it looks at.
    pub subject: Subject,
    /// What is wrong, as a heading.
    pub title: &'static str,
    /// What it would do, in one sentence.
    pub why: &'static str,
    /// The failure modes that it is about, by the numbers of the project's list. Empty: none of them.
    pub reference: &'static str,
}

/// What a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Any CloudFormation template.
    Template,
    /// A site and its own templates.
    Site,
}

/// A row for each rule: how bad it is, its name, and the failure modes that it is about, if any; its heading; what it would do.
macro_rules! rules {
    ($($subject:ident {
        $($severity:ident $id:literal $([$reference:literal])?: $title:literal, $why:literal;)+
    })+) => {
        /// Every rule: those of any template, then those of a site.
        pub const RULES: &[Rule] = &[$($(Rule {
            id: $id,
            severity: Severity::$severity,
            subject: Subject::$subject,
            title: $title,
            why: $why,
            reference: concat!($($reference)?),
        },)+)+];
    };
}

rules! {
    Template {
        Error "template-syntax":
            "not a template",
            "CloudFormation could not read it.";
        Error "template-size":
            "a template that is too large",
            "CloudFormation refuses more than 51,200 bytes in a request, which is a warning where S3 can be used, and more than 1 MB.";
        Error "template-reference":
            "a name that nothing has",
            "CloudFormation refuses the template.";
        Error "security-group-by-name":
            "a security group by name where an id is needed",
            "Names work in a default VPC alone, so that no instance starts when it matters; a warning where the file has no VPC.";
        Error "launch-template-without-groups":
            "a launch template without its security group",
            "Instances get the VPC's default group, and the load balancer is shut out.";
        Error "interface-without-groups":
            "a launch template's network interface without its security group",
            "The template's own groups do not count beside an interface; the VPC's default group shuts the load balancer out.";
        Error "desired-capacity" ["F44"]:
            "a pinned DesiredCapacity",
            "Each update sets the instance count back, in the middle of a failover too; a warning where nothing scales the group.";
        Warning "two-fleets":
            "two fleets paid for at once",
            "A standby whose sizes keep instances running costs as much as the primary, though nobody is served by it.";
        Error "grace-period" ["F63"]:
            "health checks by the load balancer without a grace period",
            "A slow boot is killed and relaunched for ever.";
        Error "warm-pool-without-hook" ["F62"]:
            "a warm pool without a launching hook",
            "An instance can be stopped before it is initialised.";
        Warning "group-size-reapplied" ["F44"]:
            "group sizes that every update applies again",
            "An update in the middle of a failover stops what the failover has started.";
        Warning "fixed-dark-size" ["F45"]:
            "a dark group whose size is no parameter",
            "An update or a change set that reverts drift, in a failover, sets the size to 0, and no live size can be given.";
        Warning "open-port":
            "a management or database port open to the world",
            "Everybody may try to sign in.";
        Error "alarm-region":
            "a health-check alarm outside us-east-1",
            "Route 53 publishes its metric in us-east-1 alone; anywhere else the alarm never has data.";
        Error "missing-data":
            "an alarm that hides blindness",
            "`ignore` and `notBreaching` make a blind detector look healthy, `breaching` fails over on a gap.";
        Error "alarm-never-fires":
            "an alarm that can never fire",
            "The health check's metric is 0 or 1, and the comparison is true for neither.";
        Error "alarm-period":
            "a period under the metric's minute",
            "Route 53 publishes once a minute; a shorter period has no data most of the time.";
        Error "alarm-dimension" ["F39"]:
            "an alarm on a fixed health check id",
            "A replaced check has a new id, and the alarm keeps watching the old one.";
        Error "record-health-check" ["F68"]:
            "a failover record without its own health check",
            "It can be answered while it is dark.";
        Error "record-target-health" ["F68"]:
            "an alias that does not evaluate its target",
            "It is answered with no server behind it.";
        Error "record-without-signal" ["F68"]:
            "a record without health signal",
            "One of several answers stays in DNS however sick its region is.";
        Error "check-of-failover-name" ["F66"]:
            "a health check on the failover name",
            "It measures whichever region DNS answers, so it turns green right after a failover.";
        Error "gate-threshold":
            "a calculated check that does not need what it gates",
            "0 is healthy for ever, too many is healthy never, and part of a gate lets users back too early.";
        Error "alarm-on-gate":
            "a failover alarm on the gate",
            "A closed latch would look like an outage.";
        Error "record-without-alarm" ["F39"]:
            "a primary record that does not follow the alarm's check",
            "Users and alarm would follow two checks.";
        Error "gate-missing-data" ["F38"]:
            "a check on an alarm that takes silence for a verdict",
            "A gap in the metric would move users.";
        Error "latch-alarm":
            "a latch alarm that Route 53 cannot follow",
            "It reads one period of one metric, not the alarm's state.";
        Error "launch-configuration":
            "a launch configuration",
            "Accounts made since October 2024 cannot create one, and a recovery account is usually new.";
        Warning "launch-template-version":
            "a pinned version of a launch template in the same file",
            "The group goes on launching that version, however the template changes.";
        Error "volume-key":
            "a volume key that Auto Scaling may not use",
            "Every launch fails, which a dark group shows first on the day of the failover.";
        Error "topic-key":
            "an alarm's topic with a key that CloudWatch may not use",
            "Every action of the alarm fails, and nobody is told.";
        Error "topic-policy":
            "an alarm's topic whose policy leaves CloudWatch out",
            "Every action of the alarm fails, and nobody is told.";
        Error "alarm-action-region":
            "an alarm action in another region",
            "CloudWatch refuses the alarm.";
        Error "metric-check-alarm":
            "a health check on an alarm that Route 53 cannot follow",
            "It evaluates one metric of standard resolution by itself, without percentiles, metric math or M out of N.";
        Error "target-group-without-listener":
            "a target group that no listener uses",
            "Its servers run and serve nobody.";
        Error "tls13-alone":
            "TLS 1.3 alone behind an HTTPS health check",
            "Route 53's health checkers speak TLS 1.2 at most, so the region is never healthy.";
        Error "origin-group-methods":
            "a CloudFront behavior that takes POST and asks an origin group",
            "CloudFront refuses the distribution: a request that changes something cannot be asked twice.";
    }
    Site {
        Error "egress-region":
            "a proof of egress inside the site",
            "It cannot tell our silence from the region's.";
        Error "parameter-unknown":
            "a value for a parameter that does not exist",
            "CloudFormation refuses it.";
        Error "parameter-value":
            "a value that the template does not allow",
            "CloudFormation refuses it.";
        Error "parameter-missing":
            "a parameter without a value",
            "CloudFormation refuses it.";
        Error "output-missing":
            "an output that another stack needs and that does not exist",
            "The next wave has no value.";
        Error "setting-default":
            "a default other than the policy's",
            "A template alone would decide otherwise.";
        Error "setting-fed":
            "a setting that does not reach the controller",
            "The site file would be ignored.";
    }
}

/// A rule by its id.
#[must_use]
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}
