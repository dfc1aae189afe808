//! What a script claims of its own outcome.

use failover_core::record::{Cause, Sizes};

use super::grammar::Form;
use super::moment::Moment;
use super::vocabulary::{Region, Run, State, Step};

/// One claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expectation {
    /// The controller decides this in that minute.
    At { step: Step, at: Moment, run: Option<Run>, cause: Option<Cause> },
    /// So often, and not once more.
    Count { step: Step, count: u16 },
    /// Not once before that time; `None`: never.
    Nothing { step: Step, before: Option<Moment> },
    /// The users fare like this from that minute on, not in the one before, and not any more in the last one.
    Users { state: State, from: Moment, to: Option<Moment> },
    /// In every minute.
    Always(State),
    /// In no minute.
    Never(State),
    /// In so many minutes of all.
    Minutes { state: State, count: u16 },
    /// The group has these sizes at the end of that minute.
    Stands { region: Region, sizes: Sizes, at: Moment },
    /// People are told in that minute, in these words.
    Mail { at: Moment, subject: String },
    /// People are told so often in all.
    Mails(u16),
}

/// Every claim, without the word `expect`.
pub(super) const EXPECTATIONS: [Form<Expectation>; 16] = [
    Form {
        text: "<step> at <time>",
        meaning: "the controller decides this in that minute",
        make: |values| at(values.one(0), values.time(1), None, None),
    },
    Form {
        text: "<step> at <time> because of <cause>",
        meaning: "the same, on this evidence",
        make: |values| at(values.one(0), values.time(1), None, Some(values.one(2))),
    },
    Form {
        text: "<step> at <time> by <run>",
        meaning: "the same, when woken by this",
        make: |values| at(values.one(0), values.time(1), Some(values.one(2)), None),
    },
    Form {
        text: "<step> <count>",
        meaning: "so often, and not once more; what goes on from tick to tick counts once",
        make: |values| Expectation::Count { step: values.one(0), count: values.number(1) },
    },
    Form {
        text: "nothing <step>",
        meaning: "never",
        make: |values| Expectation::Nothing { step: values.one(0), before: None },
    },
    Form {
        text: "nothing <step> before <time>",
        meaning: "later it may",
        make: |values| Expectation::Nothing { step: values.one(0), before: Some(values.time(1)) },
    },
    Form {
        text: "users <state> from <time>",
        meaning: "to the end, and not in the minute before",
        make: |values| Expectation::Users { state: values.one(0), from: values.time(1), to: None },
    },
    Form {
        text: "users <state> from <time> to <time>",
        meaning: "not in the minute before, and not any more in the last one",
        make: |values| Expectation::Users {
            state: values.one(0),
            from: values.time(1),
            to: Some(values.time(2)),
        },
    },
    Form {
        text: "users always <state>",
        meaning: "in every minute",
        make: |values| Expectation::Always(values.one(0)),
    },
    Form {
        text: "users never <state>",
        meaning: "in no minute",
        make: |values| Expectation::Never(values.one(0)),
    },
    Form {
        text: "users <state> for <number> minutes in all",
        meaning: "added up",
        make: |values| Expectation::Minutes { state: values.one(0), count: values.number(1) },
    },
    Form {
        text: "the <region> stands at <sizes> at <time>",
        meaning: "minimum, desired and maximum at the end of that minute",
        make: |values| Expectation::Stands {
            region: values.one(0),
            sizes: values.sizes(1),
            at: values.time(2),
        },
    },
    Form {
        text: "mail at <time> <text>",
        meaning: "people are told in that minute; the text is the subject",
        make: |values| Expectation::Mail { at: values.time(0), subject: values.text(1).to_owned() },
    },
    Form {
        text: "mail <count>",
        meaning: "people are told so often in all",
        make: |values| Expectation::Mails(values.number(0)),
    },
    Form { text: "no mail", meaning: "nobody is told anything", make: |_| Expectation::Mails(0) },
    Form {
        text: "<step> at <time> by <run> because of <cause>",
        meaning: "both",
        make: |values| at(values.one(0), values.time(1), Some(values.one(2)), Some(values.one(3))),
    },
];

const fn at(step: Step, at: Moment, run: Option<Run>, cause: Option<Cause>) -> Expectation {
    Expectation::At { step, at, run, cause }
}
