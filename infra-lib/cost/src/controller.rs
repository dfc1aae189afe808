//! What the controller's own runs cost: the function, its calls, its metrics and its log.

use site::model::StackId;

use super::catalogue::{Draft, Place};
use super::error::CostError;
use super::item::Item;
use super::money::Quantity;

/// How long a run takes. Taken high and never measured on AWS: most of it is the handshake with the farthest region.
pub const RUN_MILLIS: u64 = 1000;
/// What a run logs: the decision record, the metrics line, and the three lines that Lambda adds. Held by a test.
pub const RUN_LOG_BYTES: u64 = 4000;
/// Metrics that CloudWatch makes from the log in a calm month: eight of the site, and one for the only reason that occurs.
/// Held by a test.
pub const LOG_METRICS: u64 = 8 + 1;
/// Metrics that a run asks CloudWatch for: the failover alarm's.
const METRICS_READ: u64 = 1;
/// With active-active routing it asks for the CPU of both groups too.
const METRICS_READ_ACTIVE: u64 = METRICS_READ + 2;
/// Looks at the notice topic's receivers, once an hour.
const TOPIC_READS_PER_HOUR: u64 = 1;

/// Runs in an hour: those of the schedules in the same template.
fn runs_per_hour(place: &Place<'_>) -> Result<u64, CostError> {
    let mut runs = 0;
    for rule in place.scope.view.of_kind("AWS::Events::Rule") {
        if rule.property("ScheduleExpression").is_none() {
            continue;
        }
        let own = Place { resource: rule, ..*place };
        let rate = runs_of(own.text("ScheduleExpression")?);
        runs += rate.ok_or_else(|| own.unclear("ScheduleExpression"))?;
    }
    Ok(runs)
}

/// Runs in an hour of `rate(1 minute)`. `None` for any other form: nothing here is scheduled so.
fn runs_of(expression: &str) -> Option<u64> {
    let rate = expression.strip_prefix("rate(")?.strip_suffix(')')?;
    let (count, unit) = rate.split_once(' ')?;
    let count = count.parse::<u64>().ok().filter(|count| *count > 0)?;
    let minutes = count * if unit.starts_with("minute") { 1 } else { return None };
    (60 % minutes == 0).then_some(60 / minutes)
}

/// The function itself and what it calls.
pub(super) fn function(place: &Place<'_>) -> Result<Vec<Draft>, CostError> {
    if place.scope.stack.id != StackId::Controller {
        return Err(place.unpriced("a function whose runs nobody counted"));
    }
    let runs = runs_per_hour(place)? * place.hours;
    let megabytes = place.number("MemorySize")?;
    let compute = match place.text("Architectures")? {
        "arm64" => Item::FunctionArm,
        "x86_64" => Item::FunctionX86,
        _ => return Err(place.unclear("Architectures")),
    };
    let latch = place.scope.parameter("Latch") == Some("on");
    let active = place.scope.parameter("Routing") == Some("active-active");
    let read = if active { METRICS_READ_ACTIVE } else { METRICS_READ };
    let mut drafts = vec![
        Draft::requests(Item::FunctionRuns, "runs", runs),
        Draft::new(
            compute,
            format!("{megabytes} MB for {RUN_MILLIS} ms a run"),
            Quantity::ratio(runs * megabytes * RUN_MILLIS, 1024 * 1000),
        ),
        Draft::requests(Item::MetricsRead, format!("GetMetricData, {read} a run"), runs * read),
        Draft::new(Item::CustomMetric, "metrics from its log", Quantity::whole(LOG_METRICS)),
        Draft::requests(
            Item::TopicRequests,
            "GetTopicAttributes, hourly",
            TOPIC_READS_PER_HOUR * place.hours,
        ),
    ];
    if latch {
        drafts.push(Draft::requests(Item::MetricRequests, "PutMetricData, the latch", runs));
        drafts.push(Draft::new(Item::CustomMetric, "the latch's metric", Quantity::whole(1)));
    }
    Ok(drafts)
}

/// The log of the function.
pub(super) fn log_group(place: &Place<'_>) -> Result<Vec<Draft>, CostError> {
    const GB: u64 = 1_000_000_000;
    if place.scope.stack.id != StackId::Controller {
        return Err(place.unpriced("a log group whose lines nobody counted"));
    }
    let bytes_per_hour = runs_per_hour(place)? * RUN_LOG_BYTES;
    let days = place.number("RetentionInDays")?;
    Ok(vec![
        Draft::new(
            Item::LogIngestion,
            format!("{RUN_LOG_BYTES} bytes a run"),
            Quantity::ratio(bytes_per_hour * place.hours, GB),
        ),
        // What is kept once the first lines reach their age. Stored lines are compressed; this is as they come, so taken high.
        Draft::new(
            Item::LogStorage,
            format!("kept {days} days"),
            Quantity::ratio(bytes_per_hour * days * 24, GB),
        ),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_runs_in_an_hour() {
        assert_eq!(runs_of("rate(1 minute)"), Some(60));
        assert_eq!(runs_of("rate(5 minutes)"), Some(12));
        for unknown in ["rate(7 minutes)", "rate(0 minutes)", "rate(1 hour)", "cron(0 * * * ? *)"] {
            assert_eq!(runs_of(unknown), None, "{unknown}");
        }
    }
}
