//! What happens in one minute, as far as nobody but the adversary can tell.

use failover_core::Timestamp;
use failover_core::observation::{AlarmState, CheckConfig};
use failover_core::signal::Wish;
use strum::{IntoStaticStr, VariantArray};

use super::{Check, Names, Words};

/// One minute's choices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Minute {
    /// The primary fails or returns.
    pub flip: bool,
    /// Something that went wrong before ends.
    pub relief: Option<Flip>,
    /// Something goes wrong.
    pub fault: Option<Fault>,
    /// What is late.
    pub lags: Lags,
    /// The alarm's event arrives, if there is one; otherwise it is lost.
    pub event: bool,
    /// A handler that halted goes on after this minute's tick, not before.
    pub late: bool,
    /// Looks between this tick and the last one, if any arrive.
    pub look: Option<Look>,
    /// The operator acts.
    pub operator: Option<Operator>,
    /// What the endpoint's check says, whatever is true: not every checker sees the same.
    pub verdict: Option<bool>,
    /// An event that was under way for long arrives instead of this minute's own: what it says, and of when.
    pub claim: Option<(AlarmState, Timestamp)>,
    /// The tick looks at the check's settings, as one in an hour does.
    pub check: Option<CheckConfig>,
    /// How far the clock of the controller's host is ahead of everybody else's. Units: seconds.
    pub skew: i16,
}

/// When the looks of a minute arrive. Those that find nothing change nothing, so two of them stand for any number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Look {
    /// Before the event and the tick.
    Before,
    /// After both.
    After,
    /// Before both, and once more after them.
    Twice,
}

/// Something that lasts until it is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, VariantArray)]
pub enum Flip {
    /// The standby region is dark, and the controller with it.
    Standby,
    /// The detector does not see.
    Sight,
    /// The controller does not run.
    Controller,
    /// The operator froze it.
    Freeze,
    /// A tag was edited by hand; it is deleted, or written as it was where only a person can know what it said.
    Tags,
    /// Readings that failed in every invocation succeed.
    Readings,
    /// The names resolve as usual.
    Names,
    /// The health check is set right.
    Check,
    /// The verdict's records are as they were.
    Words,
    /// Our own probe has its way to the primary again.
    Path,
    /// The unhealthy servers are replaced.
    Servers,
}

impl Flip {
    /// Every one.
    pub const ALL: &[Self] = Self::VARIANTS;
}

/// What may be late by a minute at no cost.
#[expect(clippy::struct_excessive_bools, reason = "four clocks that do not know each other")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Lags {
    /// The alarm keeps its state.
    pub alarm: bool,
    /// The latch's check keeps its verdict.
    pub gate: bool,
    /// Our resolver still has the answer of a minute ago.
    pub answer: bool,
    /// Target tracking leaves idle instances alone for now.
    pub tracking: bool,
}

/// Something goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Lasting: the standby region goes dark.
    StandbyDark,
    /// Lasting: us-east-1 goes dark.
    DetectorDark,
    /// Lasting: the metric stops.
    DetectorSilent,
    /// Lasting: the controller does not run, from this tick on.
    Dead,
    /// Lasting: the operator freezes the controller.
    Freeze,
    /// The endpoint's check says the opposite of the truth.
    WrongVerdict,
    /// The standby loses an instance.
    Loss,
    /// Lasting: the standby loses an instance, and no zone has capacity for another.
    Drought,
    /// The primary loses all but one instance.
    Shrink,
    /// A deploy of the standby's web stack: its minimum is as the template says.
    Deploy,
    /// Somebody deploys the site with other settings.
    Setting(u8),
    /// Lasting: a reading fails in every invocation.
    Unreadable(Read),
    /// Lasting: the names resolve to other addresses.
    Names(Names),
    /// Lasting: a health check that DNS moves by is set wrongly.
    Check(Check),
    /// Lasting: the verdict's records are edited by hand, or somebody answers in their place.
    Words(Words),
    /// Lasting: our own probe does not get through to the primary, and everything else outside answers.
    Path,
    /// Lasting: a server of that region runs, and fails its load balancer's checks.
    Unhealthy(Region),
    /// Somebody deletes a tag of the record.
    Delete(Tag),
    /// Lasting: somebody's edit makes a tag of the record unreadable.
    Garble(Tag),
    /// One reading fails.
    Unread(Read),
    /// Clients ask the standby, wherever DNS leads.
    Stragglers,
    /// Everything outside the controller's region is out of its reach.
    NoEgress,
    /// An event says ALARM while the alarm cannot be read.
    StaleEvent,
    /// The handler dies right before its n-th act.
    Crash(u8),
    /// The n-th act does not happen, and is known not to.
    Lost(u8),
    /// The n-th act happens, and is not known to.
    Unconfirmed(u8),
    /// The notice is not published, or is and looks lost.
    Untold,
    /// The handler halts right before its n-th act and goes on in the next minute, while another runs.
    Slow(u8),
}

/// One of the two regions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Region {
    /// Where the users are on an ordinary day.
    Primary,
    /// Where they go.
    Standby,
}

/// One reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Read {
    /// The alarm.
    Alarm,
    /// Its metric.
    Datapoints,
    /// The standby group with the record.
    Standby,
    /// The primary group.
    Primary,
    /// DNS.
    Answer,
    /// Our own probe.
    Probe,
    /// The healthy count of the standby.
    Healthy,
    /// The requests at the standby.
    Requests,
    /// Route 53's verdict.
    Verdict,
}

impl Read {
    /// Every reading that each site has: not the verdict.
    pub const ALL: [Self; 8] = [
        Self::Alarm,
        Self::Datapoints,
        Self::Standby,
        Self::Primary,
        Self::Answer,
        Self::Probe,
        Self::Healthy,
        Self::Requests,
    ];
}

/// A tag that somebody edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Tag {
    /// The mode.
    Mode,
    /// The order.
    Order,
    /// The drain counter.
    Drain,
    /// The finished failbacks.
    History,
    /// The normal sizes.
    Base,
    /// The capacity ring.
    Peak,
    /// The ticks for which a held standby lacked its share.
    Starved,
    /// The last reading that was lost.
    Unseen,
    /// What people were told.
    Findings,
    /// Since when something lasts.
    Lasting,
    /// The raise.
    Raised,
    /// Its end.
    Done,
    /// The latch was closed.
    Closed,
    /// It was opened.
    Opened,
    /// The primary's sizes to go back to.
    Primary,
}

impl Tag {
    /// Its key, without the prefix.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// Every tag that can be deleted without loss.
    pub const ALL: [Self; 10] = [
        Self::Mode,
        Self::Order,
        Self::Drain,
        Self::History,
        Self::Base,
        Self::Peak,
        Self::Starved,
        Self::Unseen,
        Self::Findings,
        Self::Lasting,
    ];

    /// Those of them that a random history makes unreadable.
    pub const SMALL: [Self; 4] = [Self::Mode, Self::Order, Self::Drain, Self::History];

    /// Those that only a person can write again.
    pub const KEPT: [Self; 5] =
        [Self::Raised, Self::Done, Self::Closed, Self::Opened, Self::Primary];
}

/// What an operator does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// Asks the controller.
    Asks(Wish),
    /// Raises the standby by hand.
    Raises,
}
