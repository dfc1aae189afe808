//! Looks for what can be found without asking AWS: broken references, a model and templates that disagree, and mistakes that
//! would only show in an outage.

mod contract;
mod references;
mod rules;
pub(crate) mod template;

use std::fmt;

use serde::Serialize;

use self::template::Template;
use crate::model::{Site, Stack, StackId};

// Source: CloudFormation quotas, "template body size in a request".
const TEMPLATE_BYTES_MAX: usize = 51_200;

/// Something that is wrong with a site.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// How bad.
    pub severity: Severity,
    /// Fixed name of the rule.
    pub rule: &'static str,
    /// The stack.
    pub stack: StackId,
    /// Where in its template, such as `Resources.Group.Properties.DesiredCapacity`.
    pub place: String,
    /// What is wrong and what it would do.
    pub message: String,
    /// What to change.
    pub fix: String,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It must not be deployed.
    Error,
    /// It can be deployed and should be looked at.
    Warning,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let Self { rule, stack, place, message, fix, .. } = self;
        write!(f, "{severity}[{rule}]: {stack}: {place}: {message}\nhint: {fix}")
    }
}

/// A stack under examination.
struct Scope<'a> {
    site: &'a Site,
    stack: &'a Stack,
    template: &'a Template,
}

impl Scope<'_> {
    fn error(
        &self,
        rule: &'static str,
        place: impl Into<String>,
        message: String,
        fix: &str,
    ) -> Finding {
        let (severity, stack, fix) = (Severity::Error, self.stack.id, fix.to_owned());
        Finding { severity, rule, stack, place: place.into(), message, fix }
    }
}

/// Everything that is wrong with a site, worst first.
#[must_use]
pub fn check(site: &Site) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut templates = Vec::new();
    for stack in &site.stacks {
        match Template::parse(&stack.template.body) {
            Ok(template) => templates.push((stack, template)),
            Err(message) => findings.push(Finding {
                severity: Severity::Error,
                rule: "template-syntax",
                stack: stack.id,
                place: format!("templates/{}.yaml", stack.template.name),
                message,
                fix: "a template is a YAML mapping with `Resources`".to_owned(),
            }),
        }
    }
    for (stack, template) in &templates {
        let scope = Scope { site, stack, template };
        findings.extend(size(&scope));
        findings.extend(references::check(&scope));
        findings.extend(rules::check(&scope));
        findings.extend(contract::parameters(&scope));
        findings.extend(contract::settings(&scope));
    }
    findings.extend(contract::outputs(site, &templates));
    // Two stacks share a template; what is wrong in it by itself is told for each, as each would fail.
    findings.sort();
    findings.dedup();
    findings
}

fn size(scope: &Scope<'_>) -> Option<Finding> {
    let bytes = scope.stack.template.body.len();
    let message =
        format!("the template has {bytes} bytes; CloudFormation takes {TEMPLATE_BYTES_MAX}");
    let fix = "move resources into a stack of their own, or comments into the documentation";
    let place = format!("templates/{}.yaml", scope.stack.template.name);
    (bytes > TEMPLATE_BYTES_MAX).then(|| scope.error("template-size", place, message, fix))
}
