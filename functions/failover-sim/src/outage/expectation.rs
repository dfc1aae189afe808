//! What a script claims of its own outcome.

use failover_core::record::Sizes;

use super::grammar::Form;
use super::moment::Moment;

/// One claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expectation {
    /// The controller decides this in that minute.
    At { step: &'static str, at: Moment, run: Option<&'static str>, cause: Option<&'static str> },
    /// So often, and not once more.
    Count { step: &'static str, count: u16 },
    /// Not once before that time; `None`: never.
    Nothing { step: &'static str, before: Option<Moment> },
    /// The users fare like this from that minute on, not in the one before, and not any more in the last one.
    Users { state: &'static str, from: Moment, to: Option<Moment> },
    /// In every minute.
    Always(&'static str),
    /// In no minute.
    Never(&'static str),
    /// In so many minutes of all.
    Minutes { state: &'static str, count: u16 },
    /// The group has these sizes at the end of that minute.
    Stands { region: &'static str, sizes: Sizes, at: Moment },
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
        make: |values| at(values.word(0), values.time(1), None, None),
    },
    Form {
        text: "<step> at <time> because of <cause>",
        meaning: "the same, on this evidence",
        make: |values| at(values.word(0), values.time(1), None, Some(values.word(2))),
    },
    Form {
        text: "<step> at <time> by <run>",
        meaning: "the same, when woken by this",
        make: |values| at(values.word(0), values.time(1), Some(values.word(2)), None),
    },
    Form {
        text: "<step> <count>",
        meaning: "so often, and not once more; what goes on from tick to tick counts once",
        make: |values| Expectation::Count { step: values.word(0), count: values.number(1) },
    },
    Form {
        text: "nothing <step>",
        meaning: "never",
        make: |values| Expectation::Nothing { step: values.word(0), before: None },
    },
    Form {
        text: "nothing <step> before <time>",
        meaning: "later it may",
        make: |values| Expectation::Nothing { step: values.word(0), before: Some(values.time(1)) },
    },
    Form {
        text: "users <state> from <time>",
        meaning: "to the end, and not in the minute before",
        make: |values| Expectation::Users { state: values.word(0), from: values.time(1), to: None },
    },
    Form {
        text: "users <state> from <time> to <time>",
        meaning: "not in the minute before, and not any more in the last one",
        make: |values| Expectation::Users {
            state: values.word(0),
            from: values.time(1),
            to: Some(values.time(2)),
        },
    },
    Form {
        text: "users always <state>",
        meaning: "in every minute",
        make: |values| Expectation::Always(values.word(0)),
    },
    Form {
        text: "users never <state>",
        meaning: "in no minute",
        make: |values| Expectation::Never(values.word(0)),
    },
    Form {
        text: "users <state> for <number> minutes in all",
        meaning: "added up",
        make: |values| Expectation::Minutes { state: values.word(0), count: values.number(1) },
    },
    Form {
        text: "the <region> stands at <sizes> at <time>",
        meaning: "minimum, desired and maximum at the end of that minute",
        make: |values| Expectation::Stands {
            region: values.word(0),
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
        make: |values| {
            at(values.word(0), values.time(1), Some(values.word(2)), Some(values.word(3)))
        },
    },
];

const fn at(
    step: &'static str,
    at: Moment,
    run: Option<&'static str>,
    cause: Option<&'static str>,
) -> Expectation {
    Expectation::At { step, at, run, cause }
}
