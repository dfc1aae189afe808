//! Turns the SDK's errors into ours.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::operation::assume_role::AssumeRoleError;

use site::names::Region;

use crate::{CloudError, Result};

// Source: AWS "Common Errors" and those of STS, S3 and SSO.
const CREDENTIAL_CODES: [&str; 10] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidToken",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "AuthFailure",
    "RequestExpired",
    "MissingAuthenticationToken",
];
const DENIED_CODES: [&str; 4] =
    ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"];

// How the codes begin.
const ABSENT_CODES: [&str; 15] = [
    "NotFound",
    "ResourceNotFound",
    "LoadBalancerNotFound",
    "DashboardNotFoundError",
    "ParameterNotFound",
    "QueueDoesNotExist",
    "AWS.SimpleQueueService.NonExistentQueue",
    "NoSuchBucket",
    "NoSuchEntity",
    "NoSuchHealthCheck",
    "NoSuchHostedZone",
    "InvalidAMIID.",
    "InvalidInstanceType",
    "InvalidLaunchTemplateId.",
    "InvalidSnapshot.NotFound",
];

/// A call that is being made: what its error will be about.
pub(super) struct Call {
    operation: &'static str,
    region: String,
}

impl Call {
    pub(super) fn new(operation: &'static str, region: &Region) -> Self {
        Self { operation, region: region.to_string() }
    }

    /// A call to a service without regions.
    pub(super) fn global(operation: &'static str) -> Self {
        Self { operation, region: "the global service".to_owned() }
    }

    pub(super) fn lacks(&self, what: &'static str) -> CloudError {
        CloudError::Answer { operation: self.operation, region: self.region.clone(), what }
    }

    /// There are more pages than ever should be.
    pub(super) fn cut(&self, pages: usize) -> CloudError {
        CloudError::Cut { operation: self.operation, region: self.region.clone(), pages }
    }

    /// A part of a request that the SDK refuses to build.
    pub(super) fn unbuilt(
        &self,
        error: &aws_smithy_types::error::operation::BuildError,
    ) -> CloudError {
        let detail = error.to_string();
        CloudError::Service {
            operation: self.operation,
            region: self.region.clone(),
            code: "InvalidRequest".to_owned(),
            detail,
        }
    }

    /// What AWS answered.
    pub(super) fn answer<T, E>(&self, answer: Result<T, SdkError<E>>) -> Result<T>
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        answer.map_err(|error| self.failure(&error))
    }

    pub(super) fn failure<E>(&self, error: &SdkError<E>) -> CloudError
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        if let Some(detail) = credentials(error) {
            return CloudError::Credentials { detail };
        }
        if let Some(code) = error.code() {
            return self
                .refused(code.to_owned(), error.message().unwrap_or("no message").to_owned());
        }
        match error.raw_response() {
            Some(answer) => self.answered(answer.status().as_u16()),
            None => self.unreachable(words(error)),
        }
    }

    /// Somebody answered, without an error that can be read: a HEAD has no body, and a proxy answers in HTML. The HTTP status is
    /// all that there is to tell.
    pub(super) fn answered(&self, status: u16) -> CloudError {
        let (operation, region) = (self.operation, self.region.clone());
        let code = format!("HTTP {status}");
        let detail = match status {
            200..=299 => return self.lacks("a form that AWS's answers have"),
            401 | 403 => {
                let detail = format!("{code}, without a reason");
                return CloudError::Denied { operation, region, detail };
            }
            300..=399 => "it sends to another address, as S3 does for a bucket of another region",
            404 => "there is no such thing",
            429 => "too many requests",
            503 => "too many requests, or the service is not available",
            500..=599 => "an error of the service",
            _ => "no reason given",
        };
        CloudError::Service { operation, region, code, detail: detail.to_owned() }
    }

    /// AWS answered with an error of this code.
    pub(super) fn refused(&self, code: String, detail: String) -> CloudError {
        let (operation, region) = (self.operation, self.region.clone());
        if CREDENTIAL_CODES.contains(&code.as_str()) {
            return CloudError::Credentials { detail: format!("{code}: {detail}") };
        }
        if DENIED_CODES.contains(&code.as_str()) {
            return CloudError::Denied { operation, region, detail };
        }
        CloudError::Service { operation, region, code, detail }
    }

    /// Nobody answered.
    pub(super) fn unreachable(&self, detail: String) -> CloudError {
        CloudError::Unreachable { operation: self.operation, region: self.region.clone(), detail }
    }
}

/// The answer, or nothing where the error says that there is no such thing.
pub(super) fn if_there<T>(
    answer: Result<T>,
    is_absent: impl FnOnce(&CloudError) -> bool,
) -> Result<Option<T>> {
    match answer {
        Err(error) if is_absent(&error) => Ok(None),
        answer => answer.map(Some),
    }
}

/// Whether a service says that it has no such thing. CloudFormation says so in words alone.
pub(super) fn is_absent(error: &CloudError) -> bool {
    error.service_code().is_some_and(|code| ABSENT_CODES.iter().any(|one| code.starts_with(one)))
}

/// What the credential provider said, if it is the cause.
fn credentials(error: &(dyn Error + 'static)) -> Option<String> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref::<CredentialsError>() {
            return Some(provider_words(found));
        }
        cause = error.source();
    }
    None
}

/// What the credential provider said, from the outside to the cause, each thing once.
pub(super) fn provider_words(error: &CredentialsError) -> String {
    if matches!(error, CredentialsError::CredentialsNotLoaded(_)) {
        return "none found in any of the usual places".to_owned();
    }
    // The SDK's own frame around it says nothing.
    let mut cause = error.source();
    let mut told: Vec<String> = Vec::new();
    while let Some(error) = cause {
        // An error of a service is told by its code and its words, which only its debug form has.
        let words = match error.downcast_ref::<SdkError<AssumeRoleError>>() {
            Some(refused) if refused.code().is_some() => service_words("AssumeRole", refused),
            Some(_) | None => error.to_string(),
        };
        if !told.iter().any(|known| known.contains(&words)) {
            told.push(words);
        }
        cause = error.source();
    }
    if told.is_empty() { error.to_string() } else { told.join(": ") }
}

fn service_words<E>(operation: &str, error: &SdkError<E>) -> String
where
    E: ProvideErrorMetadata,
{
    let (code, message) = (error.code().unwrap_or_default(), error.message().unwrap_or_default());
    format!("{operation}: {code}: {message}")
}

/// The innermost cause, which is the one that tells something.
pub(super) fn words(error: &(dyn Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(cause) = innermost.source() {
        innermost = cause;
    }
    innermost.to_string()
}
