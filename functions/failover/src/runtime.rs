//! The loop that Lambda drives.

use std::sync::Arc;

use lambda_runtime::tower::util::MapRequestLayer;
use lambda_runtime::{Error, LambdaEvent, LambdaInvocation, Runtime, service_fn};

use crate::error::InvocationError;
use crate::handler::Controller;

/// Handles invocations until Lambda ends the process.
///
/// The runtime would read the payload as JSON and fail the invocation on anything else. Here the
/// payload travels as one JSON string instead, so that every byte that Lambda delivers reaches
/// [`Controller::handle`], and garbage still reconciles.
///
/// # Errors
/// Whatever ended the conversation with Lambda.
pub async fn serve(controller: Controller) -> Result<(), Error> {
    let controller = Arc::new(controller);
    let service = service_fn(move |event: LambdaEvent<String>| {
        let controller = Arc::clone(&controller);
        async move {
            let result = controller.handle(event.payload.as_bytes()).await;
            if matches!(result, Err(InvocationError::Expired)) {
                // The environment of a process never changes: only a new one has a fresh token. Lambda starts it, and tries
                // the event again there.
                std::process::exit(1);
            }
            result
        }
    });
    let quote = MapRequestLayer::new(|mut invocation: LambdaInvocation| {
        invocation.body = quoted(&invocation.body).into();
        invocation
    });
    // No tracing layer: the one line that we log ourselves holds more than its spans.
    Runtime::new(service).layer(quote).run().await
}

/// The payload as the text of a JSON string. Bytes that are no text become U+FFFD: they were
/// garbage already.
#[must_use]
pub fn quoted(payload: &[u8]) -> Vec<u8> {
    serde_json::Value::from(String::from_utf8_lossy(payload)).to_string().into_bytes()
}
