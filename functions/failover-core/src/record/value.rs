//! The values that the registers hold, and their texts.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

use crate::finding::Finding;
use crate::policy::CAPACITY_LIMIT;
use crate::register::{Fields, Writer, time};
use crate::time::Timestamp;

const HISTORY_MAX: usize = 8;

/// The three sizes of an Auto Scaling group. Units: instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sizes {
    /// MinSize.
    pub min: u16,
    /// DesiredCapacity.
    pub desired: u16,
    /// MaxSize.
    pub max: u16,
}

impl Sizes {
    pub(super) fn read(fields: &Fields<'_>) -> Option<Self> {
        let [min, desired, max] = ["min", "desired", "max"].map(|key| fields.number(key));
        let sizes = Self { min: min?, desired: desired?, max: max? };
        sizes.plausible().then_some(sizes)
    }

    /// The three fit each other, and are no larger than the controller ever asks for.
    #[must_use]
    pub const fn plausible(self) -> bool {
        self.min <= self.desired && self.desired <= self.max && self.max <= CAPACITY_LIMIT
    }

    pub(super) fn write(self, writer: Writer) -> Writer {
        writer.field("min", self.min).field("desired", self.desired).field("max", self.max)
    }
}

/// `base`: the standby's normal sizes, recorded after an hour of OK.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Base {
    /// The sizes.
    pub sizes: Sizes,
    /// When they were noted.
    pub at: Timestamp,
}

/// `peak`: the primary's in-service maxima of the last 24 *sampled* hours, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Peak {
    /// Number of the sampled hour that `ring[0]` belongs to.
    pub hour: i64,
    /// Maxima, newest first; 0 = not sampled yet.
    pub ring: [u16; 24],
}

impl Peak {
    /// The largest of the ring, or `None` if nothing was sampled.
    #[must_use]
    pub fn max(&self) -> Option<u16> {
        self.ring.iter().copied().max().filter(|&peak| peak > 0)
    }

    /// When the newest sampled hour began, at so long an hour.
    #[must_use]
    pub fn sampled_at(&self, hour: Duration) -> Timestamp {
        let seconds = i64::try_from(hour.as_secs()).unwrap_or(i64::MAX);
        let at = self.hour.saturating_mul(seconds);
        Timestamp::from_second(at).unwrap_or(if at < 0 { Timestamp::MIN } else { Timestamp::MAX })
    }

    /// The ring after sampling `in_service` in `hour`. It advances by one per *sampled* hour, so that silence never empties it.
    #[must_use]
    pub fn sampled(before: Option<Self>, hour: i64, in_service: u16) -> Self {
        let value = in_service.min(CAPACITY_LIMIT);
        let mut next = before.unwrap_or(Self { hour, ring: [0; 24] });
        if next.hour < hour {
            next.ring.rotate_right(1);
            next.ring[0] = 0;
            next.hour = hour;
        }
        next.ring[0] = next.ring[0].max(value);
        next
    }

    pub(super) fn read(fields: &Fields<'_>) -> Option<Self> {
        let digits = fields.text("ring")?.as_bytes();
        if digits.len() != 48 || !digits.iter().all(u8::is_ascii_alphanumeric) {
            return None;
        }
        let mut ring = [0; 24];
        for (value, pair) in ring.iter_mut().zip(digits.chunks(2)) {
            *value = u16::from_str_radix(std::str::from_utf8(pair).ok()?, 36).ok()?;
        }
        Some(Self { hour: fields.number("hour")?, ring })
    }

    pub(super) fn ring_text(&self) -> String {
        let digit = |value: u16| char::from_digit(u32::from(value), 36).unwrap_or('z');
        self.ring
            .iter()
            .map(|&value| value.min(CAPACITY_LIMIT))
            .flat_map(|value| [digit(value / 36), digit(value % 36)])
            .collect()
    }
}

/// Why the standby was raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Cause {
    /// D1: the alarm reads ALARM.
    Alarm,
    /// D7: Route 53's verdict reads unhealthy.
    Verdict,
    /// D2: the newest two datapoints are 0, whatever the alarm says.
    Datapoints,
    /// D3: an operator asked for it.
    Order,
    /// D4: DNS has left the primary by itself.
    Answer,
    /// D5: the detector is blind, we reach the outside, and our own probe finds the primary down.
    Probe,
    /// D6: the alarm cannot be read and a fresh event claims ALARM.
    Claim,
    /// D8: two looks in a row found the primary down by our own probe, before Route 53 made up its mind: a precaution.
    Suspicion,
}

