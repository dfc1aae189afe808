//! `init`: a first site file, from flags or from a few questions.

use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::Path;

use cloud::guard::Refusal;
use miette::{Context, IntoDiagnostic};
use serde::Serialize;
use site::config::{self, Architecture};
use site::init::{Answers, QUESTIONS, Question};
use surface::exit::Exit;
use surface::flags::{Flags, InitFlags};
use surface::{ask, output};

/// BOUND: whoever mistypes more often wants to look something up first.
const TRIES: usize = 3;

/// What the other processor needs.
const ARM64: &str = "the controller is built for x86_64, this machine's processor. For arm64, which AWS bills a fifth lower: \
    `rustup target add aarch64-unknown-linux-gnu`, `pip install cargo-zigbuild`, and `architecture = \"arm64\"` under [controller]";

/// What was written.
#[derive(Serialize)]
struct Written<'a> {
    file: &'a Path,
}

pub async fn run(flags: &Flags, init: &InitFlags) -> miette::Result<Exit> {
    if init.json_schema {
        let schema = config::schema();
        return output::print_closed(flags.format, &schema, |out| {
            serde_json::to_writer_pretty(&mut *out, &schema)?;
            writeln!(out)
        });
    }
    let file = flags.site.as_path();
    // Before anything is asked: nobody answers seven questions in vain.
    if file.exists() && !init.force {
        return Err(is_there(file).into());
    }
    let mut answers = given(init)?;
    complete(&mut answers).await?;
    let architecture = package::own_architecture();
    answers.build_for(architecture);
    let text = answers.site_file()?;
    write(file, &text, init.force)?;
    output::note(format_args!(
        "wrote `{}`; next: `cargo xtask check` checks it, and `cargo xtask doctor` checks what it needs",
        file.display()
    ));
    if architecture != Architecture::Arm64 {
        output::note(ARM64);
    }
    output::print(flags.format, &Written { file }, |out| writeln!(out, "{}", file.display()))
}

/// What the command line answers.
fn given(init: &InitFlags) -> miette::Result<Answers> {
    let mut answers = Answers::default();
    for question in &QUESTIONS {
        for text in init.answers(question.flag) {
            answers.take(question, text)?;
        }
    }
    Ok(answers)
}

/// Asks for the rest, if there is somebody to ask and something to ask for.
async fn complete(answers: &mut Answers) -> miette::Result<()> {
    if answers.missing().next().is_none() {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        let flags = answers.missing().map(|question| format!("`--{}`", question.flag));
        return Err(miette::miette!(
            code = "usage",
            help = "such as `cargo xtask init --name shop --hostname shop.example.com --zone Z0123456789ABCDEFGHIJ`",
            "this is not a terminal, and these flags are missing: {}",
            flags.collect::<Vec<_>>().join(", ")
        ));
    }
    for question in &QUESTIONS {
        if !answers.has(question) {
            answer(answers, question).await?;
        }
    }
    Ok(())
}

async fn answer(answers: &mut Answers, question: &'static Question) -> miette::Result<()> {
    let told = match (question.default, question.open) {
        (Some(default), _) => format!("{} [{default}]: ", question.words),
        (None, true) => format!("{} [none]: ", question.words),
        (None, false) => format!("{}: ", question.words),
    };
    for tried in 1..=TRIES {
        let text = ask::text(told.clone()).await?;
        if text.is_empty() && (question.open || question.default.is_some()) {
            return Ok(());
        }
        match answers.take(question, &text) {
            Ok(()) => return Ok(()),
            Err(error) if tried == TRIES => return Err(error.into()),
            Err(error) => output::note(&error.hint),
        }
    }
    Ok(())
}

fn write(file: &Path, text: &str, force: bool) -> miette::Result<()> {
    let opened = if force { File::create(file) } else { File::create_new(file) };
    let written = opened.and_then(|mut opened| opened.write_all(text.as_bytes()));
    match written {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(is_there(file).into()),
        written => written
            .into_diagnostic()
            .wrap_err_with(|| format!("cannot write the site file: `{}`", file.display())),
    }
}

fn is_there(file: &Path) -> Refusal {
    Refusal {
        why: format!("`{}` exists already", file.display()),
        hint: "`--force` overwrites it; `--site` names another file".to_owned(),
    }
}
