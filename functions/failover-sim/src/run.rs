//! Long random histories of whole sites, around the decision that ships and with the clockwork that ships.
//!
//! A seed chooses a site (floor, latch, failback, routing, capacity, hold-down, a load that moves over the day and the week), a
//! date on which calendars do something, and then, minute by minute, whatever may happen: failures of the primary, every
//! [`Fault`](crate::world::Fault), what is late, a wrong clock, and operators. Time is absolute, nothing is forgotten, and the
//! capacity ring is fed by the load, so that what a raise asks for moves too. The [model](crate::model) walks every history
//! within its bounds; this plays few of them, but long and large ones.
//!
//! # What is judged
//! Every minute, as in the model: all invariants of single decisions, and what happens to the users (I1 to I5, S2, L1, S11).
//! What users need is the load, or what a raise asks for if that is less. Besides: after an hour of OK the ring has what runs.
//!
//! From chance minutes, and from the last one, both quiet ends are played: everything that lasted has ended, an operator
//! answers when asked, and the primary stays up, or stays down. It must be back to normal within two hold-downs and an hour and a
//! half; the standby must serve within as many minutes as the cap has instances, and five.
//!
//! # What is not promised
//! - **More faults than the site's number** (up to six) before everything is back to normal. One more may happen after each hour
//!   without any. Failures of the primary, lags and operators are not counted: they are no faults.
//! - **The primary losing instances while the latch is on its way to open**: a minute or two between the decision and DNS, in
//!   which nobody can stop it. The chance never loses them then. Failing altogether in that time is judged.
//! - **A load that nobody sampled**: what is above the peak of the ring, or above the cap, is for target tracking to follow.
//! - **A third failback in a day that the controller did not make** asks nobody: an outage that ended by itself before the latch
//!   was closed, and a raise that somebody's deploy took back, leave only the record to be closed.
//! - **A deploy of the detector in mid-outage, a silence of hours at the latch's check**: the model shows what they cost.
//! - **A write that a failure overtakes** between the last look and the call, where two handlers run: no rule can see it.

mod ending;
mod hazards;
mod log;
mod place;
mod player;
mod shrink;

use std::collections::BTreeMap;
use std::fmt;

use failover_core::ReasonKind;
use serde::{Serialize, Serializer};

use crate::chance::Chance;
use crate::decide::Decide;
use crate::world::{Judged, Minute};

use self::ending::Ending;
use self::hazards::Hazards;
use self::log::Log;
use self::place::Place;
use self::player::{Court, Player};
use self::shrink::History;

/// Days of a history, if nobody says otherwise: long enough for the third failback of a day, and for a new day after it.
pub const DAYS: u16 = 5;
const DAY_MINUTES: u32 = 1440;
/// Both quiet ends are played from one minute in so many, and from the last one.
const ENDINGS: u32 = 700;

/// What to play.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// Decides everything else.
    pub seed: u64,
    /// How long. Units: days.
    pub days: u16,
}

impl Plan {
    /// The history of a seed, [`DAYS`] long.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed, days: DAYS }
    }
}

/// A history that was played. Its text and its JSON are what `cargo xtask prove --seed` prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Played {
    /// What was asked.
    #[serde(flatten)]
    pub plan: Plan,
    /// The site, in words.
    #[serde(rename = "site")]
    pub place: String,
    /// Minutes that were played, without the quiet ends.
    pub minutes: u32,
    /// How often the primary failed.
    pub failures: u32,
    /// How often something else went wrong.
    pub faults: u32,
    /// Minutes that the longest quiet ends took: back to normal, and to a serving standby.
    #[serde(rename = "longest_minutes")]
    pub longest: [u16; 2],
    /// How often each reason was decided.
    #[serde(rename = "decided")]
    pub reasons: BTreeMap<ReasonKind, u32>,
    /// Everything that happened, without the quiet ends: the same for the same seed, byte for byte.
    #[serde(rename = "log_lines", serialize_with = "lines")]
    pub log: String,
    /// The promise that was broken, if one was.
    #[serde(rename = "broken")]
    pub failure: Option<Failure>,
}

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The promise.
    #[serde(rename = "promise")]
    pub broken: &'static str,
    /// Minutes of the shortest history that was found.
    pub minutes: usize,
    /// That history: the site, what happened, and how things stood.
    pub story: String,
}