impl Cause {
    /// Every cause, in the order of the rules.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The word in the register.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// `raised`: intent and undo note, written before the group is raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Raised {
    /// When this episode's first raise was decided: the episode's name in the other registers.
    pub first: Timestamp,
    /// When the newest raise was decided. Strictly grows.
    pub at: Timestamp,
    /// Instances asked for.
    pub target: u16,
    /// Why.
    pub why: Cause,
    /// The sizes to go back to.
    pub undo: Sizes,
}

impl Raised {
    pub(super) fn read(fields: &Fields<'_>) -> Option<Self> {
        let why = fields.text("why")?;
        Some(Self {
            first: fields.time("first")?,
            at: fields.time("at")?,
            target: fields.number("target")?,
            why: Cause::ALL.iter().copied().find(|cause| cause.word() == why)?,
            undo: Sizes::read(fields)?,
        })
    }
}

/// `closed`, `opened`: when the latch was last turned that way, and in which episode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "TurnText")]
pub struct Turn {
    /// [`Raised::first`] of the episode it belongs to. `None`: written by a version that did not note it.
    pub episode: Option<Timestamp>,
    /// When it was turned. Strictly grows over both registers.
    pub at: Timestamp,
}

/// A log line of an earlier version holds the time alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum TurnText {
    Earlier(Timestamp),
    Present { episode: Option<Timestamp>, at: Timestamp },
}

impl From<TurnText> for Turn {
    fn from(text: TurnText) -> Self {
        match text {
            TurnText::Earlier(at) => Self { episode: None, at },
            TurnText::Present { episode, at } => Self { episode, at },
        }
    }
}

/// As an earlier version noted it.
impl From<Timestamp> for Turn {
    fn from(at: Timestamp) -> Self {
        Self { episode: None, at }
    }
}

impl Turn {
    /// Whether the turn belongs to the episode that began at `first`. A turn that names no episode belongs to the newest one
    /// that began before it.
    #[must_use]
    pub fn is_of(&self, first: Timestamp) -> bool {
        self.episode.map_or(self.at >= first, |episode| episode == first)
    }

    pub(super) fn read(fields: &Fields<'_>) -> Option<Self> {
        let episode = match fields.text("for") {
            None => None,
            // An episode that cannot be read is not the same as none.
            Some(_) => Some(fields.time("for")?),
        };
        Some(Self { episode, at: fields.time("at")? })
    }

    pub(super) fn write(self) -> Writer {
        let writer = Writer::new();
        let writer = match self.episode {
            None => writer,
            Some(episode) => writer.time("for", episode),
        };
        writer.time("at", self.at)
    }
}

/// `primary`: the primary's undo note, written before it is prewarmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PrimaryUndo {
    /// [`Raised::first`] of the episode it belongs to.
    pub episode: Timestamp,
    /// MinSize to restore.
    pub min: u16,
    /// DesiredCapacity at the time, for the log.
    pub desired: u16,
    /// MinSize before and after the newest write of ours: what is neither was set by somebody else. `None`: written by a
    /// version that did not note it.
    #[serde(default)]
    pub ours: Option<[u16; 2]>,
}

impl PrimaryUndo {
    /// Whether `min` is what we wrote, as far as that was noted.
    #[must_use]
    pub fn wrote(&self, min: u16) -> bool {
        self.ours.is_none_or(|ours| ours.contains(&min))
    }

    pub(super) fn read(fields: &Fields<'_>) -> Option<Self> {
        let ours = match (fields.text("was"), fields.text("wrote")) {
            (None, None) => None,
            _ => Some([fields.number("was")?, fields.number("wrote")?]),
        };
        let (min, desired) = (fields.number("min")?, fields.number("desired")?);
        Some(Self { episode: fields.time("for")?, min, desired, ours })
    }

    pub(super) fn write(self) -> Writer {
        let writer = Writer::new().time("for", self.episode);
        let writer = writer.field("min", self.min).field("desired", self.desired);
        match self.ours {
            None => writer,
            Some([was, wrote]) => writer.field("was", was).field("wrote", wrote),
        }
    }
}

/// `drain`, `starved`: a count of consecutive ticks on which something was so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Count {
    /// [`Raised::first`] of the episode it belongs to.
    pub episode: Timestamp,
    /// Ticks counted.
    pub ticks: u16,
    /// When the last one was counted; of `drain` also the time of the last lowering step.
    pub at: Timestamp,
}

impl Count {
    pub(super) fn read(fields: &Fields<'_>) -> Option<Self> {
        let (ticks, at) = (fields.number("n")?, fields.time("at")?);
        Some(Self { episode: fields.time("for")?, ticks, at })
    }

