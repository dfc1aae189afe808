//! Bytes from AWS → [`Signal`]. Tolerant record by record; what cannot be read is a signal too, and still reconciles.
//!
//! The wire structs are private and narrow: real messages have null descriptions, composite alarms without a trigger, keys in two
//! spellings, display names for regions, and fields that come and go.

use serde::Deserialize;
use serde_json::Value;

use crate::observation::{AlarmState, Mode};
use crate::record::Demand;
use crate::signal::{AlarmArn, BY_MAX, Claim, Request, Signal, Wish};
use crate::time::{self, Timestamp};

/// `source` of the scheduled invocation's constant input.
pub const TICK_SOURCE: &str = "pilotlight.tick";
/// `source` of a look between two ticks.
pub const LOOK_SOURCE: &str = "pilotlight.look";
/// `source` of an event that asks for a decision and allows no write.
pub const REHEARSAL_SOURCE: &str = "pilotlight.rehearsal";
/// `source` of an operator's request: `{"source": "pilotlight.request", "what": "failover", "at": "2026-01-01T00:00:00Z",
/// "by": "alice"}`. `what` is `failover`, `failback`, `approve` or a mode; `for` may name the failover that is meant.
pub const REQUEST_SOURCE: &str = "pilotlight.request";

/// Longest detail of an unreadable message that is kept. Units: characters.
const DETAIL_MAX: usize = 200;

/// Reads one invocation's payload. `watched` is the failover alarm: events of other alarms only wake the controller.
///
/// Of several records the newest claim of ALARM wins, then the newest claim, then the first complaint.
#[must_use]
pub fn parse(bytes: &[u8], watched: &AlarmArn) -> Signal {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let value: Value = match serde_json::from_slice(bytes) {
        Ok(value) => value,
        Err(error) => return unreadable(format!("not JSON: {error}")),
    };
    match value.get("Records").and_then(Value::as_array) {
        Some(records) => {
            let signals = records.iter().map(|record| parse_record(record, watched));
            signals
                .max_by_key(weight)
                .unwrap_or_else(|| unreadable("an event without a record".to_owned()))
        }
        None => parse_bare(&value, watched),
    }
}

/// Which of several records speaks for the event.
fn weight(signal: &Signal) -> (u8, Option<Timestamp>) {
    match signal {
        Signal::Alarm(Claim { state: AlarmState::Alarm, at }) => (3, Some(*at)),
        Signal::Alarm(Claim { at, .. }) => (2, Some(*at)),
        Signal::Tick | Signal::Look { .. } | Signal::Rehearsal | Signal::Request(_) => (1, None),
        Signal::Unreadable { .. } => (0, None),
    }
}

fn unreadable(detail: String) -> Signal {
    let detail = if detail.chars().count() > DETAIL_MAX {
        detail.chars().take(DETAIL_MAX).chain("…".chars()).collect()
    } else {
        detail
    };
    Signal::Unreadable { detail }
}

#[derive(Deserialize)]
struct SnsRecord {
    #[serde(rename = "Sns")]
    sns: SnsBody,
}

#[derive(Deserialize)]
struct SnsBody {
    #[serde(rename = "Message")]
    message: String,
}

/// A message of a queue. The controller's own queue holds looks alone: whatever else it says is nobody's order.
#[derive(Deserialize)]
struct SqsRecord {
    body: String,
}

fn parse_record(record: &Value, watched: &AlarmArn) -> Signal {
    if record.get("eventSource").and_then(Value::as_str) == Some("aws:sqs") {
        return parse_queued(record);
    }
    let body = match SnsRecord::deserialize(record) {
        Ok(record) => record.sns,
        Err(error) => return unreadable(format!("a record that is not from SNS: {error}")),
    };
    match serde_json::from_str::<AlarmMessage>(&body.message) {
        Ok(message) => message.signal(watched),
        Err(error) => unreadable(format!("an SNS message that is not an alarm: {error}")),
    }
}

fn parse_queued(record: &Value) -> Signal {
    let body = match SqsRecord::deserialize(record) {
        Ok(record) => record.body,
        Err(error) => return unreadable(format!("a record that is not from SQS: {error}")),
    };
    let message: Option<Value> = serde_json::from_str(&body).ok();
    let source = message.as_ref().and_then(|message| message.get("source")?.as_str());
    if source == Some(LOOK_SOURCE) {
        LOOK
    } else {
        unreadable(format!("a queued message of unknown source: {}", source.unwrap_or("none")))
    }
}

/// Whether the look before it failed too is nothing that a message could know.
const LOOK: Signal = Signal::Look { again: false };

/// What CloudWatch publishes to SNS.
#[derive(Deserialize)]
struct AlarmMessage {
    #[serde(rename = "AlarmName")]
    name: Option<String>,
    #[serde(rename = "AlarmArn")]
    arn: Option<String>,
    #[serde(rename = "NewStateValue")]
    state: String,
    #[serde(rename = "StateChangeTime")]
    at: Option<String>,
}

