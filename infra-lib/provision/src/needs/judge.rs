//! Whether each need is met by what was read.

use cloud::{BalancerView, FunctionView};
use failover_core::time::format_duration;
use site::model::{Site, StackId};
use site::names::Region;

use super::seen::{Read, look_queue, rule_name, verdict_name};
use super::{Broken, Consequence, Fix, Need, Outcome, Seen, Stop};

use Consequence::{Inverted, Late, NoFailover, NoTick, Unlike, UsersStay};

/// How a need is met.
type Answer = Result<String, Unmet>;

enum Unmet {
    Broken { consequence: Consequence, what: String, fix: Fix },
    Unread(Stop),
}

impl From<Stop> for Unmet {
    fn from(why: Stop) -> Self {
        Self::Unread(why)
    }
}

/// Whether a need is met.
///
/// # Errors
/// [`Stop`] if nobody can tell.
pub fn judge(need: Need, site: &Site, seen: &Seen) -> Result<Outcome, Stop> {
    let answer = match need {
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
        Need::PrimaryBalancer => balancer(site, StackId::WebPrimary, &seen.primary),
        Need::StandbyBalancer => balancer(site, StackId::WebStandby, &seen.standby),
    };
    match answer {
        Ok(how) => Ok(Outcome::Met(how)),
        Err(Unmet::Broken { consequence, what, fix }) => {
            Ok(Outcome::Broken(Broken { need, consequence, what, fix }))
        }
        Err(Unmet::Unread(why)) => Err(why),
    }
}

fn broken(consequence: Consequence, what: impl Into<String>, fix: Fix) -> Unmet {
    Unmet::Broken { consequence, what: what.into(), fix }
}

fn nothing(why: impl Into<String>) -> Unmet {
    Unmet::Unread(Stop::Nothing(why.into()))
}

/// What was read.
fn read<T>(read: &Read<T>) -> Result<&T, Unmet> {
    read.as_ref().map_err(|why| why.clone().into())
}

/// What was read, or what it means that it does not exist.
fn there<T>(found: &Read<Option<T>>, absent: impl FnOnce() -> Unmet) -> Result<&T, Unmet> {
    read(found)?.as_ref().ok_or_else(absent)
}

fn records(site: &Site, seen: &Seen) -> Answer {
    let records = read(&seen.records)?;
    let name = site.config.failover_name();
    for (web, role) in [(StackId::WebPrimary, "primary"), (StackId::WebStandby, "standby")] {
        let balancer = seen.stacks.output(web, "LoadBalancerDnsName")?;
        let fix = Fix::Repair(StackId::Detector);
        let balancer = Some(balancer.to_lowercase());
        let ours = records.iter().find(|record| record.leads_to() == balancer);
        let Some(record) = ours else {
            let what = format!("no record of {name} leads to the load balancer of the {role}");
            return Err(broken(UsersStay, what, fix));
        };
        let wanted = if web == StackId::WebPrimary { "PRIMARY" } else { "SECONDARY" };
        if record.failover.as_deref().is_some_and(|failover| failover != wanted) {
            let what = format!("the record of the {role} is not the {wanted} one");
            return Err(broken(UsersStay, what, fix));
        }
        if web == StackId::WebPrimary && record.health_check_id.is_none() {
            let what = "the record of the primary has no health check";
            return Err(broken(UsersStay, what, fix));
        }
    }
    Ok(format!("{name} leads to both load balancers"))
}

fn settings(seen: &Seen) -> Answer {
    read(&seen.records)?;
    if seen.checks.is_empty() {
        return Err(nothing("no record of the site has a health check"));
    }
    for (id, check) in &seen.checks {
        let update = |flag| {
            Fix::Command(format!("aws route53 update-health-check --health-check-id {id} {flag}"))
        };
        let Some(check) = read(check)? else {
            let what = format!("the health check {id} does not exist, and a record refers to it");
            return Err(broken(UsersStay, what, Fix::Repair(StackId::Detector)));
        };
        if check.disabled {
            let what = format!("{id} is disabled, and counts as healthy for ever");
            return Err(broken(UsersStay, what, update("--no-disabled")));
        }
        if check.inverted {
            let what = format!("{id} is inverted: a healthy region counts as down");
            return Err(broken(Inverted, what, update("--no-inverted")));
        }
    }
    Ok(format!("{} checks, none disabled or inverted", seen.checks.len()))
}

