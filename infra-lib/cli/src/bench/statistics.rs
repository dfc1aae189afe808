//! Many values as three.

use serde::Serialize;

/// Median, least and greatest of some values.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// How many values.
    pub runs: usize,
    /// The middle one; between the two middle ones if they are even in number.
    pub median: f64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
}

impl Figures {
    /// Of values in any order. `None` if there are none.
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let middle = sorted.len() / 2;
        let median = if sorted.len().is_multiple_of(2) {
            f64::midpoint(sorted[middle - 1], sorted[middle])
        } else {
            sorted[middle]
        };
        Some(Self { runs: sorted.len(), median, min, max })
    }
}

/// A ratio for people: `1.47 ×`, or `1/104` where it is well below 1.
pub fn ratio(ratio: f64) -> String {
    if ratio >= 0.9 {
        return format!("{ratio:.2} ×");
    }
    let parts = 1.0 / ratio;
    let digits = usize::from(parts < 100.0);
    format!("1/{parts:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_whatever_the_order() {
        let figures = |values: &[f64]| Figures::of(values).map(|f| (f.median, f.min, f.max));
        assert_eq!(figures(&[9.0, 1.0, 2.0]), Some((2.0, 1.0, 9.0)));
        assert_eq!(figures(&[4.0, 1.0, 2.0, 100.0]), Some((3.0, 1.0, 100.0)));
        assert_eq!(figures(&[7.0]), Some((7.0, 7.0, 7.0)));
        assert_eq!(figures(&[]), None);
        assert_eq!(Figures::of(&[1.0, 2.0]).map(|f| f.runs), Some(2));
    }

    #[test]
    fn a_ratio_reads_as_parts_where_it_is_small() {
        let told = [1.474, 1.0, 0.5, 0.012_34, 0.005].map(ratio);
        assert_eq!(told, ["1.47 ×", "1.00 ×", "1/2.0", "1/81.0", "1/200"]);
    }
}
