//! Where the live site differs from the site file: what the controller and Auto Scaling do on purpose is expected.

mod groups;
mod next;

use failover_core::Timestamp;
use failover_core::record::{Ownership, Record};
use futures::future::join_all;
use serde::Serialize;

use cloud::{Cloud, CloudError, GroupView, Phase, StackView, guard, secret};
use provision::needs::{self, Stacks};
use provision::outputs::Outputs;
use provision::plan::{LeftOut, left_out, same_parameter, same_template};
use site::model::{Site, Source, Stack, StackId, VERDICT_SERVERS, ZONES};
use site::names::SiteName;

use self::next::Situation;
use super::Reading;
use super::reader::bounded;

pub use self::next::{Kind, Next};

/// How the live site differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// The site.
    pub site: SiteName,
    /// When it was read.
    pub at: Timestamp,
    /// What nobody meant to be so.
    pub unexpected: Vec<Difference>,
    /// What the controller and target tracking do on purpose.
    pub expected: Vec<Difference>,
    /// What could not be compared.
    pub unknown: Vec<Difference>,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// A stack, a group, or the controller.
    pub subject: String,
    /// What is so.
    pub what: String,
    /// Why it is meant to be so, or what to do about it.
    #[serde(flatten)]
    pub next: Next,
}

/// Compares a site with its site file.
///
/// # Errors
/// [`CloudError::Credentials`] alone: a region that cannot be read is a line of the result.
pub async fn read(cloud: &dyn Cloud, site: &Site, now: Timestamp) -> Result<Drift, CloudError> {
    let mut drift = Drift {
        site: site.config.name.clone(),
        at: now,
        unexpected: Vec::new(),
        expected: Vec::new(),
        unknown: Vec::new(),
    };
    let all: Vec<&Stack> = site.stacks.iter().chain(&site.off).collect();
    let looks = all.iter().map(|stack| look(cloud, stack));
    let looks: Vec<Look> = join_all(looks).await.into_iter().collect::<Result<_, _>>()?;
    let mut read = Stacks::default();
    for (stack, look) in all.iter().zip(&looks) {
        read.note(stack.id, look.found.as_ref().map(Option::as_ref).map_err(Clone::clone));
    }
    let outputs = read.outputs.clone();
    let detector = &site.stack(StackId::Detector).region;
    let alarm_name = site.alarm_name();
    let (primary, standby, alarm, needs) = futures::join!(
        group(cloud, site, &outputs, StackId::WebPrimary),
        group(cloud, site, &outputs, StackId::WebStandby),
        bounded(cloud.alarm(detector, &alarm_name)),
        needs::of_stacks(cloud, site, read),
    );
    let record = standby.clone().map(|group| guard::record(&group));
    let live = Live { site, outputs, situation: Situation::of(&record, &alarm), record };
    for (stack, look) in all.iter().zip(&looks) {
        drift.stack(&live, stack, look);
    }
    let there = |id| {
        looks.iter().zip(&all).any(|(look, stack)| stack.id == id && look.view.known().is_some())
    };
    if there(StackId::WebStandby) {
        drift.standby(&live, &standby);
    }
    if there(StackId::WebPrimary) {
        drift.primary(&live, &primary);
    }
    for broken in &needs.broken {
        let next = live.situation.mend(broken);
        drift.unexpected(broken.need.word(), broken.to_string(), next);
    }
    for unread in &needs.unread {
        drift.unknown(unread.need.word(), unread.why.clone());
    }
    Ok(drift)
}

/// What every comparison needs.
struct Live<'a> {
    site: &'a Site,
    outputs: Outputs,
    situation: Situation,
    record: Reading<Record>,
}

impl Live<'_> {
    /// Whether the controller holds the standby up, or nobody can tell.
    fn raised(&self) -> bool {
        self.record.known().is_some_and(|record| record.ownership() != Ownership::Idle)
    }
}

/// A stack as it stands.
struct Look {
    view: Reading<StackView>,
    found: Result<Option<StackView>, CloudError>,
    template: Reading<String>,
}

async fn look(cloud: &dyn Cloud, stack: &Stack) -> Result<Look, CloudError> {
    let name = stack.name.as_str();
    let found = cloud.describe_stack(&stack.region, name).await;
    if let Err(error) = &found
        && error.is_credentials()
    {
        return Err(error.clone());
    }
    let view = Reading::of(found.clone());
    let template = match &view {
        Reading::Known(_) => bounded(cloud.stack_template(&stack.region, name)).await,
        Reading::Absent | Reading::Unknown(_) => Reading::Absent,
    };
    Ok(Look { view, found, template })
}

