//! The record: what the controller remembers, as registers with growing timestamps, one tag each, on the standby group.
//!
//! The state lives on the thing it controls. One writer per register and only growing timestamps replace the compare-and-set that
//! Auto Scaling does not offer: a stale `done` names an older raise and cannot cancel a newer one.

use serde::{Deserialize, Serialize};

use crate::observation::Mode;
use crate::policy::CAPACITY_LIMIT;
use crate::register::{Fields, Writer};
use crate::time::Timestamp;

/// Prefix of every tag key that belongs to the record.
pub const TAG_PREFIX: &str = "pilotlight:";
/// Longest value of a tag. Source: Auto Scaling API, `Tag.Value`.
pub const TAG_VALUE_MAX: usize = 256;
const HISTORY_MAX: usize = 8;

/// One register as read: absent, held, or written by something else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slot<T> {
    /// The tag is not there.
    #[default]
    Absent,
    /// The tag is there and its value is whole.
    Held(T),
    /// The tag is there and its value is truncated, edited, or of another version.
    Unreadable,
}

impl<T> Slot<T> {
    /// The value, if there is a readable one.
    pub const fn held(&self) -> Option<&T> {
        match self {
            Self::Held(value) => Some(value),
            Self::Absent | Self::Unreadable => None,
        }
    }

    fn read(text: Option<&str>, parse: impl FnOnce(&str) -> Option<T>) -> Self {
        text.map_or(Self::Absent, |text| parse(text).map_or(Self::Unreadable, Self::Held))
    }
}

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
    fn read(fields: &Fields<'_>) -> Option<Self> {
        let [min, desired, max] = ["min", "desired", "max"].map(|key| fields.number(key));
        let sizes = Self { min: min?, desired: desired?, max: max? };
        (sizes.min <= sizes.desired && sizes.desired <= sizes.max).then_some(sizes)
    }

    fn write(self, writer: Writer) -> Writer {
        writer.field("min", self.min).field("desired", self.desired).field("max", self.max)
    }
}

/// `base`: the standby's normal sizes, noted in peace.
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

    fn read(fields: &Fields<'_>) -> Option<Self> {
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

    fn ring_text(&self) -> String {
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
pub enum Cause {
    /// D1: the alarm reads ALARM.
    Alarm,
    /// D2: the newest two datapoints are 0, whatever the alarm says.
    Datapoints,
    /// D6: the alarm cannot be read and a fresh event claims ALARM.
    Claim,
}

impl Cause {
    const ALL: [Self; 3] = [Self::Alarm, Self::Datapoints, Self::Claim];

    /// The word in the register.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Alarm => "alarm",
            Self::Datapoints => "datapoints",
            Self::Claim => "claim",
        }
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
    fn read(fields: &Fields<'_>) -> Option<Self> {
        let why = fields.text("why")?;
        Some(Self {
            first: fields.time("first")?,
            at: fields.time("at")?,
            target: fields.number("target")?,
            why: Cause::ALL.into_iter().find(|cause| cause.word() == why)?,
            undo: Sizes::read(fields)?,
        })
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
}

/// `drain`: consecutive ticks on which DNS answered the primary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Drain {
    /// [`Raised::first`] of the episode it belongs to.
    pub episode: Timestamp,
    /// Ticks counted.
    pub ticks: u16,
    /// When the last one was counted, also the time of the last lowering step.
    pub at: Timestamp,
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

    fn read(fields: &Fields<'_>) -> Option<Self> {
        let read = |text: &str| Timestamp::from_second(text.parse().ok()?).ok();
        let finished = fields.text("t")?.split(':').map(read).collect::<Option<Vec<_>>>()?;
        (finished.len() <= HISTORY_MAX).then_some(Self { finished })
    }
}

/// What an operator asks of the controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

impl Order {
    fn read(fields: &Fields<'_>) -> Option<Self> {
        let what = match fields.text("what")? {
            "failover" => Demand::Failover,
            "failback" => Demand::Failback,
            "approve" => Demand::Approve,
            _ => return None,
        };
        let by = fields.text("by")?.to_owned();
        Some(Self { what, episode: fields.time("for")?, at: fields.time("at")?, by })
    }
}

/// Whether the standby's present size is the controller's own doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ownership {
    /// We raised it and have not finished putting it back.
    Ours(Raised),
    /// Nobody, or somebody else, raised it.
    Idle,
    /// The registers that would tell cannot be read: never lower.
    Unreadable,
}

