//! What each operation answers.

use failover_core::decision::StandbyWrite;
use failover_core::observation::{Answer, Known};
use failover_core::record::{Ownership, Record, Register, Sizes};
use failover_core::signal::AlarmArn;
use failover_core::time::after;
use failover_core::{DecisionRecord, Signal, wire};
use site::model::{Source, StackId};

use super::super::night::Night;
use super::wire::{Reply, Request, cbor_map, cbor_only, cbor_text, cbor_time};
use super::{Lambda, State, needs, now};

const ALARM: &str = "arn:aws:cloudwatch:us-east-1:111122223333:alarm:shop-primary-down";

pub fn answer(state: &mut State, request: &Request) -> Reply {
    let lambda = request.path.contains("/functions/");
    let path = request.path.split('?').next().unwrap_or_default();
    let operation = match request.operation.as_str() {
        "" if lambda && path.ends_with("/policy") => "GetPolicy",
        "" if lambda && request.method == "GET" => "GetFunction",
        "" if lambda => "Invoke",
        "" if path.ends_with("/event-source-mappings") => "ListEventSourceMappings",
        "" if path.ends_with("/healthcheck") => "ListHealthChecks",
        "" if path.contains("/rrset") => "ListResourceRecordSets",
        "" if path.contains("/healthcheck/") && path.ends_with("/status") => "GetHealthCheckStatus",
        "" if path.contains("/healthcheck/") => "GetHealthCheck",
        named => named,
    };
    state.calls.push(operation.to_owned());
    state.signed.push(format!("{operation} {}", request.region));
    if let Some((_, code)) = state.refused.iter().find(|(refused, _)| **refused == operation) {
        let words = "as the test says";
        if operation == "DescribeAlarms" {
            let fields = [("__type", cbor_text(code)), ("message", cbor_text(words))];
            let mut reply = Reply::plain("application/cbor", cbor_map(&fields));
            reply.status = 400;
            reply.headers.push(("smithy-protocol", "rpc-v2-cbor".to_owned()));
            return reply;
        }
        return Reply::error(code, words);
    }
    match operation {
        "DescribeStacks" => stacks(state, request),
        "GetTemplate" => template(state, request),
        "ListStackResources" => Reply::xml(operation, "<StackResourceSummaries/>"),
        "DescribeAutoScalingGroups" => group(state, request),
        "UpdateAutoScalingGroup" => update(state, request),
        "CreateOrUpdateTags" => tags(state, request),
        "DescribeTargetHealth" => targets(state, request),
        "DescribeAlarms" => alarm(state, request),
        "FilterLogEvents" => log(state),
        "GetCallerIdentity" => Reply::xml(
            operation,
            "<Arn>arn:aws:sts::111122223333:assumed-role/Operator/alice</Arn><UserId>A</UserId>\
             <Account>111122223333</Account>",
        ),
        "AssumeRole" => Reply::xml(
            operation,
            "<Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>S</SecretAccessKey>\
             <SessionToken>T</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>\
             <AssumedRoleUser><Arn>arn:aws:sts::111122223333:assumed-role/Operator/alice</Arn>\
             <AssumedRoleId>A:alice</AssumedRoleId></AssumedRoleUser>",
        ),
        "GetHealthCheckStatus" => Reply::plain("text/xml", CHECKERS),
        "ListHealthChecks" => Reply::plain("text/xml", NO_CHECKS),
        "Invoke" => invoke(state, request),
        "GetPolicy"
        | "GetFunction"
        | "ListEventSourceMappings"
        | "ListResourceRecordSets"
        | "GetHealthCheck"
        | "DescribeRule"
        | "ListTargetsByRule"
        | "ListSubscriptionsByTopic"
        | "DescribeLoadBalancers" => needs::answer(state, operation, path),
        other => Reply::error("UnknownOperation", &format!("{} {other}", request.method)),
    }
}

/// No drill has left any.
const NO_CHECKS: &str = "<ListHealthChecksResponse><HealthChecks/><Marker></Marker><IsTruncated>false</IsTruncated>\
    <MaxItems>100</MaxItems></ListHealthChecksResponse>";

const CHECKERS: &str = "<GetHealthCheckStatusResponse><HealthCheckObservations>\
    <HealthCheckObservation><StatusReport><Status>Success: HTTP Status Code 200, OK</Status></StatusReport>\
    </HealthCheckObservation></HealthCheckObservations></GetHealthCheckStatusResponse>";

