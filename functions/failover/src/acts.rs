//! What became of a decision's steps, in words.

use failover_core::decision::{Outcome, Step};
use failover_core::observation::{AlarmView, Answer, Known};

use crate::error::{InvocationError, WriteError};

/// What became of the steps so far.
#[derive(Default)]
pub(crate) struct Acts {
    /// Goes into the decision record.
    pub(crate) outcome: Outcome,
    /// What fails the invocation.
    pub(crate) failure: Option<InvocationError>,
}

impl Acts {
    /// Notes a step. `true` if AWS confirmed it.
    pub(crate) fn take(&mut self, step: Step, result: Result<(), WriteError>) -> bool {
        match result {
            Ok(()) => self.outcome.done.push(step),
            Err(error) => {
                self.fail(step, &error);
                return false;
            }
        }
        true
    }

    /// Notes a step that AWS did not confirm. A missing permission fails the invocation, whatever
    /// the step.
    pub(crate) fn fail(&mut self, step: Step, error: &WriteError) {
        self.outcome.failed.push((step, error.to_string()));
        if matches!(error, WriteError::Denied(_)) && self.failure.is_none() {
            let what = format!("the write {step:?}: {error}");
            self.failure = Some(InvocationError::Denied { what });
        }
    }

    /// Notes that the second look differed from the first.
    pub(crate) fn differs(&mut self, words: &str) {
        self.outcome.failed.push((Step::Recheck, format!("not lowered: {words}")));
    }

    /// AWS refuses a desired capacity below the minimum: a raise came between our reading and our
    /// write, and it stands.
    pub(crate) fn raised_meanwhile(&mut self, words: &str) {
        self.outcome.failed.push((Step::Standby, format!("raised meanwhile: {words}")));
    }
}

/// An alarm's reading for people.
pub(crate) fn alarm_words(alarm: Known<AlarmView>) -> String {
    match alarm {
        Known::Unknown(why) => format!("nothing ({})", why.word()),
        Known::Known(AlarmView { state, transitioned_at, evaluation }) => {
            format!("{state:?} since {transitioned_at}, evaluation {evaluation:?}")
        }
    }
}

/// DNS's answer for people.
pub(crate) fn answer_words(answer: Known<Answer>) -> String {
    match answer {
        Known::Unknown(why) => format!("nobody ({})", why.word()),
        Known::Known(Answer::Primary) => "the primary".to_owned(),
        Known::Known(Answer::Standby) => "the standby".to_owned(),
        Known::Known(Answer::Mixed) => "neither alone".to_owned(),
    }
}
