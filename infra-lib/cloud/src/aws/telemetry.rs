//! CloudWatch, CloudWatch Logs and Lambda.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{
    self, Dimension, MetricAlarm, MetricDataQuery, MetricDataResult, MetricDatum, MetricStat,
    ScanBy, StateValue, StatusCode,
};
use aws_sdk_lambda::primitives::Blob;
use failover_core::Timestamp;
use failover_core::observation::AlarmState;
use serde_json::json;

use site::names::Region;

use super::super::{AlarmStatus, CloudError, Invocation, LogLine, Metric, Telemetry};
use super::Aws;
use super::call::{Call, if_there, is_absent};
use super::pages::Pages;
use super::plain::Service;
use crate::guard::Permit;
use machine::clock;

// BOUND: a day of ticks is 1,440 invocations of a few lines each; the newest thousand lines tell what happened.
const LOG_LINES_MAX: usize = 1000;
// BOUND: AWS searches stream by stream and may answer a page without lines for each; within an hour a site has a few streams.
const LOG_PAGES_MAX: usize = 100;
// BOUND: one page has up to 100,800 points.
const POINT_PAGES_MAX: usize = 5;
// BOUND: one alarm is asked for; an emulator may answer all that it has.
const ALARM_PAGES_MAX: usize = 10;

impl Aws {
    /// An alarm on a metric, by its name.
    pub(super) async fn metric_alarm(
        &self,
        region: &Region,
        name: &str,
    ) -> Result<Option<MetricAlarm>, CloudError> {
        let call = Call::new("DescribeAlarms", region);
        let client = self.clients(region).cloudwatch;
        let mut pages = Pages::new(&call, ALARM_PAGES_MAX);
        while let Some(page) = pages.next()? {
            let request = client.describe_alarms().alarm_names(name).set_next_token(page.from);
            let answer = call.answer(request.send().await)?;
            let mut alarms = answer.metric_alarms.unwrap_or_default().into_iter();
            let found = alarms.find(|alarm| alarm.alarm_name.as_deref() == Some(name));
            if found.is_some() {
                return Ok(found);
            }
            pages.turn(answer.next_token);
        }
        Ok(None)
    }
}

#[async_trait]
impl Telemetry for Aws {
    async fn alarm(&self, region: &Region, name: &str) -> Result<Option<AlarmStatus>, CloudError> {
        let Some(alarm) = self.metric_alarm(region, name).await? else { return Ok(None) };
        let state = match alarm.state_value {
            Some(StateValue::Ok) => AlarmState::Ok,
            Some(StateValue::Alarm) => AlarmState::Alarm,
            _ => AlarmState::Insufficient,
        };
        // An emulator may know only the time of the last update.
        let since = alarm.state_transitioned_timestamp.or(alarm.state_updated_timestamp);
        let since = since.and_then(|at| Timestamp::from_millisecond(at.to_millis().ok()?).ok());
        Ok(Some(AlarmStatus { state, since, reason: alarm.state_reason }))
    }

    async fn put_metric(
        &self,
        _permit: &Permit,
        region: &Region,
        metric: &Metric,
        value: f64,
    ) -> Result<(), CloudError> {
        let call = Call::new("PutMetricData", region);
        let datum = MetricDatum::builder()
            .metric_name(&metric.name)
            .set_dimensions(Some(dimensions(metric)))
            .value(value)
            .build();
        let request = self.clients(region).cloudwatch.put_metric_data();
        let request = request.namespace(&metric.namespace).metric_data(datum);
        call.answer(request.send().await)?;
        Ok(())
    }

