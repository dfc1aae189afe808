//! How the deployed parts hang together: check, alarm, topic, function, records, load balancers.

use failover_core::time::{after, age};

use super::case::{Case, Place};
use super::names::nothing;
use super::verdict::{Answer, Stop, Verdict};
use crate::cloud::{AlarmWiring, RecordView};
use crate::model::StackId;

const DEPLOY: &str = "`cargo xtask deploy` puts it back";
/// BOUND: longer than this, users cling to a region that DNS has left.
const KEEP_ALIVE_MAX_SECONDS: u32 = 300;
/// BOUND: four looks may be lost or late; a fifth is silence.
const SILENT_TICKS: u32 = 5;

pub(super) async fn alarm(case: &Case<'_>) -> Answer {
    let topic = case.output(StackId::Detector, "TopicArn")?;
    let (name, found) = failover_alarm(case).await?;
    if !found.enabled {
        return Ok(Verdict::error(
            format!("the actions of {name} are switched off: it tells nobody"),
            format!(
                "`aws cloudwatch enable-alarm-actions --region {} --alarm-names {name}`",
                case.region(Place::Detector)
            ),
        ));
    }
    let states = [
        ("ALARM", &found.on_alarm),
        ("OK", &found.on_ok),
        ("INSUFFICIENT_DATA", &found.on_insufficient),
    ];
    let deaf = states.iter().filter(|(_, told)| !told.iter().any(|told| told == topic));
    let deaf: Vec<_> = deaf.map(|(state, _)| *state).collect();
    Ok(if deaf.is_empty() {
        Verdict::ok(format!("{name} tells the topic of every state"))
    } else {
        Verdict::error(format!("{name} does not tell the topic of {}", deaf.join(", ")), DEPLOY)
    })
}

pub(super) async fn topic(case: &Case<'_>) -> Answer {
    let (topic, function) = (
        case.output(StackId::Detector, "TopicArn")?,
        case.output(StackId::Controller, "FunctionArn")?,
    );
    let found = case.reach.wiring.subscriptions(&case.region(Place::Detector), topic).await?;
    let Some(found) = found else {
        return Ok(Verdict::error(format!("there is no topic {topic}"), DEPLOY));
    };
    let mut functions = found.iter().filter(|found| found.protocol == "lambda");
    Ok(if functions.any(|found| found.endpoint == function && !found.pending) {
        Verdict::ok("the topic tells the controller")
    } else {
        Verdict::error("the topic does not tell the controller", DEPLOY)
    })
}

pub(super) async fn permission(case: &Case<'_>) -> Answer {
    let topic = case.output(StackId::Detector, "TopicArn")?;
    let function = case.output(StackId::Controller, "FunctionName")?;
    let found = case.reach.wiring.invokers(&case.region(Place::Standby), function).await?;
    let Some(found) = found else {
        return Ok(Verdict::error(format!("nobody may invoke {function}"), DEPLOY));
    };
    let sns = found.iter().filter(|invoker| invoker.service.starts_with("sns."));
    let mut sources = sns.filter_map(|invoker| invoker.source_arn.as_deref());
    Ok(if sources.any(|source| source == topic) {
        Verdict::ok("the topic may invoke the controller")
    } else {
        Verdict::error("the topic may not invoke the controller", DEPLOY)
    })
}

pub(super) async fn watched(case: &Case<'_>) -> Answer {
    let (name, alarm) = failover_alarm(case).await?;
    let id = alarm.dimensions.iter().find(|(name, _)| name == "HealthCheckId");
    let (_, watched) = id.ok_or_else(|| nothing("the alarm watches no health check"))?;
    let records = records(case).await?;
    // With active-active no record is called primary, and each has a check of its own.
    let primary = records.iter().filter(|record| record.failover.as_deref() == Some("PRIMARY"));
    let mut checks: Vec<_> = primary.filter_map(|record| record.health_check_id.clone()).collect();
    if checks.is_empty() {
        checks.extend(records.iter().filter_map(|record| record.health_check_id.clone()));
    }
    if checks.is_empty() {
        let what = "no record of the site has a health check: users never leave the primary";
        return Ok(Verdict::error(what, DEPLOY));
    }
    for id in &checks {
        let inside = case.reach.wiring.health_check(id).await?.map(|check| check.children);
        if id == watched || inside.is_some_and(|children| children.contains(watched)) {
            return Ok(Verdict::ok(format!("{name} and the record follow the same check")));
        }
    }
    Ok(Verdict::error(
        format!("{name} watches {watched}, and the record follows {}", checks.join(", ")),
        "name one check for both in [health], or leave both out; then deploy",
    ))
}

