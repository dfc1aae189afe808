//! Rules about health checks that follow an alarm: Route 53 does not read the alarm's state, it evaluates the metric by itself.

use cfn::{Node, Viewed};

use super::super::scope::Scope;

/// Source: Route 53 API, `AlarmIdentifier`, and Route 53 guide, "Creating and updating health checks", monitoring an alarm.
pub(super) fn followed_alarm(scope: &Scope<'_>) {
    let fix = "let the check follow an alarm on one metric, with a period of 60 s or more and the statistic Average, Minimum, \
               Maximum, Sum or SampleCount";
    for check in scope.view.of_kind("AWS::Route53::HealthCheck") {
        if check.text("HealthCheckConfig.Type") == Some("CLOUDWATCH_METRIC")
            && let Some(name) = check.property("HealthCheckConfig.AlarmIdentifier.Name")
            && let Some((place, why)) = followed(scope, name).and_then(why_not)
        {
            let message = format!("a health check follows this alarm, and Route 53 {why}");
            scope.tell("metric-check-alarm", place, message, fix);
        }
    }
}

/// The alarm that a check names: by reference, or by its fixed name.
fn followed<'a>(scope: &'a Scope<'_>, name: &Node) -> Option<&'a Viewed> {
    let own = name.identity().and_then(|name| scope.view.resource(name));
    own.or_else(|| {
        let text = name.text()?;
        let kinds = ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"];
        let mut all = kinds.into_iter().flat_map(|kind| scope.view.of_kind(kind));
        all.find(|alarm| alarm.text("AlarmName") == Some(text))
    })
}

/// Where an alarm is more than Route 53 follows, and why.
fn why_not(alarm: &Viewed) -> Option<(String, &'static str)> {
    if alarm.kind == "AWS::CloudWatch::CompositeAlarm" {
        return Some((alarm.place("Type"), "follows no composite alarm"));
    }
    let present = |key: &str| alarm.property(key).filter(|node| !node.is_unknown());
    if let Some(metrics) = present("Metrics") {
        return Some((
            metrics.place.clone(),
            "follows one metric, not what is calculated over several",
        ));
    }
    if let Some(statistic) = present("ExtendedStatistic") {
        return Some((statistic.place.clone(), "knows no percentiles"));
    }
    if let Some(period) =
        present("Period").filter(|node| node.number().is_some_and(|one| one < 60.0))
    {
        return Some((period.place.clone(), "reads metrics of standard resolution alone, at 60 s"));
    }
    let periods = alarm.property("EvaluationPeriods").and_then(Node::number)?;
    let counted = present("DatapointsToAlarm")?;
    let fewer = counted.number().is_some_and(|number| number < periods);
    fewer.then(|| (counted.place.clone(), "knows no \"M out of N\""))
}
