//! Every name that a template uses must be one that it has.

use cfn::{Kind, Use, dangling};

use super::finding::Finding;
use super::scope::Scope;

pub(super) fn check(scope: &Scope<'_>) -> Vec<Finding> {
    let missing = dangling(scope.template).into_iter().map(|Use { kind, name, place }| {
        let what = match kind {
            Kind::Any => "neither a parameter nor a resource",
            Kind::Resource => "no resource",
            Kind::Condition => "no condition",
        };
        let message = format!("there is {what} called `{name}`");
        let fix = "correct the name, or add what it names";
        scope.document.finding("template-reference", place, message, fix)
    });
    missing.collect()
}
