//! What a stack gets of the parameters that the site file does not give.

use std::collections::BTreeMap;

use super::template::Template;
use crate::model::Stack;
use crate::names::ParameterName;
use crate::plan::same_parameter;

/// A live parameter that is not the default which the next update would give it.
pub(crate) struct LeftOut {
    pub(crate) name: String,
    pub(crate) live: String,
    pub(crate) default: String,
}

/// The live parameters that the site file leaves to the template and that are not the template's default: an update of whatever
/// else sets them back unannounced.
pub(crate) fn left_out(stack: &Stack, live: &BTreeMap<String, String>) -> Vec<LeftOut> {
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

/// The defaults of a template's parameters, as AWS shows them for a stack that was given none.
pub(crate) fn defaults(text: &str) -> BTreeMap<String, String> {
    let Ok(template) = Template::parse(text) else { return BTreeMap::new() };
    let parameters = template.parameters.into_iter();
    parameters.filter_map(|(name, parameter)| Some((name, parameter.default?))).collect()
}
