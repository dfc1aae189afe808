//! What is measured, beside which yardstick, and with which goal. The only place where a goal stands.

/// A line of the table.
#[derive(Debug)]
pub struct Row {
    /// For `--only`.
    pub name: &'static str,
    /// What is measured, for people.
    pub what: &'static str,
    /// What measures it.
    pub group: Group,
    /// Name of its samples.
    pub ours: &'static str,
    /// What it is compared with.
    pub yardstick: Option<Yardstick>,
    /// What is wanted.
    pub goal: Goal,
    /// Of the samples.
    pub unit: Unit,
    /// Why a missed goal is missed, as far as it is known.
    pub missed: &'static str,
}

/// What is measured in the same run, in turn.
#[derive(Debug)]
pub struct Yardstick {
    /// In words.
    pub what: &'static str,
    /// Name of its samples.
    pub samples: &'static str,
}

/// Rows that are measured together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// The function that ships, in processes of its own.
    Lambda,
    /// Its zip.
    Package,
    /// The rules.
    Decide,
    /// The same under valgrind.
    Count,
    /// The model checker.
    Model,
    /// The simulator.
    Simulate,
    /// What it says of the strategies.
    Recovery,
    /// A deploy on the emulator.
    Deploy,
}

/// What is wanted of a row. Compared are medians.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Goal {
    /// At most one part in so many of the yardstick.
    Part(f64),
    /// At most so many times the yardstick.
    Times(f64),
    /// At most so much, in the row's unit.
    Most(f64),
    /// So much and nothing else.
    Exactly(f64),
    /// Nothing; the number is shown.
    Shown,
}

/// Of samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Shown as µs, ms or s.
    Microseconds,
    /// Shown as ns or µs.
    Nanoseconds,
    /// Seconds.
    Seconds,
    /// Shown as MB, of a million bytes.
    Bytes,
    /// A count of something.
    Count,
    /// Of states.
    PerSecond,
}

/// Failovers of one measurement of the simulator.
pub const FAILOVERS: u32 = 100_000;
/// Bounds of the model's searches: some 10^5 states, so that starting its threads does not show.
pub const SCOPE: &str = "base, wider";

const BOTO3: &str = "boto3 handler";

const fn yardstick(what: &'static str, samples: &'static str) -> Yardstick {
    Yardstick { what, samples }
}

/// What most rows are: a time of the function.
const ROW: Row = Row {
    name: "",
    what: "",
    group: Group::Lambda,
    ours: "",
    yardstick: None,
    goal: Goal::Shown,
    unit: Unit::Microseconds,
    missed: "",
};
const RECOVERY: Row = Row { group: Group::Recovery, unit: Unit::Seconds, ..ROW };

/// Every row, in the order of the table.
pub const ROWS: &[Row] = &[
    Row {
        name: "cold",
        what: "cold start: process start to first poll",
        ours: "cold.http.failover",
        yardstick: Some(yardstick("hello-world in Rust", "cold.http.hello")),
        goal: Goal::Times(1.6),
        missed: "Reading the settings, the trusted roots and nine SDK clients is what the function does before its \
                 first poll and hello-world does not; clients built later would cost the first raise the same.",
        ..ROW
    },
    Row {
        name: "cold-boto3",
        what: "cold start: process start to first poll",
        ours: "cold.http.failover",
        yardstick: Some(yardstick(BOTO3, "cold.http.boto3")),
        goal: Goal::Part(100.0),
        ..ROW
    },
    Row {
        name: "first-http",
        what: "cold start and first invocation, HTTP",
        ours: "first.http.failover",
        yardstick: Some(yardstick(BOTO3, "first.http.boto3")),
        ..ROW
    },
    Row {
        name: "first-tls",
        what: "cold start and first invocation, TLS",
        ours: "first.tls.failover",
        yardstick: Some(yardstick(BOTO3, "first.tls.boto3")),
        goal: Goal::Part(6.0),
        ..ROW
    },
    Row {
        name: "warm-http",
        what: "warm invocation, HTTP",
        ours: "warm.http.failover",
        yardstick: Some(yardstick(BOTO3, "warm.http.boto3")),
        goal: Goal::Part(5.0),
        ..ROW
    },
    Row {
        name: "warm-tls",
        what: "warm invocation, TLS",
        ours: "warm.tls.failover",
        yardstick: Some(yardstick(BOTO3, "warm.tls.boto3")),
        ..ROW
    },
    Row {
        name: "memory",
        what: "peak memory after the invocations over TLS",
        ours: "peak.tls.failover",
        yardstick: Some(yardstick(BOTO3, "peak.tls.boto3")),
        goal: Goal::Part(6.0),
        unit: Unit::Bytes,
        ..ROW
    },
    Row {
        name: "zip",
        what: "size of the zip",
        group: Group::Package,
        ours: "zip",
        goal: Goal::Most(2_600_000.0),
        unit: Unit::Bytes,
        ..ROW
    },
    Row {
        name: "rounds",
        what: "round trips before the write that raises",
        ours: "rounds.failover",
        yardstick: Some(yardstick(BOTO3, "rounds.boto3")),
        goal: Goal::Exactly(2.0),
        unit: Unit::Count,
        ..ROW
    },
    Row {
        name: "decide",
        what: "one decision",
        group: Group::Decide,
        ours: "decide",
        yardstick: Some(yardstick("reading its log line as JSON", "decide.json")),
        unit: Unit::Nanoseconds,
        ..ROW
    },
    Row {
        name: "instructions",
        what: "instructions of one decision",
        group: Group::Count,
        ours: "instructions",
        unit: Unit::Count,
        ..ROW
    },
    Row {
        name: "model",
        what: "model checker: states a second",
        group: Group::Model,
        ours: "model",
        yardstick: Some(yardstick("a model of two counters", "model.counters")),
        unit: Unit::PerSecond,
        ..ROW
    },
    Row {
        name: "simulate",
        what: "100,000 simulated failovers",
        group: Group::Simulate,
        ours: "simulate",
        goal: Goal::Most(2e6),
        ..ROW
    },
    Row {
        name: "seed",
        what: "different results of one seed",
        group: Group::Simulate,
        ours: "simulate.results",
        goal: Goal::Exactly(1.0),
        unit: Unit::Count,
        ..ROW
    },
    Row {
        name: "recovery-dark",
        what: "modelled recovery, p95: floor 0",
        ours: "recovery.dark",
        goal: Goal::Most(200.0),
        ..RECOVERY
    },
    Row {
        name: "recovery-warm",
        what: "modelled recovery, p95: warm pool",
        ours: "recovery.warm",
        goal: Goal::Most(180.0),
        missed: "A pool shortens the boot alone: what is longest is Route 53's own three checks, and the health of the first target.",
        ..RECOVERY
    },
    Row {
        name: "recovery-lit",
        what: "modelled recovery, p95: floor 1",
        ours: "recovery.lit",
        goal: Goal::Most(95.0),
        missed: "No instance is launched or booted: the checkers, DNS and the users' resolvers take all of it.",
        ..RECOVERY
    },
    Row {
        name: "deploy",
        what: "deploy of the whole site on the emulator",
        group: Group::Deploy,
        ours: "deploy",
        yardstick: Some(yardstick("`aws cloudformation deploy`, stack after stack", "deploy.aws")),
        goal: Goal::Part(2.0),
        ..ROW
    },
];