fn stacks(state: &State, request: &Request) -> Reply {
    let name = request.field("StackName");
    let found = state.site.stacks.iter().filter(|_| !state.bare);
    let mut found = found
        .filter(|stack| stack.name.as_str() == name && stack.region.as_str() == request.region);
    let Some(stack) = found.next() else {
        return Reply::error("ValidationError", &format!("Stack with id {name} does not exist"));
    };
    let parameters = stack.parameters.iter().map(|(parameter, source)| {
        let value = match source {
            Source::Literal(value) => value.clone(),
            Source::CodeKey => "controller/0.zip".to_owned(),
            Source::Output { stack, name } => output(state, *stack, name.as_str()),
        };
        format!(
            "<member><ParameterKey>{parameter}</ParameterKey><ParameterValue>{}</ParameterValue></member>",
            escaped(&value)
        )
    });
    let parameters: String = parameters.collect();
    let outputs = [
        "GroupName",
        "TargetGroupArn",
        "LoadBalancerDnsName",
        "PrimaryCheckId",
        "LogGroupName",
        "AlarmName",
        "TopicArn",
        "FunctionName",
        "FunctionArn",
    ];
    let known = state.site.stacks.iter().flat_map(|other| other.parameters.values());
    let fed = known.filter_map(|source| match source {
        Source::Output { stack: from, name } if *from == stack.id => Some(name.as_str()),
        Source::Output { .. } | Source::Literal(_) | Source::CodeKey => None,
    });
    let mut names: Vec<&str> = fed.chain(outputs).collect();
    names.sort_unstable();
    names.dedup();
    let outputs = names.into_iter().map(|name| {
        let value = output(state, stack.id, name);
        format!("<member><OutputKey>{name}</OutputKey><OutputValue>{value}</OutputValue></member>")
    });
    let outputs: String = outputs.collect::<Vec<_>>().concat();
    Reply::xml(
        "DescribeStacks",
        &format!(
            "<Stacks><member><StackId>arn:{name}</StackId><StackName>{name}</StackName>\
             <CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus>\
             <Parameters>{parameters}</Parameters><Outputs>{outputs}</Outputs></member></Stacks>"
        ),
    )
}

pub(super) fn output(state: &State, stack: site::model::StackId, name: &str) -> String {
    let stack = state.site.stack(stack);
    let group = state.groups.get(stack.region.as_str());
    match (name, group) {
        ("GroupName", Some(group)) => group.name.to_owned(),
        ("AlarmName", _) => "shop-primary-down".to_owned(),
        ("LogGroupName", _) => "/aws/lambda/shop-controller".to_owned(),
        _ => format!("{}-{}-{name}", stack.region, stack.name),
    }
}

