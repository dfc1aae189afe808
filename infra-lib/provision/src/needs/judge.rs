//! Whether each need is met by what was read.

use cloud::{BalancerView, FunctionView};
use failover_core::time::format_duration;
use site::model::{Site, StackId};
use site::names::Region;

use super::seen::{Read, look_queue, rule_name, verdict_name};
use super::{Broken, Consequence, Fix, Need, Outcome, Seen, Stop};

use Consequence::{Inverted, Late, NoFailover, NoTick, Unlike, UsersStay};

type Answer = Result<Outcome, Stop>;

/// Whether a need is met.
///
/// # Errors
/// [`Stop`] if nobody can tell.
pub fn judge(need: Need, site: &Site, seen: &Seen) -> Answer {
    match need {
        Need::Records => records(site, seen),
        Need::CheckSettings => settings(seen),
        Need::WatchedCheck => watched(seen),
        Need::Verdict => verdict(site, seen),
        Need::Alarm => alarm(seen),
        Need::Topic => topic(seen),
        Need::Permission => permission(seen),
        Need::Tick => tick(site, seen),
        Need::TickPermission => tick_permission(site, seen),
        Need::Looks => looks(site, seen),
        Need::Function => function(seen),
        Need::ReservedConcurrency => reserved(site, seen),
        Need::Code => code(site, seen),
        Need::PrimaryBalancer => balancer(site, StackId::WebPrimary, need, &seen.primary),
        Need::StandbyBalancer => balancer(site, StackId::WebStandby, need, &seen.standby),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "an answer, as every need ends with one")]
fn met(words: impl Into<String>) -> Answer {
    Ok(Outcome::Met(words.into()))
}

#[expect(clippy::unnecessary_wraps, reason = "an answer, as every need ends with one")]
fn broken(need: Need, consequence: Consequence, what: impl Into<String>, fix: Fix) -> Answer {
    Ok(Outcome::Broken(Broken { need, consequence, what: what.into(), fix }))
}

/// Reads that found something, or what it means that there is nothing.
macro_rules! there {
    ($read:expr, $absent:expr) => {
        match $read.as_ref().map_err(Clone::clone)? {
            Some(found) => found,
            None => return $absent,
        }
    };
}

fn records(site: &Site, seen: &Seen) -> Answer {
    let need = Need::Records;
    let records = seen.records.as_ref().map_err(Clone::clone)?;
    let name = site.config.failover_name();
    for (web, role) in [(StackId::WebPrimary, "primary"), (StackId::WebStandby, "standby")] {
        let balancer = seen.stacks.output(web, "LoadBalancerDnsName")?;
        let fix = Fix::Repair(StackId::Detector);
        let balancer = Some(balancer.to_lowercase());
        let ours = records.iter().find(|record| record.leads_to() == balancer);
        let Some(record) = ours else {
            let what = format!("no record of {name} leads to the load balancer of the {role}");
            return broken(need, UsersStay, what, fix);
        };
        let wanted = if web == StackId::WebPrimary { "PRIMARY" } else { "SECONDARY" };
        if record.failover.as_deref().is_some_and(|failover| failover != wanted) {
            let what = format!("the record of the {role} is not the {wanted} one");
            return broken(need, UsersStay, what, fix);
        }
        if web == StackId::WebPrimary && record.health_check_id.is_none() {
            let what = "the record of the primary has no health check";
            return broken(need, UsersStay, what, fix);
        }
    }
    met(format!("{name} leads to both load balancers"))
}

fn settings(seen: &Seen) -> Answer {
    let need = Need::CheckSettings;
    seen.records.as_ref().map_err(Clone::clone)?;
    if seen.checks.is_empty() {
        return Err(Stop::Nothing("no record of the site has a health check".to_owned()));
    }
    for (id, check) in &seen.checks {
        let update = |flag| {
            Fix::Command(format!("aws route53 update-health-check --health-check-id {id} {flag}"))
        };
        let Some(check) = check.as_ref().map_err(Clone::clone)? else {
            let what = format!("the health check {id} does not exist, and a record refers to it");
            return broken(need, UsersStay, what, Fix::Repair(StackId::Detector));
        };
        if check.disabled {
            let what = format!("{id} is disabled, and counts as healthy for ever");
            return broken(need, UsersStay, what, update("--no-disabled"));
        }
        if check.inverted {
            let what = format!("{id} is inverted: a healthy region counts as down");
            return broken(need, Inverted, what, update("--no-inverted"));
        }
    }
    met(format!("{} checks, none disabled or inverted", seen.checks.len()))
}

