//! The file of phases: what AWS takes for its part.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

use super::spread::Spread;

/// The file that ships.
const BUILT_IN: &str = include_str!("phases.toml");

/// One part of a failover that AWS, or the instance, takes its time for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Phase {
    /// A checker's request fails.
    ProbeFailure,
    /// The checkers' votes are counted.
    Verdict,
    /// The metric's minute ends and the alarm is evaluated.
    Metric,
    /// SNS delivers, Lambda starts and decides.
    Event,
    /// A queued look reaches the controller and reads the verdict.
    Look,
    /// The controller writes its record and the group.
    Write,
    /// Auto Scaling launches.
    Launch,
    /// An instance boots and serves.
    BootCold,
    /// A stopped instance starts and serves.
    BootWarm,
    /// Route 53 believes the standby's health.
    StandbyCheck,
    /// The name servers follow.
    Spread,
}

impl Phase {
    /// Every one.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// Its name in the file.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// What each phase takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Phases {
    lines: Vec<Line>,
}

/// One phase in the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    title: String,
    #[serde(rename = "quantiles")]
    spread: Spread,
    source: String,
    /// How many seconds of each case the source speaks for. `None`: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sourced_seconds: Option<f64>,
}

/// What is wrong with a file of phases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhaseError {
    /// The phase, or nothing if the file as a whole is wrong.
    pub phase: Option<String>,
    /// What is wrong.
    pub what: String,
}

impl std::fmt::Display for PhaseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.phase {
            Some(phase) => write!(f, "[{phase}] {}", self.what),
            None => f.write_str(&self.what),
        }
    }
}

impl std::error::Error for PhaseError {}

impl Phases {
    /// The phases that ship.
    ///
    /// # Panics
    /// Never: a test reads them.
    #[must_use]
    pub fn built_in() -> Self {
        Self::from_toml(BUILT_IN).expect("the file that ships is valid")
    }

    /// Reads a file of phases. Every one must be there, and no other.
    ///
    /// # Errors
    /// [`PhaseError`] at the first thing that is wrong.
    pub fn from_toml(text: &str) -> Result<Self, PhaseError> {
        let whole = |error: toml::de::Error| PhaseError { phase: None, what: error.to_string() };
        let mut lines: BTreeMap<String, Line> = toml::from_str(text).map_err(whole)?;
        let read = |phase: Phase| {
            let name = || Some(phase.word().to_owned());
            let missing = || PhaseError { phase: name(), what: "is missing".to_owned() };
            let mut line = lines.remove(phase.word()).ok_or_else(missing)?;
            let wrong = |what: &str| PhaseError { phase: name(), what: what.to_owned() };
            if !line.sourced_seconds.is_none_or(|seconds| seconds.is_finite() && seconds >= 0.0) {
                return Err(wrong("sourced_seconds must be 0 or more"));
            }
            line.spread = line.spread.checked().map_err(|error| wrong(&error.0))?;
            Ok(line)
        };
        let read = Phase::ALL.iter().copied().map(read).collect::<Result<Vec<_>, PhaseError>>()?;
        if let Some(unknown) = lines.into_keys().next() {
            let known = Phase::ALL.iter().map(|phase| phase.word()).collect::<Vec<_>>().join(", ");
            let what = format!("is no phase; there are {known}");
            return Err(PhaseError { phase: Some(unknown), what });
        }
        Ok(Self { lines: read })
    }

