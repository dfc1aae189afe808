//! `cost`: what the site costs a month, and what it would cost otherwise.

use std::io::{self, IsTerminal};

use ::site::model::Site;
use cost::{Prices, Report, needed};
use operate::price_list;
use surface::exit::Exit;
use surface::flags::{CostFlags, Flags};
use surface::output;
use surface::sheet::Sheet;
use surface::ticker::Ticker;

use crate::site;

pub async fn run(flags: &Flags, cost: &CostFlags) -> miette::Result<Exit> {
    let site = site::load(flags)?;
    let mut prices = Prices::built_in();
    if cost.live {
        refresh(&mut prices, &site).await?;
    }
    // The operator's own file last: whoever gives a price means it.
    if let Some(file) = &cost.prices {
        prices = prices.overridden_by(file)?;
    }
    let report = Report::new(&site, &prices, cost.month_hours)?;
    let width = io::stdout().is_terminal().then(|| Sheet::output().width_max());
    output::print(flags.format, &report, |out| match width {
        Some(width) => write!(out, "{report:width$}"),
        None => write!(out, "{report}"),
    })
}

async fn refresh(prices: &mut Prices, site: &Site) -> miette::Result<()> {
    let needed = needed(site)?;
    let ticker = Ticker::begin(&format!("asking AWS for {} prices", needed.len()));
    let aws = site::aws(site).await;
    let refreshed = price_list::refresh(prices, &needed, &aws).await?;
    ticker.end(&format!("AWS answered {} of {} prices", refreshed.told, needed.len()));
    for (listed, why) in &refreshed.kept {
        output::note(format_args!("kept as built in: {listed}: {why}"));
    }
    Ok(())
}