/// Everything the controller remembers. Source: the tags `pilotlight:*` of the standby Auto Scaling group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// Normal sizes.
    pub base: Slot<Base>,
    /// Capacity ring.
    pub peak: Slot<Peak>,
    /// Intent and undo note.
    pub raised: Slot<Raised>,
    /// [`Raised::at`] of the raise that is finished.
    pub done: Slot<Timestamp>,
    /// When the latch was last closed.
    pub closed: Slot<Timestamp>,
    /// When the latch was last opened.
    pub opened: Slot<Timestamp>,
    /// The primary's undo note.
    pub primary: Slot<PrimaryUndo>,
    /// Drain counter.
    pub drain: Slot<Drain>,
    /// Finished failbacks.
    pub history: Slot<History>,
    /// The operator's mode.
    pub mode: Slot<Mode>,
    /// The operator's request.
    pub order: Slot<Order>,
}

impl Record {
    /// Reads the record from a group's tags; tags of other owners are skipped. Total: a bad value is [`Slot::Unreadable`].
    pub fn from_tags<'a>(tags: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let tags: std::collections::BTreeMap<_, _> = tags
            .into_iter()
            .filter_map(|(key, value)| Some((key.strip_prefix(TAG_PREFIX)?, value)))
            .collect();
        let text = |key: &str| tags.get(key).copied();
        let at = |key: &str| Slot::read(text(key), |text| Fields::parse(text)?.time("at"));
        Self {
            base: Slot::read(text("base"), |text| {
                let fields = Fields::parse(text)?;
                Some(Base { sizes: Sizes::read(&fields)?, at: fields.time("at")? })
            }),
            peak: Slot::read(text("peak"), |text| Peak::read(&Fields::parse(text)?)),
            raised: Slot::read(text("raised"), |text| Raised::read(&Fields::parse(text)?)),
            done: at("done"),
            closed: at("closed"),
            opened: at("opened"),
            primary: Slot::read(text("primary"), |text| {
                let fields = Fields::parse(text)?;
                let (min, desired) = (fields.number("min")?, fields.number("desired")?);
                Some(PrimaryUndo { episode: fields.time("for")?, min, desired })
            }),
            drain: Slot::read(text("drain"), |text| {
                let fields = Fields::parse(text)?;
                let (ticks, at) = (fields.number("n")?, fields.time("at")?);
                Some(Drain { episode: fields.time("for")?, ticks, at })
            }),
            history: Slot::read(text("history"), |text| History::read(&Fields::parse(text)?)),
            mode: Slot::read(text("mode"), parse_mode),
            order: Slot::read(text("order"), |text| Order::read(&Fields::parse(text)?)),
        }
    }

    /// Raised by us ⇔ `raised.at` > `done.at`.
    #[must_use]
    pub fn ownership(&self) -> Ownership {
        match (&self.raised, &self.done) {
            (Slot::Unreadable, _) | (Slot::Held(_), Slot::Unreadable) => Ownership::Unreadable,
            (Slot::Held(raised), Slot::Absent) => Ownership::Ours(*raised),
            (Slot::Held(raised), Slot::Held(done)) if raised.at > *done => Ownership::Ours(*raised),
            (Slot::Held(_), Slot::Held(_)) | (Slot::Absent, _) => Ownership::Idle,
        }
    }

    /// The record after a register was written.
    #[must_use]
    pub fn with(mut self, register: &Register) -> Self {
        match register {
            Register::Base(base) => self.base = Slot::Held(*base),
            Register::Peak(peak) => self.peak = Slot::Held(*peak),
            Register::Raised(raised) => self.raised = Slot::Held(*raised),
            Register::Done(done) => self.done = Slot::Held(*done),
            Register::Closed(closed) => self.closed = Slot::Held(*closed),
            Register::Opened(opened) => self.opened = Slot::Held(*opened),
            Register::Primary(undo) => self.primary = Slot::Held(*undo),
            Register::Drain(drain) => self.drain = Slot::Held(*drain),
            Register::History(history) => self.history = Slot::Held(history.clone()),
        }
        self
    }

    /// Keys of the registers that are there and cannot be read.
    #[must_use]
    pub fn unreadable(&self) -> Vec<&'static str> {
        let bad = |slot: bool, key| slot.then_some(key);
        [
            bad(self.base == Slot::Unreadable, "base"),
            bad(self.peak == Slot::Unreadable, "peak"),
            bad(self.raised == Slot::Unreadable, "raised"),
            bad(self.done == Slot::Unreadable, "done"),
            bad(self.closed == Slot::Unreadable, "closed"),
            bad(self.opened == Slot::Unreadable, "opened"),
            bad(self.primary == Slot::Unreadable, "primary"),
            bad(self.drain == Slot::Unreadable, "drain"),
            bad(self.history == Slot::Unreadable, "history"),
            bad(self.mode == Slot::Unreadable, "mode"),
            bad(self.order == Slot::Unreadable, "order"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

fn parse_mode(text: &str) -> Option<Mode> {
    match text {
        "armed" => Some(Mode::Armed),
        "observe" => Some(Mode::Observe),
        "frozen" => Some(Mode::Frozen),
        _ => None,
    }
}

/// One register to write. `mode` and `order` are missing on purpose: only an operator writes them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Register {
    /// Normal sizes.
    Base(Base),
    /// Capacity ring.
    Peak(Peak),
    /// Intent and undo note.
    Raised(Raised),
    /// The raise that is finished.
    Done(Timestamp),
    /// The latch is to close.
    Closed(Timestamp),
    /// The latch is to open.
    Opened(Timestamp),
    /// The primary's undo note.
    Primary(PrimaryUndo),
    /// Drain counter.
    Drain(Drain),
    /// Finished failbacks.
    History(History),
}

impl Register {
    /// The tag's key and value. The value is at most [`TAG_VALUE_MAX`] bytes of ASCII.
    #[must_use]
    pub fn tag(&self) -> (String, String) {
        let at = |at: &Timestamp| Writer::new().time("at", *at);
        let (key, writer) = match self {
            Self::Base(base) => ("base", base.sizes.write(Writer::new()).time("at", base.at)),
            Self::Peak(peak) => {
                ("peak", Writer::new().field("hour", peak.hour).field("ring", peak.ring_text()))
            }
            Self::Raised(raised) => {
                let writer = Writer::new().time("first", raised.first).time("at", raised.at);
                let writer = writer.field("target", raised.target).field("why", raised.why.word());
                ("raised", raised.undo.write(writer))
            }
            Self::Done(done) => ("done", at(done)),
            Self::Closed(closed) => ("closed", at(closed)),
            Self::Opened(opened) => ("opened", at(opened)),
            Self::Primary(undo) => {
                let writer = Writer::new().time("for", undo.episode);
                ("primary", writer.field("min", undo.min).field("desired", undo.desired))
            }
            Self::Drain(drain) => {
                let writer = Writer::new().time("for", drain.episode).field("n", drain.ticks);
                ("drain", writer.time("at", drain.at))
            }
            Self::History(history) => {
                let times: Vec<_> =
                    history.finished.iter().map(|at| at.as_second().to_string()).collect();
                ("history", Writer::new().field("t", times.join(":")))
            }
        };
        let value = writer.finish();
        // INVARIANT: every register fits one tag; the widest, `peak` and `history`, stay below 120 bytes.
        assert!(value.len() <= TAG_VALUE_MAX, "register `{key}` is too long: {value}");
        (format!("{TAG_PREFIX}{key}"), value)
    }
}

#[cfg(test)]
mod tests;
