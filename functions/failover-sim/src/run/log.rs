//! What happened, as text: one entry for each minute in which something changed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use failover_core::ReasonKind;

use crate::story;
use crate::world::Minute;

use super::player::Player;

/// A log that is written while a history is played.
#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    /// The text. Empty if only the counts are kept.
    pub(super) text: String,
    /// How often each reason was decided.
    pub(super) reasons: BTreeMap<ReasonKind, u32>,
    /// Minutes in which the primary failed.
    pub(super) failures: u32,
    /// Minutes in which something else went wrong.
    pub(super) faults: u32,
    silent: bool,
    said: Vec<String>,
    stood: String,
}

impl Log {
    /// Counts only.
    pub(super) fn silent() -> Self {
        Self { silent: true, ..Self::default() }
    }

    /// Plays a minute and writes down what changed. Answers what happened.
    pub(super) fn play(&mut self, player: &mut Player<'_>, minute: &Minute) -> Minute {
        let now = player.world.now;
        let mut said = Vec::new();
        let Self { reasons, silent, .. } = self;
        let minute = player.play(minute, &mut |invocation| {
            *reasons.entry(invocation.decision().reason.kind()).or_default() += 1;
            // A look that does not raise is in no log of the controller either.
            if !*silent && invocation.decision().reason.kind() != ReasonKind::Looked {
                said.push(story::said(invocation));
            }
        });
        self.failures += u32::from(minute.flip && !player.world.primary.up);
        self.faults += u32::from(minute.fault.is_some());
        if self.silent {
            return minute;
        }
        let mut words = story::happenings(&Minute { look: None, ..minute });
        // Lags alone are no news.
        let happened = minute.flip
            || minute.relief.is_some()
            || minute.fault.is_some()
            || minute.operator.is_some();
        let stands = story::stands(&player.world);
        if happened || said != self.said || stands != self.stood {
            if minute.skew != 0 {
                words.push(format!("the controller's clock is off by {} s", minute.skew));
            }
            words.extend(said.iter().cloned());
            let words = if words.is_empty() { "-".to_owned() } else { words.join("; ") };
            let load = player.site.demand;
            self.line(&format!("{now}  {words}\n    load {load}, {stands}"));
        }
        (self.said, self.stood) = (said, stands);
        minute
    }

    /// Writes a line.
    pub(super) fn line(&mut self, line: &str) {
        if !self.silent {
            writeln!(self.text, "{line}").expect("a string grows");
        }
    }

    /// A number that changes with any byte of the text: FNV-1a.
    pub(super) fn digest(text: &str) -> u64 {
        text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }
}
