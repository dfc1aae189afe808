//! The model and the templates must agree: on parameters, on outputs, on the policy's settings.

use cfn::{Raw, Template, function, scalar, section};
use failover_core::policy::{SETTINGS, Setting};

use super::finding::Finding;
use super::scope::{Document, Part, Scope};
use site::model::{Site, Source, Stack, StackId};
use site::names::ParameterName;

/// What a stack's template and the site disagree on.
pub(super) fn check(scope: &Scope<'_>) {
    if let Some(part) = scope.part {
        parameters(scope, part.stack);
        settings(scope, part);
    }
}

/// What a stack is given against what its template takes.
fn parameters(scope: &Scope<'_>, stack: &Stack) {
    let (given, taken) = (&stack.parameters, &scope.template.parameters);
    for (name, source) in given {
        let name = name.as_str();
        let Some(parameter) = taken.get(name) else {
            let message = format!("the site gives `{name}`, which the template does not take");
            let fix = "add the parameter to the template";
            scope.tell_of_given("parameter-unknown", name, message, fix);
            continue;
        };
        if let Source::Literal(value) = source
            && let Some(message) = parameter.refuses(value)
        {
            scope.tell_of_given("parameter-value", name, message, "change the site file");
        }
    }
    for (name, parameter) in taken {
        if parameter.default.is_none() && !given.contains_key(&ParameterName::new(name)) {
            let message = format!("the template wants `{name}`, which the site does not give");
            let fix = "give the parameter a default, or give it a value";
            scope.tell("parameter-missing", format!("Parameters.{name}"), message, fix);
        }
    }
}

/// Every output that a parameter is fed from.
pub(super) fn outputs(site: &Site, stacks: &[(&Stack, Document<'_>, Template)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for needing in &site.stacks {
        for (parameter, source) in &needing.parameters {
            let Source::Output { stack, name } = source else {
                continue;
            };
            let found = stacks.iter().find(|(other, ..)| other.id == *stack);
            let Some((_, document, template)) = found else {
                continue;
            };
            if !template.has("Outputs", name.as_str()) {
                let place = format!("Outputs.{name}");
                let message = format!(
                    "`{}` needs `{name}` as `{parameter}`, and it does not exist",
                    needing.id
                );
                let fix = "add the output to the template";
                findings.push(document.finding("output-missing", place, message, fix));
            }
        }
    }
    findings
}

/// The policy's settings: the controller takes them all, with the same defaults, and its function is given them as variables.
/// A template that takes some has the same defaults too.
fn settings(scope: &Scope<'_>, part: Part<'_>) {
    for setting in &SETTINGS {
        let parameter = setting.parameter();
        let found = scope.template.parameters.get(&parameter);
        if let Some(found) = found.filter(|found| found.default.as_deref() != Some(setting.default))
        {
            let default = found.default.as_deref().unwrap_or("none");
            let message =
                format!("its default is {default}, and the policy's is {}", setting.default);
            let place = format!("Parameters.{parameter}");
            scope.tell("setting-default", place, message, "use the policy's default");
        }
    }
    if part.stack.id == StackId::Controller {
        let functions = scope.template.of_kind("AWS::Lambda::Function");
        let variables: Vec<_> = functions
            .filter_map(|(_, function)| function.properties.get("Environment"))
            .flat_map(|environment| section(environment, "Variables"))
            .collect();
        for setting in &SETTINGS {
            fed(scope, setting, &variables);
        }
    }
}

/// Whether a setting reaches the function.
fn fed(scope: &Scope<'_>, setting: &Setting, variables: &[(String, &Raw)]) {
    let (parameter, variable) = (setting.parameter(), setting.variable());
    if !scope.template.parameters.contains_key(&parameter) {
        let message = format!("the policy's `{}` has no parameter", setting.name);
        let place = format!("Parameters.{parameter}");
        scope.tell("setting-fed", place, message, "add the parameter to the template");
        return;
    }
    let fed = variables
        .iter()
        .find(|(name, _)| *name == variable)
        .and_then(|(_, value)| function(value))
        .and_then(|(name, argument)| (name == "Ref").then(|| scalar(argument))?);
    if fed.as_deref() != Some(parameter.as_str()) {
        let message = format!("the function is not given `{variable}` from `{parameter}`");
        let functions = scope.template.of_kind("AWS::Lambda::Function").next();
        let name = functions.map_or("*", |(name, _)| name);
        let place = format!("Resources.{name}.Properties.Environment.Variables");
        scope.tell("setting-fed", place, message, "add the variable to the function");
    }
}
