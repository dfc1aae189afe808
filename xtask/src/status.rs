//! `status`: how the site is.

use infra_lib::{clock, status};

use crate::exit::Exit;
use crate::flags::Flags;
use crate::site;
use crate::ui::output;

pub async fn run(flags: &Flags) -> miette::Result<Exit> {
    let site = site::load(flags)?;
    let cloud = site::cloud().await;
    let status = status::read(cloud.as_ref(), &site, clock::now()).await?;
    output::print(flags.format, &status, |out| write!(out, "{status}"))
}
