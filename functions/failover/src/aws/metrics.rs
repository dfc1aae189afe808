//! Metrics of one region's CloudWatch.

use std::sync::Arc;

use aws_config::SdkConfig;
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{
    self as wire, Dimension, MetricDataQuery, MetricDataResult, MetricDatum, MetricStat, ScanBy,
    StatusCode,
};
use failover_core::observation::{Known, Why};
use failover_core::time::Timestamp;

use crate::emf;
use crate::error::WriteError;
use crate::log::{self, Level, Log};
use crate::port::{Metric, Span};

use super::why::sent;

/// Id of the only query.
const QUERY_ID: &str = "m1";

/// Start of period and value, newest first.
pub(super) type Series = Vec<(Timestamp, f64)>;

#[derive(Clone, Debug)]
pub(super) struct Metrics {
    client: Client,
    region: String,
    log: Arc<dyn Log>,
}

impl Metrics {
    pub(super) fn new(region: &str, config: &SdkConfig, log: Arc<dyn Log>) -> Self {
        Self { client: Client::new(config), region: region.to_owned(), log }
    }

    pub(super) const fn client(&self) -> &Client {
        &self.client
    }

    /// Logs that the reading `read` failed.
    pub(super) fn complain(&self, read: &str, error: &str) {
        let fields = [("read", read), ("region", self.region.as_str()), ("error", error)];
        self.log.line(&log::problem(Level::Warn, "read failed", &fields));
    }

    /// The datapoints of `metric` within `span`.
    pub(super) async fn read(&self, read: &str, metric: &Metric, span: Span) -> Known<Series> {
        let call = self
            .client
            .get_metric_data()
            .metric_data_queries(query(metric))
            .start_time(DateTime::from_secs(span.start.as_second()))
            .end_time(DateTime::from_secs(span.end.as_second()))
            // Newest first: were the answer cut, the old end would be missing, which proves less
            // and never too much.
            .scan_by(ScanBy::TimestampDescending);
        let answer = super::why::read(call.send().await, |error| self.complain(read, error));
        answer.and_then(|answer| match answer.metric_data_results() {
            [result] => read_series(result),
            _ => Known::Unknown(Why::Unparseable),
        })
    }

    /// Puts one value of a metric of the site.
    pub(super) async fn put(&self, site: &str, name: &str, value: f64) -> Result<(), WriteError> {
        let datum = MetricDatum::builder()
            .metric_name(name)
            .dimensions(Dimension::builder().name("Site").value(site).build())
            .value(value)
            .build();
        let call = self.client.put_metric_data().namespace(emf::NAMESPACE).metric_data(datum);
        sent(call.send().await)
    }
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

fn read_series(result: &MetricDataResult) -> Known<Series> {
    match result.status_code() {
        Some(StatusCode::Complete | StatusCode::PartialData) | None => {}
        Some(StatusCode::Forbidden) => return Known::Unknown(Why::Denied),
        Some(_) => return Known::Unknown(Why::Fault),
    }
    if result.timestamps().len() != result.values().len() {
        return Known::Unknown(Why::Unparseable);
    }
    let pairs = result.timestamps().iter().zip(result.values());
    let series: Option<Series> = pairs.map(|(at, value)| Some((time(at)?, *value))).collect();
    series.map_or(Known::Unknown(Why::Unparseable), Known::Known)
}

/// Whole seconds: less than a second never decides anything, and both sides are then alike.
pub(super) fn time(at: &DateTime) -> Option<Timestamp> {
    Timestamp::from_second(at.secs()).ok()
}