    /// The file that [`Phases::from_toml`] reads.
    ///
    /// # Panics
    /// Never: titles, numbers and sources have a form in TOML.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let entry = |(phase, line): (&Phase, &Line)| {
            let text = toml::to_string(line).expect("plain values");
            format!("[{}]\n{text}", phase.word())
        };
        Phase::ALL.iter().zip(&self.lines).map(entry).collect::<Vec<_>>().join("\n")
    }

    /// The same with a phase as it was measured.
    #[must_use]
    pub fn with(mut self, phase: Phase, spread: Spread, source: String) -> Self {
        let line = &mut self.lines[phase as usize];
        (line.spread, line.source, line.sourced_seconds) = (spread, source, None);
        self
    }

    /// The same without what is assumed: no phase takes longer than its source speaks for.
    #[must_use]
    pub fn without_assumptions(mut self) -> Self {
        for line in &mut self.lines {
            line.spread = line.spread.capped(line.sourced_seconds.unwrap_or(f64::INFINITY));
        }
        self
    }

    /// What happens in a phase, in words.
    #[must_use]
    pub fn title(&self, phase: Phase) -> &str {
        &self.lines[phase as usize].title
    }

    /// How long it takes.
    #[must_use]
    pub fn spread(&self, phase: Phase) -> &Spread {
        &self.lines[phase as usize].spread
    }

    /// Where that comes from: a source, or the word *assumption*.
    #[must_use]
    pub fn source(&self, phase: Phase) -> &str {
        &self.lines[phase as usize].source
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_that_ships_says_where_everything_comes_from() {
        let phases = Phases::built_in();
        for &phase in Phase::ALL {
            assert!(!phases.title(phase).is_empty(), "{phase:?}");
            let source = phases.source(phase);
            let said = ["AWS", "Route 53", "assumption", "controller"];
            assert!(said.iter().any(|word| source.contains(word)), "{phase:?}: {source}");
        }
    }

    #[test]
    fn what_is_written_is_read_as_it_was() {
        let spread = Spread::measured(vec![61.25, 70.0, 66.5]).unwrap();
        let phases = Phases::built_in().with(Phase::Metric, spread, "3 \"drills\"".to_owned());
        assert_eq!(Phases::from_toml(&phases.to_toml()).unwrap(), phases);
    }

    /// Goal: no second counts as measured that nobody measured, and none that somebody did as assumed.
    #[test]
    fn only_what_a_source_speaks_for_is_left_without_assumptions() {
        let longest = |phases: &Phases, phase| phases.spread(phase).quantile(1.0);
        let shipped = Phases::built_in();
        let bare = shipped.clone().without_assumptions();
        assert!(longest(&bare, Phase::Spread).abs() < 1e-9, "an assumption as a whole");
        assert!((longest(&bare, Phase::Launch) - 24.0).abs() < 1e-9, "measured as a whole");
        assert!(
            (longest(&bare, Phase::BootCold) - 64.0).abs() < 1e-9,
            "the boots that were measured"
        );
        assert!(longest(&shipped, Phase::BootCold) > 100.0);
        let drills = Spread::measured(vec![30.0, 50.0]).unwrap();
        let measured = shipped.with(Phase::BootCold, drills, "2 drills".to_owned());
        assert!((longest(&measured.without_assumptions(), Phase::BootCold) - 50.0).abs() < 1e-9);
    }

    #[test]
    fn a_file_that_lacks_a_phase_or_has_another_is_refused() {
        let lacking = BUILT_IN.replace("[launch]", "[lunch]");
        let error = Phases::from_toml(&lacking).unwrap_err();
        assert_eq!(error.to_string(), "[launch] is missing");
        let more = format!("{BUILT_IN}\n[lunch]\ntitle = \"\"\nquantiles = []\nsource = \"\"\n");
        assert!(
            Phases::from_toml(&more).unwrap_err().to_string().starts_with("[lunch] is no phase")
        );
        let negative = BUILT_IN.replace("sourced_seconds = 64", "sourced_seconds = -1");
        let error = Phases::from_toml(&negative).unwrap_err();
        assert_eq!(error.to_string(), "[boot_cold] sourced_seconds must be 0 or more");
        let falling = BUILT_IN.replace("[0.5, 16]", "[0.5, 1]");
        let error = Phases::from_toml(&falling).unwrap_err();
        assert_eq!(
            error.to_string(),
            "[launch] quantiles must rise, and seconds must be 0 or more"
        );
    }
}
