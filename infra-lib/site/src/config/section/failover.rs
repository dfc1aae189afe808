//! `[failover]`: the numbers by which the controller decides. Its keys are the core's [`SETTINGS`], which reads them itself.

use failover_core::Policy;
use failover_core::policy::{PolicyError, SETTINGS};

use super::super::key::{Form, of_policy};
use super::super::reader::{Document, Section};

pub(super) fn read(document: &Document<'_>, section: Section<'_>) -> Option<Policy> {
    let mut values = Vec::new();
    for setting in &SETTINGS {
        if setting.section() != "failover" {
            values.push((setting.name, setting.default.to_owned()));
            continue;
        }
        let value = section.one(setting.name, Form::Any, |text| Ok(text.to_owned()))?;
        values.push((setting.name, value.unwrap_or_else(|| setting.default.to_owned())));
    }
    let lookup =
        |name: &str| values.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone());
    let policy = Policy::from_settings(|setting| lookup(setting.name));
    if let Err(error) = &policy {
        let expected = match error {
            PolicyError::Missing { .. } => "expected a value".to_owned(),
            PolicyError::Unreadable { expected, .. } => format!("expected {expected}"),
            PolicyError::Range { range, .. } => format!("expected {range}"),
        };
        let span = section.span(error.name());
        let mut problem = document.problem(span, error.to_string(), &expected);
        let both = lookup("routing").is_some_and(|routing| routing.trim() == "active-active");
        if both && error.name() == "floor" {
            problem = problem.hint(
                "set `floor = \"match\"` in [failover]: each region must be able to carry everything",
            );
        } else if let Some(setting) = SETTINGS.iter().find(|setting| setting.name == error.name()) {
            problem = problem.hint(format!("`{}`: {}", setting.name, setting.meaning));
        }
        document.report(problem);
    }
    section.finish(&of_policy(), &[]);
    policy.ok()
}
