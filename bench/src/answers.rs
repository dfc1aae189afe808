//! What AWS answers in the minute in which the primary has failed: the alarm reads ALARM, the standby is dark.

use std::convert::Infallible;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use minicbor::Encoder;
use minicbor::data::Tag;
use minicbor::encode::Error;
use serde_json::{Value, json};

/// Name of the failover alarm.
pub const ALARM: &str = "shop-primary-down";
/// The group of the region that failed.
pub const PRIMARY: &str = "shop-primary";
/// The group to raise.
pub const STANDBY: &str = "shop-standby";
/// For how many seconds the alarm has read ALARM.
const ALARM_AGE: u64 = 5;
/// How many seconds ago the newest datapoint began: CloudWatch shows a minute when it has ended.
const DATAPOINT_AGE: u64 = 75;
/// CBOR's tag of a time in seconds since 1970.
const EPOCH: u64 = 1;

/// How a request is put, and so its answer: the SDKs speak to CloudWatch differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Rust's.
    Cbor,
    /// Python's.
    Json,
    /// Everybody's, for the other services.
    Query,
}

/// An answer.
#[derive(Debug)]
pub struct Reply {
    /// Of HTTP.
    pub status: u16,
    /// Type of the content.
    pub kind: &'static str,
    /// The content.
    pub body: Bytes,
}

/// The answer to an operation. What is not known is refused, which both programs would report.
pub fn answer(operation: &str, form: &str, dialect: Dialect) -> Reply {
    let value = |value: &Value| match dialect {
        Dialect::Cbor => Reply { status: 200, kind: "application/cbor", body: cbor(value).into() },
        Dialect::Json | Dialect::Query => Reply {
            status: 200,
            kind: "application/x-amz-json-1.0",
            body: value.to_string().into(),
        },
    };
    let xml = |result: &str| Reply {
        status: 200,
        kind: "text/xml",
        body: format!(
            "<{operation}Response><{operation}Result>{result}</{operation}Result>\
             <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{operation}Response>"
        )
        .into(),
    };
    match operation {
        "DescribeAutoScalingGroups" if form.contains(STANDBY) => xml(&group(STANDBY, 0)),
        "DescribeAutoScalingGroups" => xml(&group(PRIMARY, 2)),
        "DescribeTargetHealth" => {
            xml("<TargetHealthDescriptions><member><Target><Id>i-0</Id></Target>\
             <TargetHealth><State>unhealthy</State></TargetHealth></member></TargetHealthDescriptions>")
        }
        "CreateOrUpdateTags" | "UpdateAutoScalingGroup" => xml(""),
        "Publish" => xml("<MessageId>00000000-0000-4000-8000-000000000001</MessageId>"),
        "DescribeAlarms" => value(&alarm()),
        "GetMetricData" => value(&datapoints()),
        "PutMetricData" => value(&json!({})),
        other => Reply { status: 400, kind: "text/plain", body: format!("no {other}").into() },
    }
}

fn group(name: &str, instances: u16) -> String {
    let instance = |number| {
        format!(
            "<member><InstanceId>i-{number}</InstanceId><LifecycleState>InService</LifecycleState>\
             <HealthStatus>Healthy</HealthStatus><AvailabilityZone>us-east-2a</AvailabilityZone></member>"
        )
    };
    let members: String = (0..instances).map(instance).collect();
    format!(
        "<AutoScalingGroups><member><AutoScalingGroupName>{name}</AutoScalingGroupName>\
         <MinSize>{instances}</MinSize><MaxSize>8</MaxSize><DesiredCapacity>{instances}</DesiredCapacity>\
         <Instances>{members}</Instances><Tags/></member></AutoScalingGroups>"
    )
}

fn alarm() -> Value {
    json!({ "MetricAlarms": [{
        "AlarmName": ALARM,
        "StateValue": "ALARM",
        "StateTransitionedTimestamp": now() - ALARM_AGE,
        "Namespace": "AWS/Route53",
        "MetricName": "HealthCheckStatus",
        "Dimensions": [{ "Name": "HealthCheckId", "Value": "00000000-0000-4000-8000-000000000000" }],
        "Statistic": "Minimum",
        "Period": 60,
        "ActionsEnabled": true,
        "AlarmActions": ["arn:aws:sns:us-east-1:000000000000:shop-failover"],
    }] })
}

fn datapoints() -> Value {
    let newest = now() - DATAPOINT_AGE;
    json!({ "MetricDataResults": [
        { "Id": "m1", "StatusCode": "Complete", "Timestamps": [newest], "Values": [0.0] },
    ] })
}

/// CloudWatch's protocol of today: JSON's values in CBOR, and times with a tag.
fn cbor(value: &Value) -> Vec<u8> {
    let mut out = Encoder::new(Vec::new());
    put(&mut out, value, false).expect("memory takes what is written");
    out.into_writer()
}

type Written = Result<(), Error<Infallible>>;

fn put(out: &mut Encoder<Vec<u8>>, value: &Value, time: bool) -> Written {
    match value {
        Value::Null => out.null().map(drop),
        Value::Bool(flag) => out.bool(*flag).map(drop),
        Value::String(text) => out.str(text).map(drop),
        Value::Number(number) => {
            if time {
                out.tag(Tag::new(EPOCH))?;
            }
            match number.as_u64() {
                Some(whole) => out.u64(whole).map(drop),
                None => out.f64(number.as_f64().unwrap_or_default()).map(drop),
            }
        }
        Value::Array(values) => {
            out.array(u64::try_from(values.len()).unwrap_or_default())?;
            values.iter().try_for_each(|value| put(out, value, time))
        }
        Value::Object(fields) => {
            out.map(u64::try_from(fields.len()).unwrap_or_default())?;
            fields.iter().try_for_each(|(name, value)| {
                out.str(name)?;
                put(out, value, name.contains("Timestamp"))
            })
        }
    }
}

/// In seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: what is counted as an answer can be read. Method: CBOR's own reader walks to the end.
    #[test]
    fn the_answers_of_cloudwatch_are_whole() {
        for operation in ["DescribeAlarms", "GetMetricData", "PutMetricData"] {
            let body = answer(operation, "", Dialect::Cbor).body;
            let mut reader = minicbor::Decoder::new(&body);
            reader.skip().expect("one value");
            assert_eq!(reader.position(), body.len(), "{operation}");
            let same = answer(operation, "", Dialect::Json).body;
            serde_json::from_slice::<Value>(&same).expect("JSON");
        }
    }

    #[test]
    fn the_groups_differ_and_what_is_not_known_is_refused() {
        let text = |form| {
            String::from_utf8(answer("DescribeAutoScalingGroups", form, Dialect::Query).body.into())
        };
        let standby = text("AutoScalingGroupNames.member.1=shop-standby").expect("text");
        let primary = text("AutoScalingGroupNames.member.1=shop-primary").expect("text");
        assert!(standby.contains("<DesiredCapacity>0<") && primary.contains("<DesiredCapacity>2<"));
        assert_eq!(answer("TerminateInstances", "", Dialect::Query).status, 400);
    }
}
