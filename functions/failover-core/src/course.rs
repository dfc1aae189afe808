//! The order of the writes of one decision, and what a failed one means for the rest.
//!
//! The undo note is durable before the write that destroys what it describes, and is cleared last. The Lambda, the model
//! checker and the simulator all walk the same [`Course`]; they differ only in how an act is carried out.

use crate::decision::{Decision, Effect, Latch, Notice, PrimaryWrite, StandbyWrite, Step};
use crate::observation::{Known, Why};
use crate::record::Register;

/// One act: at most one call of AWS.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// Write these registers, in one call.
    Tags(Vec<Register>),
    /// Read the alarm and DNS again; confirmed if both are as they were decided on.
    Recheck,
    /// Write the standby group.
    Standby(StandbyWrite),
    /// Write the primary group.
    Primary(PrimaryWrite),
    /// Put the latch's value.
    Latch(Latch),
    /// Tell people.
    Notify(Notice),
}

/// The acts of one decision, one after the other.
///
/// ```
/// use failover_core::{course::Course, decision::{Decision, Reason}};
///
/// let decision = Decision::hold(Reason::Idle);
/// let mut course = Course::new(&decision);
/// while let Some((_step, _act)) = course.next_act() {
///     let confirmed = true; // here the act is carried out
///     course.took(confirmed);
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Course<'a> {
    decision: &'a Decision,
    next: Option<Step>,
    unnoted: bool,
    halted: bool,
    standby_written: bool,
    published: Option<bool>,
    latch: Known<Latch>,
}

impl<'a> Course<'a> {
    /// The course of `decision`, before its first act.
    #[must_use]
    pub const fn new(decision: &'a Decision) -> Self {
        Self {
            decision,
            next: Some(Step::Before),
            unnoted: false,
            halted: false,
            standby_written: false,
            published: None,
            latch: decision.latch,
        }
    }

    /// The act to carry out now, or `None` when there is none left. The same one until [`Course::took`] is called.
    #[must_use]
    pub fn next_act(&mut self) -> Option<(Step, Act)> {
        while let Some(step) = self.next {
            if let Some(act) = self.act(step) {
                return Some((step, act));
            }
            self.next = following(step);
        }
        None
    }

    /// Whether AWS confirmed the act. What was not confirmed may still have happened.
    pub fn took(&mut self, confirmed: bool) {
        let Some(step) = self.next else { return };
        self.next = following(step);
        match step {
            // A raise is worth more than its note, which is then written afterwards.
            Step::Before if self.raises() => self.unnoted = !confirmed,
            Step::Before | Step::Recheck | Step::Primary => self.halted = !confirmed,
            Step::Standby => {
                self.standby_written = confirmed;
                self.halted = !confirmed;
            }
            Step::After => {
                self.halted = !confirmed;
                // A site without a latch has no metric of one: what a finished failover opens there is only noted.
                let has_latch = self.decision.latch != Known::Unknown(Why::NotAsked);
                if let Some(latch) = self.changed_latch().filter(|_| has_latch) {
                    // Nobody knows what the record says now. A minute of silence changes nothing at the gate.
                    self.latch =
                        if confirmed { Known::Known(latch) } else { Known::Unknown(Why::Fault) };
                }
            }
            Step::Notify => self.published = Some(confirmed),
            // These undo and hide nothing.
            Step::Latch | Step::Told => {}
        }
    }

    /// The note of a raise could not be written before it.
    #[must_use]
    pub const fn unnoted(&self) -> bool {
        self.unnoted
    }

    fn act(&self, step: Step) -> Option<Act> {
        let decision = self.decision;
        let acts = decision.effect == Effect::Act;
        let goes_on = acts && !self.halted;
        match step {
            Step::Before => {
                let rule = if acts { &decision.before[..] } else { &[] };
                tags(decision.request.iter().chain(rule))
            }
            Step::Recheck => {
                let lowers = decision.standby.is_some_and(|write| write.lowers());
                (goes_on && lowers).then_some(Act::Recheck)
            }
            Step::Standby => decision.standby.filter(|_| goes_on).map(Act::Standby),
            Step::Primary => decision.primary.filter(|_| goes_on).map(Act::Primary),
            Step::After if goes_on => {
                let late = if self.unnoted { &decision.before[..] } else { &[] };
                let request = decision.request.iter().filter(|_| self.unnoted);
                tags(request.chain(late).chain(&decision.after))
            }
            Step::After => None,
            Step::Latch => self.latch.known().copied().map(Act::Latch),
            Step::Notify => {
                let done = acts && (!self.halted || self.standby_written);
                let done = decision.notice.clone().filter(|_| done);
                joined(done, decision.news.notice.clone()).map(Act::Notify)
            }
            Step::Told => {
                let told = decision.news.told.iter().filter(|_| self.was_told());
                let told = told.cloned().map(Register::Told);
                let lasting = decision.news.lasting.iter().cloned().map(Register::Lasting);
                let registers: Vec<_> = told.chain(lasting).collect();
                tags(registers.iter())
            }
        }
    }

