//! Where people are told.

use super::Rule;
use crate::config::places::Places;
use crate::config::problem::Problem;
use crate::config::section::Parts;
use crate::names::DETECTOR_REGION;

pub(super) const RULES: &[Rule] = &[topics];

/// A topic tells what happens in its own region: an alarm takes no other, and the controller speaks from the standby.
fn topics(places: &Places<'_>, parts: &Parts) -> Option<Problem> {
    let standby = parts.regions.as_ref()?.standby.as_str();
    let named: Vec<_> =
        parts.notice_topics.as_ref()?.iter().filter_map(|arn| arn.split(':').nth(3)).collect();
    let wanted = [standby, DETECTOR_REGION];
    let other = named.iter().find(|region| !wanted.contains(region));
    let twice = named.iter().enumerate().find(|(at, region)| named[..*at].contains(region));
    let message = match (other, twice) {
        (Some(region), _) => format!("nothing of the site tells people from {region}"),
        (None, Some((_, region))) => format!("two topics are in {region}"),
        (None, None) => return None,
    };
    let expected = format!("one topic in {standby}, one in {DETECTOR_REGION}, or either");
    Some(places.problem(("", "notice_topic"), message, &expected))
}