impl Goal {
    /// Whether the medians reach it. `None`: nothing is wanted, or there is nothing to compare with.
    pub fn met(self, ours: f64, yardstick: Option<f64>) -> Option<bool> {
        match self {
            Self::Part(parts) => yardstick.map(|yardstick| ours * parts <= yardstick),
            Self::Times(most) => yardstick.map(|yardstick| ours <= yardstick * most),
            Self::Most(most) => Some(ours <= most),
            Self::Exactly(wanted) => Some((ours - wanted).abs() < f64::EPSILON),
            Self::Shown => None,
        }
    }

    /// In words.
    pub fn words(self, unit: Unit) -> String {
        match self {
            Self::Part(parts) => format!("≤ 1/{parts}"),
            Self::Times(most) => format!("≤ {most} ×"),
            Self::Most(most) => format!("≤ {}", unit.words(most)),
            Self::Exactly(wanted) => format!("= {}", unit.words(wanted)),
            Self::Shown => "–".to_owned(),
        }
    }
}

impl Unit {
    /// A value with three digits that count.
    pub fn words(self, value: f64) -> String {
        match self {
            Self::Nanoseconds if value < 1e3 => format!("{} ns", short(value)),
            Self::Nanoseconds => Self::Microseconds.words(value / 1e3),
            Self::Microseconds if value < 1e3 => format!("{} µs", short(value)),
            Self::Microseconds if value < 1e6 => format!("{} ms", short(value / 1e3)),
            Self::Microseconds => format!("{} s", short(value / 1e6)),
            Self::Seconds => format!("{} s", short(value)),
            Self::Bytes => format!("{} MB", short(value / 1e6)),
            Self::Count => short(value),
            Self::PerSecond => format!("{}/s", short(value)),
        }
    }
}

/// Three digits that count, and all digits of what is larger.
fn short(value: f64) -> String {
    let digits = if value >= 100.0 {
        0
    } else if value >= 10.0 {
        1
    } else {
        2
    };
    let text = format!("{value:.digits$}");
    match text.split_once('.') {
        Some((whole, rest)) if rest.bytes().all(|digit| digit == b'0') => whole.to_owned(),
        Some(_) => text,
        None => text.parse().map_or(text, failover_words::numbers::thousands),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_a_name_of_its_own() {
        let mut names: Vec<_> = ROWS.iter().map(|row| row.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ROWS.len());
    }

    #[test]
    fn what_is_a_ratio_has_a_yardstick() {
        for row in ROWS.iter().filter(|row| matches!(row.goal, Goal::Part(_) | Goal::Times(_))) {
            assert!(row.yardstick.is_some(), "{}", row.name);
        }
    }

    #[test]
    fn a_goal_is_met_at_its_very_number_and_not_beyond() {
        let check = |goal: Goal, met: [f64; 2]| {
            assert_eq!(met.map(|ours| goal.met(ours, Some(10.0))), [Some(true), Some(false)]);
        };
        check(Goal::Part(5.0), [2.0, 2.1]);
        check(Goal::Times(1.5), [15.0, 15.1]);
        check(Goal::Most(3.0), [3.0, 3.1]);
        check(Goal::Exactly(2.0), [2.0, 1.0]);
        assert_eq!(Goal::Shown.met(1.0, Some(10.0)), None);
        assert_eq!(Goal::Part(5.0).met(1.0, None), None);
    }

    #[test]
    fn values_are_told_with_their_unit() {
        let told = [
            Unit::Microseconds.words(2_934.0),
            Unit::Microseconds.words(740.2),
            Unit::Microseconds.words(2e6),
            Unit::Nanoseconds.words(1_512.0),
            Unit::Bytes.words(2_345_678.0),
            Unit::Count.words(12_345.0),
            Unit::PerSecond.words(1_234_567.8),
            Unit::Seconds.words(298.6),
        ];
        let expected =
            ["2.93 ms", "740 µs", "2 s", "1.51 µs", "2.35 MB", "12,345", "1,234,568/s", "299 s"];
        assert_eq!(told, expected);
    }
}
