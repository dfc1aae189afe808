//! The status as an operator reads it.

use std::fmt::{self, Display, Formatter};

use failover_core::observation::AlarmState;

use super::{Alarm, Group, LastDecision, Raised, Reading, Side, Status};

impl<T: Display> Display for Reading<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(value) => value.fmt(f),
            Self::Absent => f.write_str("not there"),
            Self::Unknown(why) => write!(f, "unknown: {why}"),
        }
    }
}

impl Display for Alarm {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self.state {
            AlarmState::Ok => "OK",
            AlarmState::Alarm => "ALARM",
            AlarmState::Insufficient => "INSUFFICIENT_DATA",
        })?;
        self.since.map_or(Ok(()), |since| write!(f, " since {since}"))
    }
}

impl Display for Group {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { sizes, in_service, healthy } = self;
        write!(f, "asked for {}, in service {in_service}, healthy {healthy}", sizes.desired)?;
        write!(f, " (min {}, max {})", sizes.min, sizes.max)
    }
}

impl Display for Raised {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Idle => f.write_str("no"),
            Self::Ours { since, target, why } => {
                write!(f, "yes, to {target} since {since}, because of the {why}")
            }
            Self::Unreadable => f.write_str("unknown: the record on the group cannot be read"),
        }
    }
}

impl Display for LastDecision {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.reason, self.at)?;
        self.failed.iter().try_for_each(|failed| write!(f, ", failed: {failed}"))
    }
}

impl Display for Status {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "site {}, {}", self.site, self.hostname)?;
        for stack in &self.stacks {
            writeln!(f, "  {:<16} {:<14} {}", stack.stack, stack.region.as_str(), stack.status)?;
        }
        writeln!(f, "alarm          {}", self.alarm)?;
        let side = |f: &mut Formatter<'_>, name, side: &Side| {
            writeln!(f, "{name:<14} {}: {}", side.region, side.group)
        };
        side(f, "primary", &self.primary)?;
        side(f, "standby", &self.standby)?;
        writeln!(f, "raised by us   {}", self.raised)?;
        writeln!(f, "last decision  {}", self.decision)
    }
}
