//! Plays a script: minute by minute, around the function that ships.

use failover_core::Record;
use failover_core::decision::{Effect, Latch, Reply, StandbyWrite};
use failover_core::observation::{AlarmState, CheckConfig};
use failover_core::record::{Base, Cause, Sizes, Slot, TAG_PREFIX};
use failover_core::time::after;
use failover_core::{Reason, ReasonKind, Signal};

use failover_sim::world::{
    Invocation, Judged, Lags, Look, Minute, Operator, Read, Sight, Site, Stage, VerdictOf, World,
};

use super::event::{CHECKERS, Event};
use super::grammar::{Line, time};
use super::moment::Moment;
use super::read::{Script, Told};
use super::vocabulary::{Phrase as _, Run, Tag};

/// Long before every script: when the normal sizes were noted.
const NOTED_BEFORE: i64 = 30 * 24 * 60 * 60;

const ALREADY: &str = "it is so already";

/// One minute as it went.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) at: Moment,
    /// What the script let happen.
    pub(super) happened: Vec<String>,
    /// What the controller did.
    pub(super) ran: Vec<Ran>,
    /// How things stand at the end of the minute.
    pub(super) world: World,
    /// The invariant that broke.
    pub(super) broken: Option<&'static str>,
}

/// One invocation of the controller.
#[derive(Clone, Debug)]
pub(super) struct Ran {
    /// Why it ran.
    pub(super) run: Run,
    /// What was decided.
    pub(super) kind: ReasonKind,
    /// More of the reason, for people.
    pub(super) detail: Option<String>,
    /// The evidence of a raise.
    pub(super) cause: Option<Cause>,
    /// What became of a request.
    pub(super) reply: Option<String>,
    /// It writes to a group, or moves the latch.
    pub(super) moves: bool,
    /// It was not carried out: the readings had changed, or AWS refused.
    pub(super) refused: bool,
    /// Subject of the notice.
    pub(super) mail: Option<String>,
}

impl Frame {
    /// Servers of the region that DNS names, as many as the users need.
    pub(super) fn served(&self, site: &Site) -> u16 {
        use failover_core::observation::Answer;
        let fleet = match self.world.answer {
            Answer::Standby => &self.world.standby,
            Answer::Primary | Answer::Mixed => &self.world.primary,
        };
        fleet.healthy().min(site.demand)
    }
}

/// Everything that changes while a script is played.
struct Play<'a> {
    script: &'a Script,
    /// What the standby can launch changes.
    site: Site,
    world: World,
    /// Checkers that reach the primary while it is up.
    reached: u16,
    inverted: bool,
    loses_event: bool,
    /// Looks arrive, where the site makes them.
    looks: bool,
}

/// The minutes of a script, or the line that had nothing to act on, and why.
pub(super) fn play(script: &Script) -> Result<Vec<Frame>, String> {
    let site = script.site.clone();
    let start = script.from.since(script.midnight);
    let sizes = Sizes { min: site.floor, desired: site.floor, max: site.demand.max(site.floor) };
    let base = Base { sizes, at: after(start, -NOTED_BEFORE) };
    let record = Record { base: Slot::Held(base), ..Record::default() };
    let world = World::idle(&site, start, record);
    let looks = site.verdict != VerdictOf::Nothing;
    let (reached, inverted, loses_event) = (CHECKERS, false, false);
    let mut play = Play { script, site, world, reached, inverted, loses_event, looks };
    let mut events = script.events.iter().peekable();
    let mut frames = Vec::new();
    for minute in script.from.0..=script.until.0 {
        let at = Moment(minute);
        let mut now = Vec::new();
        while let Some(told) = events.next_if(|told| told.what.0 == at) {
            now.push(told);
        }
        frames.push(play.minute(at, &now)?);
    }
    Ok(frames)
}