fn template(state: &State, request: &Request) -> Reply {
    let (name, region) = (request.field("StackName"), &request.region);
    let named = |stack: &&site::model::Stack| {
        stack.name.as_str() == name && stack.region.as_str() == region
    };
    let Some(stack) = state.site.stacks.iter().find(named) else {
        return Reply::error("ValidationError", &format!("Stack with id {name} does not exist"));
    };
    let body = escaped(&stack.template.body);
    Reply::xml("GetTemplate", &format!("<TemplateBody>{body}</TemplateBody>"))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn group(state: &State, request: &Request) -> Reply {
    let Some(group) = state.groups.get(&request.region).filter(|_| !state.bare) else {
        return Reply::xml("DescribeAutoScalingGroups", "<AutoScalingGroups/>");
    };
    let Sizes { min, desired, max } = group.sizes;
    let instance = |number: u16| {
        format!(
            "<member><InstanceId>i-{number}</InstanceId><LifecycleState>InService</LifecycleState></member>"
        )
    };
    let instances: String = (0..desired).map(instance).collect();
    let tag = |(key, value): (&String, &String)| {
        format!("<member><Key>{key}</Key><Value>{value}</Value></member>")
    };
    let tags: String = group.tags.iter().map(tag).collect();
    Reply::xml(
        "DescribeAutoScalingGroups",
        &format!(
            "<AutoScalingGroups><member><AutoScalingGroupName>{}</AutoScalingGroupName>\
             <MinSize>{min}</MinSize><MaxSize>{max}</MaxSize><DesiredCapacity>{desired}</DesiredCapacity>\
             <Instances>{instances}</Instances><Tags>{tags}</Tags></member></AutoScalingGroups>",
            group.name
        ),
    )
}

fn update(state: &mut State, request: &Request) -> Reply {
    let size = |name| request.field(name).parse::<u16>().ok();
    let sizes = [size("MinSize"), size("DesiredCapacity"), size("MaxSize")];
    state.writes.push(format!("UpdateAutoScalingGroup {} {sizes:?}", request.region));
    let Some(group) = state.groups.get_mut(&request.region) else {
        return Reply::error("ValidationError", "AutoScalingGroup name not found");
    };
    let live = group.sizes;
    let min = sizes[0].unwrap_or(live.min);
    let desired = sizes[1].unwrap_or(live.desired);
    if desired < min {
        return Reply::error("ValidationError", "New SetDesiredCapacity value is below min value");
    }
    group.sizes = Sizes { min, desired, max: sizes[2].unwrap_or(live.max) };
    Reply::xml("UpdateAutoScalingGroup", "")
}

fn tags(state: &mut State, request: &Request) -> Reply {
    let (key, value) = (request.field("Tags.member.1.Key"), request.field("Tags.member.1.Value"));
    state.writes.push(format!("CreateOrUpdateTags {} {key}", request.region));
    state.standby().tags.insert(key, value);
    Reply::xml("CreateOrUpdateTags", "")
}

fn targets(state: &State, request: &Request) -> Reply {
    let healthy = state.groups.get(&request.region).map_or(0, |group| group.sizes.desired);
    let target = |number: u16| {
        format!(
            "<member><Target><Id>i-{number}</Id></Target><TargetHealth><State>healthy</State></TargetHealth></member>"
        )
    };
    let targets: String = (0..healthy).map(target).collect();
    let result = format!("<TargetHealthDescriptions>{targets}</TargetHealthDescriptions>");
    Reply::xml("DescribeTargetHealth", &result)
}

fn alarm(state: &State, request: &Request) -> Reply {
    let asked = String::from_utf8_lossy(&request.body);
    let (name, value) = if asked.contains("shop-latch") {
        ("shop-latch", state.latch)
    } else {
        ("shop-primary-down", state.alarm)
    };
    let since = state.since.as_second();
    let topic = output(state, StackId::Detector, "TopicArn");
    let check = [("Name", cbor_text("HealthCheckId")), ("Value", cbor_text("primary"))];
    let check = cbor_map(&check);
    let alarm = cbor_map(&[
        ("AlarmName", cbor_text(name)),
        ("StateValue", cbor_text(value)),
        ("StateTransitionedTimestamp", cbor_time(since)),
        ("AlarmActions", cbor_only(cbor_text(&topic))),
        ("OKActions", cbor_only(cbor_text(&topic))),
        ("InsufficientDataActions", cbor_only(cbor_text(&topic))),
        ("Dimensions", cbor_only(check)),
    ]);
    let mut reply =
        Reply::plain("application/cbor", cbor_map(&[("MetricAlarms", cbor_only(alarm))]));
    reply.headers.push(("smithy-protocol", "rpc-v2-cbor".to_owned()));
    reply
}

fn log(state: &State) -> Reply {
    let event =
        |line: &String| serde_json::json!({ "timestamp": now().as_millisecond(), "message": line });
    let events: Vec<_> = state.log.iter().map(event).collect();
    Reply::plain("application/x-amz-json-1.1", serde_json::json!({ "events": events }).to_string())
}

/// Decides by the core that ships, and lets what was decided come true at once: servers boot, the latch closes.
fn invoke(state: &mut State, request: &Request) -> Reply {
    state.writes.push(format!("Invoke {}", request.region));
    if let Lambda::Fails(message) = state.lambda {
        let body = serde_json::json!({ "errorType": "RaiseFailed", "errorMessage": message });
        let mut reply = Reply::plain("application/json", body.to_string());
        reply.headers.push(("x-amz-function-error", "Unhandled".to_owned()));
        return reply;
    }
    let alarm = AlarmArn::parse(ALARM).expect("it is one");
    let mut night = Night::quiet();
    night.now = now();
    night.signal = wire::parse(&request.body, &alarm);
    let tags = state.standby().tags.clone();
    let held = Record::from_tags(tags.iter().map(|(key, value)| (key.as_str(), value.as_str())));
    night.seen.record = Known::Known(held);
    let Sizes { min, desired, max } = state.standby().sizes;
    if let Known::Known(group) = &mut night.seen.standby {
        (group.min, group.desired, group.max) = (min, desired, max);
        (group.in_service, group.healthy) = (desired, Known::Known(desired));
    }
    night.decide();
    let record = night.log.last().expect("it decided").clone();
    let written = record.decision.request.iter().chain(&record.decision.before);
    for register in written.cloned().collect::<Vec<_>>() {
        state.note(&register);
    }
    if let Some(StandbyWrite::Raise(sizes)) = record.decision.standby {
        state.standby().sizes = sizes;
        state.note(&Register::Closed(record.at.into()));
        state.latch = "ALARM";
        // The next tick, when the servers are there and DNS has moved.
        night.arrive();
        (night.signal, night.seen.answer) = (Signal::Tick, Known::Known(Answer::Standby));
        night.now = after(night.now, 1);
        night.decide();
    }
    if let Signal::Request(asked) = &record.signal
        && asked.what == failover_core::signal::Wish::Order(failover_core::record::Demand::Failback)
        && let Ownership::Ours(raised) =
            Record::from_tags(tags.iter().map(|(key, value)| (key.as_str(), value.as_str())))
                .ownership()
    {
        state.standby().sizes = raised.undo;
        state.note(&Register::Done(raised.at));
        state.latch = "OK";
    }
    state.log.extend(night.log.iter().map(DecisionRecord::to_log_line));
    Reply::plain("application/json", serde_json::to_vec(&record).expect("plain data"))
}
