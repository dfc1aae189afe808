//! Time as the core sees it: an argument, never a clock.

use std::time::Duration;

/// A point in time. Units: seconds and nanoseconds since the Unix epoch; written as RFC 3339 in JSON.
pub use jiff::Timestamp;

/// How long ago `then` was, seen from `now`. A time in the future has age zero: clock skew never makes evidence old.
#[must_use]
pub fn age(now: Timestamp, then: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(then)).unwrap_or(Duration::ZERO)
}

/// `then` plus `seconds`, saturating at the ends of the calendar.
#[must_use]
pub fn after(then: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::from_second(then.as_second().saturating_add(seconds)).unwrap_or(Timestamp::MAX)
}

/// Reads the three spellings that AWS uses: RFC 3339 (`…Z`), and CloudWatch's `2026-01-01T00:00:00.000+0000`.
///
/// `None` if the text is none of them.
#[must_use]
pub fn parse(text: &str) -> Option<Timestamp> {
    text.parse().or_else(|_| Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", text)).ok()
}

/// Reads a duration as people write it in a site file: `30m`, `90s`, `1h 30m`.
///
/// `None` if it is not one, is negative, or is finer than a second.
#[must_use]
pub fn parse_duration(text: &str) -> Option<Duration> {
    let parsed: jiff::SignedDuration = text.trim().parse().ok()?;
    let duration = Duration::try_from(parsed).ok()?;
    (duration.subsec_nanos() == 0).then_some(duration)
}

/// Writes a duration so that [`parse_duration`] reads it back: the largest unit that divides it.
#[must_use]
pub fn format_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 => "0s".to_owned(),
        s if s % 3600 == 0 => format!("{}h", s / 3600),
        s if s % 60 == 0 => format!("{}m", s / 60),
        s => format!("{s}s"),
    }
}

/// Serde for durations as whole seconds; the field's name says `_seconds`.
pub(crate) mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(duration: &Duration, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_u64(duration.as_secs())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Duration, D::Error> {
        u64::deserialize(input).map(Duration::from_secs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_spelling_that_aws_uses() {
        let expected = Timestamp::from_second(1_767_225_600).unwrap();
        for text in [
            "2026-01-01T00:00:00Z",
            "2026-01-01T00:00:00.000Z",
            "2026-01-01T00:00:00.000+0000",
            "2026-01-01T01:00:00.000+0100",
            "2026-01-01T00:00:00+00:00",
        ] {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
        assert_eq!(parse("yesterday"), None);
    }

    #[test]
    fn the_future_has_age_zero() {
        let now = Timestamp::from_second(100).unwrap();
        assert_eq!(age(now, after(now, 50)), Duration::ZERO);
        assert_eq!(age(after(now, 50), now), Duration::from_secs(50));
    }

    #[test]
    fn durations_survive_a_round_trip() {
        for text in ["0s", "2s", "90s", "30m", "1h", "36h"] {
            assert_eq!(format_duration(parse_duration(text).unwrap()), text);
        }
        for text in ["", "30", "-1m", "1ms", "soon"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn time_ends_with_the_calendar() {
        assert_eq!(after(Timestamp::MAX, 1), Timestamp::MAX);
        assert_eq!(after(Timestamp::UNIX_EPOCH, i64::MAX), Timestamp::MAX);
        assert_eq!(after(Timestamp::UNIX_EPOCH, -1).as_second(), -1);
    }
}
