//! What can happen in a script: one line each.

use failover_core::observation::Mode;
use failover_core::record::{Demand, Sizes};
use failover_core::signal::Wish;

use super::grammar::Form;
use super::moment::Moment;
use super::vocabulary::Tag;
use failover_sim::world::Words;

/// Checkers that look at the primary. Source: Route 53 checks from about this many places at once.
pub(super) const CHECKERS: u16 = 16;

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    PrimaryFails,
    PrimaryReturns,
    /// So many servers are left; Auto Scaling replaces the others one by one.
    PrimaryHas(u16),
    /// Fails and returns by turns, and is back at the end.
    PrimaryFlaps {
        minutes: u16,
        until: Moment,
    },
    DetectorDark,
    /// The metric has no data any more.
    DetectorSilent,
    DetectorSees,
    StandbyDark,
    StandbyReturns,
    /// The standby launches no more than so many.
    Launchable(Option<u16>),
    /// So many of [`CHECKERS`] reach the primary.
    Reached(u16),
    Inverted(bool),
    /// The verdict's records say this, whatever is true.
    Words(Option<Words>),
    /// The controller reaches the zone's name servers: neither whom DNS names nor the verdict is read otherwise.
    NameServers(bool),
    /// Looks are made.
    Looks(bool),
    /// Our own probe has a way to the primary.
    Path(bool),
    ControllerStops,
    ControllerRuns,
    /// The alarm's next event does not arrive.
    NextEventLost,
    /// An ALARM event of that time arrives.
    Stale(Moment),
    Asks(Wish),
    StandbySet(Sizes),
    Deploys {
        detector: bool,
    },
    TagSet {
        tag: Tag,
        text: String,
    },
    TagDeleted(Tag),
}

