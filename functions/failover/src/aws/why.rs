//! SDK errors → [`Why`] and [`WriteError`].

use std::error::Error;

use aws_sdk_autoscaling::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use failover_core::observation::{Known, Why};

use crate::error::WriteError;
use crate::log;

type CallError<E> = SdkError<E, HttpResponse>;

/// What the codes of AWS's services have in common.
enum Class {
    Throttled,
    Denied,
    Expired,
    Absent,
    Refused,
    Contention,
    Other,
}

fn class(code: Option<&str>) -> Class {
    match code.unwrap_or_default() {
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "RequestThrottled" => Class::Throttled,
        "AccessDenied"
        | "AccessDeniedException"
        | "AuthorizationError"
        | "UnauthorizedOperation"
        | "AuthFailure"
        | "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "SignatureDoesNotMatch"
        | "OptInRequired" => Class::Denied,
        "ExpiredToken" | "ExpiredTokenException" => Class::Expired,
        "TargetGroupNotFound" | "ResourceNotFound" | "NotFound" | "NoSuchHealthCheck" => {
            Class::Absent
        }
        // A group holds 50 tags; waiting does not make room.
        "ValidationError" | "ValidationException" | "LimitExceeded" => Class::Refused,
        "ResourceContention" | "ScalingActivityInProgress" => Class::Contention,
        _ => Class::Other,
    }
}

/// Why a read has no answer.
fn why<E>(error: &CallError<E>) -> Why
where
    E: ProvideErrorMetadata,
{
    match error {
        SdkError::ResponseError(_) => Why::Unparseable,
        // The SDK wraps an answer that it cannot parse into an error of the service, whatever its
        // status.
        SdkError::ServiceError(service) if service.raw().status().is_success() => Why::Unparseable,
        SdkError::ServiceError(service) => match class(service.err().code()) {
            Class::Throttled => Why::Throttled,
            Class::Denied => Why::Denied,
            Class::Expired => Why::Expired,
            Class::Absent => Why::Empty,
            Class::Refused | Class::Contention | Class::Other => Why::Fault,
        },
        // Nobody answered, whatever the reason: no name, no route, refused, late. It must never
        // count as proof of egress.
        SdkError::ConstructionFailure(_)
        | SdkError::TimeoutError(_)
        | SdkError::DispatchFailure(_)
        | _ => Why::Timeout,
    }
}

/// Why a write is not confirmed.
pub(super) fn write_error<E>(error: &CallError<E>) -> WriteError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let words = words(error);
    match error {
        SdkError::ServiceError(service) => match class(service.err().code()) {
            Class::Throttled => WriteError::Throttled(words),
            Class::Denied => WriteError::Denied(words),
            Class::Expired => WriteError::Expired(words),
            Class::Refused => WriteError::Refused(words),
            Class::Contention => WriteError::Contention(words),
            Class::Absent | Class::Other => WriteError::Fault(words),
        },
        SdkError::ResponseError(_) => WriteError::Fault(words),
        SdkError::ConstructionFailure(_)
        | SdkError::TimeoutError(_)
        | SdkError::DispatchFailure(_)
        | _ => WriteError::NoAnswer(words),
    }
}

/// AWS's own words where there are any, else the chain of causes.
fn words<E>(error: &CallError<E>) -> String
where
    E: ProvideErrorMetadata + Error + 'static,
{
    if let SdkError::ServiceError(service) = error {
        let code = service.err().code().unwrap_or("an error without a code");
        return match service.err().message() {
            Some(message) => format!("{code}: {message}"),
            None => code.to_owned(),
        };
    }
    log::chain(error)
}

/// What a read answered. `complain` hears AWS's words if there is nothing to read.
pub(super) fn read<T, E>(result: Result<T, CallError<E>>, complain: impl FnOnce(&str)) -> Known<T>
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match result {
        Ok(answer) => Known::Known(answer),
        Err(error) => {
            complain(&words(&error));
            Known::Unknown(why(&error))
        }
    }
}

/// Drops what a write answered: that it answered is all there is to know.
pub(super) fn sent<T, E>(result: Result<T, CallError<E>>) -> Result<(), WriteError>
where
    E: ProvideErrorMetadata + Error + 'static,
{
    result.map(|_| ()).map_err(|error| write_error(&error))
}