    pub(super) fn write(self) -> Writer {
        Writer::new().time("for", self.episode).field("n", self.ticks).time("at", self.at)
    }
}

/// `history`: when the newest automatic failbacks finished, newest first, at most eight.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct History {
    /// Times, newest first.
    pub finished: Vec<Timestamp>,
}

impl History {
    /// The history with one more failback.
    #[must_use]
    pub fn with(&self, at: Timestamp) -> Self {
        let older = self.finished.iter().copied().filter(|&time| time != at);
        Self { finished: std::iter::once(at).chain(older).take(HISTORY_MAX).collect() }
    }

    pub(super) fn read(fields: &Fields<'_>) -> Option<Self> {
        let finished = fields.text("t")?.split(':').map(time).collect::<Option<Vec<_>>>()?;
        (finished.len() <= HISTORY_MAX).then_some(Self { finished })
    }
}

/// What an operator asks of the controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[derive(IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Demand {
    /// Move to the standby.
    Failover,
    /// Move back.
    Failback,
    /// Allow the failback that waits.
    Approve,
}

/// `order`: an operator's request, written through the function.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Order {
    /// What is asked.
    pub what: Demand,
    /// [`Raised::at`] of the episode it was given for; a new failure voids it.
    pub episode: Timestamp,
    /// When it was given.
    pub at: Timestamp,
    /// Who gave it.
    pub by: String,
}

impl Demand {
    /// Every demand.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The word in the register, in requests and on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}

impl Order {
    pub(super) fn read(fields: &Fields<'_>) -> Option<Self> {
        let what = fields.text("what")?;
        Some(Self {
            what: Demand::ALL.iter().copied().find(|demand| demand.word() == what)?,
            episode: fields.time_or_zero("for")?,
            at: fields.time("at")?,
            by: fields.text("by")?.to_owned(),
        })
    }
}

/// `findings`: what people have been told of, so that it is told once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Told {
    /// The findings.
    pub findings: BTreeSet<Finding>,
    /// When people were last told: of a change, or again of what stands.
    pub at: Timestamp,
    /// Those of the findings that do not hold now.
    #[serde(default)]
    pub gone: Option<Gone>,
}

/// Findings that were told and do not hold now. People hear of it when they have been gone for an hour.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Gone {
    /// The findings.
    pub findings: BTreeSet<Finding>,
    /// When the set last changed: each of them was last true before.
    pub at: Timestamp,
}

/// Marks a word of a finding that does not hold now.
const GONE: char = '-';

impl Told {
    pub(super) fn read(fields: &Fields<'_>) -> Option<Self> {
        let words = fields.text("set")?.split('.').filter(|word| !word.is_empty());
        let (mut findings, mut gone) = (BTreeSet::new(), BTreeSet::new());
        for word in words {
            let (word, holds) = word.strip_suffix(GONE).map_or((word, true), |word| (word, false));
            let finding = Finding::marked(word)?;
            findings.insert(finding);
            if !holds {
                gone.insert(finding);
            }
        }
        let gone = if gone.is_empty() {
            None
        } else {
            Some(Gone { findings: gone, at: fields.time("gone")? })
        };
        Some(Self { findings, at: fields.time("at")?, gone })
    }

    /// Whether a finding was told and does not hold now.
    #[must_use]
    pub fn is_gone(&self, finding: Finding) -> bool {
        self.gone.as_ref().is_some_and(|gone| gone.findings.contains(&finding))
    }

    pub(super) fn write(&self, writer: Writer) -> Writer {
        let word = |&finding: &Finding| {
            let mark = if self.is_gone(finding) { GONE.to_string() } else { String::new() };
            format!("{}{mark}", finding.mark())
        };
        let words: Vec<_> = self.findings.iter().map(word).collect();
        let writer = writer.field("set", words.join(".")).time("at", self.at);
        match &self.gone {
            Some(gone) => writer.time("gone", gone.at),
            None => writer,
        }
    }
}

/// `lasting`: since when something holds that is told only if it lasts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Lasting {
    /// Since when, by finding.
    pub since: BTreeMap<Finding, Timestamp>,
}

impl Lasting {
    pub(super) fn read(fields: &Fields<'_>) -> Option<Self> {
        let since = |finding: Finding| {
            let word = finding.word();
            fields.text(word).map(|_| fields.time(word).map(|at| (finding, at)))
        };
        let since = Finding::LASTING.into_iter().filter_map(since).collect::<Option<_>>()?;
        Some(Self { since })
    }

    pub(super) fn write(&self, writer: Writer) -> Writer {
        self.since.iter().fold(writer, |writer, (finding, at)| writer.time(finding.word(), *at))
    }
}
