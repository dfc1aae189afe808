//! Every call to AWS as it goes over the wire, and every kind of answer.

mod detector;
mod reads;
mod writes;

use failover::port::Span;
use failover_core::time::after;

use crate::replay::Answer;
use crate::world::now;

/// Runs `work` to its end. Nothing in it waits for a clock or a socket.
fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime of one thread").block_on(work)
}

/// A stretch of 37 minutes around the start.
fn span() -> Span {
    Span { start: after(now(), -36 * 60), end: after(now(), 60) }
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
