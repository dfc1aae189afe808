//! Asks before something is changed.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use miette::{Context, IntoDiagnostic};

use super::output;
use crate::exit::{Exit, REFUSED};

/// Whether somebody has said yes, by the flag or at the question.
static CONSENT: AtomicBool = AtomicBool::new(false);

/// Whether anything may have begun: before the consent nothing does.
pub fn has_begun() -> bool {
    CONSENT.load(Ordering::Relaxed)
}

/// How a command ends whose question was answered with No.
#[must_use]
pub fn declined() -> Exit {
    output::note("nothing was changed");
    Exit::Declined
}

/// Refuses early if nobody could answer the question that will come.
///
/// # Errors
/// A refusal, if standard input is no terminal.
pub fn can_answer(yes: bool) -> miette::Result<()> {
    if yes || io::stdin().is_terminal() {
        return Ok(());
    }
    Err(miette::miette!(
        code = REFUSED,
        help = "add `--yes` to continue without the question",
        "refused: standard input is not a terminal, so the question cannot be asked"
    ))
}

/// Asks a question, unless it was answered on the command line. Anything but yes is no.
///
/// # Errors
/// The answer cannot be read.
pub async fn agreed(question: &'static str, yes: bool) -> miette::Result<bool> {
    let agreed = yes || {
        let answer = text(format!("{question} [y/N] ")).await?;
        matches!(answer.as_str(), "y" | "Y" | "yes")
    };
    CONSENT.store(agreed, Ordering::Relaxed);
    Ok(agreed)
}

/// Asks for a line of text. Its margins are cut.
///
/// # Errors
/// Standard input cannot be read.
pub async fn text(question: String) -> miette::Result<String> {
    let answer = tokio::task::spawn_blocking(move || {
        let mut out = io::stderr().lock();
        write!(out, "{question}")?;
        out.flush()?;
        drop(out);
        let mut answer = String::new();
        io::stdin().read_line(&mut answer)?;
        Ok::<_, io::Error>(answer)
    });
    let answer =
        answer.await.into_diagnostic()?.into_diagnostic().wrap_err("cannot read the answer")?;
    Ok(answer.trim().to_owned())
}