fn watched(seen: &Seen) -> Answer {
    let name = seen.stacks.output(StackId::Detector, "AlarmName")?;
    let alarm = there(&seen.alarm, || nothing("the failover alarm does not exist"))?;
    let nothing = || nothing("the alarm watches no health check");
    let watched = alarm.watched().ok_or_else(nothing)?;
    let records = read(&seen.records)?;
    // With active-active no record is called primary, and each has a check of its own.
    let primary = records.iter().filter(|record| record.failover.as_deref() == Some("PRIMARY"));
    let mut checks: Vec<_> = primary.filter_map(|record| record.health_check_id.clone()).collect();
    if checks.is_empty() {
        checks.extend(records.iter().filter_map(|record| record.health_check_id.clone()));
    }
    if checks.is_empty() {
        let what = "no record of the site has a health check";
        return Err(broken(UsersStay, what, Fix::Repair(StackId::Detector)));
    }
    for id in &checks {
        let check = seen.checks.get(id).map_or(Ok(None), Clone::clone)?;
        let inside = check.is_some_and(|check| check.children.iter().any(|one| one == watched));
        if id == watched || inside {
            return Ok(format!("{name} and the record follow the same check"));
        }
    }
    let what = format!("{name} watches {watched}, and the record follows {}", checks.join(", "));
    let fix = Fix::Advice(
        "name one check for both in [health] and deploy; if [health] names none, \
         `cargo xtask deploy --repair detector`"
            .to_owned(),
    );
    Err(broken(UsersStay, what, fix))
}

fn verdict(site: &Site, seen: &Seen) -> Answer {
    let name = verdict_name(site);
    let records = read(&seen.verdict)?;
    let alarm = there(&seen.alarm, || nothing("the failover alarm does not exist"))?;
    let watched = alarm.watched();
    let repair = Fix::Repair(StackId::Detector);
    let half = |failover: &str| {
        let mut texts = records.iter().filter(|record| record.kind == "TXT");
        texts.find(|record| record.failover.as_deref() == Some(failover))
    };
    let (Some(healthy), Some(unhealthy)) = (half("PRIMARY"), half("SECONDARY")) else {
        return Err(broken(Late, format!("{name} lacks a record"), repair));
    };
    if healthy.health_check_id.as_deref() != watched {
        // Another check's verdict could raise the standby of a primary that is healthy.
        let what = format!("{name} follows another check than the failover alarm");
        return Err(broken(Unlike, what, repair));
    }
    if unhealthy.health_check_id.is_some() {
        let what = format!("the second record of {name} has a health check");
        return Err(broken(Unlike, what, repair));
    }
    Ok(format!("{name} and the failover alarm follow the same check"))
}

fn alarm(seen: &Seen) -> Answer {
    let name = seen.stacks.output(StackId::Detector, "AlarmName")?;
    let topic = seen.stacks.output(StackId::Detector, "TopicArn")?;
    let repair = Fix::Repair(StackId::Detector);
    let absent = || broken(NoFailover, format!("there is no alarm {name}"), repair.clone());
    let found = there(&seen.alarm, absent)?;
    if !found.enabled {
        let what = format!("the actions of {name} are disabled: it notifies nobody");
        let region = Region::detector();
        let enable =
            format!("aws cloudwatch enable-alarm-actions --region {region} --alarm-names {name}");
        return Err(broken(Late, what, Fix::Command(enable)));
    }
    let states = [
        ("ALARM", &found.on_alarm),
        ("OK", &found.on_ok),
        ("INSUFFICIENT_DATA", &found.on_insufficient),
    ];
    let deaf = states.iter().filter(|(_, told)| !told.iter().any(|told| told == topic));
    let deaf: Vec<_> = deaf.map(|(state, _)| *state).collect();
    if deaf.is_empty() {
        return Ok(format!("{name} notifies the topic of every state"));
    }
    Err(broken(Late, format!("{name} does not notify the topic of {}", deaf.join(", ")), repair))
}

fn topic(seen: &Seen) -> Answer {
    let topic = seen.stacks.output(StackId::Detector, "TopicArn")?;
    let function = seen.stacks.output(StackId::Controller, "FunctionArn")?;
    let repair = Fix::Repair(StackId::Detector);
    let absent = || broken(Late, format!("there is no topic {topic}"), repair.clone());
    let found = there(&seen.subscriptions, absent)?;
    let mut functions = found.iter().filter(|found| found.protocol == "lambda");
    if functions.any(|found| found.endpoint == function && !found.pending) {
        return Ok("the topic notifies the controller".to_owned());
    }
    Err(broken(Late, "the topic does not notify the controller", repair))
}

fn permission(seen: &Seen) -> Answer {
    let topic = seen.stacks.output(StackId::Detector, "TopicArn")?;
    let function = seen.stacks.output(StackId::Controller, "FunctionName")?;
    let repair = Fix::Repair(StackId::Controller);
    let absent = || broken(Late, format!("nobody may invoke {function}"), repair.clone());
    let found = there(&seen.invokers, absent)?;
    let sns = found.iter().filter(|invoker| invoker.service.starts_with("sns."));
    let mut sources = sns.filter_map(|invoker| invoker.source_arn.as_deref());
    if sources.any(|source| source == topic) {
        return Ok("the topic may invoke the controller".to_owned());
    }
    Err(broken(Late, "the topic may not invoke the controller", repair))
}

