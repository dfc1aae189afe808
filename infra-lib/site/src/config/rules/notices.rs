//! Where people are told.

use super::super::reader::Document;
use super::super::section::Parts;
use crate::names::DETECTOR_REGION;

/// A topic tells what happens in its own region: an alarm takes no other, and the controller speaks from the standby.
pub(super) fn report(file: &Document<'_>, parts: &Parts) {
    let (Some(regions), Some(topics)) = (&parts.regions, &parts.notice_topics) else { return };
    let standby = regions.standby.as_str();
    let named: Vec<_> = topics.iter().filter_map(|arn| arn.split(':').nth(3)).collect();
    let wanted = [standby, DETECTOR_REGION];
    let other = named.iter().find(|region| !wanted.contains(region));
    let twice = named.iter().enumerate().find(|(at, region)| named[..*at].contains(region));
    let message = match (other, twice) {
        (Some(region), _) => format!("nothing of the site tells people from {region}"),
        (None, Some((_, region))) => format!("two topics are in {region}"),
        (None, None) => return,
    };
    let expected = format!("one topic in {standby}, one in {DETECTOR_REGION}, or either");
    file.report(file.problem_at(("", "notice_topic"), message, &expected));
}
