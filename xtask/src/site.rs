//! What most verbs begin with.

use std::sync::Arc;

use infra_lib::cloud::{Aws, Cloud, CloudSettings};
use infra_lib::config::Config;
use infra_lib::model::{Site, Stack};

use crate::flags::Flags;

/// Reads the site file.
pub fn load(flags: &Flags) -> miette::Result<Site> {
    Ok(Site::new(Config::load(&flags.site)?))
}

/// Every stack that may stand: the site's, and those of options that are off by now.
pub fn every_stack(site: &Site) -> Vec<Stack> {
    site.stacks.iter().chain(&site.off).cloned().collect()
}

/// The account that the environment names. `AWS_ENDPOINT_URL` leads to an emulator, as everywhere else.
pub async fn cloud() -> Arc<dyn Cloud> {
    Arc::new(Aws::connect(&CloudSettings::default()).await)
}
