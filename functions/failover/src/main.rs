//! `bootstrap`: what Lambda starts.

use std::process::ExitCode;

use failover::log::{self, Level, Log as _, Stdout};
use failover::{aws, runtime};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let ended = match aws::controller(|variable| std::env::var(variable).ok()) {
        Ok(controller) => runtime::serve(controller).await.map_err(|error| log::chain(&*error)),
        Err(error) => Err(log::chain(&error)),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            Stdout.line(&log::problem(
                Level::Error,
                "the function cannot run",
                &[("error", &error)],
            ));
            ExitCode::FAILURE
        }
    }
}
