//! What a call to AWS can end with.

use super::credentials::{way_to_sign_in, who_denies};

// Source: the SDK's own list of what it tries again for, and CloudFormation's and Lambda's names for it.
const THROTTLED: [&str; 9] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "RequestThrottled",
    "SlowDown",
    // What is said without a code: see `aws::call`.
    "HTTP 429",
    "HTTP 503",
];

/// What a call to AWS comes to.
pub type Result<T, E = CloudError> = std::result::Result<T, E>;

/// A call to AWS that failed, in AWS's own words where it had some.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum CloudError {
    /// Nobody is signed in, or not any more.
    #[error("no valid AWS credentials: {detail}")]
    #[diagnostic(code("cloud::credentials"), help("{}", way_to_sign_in(detail)))]
    Credentials {
        /// What the provider or AWS said.
        detail: String,
    },
    /// The caller may not do this.
    #[error("AWS denies `{operation}` in {region}: {detail}")]
    #[diagnostic(code("cloud::denied"), help("{}", who_denies(detail)))]
    Denied {
        /// The API operation.
        operation: &'static str,
        /// Where.
        region: String,
        /// What AWS said.
        detail: String,
    },
    /// No answer.
    #[error("no answer from AWS to `{operation}` in {region}: {detail}")]
    #[diagnostic(
        code("cloud::unreachable"),
        help(
            "check the network and, if it is set, `AWS_ENDPOINT_URL`; then run the same command again"
        )
    )]
    Unreachable {
        /// The API operation.
        operation: &'static str,
        /// Where.
        region: String,
        /// What went wrong on the way.
        detail: String,
    },
    /// AWS answered with an error.
    #[error("`{operation}` failed in {region}: {code}: {detail}")]
    #[diagnostic(code("cloud::service"), help("{}", what_to_do(code, region)))]
    Service {
        /// The API operation.
        operation: &'static str,
        /// Where.
        region: String,
        /// AWS's error code.
        code: String,
        /// AWS's message.
        detail: String,
    },
    /// AWS's answer lacks something that it always has.
    #[error("the answer to `{operation}` in {region} lacks {what}")]
    #[diagnostic(
        code("cloud::answer"),
        help(
            "if `AWS_ENDPOINT_URL` is set, it may lead to something that is not AWS; else run the same command again"
        )
    )]
    Answer {
        /// The API operation.
        operation: &'static str,
        /// Where.
        region: String,
        /// What is missing.
        what: &'static str,
    },
    /// AWS's answer has more pages than it ever should.
    #[error(
        "the answer to `{operation}` in {region} was not read to its end: it has more than {pages} pages"
    )]
    #[diagnostic(
        code("cloud::cut"),
        help(
            "nothing is decided by a part of it: see what fills it in AWS's console, then run the same command again"
        )
    )]
    Cut {
        /// The API operation.
        operation: &'static str,
        /// Where.
        region: String,
        /// How many were read.
        pages: usize,
    },
}

/// What to do about an error of AWS, by its code.
fn what_to_do(code: &str, region: &str) -> String {
    if THROTTLED.contains(&code) {
        return "AWS was asked three times and throttles this account: wait a minute, then run the same command again".to_owned();
    }
    if code == "OptInRequired" || code == "SubscriptionRequiredException" {
        return format!(
            "the account has not enabled this region: `aws account enable-region --region-name {region}` does, or choose \
             another in the site file"
        );
    }
    "run the same command again; if it fails again, `cargo xtask doctor` checks that everything the site needs exists".to_owned()
}

impl CloudError {
    /// AWS's error code, if AWS answered with one.
    #[must_use]
    pub fn service_code(&self) -> Option<&str> {
        match self {
            Self::Service { code, .. } => Some(code),
            Self::Credentials { .. }
            | Self::Denied { .. }
            | Self::Unreachable { .. }
            | Self::Answer { .. }
            | Self::Cut { .. } => None,
        }
    }

    /// Whether AWS takes no more calls for now.
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        self.service_code().is_some_and(|code| THROTTLED.contains(&code))
    }

    /// Whether the account itself is out of reach, so that no other call can go better.
    #[must_use]
    pub const fn is_credentials(&self) -> bool {
        matches!(self, Self::Credentials { .. })
    }

    /// Whether it is the caller whom AWS does not let in, and not the far end that fails.
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        matches!(self, Self::Credentials { .. } | Self::Denied { .. })
    }

    /// What AWS or the network said, without the frame around it.
    #[must_use]
    pub fn detail(&self) -> &str {
        match self {
            Self::Credentials { detail }
            | Self::Denied { detail, .. }
            | Self::Unreachable { detail, .. }
            | Self::Service { detail, .. } => detail,
            Self::Answer { what, .. } => what,
            Self::Cut { .. } => "it was not read to its end",
        }
    }
}
