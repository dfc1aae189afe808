//! The failover alarm and the metric that it watches, both from CloudWatch in the alarm's region.

use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{
    self as wire, AlarmType, Dimension, MetricAlarm, MetricDataQuery, MetricDataResult, MetricStat,
    ScanBy, StateValue, StatusCode,
};
use failover_core::observation::{AlarmState, AlarmView, Datapoints, Evaluation, Known, Why};
use failover_core::signal::AlarmArn;
use failover_core::time::Timestamp;

use crate::log::{self, Level, Log};
use crate::port::{AlarmReading, Metric, Span};

use super::why::{why, words};

/// Id of the only query.
const QUERY_ID: &str = "m1";

#[derive(Clone, Debug)]
pub(super) struct Alarms {
    client: Client,
    arn: AlarmArn,
    log: Arc<dyn Log>,
}

impl Alarms {
    pub(super) fn new(arn: AlarmArn, config: &SdkConfig, log: Arc<dyn Log>) -> Self {
        Self { client: Client::new(config), arn, log }
    }

    pub(super) async fn read_alarm(&self) -> Known<AlarmReading> {
        let call = self
            .client
            .describe_alarms()
            .alarm_names(self.arn.name())
            .alarm_types(AlarmType::MetricAlarm);
        match call.send().await {
            Ok(answer) => {
                let named = |alarm: &&MetricAlarm| alarm.alarm_name() == Some(self.arn.name());
                // An empty list is not good news: the alarm was deleted.
                let alarm = answer.metric_alarms().iter().find(named);
                alarm.map_or(Known::Unknown(Why::Empty), read_alarm)
            }
            Err(error) => {
                self.complain("alarm", &words(&error));
                Known::Unknown(why(&error))
            }
        }
    }

    pub(super) async fn read_datapoints(&self, metric: &Metric, span: Span) -> Known<Datapoints> {
        let call = self
            .client
            .get_metric_data()
            .metric_data_queries(query(metric))
            .start_time(DateTime::from_secs(span.start.as_second()))
            .end_time(DateTime::from_secs(span.end.as_second()))
            // Newest first: were the answer cut, the old end would be missing, which proves less
            // and never too much.
            .scan_by(ScanBy::TimestampDescending);
        match call.send().await {
            Ok(answer) => match answer.metric_data_results() {
                [result] => read_series(result, metric.period),
                _ => Known::Unknown(Why::Unparseable),
            },
            Err(error) => {
                self.complain("datapoints", &words(&error));
                Known::Unknown(why(&error))
            }
        }
    }

    fn complain(&self, read: &str, error: &str) {
        let fields = [("read", read), ("region", self.arn.region()), ("error", error)];
        self.log.line(&log::problem(Level::Warn, "read failed", &fields));
    }
}

fn read_alarm(alarm: &MetricAlarm) -> Known<AlarmReading> {
    let state = match alarm.state_value() {
        Some(StateValue::Ok) => AlarmState::Ok,
        Some(StateValue::Alarm) => AlarmState::Alarm,
        Some(StateValue::InsufficientData) => AlarmState::Insufficient,
        Some(_) | None => return Known::Unknown(Why::Unparseable),
    };
    // `StateUpdatedTimestamp` also moves without a change of state: it makes the state look
    // younger, which only delays a lowering.
    let at = alarm.state_transitioned_timestamp().or_else(|| alarm.state_updated_timestamp());
    let Some(transitioned_at) = at.and_then(time) else {
        return Known::Unknown(Why::Unparseable);
    };
    // Whatever CloudWatch reports here is a complaint, also one that this SDK does not know yet.
    let evaluation = match alarm.evaluation_state() {
        None => Evaluation::Sound,
        Some(_) => Evaluation::Failing,
    };
    let view = AlarmView { state, transitioned_at, evaluation };
    Known::Known(AlarmReading { view, metric: watched(alarm) })
}

/// The metric of a plain alarm. One on an expression has none, and gives no evidence.
fn watched(alarm: &MetricAlarm) -> Known<Metric> {
    let statistic =
        alarm.statistic().map(wire::Statistic::as_str).or_else(|| alarm.extended_statistic());
    let dimensions = alarm.dimensions().iter();
    let dimensions = dimensions.map(|one| Some((one.name()?.to_owned(), one.value()?.to_owned())));
    let metric = || {
        Some(Metric {
            namespace: alarm.namespace()?.to_owned(),
            name: alarm.metric_name()?.to_owned(),
            dimensions: dimensions.collect::<Option<_>>()?,
            statistic: statistic?.to_owned(),
            period: Duration::from_secs(u64::try_from(alarm.period()?).ok().filter(|&s| s > 0)?),
        })
    };
    metric().map_or(Known::Unknown(Why::Unparseable), Known::Known)
}

fn query(metric: &Metric) -> MetricDataQuery {
    let dimension =
        |(name, value): &(String, String)| Dimension::builder().name(name).value(value).build();
    let metric_name = wire::Metric::builder()
        .namespace(&metric.namespace)
        .metric_name(&metric.name)
        .set_dimensions(Some(metric.dimensions.iter().map(dimension).collect()))
        .build();
    let stat = MetricStat::builder()
        .metric(metric_name)
        .period(i32::try_from(metric.period.as_secs()).unwrap_or(i32::MAX))
        .stat(&metric.statistic)
        .build();
    MetricDataQuery::builder().id(QUERY_ID).metric_stat(stat).return_data(true).build()
}

fn read_series(result: &MetricDataResult, period: Duration) -> Known<Datapoints> {
    match result.status_code() {
        Some(StatusCode::Complete | StatusCode::PartialData) | None => {}
        Some(StatusCode::Forbidden) => return Known::Unknown(Why::Denied),
        Some(_) => return Known::Unknown(Why::Fault),
    }
    if result.timestamps().len() != result.values().len() {
        return Known::Unknown(Why::Unparseable);
    }
    let pairs = result.timestamps().iter().zip(result.values());
    let series: Option<Vec<_>> = pairs.map(|(at, value)| Some((time(at)?, *value))).collect();
    series
        .map_or(Known::Unknown(Why::Unparseable), |series| Datapoints::from_series(series, period))
}

fn time(at: &DateTime) -> Option<Timestamp> {
    // Less than a second never decides anything, and both sides are then on whole seconds.
    Timestamp::from_second(at.secs()).ok()
}