fn watched(seen: &Seen) -> Answer {
    let need = Need::WatchedCheck;
    let name = seen.stacks.output(StackId::Detector, "AlarmName")?;
    let absent = Err(Stop::Nothing("the failover alarm does not exist".to_owned()));
    let alarm = there!(seen.alarm, absent);
    let nothing = || Stop::Nothing("the alarm watches no health check".to_owned());
    let watched = alarm.watched().ok_or_else(nothing)?;
    let records = seen.records.as_ref().map_err(Clone::clone)?;
    // With active-active no record is called primary, and each has a check of its own.
    let primary = records.iter().filter(|record| record.failover.as_deref() == Some("PRIMARY"));
    let mut checks: Vec<_> = primary.filter_map(|record| record.health_check_id.clone()).collect();
    if checks.is_empty() {
        checks.extend(records.iter().filter_map(|record| record.health_check_id.clone()));
    }
    if checks.is_empty() {
        let what = "no record of the site has a health check";
        return broken(need, UsersStay, what, Fix::Repair(StackId::Detector));
    }
    for id in &checks {
        let check = seen.checks.get(id).map_or(Ok(None), Clone::clone)?;
        let inside = check.is_some_and(|check| check.children.iter().any(|one| one == watched));
        if id == watched || inside {
            return met(format!("{name} and the record follow the same check"));
        }
    }
    let what = format!("{name} watches {watched}, and the record follows {}", checks.join(", "));
    let fix = Fix::Advice(
        "name one check for both in [health] and deploy; if [health] names none, \
         `cargo xtask deploy --repair detector`"
            .to_owned(),
    );
    broken(need, UsersStay, what, fix)
}

fn verdict(site: &Site, seen: &Seen) -> Answer {
    let (need, name) = (Need::Verdict, verdict_name(site));
    let records = seen.verdict.as_ref().map_err(Clone::clone)?;
    let absent = Err(Stop::Nothing("the failover alarm does not exist".to_owned()));
    let watched = there!(seen.alarm, absent).watched();
    let repair = Fix::Repair(StackId::Detector);
    let half = |failover: &str| {
        let mut texts = records.iter().filter(|record| record.kind == "TXT");
        texts.find(|record| record.failover.as_deref() == Some(failover))
    };
    let (Some(healthy), Some(unhealthy)) = (half("PRIMARY"), half("SECONDARY")) else {
        return broken(need, Late, format!("{name} lacks a record"), repair);
    };
    if healthy.health_check_id.as_deref() != watched {
        // Another check's verdict could raise the standby of a primary that is healthy.
        let what = format!("{name} follows another check than the failover alarm");
        return broken(need, Unlike, what, repair);
    }
    if unhealthy.health_check_id.is_some() {
        let what = format!("the second record of {name} has a health check");
        return broken(need, Unlike, what, repair);
    }
    met(format!("{name} and the failover alarm follow the same check"))
}

fn alarm(seen: &Seen) -> Answer {
    let need = Need::Alarm;
    let name = seen.stacks.output(StackId::Detector, "AlarmName")?;
    let topic = seen.stacks.output(StackId::Detector, "TopicArn")?;
    let repair = Fix::Repair(StackId::Detector);
    let absent = broken(need, NoFailover, format!("there is no alarm {name}"), repair.clone());
    let found = there!(seen.alarm, absent);
    if !found.enabled {
        let what = format!("the actions of {name} are disabled: it notifies nobody");
        let region = Region::detector();
        let enable =
            format!("aws cloudwatch enable-alarm-actions --region {region} --alarm-names {name}");
        return broken(need, Late, what, Fix::Command(enable));
    }
    let states = [
        ("ALARM", &found.on_alarm),
        ("OK", &found.on_ok),
        ("INSUFFICIENT_DATA", &found.on_insufficient),
    ];
    let deaf = states.iter().filter(|(_, told)| !told.iter().any(|told| told == topic));
    let deaf: Vec<_> = deaf.map(|(state, _)| *state).collect();
    if deaf.is_empty() {
        return met(format!("{name} notifies the topic of every state"));
    }
    broken(need, Late, format!("{name} does not notify the topic of {}", deaf.join(", ")), repair)
}

