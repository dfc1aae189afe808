//! How the parts of the site that stands hang together: all as it was deployed.

use serde_json::{Value, json};
use site::model::StackId;

use super::State;
use super::answers::output;
use super::wire::Reply;

pub fn answer(state: &State, operation: &str, path: &str) -> Reply {
    let function = output(state, StackId::Controller, "FunctionArn");
    let topic = output(state, StackId::Detector, "TopicArn");
    match operation {
        "GetPolicy" => {
            let allow = |service: &str, source: &str| {
                json!({ "Effect": "Allow", "Principal": { "Service": service },
                        "Condition": { "ArnLike": { "AWS:SourceArn": source } } })
            };
            let rule = "arn:aws:events:us-east-2:111122223333:rule/shop-tick";
            let statements =
                [allow("sns.amazonaws.com", &topic), allow("events.amazonaws.com", rule)];
            json(&json!({ "Policy": json!({ "Statement": statements }).to_string() }))
        }
        "GetFunction" => json(&json!({
            "Configuration": { "FunctionArn": function, "State": "Active" },
            "Concurrency": { "ReservedConcurrentExecutions": 1 },
        })),
        "ListEventSourceMappings" => json(&json!({ "EventSourceMappings": [{
            "EventSourceArn": "arn:aws:sqs:us-east-2:111122223333:shop-looks",
            "FunctionArn": function,
            "State": "Enabled",
        }] })),
        "DescribeRule" => {
            let rule = if state.tick_disabled { "DISABLED" } else { "ENABLED" };
            json(&json!({ "Name": "shop-tick", "State": rule }))
        }
        "ListTargetsByRule" => {
            json(&json!({ "Targets": [{ "Id": "controller", "Arn": function }] }))
        }
        "ListSubscriptionsByTopic" => Reply::xml(
            operation,
            &format!(
                "<Subscriptions><member><Protocol>lambda</Protocol><Endpoint>{function}</Endpoint>\
                 <SubscriptionArn>arn</SubscriptionArn></member></Subscriptions>"
            ),
        ),
        "DescribeLoadBalancers" => {
            let balancer = |name| {
                format!(
                    "<member><LoadBalancerArn>arn:{name}</LoadBalancerArn><LoadBalancerName>{name}</LoadBalancerName>\
                     <State><Code>active</Code></State></member>"
                )
            };
            let both = ["shop-primary", "shop-standby"].map(balancer).concat();
            Reply::xml(operation, &format!("<LoadBalancers>{both}</LoadBalancers>"))
        }
        "GetHealthCheck" => Reply::plain("text/xml", check(path)),
        _ => Reply::plain("text/xml", records(state)),
    }
}

fn json(value: &Value) -> Reply {
    Reply::plain("application/json", value.to_string())
}

fn check(path: &str) -> String {
    let id = path.rsplit('/').next().unwrap_or_default();
    let children = if id == "gate" {
        "<ChildHealthChecks><ChildHealthCheck>primary</ChildHealthCheck></ChildHealthChecks>"
    } else {
        ""
    };
    format!(
        "<GetHealthCheckResponse><HealthCheck><Id>{id}</Id><CallerReference>r</CallerReference>\
         <HealthCheckConfig><Type>HTTP</Type>{children}</HealthCheckConfig>\
         <HealthCheckVersion>1</HealthCheckVersion></HealthCheck></GetHealthCheckResponse>"
    )
}

fn records(state: &State) -> String {
    let sides = [
        (StackId::WebPrimary, "primary", "PRIMARY", "gate"),
        (StackId::WebStandby, "standby", "SECONDARY", "standby"),
    ];
    let records = sides.map(|(web, identifier, side, check)| {
        let alias = output(state, web, "LoadBalancerDnsName");
        format!(
            "<ResourceRecordSet><Name>shop.example.com.</Name><Type>A</Type><SetIdentifier>{identifier}</SetIdentifier>\
             <Failover>{side}</Failover><AliasTarget><HostedZoneId>Z1</HostedZoneId><DNSName>{alias}.</DNSName>\
             <EvaluateTargetHealth>true</EvaluateTargetHealth></AliasTarget><HealthCheckId>{check}</HealthCheckId>\
             </ResourceRecordSet>"
        )
    });
    format!(
        "<ListResourceRecordSetsResponse><ResourceRecordSets>{}</ResourceRecordSets><IsTruncated>false</IsTruncated>\
         <MaxItems>300</MaxItems></ListResourceRecordSetsResponse>",
        records.concat()
    )
}
