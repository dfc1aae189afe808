//! The model and the templates must agree: on parameters, on outputs, on the policy's settings.

use failover_core::policy::{SETTINGS, Setting};
use serde_norway::Value;

use super::template::{Parameter, Template, reference, section};
use super::{Finding, Scope, Severity};
use crate::model::{Site, Source, Stack, StackId};
use crate::names::ParameterName;

/// What a stack is given against what its template takes.
pub(super) fn parameters(scope: &Scope<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let given = &scope.stack.parameters;
    for (name, source) in given {
        let place = format!("Parameters.{name}");
        let Some(parameter) = scope.template.parameters.get(name.as_str()) else {
            let message = format!("the site gives `{name}`, which the template does not take");
            findings.push(scope.error(
                "parameter-unknown",
                place,
                message,
                "add the parameter to the template",
            ));
            continue;
        };
        if let Source::Literal(value) = source
            && let Some(message) = parameter.refuses(value)
        {
            findings.push(scope.error("parameter-value", place, message, "change the site file"));
        }
    }
    for (name, parameter) in &scope.template.parameters {
        if parameter.default.is_none() && !given.contains_key(&ParameterName::new(name)) {
            let message = format!("the template wants `{name}`, which the site does not give");
            let fix = "give the parameter a default, or give it a value";
            findings.push(scope.error(
                "parameter-missing",
                format!("Parameters.{name}"),
                message,
                fix,
            ));
        }
    }
    findings
}

/// Every output that a parameter is fed from.
pub(super) fn outputs(site: &Site, templates: &[(&Stack, Template)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for needing in &site.stacks {
        for (parameter, source) in &needing.parameters {
            let Source::Output { stack, name } = source else {
                continue;
            };
            let found = templates.iter().find(|(other, _)| other.id == *stack);
            let Some((other, template)) = found else {
                continue;
            };
            if !template.outputs.contains_key(name.as_str()) {
                findings.push(Finding {
                    severity: Severity::Error,
                    rule: "output-missing",
                    stack: other.id,
                    place: format!("Outputs.{name}"),
                    message: format!(
                        "`{}` needs it as `{parameter}`, and it is not there",
                        needing.id
                    ),
                    fix: "add the output to the template".to_owned(),
                });
            }
        }
    }
    findings
}

/// The policy's settings: the controller takes them all, with the same defaults, and its function is given them as variables.
/// A template that takes some has the same defaults too.
pub(super) fn settings(scope: &Scope<'_>) -> Vec<Finding> {
    if scope.stack.id != StackId::Controller {
        return SETTINGS.iter().filter_map(|setting| default_finding(scope, setting)).collect();
    }
    let functions = scope.template.of_kind("AWS::Lambda::Function");
    let variables: Vec<_> = functions
        .filter_map(|(_, function)| function.properties.get("Environment"))
        .flat_map(|environment| section(environment, "Variables"))
        .collect();
    SETTINGS.iter().flat_map(|setting| setting_findings(scope, setting, &variables)).collect()
}

fn setting_findings(
    scope: &Scope<'_>,
    setting: &Setting,
    variables: &[(String, &Value)],
) -> Vec<Finding> {
    let mut findings: Vec<Finding> = default_finding(scope, setting).into_iter().collect();
    let (parameter, variable) = (setting.parameter(), setting.variable());
    if !scope.template.parameters.contains_key(&parameter) {
        let message = format!("the policy's `{}` has no parameter", setting.name);
        findings.push(scope.error(
            "setting-parameter",
            format!("Parameters.{parameter}"),
            message,
            "add the parameter to the template",
        ));
    }
    let fed = variables
        .iter()
        .find(|(name, _)| *name == variable)
        .and_then(|(_, value)| reference(value));
    if fed.as_deref() != Some(parameter.as_str()) {
        let message = format!("the function is not given `{variable}` from `{parameter}`");
        let place = "Resources.*.Properties.Environment.Variables";
        findings.push(scope.error(
            "setting-variable",
            place,
            message,
            "add the variable to the function",
        ));
    }
    findings
}

/// A parameter that a setting feeds, with another default than the policy's.
fn default_finding(scope: &Scope<'_>, setting: &Setting) -> Option<Finding> {
    let parameter = setting.parameter();
    let found = scope.template.parameters.get(&parameter)?;
    (found.default.as_deref() != Some(setting.default)).then(|| {
        let default = found.default.as_deref().unwrap_or("none");
        let message = format!("its default is {default}, and the policy's is {}", setting.default);
        let place = format!("Parameters.{parameter}");
        scope.error("setting-default", place, message, "use the policy's default")
    })
}

impl Parameter {
    /// Why CloudFormation would refuse a value, if so. Patterns are left to CloudFormation.
    fn refuses(&self, value: &str) -> Option<String> {
        if !self.allowed.is_empty() && !self.allowed.iter().any(|allowed| allowed == value) {
            return Some(format!("`{value}` is none of {}", self.allowed.join(", ")));
        }
        if self.min.is_none() && self.max.is_none() {
            return None;
        }
        let Ok(number) = value.parse::<i64>() else {
            return Some(format!("`{value}` is not a number"));
        };
        let (low, high) = (self.min.unwrap_or(i64::MIN), self.max.unwrap_or(i64::MAX));
        let range = match (self.min, self.max) {
            (Some(_), Some(_)) => format!("{low} to {high}"),
            (Some(_), None) => format!("{low} or more"),
            (None, _) => format!("{high} or less"),
        };
        (!(low..=high).contains(&number))
            .then(|| format!("{number} is out of range, must be {range}"))
    }
}