    /// People heard of it, or there was nothing to hear. A notice that may be lost is not noted, and so it is sent again.
    fn was_told(&self) -> bool {
        let silent = self.decision.notice.is_none() && self.decision.news.notice.is_none();
        self.published.unwrap_or(silent)
    }

    fn raises(&self) -> bool {
        let raises = self.decision.standby.is_some_and(|write| !write.lowers());
        raises && self.decision.effect == Effect::Act
    }

    /// The latch value that the registers after the group stand for.
    fn changed_latch(&self) -> Option<Latch> {
        self.decision.after.iter().find_map(|register| match register {
            Register::Closed(_) => Some(Latch::Closed),
            Register::Opened(_) => Some(Latch::Open),
            Register::Base(_)
            | Register::Peak(_)
            | Register::Raised(_)
            | Register::Done(_)
            | Register::Primary(_)
            | Register::Drain(_)
            | Register::Starved(_)
            | Register::Unseen(_)
            | Register::History(_)
            | Register::Mode(_)
            | Register::Order(_)
            | Register::Told(_)
            | Register::Lasting(_) => None,
        })
    }
}

const fn following(step: Step) -> Option<Step> {
    match step {
        Step::Before => Some(Step::Recheck),
        Step::Recheck => Some(Step::Standby),
        Step::Standby => Some(Step::Primary),
        Step::Primary => Some(Step::After),
        Step::After => Some(Step::Latch),
        Step::Latch => Some(Step::Notify),
        Step::Notify => Some(Step::Told),
        Step::Told => None,
    }
}

/// Both notices as one: whoever is paged is paged once.
fn joined(done: Option<Notice>, news: Option<Notice>) -> Option<Notice> {
    match (done, news) {
        (Some(done), Some(news)) => {
            let body = format!("{}\n\nAlso: {}\n{}", done.body, news.subject, news.body);
            Some(Notice { subject: done.subject, body })
        }
        (done, news) => done.or(news),
    }
}