impl Play<'_> {
    fn minute(&mut self, at: Moment, events: &[&Told<(Moment, Event)>]) -> Result<Frame, String> {
        let mut minute = Minute { event: true, ..Minute::default() };
        let mut new_check = false;
        let mut happened = Vec::new();
        for told in events {
            let event = &told.what.1;
            self.happen(event, &mut minute).map_err(|what| self.complaint(told, what))?;
            new_check |= matches!(event, Event::Deploys { detector: true });
            happened.push(said(told));
        }
        self.look(&mut minute, at, new_check);
        // One a minute, before everything else: what the tick would see as well, earlier.
        let runs = self.world.alive && self.world.standby.up;
        minute.look = (self.looks && runs).then_some(Look::Before);
        let before = self.world.detector.alarm;
        if self.loses_event {
            minute.event = false;
        }
        let stage = Stage {
            site: &self.site,
            decide: &failover_core::decide,
            judged: Judged::All,
            ticks: true,
            rulings: None,
        };
        let mut ran = Vec::new();
        let next = self.world.after(&stage, &minute, &mut |world, invocation| {
            // A look that does not raise is in no log either.
            if invocation.decision().reason != Reason::Looked {
                ran.push(Ran::new(world, invocation));
            }
        });
        let Some(next) = next else {
            let what = "the controller is not there to be asked";
            return Err(events.last().map_or(what.to_owned(), |told| self.complaint(told, what)));
        };
        self.world = next;
        if self.loses_event && self.world.detector.alarm != before {
            self.loses_event = false;
            happened.push("the alarm's event is lost".to_owned());
        }
        let broken = self.world.broken.take();
        Ok(Frame { at, happened, ran, world: self.world.clone(), broken })
    }

    fn complaint(&self, told: &Told<(Moment, Event)>, what: &str) -> String {
        let (file, line, text) = (&self.script.file, told.line, &told.text);
        format!(
            "{file}:{line}: {what}: `{text}`\nhint: remove the line, or correct what went before"
        )
    }

    /// What the checks see in this minute, and what is late.
    fn look(&self, minute: &mut Minute, at: Moment, new_check: bool) {
        let world = &self.world;
        let up = world.primary.up != minute.flip;
        // Source: Route 53 calls an endpoint healthy when more than 18 % of its checkers do.
        let reached = self.reached * 100 > CHECKERS * 18;
        let sees = (up && reached) != self.inverted;
        if self.inverted || self.reached < CHECKERS {
            minute.verdict = Some(sees);
        }
        let latch_turns = world.gate.target(self.site.silence) != world.gate.seen;
        minute.lags = Lags {
            alarm: self.script.delays && !world.detector.late,
            gate: self.script.delays && latch_turns && !world.gate.late,
            answer: self.script.delays,
            tracking: !self.script.trims,
        };
        if new_check {
            minute.verdict = Some(true);
            minute.lags.gate = true;
        }
        if at.starts_an_hour() && world.detector.sight != Sight::Dark {
            minute.check = Some(CheckConfig { disabled: false, inverted: self.inverted });
        }
    }

    /// Lets an event happen. `Err`: there is nothing for it to act on.
    fn happen(&mut self, event: &Event, minute: &mut Minute) -> Result<(), &'static str> {
        let world = &mut self.world;
        match event {
            Event::PrimaryFails => {
                ensure(world.primary.up && !minute.flip, "the primary is down already")?;
                minute.flip = true;
            }
            Event::PrimaryReturns => {
                ensure(!world.primary.up && !minute.flip, "the primary is up already")?;
                minute.flip = true;
            }
            Event::PrimaryHas(servers) => {
                ensure(*servers > 0, "without any server it fails: write `the primary fails`")?;
                ensure(*servers < world.primary.in_service, "the primary has no more than that")?;
                // One comes back within the minute.
                world.primary.in_service = *servers - 1;
            }
            Event::PrimaryFlaps { .. } => unreachable!("it was spelt out when it was read"),
            Event::DetectorDark => turn(&mut world.detector.sight, Sight::Dark)?,
            Event::DetectorSilent => turn(&mut world.detector.sight, Sight::Silent)?,
            Event::DetectorSees => turn(&mut world.detector.sight, Sight::Clear)?,
            Event::StandbyDark => turn(&mut world.standby.up, false)?,
            Event::StandbyReturns => turn(&mut world.standby.up, true)?,
            Event::Launchable(servers) => {
                turn(&mut self.site.launchable, servers.unwrap_or(u16::MAX))?;
            }
            Event::Reached(checkers) => turn(&mut self.reached, *checkers)?,
            Event::Inverted(inverted) => turn(&mut self.inverted, *inverted)?,
            Event::Words(words) => turn(&mut world.lasting.words, *words)?,
            Event::NameServers(reached) => {
                ensure(world.lasting.fails(Read::Answer) == *reached, ALREADY)?;
                if *reached {
                    world.lasting.read_again();
                } else {
                    world.lasting.fail(Read::Answer);
                    world.lasting.fail(Read::Verdict);
                }
            }
            Event::Looks(arrive) => turn(&mut self.looks, *arrive)?,
            Event::Path(open) => turn(&mut world.lasting.cut, !open)?,
            Event::ControllerStops => turn(&mut world.alive, false)?,
            Event::ControllerRuns => turn(&mut world.alive, true)?,
            Event::NextEventLost => turn(&mut self.loses_event, true)?,
            Event::Stale(of) => {
                minute.claim = Some((AlarmState::Alarm, of.since(self.script.midnight)));
            }
            Event::Asks(wish) => {
                ensure(minute.operator.is_none(), "one request a minute: write it a minute later")?;
                minute.operator = Some(Operator::Asks(*wish));
            }
            Event::StandbySet(sizes) => {
                let standby = &mut world.standby;
                (standby.min, standby.desired, standby.max) = (sizes.min, sizes.desired, sizes.max);
                standby.in_service = standby.in_service.min(sizes.desired);
            }
            Event::Deploys { detector } => {
                let resets = world.standby.min != self.site.floor;
                ensure(resets || *detector, "the minimum is as the template says already")?;
                world.standby.min = self.site.floor;
                if *detector {
                    world.gate.seen = Latch::Open;
                }
            }
            Event::TagSet { tag, text } => edit(&mut world.record, *tag, Some(text)),
            Event::TagDeleted(tag) => edit(&mut world.record, *tag, None),
        }
        Ok(())
    }
}

