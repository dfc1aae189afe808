//! What settings may not say together. Each rule names one problem and its fix, at the setting to change.

mod dns;
mod edge;
mod network;
mod notices;
mod web;

use super::places::Places;
use super::problem::Problem;
use super::reader::Document;
use super::section::Parts;

/// A rule. It says nothing while something that it needs is wrong by itself.
type Rule = fn(&Places<'_>, &Parts) -> Option<Problem>;

/// Reports every problem that concerns more than one setting.
pub(super) fn report(document: &Document, places: &Places<'_>, parts: &Parts) {
    let rules = [network::RULES, web::RULES, edge::RULES, dns::RULES, notices::RULES];
    let problems = rules.into_iter().flatten().filter_map(|rule| rule(places, parts));
    problems.for_each(|problem| document.report(problem));
}
