//! The queue of the looks: Lambda starts the function for each message in it.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::BuildError;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use failover_core::wire::LOOK_SOURCE;
use futures::future::try_join_all;

use crate::error::WriteError;

use super::why::write_error;

/// BOUND: SQS takes no more messages in one call.
const BATCH_MAX: usize = 10;

#[derive(Clone, Debug)]
pub(super) struct LookQueue {
    client: Client,
    url: Option<String>,
}

impl LookQueue {
    pub(super) fn new(url: Option<String>, config: &SdkConfig) -> Self {
        Self { client: Client::new(config), url }
    }

    /// Sends a message for each delay.
    pub(super) async fn send(&self, delays: &[Duration]) -> Result<(), WriteError> {
        let Some(url) = &self.url else { return Ok(()) };
        let batches = delays.chunks(BATCH_MAX).map(|batch| self.send_batch(url, batch));
        try_join_all(batches).await.map(|_| ())
    }

    async fn send_batch(&self, url: &str, delays: &[Duration]) -> Result<(), WriteError> {
        let entries: Result<Vec<_>, BuildError> = delays.iter().map(entry).collect();
        let entries = entries.map_err(|error| WriteError::Fault(error.to_string()))?;
        let call = self.client.send_message_batch().queue_url(url).set_entries(Some(entries));
        let answer = call.send().await.map_err(|error| write_error(&error))?;
        match answer.failed().first() {
            Some(failed) => {
                let words = failed.message().unwrap_or("no message");
                Err(WriteError::Fault(format!("{}: {words}", failed.code())))
            }
            None => Ok(()),
        }
    }
}

fn entry(delay: &Duration) -> Result<SendMessageBatchRequestEntry, BuildError> {
    let seconds = i32::try_from(delay.as_secs()).unwrap_or(i32::MAX);
    SendMessageBatchRequestEntry::builder()
        .id(format!("after-{seconds}-s"))
        .message_body(format!(r#"{{"source":"{LOOK_SOURCE}"}}"#))
        .delay_seconds(seconds)
        .build()
}
