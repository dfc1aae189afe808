//! What is sent to the controller.

use failover_core::Timestamp;
use failover_core::signal::{BY_MAX, Request, Wish};
use failover_core::wire::REQUEST_SOURCE;
use serde_json::json;

use cloud::{Cloud, CloudError};
use site::model::Site;

use crate::status::{Raised, Reading, Status};

/// Who asks when nobody says who he is.
const NOBODY: &str = "operator";

/// A request as the controller reads it.
///
/// ```
/// use failover_core::signal::{AlarmArn, Wish};
/// use failover_core::{Signal, Timestamp, observation::Mode, wire};
/// use operate::steer::{payload, request};
///
/// let request = request(Wish::Mode(Mode::Armed), None, Timestamp::UNIX_EPOCH, "alice".to_owned());
/// let alarm = AlarmArn::parse("arn:aws:cloudwatch:us-east-1:123456789012:alarm:x").expect("an ARN");
/// assert_eq!(wire::parse(&payload(&request), &alarm), Signal::Request(request));
/// ```
#[must_use]
pub fn payload(request: &Request) -> Vec<u8> {
    let what = match request.what {
        Wish::Order(demand) => demand.word(),
        Wish::Mode(mode) => mode.word(),
    };
    let mut body = json!({
        "source": REQUEST_SOURCE,
        "what": what,
        "at": request.at.to_string(),
        "by": request.by,
    });
    if let Some(episode) = request.episode {
        body["for"] = episode.to_string().into();
    }
    body.to_string().into_bytes()
}

/// A request, given for the failover that the operator saw. `at` is cut to whole seconds, which is all that the record keeps. An
/// order within the second of the one that stands is dated a second after it: it must not pass for an older one.
#[must_use]
pub fn request(what: Wish, seen: Option<&Status>, at: Timestamp, by: String) -> Request {
    let episode = match (what, seen.map(|status| &status.raised)) {
        (Wish::Order(_), Some(Reading::Known(Raised::Ours { newest, .. }))) => Some(*newest),
        (Wish::Order(_) | Wish::Mode(_), _) => None,
    };
    let standing = seen.and_then(|status| status.order.as_ref());
    let newer = standing.map_or(i64::MIN, |order| order.at.as_second().saturating_add(1));
    let second = match what {
        Wish::Order(_) => at.as_second().max(newer),
        Wish::Mode(_) => at.as_second(),
    };
    let at = Timestamp::from_second(second).unwrap_or(at);
    Request { what, episode, at, by }
}

/// Who asks: the identity that signs the calls, or else the name that the environment has.
///
/// # Errors
/// [`CloudError::Credentials`] alone: an STS that is dark is no reason not to ask.
pub async fn operator(
    cloud: &dyn Cloud,
    site: &Site,
    user: Option<String>,
) -> Result<String, CloudError> {
    match cloud.caller(site.standby_region()).await {
        Ok(arn) => Ok(reduced(arn.rsplit(':').next().unwrap_or(&arn))),
        Err(error) if error.is_credentials() => Err(error),
        Err(_) => Ok(reduced(user.as_deref().unwrap_or_default())),
    }
}

/// The name as it fits into a tag: the end of it, which tells people apart.
fn reduced(name: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || ".-_@/+:".contains(c);
    let name: Vec<char> = name.chars().map(|c| if fits(c) { c } else { '-' }).collect();
    let name: String = name[name.len().saturating_sub(BY_MAX)..].iter().collect();
    if name.is_empty() { NOBODY.to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_fits_into_a_tag() {
        assert_eq!(
            reduced("assumed-role/Admin/alice@example.com"),
            "assumed-role/Admin/alice@example.com"
        );
        assert_eq!(reduced("Zoë Müller"), "Zo--M-ller");
        assert_eq!(reduced(""), NOBODY);
        let long = format!("{}alice", "x".repeat(BY_MAX));
        assert!(reduced(&long).ends_with("alice") && reduced(&long).len() == BY_MAX);
    }
}
