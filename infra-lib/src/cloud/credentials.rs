//! How long the credentials last that sign the calls.

use failover_core::Timestamp;

/// When the credentials end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// They do not: a long-term key, or credentials that the machine itself hands out for as long as it runs.
    Never,
    /// The SDK renews them for as long as the sign-in behind them lasts, and does not say how long that is.
    Renewed,
    /// At this time, and nothing in this process renews them.
    At(Timestamp),
    /// They are temporary, nothing in this process renews them, and nobody says when they end.
    Unknown,
}
