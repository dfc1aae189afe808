//! What a failover needs, as it is now and not as it was deployed: checks, records, alarm, topic, function, tick.
//!
//! Everything is read first and judged afterwards. What could not be read is unknown, and never fine. `doctor`, `status`,
//! `status --drift`, `plan` and `deploy` all tell of it by these findings.

mod judge;
mod seen;

use std::fmt;

use serde::Serialize;
use strum::{IntoStaticStr, VariantArray};

use cloud::{CloudError, Phase, StackView, Wiring};
use site::model::{Site, StackId};

use crate::outputs::Outputs;

pub use self::judge::judge;
pub use self::seen::Seen;

/// Something that a failover needs.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Need {
    /// A record of each region, which leads to that region's load balancer.
    Records,
    /// Health checks that are neither disabled nor inverted.
    CheckSettings,
    /// One check for the record and the alarm.
    WatchedCheck,
    /// The two records that tell Route 53's verdict, by the check that the alarm watches.
    Verdict,
    /// The failover alarm, which tells the topic.
    Alarm,
    /// The topic, which tells the function.
    Topic,
    /// That the topic may invoke the function.
    Permission,
    /// The rule that runs the function each minute.
    Tick,
    /// That the rule may invoke the function.
    TickPermission,
    /// The queue that runs the function between two ticks, if the site has looks.
    Looks,
    /// The function, ready to run.
    Function,
    /// That the function may run at once.
    ReservedConcurrency,
    /// The code that was deployed.
    Code,
    /// The primary's load balancer.
    PrimaryBalancer,
    /// The standby's load balancer.
    StandbyBalancer,
}

/// What it means that a need is not met, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Consequence {
    /// The standby is not raised.
    NoFailover,
    /// Healthy counts as down, and down as healthy.
    Inverted,
    /// DNS does not move.
    UsersStay,
    /// Only the alarm's message runs the function.
    NoTick,
    /// The message does not reach the function; its tick does.
    Late,
    /// A failover works, but not as it was deployed.
    Unlike,
}

/// What to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fix {
    /// A command to type.
    Command(String),
    /// CloudFormation brings the stack's live resources in line with its template.
    Repair(StackId),
    /// What a person has to decide.
    Advice(String),
}

/// A need that is not met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// The need.
    pub need: Need,
    /// What it means.
    pub consequence: Consequence,
    /// What is so.
    pub what: String,
    /// What to do.
    pub fix: Fix,
}

/// A need that nobody could look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unread {
    /// The need.
    pub need: Need,
    /// Why not.
    pub why: String,
}

/// How the needs are met.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Needs {
    /// Those that are.
    pub met: Vec<Need>,
    /// Those that are not, worst first.
    pub broken: Vec<Broken>,
    /// Those that nobody could look at.
    pub unread: Vec<Unread>,
}

/// Why there is no answer to whether a need is met.
#[derive(Clone, Debug)]
pub enum Stop {
    /// AWS did not answer what was asked.
    Cloud(CloudError),
    /// There is nothing to look at, and why.
    Nothing(String),
}

impl From<CloudError> for Stop {
    fn from(error: CloudError) -> Self {
        Self::Cloud(error)
    }
}

/// What a look came to: in words how the need is met, or why it is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is met, and how.
    Met(String),
    /// It is not.
    Broken(Broken),
}

/// The stacks of a site, as far as they can be read.
#[derive(Clone, Debug, Default)]
pub struct Stacks {
    /// What they answer.
    pub outputs: Outputs,
    /// Bucket key of the code that the controller's stack was given.
    pub code_key: Option<String>,
    unread: Vec<(StackId, CloudError)>,
}

impl Need {
    /// Every need, in the order in which they are told.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}

impl Consequence {
    /// For people: a sentence without its full stop.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::NoFailover => "No failover will happen",
            Self::Inverted => {
                "A failover happens while the primary is healthy, and none once it is down"
            }
            Self::UsersStay => "Users will not leave a primary that is down",
            Self::NoTick => "Only the alarm's message can start a failover, and nothing ends one",
            Self::Late => "A failover begins up to a minute late",
            Self::Unlike => "A failover will not run as it was deployed",
        }
    }
}

impl fmt::Display for Fix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command(command) => write!(f, "`{command}`"),
            Self::Repair(stack) => write!(f, "`cargo xtask deploy --repair {stack}`"),
            Self::Advice(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.consequence.words(), self.what)
    }
}

impl Needs {
    /// Whether everything was looked at and is in place.
    #[must_use]
    pub const fn is_fine(&self) -> bool {
        self.broken.is_empty() && self.unread.is_empty()
    }
}

impl Stacks {
    /// Notes a stack. One that was never made answers nothing.
    pub fn note(&mut self, id: StackId, view: Result<Option<&StackView>, CloudError>) {
        let view = match view {
            Err(error) => return self.unread.push((id, error)),
            Ok(view) => {
                view.filter(|view| !matches!(view.status.phase(), Phase::Gone | Phase::Reviewing))
            }
        };
        let Some(view) = view else { return };
        self.outputs.insert(id, view.outputs.clone());
        if id == StackId::Controller {
            self.code_key = view.parameters.get("CodeKey").cloned();
        }
    }

    /// An output of a stack that stands.
    fn output(&self, id: StackId, name: &str) -> Result<&str, Stop> {
        if let Some((_, error)) = self.unread.iter().find(|(unread, _)| *unread == id) {
            return Err(Stop::Cloud(error.clone()));
        }
        let lacks = || Stop::Nothing(format!("`{id}` is not deployed, or has no output `{name}`"));
        self.outputs.get(id, name).ok_or_else(lacks)
    }
}

/// What no emulator keeps, so that nothing of it can be in place there.
const EMULATOR_LACKS: [Need; 3] =
    [Need::WatchedCheck, Need::CheckSettings, Need::ReservedConcurrency];

/// Reads and judges everything that a failover needs.
pub async fn of_stacks(wiring: &dyn Wiring, site: &Site, stacks: Stacks) -> Needs {
    let seen = Seen::read(wiring, site, stacks).await;
    let mut needs = Needs::default();
    let judged = Need::ALL.iter().copied();
    let judged = judged.filter(|need| !wiring.is_emulator() || !EMULATOR_LACKS.contains(need));
    for need in judged {
        match judge(need, site, &seen) {
            Ok(Outcome::Met(_)) => needs.met.push(need),
            Ok(Outcome::Broken(broken)) => needs.broken.push(broken),
            Err(Stop::Cloud(error)) => needs.unread.push(Unread { need, why: error.to_string() }),
            // A stack that is not there is told as such.
            Err(Stop::Nothing(_)) => {}
        }
    }
    needs.broken.sort_by_key(|broken| (broken.consequence, broken.need));
    needs
}

/// The same for a site whose stacks nobody has read yet.
pub async fn read(cloud: &dyn cloud::Cloud, site: &Site) -> Needs {
    let views = cloud::views::Views::read(cloud, site, None).await;
    let mut stacks = Stacks::default();
    for (id, view) in views.each() {
        stacks.note(id, view.map_err(Clone::clone));
    }
    of_stacks(cloud, site, stacks).await
}
