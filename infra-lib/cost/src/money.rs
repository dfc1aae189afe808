//! Exact decimals: prices, quantities and sums as integers of a small unit.
//!
//! A price has ten decimals, because AWS's smallest have; a quantity has six. Their product has sixteen, so a sum is never
//! rounded before it is shown.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};

use serde::{Serialize, Serializer};

const PRICE_DECIMALS: usize = 10;
const QUANTITY_DECIMALS: usize = 6;
const MONEY_DECIMALS: usize = PRICE_DECIMALS + QUANTITY_DECIMALS;
/// BOUND: nine digits before the point keep every product and sum far below the integer's 38 digits.
const WHOLE_DIGITS_MAX: usize = 9;

/// What one unit costs. Units: 10⁻¹⁰ US dollars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Price(i128);

/// How many units. Units: millionths of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity(i128);

/// What something costs, or the difference of two such sums. Units: 10⁻¹⁶ US dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Money(i128);

impl Price {
    /// Reads an amount such as `0.0225`. `None` if it is not a plain decimal with ten decimals at most.
    ///
    /// ```
    /// use cost::{Price, Quantity};
    ///
    /// let hour = Price::parse("0.0225").expect("a price");
    /// assert_eq!(hour.times(Quantity::whole(730)).to_string(), "16.425");
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        parse(text, PRICE_DECIMALS).map(Self)
    }

    /// What `quantity` units cost.
    #[must_use]
    pub const fn times(self, quantity: Quantity) -> Money {
        Money(self.0 * quantity.0)
    }

    /// The price of `count` units at once.
    #[must_use]
    pub fn of(self, count: u32) -> Self {
        Self(self.0 * i128::from(count))
    }

    /// Whether it costs nothing.
    #[must_use]
    pub const fn is_free(self) -> bool {
        self.0 == 0
    }
}

impl Quantity {
    /// So many whole units.
    #[must_use]
    pub fn whole(units: u64) -> Self {
        Self::ratio(units, 1)
    }

    /// `count` in units of `size`, to the nearest millionth: 43,800 requests in units of 1,000 are 43.8.
    ///
    /// # Panics
    /// If `size` is 0, which no unit is.
    #[must_use]
    pub fn ratio(count: u64, size: u64) -> Self {
        assert!(size > 0, "a unit has a size");
        let (count, size) = (i128::from(count) * power(QUANTITY_DECIMALS), i128::from(size));
        Self((count + size / 2) / size)
    }
}

impl Money {
    /// Rounded to the nearest cent, as it is shown: `16.43`.
    #[must_use]
    pub fn cents(self) -> String {
        let cent = power(MONEY_DECIMALS - 2);
        let cents = (self.0.abs() + cent / 2) / cent;
        let sign = if self.0 < 0 && cents > 0 { "-" } else { "" };
        format!("{sign}{}.{:02}", cents / 100, cents % 100)
    }
}

impl Add for Money {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Money {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::default(), Add::add)
    }
}

/// Shows a type with its decimals, and with so many at least; JSON has the same text.
macro_rules! shown {
    ($($name:ident: $decimals:ident, $least:literal;)+) => {
        $(
            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.pad(&decimal(self.0, $decimals, $least))
                }
            }

            impl Serialize for $name {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.collect_str(self)
                }
            }
        )+
    };
}

shown! {
    Price: PRICE_DECIMALS, 2;
    Quantity: QUANTITY_DECIMALS, 0;
    Money: MONEY_DECIMALS, 2;
}

fn power(decimals: usize) -> i128 {
    (0..decimals).fold(1, |power, _| power * 10)
}

fn parse(text: &str, decimals: usize) -> Option<i128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || whole.len() > WHOLE_DIGITS_MAX {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > decimals {
        return None;
    }
    format!("{whole}{fraction:0<decimals$}").parse().ok()
}

/// Every digit that says something, and `least` decimals.
fn decimal(value: i128, decimals: usize, least: usize) -> String {
    let unit = power(decimals);
    let sign = if value < 0 { "-" } else { "" };
    let fraction = format!("{:0decimals$}", value.abs() % unit);
    let fraction = fraction.trim_end_matches('0');
    let fraction = format!("{fraction:0<least$}");
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{fraction}", value.abs() / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(text: &str) -> Price {
        Price::parse(text).unwrap()
    }

    #[test]
    fn a_price_is_a_plain_decimal() {
        for good in ["0", "3", "0.5", "0.0000133334", "999999999.0000000001", "0.10000000000000"] {
            assert!(Price::parse(good).is_some(), "{good}");
        }
        for bad in ["", ".5", "5.", "-1", "+1", "1e-3", "0,5", "1 ", "1234567890", "0.00000000001"]
        {
            assert_eq!(Price::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn every_digit_is_shown_and_two_decimals() {
        assert_eq!(price("0.0000133334").to_string(), "0.0000133334");
        assert_eq!(price("3").to_string(), "3.00");
        assert_eq!(price("0.5").to_string(), "0.50");
        assert_eq!(Quantity::ratio(43_800, 1000).to_string(), "43.8");
        assert_eq!(Quantity::whole(730).to_string(), "730");
    }

    #[test]
    fn a_sum_is_exact_and_shown_to_the_nearest_cent() {
        let tick = price("0.0000133334").times(Quantity::ratio(1, 1_000_000));
        assert_eq!(tick.to_string(), "0.0000000000133334");
        let sum: Money = [price("0.10").times(Quantity::whole(1)); 3].into_iter().sum();
        assert_eq!(sum.to_string(), "0.30");
        for (amount, cents) in [("0.005", "0.01"), ("0.0049", "0.00"), ("16.425", "16.43")] {
            assert_eq!(price(amount).times(Quantity::whole(1)).cents(), cents);
        }
    }

    #[test]
    fn a_difference_below_zero_has_its_sign() {
        let [low, high] = ["0.003", "2"].map(|text| price(text).times(Quantity::whole(1)));
        assert_eq!((low - high).cents(), "-2.00");
        assert_eq!((low - high).to_string(), "-1.997");
        assert_eq!((Money::default() - low).cents(), "0.00");
    }

    #[test]
    fn a_quantity_is_the_nearest_millionth() {
        assert_eq!(Quantity::ratio(2, 3).to_string(), "0.666667");
        assert_eq!(Quantity::ratio(1, 3).to_string(), "0.333333");
    }

    #[test]
    fn a_thousand_requests_cost_a_thousand_times_one() {
        assert_eq!(price("0.0000002000").of(1_000_000), price("0.20"));
    }
}
