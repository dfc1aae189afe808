//! Reads a script, and refuses every line that it does not understand.

use std::fmt;

use failover_core::Timestamp;

use failover_sim::world::Site;

use super::event::{CHECKERS, EVENTS, Event};
use super::expectation::{EXPECTATIONS, Expectation};
use super::grammar::{Form, Line, Misread, read, time};
use super::moment::Moment;
use super::site::site;

/// Longest script. Units: days.
const DAYS_MAX: u32 = 4;
const MINUTES_MAX: u32 = DAYS_MAX * 24 * 60;

/// A script that was read.
#[derive(Clone, Debug)]
pub struct Script {
    pub(super) file: String,
    pub(super) site: Site,
    pub(super) midnight: Timestamp,
    pub(super) from: Moment,
    pub(super) until: Moment,
    /// Alarm, latch and resolver are a minute late at each change.
    pub(super) delays: bool,
    /// Target tracking trims idle fleets at once.
    pub(super) trims: bool,
    pub(super) events: Vec<Told<(Moment, Event)>>,
    pub(super) expectations: Vec<Told<Expectation>>,
    /// Invariants that are known not to hold here.
    pub(super) known: Vec<Told<String>>,
}

/// Something a line says.
#[derive(Clone, Debug)]
pub(super) struct Told<T> {
    /// Number of the line.
    pub(super) line: usize,
    /// The line itself.
    pub(super) text: String,
    pub(super) what: T,
}

/// A line that cannot be played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptError {
    /// The file, as it was named.
    pub file: String,
    /// Number of the line.
    pub line: usize,
    /// What is wrong with it.
    pub what: &'static str,
    /// The word that is wrong; empty if one is missing.
    pub word: String,
    /// What to do.
    pub hint: String,
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, what, word, hint } = self;
        write!(f, "{file}:{line}: {what}")?;
        if !word.is_empty() {
            write!(f, ": `{word}`")?;
        }
        write!(f, "\nhint: {hint}")
    }
}

impl std::error::Error for ScriptError {}

/// A line about the script as a whole.
enum Head {
    Site(String),
    From { date: String, at: Moment },
    Until(Moment),
    NoDelays,
    NoTrimming,
    Known(String),
}

const HEADS: [Form<Head>; 6] = [
    Form {
        text: "site <text>",
        meaning: "settings of the site file, and `demand`: servers that the users need",
        make: |values| Head::Site(values.text(0).to_owned()),
    },
    Form {
        text: "from <date> <time>",
        meaning: "the first minute, UTC; the primary has been up for an hour",
        make: |values| Head::From { date: values.text(0).to_owned(), at: values.time(1) },
    },
    Form {
        text: "until <time>",
        meaning: "the last minute",
        make: |values| Head::Until(values.time(0)),
    },
    Form {
        text: "delays none",
        meaning: "alarm, latch and resolver follow at once, not a minute late",
        make: |_| Head::NoDelays,
    },
    Form {
        text: "trims nothing",
        meaning: "target tracking leaves idle fleets alone; without this line it trims them at once",
        make: |_| Head::NoTrimming,
    },
    Form {
        text: "known <invariant> because <text>",
        meaning: "an invariant that does not hold here, and why",
        make: |values| Head::Known(values.text(0).to_owned()),
    },
];

/// Every form of a line with what it says: the whole language.
#[must_use]
pub fn language() -> Vec<(String, &'static str)> {
    let heads = HEADS.iter().map(|form| (form.text.to_owned(), form.meaning));
    let events = EVENTS.iter().map(|form| (format!("<time> {}", form.text), form.meaning));
    let claims = EXPECTATIONS.iter().map(|form| (format!("expect {}", form.text), form.meaning));
    heads.chain(events).chain(claims).collect()
}

/// What the lines so far have said.
#[derive(Default)]
struct Draft {
    site: Option<Site>,
    from: Option<(Timestamp, Moment)>,
    until: Option<Moment>,
    no_delays: bool,
    no_trimming: bool,
    events: Vec<Told<(Moment, Event)>>,
    expectations: Vec<Told<Expectation>>,
    known: Vec<Told<String>>,
}

