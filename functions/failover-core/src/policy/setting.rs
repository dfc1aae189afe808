//! The list of the settings: names, defaults, meanings.

/// One setting of the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Name in the site file, `snake_case`.
    pub name: &'static str,
    /// Value when the site file is silent.
    pub default: &'static str,
    /// What it means, with its unit and range, as one sentence.
    pub meaning: &'static str,
    /// How its value is written.
    pub written: Written,
}

/// How the value of a setting is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// One of these words.
    Word(&'static [&'static str]),
    /// A whole number.
    Number,
    /// A whole number, or this word.
    NumberOr(&'static str),
    /// A duration in whole seconds, such as `30m` or `90s`.
    Duration,
}

impl Setting {
    /// Section of the site file that it stands in.
    #[must_use]
    pub fn section(&self) -> &'static str {
        if self.name == "cpu_target_percent" { "web" } else { "failover" }
    }

    /// Name of the Lambda's environment variable: `PILOTLIGHT_HOLD_DOWN`.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("PILOTLIGHT_{}", self.name.to_ascii_uppercase())
    }

    /// Name of the template's parameter: `HoldDown`.
    #[must_use]
    pub fn parameter(&self) -> String {
        self.name
            .split('_')
            .flat_map(|word| {
                let (first, rest) = word.split_at(1);
                [first.to_ascii_uppercase(), rest.to_owned()]
            })
            .collect()
    }
}

/// Every setting of the policy, in the order of the site file.
pub const SETTINGS: [Setting; 16] = [
    Setting {
        name: "routing",
        default: "failover",
        meaning: "`failover`: the standby serves when the primary cannot; `active-active`: both always serve, and each can carry everything; it needs `floor = \"match\"` and no latch.",
        written: Written::Word(&["failover", "active-active"]),
    },
    Setting {
        name: "latch",
        default: "on",
        meaning: "`on`: DNS stays on the standby until the primary is ready for everybody; `off`: it goes back by itself.",
        written: Written::Word(&["on", "off"]),
    },
    Setting {
        name: "failback",
        default: "automatic",
        meaning: "Who releases users to the primary again: `automatic`, the controller; `approve`, a person, once the controller is ready; `manual`, only a person's request.",
        written: Written::Word(&["automatic", "approve", "manual"]),
    },
    Setting {
        name: "floor",
        default: "0",
        meaning: "Instances that always run in the standby: 0 is a pilot light, n a warm standby, `match` as many as a raise asks for.",
        written: Written::NumberOr("match"),
    },
    Setting {
        name: "failover_min",
        default: "2",
        meaning: "Fewest instances that a raise asks for: 1 or more, 2 to span two zones.",
        written: Written::Number,
    },
    Setting {
        name: "capacity_max",
        default: "8",
        meaning: "Most instances that a raise asks for: at least failover_min, at most 1295.",
        written: Written::Number,
    },
    Setting {
        name: "match_percent",
        default: "100",
        meaning: "Share of the primary's 24-hour peak that the standby is raised to, in percent, 1 to 300.",
        written: Written::Number,
    },
    Setting {
        name: "peak_hint",
        default: "2",
        meaning: "The primary's peak to assume until the controller has sampled it, 1 to 1295 instances.",
        written: Written::Number,
    },
    Setting {
        name: "carry_percent",
        default: "75",
        meaning: "Share of the instances that a raise asks for, in percent, 1 to 100: that many healthy ones may be given all users once `starved_ticks` have passed.",
        written: Written::Number,
    },
    Setting {
        name: "hold_percent",
        default: "50",
        meaning: "Share of the instances that a raise asks for, in percent, 0 to carry_percent: with fewer healthy ones the latch releases users to a primary that has more.",
        written: Written::Number,
    },
    Setting {
        name: "starved_ticks",
        default: "5",
        meaning: "Ticks for which the standby must have lacked healthy instances before `carry_percent` or `hold_percent` decides, 2 to 60.",
        written: Written::Number,
    },
    Setting {
        name: "cpu_target_percent",
        default: "50",
        meaning: "Average CPU that both groups are scaled to, in percent, 10 to 90: `cpu_target_percent` of [web].",
        written: Written::Number,
    },
    Setting {
        name: "hold_down",
        default: "30m",
        meaning: "How long the primary must be proven up before anything is lowered: at least 17 ticks, at most 24h.",
        written: Written::Duration,
    },
    Setting {
        name: "tick",
        default: "1m",
        meaning: "Interval between two scheduled runs of the controller, 1s to 5m. AWS schedules no finer than 1m; drills do.",
        written: Written::Duration,
    },
    Setting {
        name: "drain_ticks",
        default: "10",
        meaning: "Consecutive ticks on which DNS must answer the primary before the standby is lowered, 3 to 60.",
        written: Written::Number,
    },
    Setting {
        name: "eager",
        default: "off",
        meaning: "`on`: two looks in a row on which the controller's own probe finds the primary down raise the standby before Route 53 has decided; users move only when it has. A false alarm costs some minutes of servers.",
        written: Written::Word(&["on", "off"]),
    },
];
