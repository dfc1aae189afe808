//! What a stack gets of the parameters that the site file does not give.

use std::collections::BTreeMap;

use cfn::Template;

use site::model::Stack;
use site::names::ParameterName;

use super::look::same_parameter;

/// A live parameter that is not the default which the next update would give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The parameter.
    pub name: String,
    /// Its value now.
    pub live: String,
    /// What the template sets it to.
    pub default: String,
}

/// The live parameters that the site file leaves to the template and that are not the template's default: an update of whatever
/// else sets them back unannounced.
#[must_use]
pub fn left_out(stack: &Stack, live: &BTreeMap<String, String>) -> Vec<LeftOut> {
    let ours = |name: &str| stack.parameters.contains_key(&ParameterName::new(name));
    if live.keys().all(|name| ours(name)) {
        return Vec::new();
    }
    let Ok(template) = Template::parse(&stack.template.body) else { return Vec::new() };
    let free = live.iter().filter(|(name, _)| !ours(name));
    let free = free.filter_map(|(name, live)| {
        let default = template.parameters.get(name)?.default.clone()?;
        let (name, live) = (name.clone(), live.clone());
        (!same_parameter(&live, &default)).then_some(LeftOut { name, live, default })
    });
    free.collect()
}
