//! What AWS answers in the minute in which the primary has failed: the alarm reads ALARM, the standby is dark.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use minicbor::Encoder;
use minicbor::data::Tag;
use minicbor::encode::Error;

/// Name of the failover alarm.
pub const ALARM: &str = "shop-primary-down";
/// The group of the region that failed.
pub const PRIMARY: &str = "shop-primary";
/// The group to raise.
pub const STANDBY: &str = "shop-standby";
/// How long the alarm has read ALARM.
const SINCE: Duration = Duration::from_secs(5);
/// CBOR's tag of a time in seconds since 1970.
const EPOCH: u64 = 1;

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
pub fn answer(operation: &str, form: &str) -> Reply {
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
        "DescribeAlarms" => cbor(alarm),
        "GetMetricData" => cbor(datapoints),
        "PutMetricData" => cbor(|out| out.map(0).map(drop)),
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

type Out = Encoder<Vec<u8>>;
type Written = Result<(), Error<std::convert::Infallible>>;

fn cbor(write: impl FnOnce(&mut Out) -> Written) -> Reply {
    let mut out = Encoder::new(Vec::new());
    write(&mut out).expect("memory takes what is written");
    Reply { status: 200, kind: "application/cbor", body: out.into_writer().into() }
}

fn alarm(out: &mut Out) -> Written {
    out.map(1)?.str("MetricAlarms")?.array(1)?.map(10)?;
    for (name, text) in [
        ("AlarmName", ALARM),
        ("StateValue", "ALARM"),
        ("Namespace", "AWS/Route53"),
        ("MetricName", "HealthCheckStatus"),
        ("Statistic", "Minimum"),
    ] {
        out.str(name)?.str(text)?;
    }
    out.str("ActionsEnabled")?.bool(true)?;
    out.str("AlarmActions")?.array(1)?.str("arn:aws:sns:us-east-1:000000000000:shop-failover")?;
    out.str("Dimensions")?.array(1)?.map(2)?;
    out.str("Name")?.str("HealthCheckId")?;
    out.str("Value")?.str("00000000-0000-4000-8000-000000000000")?;
    out.str("Period")?.u32(60)?;
    out.str("StateTransitionedTimestamp")?;
    moment(out, now() - SINCE)
}

fn datapoints(out: &mut Out) -> Written {
    out.map(1)?.str("MetricDataResults")?.array(1)?.map(4)?;
    out.str("Id")?.str("m1")?.str("StatusCode")?.str("Complete")?;
    out.str("Timestamps")?.array(1)?;
    moment(out, now() - Duration::from_secs(75))?;
    out.str("Values")?.array(1)?.f64(0.0).map(drop)
}

fn moment(out: &mut Out, at: Duration) -> Written {
    out.tag(Tag::new(EPOCH))?.u64(at.as_secs()).map(drop)
}

/// Since 1970.
fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: what is counted as an answer can be read. Method: CBOR's own reader walks to the end.
    #[test]
    fn the_answers_of_cloudwatch_are_whole() {
        for operation in ["DescribeAlarms", "GetMetricData", "PutMetricData"] {
            let body = answer(operation, "").body;
            let mut reader = minicbor::Decoder::new(&body);
            reader.skip().expect("one value");
            assert_eq!(reader.position(), body.len(), "{operation}");
        }
    }

    #[test]
    fn the_groups_differ_and_what_is_not_known_is_refused() {
        let text = |form| String::from_utf8(answer("DescribeAutoScalingGroups", form).body.into());
        let standby = text("AutoScalingGroupNames.member.1=shop-standby").expect("text");
        let primary = text("AutoScalingGroupNames.member.1=shop-primary").expect("text");
        assert!(standby.contains("<DesiredCapacity>0<") && primary.contains("<DesiredCapacity>2<"));
        assert_eq!(answer("TerminateInstances", "").status, 400);
    }
}