    async fn newest_value(
        &self,
        region: &Region,
        metric: &Metric,
        period: Duration,
        since: Timestamp,
    ) -> Result<Option<f64>, CloudError> {
        let call = Call::new("GetMetricData", region);
        let wanted = types::Metric::builder()
            .namespace(&metric.namespace)
            .metric_name(&metric.name)
            .set_dimensions(Some(dimensions(metric)));
        let stat = MetricStat::builder()
            .metric(wanted.build())
            .stat("Maximum")
            .period(i32::try_from(period.as_secs()).unwrap_or(i32::MAX));
        let query = MetricDataQuery::builder().id("newest").metric_stat(stat.build()).build();
        let client = self.clients(region).cloudwatch;
        // The end is exclusive, and a point of this very second is wanted too.
        let end = DateTime::from_secs(clock::now().as_second() + 1);
        let begin = DateTime::from_secs(since.as_second());
        let mut newest = None::<(DateTime, f64)>;
        let mut pages = Pages::new(&call, POINT_PAGES_MAX);
        while let Some(page) = pages.next()? {
            let request = client.get_metric_data().start_time(begin).end_time(end);
            let request = request.scan_by(ScanBy::TimestampDescending);
            let request = request.metric_data_queries(query.clone()).set_next_token(page.from);
            let answer = call.answer(request.send().await)?;
            for result in answer.metric_data_results.unwrap_or_default() {
                complete(&call, &result)?;
                let timestamps = result.timestamps.unwrap_or_default().into_iter();
                let points = timestamps.zip(result.values.unwrap_or_default());
                // An emulator may not know the order.
                newest = newest.into_iter().chain(points).max_by_key(|(at, _)| at.secs());
            }
            pages.turn(answer.next_token);
        }
        Ok(newest.map(|(_, value)| value))
    }

    async fn log_lines(
        &self,
        region: &Region,
        group: &str,
        since: Timestamp,
    ) -> Result<Vec<LogLine>, CloudError> {
        let call = Call::new("FilterLogEvents", region);
        let mut lines = Vec::new();
        // AWS answers oldest first and may put empty pages between: whoever stops half-way loses just the newest lines.
        let mut pages = Pages::<String>::new(&call, LOG_PAGES_MAX);
        while let Some(page) = pages.next()? {
            let mut asked = json!({ "logGroupName": group, "startTime": since.as_millisecond() });
            if let Some(token) = page.from {
                asked["nextToken"] = token.into();
            }
            let answer = self.json(Service::Logs, region, "FilterLogEvents", asked).await;
            let Some(answer) = if_there(answer, is_absent)? else { break };
            let events = answer["events"].as_array().into_iter().flatten();
            lines.extend(events.filter_map(|event| {
                let at = Timestamp::from_millisecond(event["timestamp"].as_i64()?).ok()?;
                Some(LogLine { at, text: event["message"].as_str()?.to_owned() })
            }));
            pages.turn(answer["nextToken"].as_str().map(ToOwned::to_owned));
        }
        lines.sort_by_key(|line| line.at);
        lines.drain(..lines.len().saturating_sub(LOG_LINES_MAX));
        Ok(lines)
    }

    async fn function_variables(
        &self,
        region: &Region,
        function: &str,
    ) -> Result<BTreeMap<String, String>, CloudError> {
        let call = Call::new("GetFunctionConfiguration", region);
        let request = self.clients(region).lambda.get_function_configuration();
        let answer = call.answer(request.function_name(function).send().await)?;
        let variables = answer.environment.and_then(|environment| environment.variables);
        Ok(variables.into_iter().flatten().collect())
    }

    async fn invoke(
        &self,
        _permit: &Permit,
        region: &Region,
        function: &str,
        payload: Vec<u8>,
    ) -> Result<Invocation, CloudError> {
        let call = Call::new("Invoke", region);
        let request = self.clients(region).lambda.invoke().function_name(function);
        let answer = call.answer(request.payload(Blob::new(payload)).send().await)?;
        let payload = answer.payload.map(Blob::into_inner).unwrap_or_default();
        Ok(Invocation { payload, error: answer.function_error })
    }
}

/// A query that failed is a part of an answer with status 200.
fn complete(call: &Call, result: &MetricDataResult) -> Result<(), CloudError> {
    let code = match &result.status_code {
        Some(code @ (StatusCode::InternalError | StatusCode::Forbidden)) => code.as_str(),
        _ => return Ok(()),
    };
    let said = result.messages().iter().find_map(|message| message.value());
    // The words for a caller who may not, which are those of other services.
    let code = if code == "Forbidden" { "AccessDenied" } else { code };
    Err(call.refused(code.to_owned(), said.unwrap_or("no message").to_owned()))
}

fn dimensions(metric: &Metric) -> Vec<Dimension> {
    let dimensions = metric.dimensions.iter();
    dimensions.map(|(name, value)| Dimension::builder().name(name).value(value).build()).collect()
}
