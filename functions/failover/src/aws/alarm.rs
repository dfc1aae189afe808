//! The failover alarm, the metric that it watches, and the health check behind both, all from the
//! alarm's region.

use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_cloudwatch::types::{self as wire, AlarmType, MetricAlarm, StateValue};
use aws_sdk_route53::Client as Route53;
use failover_core::observation::{
    AlarmState, AlarmView, CheckConfig, Datapoints, Evaluation, Known, Why,
};
use failover_core::signal::AlarmArn;

use crate::log::Log;
use crate::port::{AlarmReading, Metric, Span};

use super::metrics::{Metrics, time};
use super::why::{why, words};

/// BOUND: the gate's, the latch's and the standby's. Route 53 allows five calls a second.
const CHECKS_MAX: usize = 3;

#[derive(Clone, Debug)]
pub(super) struct Alarms {
    arn: AlarmArn,
    metrics: Metrics,
    checks: Route53,
}

impl Alarms {
    pub(super) fn new(arn: AlarmArn, config: &SdkConfig, log: Arc<dyn Log>) -> Self {
        let metrics = Metrics::new(arn.region(), config, log);
        Self { arn, metrics, checks: Route53::new(config) }
    }

    pub(super) async fn read_alarm(&self) -> Known<AlarmReading> {
        let call = self.metrics.client().describe_alarms();
        let call = call.alarm_names(self.arn.name()).alarm_types(AlarmType::MetricAlarm);
        match call.send().await {
            Ok(answer) => {
                let named = |alarm: &&MetricAlarm| alarm.alarm_name() == Some(self.arn.name());
                // An empty list is not good news: the alarm was deleted.
                let alarm = answer.metric_alarms().iter().find(named);
                alarm.map_or(Known::Unknown(Why::Empty), read_alarm)
            }
            Err(error) => {
                self.metrics.complain("alarm", &words(&error));
                Known::Unknown(why(&error))
            }
        }
    }

    pub(super) async fn read_datapoints(&self, metric: &Metric, span: Span) -> Known<Datapoints> {
        let series = self.metrics.read("datapoints", metric, span).await;
        series.and_then(|series| Datapoints::from_series(series, metric.period))
    }

    pub(super) async fn read_check(&self, id: &str) -> Known<CheckConfig> {
        match self.checks.get_health_check().health_check_id(id).send().await {
            Ok(answer) => {
                let check = answer.health_check().and_then(|check| check.health_check_config());
                check.map_or(Known::Unknown(Why::Unparseable), |config| {
                    // Route 53 leaves out what was never set.
                    let disabled = config.disabled().unwrap_or_default();
                    let inverted = config.inverted().unwrap_or_default();
                    Known::Known(CheckConfig { disabled, inverted })
                })
            }
            Err(error) => {
                self.metrics.complain("health check", &words(&error));
                Known::Unknown(why(&error))
            }
        }
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
    // CloudWatch enables them unless told otherwise.
    let actions = alarm.actions_enabled() != Some(false) && !alarm.alarm_actions().is_empty();
    let view = AlarmView { state, transitioned_at, evaluation, actions };
    let checks = named_checks(alarm.alarm_description().unwrap_or_default());
    Known::Known(AlarmReading { view, metric: watched(alarm), checks })
}

/// The ids of health checks that a text names. The checks are made after the function, so that the alarm's description, which
/// is read with it, is where the function learns of them.
fn named_checks(text: &str) -> Vec<String> {
    let id = |word: &&str| {
        let parts: Vec<&str> = word.split('-').collect();
        let hex = |part: &&str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
        parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12]) && parts.iter().all(hex)
    };
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    words.filter(id).take(CHECKS_MAX).map(str::to_owned).collect()
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

#[cfg(test)]
mod tests {
    use super::named_checks;

    #[test]
    fn a_description_names_its_checks_and_nothing_else() {
        let gate = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
        let latch = "1f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
        let text = format!("The primary does not answer. Checks: gate {gate}, latch {latch}.");
        assert_eq!(named_checks(&text), [gate, latch]);
        assert_eq!(named_checks("The primary of a-b-c-d-e.example.com does not answer"), [""; 0]);
        assert_eq!(named_checks(&format!("{gate} ").repeat(9)).len(), 3);
    }
}
