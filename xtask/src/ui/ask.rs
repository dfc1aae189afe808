//! Asks before something is changed.

use std::io::{self, IsTerminal, Write};

use miette::{Context, IntoDiagnostic};

/// Refuses early if nobody could answer the question that will come.
pub fn can_answer(yes: bool) -> miette::Result<()> {
    if yes || io::stdin().is_terminal() {
        return Ok(());
    }
    Err(miette::miette!(
        code = infra_lib::guard::Refusal::CODE,
        help = "say `--yes` to go on without being asked",
        "refused: there is nobody to ask, standard input is not a terminal"
    ))
}

/// Asks a question, unless it was answered on the command line. Anything but yes is no.
pub async fn confirmed(question: &'static str, yes: bool) -> miette::Result<bool> {
    if yes {
        return Ok(true);
    }
    let answer = text(format!("{question} [y/N] ")).await?;
    Ok(matches!(answer.as_str(), "y" | "Y" | "yes"))
}

/// Asks for a line of text. Its margins are cut.
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