fn topic(seen: &Seen) -> Answer {
    let need = Need::Topic;
    let topic = seen.stacks.output(StackId::Detector, "TopicArn")?;
    let function = seen.stacks.output(StackId::Controller, "FunctionArn")?;
    let repair = Fix::Repair(StackId::Detector);
    let absent = broken(need, Late, format!("there is no topic {topic}"), repair.clone());
    let found = there!(seen.subscriptions, absent);
    let mut functions = found.iter().filter(|found| found.protocol == "lambda");
    if functions.any(|found| found.endpoint == function && !found.pending) {
        return met("the topic notifies the controller");
    }
    broken(need, Late, "the topic does not notify the controller", repair)
}

fn permission(seen: &Seen) -> Answer {
    let need = Need::Permission;
    let topic = seen.stacks.output(StackId::Detector, "TopicArn")?;
    let function = seen.stacks.output(StackId::Controller, "FunctionName")?;
    let repair = Fix::Repair(StackId::Controller);
    let absent = broken(need, Late, format!("nobody may invoke {function}"), repair.clone());
    let found = there!(seen.invokers, absent);
    let sns = found.iter().filter(|invoker| invoker.service.starts_with("sns."));
    let mut sources = sns.filter_map(|invoker| invoker.source_arn.as_deref());
    if sources.any(|source| source == topic) {
        return met("the topic may invoke the controller");
    }
    broken(need, Late, "the topic may not invoke the controller", repair)
}

fn tick(site: &Site, seen: &Seen) -> Answer {
    let need = Need::Tick;
    let (name, region) = (rule_name(site), site.standby_region());
    let function = seen.stacks.output(StackId::Controller, "FunctionArn")?;
    let repair = Fix::Repair(StackId::Controller);
    let absent = broken(need, NoTick, format!("there is no rule {name}"), repair.clone());
    let rule = there!(seen.rule, absent);
    if !rule.enabled {
        let enable = format!("aws events enable-rule --region {region} --name {name}");
        return broken(need, NoTick, format!("the rule {name} is disabled"), Fix::Command(enable));
    }
    if rule.targets.iter().any(|target| target == function) {
        return met(format!("{name} runs the controller each minute"));
    }
    broken(need, NoTick, format!("the rule {name} does not run the controller"), repair)
}

fn tick_permission(site: &Site, seen: &Seen) -> Answer {
    let need = Need::TickPermission;
    let repair = Fix::Repair(StackId::Controller);
    let what = "the tick's rule may not invoke the controller";
    let absent = broken(need, NoTick, what, repair.clone());
    let found = there!(seen.invokers, absent);
    let rule = format!("rule/{}", rule_name(site));
    let mut events = found.iter().filter(|invoker| invoker.service.starts_with("events."));
    let ours = |source: Option<&str>| source.is_none_or(|source| source.ends_with(&rule));
    if events.any(|invoker| ours(invoker.source_arn.as_deref())) {
        return met("the tick's rule may invoke the controller");
    }
    broken(need, NoTick, what, repair)
}

fn looks(site: &Site, seen: &Seen) -> Answer {
    let (need, queue) = (Need::Looks, look_queue(site));
    let Some(watch) = site.config.health.watch.0 else {
        return Err(Stop::Nothing("there are no looks: [health] watch is \"off\"".to_owned()));
    };
    let sources = seen.sources.as_ref().map_err(Clone::clone)?;
    let ours = sources.iter().find(|source| source.arn.rsplit(':').next() == Some(&queue));
    let what = match ours {
        Some(source) if source.enabled => {
            let every = format_duration(watch);
            return met(format!("{queue} runs the controller each {every} between two ticks"));
        }
        Some(_) => format!(
            "Lambda takes no messages from the queue {queue}: its event source mapping is disabled"
        ),
        None => format!("the queue {queue} does not run the controller"),
    };
    broken(need, Late, what, Fix::Repair(StackId::Controller))
}

