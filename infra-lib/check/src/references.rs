//! Every name that a template uses must be one that it has.

use cfn::{Kind, Use, dangling};

use super::scope::Scope;

pub(super) fn check(scope: &Scope<'_>) {
    for Use { kind, name, place } in dangling(scope.template) {
        let what = match kind {
            Kind::Any => "neither a parameter nor a resource",
            Kind::Resource => "no resource",
            Kind::Condition => "no condition",
        };
        let message = format!("there is {what} called `{name}`");
        scope.tell("template-reference", place, message, "correct the name, or add what it names");
    }
}