/// An event as the timeline repeats it: without its time.
fn said(told: &Told<(Moment, Event)>) -> String {
    let line = Line::new(&told.text);
    let (_, words) = time(&line).unwrap_or((told.what.0, 0));
    line.rest(words).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn ensure(holds: bool, otherwise: &'static str) -> Result<(), &'static str> {
    if holds { Ok(()) } else { Err(otherwise) }
}

fn turn<T: PartialEq>(place: &mut T, value: T) -> Result<(), &'static str> {
    ensure(*place != value, ALREADY)?;
    *place = value;
    Ok(())
}

/// Somebody edits a tag by hand; it is read as the controller reads it.
fn edit(record: &mut Record, tag: Tag, text: Option<&str>) {
    let key = format!("{TAG_PREFIX}{}", tag.words());
    let edited = Record::from_tags(text.map(|text| (key.as_str(), text)));
    tag.take(record, edited);
}

impl Ran {
    fn new(world: &World, invocation: &Invocation) -> Self {
        let decision = invocation.decision();
        let acts = decision.effect == Effect::Act;
        let (cause, detail) = told(&decision.reason);
        let refused = acts && !carried_out(world, invocation);
        // As the course joins them: one mail, with the subject of what was done.
        let done = decision.notice.clone().filter(|_| acts && !refused);
        Self {
            run: match invocation.ruling.signal {
                Signal::Tick | Signal::Rehearsal => Run::Tick,
                Signal::Alarm(_) | Signal::Unreadable { .. } => Run::Event,
                Signal::Look { .. } => Run::Look,
                Signal::Request(_) => Run::Request,
            },
            kind: decision.reason.kind(),
            detail,
            cause,
            reply: decision.reply.map(|reply| match reply {
                Reply::Taken => "taken".to_owned(),
                Reply::Repeated => "repeated".to_owned(),
                Reply::Refused(refusal) => format!("refused: {refusal}"),
            }),
            moves: acts && (decision.standby.is_some() || decision.primary.is_some()),
            refused,
            mail: done.or_else(|| decision.news.notice.clone()).map(|notice| notice.subject),
        }
    }
}

/// The groups are as the decision wants them.
fn carried_out(world: &World, invocation: &Invocation) -> bool {
    let standby = invocation.decision().standby.is_none_or(|write| match write {
        StandbyWrite::Raise(sizes) => {
            (world.standby.min, world.standby.desired, world.standby.max)
                == (sizes.min, sizes.desired, sizes.max)
        }
        StandbyWrite::LowerMin { min } => world.standby.min == min,
        StandbyWrite::LowerDesired { desired, max } => {
            (world.standby.desired, world.standby.max) == (desired, max)
        }
    });
    let primary = invocation.decision().primary.is_none_or(|write| world.primary.min == write.min);
    standby && primary
}

/// The evidence of a reason, and what people want to know of it besides its name.
fn told(reason: &Reason) -> (Option<Cause>, Option<String>) {
    if let Reason::Raise { why, .. } = reason {
        (Some(*why), Some(why.word().to_owned()))
    } else if let Reason::Proving { missing, .. } = reason {
        (None, Some(format!("{missing:?} missing").to_lowercase()))
    } else {
        (None, None)
    }
}
