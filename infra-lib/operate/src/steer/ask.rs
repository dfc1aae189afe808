//! Asks the controller, and reads what came of it.

use std::time::Duration;

use failover_core::decision::{Refusal as Rule, Reply};
use failover_core::record::Demand;
use failover_core::signal::{Request, Wish};
use failover_core::{DecisionRecord, Signal};
use serde::Deserialize;

use cloud::guard::{Consent, Permit, Refusal};
use cloud::{Cloud, CloudError, Invocation};
use provision::progress::Pace;
use site::model::Site;

use super::error::SteerError;
use super::{function_name, payload};

/// BOUND: one run at a time is allowed and takes 30 s at most, so two may be before us. A request that was heard twice counts
/// once.
const BUSY_MAX: Duration = Duration::from_mins(1);

/// A request that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Taken, or taken before.
    pub reply: Reply,
    /// The controller's decision with it.
    pub record: DecisionRecord,
}

/// Asks the controller. While it is busy with another run it is asked again.
///
/// # Errors
/// [`SteerError`]: also a refusal by one of its rules, and a write that did not go through.
pub async fn ask(
    cloud: &dyn Cloud,
    consent: &Consent,
    site: &Site,
    request: &Request,
    pace: Pace,
) -> Result<Answer, SteerError> {
    assert!(consent.is_for(site), "a consent is for one site");
    let payload = payload(request);
    let unasked = |error| unasked(error, request.what);
    let invocation = invoked(cloud, consent.permit(), site, &payload, pace, unasked).await?;
    read(&invocation, request)
}

/// Invokes the controller, again and again while it is busy with another run. `unasked` says what any other error means.
pub(super) async fn invoked(
    cloud: &dyn Cloud,
    permit: &Permit,
    site: &Site,
    payload: &[u8],
    pace: Pace,
    unasked: impl FnOnce(CloudError) -> SteerError,
) -> Result<Invocation, SteerError> {
    let (region, function) = (site.standby_region(), function_name(site));
    let mut tries = 1..pace.rounds(BUSY_MAX);
    loop {
        let error = match cloud.invoke(permit, region, &function, payload.to_vec()).await {
            Ok(invocation) => return Ok(invocation),
            Err(error) => error,
        };
        match error.service_code() {
            Some("TooManyRequestsException") if tries.next().is_some() => pace.pause().await,
            Some("ResourceNotFoundException") => {
                return Err(SteerError::Absent { function, region: region.to_string() });
            }
            _ => return Err(unasked(error)),
        }
    }
}

fn unasked(error: CloudError, what: Wish) -> SteerError {
    if error.is_refusal() {
        return error.into();
    }
    SteerError::Silent { hint: without_lambda(what).to_owned(), source: error }
}

const fn without_lambda(what: Wish) -> &'static str {
    match what {
        Wish::Order(Demand::Failover) => {
            "`cargo xtask failover --direct` raises the standby without Lambda; `--direct --print` shows the commands"
        }
        Wish::Order(Demand::Failback | Demand::Approve) => {
            "nothing is lowered meanwhile, which costs money and hurts nobody: ask again when Lambda answers; \
             `cargo xtask failback --direct --print` shows what it would do"
        }
        Wish::Mode(_) => {
            "without Lambda the controller touches nothing anyway; the mode is the tag `pilotlight:mode` of the standby group"
        }
    }
}

/// What a function answers when it ends in an error.
#[derive(Deserialize)]
struct Unhandled {
    #[serde(rename = "errorType", default)]
    kind: String,
    #[serde(rename = "errorMessage", default)]
    message: String,
}

/// Kind and message of the error that a function ended in, if it did.
pub(super) fn failed(invocation: &Invocation) -> Option<(String, String)> {
    let class = invocation.error.as_ref()?;
    let told = serde_json::from_slice::<Unhandled>(&invocation.payload);
    Some(told.map_or_else(
        |_| (class.clone(), String::from_utf8_lossy(&invocation.payload).into_owned()),
        |told| (told.kind, told.message),
    ))
}

fn read(invocation: &Invocation, request: &Request) -> Result<Answer, SteerError> {
    if let Some((kind, message)) = failed(invocation) {
        let raises = request.what == Wish::Order(Demand::Failover);
        return Err(SteerError::Failed { raises, kind, message });
    }
    let record: DecisionRecord = serde_json::from_slice(&invocation.payload)
        .map_err(|error| SteerError::Unread { detail: error.to_string() })?;
    let reply = match (&record.signal, record.decision.reply) {
        (Signal::Request(heard), Some(reply)) if heard == request => reply,
        (Signal::Unreadable { detail }, _) => {
            return Err(SteerError::Unread { detail: format!("it did not understand: {detail}") });
        }
        _ => {
            let detail = format!("it decided {} on something else", record.decision.reason.name());
            return Err(SteerError::Unread { detail });
        }
    };
    let reply_word = match reply {
        Reply::Refused(rule) => return Err(refused(request.what, rule).into()),
        Reply::Taken => "taken",
        Reply::Repeated => "taken before",
    };
    if record.outcome.failed.is_empty() {
        return Ok(Answer { reply, record });
    }
    let failed = failover_words::failed(&record.outcome);
    Err(SteerError::Incomplete { reply: reply_word, failed })
}

/// The rule's own words.
fn refused(what: Wish, rule: Rule) -> Refusal {
    let what = match what {
        Wish::Order(Demand::Failover) => "the failover",
        Wish::Order(Demand::Failback) => "the failback",
        Wish::Order(Demand::Approve) => "the approval",
        Wish::Mode(_) => "the mode",
    };
    let hint = rule.hint().unwrap_or("see the current state: cargo xtask status");
    Refusal { why: format!("{what}: {}", rule.why()), hint: hint.to_owned() }
}
