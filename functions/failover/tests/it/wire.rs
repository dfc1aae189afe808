//! Every call to AWS as it goes over the wire, and every kind of answer.

mod reads;
mod writes;

use crate::replay::Answer;

/// Runs `work` to its end. Nothing in it waits for a clock or a socket.
fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime of one thread").block_on(work)
}

fn xml(action: &str, result: &str) -> Answer {
    let body =
        format!("<{action}Response><{action}Result>{result}</{action}Result></{action}Response>");
    Answer::Xml(200, body)
}

fn refused(status: u16, code: &str, message: &str) -> Answer {
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    );
    Answer::Xml(status, body)
}

fn throttled() -> Answer {
    refused(400, "Throttling", "Rate exceeded")
}
