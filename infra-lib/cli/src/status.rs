//! `status`: how the site is.

mod course;
mod drift;
pub mod text;

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use ::site::model::Site;
use cloud::guard::Glance;
use cloud::{Cloud, guard};
use machine::clock;
use miette::{Context, IntoDiagnostic};
use operate::status;
use operate::status::{READ_MAX, Reader, Status};
use serde::Serialize;
use surface::exit::Exit;
use surface::flags::{Flags, Format, StatusFlags};
use surface::output;
use surface::sheet::{Cell, Sheet};

use crate::site;

/// BOUND: the controller decides once a minute and servers come one by one; AWS throttles whoever asks all the time.
const REDRAW: Duration = Duration::from_secs(5);
/// What a failover needs is read once a minute: Route 53 takes five calls a second from an account.
const NEEDS_EVERY: u8 = 12;
/// Home, then clear to the end.
const CLEAR: &str = "\x1b[H\x1b[2J";

pub async fn run(flags: &Flags, status: &StatusFlags) -> miette::Result<Exit> {
    let site = site::load(flags)?;
    site::note_drilled(flags, &site);
    let cloud = site::cloud(&site).await;
    if status.drift {
        return drift(flags, cloud.as_ref(), &site).await;
    }
    if status.watch {
        return watch(flags, cloud.as_ref(), &site).await;
    }
    let (odd, reader) = open(cloud.as_ref(), &site).await?;
    let (status, needs) = futures::join!(reader.look(clock::now()), reader.needs());
    let status = Status { needs: Some(needs), ..status };
    if status.is_absent() {
        return Err(absent(&status));
    }
    let shown = Shown { status: &status, not_this_site: &odd };
    let exit = output::print(flags.format, &shown, |out| shown.write(out))?;
    if !odd.is_empty() {
        return Ok(Exit::Drifted);
    }
    Ok(if status.is_unknown() { Exit::Unread } else { exit })
}

/// Reads the stacks once: in what the live site is not the one of the site file, and how it is.
async fn open<'a>(
    cloud: &'a dyn Cloud,
    site: &'a Site,
) -> miette::Result<(Vec<String>, Reader<'a>)> {
    let seen = Glance::read(cloud, site, READ_MAX).await;
    let odd = seen.oddities()?;
    Ok((odd, Reader::of(cloud, site, &seen.into_views())?))
}

/// A status, and in what the live site is not the one of the site file.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    status: &'a Status,
    not_this_site: &'a [String],
}

impl Shown<'_> {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let sheet = Sheet::output();
        let title = "NOT THE SITE OF THE SITE FILE:";
        for what in self.not_this_site {
            let cells = [Cell { text: title, width: title.len() + 1, style: sheet.paint.bad() }];
            sheet.row(out, 0, &cells, what)?;
        }
        text::write(out, &sheet, self.status)
    }
}

fn absent(status: &Status) -> miette::Report {
    let stacks = status.stacks.len();
    miette::miette!(
        code = "status::absent",
        help = "`cargo xtask deploy` deploys it; if it should exist, you are signed in to another account: \
                `aws sts get-caller-identity`",
        "the site is not deployed: none of the {stacks} stacks of `{}` exists",
        status.site
    )
}

/// Shows it again and again. A reader that goes away ends it; so does Ctrl-C, with its own exit code.
async fn watch(flags: &Flags, cloud: &dyn Cloud, site: &Site) -> miette::Result<Exit> {
    let redraws =
        io::stdout().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
    let mut frames = (0..NEEDS_EVERY).cycle();
    let mut needs = None;
    loop {
        let (odd, reader) = open(cloud, site).await?;
        if frames.next() == Some(0) {
            needs = Some(reader.needs().await);
        }
        let status = Status { needs: needs.clone(), ..reader.look(clock::now()).await };
        let drilled = site::drilled(flags, site);
        let shown = Shown { status: &status, not_this_site: &odd };
        let written = frame(flags.format, redraws, drilled.as_deref(), &shown);
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(Exit::Done),
            written => written.into_diagnostic().wrap_err("cannot write to standard output")?,
        }
        tokio::time::sleep(REDRAW).await;
    }
}

/// One screen: in place on a terminal, else one block or one line of JSON after the other.
fn frame(
    format: Format,
    redraws: bool,
    drilled: Option<&str>,
    shown: &Shown<'_>,
) -> io::Result<()> {
    let mut frame = Vec::new();
    match format {
        Format::Json => {
            serde_json::to_writer(&mut frame, shown)?;
            writeln!(frame)?;
        }
        Format::Text => {
            if redraws {
                frame.extend(CLEAR.as_bytes());
                // What was said before is cleared.
                if let Some(drilled) = drilled {
                    writeln!(frame, "! {drilled}")?;
                }
            }
            shown.write(&mut frame)?;
            writeln!(frame)?;
        }
    }
    let mut out = io::stdout().lock();
    out.write_all(&frame)?;
    out.flush()
}

async fn drift(flags: &Flags, cloud: &dyn Cloud, site: &Site) -> miette::Result<Exit> {
    let odd = guard::oddities(cloud, site).await?;
    let mut drift = status::drift::read(cloud, site, clock::now()).await?;
    drift.is_another_site(odd);
    let exit =
        output::print(flags.format, &drift, |out| drift::write(out, &Sheet::output(), &drift))?;
    // Whoever runs this on a schedule must not take silence for agreement.
    Ok(match (drift.unexpected.is_empty(), drift.unknown.is_empty()) {
        (false, _) => Exit::Drifted,
        (true, false) => Exit::Unread,
        (true, true) => exit,
    })
}
