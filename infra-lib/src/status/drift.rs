//! Where the live site differs from the site file: what the controller and Auto Scaling do on purpose is expected.

mod groups;

use failover_core::Timestamp;
use failover_core::record::{Ownership, Record};
use futures::future::join_all;
use serde::Serialize;

use super::Reading;
use super::reader::{bounded, group_name};
use crate::cloud::{Cloud, CloudError, GroupView, Phase, StackView};
use crate::guard;
use crate::model::{Site, Source, Stack, StackId};
use crate::names::SiteName;
use crate::outputs::Outputs;
use crate::plan::{same_parameter, same_template};

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
    /// Why it is meant to be so, or the command that mends it.
    pub next: String,
}

const DEPLOY: &str = "cargo xtask deploy";

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
    let mut outputs = Outputs::default();
    for (stack, look) in all.iter().zip(&looks) {
        if let Reading::Known(view) = &look.view {
            outputs.insert(stack.id, view.outputs.clone());
        }
    }
    let groups = futures::join!(
        group(cloud, site, &outputs, StackId::WebPrimary),
        group(cloud, site, &outputs, StackId::WebStandby),
    );
    let record = groups.1.known().map(guard::record);
    for (stack, look) in all.iter().zip(&looks) {
        drift.stack(site, stack, look, &outputs, record.as_ref());
    }
    let there = |id| {
        looks.iter().zip(&all).any(|(look, stack)| stack.id == id && look.view.known().is_some())
    };
    if there(StackId::WebStandby) {
        drift.standby(site, &groups.1, record.as_ref());
    }
    if there(StackId::WebPrimary) {
        drift.primary(site, &groups.0, record.as_ref());
    }
    Ok(drift)
}

/// A stack as it stands.
struct Look {
    view: Reading<StackView>,
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
    let view = Reading::of(found);
    let template = match &view {
        Reading::Known(_) => bounded(cloud.stack_template(&stack.region, name)).await,
        Reading::Absent | Reading::Unknown(_) => Reading::Absent,
    };
    Ok(Look { view, template })
}

async fn group(
    cloud: &dyn Cloud,
    site: &Site,
    outputs: &Outputs,
    web: StackId,
) -> Reading<GroupView> {
    let stack = site.stack(web);
    let fixed = group_name(site, role(web));
    let name = outputs.get(web, "GroupName").unwrap_or(&fixed);
    bounded(cloud.group(&stack.region, name)).await
}

const fn role(web: StackId) -> &'static str {
    if matches!(web, StackId::WebPrimary) { "primary" } else { "standby" }
}

impl Drift {
    fn unexpected(&mut self, subject: &str, what: String, next: impl Into<String>) {
        let (subject, next) = (subject.to_owned(), next.into());
        self.unexpected.push(Difference { subject, what, next });
    }

    fn expected(&mut self, subject: &str, what: String, next: impl Into<String>) {
        let (subject, next) = (subject.to_owned(), next.into());
        self.expected.push(Difference { subject, what, next });
    }

    fn unknown(&mut self, subject: &str, what: String) {
        let next = "compared once it can be read: run this again".to_owned();
        self.unknown.push(Difference { subject: subject.to_owned(), what, next });
    }

    fn stack(
        &mut self,
        site: &Site,
        stack: &Stack,
        look: &Look,
        outputs: &Outputs,
        record: Option<&Record>,
    ) {
        let wanted = site.has(stack.id);
        let view = match &look.view {
            Reading::Unknown(why) if wanted => return self.unknown(stack.id.as_str(), why.clone()),
            Reading::Absent if wanted => {
                return self.unexpected(
                    stack.id.as_str(),
                    "the stack is not there".to_owned(),
                    DEPLOY,
                );
            }
            Reading::Unknown(_) | Reading::Absent => return,
            Reading::Known(view) => view,
        };
        if !wanted {
            let what = "it stands, and the site file no longer asks for it".to_owned();
            return self.unexpected(stack.id.as_str(), what, DEPLOY);
        }
        if view.status.phase() != Phase::Standing {
            let what = format!("CloudFormation says {}", view.status);
            return self.unexpected(stack.id.as_str(), what, DEPLOY);
        }
        match &look.template {
            Reading::Known(live) if !same_template(Some(live), &stack.template.body) => {
                let what = "its template is another one".to_owned();
                self.unexpected(stack.id.as_str(), what, DEPLOY);
            }
            Reading::Unknown(why) => {
                self.unknown(stack.id.as_str(), format!("its template: {why}"));
            }
            Reading::Known(_) | Reading::Absent => {}
        }
        self.parameters(stack, view, outputs, record);
    }

    fn parameters(
        &mut self,
        stack: &Stack,
        view: &StackView,
        outputs: &Outputs,
        record: Option<&Record>,
    ) {
        for (name, source) in &stack.parameters {
            let ours = match source {
                Source::Literal(value) => value.as_str(),
                // Which code is deployed is `plan`'s to compare, for it has to be built first.
                Source::CodeKey => continue,
                Source::Output { stack, name } => match outputs.get(*stack, name.as_str()) {
                    Some(value) => value,
                    // Told as a stack that cannot be read or is not there.
                    None => continue,
                },
            };
            let live = view.parameters.get(name.as_str());
            if live.is_some_and(|live| same_parameter(live, ours)) {
                continue;
            }
            let live = live.map_or("not given", String::as_str);
            let what = format!("{name} is {live}, and the site file says {ours}");
            let raised = record.is_some_and(|record| record.ownership() != Ownership::Idle);
            let size = matches!(name.as_str(), "MinSize" | "MaxSize");
            if raised && size && stack.id == StackId::WebStandby {
                let why =
                    "a deploy during the failover kept the live sizes; deploy once it is over";
                self.expected(stack.id.as_str(), what, why);
            } else {
                self.unexpected(stack.id.as_str(), what, DEPLOY);
            }
        }
    }
}
