//! The record: what the controller remembers, as registers with growing timestamps, one tag each, on the standby group.
//!
//! The state lives on the thing it controls. One writer per register and only growing timestamps replace the compare-and-set that
//! Auto Scaling does not offer: a stale `done` names an older raise and cannot cancel a newer one.

mod value;

use serde::{Deserialize, Serialize};

use crate::known::{Known, Mode, Why};
use crate::register::{Fields, Writer};
use crate::time::Timestamp;

pub use self::value::{
    Base, Cause, Count, Demand, Gone, History, Lasting, Order, Peak, PrimaryUndo, Raised, Sizes,
    Told, Turn,
};

/// Prefix of every tag key that belongs to the record.
pub const TAG_PREFIX: &str = "pilotlight:";
/// Longest value of a tag. Source: Auto Scaling API, `Tag.Value`.
pub const TAG_VALUE_MAX: usize = 256;

/// The gate that keeps DNS on the standby until failback is released.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Latch {
    /// The endpoint check decides alone.
    Open,
    /// DNS stays on the standby.
    Closed,
}

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
    /// The registers that would tell cannot be read, or one is missing that must be there: never lower.
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
    pub closed: Slot<Turn>,
    /// When the latch was last opened.
    pub opened: Slot<Turn>,
    /// The primary's undo note.
    pub primary: Slot<PrimaryUndo>,
    /// Ticks on which DNS answered the primary.
    pub drain: Slot<Count>,
    /// Ticks on which the latch held users on a standby below its share.
    pub starved: Slot<Count>,
    /// When the metric was last unreadable beside a failing probe.
    pub unseen: Slot<Timestamp>,
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
            closed: Slot::read(text("closed"), |text| Turn::read(&Fields::parse(text)?)),
            opened: Slot::read(text("opened"), |text| Turn::read(&Fields::parse(text)?)),
            primary: Slot::read(text("primary"), |text| PrimaryUndo::read(&Fields::parse(text)?)),
            drain: Slot::read(text("drain"), |text| Count::read(&Fields::parse(text)?)),
            starved: Slot::read(text("starved"), |text| Count::read(&Fields::parse(text)?)),
            unseen: at("unseen"),
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
            self.closed.held().map(|turn| turn.at),
            self.opened.held().map(|turn| turn.at),
            self.drain.held().map(|drain| drain.at),
            self.starved.held().map(|starved| starved.at),
            self.unseen.held().copied(),
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
        drop_future(&mut self.closed, latest, |turn| turn.at);
        drop_future(&mut self.opened, latest, |turn| turn.at);
        drop_future(&mut self.drain, latest, |drain| drain.at);
        drop_future(&mut self.starved, latest, |starved| starved.at);
        drop_future(&mut self.unseen, latest, |&at| at);
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

    /// The latch is closed ⇔ `closed` > `opened`, and `closed` belongs to the episode that is not finished. `None` if the
    /// registers that would tell cannot be read.
    #[must_use]
    pub fn gate(&self) -> Option<Gate> {
        let (closed, opened) = match (&self.closed, &self.opened) {
            (Slot::Unreadable, _) | (_, Slot::Unreadable) => return None,
            (closed, opened) => (closed.held().copied(), opened.held().copied()),
        };
        let since = opened.map(|turn| turn.at);
        let open = Gate { latch: Latch::Open, since };
        let Some(closed) = closed.filter(|turn| Some(turn.at) > since) else { return Some(open) };
        match self.unfinished() {
            Some(first) if closed.is_of(first) => {
                Some(Gate { latch: Latch::Closed, since: Some(closed.at) })
            }
            None if self.raised == Slot::Unreadable => None,
            // Left over from another episode: it holds nobody.
            Some(_) | None => Some(open),
        }
    }

    /// [`Raised::first`] of the episode that nothing is known to have finished.
    #[must_use]
    pub fn unfinished(&self) -> Option<Timestamp> {
        match (&self.raised, &self.done) {
            // `done` is written after `opened`, so that it need not be readable.
            (Slot::Held(raised), Slot::Absent | Slot::Unreadable) => {
                (!self.finished_since(raised)).then_some(raised.first)
            }
            (Slot::Held(raised), Slot::Held(done)) => (raised.at > *done).then_some(raised.first),
            (Slot::Absent | Slot::Unreadable, _) => self.stranded(),
        }
    }

    /// The episode that other registers still speak of although `raised` is gone or cannot be read: nothing has finished it.
    #[must_use]
    pub fn stranded(&self) -> Option<Timestamp> {
        let done = match (&self.raised, &self.done) {
            (Slot::Held(_), _) | (_, Slot::Unreadable) => return None,
            (_, done) => done.held().copied(),
        };
        let turns = [self.closed.held(), self.opened.held()].into_iter().flatten();
        let primary = self.primary.held().map(|undo| undo.episode);
        let first = turns.filter_map(|turn| turn.episode).chain(primary).max();
        first.filter(|first| done.is_none_or(|done| *first > done))
    }

    /// Raised by us ⇔ `raised.at` > `done.at`.
    #[must_use]
    pub fn ownership(&self) -> Ownership {
        match (&self.raised, &self.done) {
            (Slot::Unreadable, _) | (Slot::Held(_), Slot::Unreadable) => Ownership::Unreadable,
            (Slot::Absent, _) if self.stranded().is_some() => Ownership::Unreadable,
            (Slot::Held(raised), Slot::Absent) if self.finished_since(raised) => Ownership::Idle,
            // One of the two may be what says that it is finished.
            (Slot::Held(_), Slot::Absent)
                if self.base == Slot::Unreadable || self.history == Slot::Unreadable =>
            {
                Ownership::Unreadable
            }
            (Slot::Held(raised), Slot::Absent) => Ownership::Ours(*raised),
            (Slot::Held(raised), Slot::Held(done)) if raised.at > *done => Ownership::Ours(*raised),
            (Slot::Held(_), Slot::Held(_)) | (Slot::Absent, _) => Ownership::Idle,
        }
    }

    /// What says that this raise is finished where `done` is missing: only then is a failback noted, or a normal size.
    fn finished_since(&self, raised: &Raised) -> bool {
        let failback = self.history.held().and_then(|history| history.finished.iter().max());
        let normal = self.base.held().map(|base| &base.at);
        failback.max(normal).is_some_and(|at| *at > raised.at)
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
            Register::Starved(starved) => self.starved = Slot::Held(*starved),
            Register::Unseen(at) => self.unseen = Slot::Held(*at),
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
            bad(self.starved == Slot::Unreadable, "starved"),
            bad(self.unseen == Slot::Unreadable, "unseen"),
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
    Mode::ALL.iter().copied().find(|mode| mode.word() == text)
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
    Closed(Turn),
    /// The latch is to open.
    Opened(Turn),
    /// The primary's undo note.
    Primary(PrimaryUndo),
    /// Ticks on which DNS answered the primary.
    Drain(Count),
    /// Ticks on which the latch held users on a standby below its share.
    Starved(Count),
    /// The metric could not be read, beside a failing probe.
    Unseen(Timestamp),
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
    /// The key of every register, without [`TAG_PREFIX`].
    pub const KEYS: [&str; 15] = [
        "base", "peak", "raised", "done", "closed", "opened", "primary", "drain", "starved",
        "unseen", "history", "mode", "order", "findings", "lasting",
    ];

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
            Self::Closed(turn) => ("closed", turn.write()),
            Self::Opened(turn) => ("opened", turn.write()),
            Self::Primary(undo) => ("primary", undo.write()),
            Self::Drain(drain) => ("drain", drain.write()),
            Self::Starved(starved) => ("starved", starved.write()),
            Self::Unseen(unseen) => ("unseen", at(unseen)),
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
        // INVARIANT: every register fits one tag; 30 findings need 250 bytes of it.
        assert!(value.len() <= TAG_VALUE_MAX, "register `{key}` is too long: {value}");
        (format!("{TAG_PREFIX}{key}"), value)
    }
}

#[cfg(test)]
mod tests;