/// Why a line is refused: what is wrong, the word, the hint.
pub(super) type Refusal = (&'static str, String, String);

impl Script {
    /// Reads a script. `file` is its name in messages.
    ///
    /// # Errors
    /// [`ScriptError`] for the first line that cannot be played.
    pub fn read(file: &str, text: &str) -> Result<Self, ScriptError> {
        let error = |line, (what, word, hint): Refusal| ScriptError {
            file: file.to_owned(),
            line,
            what,
            word,
            hint,
        };
        let mut draft = Draft::default();
        for (number, text) in (1..).zip(text.lines()) {
            let text = text.trim();
            if !text.is_empty() && !text.starts_with('#') {
                draft.line(number, text).map_err(|refusal| error(number, refusal))?;
            }
        }
        let last = text.lines().count().max(1);
        draft.finish(file).map_err(|refusal| error(last, refusal))
    }
}

impl Draft {
    fn line(&mut self, number: usize, text: &str) -> Result<(), Refusal> {
        let line = Line::new(text);
        match line.word(0) {
            "site" | "from" | "until" | "delays" | "trims" | "known" => {
                let head = read(&HEADS, &line, 0).map_err(unread)?;
                self.head(number, text, head)
            }
            "expect" => {
                let what = read(&EXPECTATIONS, &line, 1).map_err(unread)?;
                self.expectations.push(Told { line: number, text: text.to_owned(), what });
                Ok(())
            }
            first if first == "day" || first.starts_with(|c: char| c.is_ascii_digit()) => {
                self.event(number, text, &line)
            }
            first => Err((
                "no line begins like this",
                first.to_owned(),
                "begin with a time such as `06:55`, or with `site`, `from`, `delays`, `trims`, `until`, `expect`, `known` or `#`"
                    .to_owned(),
            )),
        }
    }

    fn head(&mut self, number: usize, text: &str, head: Head) -> Result<(), Refusal> {
        let twice = |word: &str| {
            let hint = "leave one of the two lines".to_owned();
            Err(("said twice", word.to_owned(), hint))
        };
        match head {
            Head::Site(_) if self.site.is_some() => return twice("site"),
            Head::From { .. } if self.from.is_some() => return twice("from"),
            Head::Until(_) if self.until.is_some() => return twice("until"),
            Head::Site(settings) => self.site = Some(site(&settings)?),
            Head::From { date, at } => {
                let midnight = midnight(&date).expect("the form takes dates alone");
                if at.day() > 1 {
                    let hint =
                        "the first day is that of the date: write the clock alone".to_owned();
                    return Err(("a script begins on its first day", at.to_string(), hint));
                }
                self.from = Some((midnight, at));
            }
            Head::Until(until) => {
                let last = self.latest();
                if until < last {
                    let hint = format!("something happens at {last} still: write a later time");
                    return Err(("the end comes too early", until.to_string(), hint));
                }
                if until.0 > MINUTES_MAX {
                    let hint = format!("a script lasts {DAYS_MAX} days at most");
                    return Err(("the end comes too late", until.to_string(), hint));
                }
                self.until = Some(until);
            }
            Head::NoDelays => self.no_delays = true,
            Head::NoTrimming => self.no_trimming = true,
            Head::Known(invariant) => {
                self.known.push(Told { line: number, text: text.to_owned(), what: invariant });
            }
        }
        Ok(())
    }

    /// The latest minute that has been told.
    fn latest(&self) -> Moment {
        let from = self.from.map_or(Moment(0), |(_, from)| from);
        self.events.last().map_or(from, |told| told.what.0)
    }

    fn event(&mut self, number: usize, text: &str, line: &Line<'_>) -> Result<(), Refusal> {
        let (at, words) = time(line).map_err(unread)?;
        let event = read(&EVENTS, line, words).map_err(unread)?;
        if self.from.is_none() {
            let hint = "write `site` and `from` before the first event".to_owned();
            return Err(("the script has not begun yet", at.to_string(), hint));
        }
        if self.until.is_some() {
            let hint = "write `until` after the last event".to_owned();
            return Err(("the script has ended already", at.to_string(), hint));
        }
        let latest = self.latest();
        if at < latest {
            let hint = format!("the line before is at {latest}: put the lines in order of time");
            return Err(("this is over already", at.to_string(), hint));
        }
        let told = |text: String, what| Told { line: number, text, what };
        if let Event::PrimaryFlaps { minutes, until } = event {
            for (at, event, words) in flaps(at, minutes, until)? {
                self.events.push(told(format!("{at} {words}"), (at, event)));
            }
            return Ok(());
        }
        if let Event::Reached(checkers) = event
            && checkers > CHECKERS
        {
            let hint = format!("there are {CHECKERS} of them: write 0 to {CHECKERS}");
            return Err(("so many checkers there are not", checkers.to_string(), hint));
        }
        self.events.push(told(text.to_owned(), (at, event)));
        Ok(())
    }

    fn finish(self, file: &str) -> Result<Script, Refusal> {
        let missing = |what, hint: &str| (what, String::new(), hint.to_owned());
        let site = self
            .site
            .ok_or_else(|| missing("there is no `site`", "write `site demand 4, floor 0`"))?;
        let (midnight, from) = self
            .from
            .ok_or_else(|| missing("there is no `from`", "write `from 2025-10-20 06:40`"))?;
        let until = self
            .until
            .ok_or_else(|| missing("there is no `until`", "end the events with `until 14:00`"))?;
        if self.expectations.is_empty() {
            let hint = "claim something of the outcome, such as `expect nothing raised`";
            return Err(missing("there is no `expect`", hint));
        }
        Ok(Script {
            file: file.to_owned(),
            site,
            midnight,
            from,
            until,
            delays: !self.no_delays,
            trims: !self.no_trimming,
            events: self.events,
            expectations: self.expectations,
            known: self.known,
        })
    }
}

/// The midnight with which a date begins.
pub(super) fn midnight(date: &str) -> Option<Timestamp> {
    failover_core::time::parse(&format!("{date}T00:00:00Z"))
}

fn unread(Misread { word, hint }: Misread) -> Refusal {
    let what = if word.is_empty() { "the line ends too early" } else { "this word fits nowhere" };
    (what, word, hint)
}

/// Fails and returns by turns from `at` until `until`, each with its words.
fn flaps(
    at: Moment,
    minutes: u16,
    until: Moment,
) -> Result<Vec<(Moment, Event, &'static str)>, Refusal> {
    let half = u32::from(minutes);
    let length = until.0.saturating_sub(at.0);
    if half == 0 || length == 0 || !length.is_multiple_of(2 * half) {
        let hint = "let whole rounds of failing and returning fit between the two times".to_owned();
        return Err(("it would not be back at the end", until.to_string(), hint));
    }
    let turn = |n: u32| {
        let at = at.plus(n * half);
        if n.is_multiple_of(2) {
            (at, Event::PrimaryFails, "the primary fails")
        } else {
            (at, Event::PrimaryReturns, "the primary is back")
        }
    };
    Ok((0..length / half).map(turn).collect())
}