fn tick(site: &Site, seen: &Seen) -> Answer {
    let (name, region) = (rule_name(site), site.standby_region());
    let function = seen.stacks.output(StackId::Controller, "FunctionArn")?;
    let repair = Fix::Repair(StackId::Controller);
    let absent = || broken(NoTick, format!("there is no rule {name}"), repair.clone());
    let rule = there(&seen.rule, absent)?;
    if !rule.enabled {
        let enable = format!("aws events enable-rule --region {region} --name {name}");
        return Err(broken(NoTick, format!("the rule {name} is disabled"), Fix::Command(enable)));
    }
    if rule.targets.iter().any(|target| target == function) {
        return Ok(format!("{name} runs the controller each minute"));
    }
    Err(broken(NoTick, format!("the rule {name} does not run the controller"), repair))
}

fn tick_permission(site: &Site, seen: &Seen) -> Answer {
    let repair = Fix::Repair(StackId::Controller);
    let what = "the tick's rule may not invoke the controller";
    let absent = || broken(NoTick, what, repair.clone());
    let found = there(&seen.invokers, absent)?;
    let rule = format!("rule/{}", rule_name(site));
    let mut events = found.iter().filter(|invoker| invoker.service.starts_with("events."));
    let ours = |source: Option<&str>| source.is_none_or(|source| source.ends_with(&rule));
    if events.any(|invoker| ours(invoker.source_arn.as_deref())) {
        return Ok("the tick's rule may invoke the controller".to_owned());
    }
    Err(broken(NoTick, what, repair))
}

fn looks(site: &Site, seen: &Seen) -> Answer {
    let queue = look_queue(site);
    let Some(watch) = site.config.health.watch.0 else {
        return Err(nothing("there are no looks: [health] watch is \"off\""));
    };
    let sources = read(&seen.sources)?;
    let ours = sources.iter().find(|source| source.arn.rsplit(':').next() == Some(&queue));
    let what = match ours {
        Some(source) if source.enabled => {
            let every = format_duration(watch);
            return Ok(format!("{queue} runs the controller each {every} between two ticks"));
        }
        Some(_) => format!(
            "Lambda takes no messages from the queue {queue}: its event source mapping is disabled"
        ),
        None => format!("the queue {queue} does not run the controller"),
    };
    Err(broken(Late, what, Fix::Repair(StackId::Controller)))
}

fn the_function(
    seen: &Seen,
    absent: impl FnOnce(String) -> Unmet,
) -> Result<(&str, &FunctionView), Unmet> {
    let name = seen.stacks.output(StackId::Controller, "FunctionName")?;
    let found = there(&seen.function, || absent(format!("there is no function {name}")))?;
    Ok((name, found))
}

fn function(seen: &Seen) -> Answer {
    let broken = |what| broken(NoFailover, what, Fix::Repair(StackId::Controller));
    let (name, found) = the_function(seen, broken)?;
    if found.state != "Active" {
        return Err(broken(format!("{name} is {}", found.state)));
    }
    Ok(format!("{name} is active"))
}

fn reserved(site: &Site, seen: &Seen) -> Answer {
    let (name, found) = the_function(seen, nothing)?;
    let (region, wanted) = (site.standby_region(), site.config.controller.reserved_concurrency);
    let (live, wanted) = (found.reserved, wanted.map(u32::from));
    if live == wanted {
        return Ok(live.map_or_else(
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
    Err(broken(consequence, what, fix))
}

fn code(site: &Site, seen: &Seen) -> Answer {
    let no_hash = || nothing("the function reports no hash of its code");
    let (name, found) = the_function(seen, |_| no_hash())?;
    let live = found.code_sha256.as_deref().ok_or_else(no_hash)?;
    let key = seen.stacks.code_key.as_deref();
    let key = key.ok_or_else(|| nothing("the stack tells no key of the code"))?;
    let hash = key.rsplit('/').next().and_then(|file| file.strip_suffix(".zip"));
    let hash = hash.filter(|hash| hash.len() == 64);
    let hash = hash.ok_or_else(|| nothing("the key of the code holds no hash"))?;
    if live == hash {
        return Ok(format!("{name} runs the code that was deployed"));
    }
    let (region, bucket) =
        (site.standby_region(), seen.stacks.output(StackId::Artifacts, "BucketName")?);
    let fix = Fix::Command(format!(
        "aws lambda update-function-code --region {region} --function-name {name} --s3-bucket {bucket} --s3-key {key}"
    ));
    Err(broken(Unlike, format!("{name} runs other code than was deployed"), fix))
}

fn balancer(site: &Site, web: StackId, live: &Read<Option<BalancerView>>) -> Answer {
    let role = if web == StackId::WebPrimary { "primary" } else { "standby" };
    let name = site.group_name(role);
    let absent =
        || broken(UsersStay, format!("there is no load balancer {name}"), Fix::Repair(web));
    let found = there(live, absent)?;
    if found.active {
        return Ok(format!("{name} is active"));
    }
    let advice = Fix::Advice("AWS is still provisioning it, or says why in its console".to_owned());
    Err(broken(UsersStay, format!("the load balancer {name} is not active"), advice))
}