pub(super) async fn settings(case: &Case<'_>) -> Answer {
    let mut ids: Vec<_> =
        records(case).await?.into_iter().filter_map(|record| record.health_check_id).collect();
    ids.sort();
    ids.dedup();
    let mut seen = 0;
    // BOUND: a calculated check has at most 256 children, and none of them has any.
    while let Some(id) = ids.get(seen).cloned() {
        seen += 1;
        let fix =
            |flag: &str| format!("`aws route53 update-health-check --health-check-id {id} {flag}`");
        match case.reach.wiring.health_check(&id).await? {
            None => {
                return Ok(Verdict::error(
                    format!("there is no health check {id}, and a record has it"),
                    DEPLOY,
                ));
            }
            Some(check) if check.disabled => {
                let what = format!("{id} is switched off, and counts as healthy for ever");
                return Ok(Verdict::error(what, fix("--no-disabled")));
            }
            Some(check) if check.inverted => {
                let what = format!("{id} is inverted: what is well counts as down");
                return Ok(Verdict::error(what, fix("--no-inverted")));
            }
            Some(check) => {
                let new = check.children.into_iter().filter(|child| !ids.contains(child));
                let new: Vec<_> = new.collect();
                ids.extend(new);
            }
        }
    }
    match seen {
        0 => Err(nothing("no record of the site has a health check")),
        seen => Ok(Verdict::ok(format!("{seen} checks, none switched off or inverted"))),
    }
}

pub(super) async fn keep_alive(case: &Case<'_>, place: Place) -> Answer {
    let (stack, role) = match place {
        Place::Primary => (StackId::WebPrimary, "primary"),
        Place::Here | Place::Standby | Place::Detector => (StackId::WebStandby, "standby"),
    };
    case.output(stack, "LoadBalancerDnsName")?;
    let name = format!("{}-{role}", case.site.config.name);
    let region = case.region(place);
    let Some(seconds) = case.reach.wiring.keep_alive(&region, &name).await? else {
        return Ok(Verdict::error(format!("there is no load balancer {name}"), DEPLOY));
    };
    Ok(if seconds <= KEEP_ALIVE_MAX_SECONDS {
        Verdict::ok(format!("clients ask DNS again after {seconds} s at most"))
    } else {
        Verdict::error(
            format!("a client may keep its connection for {seconds} s, whatever DNS says by then"),
            format!(
                "set `client_keep_alive.seconds` of {name} to {KEEP_ALIVE_MAX_SECONDS}; {DEPLOY}"
            ),
        )
    })
}

pub(super) async fn controller(case: &Case<'_>) -> Answer {
    let group = case.output(StackId::Controller, "LogGroupName")?;
    let silence = case.site.config.policy.tick() * SILENT_TICKS;
    let seconds = i64::try_from(silence.as_secs()).unwrap_or(i64::MAX);
    let region = case.region(Place::Standby);
    let since = after(case.now, -seconds);
    let lines = case.reach.cloud.log_lines(&region, group, since).await?;
    Ok(match lines.iter().map(|line| line.at).max() {
        Some(at) => Verdict::ok(format!("wrote {} s ago", age(case.now, at).as_secs())),
        None => Verdict::error(
            format!("the controller has written nothing for {seconds} s"),
            format!(
                "`aws logs tail {group} --region {region} --since 1h` shows its last words; `cargo xtask status` how the site is"
            ),
        ),
    })
}

async fn failover_alarm(case: &Case<'_>) -> Result<(String, AlarmWiring), Stop> {
    let name = case.output(StackId::Detector, "AlarmName")?;
    let found = case.reach.wiring.alarm_wiring(&case.region(Place::Detector), name).await?;
    let found = found.ok_or_else(|| nothing("the failover alarm is not there: deploy it again"))?;
    Ok((name.to_owned(), found))
}

async fn records(case: &Case<'_>) -> Result<Vec<RecordView>, Stop> {
    case.output(StackId::Detector, "AlarmName")?;
    let config = &case.site.config;
    let name = config.failover_name().as_str();
    Ok(case.reach.wiring.records_of(&config.hosted_zone_id, name).await?)
}
