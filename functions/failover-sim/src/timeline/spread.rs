//! Durations as points of a quantile function: what is assumed and what was measured have the same form.

#![expect(clippy::float_cmp, reason = "the ends of the scale are exact")]

use serde::{Deserialize, Serialize};

use crate::chance::Chance;

/// How long something takes. Units: seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Spread {
    /// Share of all cases, and the longest of them. Rising in both, from 0 to 1.
    points: Vec<(f64, f64)>,
}

/// What is wrong with the points of a quantile function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpreadError(pub String);

impl std::fmt::Display for SpreadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SpreadError {}

impl Spread {
    /// From points of the quantile function: share of all cases → the longest of them, in seconds.
    ///
    /// # Errors
    /// [`SpreadError`] unless the shares rise from 0 to 1 and the seconds do not fall below 0 or below the ones before.
    pub fn new(points: Vec<(f64, f64)>) -> Result<Self, SpreadError> {
        let wrong = |what: &str| Err(SpreadError(what.to_owned()));
        let (Some(first), Some(last)) = (points.first(), points.last()) else {
            return wrong("there are no quantiles");
        };
        if first.0 != 0.0 || last.0 != 1.0 {
            return wrong("quantiles must begin at 0 and end at 1");
        }
        let rises = points.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1);
        if !rises || !points.iter().all(|(_, seconds)| seconds.is_finite() && *seconds >= 0.0) {
            return wrong("quantiles must rise, and seconds must be 0 or more");
        }
        Ok(Self { points })
    }

    /// The same, as it was read from a file.
    pub(super) fn checked(self) -> Result<Self, SpreadError> {
        Self::new(self.points)
    }

    /// What was measured: every measurement counts the same.
    ///
    /// # Errors
    /// [`SpreadError`] if there are fewer than two, or one is no duration.
    pub fn measured(mut seconds: Vec<f64>) -> Result<Self, SpreadError> {
        if seconds.len() < 2 {
            return Err(SpreadError("two measurements are the least".to_owned()));
        }
        seconds.sort_by(f64::total_cmp);
        let last = seconds.len() - 1;
        let share = |index: usize| count(index) / count(last);
        Self::new(seconds.iter().enumerate().map(|(index, value)| (share(index), *value)).collect())
    }

    /// The longest of this share of all cases. Range of `share`: 0 to 1.
    #[must_use]
    pub fn quantile(&self, share: f64) -> f64 {
        let after = self.points.partition_point(|(at, _)| *at <= share);
        let Some(&(right, high)) = self.points.get(after) else {
            return self.points[after - 1].1;
        };
        let (left, low) = self.points[after.max(1) - 1];
        low + (high - low) * ((share - left) / (right - left)).max(0.0)
    }

    /// The same, but no case takes longer than `limit`. Units: seconds, 0 or more.
    pub(super) fn capped(&self, limit: f64) -> Self {
        let mut points = Vec::with_capacity(self.points.len() + 1);
        let mut before: Option<(f64, f64)> = None;
        for &(share, seconds) in &self.points {
            if let Some((left, low)) = before.filter(|(_, low)| *low < limit && limit < seconds) {
                points.push((left + (share - left) * (limit - low) / (seconds - low), limit));
            }
            points.push((share, seconds.min(limit)));
            before = Some((share, seconds));
        }
        Self { points }
    }

    pub(super) fn draw(&self, luck: &mut Chance) -> f64 {
        self.quantile(luck.share())
    }
}

/// A small number as a float.
pub(super) fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(points: &[(f64, f64)]) -> Result<Spread, SpreadError> {
        Spread::new(points.to_vec())
    }

    #[test]
    fn between_two_points_it_is_linear() {
        let spread = spread(&[(0.0, 10.0), (0.5, 20.0), (1.0, 60.0)]).unwrap();
        let at = [0.0, 0.25, 0.5, 0.75, 1.0].map(|share| spread.quantile(share));
        assert_eq!(at, [10.0, 15.0, 20.0, 40.0, 60.0]);
    }

    #[test]
    fn points_that_are_no_quantile_function_are_refused() {
        for points in [
            &[][..],
            &[(0.0, 1.0)],
            &[(0.1, 1.0), (1.0, 2.0)],
            &[(0.0, 2.0), (1.0, 1.0)],
            &[(0.0, -1.0), (1.0, 1.0)],
            &[(0.0, 1.0), (0.5, 1.0), (0.5, 2.0), (1.0, 2.0)],
            &[(0.0, 1.0), (1.0, f64::INFINITY)],
        ] {
            assert!(spread(points).is_err(), "{points:?}");
        }
    }

    #[test]
    fn a_cap_cuts_where_it_is_crossed_and_nowhere_else() {
        let spread = spread(&[(0.0, 10.0), (0.5, 20.0), (1.0, 60.0)]).unwrap();
        let capped = spread.capped(30.0);
        let at = [0.0, 0.25, 0.5, 0.625, 0.75, 1.0].map(|share| capped.quantile(share));
        assert_eq!(at, [10.0, 15.0, 20.0, 30.0, 30.0, 30.0]);
        assert_eq!(spread.capped(f64::INFINITY), spread);
        assert_eq!(spread.capped(0.0).quantile(0.9), 0.0);
    }

    #[test]
    fn measurements_are_quantiles_of_themselves() {
        let spread = Spread::measured(vec![9.0, 1.0, 5.0]).unwrap();
        assert_eq!([0.0, 0.5, 0.75, 1.0].map(|share| spread.quantile(share)), [1.0, 5.0, 7.0, 9.0]);
        assert!(Spread::measured(vec![1.0]).is_err());
        assert!(Spread::measured(vec![1.0, f64::NAN]).is_err());
    }
}