fn the_function(seen: &Seen) -> Result<(&str, Option<&FunctionView>), Stop> {
    let name = seen.stacks.output(StackId::Controller, "FunctionName")?;
    Ok((name, seen.function.as_ref().map_err(Clone::clone)?.as_ref()))
}

fn function(seen: &Seen) -> Answer {
    let need = Need::Function;
    let repair = Fix::Repair(StackId::Controller);
    let (name, found) = the_function(seen)?;
    let Some(found) = found else {
        return broken(need, NoFailover, format!("there is no function {name}"), repair);
    };
    if found.state != "Active" {
        return broken(need, NoFailover, format!("{name} is {}", found.state), repair);
    }
    met(format!("{name} is active"))
}

fn reserved(site: &Site, seen: &Seen) -> Answer {
    let need = Need::ReservedConcurrency;
    let (name, found) = the_function(seen)?;
    let Some(found) = found else {
        return Err(Stop::Nothing(format!("there is no function {name}")));
    };
    let (region, wanted) = (site.standby_region(), site.config.controller.reserved_concurrency);
    let (live, wanted) = (found.reserved, wanted.map(u32::from));
    if live == wanted {
        return met(live.map_or_else(
            || "nothing is reserved, as the site file says".to_owned(),
            |live| format!("{live} is reserved, as the site file says"),
        ));
    }
    let fix = Fix::Command(match wanted {
        Some(wanted) => format!(
            "aws lambda put-function-concurrency --region {region} --function-name {name} \
             --reserved-concurrent-executions {wanted}"
        ),
        None => format!(
            "aws lambda delete-function-concurrency --region {region} --function-name {name}"
        ),
    });
    let told = |number: Option<u32>| number.map_or("nothing".to_owned(), |one| one.to_string());
    let (consequence, what) = match live {
        Some(0) if wanted != Some(0) => {
            (NoFailover, format!("the reserved concurrency of {name} is 0: it cannot run"))
        }
        live => (
            Unlike,
            format!("{} is reserved for {name}; the site file says {}", told(live), told(wanted)),
        ),
    };
    broken(need, consequence, what, fix)
}

fn code(site: &Site, seen: &Seen) -> Answer {
    let need = Need::Code;
    let (name, found) = the_function(seen)?;
    let nothing = |why: &str| Err(Stop::Nothing(why.to_owned()));
    let Some(live) = found.and_then(|found| found.code_sha256.as_deref()) else {
        return nothing("the function reports no hash of its code");
    };
    let Some(key) = seen.stacks.code_key.as_deref() else {
        return nothing("the stack tells no key of the code");
    };
    let hash = key.rsplit('/').next().and_then(|file| file.strip_suffix(".zip"));
    let Some(hash) = hash.filter(|hash| hash.len() == 64) else {
        return nothing("the key of the code holds no hash");
    };
    if live == hash {
        return met(format!("{name} runs the code that was deployed"));
    }
    let (region, bucket) =
        (site.standby_region(), seen.stacks.output(StackId::Artifacts, "BucketName")?);
    let fix = Fix::Command(format!(
        "aws lambda update-function-code --region {region} --function-name {name} --s3-bucket {bucket} --s3-key {key}"
    ));
    broken(need, Unlike, format!("{name} runs other code than was deployed"), fix)
}

fn balancer(site: &Site, web: StackId, need: Need, read: &Read<Option<BalancerView>>) -> Answer {
    let role = if web == StackId::WebPrimary { "primary" } else { "standby" };
    let name = site.group_name(role);
    let absent =
        broken(need, UsersStay, format!("there is no load balancer {name}"), Fix::Repair(web));
    let found = there!(read, absent);
    if found.active {
        return met(format!("{name} is active"));
    }
    let advice = Fix::Advice("AWS is still provisioning it, or says why in its console".to_owned());
    broken(need, UsersStay, format!("the load balancer {name} is not active"), advice)
}
