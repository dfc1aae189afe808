//! How long the SDK's credentials last.

use std::env;
use std::time::UNIX_EPOCH;

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::credential_feature::AwsCredentialFeature as From;
use aws_credential_types::provider::ProvideCredentials;
use failover_core::Timestamp;

use super::super::{CloudError, Expiry, Result};
use super::call::provider_words;

/// Where `aws configure export-credentials` puts the end of what it exports. The SDK does not read it.
const TOLD_BY_ENVIRONMENT: &str = "AWS_CREDENTIAL_EXPIRATION";

/// Handed out by the machine for as long as it runs: instance roles, container roles, and the tokens of a pod.
const OF_THE_MACHINE: [From; 5] = [
    From::CredentialsImds,
    From::CredentialsHttp,
    From::CredentialsEnvVarsStsWebIdToken,
    From::CredentialsStsAssumeRoleWebId,
    From::CredentialsProfileStsWebIdToken,
];
/// Renewed by the SDK when they end, as long as what they are made from lasts.
const RENEWED: [From; 7] = [
    From::CredentialsStsAssumeRole,
    From::CredentialsSso,
    From::CredentialsProfileSso,
    From::CredentialsProcess,
    From::CredentialsProfileProcess,
    From::CredentialsLogin,
    From::CredentialsProfileLogin,
];

pub(super) async fn expiry(config: &SdkConfig) -> Result<Expiry> {
    let none = || CloudError::Credentials { detail: "no provider is configured".to_owned() };
    let provider = config.credentials_provider().ok_or_else(none)?;
    let found = provider
        .provide_credentials()
        .await
        .map_err(|error| CloudError::Credentials { detail: provider_words(&error) })?;
    Ok(judged(&found, env::var(TOLD_BY_ENVIRONMENT).ok().as_deref()))
}

fn judged(credentials: &Credentials, told: Option<&str>) -> Expiry {
    let from = credentials.get_property::<Vec<From>>().map(Vec::as_slice).unwrap_or_default();
    let is_any = |of: &[From]| from.iter().any(|one| of.contains(one));
    if is_any(&OF_THE_MACHINE) {
        return Expiry::Never;
    }
    if is_any(&RENEWED) {
        return Expiry::Renewed;
    }
    let at = credentials.expiry().and_then(|at| {
        let since = at.duration_since(UNIX_EPOCH).ok()?;
        Timestamp::from_duration(since.try_into().ok()?).ok()
    });
    match (at, credentials.session_token()) {
        (Some(at), _) => Expiry::At(at),
        (None, None) => Expiry::Never,
        (None, Some(_)) if is_any(&[From::CredentialsEnvVars]) => {
            told.and_then(|told| told.parse().ok()).map_or(Expiry::Unknown, Expiry::At)
        }
        (None, Some(_)) => Expiry::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn credentials(token: Option<&str>, expiry: Option<u64>, from: &[From]) -> Credentials {
        let expiry = expiry.map(|seconds| UNIX_EPOCH + Duration::from_secs(seconds));
        let token = token.map(ToOwned::to_owned);
        let mut credentials = Credentials::new("key", "secret", token, expiry, "a test");
        credentials.set_property(from.to_vec());
        credentials
    }

    #[test]
    fn it_is_known_which_credentials_end_in_the_middle_of_a_drill() {
        let at = Expiry::At(Timestamp::from_second(1_800_000_000).expect("a time"));
        let (end, token) = (Some(1_800_000_000), Some("token"));
        let environment = [From::CredentialsEnvVars];
        let cases = [
            (credentials(None, None, &environment), Expiry::Never),
            (credentials(None, None, &[From::CredentialsProfile]), Expiry::Never),
            (credentials(token, None, &environment), Expiry::Unknown),
            (credentials(token, None, &[From::CredentialsProfile]), Expiry::Unknown),
            (credentials(token, end, &[]), at),
            (credentials(token, end, &[From::CredentialsImds]), Expiry::Never),
            (credentials(token, end, &[From::CredentialsHttp]), Expiry::Never),
            (credentials(token, end, &[From::CredentialsStsAssumeRole]), Expiry::Renewed),
            (credentials(token, end, &[From::CredentialsSso]), Expiry::Renewed),
        ];
        for (credentials, expected) in cases {
            assert_eq!(judged(&credentials, None), expected, "{credentials:?}");
        }
        let exported = credentials(token, None, &environment);
        assert_eq!(judged(&exported, Some("2027-01-15T08:00:00+00:00")), at);
        assert_eq!(judged(&exported, Some("soon")), Expiry::Unknown);
    }
}