/// Plays the history of a plan around the decision that ships.
#[must_use]
pub fn play(plan: &Plan) -> Played {
    play_with(plan, &failover_core::decide, Judged::All)
}

/// Plays the history of a plan around any decision.
#[must_use]
pub fn play_with(plan: &Plan, decide: &dyn Decide, judged: Judged) -> Played {
    let place = Place::of(plan.seed);
    let court = Court { decide, judged };
    let mut log = Log::default();
    let mut longest = [0; 2];
    let mut minutes = Vec::new();
    let broken = history(plan, &place, court, &mut minutes, &mut log, &mut longest);
    let played = u32::try_from(minutes.len()).unwrap_or(u32::MAX);
    let failure = broken.map(|(ending, broken)| {
        let history = History { place: place.clone(), minutes, ending, broken };
        failure(&history.shrunk(court), court)
    });
    Played {
        plan: *plan,
        place: place.to_string(),
        minutes: played,
        failures: log.failures,
        faults: log.faults,
        longest,
        reasons: log.reasons,
        log: log.text,
        failure,
    }
}

/// Plays on until a promise is broken, or the time is over. Answers the quiet end that showed it, and the promise.
fn history(
    plan: &Plan,
    place: &Place,
    court: Court<'_>,
    minutes: &mut Vec<Minute>,
    log: &mut Log,
    longest: &mut [u16; 2],
) -> Option<(Option<Ending>, &'static str)> {
    let mut player = Player::new(place, court);
    let mut hazards = Hazards::of(plan.seed, place);
    let mut looks = Chance::new(plan.seed, 2);
    let last = u32::from(plan.days) * DAY_MINUTES;
    for number in 1..=last {
        let minute = hazards.minute(&player);
        let minute = log.play(&mut player, &minute);
        hazards.took(&minute, &player);
        minutes.push(minute);
        if let Some(broken) = player.world.broken {
            return Some((None, broken));
        }
        if looks.one_in(ENDINGS) || number == last {
            for (ending, longest) in Ending::BOTH.into_iter().zip(longest.iter_mut()) {
                match ending.play(&mut player.clone(), &mut Log::silent()) {
                    Ok(took) => *longest = took.max(*longest),
                    Err(broken) => return Some((Some(ending), broken)),
                }
            }
        }
    }
    None
}

fn failure(history: &History, court: Court<'_>) -> Failure {
    let mut log = Log::default();
    let again = history.breaks(court, &mut log);
    assert!(again.is_some(), "a history is shrunk only to one that breaks the same");
    let story = format!("{}\n{}broken: {}\n", history.place, log.text, history.broken);
    Failure { broken: history.broken, minutes: history.minutes.len(), story }
}

fn lines<S: Serializer>(log: &str, serializer: S) -> Result<S::Ok, S::Error> {
    log.lines().count().serialize(serializer)
}

impl fmt::Display for Played {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { plan: Plan { seed, days }, minutes, failures, faults, longest, .. } = self;
        writeln!(f, "seed {seed}, {days} days: {}", self.place)?;
        writeln!(f, "{minutes} minutes, the primary failed {failures} times, {faults} faults")?;
        let counted = self.reasons.iter();
        let counts: Vec<_> = counted.map(|(kind, count)| format!("{kind} {count}")).collect();
        writeln!(f, "decided: {}", counts.join(", "))?;
        let [back, serving] = longest;
        writeln!(
            f,
            "back to normal within {back} minutes, serving from the standby within {serving}"
        )?;
        let lines = self.log.lines().count();
        writeln!(f, "log of {lines} lines, digest {:016x}", Log::digest(&self.log))?;
        match &self.failure {
            None => writeln!(f, "every promise was kept"),
            Some(Failure { broken, minutes, story }) => {
                writeln!(
                    f,
                    "broken: {broken}\nthe shortest history that was found, {minutes} minutes:\n\n{story}"
                )?;
                writeln!(f, "play it again: cargo xtask prove --seed {seed}")
            }
        }
    }
}
