//! Why an invocation runs. A signal is a hint to look, never a command.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::observation::{AlarmState, Mode};
use crate::record::Demand;
use crate::time::Timestamp;

/// What woke the controller.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// An alarm event. What it claims is believed only when the alarm itself cannot be read, and then only towards raising.
    Alarm(Claim),
    /// The scheduled invocation.
    Tick,
    /// A look between two ticks. It may raise, and does nothing else.
    Look {
        /// The look before this one found the primary down by our own probe as well. The shell knows; no message says it.
        again: bool,
    },
    /// A developer or an operator asks what would be decided; nothing is written.
    Rehearsal,
    /// An operator asks for something.
    Request(Request),
    /// Something else: another alarm, a test message, garbage. It still reconciles.
    Unreadable {
        /// What was wrong with it, in words for the log.
        detail: String,
    },
}

/// What an alarm event says of its alarm.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Claim {
    /// The state that the alarm changed to.
    pub state: AlarmState,
    /// When it changed, by CloudWatch's clock.
    pub at: Timestamp,
}

/// What an operator asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Request {
    /// What is asked.
    pub what: Wish,
    /// [`Raised::at`](crate::record::Raised::at) of the failover that the operator saw. `None`: whichever is present.
    pub episode: Option<Timestamp>,
    /// When it was asked, by the operator's clock.
    pub at: Timestamp,
    /// Who asks. ASCII letters, digits and `.-_@/+:` only, at most [`BY_MAX`] characters.
    pub by: String,
}

/// Longest name of somebody who asks. Units: characters.
pub const BY_MAX: usize = 64;

/// What can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// A failover, a failback, or the approval of one.
    Order(Demand),
    /// Another mode.
    Mode(Mode),
}

/// Name of a CloudWatch alarm in the whole partition: `arn:aws:cloudwatch:REGION:ACCOUNT:alarm:NAME`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AlarmArn {
    text: String,
    region_start: usize,
    region_end: usize,
    name_start: usize,
}

impl AlarmArn {
    /// Reads an ARN. `None` if it is not one of a CloudWatch alarm.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.splitn(7, ':').collect();
        let [arn, partition, service, region, account, kind, name] = parts[..] else {
            return None;
        };
        let whole = arn == "arn" && service == "cloudwatch" && kind == "alarm";
        if !whole || [partition, region, account, name].contains(&"") {
            return None;
        }
        let region_start = arn.len() + partition.len() + service.len() + 3;
        Some(Self {
            text: text.to_owned(),
            region_start,
            region_end: region_start + region.len(),
            name_start: text.len() - name.len(),
        })
    }

    /// The region that the alarm lives in: the only trustworthy source, as the message's `Region` is a display name.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.text[self.region_start..self.region_end]
    }

    /// The alarm's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.text[self.name_start..]
    }
}

impl fmt::Display for AlarmArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::AlarmArn;

    #[test]
    fn an_arn_gives_region_and_name() {
        let arn =
            AlarmArn::parse("arn:aws-cn:cloudwatch:us-east-1:123456789012:alarm:a:b").unwrap();
        assert_eq!((arn.region(), arn.name()), ("us-east-1", "a:b"));
        assert_eq!(arn.to_string(), "arn:aws-cn:cloudwatch:us-east-1:123456789012:alarm:a:b");
        for text in [
            "",
            "shop-primary-down",
            "arn:aws:sns:us-east-1:123456789012:alarm:x",
            "arn:aws:cloudwatch:us-east-1:1:alarm:",
            "arn:aws:cloudwatch:us-east-1:1:alarm",
            "arn:aws:cloudwatch:us-east-1:1:dashboard:x",
            "arn::cloudwatch:us-east-1:1:alarm:x",
            "arn:aws:cloudwatch::1:alarm:x",
            "arn:aws:cloudwatch:us-east-1::alarm:x",
            "urn:aws:cloudwatch:us-east-1:1:alarm:x",
        ] {
            assert_eq!(AlarmArn::parse(text), None, "{text}");
        }
    }
}
