//! The failover alarm, the metric that it watches, and the health check behind both, all from the
//! alarm's region.

use std::ops::RangeInclusive;
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
use crate::port::{AlarmReading, CHECK_DIMENSION, Metric, Span};

use super::metrics::{Metrics, time};
use super::why::read;

/// Where the failover alarm's description begins to name the health checks.
const CHECKS_MARK: &str = "Health checks:";
/// BOUND: the primary's, the gate's, the latch's and the standby's. Route 53 allows five calls a second.
const CHECKS_MAX: usize = 4;
/// What the templates accept as the id of a health check. Units: characters.
const CHECK_ID: RangeInclusive<usize> = 8..=64;

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
        read(call.send().await, |error| self.metrics.complain("alarm", error)).and_then(|answer| {
            let named = |alarm: &&MetricAlarm| alarm.alarm_name() == Some(self.arn.name());
            // An empty list is not good news: the alarm was deleted.
            let alarm = answer.metric_alarms().iter().find(named);
            alarm.map_or(Known::Unknown(Why::Empty), read_alarm)
        })
    }

    pub(super) async fn read_datapoints(&self, metric: &Metric, span: Span) -> Known<Datapoints> {
        let series = self.metrics.read("datapoints", metric, span).await;
        series.and_then(|series| Datapoints::from_series(series, metric.period))
    }

    pub(super) async fn read_check(&self, id: &str) -> Known<CheckConfig> {
        let answer = self.checks.get_health_check().health_check_id(id).send().await;
        read(answer, |error| self.metrics.complain("health check", error)).and_then(|answer| {
            let check = answer.health_check().and_then(|check| check.health_check_config());
            check.map_or(Known::Unknown(Why::Unparseable), |config| {
                // Route 53 leaves out what was never set.
                let disabled = config.disabled().unwrap_or_default();
                let inverted = config.inverted().unwrap_or_default();
                Known::Known(CheckConfig { disabled, inverted })
            })
        })
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
    let metric = watched(alarm);
    let own = metric.known().and_then(|metric| metric.dimension(CHECK_DIMENSION));
    let checks = named_checks(alarm.alarm_description().unwrap_or_default(), own);
    Known::Known(AlarmReading { view, metric, checks })
}

/// The ids of the other health checks that the alarm's description names, beside `own`, the one that the alarm watches. The
/// checks are made after the function, so the description, which is read with the alarm, tells the function about them.
///
/// A description without the mark is that of an earlier version, or the site has no other check: nothing is asked.
fn named_checks(text: &str, own: Option<&str>) -> Known<Vec<String>> {
    let Some((_, listed)) = text.split_once(CHECKS_MARK) else {
        return Known::Unknown(Why::NotAsked);
    };
    let words = listed.split(|c: char| c.is_ascii_whitespace() || c == ',');
    let words = words.map(|word| word.trim_end_matches('.')).filter(|word| !word.is_empty());
    let mut ids: Vec<&str> = words.take(CHECKS_MAX + 1).collect();
    let plain = |id: &str| id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let is_id = |id: &&str| CHECK_ID.contains(&id.len()) && plain(id);
    if ids.is_empty() || ids.len() > CHECKS_MAX || !ids.iter().all(is_id) {
        return Known::Unknown(Why::Unparseable);
    }
    // A description that was copied from another site names that site's primary.
    if own.is_none_or(|own| !ids.contains(&own)) {
        return Known::Unknown(Why::Foreign);
    }
    ids.retain(|id| Some(*id) != own);
    if ids.is_empty() {
        return Known::Unknown(Why::NotAsked);
    }
    Known::Known(ids.into_iter().map(str::to_owned).collect())
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
    use failover_core::observation::{Known, Why};

    use super::named_checks;

    const OWN: &str = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
    const GATE: &str = "1f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
    const LATCH: &str = "2f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";

    fn named(text: &str) -> Known<Vec<String>> {
        named_checks(text, Some(OWN))
    }

    #[test]
    fn a_description_names_the_other_checks_in_any_layout() {
        let both = Known::Known(vec![GATE.to_owned(), LATCH.to_owned()]);
        let own_first = format!("ALARM: down. OK: up. Health checks: {OWN} {GATE} {LATCH}");
        assert_eq!(named(&own_first), both);
        // What a template joins has gaps where a check is left out.
        assert_eq!(named(&format!("Health checks:  {GATE},{OWN}  , {LATCH}.\n")), both);
    }

    #[test]
    fn a_description_without_other_checks_asks_nothing() {
        for text in ["", "The primary of shop.example.com does not answer", "Checks: none"] {
            assert_eq!(named(text), Known::Unknown(Why::NotAsked), "{text}");
        }
        assert_eq!(named(&format!("Health checks: {OWN}")), Known::Unknown(Why::NotAsked));
    }

    #[test]
    fn a_garbled_description_names_no_check() {
        let many = format!("{OWN} {GATE} {LATCH} {GATE} {LATCH}");
        for list in ["", ".", "none", "0f1e", "${GateCheck}", &format!("{OWN} and {GATE}"), &many] {
            let text = format!("ALARM: down. Health checks: {list}");
            assert_eq!(named(&text), Known::Unknown(Why::Unparseable), "{text}");
        }
    }

    #[test]
    fn the_checks_of_another_site_are_not_this_sites() {
        let text = format!("Health checks: {GATE} {LATCH}");
        assert_eq!(named(&text), Known::Unknown(Why::Foreign));
        assert_eq!(named_checks(&text, None), Known::Unknown(Why::Foreign));
    }
}
