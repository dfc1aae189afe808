//! Whose site this is, asked before any write and before any question that leads to one.

use super::{Permit, Refusal};
use crate::cloud::{Cloud, CloudError};
use crate::model::Site;

/// Why there is no permit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum GuardError {
    /// It could not be found out whose site this is.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Cloud(#[from] CloudError),
    /// It is not the site of the site file.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Refused(#[from] Refusal),
}

/// Permits writes to a site, if it is the one of the site file.
///
/// # Errors
/// [`GuardError`]: also if that cannot be found out.
pub async fn admit(cloud: &dyn Cloud, site: &Site) -> Result<Permit, GuardError> {
    foreign(cloud, site).await?.map_or(Ok(()), Err)?;
    Ok(Permit::of(site))
}

/// The same for what must work in an outage: what cannot be read is no reason to refuse.
///
/// # Errors
/// [`GuardError`] if it is another site for certain, or nobody is signed in.
pub async fn admit_in_outage(cloud: &dyn Cloud, site: &Site) -> Result<Permit, GuardError> {
    match foreign(cloud, site).await {
        Ok(Some(refusal)) => Err(refusal.into()),
        Err(error) if error.is_credentials() => Err(error.into()),
        Ok(None) | Err(_) => Ok(Permit::of(site)),
    }
}

/// Why nothing may be changed with these credentials, if so: the site file names another account.
async fn foreign(cloud: &dyn Cloud, site: &Site) -> Result<Option<Refusal>, CloudError> {
    let Some(ours) = &site.config.account else { return Ok(None) };
    let account = cloud.account(site.standby_region()).await?;
    let why = format!("the credentials are of account {account}, and the site file says {ours}");
    let hint =
        "choose the profile with `AWS_PROFILE`; `aws sts get-caller-identity` shows who you are"
            .to_owned();
    Ok((account != ours.as_str()).then_some(Refusal { why, hint }))
}
