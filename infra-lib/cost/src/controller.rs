//! What the controller's own runs cost: the function, its calls, its metrics and its log.

use cfn::{Node, Value};

use site::model::StackId;

use super::draft::{Charge, Draft, Place, When};
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
/// How long a look takes. Taken high and never measured on AWS: two questions over UDP, and nothing else while all is well.
pub const LOOK_MILLIS: u64 = 100;
/// What a look logs: the three lines that Lambda adds.
const LOOK_LOG_BYTES: u64 = 350;
/// Name servers that every run asks for Route 53's verdict.
const SERVERS_ASKED: u64 = 2;
/// What Lambda's five pollers ask of a queue in an hour: one question each 20 s, beside those that bring a message.
const POLLS_PER_HOUR: u64 = 5 * 3 * 60;
/// Messages of one call. Source: SQS, `SendMessageBatch`.
const BATCH_MAX: u64 = 10;
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

/// Looks from one tick to the next: the next tick is a look itself.
fn looks_per_tick(place: &Place<'_>) -> Result<u64, CostError> {
    let unclear = || place.unclear("the parameter Watch");
    let watch = place.scope.parameter("Watch").ok_or_else(unclear)?;
    let seconds = watch.strip_suffix('s').and_then(|seconds| seconds.parse::<u64>().ok());
    match (watch, seconds) {
        ("off", _) => Ok(0),
        (_, Some(seconds)) if seconds > 0 => Ok(59 / seconds),
        _ => Err(unclear()),
    }
}

fn looks_per_hour(place: &Place<'_>) -> Result<u64, CostError> {
    Ok(looks_per_tick(place)? * runs_per_hour(place)?)
}

/// The looks that a queue starts, and the questions that each of them asks.
pub(super) fn looks(place: &Place<'_>) -> Result<Vec<Draft>, CostError> {
    let functions = place.scope.view.of_kind("AWS::Lambda::Function");
    let function = functions.into_iter().next().ok_or_else(|| place.unclear("FunctionName"))?;
    let function = Place { resource: function, ..*place };
    let looks = looks_per_hour(place)? * place.hours;
    let megabytes = function.number("MemorySize")?;
    Ok(vec![
        Draft::requests(Item::FunctionRuns, "looks", looks),
        Draft::new(
            compute(&function)?,
            format!("{megabytes} MB for {LOOK_MILLIS} ms a look"),
            Quantity::ratio(looks * megabytes * LOOK_MILLIS, 1024 * 1000),
        ),
        Draft::requests(
            Item::DnsQueries,
            format!("{SERVERS_ASKED} name servers a look"),
            looks * SERVERS_ASKED,
        ),
    ])
}

/// What is sent to, asked of and deleted from a queue that starts the function; each use of any other queue.
pub(super) fn queue(place: &Place<'_>) -> Result<Charge, CostError> {
    let mut sources = place.scope.view.of_kind("AWS::Lambda::EventSourceMapping");
    let is_this =
        |arn: &Node| matches!(&arn.value, Value::Own { name, .. } if *name == place.resource.name);
    if !sources.any(|source| source.property("EventSourceArn").is_some_and(is_this)) {
        return Ok((Vec::new(), Some((Item::QueueRequests, When::Event))));
    }
    let (looks, runs) = (looks_per_hour(place)?, runs_per_hour(place)?);
    let sent = runs * looks_per_tick(place)?.div_ceil(BATCH_MAX);
    let requests = [
        ("SendMessageBatch, each tick", sent),
        ("Lambda asks for messages", POLLS_PER_HOUR + looks),
        ("Lambda deletes each", looks),
    ];
    let drafts = requests
        .map(|(what, count)| Draft::requests(Item::QueueRequests, what, count * place.hours));
    Ok((drafts.into(), None))
}

fn compute(function: &Place<'_>) -> Result<Item, CostError> {
    match function.text("Architectures")? {
        "arm64" => Ok(Item::FunctionArm),
        "x86_64" => Ok(Item::FunctionX86),
        _ => Err(function.unclear("Architectures")),
    }
}

/// The function itself and what it calls.
pub(super) fn function(place: &Place<'_>) -> Result<Vec<Draft>, CostError> {
    if place.scope.stack.id != StackId::Controller {
        return Err(place.unpriced("a function whose runs nobody counted"));
    }
    let runs = runs_per_hour(place)? * place.hours;
    let megabytes = place.number("MemorySize")?;
    let latch = place.scope.parameter("Latch") == Some("on");
    let active = place.scope.parameter("Routing") == Some("active-active");
    let read = if active { METRICS_READ_ACTIVE } else { METRICS_READ };
    let mut drafts = vec![
        Draft::requests(Item::FunctionRuns, "runs", runs),
        Draft::new(
            compute(place)?,
            format!("{megabytes} MB for {RUN_MILLIS} ms a run"),
            Quantity::ratio(runs * megabytes * RUN_MILLIS, 1024 * 1000),
        ),
        Draft::requests(Item::MetricsRead, format!("GetMetricData, {read} a run"), runs * read),
        Draft::requests(
            Item::DnsQueries,
            format!("{SERVERS_ASKED} name servers a run"),
            runs * SERVERS_ASKED,
        ),
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
    let looks_bytes = looks_per_hour(place)? * LOOK_LOG_BYTES;
    let bytes_per_hour = runs_per_hour(place)? * RUN_LOG_BYTES + looks_bytes;
    let days = place.number("RetentionInDays")?;
    Ok(vec![
        Draft::new(
            Item::LogIngestion,
            format!("{RUN_LOG_BYTES} bytes a run, {LOOK_LOG_BYTES} a look"),
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