async fn group(
    cloud: &dyn Cloud,
    site: &Site,
    outputs: &Outputs,
    web: StackId,
) -> Reading<GroupView> {
    let stack = site.stack(web);
    let fixed = site.group_name(role(web));
    let name = outputs.get(web, "GroupName").unwrap_or(&fixed);
    bounded(cloud.group(&stack.region, name)).await
}

const fn role(web: StackId) -> &'static str {
    if matches!(web, StackId::WebPrimary) { "primary" } else { "standby" }
}

impl Drift {
    /// Puts before all else that the live site is not the site file's, a line each; see [`guard::oddities`].
    pub fn is_another_site(&mut self, lines: Vec<String>) {
        let lines = lines.into_iter().map(|what| Difference {
            subject: "identity".to_owned(),
            what,
            next: Next::advice(
                "use the site file that it was deployed with; `cargo xtask plan` says how to change it on purpose",
            ),
        });
        self.unexpected.splice(0..0, lines);
    }

    fn unexpected(&mut self, subject: &str, what: String, next: Next) {
        self.unexpected.push(Difference { subject: subject.to_owned(), what, next });
    }

    fn expected(&mut self, subject: &str, what: String, why: impl Into<String>) {
        let (subject, next) = (subject.to_owned(), Next::reason(why));
        self.expected.push(Difference { subject, what, next });
    }

    fn unknown(&mut self, subject: &str, what: String) {
        let (subject, next) = (subject.to_owned(), Next::again());
        self.unknown.push(Difference { subject, what, next });
    }

    fn stack(&mut self, live: &Live<'_>, stack: &Stack, look: &Look) {
        let (wanted, id) = (live.site.has(stack.id), stack.id.as_str());
        let deploy = || live.situation.deploy();
        let view = match &look.view {
            Reading::Unknown(why) if wanted => return self.unknown(id, why.clone()),
            Reading::Absent if wanted => {
                return self.unexpected(id, "the stack does not exist".to_owned(), deploy());
            }
            Reading::Unknown(_) | Reading::Absent => return,
            Reading::Known(view) => view,
        };
        if !wanted {
            let what = "it exists, and the site file no longer asks for it".to_owned();
            return self.unexpected(id, what, deploy());
        }
        if view.status.phase() != Phase::Standing {
            let what = format!("CloudFormation says {}", view.status);
            return self.unexpected(id, what, deploy());
        }
        match &look.template {
            Reading::Known(text) if !same_template(Some(text), &stack.template.body) => {
                let what = "its template differs".to_owned();
                self.unexpected(id, what, deploy());
            }
            Reading::Unknown(why) => self.unknown(id, format!("its template: {why}")),
            Reading::Known(_) | Reading::Absent => {}
        }
        self.parameters(live, stack, view);
    }

    fn parameters(&mut self, live: &Live<'_>, stack: &Stack, view: &StackView) {
        for (name, source) in &stack.parameters {
            // A deploy's to choose or to read; no site file says them.
            if ZONES.contains(&name.as_str()) || name.as_str() == VERDICT_SERVERS {
                continue;
            }
            let ours = match source {
                Source::Literal(value) => value.as_str(),
                // Which code is deployed is `plan`'s to compare, for it has to be built first.
                Source::CodeKey => continue,
                Source::Output { stack, name } => match live.outputs.get(*stack, name.as_str()) {
                    Some(value) => value,
                    // Told as a stack that cannot be read or is not there.
                    None => continue,
                },
            };
            let found = view.parameters.get(name.as_str());
            if found.is_some_and(|found| same_parameter(found, ours)) {
                continue;
            }
            let shown = |value: &str| secret::shown(name.as_str(), value);
            let found = found.map_or_else(|| "not given".to_owned(), |found| shown(found));
            let what = format!("{name} is {found}, and the site file says {}", shown(ours));
            let size = matches!(name.as_str(), "MinSize" | "MaxSize");
            if live.raised() && size && stack.id == StackId::WebStandby {
                let why =
                    "a deploy during the failover kept the live sizes; deploy once it is over";
                self.expected(stack.id.as_str(), what, why);
            } else {
                self.unexpected(stack.id.as_str(), what, live.situation.deploy());
            }
        }
        for LeftOut { name, live: found, default } in left_out(stack, &view.parameters) {
            let found = secret::shown(&name, &found);
            let what = format!(
                "{name} is {found}; the site file no longer gives it, and the template says {default}"
            );
            self.unexpected(stack.id.as_str(), what, live.situation.deploy());
        }
    }
}
