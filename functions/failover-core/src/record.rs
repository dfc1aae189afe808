//! The record: what the controller remembers, as registers with growing timestamps, one tag each, on the standby group.
//!
//! The state lives on the thing it controls. One writer per register and only growing timestamps replace the compare-and-set that
//! Auto Scaling does not offer: a stale `done` names an older raise and cannot cancel a newer one.

mod value;

use serde::{Deserialize, Serialize};

use crate::decision::Latch;
use crate::observation::{Known, Mode, Why};
use crate::register::{Fields, Writer};
use crate::time::Timestamp;

pub use self::value::{
    Base, Cause, Demand, Drain, Gone, History, Lasting, Order, Peak, PrimaryUndo, Raised, Sizes,
    Told,
};

/// Prefix of every tag key that belongs to the record.
pub const TAG_PREFIX: &str = "pilotlight:";
/// Longest value of a tag. Source: Auto Scaling API, `Tag.Value`.
pub const TAG_VALUE_MAX: usize = 256;

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
    /// What people have been told of.
    pub findings: Slot<Told>,
    /// Since when something lasts.
    pub lasting: Slot<Lasting>,
}

/// The gate as recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gate {
    /// What it was last set to.
    pub latch: Latch,
    /// Since when. `None` if it was never closed.
    pub since: Option<Timestamp>,
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
            findings: Slot::read(text("findings"), |text| Told::read(&Fields::parse(text)?)),
            lasting: Slot::read(text("lasting"), |text| Lasting::read(&Fields::parse(text)?)),
        }
    }

    /// The newest of all its times.
    #[must_use]
    pub fn newest(&self) -> Option<Timestamp> {
        [
            self.base.held().map(|base| base.at),
            self.raised.held().map(|raised| raised.at.max(raised.first)),
            self.done.held().copied(),
            self.closed.held().copied(),
            self.opened.held().copied(),
            self.drain.held().map(|drain| drain.at),
            self.order.held().map(|order| order.at),
            self.findings.held().map(|told| told.at),
            self.history.held().and_then(|history| history.finished.iter().copied().max()),
        ]
        .into_iter()
        .flatten()
        .max()
    }

    /// The record without times that lie after `latest`: somebody's edit, or a broken clock. What cannot have happened yet
    /// proves nothing, and would outvote whatever is written from now on.
    #[must_use]
    pub fn without_future(mut self, latest: Timestamp) -> Self {
        fn drop_future<T>(slot: &mut Slot<T>, latest: Timestamp, at: impl Fn(&T) -> Timestamp) {
            if slot.held().is_some_and(|value| at(value) > latest) {
                *slot = Slot::Unreadable;
            }
        }
        drop_future(&mut self.base, latest, |base| base.at);
        drop_future(&mut self.raised, latest, |raised| raised.at.max(raised.first));
        drop_future(&mut self.done, latest, |&at| at);
        drop_future(&mut self.closed, latest, |&at| at);
        drop_future(&mut self.opened, latest, |&at| at);
        drop_future(&mut self.drain, latest, |drain| drain.at);
        drop_future(&mut self.order, latest, |order| order.at);
        drop_future(&mut self.findings, latest, |told| told.at);
        drop_future(&mut self.history, latest, |history| {
            history.finished.iter().copied().max().unwrap_or(Timestamp::MIN)
        });
        self
    }

    /// The operator's mode: absent = armed, unreadable = unknown.
    #[must_use]
    pub fn mode(&self) -> Known<Mode> {
        match self.mode {
            Slot::Absent => Known::Known(Mode::Armed),
            Slot::Held(mode) => Known::Known(mode),
            Slot::Unreadable => Known::Unknown(Why::Unparseable),
        }
    }

    /// The latch is closed ⇔ `closed` > `opened`, and there is something to hold users for: what we raised, or an operator's
    /// order. `None` if the registers that would tell cannot be read.
    #[must_use]
    pub fn gate(&self) -> Option<Gate> {
        let (closed, opened) = match (&self.closed, &self.opened) {
            (Slot::Unreadable, _) | (_, Slot::Unreadable) => return None,
            (closed, opened) => (closed.held().copied(), opened.held().copied()),
        };
        if closed.is_none() || closed <= opened {
            return Some(Gate { latch: Latch::Open, since: opened });
        }
        let held_for = match (self.ownership(), &self.order) {
            (Ownership::Ours(_), _) => true,
            (_, Slot::Held(order)) if order.what == Demand::Failover => true,
            (Ownership::Unreadable, _) | (_, Slot::Unreadable) => return None,
            (Ownership::Idle, Slot::Absent | Slot::Held(_)) => false,
        };
        let latch = if held_for { Latch::Closed } else { Latch::Open };
        Some(Gate { latch, since: closed })
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
            Register::Mode(mode) => self.mode = Slot::Held(*mode),
            Register::Order(order) => self.order = Slot::Held(order.clone()),
            Register::Told(told) => self.findings = Slot::Held(told.clone()),
            Register::Lasting(lasting) => self.lasting = Slot::Held(lasting.clone()),
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
            bad(self.findings == Slot::Unreadable, "findings"),
            bad(self.lasting == Slot::Unreadable, "lasting"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

fn parse_mode(text: &str) -> Option<Mode> {
    Mode::ALL.into_iter().find(|mode| mode.word() == text)
}

/// One register to write. `mode` and `order` are written only for an operator's request.
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
    /// The operator's mode.
    Mode(Mode),
    /// The operator's request.
    Order(Order),
    /// What people have been told of.
    Told(Told),
    /// Since when something lasts.
    Lasting(Lasting),
}

impl Register {
    /// The tag's key and value. The value is at most [`TAG_VALUE_MAX`] bytes of ASCII.
    #[must_use]
    pub fn tag(&self) -> (String, String) {
        let at = |at: &Timestamp| Writer::new().time("at", *at);
        let (key, writer) = match self {
            // The one register that people write by hand, in the worst of hours: a bare word.
            Self::Mode(mode) => return (format!("{TAG_PREFIX}mode"), mode.word().to_owned()),
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
            Self::Order(order) => {
                let writer = Writer::new().field("what", order.what.word());
                let writer = writer.time("for", order.episode).time("at", order.at);
                ("order", writer.field("by", &order.by))
            }
            Self::Told(told) => ("findings", told.write(Writer::new())),
            Self::Lasting(lasting) => ("lasting", lasting.write(Writer::new())),
        };
        let value = writer.finish();
        // INVARIANT: every register fits one tag; the widest, `findings`, stays below 250 bytes.
        assert!(value.len() <= TAG_VALUE_MAX, "register `{key}` is too long: {value}");
        (format!("{TAG_PREFIX}{key}"), value)
    }
}

#[cfg(test)]
mod tests;
