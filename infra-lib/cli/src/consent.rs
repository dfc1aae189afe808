//! The question before something is changed: its yes is the proof that a write takes.

use cloud::guard::{Consent, Permit};
use surface::ask;

/// Asks, unless the question was answered on the command line. Anything but yes gives no consent.
pub async fn consent(
    question: &'static str,
    yes: bool,
    permit: &Permit,
) -> miette::Result<Option<Consent>> {
    let agreed = ask::agreed(question, yes).await?;
    Ok(agreed.then(|| Consent::given(permit.clone())))
}
