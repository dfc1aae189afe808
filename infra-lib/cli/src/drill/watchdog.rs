//! `drill watchdog`: the process that puts back what a killed drill has changed. The drill starts it; nobody else does.

use std::io::{self, Write};

use cloud::guard;
use drill::restore::watchdog::{self, READY};
use miette::{Context, IntoDiagnostic};
use surface::exit::Exit;
use surface::flags::{Flags, WatchdogFlags};
use surface::interrupt::Interrupts;
use surface::output;
use tokio::task::spawn_blocking;

use crate::site;

pub async fn run(flags: &Flags, watched: &WatchdogFlags) -> miette::Result<Exit> {
    watchdog::detach().into_diagnostic().wrap_err("cannot leave the drill's session")?;
    // Never asked for: what ends the drill must not end the watchdog before the drill is gone.
    let _deaf = Interrupts::listen();
    let ready = || {
        let mut out = io::stdout().lock();
        writeln!(out, "{READY}").and_then(|()| out.flush()).ok();
    };
    let site = site::load(flags)?;
    // Anew for each try: a new sign-in is seen by new clients alone.
    let connect = async || {
        let cloud = site::cloud(&site).await;
        let permit = guard::admit_in_outage(cloud.as_ref(), &site).await?;
        Ok((cloud, permit))
    };
    let tell = |words| output::note(words);
    // The drill holds the other end and writes nothing into it: it ends when the drill does.
    let ended = async {
        spawn_blocking(|| io::copy(&mut io::stdin().lock(), &mut io::sink())).await.ok();
    };
    watchdog::watch(&watched.file, ended, ready, connect, tell).await?;
    Ok(Exit::Done)
}