/// Every event.
pub(super) const EVENTS: [Form<Event>; 38] = [
    Form {
        text: "the primary fails",
        meaning: "the whole region answers nobody",
        make: |_| Event::PrimaryFails,
    },
    Form {
        text: "the primary is back",
        meaning: "with the servers it had",
        make: |_| Event::PrimaryReturns,
    },
    Form {
        text: "the primary is down to <number> of its servers",
        meaning: "Auto Scaling replaces the others, one a minute",
        make: |values| Event::PrimaryHas(values.number(0)),
    },
    Form {
        text: "the primary flaps every <number> minutes until <time>",
        meaning: "it fails, returns and so on, and is back at the end",
        make: |values| Event::PrimaryFlaps { minutes: values.number(0), until: values.time(1) },
    },
    Form {
        text: "us-east-1 goes dark",
        meaning: "alarm and metric do not answer and see nothing; DNS and its health checks go on",
        make: |_| Event::DetectorDark,
    },
    Form {
        text: "us-east-1 is back",
        meaning: "the gap in the metric remains",
        make: |_| Event::DetectorSees,
    },
    Form {
        text: "the metric stops",
        meaning: "the alarm reads INSUFFICIENT_DATA",
        make: |_| Event::DetectorSilent,
    },
    Form { text: "the metric is back", meaning: "the gap remains", make: |_| Event::DetectorSees },
    Form {
        text: "the standby region goes dark",
        meaning: "its servers answer nobody, and the controller in it does not run",
        make: |_| Event::StandbyDark,
    },
    Form {
        text: "the standby region is back",
        meaning: "with the servers it had",
        make: |_| Event::StandbyReturns,
    },
    Form {
        text: "the standby can launch <number> in all",
        meaning: "what runs goes on; beyond that number nothing starts",
        make: |values| Event::Launchable(Some(values.number(0))),
    },
    Form {
        text: "the standby can launch again",
        meaning: "as many as it asks for, one a minute",
        make: |_| Event::Launchable(None),
    },
    Form {
        text: "<number> of 16 checkers reach the primary",
        meaning: "while it is up; more than 18 % of them make it healthy",
        make: |values| Event::Reached(values.number(0)),
    },
    Form {
        text: "the check is inverted",
        meaning: "it says the opposite of what its checkers see",
        make: |_| Event::Inverted(true),
    },
    Form {
        text: "the check is set right",
        meaning: "it says what its checkers see",
        make: |_| Event::Inverted(false),
    },
    Form {
        text: "the verdict reads healthy, whatever is true",
        meaning: "its records were edited by hand",
        make: |_| Event::Words(Some(Words::Healthy)),
    },
    Form {
        text: "the verdict reads unhealthy, whatever is true",
        meaning: "its first record was deleted, or somebody lies",
        make: |_| Event::Words(Some(Words::Unhealthy)),
    },
    Form {
        text: "the verdict is another one from each name server",
        meaning: "so it counts as unknown",
        make: |_| Event::Words(Some(Words::Foreign)),
    },
    Form {
        text: "the verdict is right again",
        meaning: "both name servers answer what the check says",
        make: |_| Event::Words(None),
    },
    Form {
        text: "the controller reaches no name server",
        meaning: "it learns neither the verdict nor whom DNS names; the users do",
        make: |_| Event::NameServers(false),
    },
    Form {
        text: "the controller reaches the name servers again",
        meaning: "both can be read",
        make: |_| Event::NameServers(true),
    },
    Form {
        text: "no look arrives",
        meaning: "the queue, or what fills it, has stopped",
        make: |_| Event::Looks(false),
    },
    Form {
        text: "the path from our probe to the primary breaks",
        meaning: "everything else outside answers, and the users reach the primary",
        make: |_| Event::Path(false),
    },
    Form {
        text: "the path from our probe to the primary is back",
        meaning: "our probe succeeds if the primary is up",
        make: |_| Event::Path(true),
    },
    Form {
        text: "the controller stops",
        meaning: "no tick, no event, and nothing feeds the latch",
        make: |_| Event::ControllerStops,
    },
    Form {
        text: "the controller runs again",
        meaning: "from this minute's tick on",
        make: |_| Event::ControllerRuns,
    },
    Form {
        text: "the next event is lost",
        meaning: "of the alarm's next change no event arrives",
        make: |_| Event::NextEventLost,
    },
    Form {
        text: "an ALARM event of <time> arrives",
        meaning: "late, or once more",
        make: |values| Event::Stale(values.time(0)),
    },
    Form {
        text: "the operator asks for a failover",
        meaning: "a request to the controller",
        make: |_| Event::Asks(Wish::Order(Demand::Failover)),
    },
    Form {
        text: "the operator asks for a failback",
        meaning: "a request to the controller",
        make: |_| Event::Asks(Wish::Order(Demand::Failback)),
    },
    Form {
        text: "the operator approves the failback",
        meaning: "a request to the controller",
        make: |_| Event::Asks(Wish::Order(Demand::Approve)),
    },
    Form {
        text: "the operator sets the mode to armed",
        meaning: "a request to the controller",
        make: |_| Event::Asks(Wish::Mode(Mode::Armed)),
    },
    Form {
        text: "the operator sets the mode to frozen",
        meaning: "a request to the controller",
        make: |_| Event::Asks(Wish::Mode(Mode::Frozen)),
    },
    Form {
        text: "somebody sets the standby to <sizes>",
        meaning: "by hand, past the controller",
        make: |values| Event::StandbySet(values.sizes(0)),
    },
    Form {
        text: "somebody deploys the standby",
        meaning: "the template's minimum is set again",
        make: |_| Event::Deploys { detector: false },
    },
    Form {
        text: "somebody deploys the standby and the detector",
        meaning: "besides, new health checks count as healthy for a minute",
        make: |_| Event::Deploys { detector: true },
    },
    Form {
        text: "somebody sets the tag <tag> to <text>",
        meaning: "of the record, by hand",
        make: |values| Event::TagSet { tag: values.one(0), text: values.text(1).to_owned() },
    },
    Form {
        text: "somebody deletes the tag <tag>",
        meaning: "of the record, by hand",
        make: |values| Event::TagDeleted(values.one(0)),
    },
];