fn tags<'r>(registers: impl Iterator<Item = &'r Register>) -> Option<Act> {
    let registers: Vec<Register> = registers.cloned().collect();
    (!registers.is_empty()).then_some(Act::Tags(registers))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::{News, Reason};
    use crate::observation::Mode;
    use crate::record::{Lasting, Sizes, Told};
    use crate::time::Timestamp;

    /// The steps of a course in which the steps of `failing` are not confirmed.
    fn steps(decision: &Decision, failing: &[Step]) -> Vec<Step> {
        let mut course = Course::new(decision);
        let mut steps = Vec::new();
        while let Some((step, _)) = course.next_act() {
            steps.push(step);
            course.took(!failing.contains(&step));
        }
        steps
    }

    fn full(standby: StandbyWrite) -> Decision {
        let at = Timestamp::UNIX_EPOCH;
        Decision {
            before: vec![Register::Done(at)],
            standby: Some(standby),
            primary: Some(PrimaryWrite { min: 1, desired: None }),
            after: vec![Register::Closed(at.into())],
            latch: Known::Known(Latch::Open),
            notice: Some(notice("done")),
            ..Decision::hold(Reason::Idle)
        }
    }

    fn notice(subject: &str) -> Notice {
        Notice { subject: subject.to_owned(), body: "why".to_owned() }
    }

    /// With a finding to tell and to note, and something that lasts.
    fn with_news(decision: Decision) -> Decision {
        let news = News {
            notice: Some(notice("finding")),
            told: Some(Told::default()),
            lasting: Some(Lasting::default()),
        };
        Decision { news, ..decision }
    }

    #[test]
    fn a_notice_that_was_lost_is_not_noted_as_told() {
        let noted = |decision: &Decision, failing: &[Step]| {
            let mut course = Course::new(decision);
            let mut noted = None;
            while let Some((step, act)) = course.next_act() {
                if step == Step::Told {
                    noted = Some(act);
                }
                course.took(!failing.contains(&step));
            }
            noted
        };
        let told = Register::Told(Told::default());
        let lasting = Register::Lasting(Lasting::default());
        let both = Some(Act::Tags(vec![told.clone(), lasting.clone()]));
        let news = with_news(Decision::hold(Reason::Idle));
        assert_eq!(noted(&news, &[]), both);
        assert_eq!(noted(&news, &[Step::Notify]), Some(Act::Tags(vec![lasting.clone()])));
        let silent = News { notice: None, ..news.news.clone() };
        let silent = Decision { news: silent, ..Decision::hold(Reason::Idle) };
        assert_eq!(noted(&silent, &[]), both, "there is nothing to publish");
        let unsaid = Decision { notice: Some(notice("done")), ..silent };
        assert_eq!(noted(&unsaid, &[]), both);
        assert_eq!(noted(&unsaid, &[Step::Notify]), Some(Act::Tags(vec![lasting])));
        assert_eq!(steps(&news, &[]), [Step::Notify, Step::Told]);
    }

    #[test]
    fn findings_are_told_in_every_mode_and_whatever_failed() {
        let told = |decision: &Decision, failing: &[Step]| {
            let mut course = Course::new(decision);
            let mut told = None;
            while let Some((step, act)) = course.next_act() {
                if let Act::Notify(notice) = act {
                    told = Some(notice.subject);
                }
                course.took(!failing.contains(&step));
            }
            told
        };
        let lowers = with_news(lower());
        assert_eq!(told(&lowers, &[]).as_deref(), Some("done"));
        assert_eq!(told(&lowers, &[Step::Standby]).as_deref(), Some("finding"));
        let report = Decision { effect: Effect::Report, ..lowers.clone() };
        assert_eq!(steps(&report, &[]), [Step::Latch, Step::Notify, Step::Told]);
        assert_eq!(told(&report, &[]).as_deref(), Some("finding"));
        let joined = joined(Some(notice("done")), Some(notice("finding"))).unwrap();
        assert_eq!(joined.body, "why\n\nAlso: finding\nwhy");
    }

    fn raise() -> Decision {
        full(StandbyWrite::Raise(Sizes { min: 1, desired: 1, max: 1 }))
    }

    fn lower() -> Decision {
        full(StandbyWrite::LowerMin { min: 0 })
    }

    #[test]
    fn every_step_has_its_place() {
        use Step::{After, Before, Latch, Notify, Primary, Recheck, Standby};
        assert_eq!(steps(&raise(), &[]), [Before, Standby, Primary, After, Latch, Notify]);
        assert_eq!(steps(&lower(), &[]), [Before, Recheck, Standby, Primary, After, Latch, Notify]);
    }

    #[test]
    fn a_failed_note_stops_a_lowering_and_never_a_raise() {
        use Step::{After, Before, Latch, Notify, Primary, Standby};
        assert_eq!(steps(&raise(), &[Before]), [Before, Standby, Primary, After, Latch, Notify]);
        assert_eq!(steps(&lower(), &[Before]), [Before, Latch]);
        let decision = raise();
        let mut course = Course::new(&decision);
        for confirmed in [false, true, true] {
            assert!(course.next_act().is_some());
            course.took(confirmed);
        }
        let late = [decision.before.clone(), decision.after.clone()].concat();
        assert_eq!(course.next_act(), Some((After, Act::Tags(late))));
        assert!(course.unnoted());
    }

    /// The course after so many answers, and its next act.
    fn walked<'a>(decision: &'a Decision, answers: &[bool]) -> (Course<'a>, Option<(Step, Act)>) {
        let mut course = Course::new(decision);
        for &confirmed in answers {
            assert!(course.next_act().is_some());
            course.took(confirmed);
        }
        let next = course.next_act();
        (course, next)
    }

    #[test]
    fn a_note_that_was_confirmed_is_not_written_again() {
        let decision = raise();
        let (course, next) = walked(&decision, &[true, true, true]);
        assert_eq!(next, Some((Step::After, Act::Tags(decision.after.clone()))));
        assert!(!course.unnoted());
        let lowering = lower();
        assert!(
            !walked(&lowering, &[false]).0.unnoted(),
            "it was not carried out without its record"
        );
    }

    #[test]
    fn a_request_that_could_not_be_kept_is_kept_after_the_raise_it_caused() {
        let request = Register::Mode(Mode::Armed);
        let decision = Decision { request: Some(request.clone()), ..raise() };
        let first = [&[request][..], &decision.before].concat();
        let late = [&first[..], &decision.after].concat();
        assert_eq!(walked(&decision, &[]).1, Some((Step::Before, Act::Tags(first))));
        let (_, next) = walked(&decision, &[false, true, true]);
        assert_eq!(next, Some((Step::After, Act::Tags(late))));
    }

    #[test]
    fn people_are_told_of_what_was_written_although_its_note_failed() {
        use Step::{After, Before, Notify, Primary, Recheck, Standby};
        let told = steps(&lower(), &[After]);
        assert_eq!(told, [Before, Recheck, Standby, Primary, After, Notify]);
        let unwritten = Decision { standby: None, ..lower() };
        assert_eq!(steps(&unwritten, &[After]), [Before, Primary, After]);
    }

    #[test]
    fn the_same_act_is_offered_until_it_was_taken_and_none_after_the_last() {
        let decision = raise();
        let mut course = Course::new(&decision);
        assert_eq!(course.next_act(), course.next_act());
        while course.next_act().is_some() {
            course.took(true);
        }
        let ended = course.clone();
        course.took(false);
        assert_eq!((course.next_act(), course), (None, ended));
    }

    #[test]
    fn what_a_notice_was_to_tell_is_not_noted_where_no_notice_went_out() {
        let news = News { told: Some(Told::default()), ..News::NONE };
        let decision = Decision { news, ..lower() };
        assert!(steps(&decision, &[]).contains(&Step::Told));
        assert!(!steps(&decision, &[Step::Before]).contains(&Step::Told));
    }

    #[test]
    fn an_empty_step_is_passed_over() {
        assert_eq!(steps(&Decision::hold(Reason::Idle), &[]), []);
    }

    #[test]
    fn an_opened_latch_is_put_and_other_notes_change_no_latch() {
        let put = |register| {
            let decision = Decision { after: vec![register], ..lower() };
            walked(&decision, &[true; 5]).1
        };
        let at = Timestamp::UNIX_EPOCH;
        let open = Some((Step::Latch, Act::Latch(Latch::Open)));
        assert_eq!(put(Register::Opened(at.into())), open);
        assert_eq!(put(Register::Done(at)), open);
        let decision = Decision { after: vec![Register::Done(at)], ..lower() };
        let (_, next) = walked(&decision, &[true, true, true, true, false]);
        assert_eq!(next, open, "the note that failed was not the latch's");
    }

    #[test]
    fn whatever_fails_ends_the_course_but_not_the_feed_of_the_latch() {
        use Step::{After, Before, Latch, Notify, Primary, Recheck, Standby};
        assert_eq!(steps(&lower(), &[Recheck]), [Before, Recheck, Latch]);
        assert_eq!(steps(&lower(), &[Standby]), [Before, Recheck, Standby, Latch]);
        let primary = steps(&lower(), &[Primary]);
        assert_eq!(primary, [Before, Recheck, Standby, Primary, Latch, Notify]);
        let latch = steps(&lower(), &[Latch]);
        assert_eq!(latch, [Before, Recheck, Standby, Primary, After, Latch, Notify]);
    }

    #[test]
    fn an_unconfirmed_change_of_the_latch_puts_nothing() {
        assert!(!steps(&raise(), &[Step::After]).contains(&Step::Latch));
        let decision = raise();
        let mut course = Course::new(&decision);
        let mut put = None;
        while let Some((_, act)) = course.next_act() {
            if let Act::Latch(latch) = act {
                put = Some(latch);
            }
            course.took(true);
        }
        assert_eq!(put, Some(Latch::Closed), "confirmed, the new value is put");
    }

    #[test]
    fn a_report_writes_the_request_and_feeds_the_latch() {
        let request = Some(Register::Mode(Mode::Observe));
        let decision = Decision { effect: Effect::Report, request, ..raise() };
        assert_eq!(steps(&decision, &[]), [Step::Before, Step::Latch]);
        assert_eq!(steps(&decision, &[Step::Before]), [Step::Before, Step::Latch]);
        assert!(!walked(&decision, &[false]).0.unnoted(), "a raise that is only reported");
    }
}
