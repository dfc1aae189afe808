//! A role behind a code of multi-factor authentication. The AWS CLI asks for the code; the SDK does not read
//! `mfa_serial`, asks for the role without one, and is denied.

use std::env;

use aws_config::SdkConfig;
use aws_config::profile::{self, ProfileSet};
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::future;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_types::os_shim_internal::{Env, Fs};

/// BOUND: a chain of roles is two or three profiles long; one that leads back to itself ends here.
const CHAIN_MAX: usize = 8;

/// Credentials as the SDK finds them; a failure tells of the code that the profile wants.
#[derive(Debug)]
struct Told {
    inner: SharedCredentialsProvider,
    profile: String,
}

/// The same way to AWS. Where the profile wants a code, a sign-in that fails says so.
pub(super) async fn told(config: SdkConfig) -> SdkConfig {
    // Keys in the environment come before every profile.
    if env::var_os("AWS_ACCESS_KEY_ID").is_some() {
        return config;
    }
    let (Some(inner), Some(profile)) = (config.credentials_provider(), wanting().await) else {
        return config;
    };
    let provider = SharedCredentialsProvider::new(Told { inner, profile });
    config.to_builder().credentials_provider(provider).build()
}

impl ProvideCredentials for Told {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            let found = self.inner.provide_credentials().await;
            found.map_err(|error| {
                let name = &self.profile;
                let why = super::call::provider_words(&error);
                CredentialsError::provider_error(format!(
                    "profile `{name}` wants a code of multi-factor authentication (`mfa_serial`), and only the AWS CLI asks for one: {why}"
                ))
            })
        })
    }
}

/// The profile in use, if it or one that it starts from wants a code.
async fn wanting() -> Option<String> {
    #[expect(clippy::default_trait_access, reason = "the type is only named by another crate")]
    let files = Default::default();
    let set = profile::load(&Fs::real(), &Env::real(), &files, None).await.ok()?;
    let chosen = set.selected_profile();
    wants_code(&set, chosen).then(|| chosen.to_owned())
}

fn wants_code(set: &ProfileSet, chosen: &str) -> bool {
    let next =
        |name: &&str| set.get_profile(name).and_then(|profile| profile.get("source_profile"));
    let chain = std::iter::successors(Some(chosen), next).take(CHAIN_MAX);
    chain
        .filter_map(|name| set.get_profile(name))
        .any(|profile| profile.get("role_arn").is_some() && profile.get("mfa_serial").is_some())
}
