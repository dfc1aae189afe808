//! Whether a script's claims are true.

use failover_core::observation::Answer;

use failover_sim::world::Site;

use super::expectation::Expectation;
use super::moment::Moment;
use super::play::{Frame, Ran, play};
use super::read::{Script, Told};
use super::timeline;
use super::vocabulary::{Phrase as _, Region, State, Step};

/// How a script went.
#[derive(Clone, Debug)]
pub struct Outcome {
    timeline: String,
    wrong: Vec<String>,
}

impl Outcome {
    /// Every change, minute by minute.
    #[must_use]
    pub fn timeline(&self) -> &str {
        &self.timeline
    }

    /// What is not as the script says, each with file and line. Empty: everything is.
    #[must_use]
    pub fn wrong(&self) -> &[String] {
        &self.wrong
    }
}

impl Script {
    /// Plays the script around the decision that ships.
    #[must_use]
    pub fn play(&self) -> Outcome {
        let frames = match play(self) {
            Ok(frames) => frames,
            Err(wrong) => return Outcome { timeline: String::new(), wrong: vec![wrong] },
        };
        let mut wrong = self.invariants(&frames);
        for claim in &self.expectations {
            if let Err(found) = holds(&claim.what, self, &frames) {
                wrong.push(self.not_so(claim, &found));
            }
        }
        Outcome { timeline: timeline::tell(&self.site, &frames), wrong }
    }

    fn not_so<T>(&self, told: &Told<T>, found: &str) -> String {
        format!("{}:{}: not so: `{}`\nhint: {found}", self.file, told.line, told.text)
    }

    /// Every invariant holds, but for those that are known not to, and these do not.
    fn invariants(&self, frames: &[Frame]) -> Vec<String> {
        let broken = || frames.iter().filter_map(|frame| Some((frame.at, frame.broken?)));
        // A property is its name of the design, a space, and what it demands.
        let is = |property: &str, name: &str| property.split(' ').next() == Some(name);
        let known = |property: &str| self.known.iter().any(|known| is(property, &known.what));
        let unknown = broken().filter(|(_, what)| !known(what));
        let unknown = unknown.map(|(at, what)| {
            let hint = "if this is known, write `known` with its name, `because` and why";
            format!("{}: broken at {at}: {what}\nhint: {hint}", self.file)
        });
        let holding =
            self.known.iter().filter(|known| !broken().any(|(_, what)| is(what, &known.what)));
        let found = "it holds here: remove the line";
        unknown.chain(holding.map(|known| self.not_so(known, found))).collect()
    }
}

/// `Err`: what is true instead.
fn holds(claim: &Expectation, script: &Script, frames: &[Frame]) -> Result<(), String> {
    let site = &script.site;
    match claim {
        Expectation::At { step, at, run, cause } => {
            let fits = |ran: &Ran| {
                run.is_none_or(|run| run == ran.run)
                    && cause.is_none_or(|cause| ran.cause == Some(cause))
            };
            let found = decided(frames, *step);
            ensure(found.iter().any(|(when, ran)| when == at && fits(ran)), || all(*step, &found))
        }
        Expectation::Count { step, count } => {
            let found = decided(frames, *step);
            ensure(found.len() == usize::from(*count), || all(*step, &found))
        }
        Expectation::Nothing { step, before } => {
            let found = decided(frames, *step);
            let early = |(when, _): &(Moment, &Ran)| before.is_none_or(|before| *when < before);
            ensure(!found.iter().any(early), || all(*step, &found))
        }
        Expectation::Users { state, from, to } => users(site, frames, *state, *from, *to),
        Expectation::Always(state) => {
            ensure(spans(site, frames, *state, false).is_empty(), || fared(site, frames, *state))
        }
        Expectation::Never(state) => {
            ensure(spans(site, frames, *state, true).is_empty(), || fared(site, frames, *state))
        }
        Expectation::Minutes { state, count } => {
            let minutes = frames.iter().filter(|frame| fares(site, frame, *state)).count();
            ensure(minutes == usize::from(*count), || {
                let words = state.words();
                format!("users {words} for {minutes} minutes: {}", fared(site, frames, *state))
            })
        }
        Expectation::Stands { region, sizes, at } => {
            let Some(frame) = frames.iter().find(|frame| frame.at == *at) else {
                return Err(format!("the script has no minute {at}"));
            };
            let world = &frame.world;
            let fleet = match region {
                Region::Primary => &world.primary,
                Region::Standby => &world.standby,
            };
            let stands = (fleet.min, fleet.desired, fleet.max);
            ensure(stands == (sizes.min, sizes.desired, sizes.max), || {
                format!("it stands at {}/{}/{}", fleet.min, fleet.desired, fleet.max)
            })
        }
        Expectation::Mail { at, subject } => {
            let here = mails(frames).filter(|(when, _)| when == at);
            let here: Vec<_> = here.map(|(_, subject)| subject).collect();
            ensure(here.contains(&subject.as_str()), || told(frames))
        }
        Expectation::Mails(count) => {
            ensure(mails(frames).count() == usize::from(*count), || told(frames))
        }
    }
}

fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

/// When the step was decided. What goes on from tick to tick counts where it begins.
fn decided(frames: &[Frame], step: Step) -> Vec<(Moment, &Ran)> {
    let all = frames.iter().flat_map(|frame| frame.ran.iter().map(|ran| (frame.at, ran)));
    let mut last = false;
    let mut found = Vec::new();
    for (at, ran) in all {
        let is = step.kinds.contains(&ran.kind);
        if is && !(step.waits && last) {
            found.push((at, ran));
        }
        last = is;
    }
    found
}

fn all(step: Step, found: &[(Moment, &Ran)]) -> String {
    let step = step.words();
    let one = |(at, ran): &(Moment, &Ran)| {
        let cause =
            ran.cause.map_or(String::new(), |cause| format!(" because of {}", cause.word()));
        format!("{step} at {at} by {}{cause}", ran.run.words())
    };
    match found {
        [] => format!("nothing {step}"),
        found => found.iter().map(one).collect::<Vec<_>>().join("; "),
    }
}

fn mails(frames: &[Frame]) -> impl Iterator<Item = (Moment, &str)> {
    frames
        .iter()
        .flat_map(|frame| frame.ran.iter().filter_map(|ran| Some((frame.at, ran.mail.as_deref()?))))
}

fn told(frames: &[Frame]) -> String {
    let one = |(at, subject): (Moment, &str)| format!("mail at {at} {subject}");
    let all: Vec<_> = mails(frames).map(one).collect();
    if all.is_empty() { "no mail".to_owned() } else { all.join("; ") }
}

/// Whether the users fare like this.
fn fares(site: &Site, frame: &Frame, state: State) -> bool {
    let served = frame.served(site);
    match state {
        State::Served => served > 0,
        State::FullyServed => served >= site.demand,
        State::Unserved => served == 0,
        State::AtPrimary => frame.world.answer == Answer::Primary,
        State::AtStandby => frame.world.answer == Answer::Standby,
    }
}

/// First minute, and the first minute after, of each stretch in which it is so, or is not.
fn spans(site: &Site, frames: &[Frame], state: State, so: bool) -> Vec<(Moment, Option<Moment>)> {
    let mut spans: Vec<(Moment, Option<Moment>)> = Vec::new();
    for frame in frames {
        let is = fares(site, frame, state) == so;
        match (is, spans.last_mut()) {
            (true, None | Some((_, Some(_)))) => spans.push((frame.at, None)),
            (false, Some((_, end @ None))) => *end = Some(frame.at),
            (true, Some((_, None))) | (false, None | Some((_, Some(_)))) => {}
        }
    }
    spans
}

fn fared(site: &Site, frames: &[Frame], state: State) -> String {
    let words = state.words();
    let one = |(from, to): &(Moment, Option<Moment>)| {
        let to = to.map_or(String::new(), |to| format!(" to {to}"));
        format!("users {words} from {from}{to}")
    };
    match spans(site, frames, state, true)[..] {
        [] => format!("users never {words}"),
        ref spans => spans.iter().map(one).collect::<Vec<_>>().join("; "),
    }
}

fn users(
    site: &Site,
    frames: &[Frame],
    state: State,
    from: Moment,
    to: Option<Moment>,
) -> Result<(), String> {
    let spans = spans(site, frames, state, true);
    ensure(spans.contains(&(from, to)), || fared(site, frames, state))
}
