//! What most verbs begin with.

use std::sync::Arc;

use cloud::guard::Refusal;
use cloud::{Aws, Cloud, CloudSettings};
use drill::restore;
use site::config::Config;
use site::model::{Site, Stack};
use surface::flags::Flags;
use surface::output;

/// Reads the site file.
pub fn load(flags: &Flags) -> miette::Result<Site> {
    Ok(Site::new(Config::load(&flags.site)?))
}

/// Refuses to change a site while a drill of it is running or was left unfinished: its restore file lies beside the site file.
pub fn must_not_be_drilled(flags: &Flags, site: &Site) -> miette::Result<()> {
    let Some(why) = drilled(flags, site) else { return Ok(()) };
    let hint = "run `cargo xtask drill restore` first, unless a drill is still running; `--force` goes ahead anyway".to_owned();
    Err(Refusal { why, hint }.into())
}

/// What there is to say about a drill of the site that is running or was left unfinished.
pub fn drilled(flags: &Flags, site: &Site) -> Option<String> {
    restore::unfinished(&restore::path(&flags.site, site))
}

/// Says it on standard error, before anything else.
pub fn note_drilled(flags: &Flags, site: &Site) {
    if let Some(what) = drilled(flags, site) {
        output::note(format_args!(
            "! {what}\n  if it is not running any more: `cargo xtask drill restore`"
        ));
    }
}

/// Every stack that may stand: the site's, and those of options that are off by now.
pub fn every_stack(site: &Site) -> Vec<Stack> {
    site.stacks.iter().chain(&site.off).cloned().collect()
}

/// The account that the environment names, asked for in the standby's region. `AWS_ENDPOINT_URL` leads to an emulator, as
/// everywhere else.
pub async fn cloud(site: &Site) -> Arc<dyn Cloud> {
    Arc::new(aws(site).await)
}

/// The same, to be asked what the account has too.
pub async fn aws(site: &Site) -> Aws {
    Aws::connect(&CloudSettings::default(), site.standby_region()).await
}