impl AlarmMessage {
    fn signal(&self, watched: &AlarmArn) -> Signal {
        // Messages of earlier years carry no ARN.
        let about_watched = match &self.arn {
            Some(arn) => *arn == watched.to_string(),
            None => self.name.as_deref() == Some(watched.name()),
        };
        let named = self.arn.as_deref().or(self.name.as_deref()).unwrap_or("without a name");
        claim(about_watched, named, &self.state, self.at.as_deref())
    }
}

#[derive(Deserialize)]
struct StateChange {
    value: String,
    timestamp: Option<String>,
}

/// An alarm's direct Lambda action.
#[derive(Deserialize)]
struct DirectAction {
    #[serde(rename = "alarmArn")]
    arn: String,
    #[serde(rename = "alarmData")]
    data: DirectData,
}

#[derive(Deserialize)]
struct DirectData {
    state: StateChange,
}

/// EventBridge: CloudWatch Alarm State Change.
#[derive(Deserialize)]
struct BusEvent {
    resources: Vec<String>,
    detail: BusDetail,
}

#[derive(Deserialize)]
struct BusDetail {
    state: StateChange,
}

fn parse_bare(value: &Value, watched: &AlarmArn) -> Signal {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let source = text("source").unwrap_or("none");
    let kind = text("detail-type").or_else(|| text("detailType"));
    match (source, kind) {
        (TICK_SOURCE, _) | ("aws.events" | "aws.scheduler", Some("Scheduled Event")) => {
            Signal::Tick
        }
        (LOOK_SOURCE, _) => LOOK,
        (REHEARSAL_SOURCE, _) => Signal::Rehearsal,
        (REQUEST_SOURCE, _) => match request(value) {
            Ok(request) => Signal::Request(request),
            Err(what) => unreadable(format!("a request that cannot be read: {what}")),
        },
        // Real direct actions have been seen with a detail type too: the shape of the data tells.
        ("aws.cloudwatch", _) if value.get("alarmData").is_some() => {
            match DirectAction::deserialize(value) {
                Ok(action) => state_change(&action.arn, &action.data.state, watched),
                Err(error) => unreadable(format!("an alarm action that cannot be read: {error}")),
            }
        }
        ("aws.cloudwatch", Some("CloudWatch Alarm State Change")) => {
            match BusEvent::deserialize(value) {
                Ok(event) => {
                    let arn = event.resources.first().map_or("", String::as_str);
                    state_change(arn, &event.detail.state, watched)
                }
                Err(error) => unreadable(format!("an alarm event that cannot be read: {error}")),
            }
        }
        (source, kind) => unreadable(format!(
            "an event of unknown shape, source: {source}, type: {}",
            kind.unwrap_or("none")
        )),
    }
}

/// An operator's request as it is sent.
#[derive(Deserialize)]
struct RequestBody {
    what: String,
    #[serde(rename = "for")]
    episode: Option<String>,
    at: String,
    by: String,
}

fn request(value: &Value) -> Result<Request, String> {
    let body = RequestBody::deserialize(value).map_err(|error| error.to_string())?;
    let orders = Demand::ALL.iter().map(|&demand| (demand.word(), Wish::Order(demand)));
    let modes = Mode::ALL.iter().map(|&mode| (mode.word(), Wish::Mode(mode)));
    let named = orders.chain(modes).find(|&(word, _)| word == body.what);
    let (_, what) = named.ok_or_else(|| format!("nobody can ask for `{}`", body.what))?;
    let whole = |text: &str| {
        let at = time::parse(text).ok_or_else(|| format!("`{text}` is not a time"))?;
        Timestamp::from_second(at.as_second()).map_err(|error| error.to_string())
    };
    let episode = body.episode.as_deref().map(whole).transpose()?;
    // The name goes into a tag, where neither blanks nor other alphabets fit.
    let fits = |c: char| c.is_ascii_alphanumeric() || ".-_@/+:".contains(c);
    let by: String = body.by.chars().map(|c| if fits(c) { c } else { '-' }).take(BY_MAX).collect();
    if by.is_empty() {
        return Err("`by` is empty".to_owned());
    }
    Ok(Request { what, episode, at: whole(&body.at)?, by })
}

fn state_change(arn: &str, state: &StateChange, watched: &AlarmArn) -> Signal {
    claim(arn == watched.to_string(), arn, &state.value, state.timestamp.as_deref())
}

fn claim(about_watched: bool, named: &str, state: &str, at: Option<&str>) -> Signal {
    if !about_watched {
        return unreadable(format!("another alarm: {named}"));
    }
    let state = match state {
        "OK" => AlarmState::Ok,
        "ALARM" => AlarmState::Alarm,
        "INSUFFICIENT_DATA" => AlarmState::Insufficient,
        other => return unreadable(format!("an unknown alarm state: {other}")),
    };
    // A claim without a readable time is as old as can be: it can never stand in for the alarm itself.
    let at = at.and_then(time::parse).unwrap_or(Timestamp::UNIX_EPOCH);
    Signal::Alarm(Claim { state, at })
}

#[cfg(test)]
mod tests;
