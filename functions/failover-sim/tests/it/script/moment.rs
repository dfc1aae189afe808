//! Time as a script tells it: the clock on the wall, and which day.

use std::fmt;

use failover_core::Timestamp;
use failover_core::time::after;

const HOUR: u32 = 60;
const DAY: u32 = 24 * HOUR;

/// A minute of a script. Units: minutes since the midnight before its first line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub(super) u32);

impl Moment {
    /// Reads `06:55`, of the day with this number; the first is 1.
    pub(super) fn read(text: &str, day: u32) -> Option<Self> {
        let (hours, minutes) = text.split_once(':')?;
        let digits = |text: &str| {
            let two = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            if two { text.parse::<u32>().ok() } else { None }
        };
        let (hours, minutes) = (digits(hours)?, digits(minutes)?);
        let earlier = day.checked_sub(1)?;
        (hours < 24 && minutes < HOUR).then(|| Self(earlier * DAY + hours * HOUR + minutes))
    }

    /// Which day it is; the first is 1.
    pub(super) const fn day(self) -> u32 {
        self.0 / DAY + 1
    }

    /// The clock alone.
    pub(super) fn clock(self) -> String {
        format!("{:02}:{:02}", self.0 % DAY / HOUR, self.0 % HOUR)
    }

    pub(super) const fn starts_an_hour(self) -> bool {
        self.0.is_multiple_of(HOUR)
    }

    pub(super) const fn plus(self, minutes: u32) -> Self {
        Self(self.0 + minutes)
    }

    /// The same as a time, where the first day began at `midnight`.
    pub(super) fn since(self, midnight: Timestamp) -> Timestamp {
        after(midnight, i64::from(self.0) * 60)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.day() {
            1 => f.write_str(&self.clock()),
            day => write!(f, "day {day} {}", self.clock()),
        }
    }
}
