//! What most verbs begin with.

use std::sync::Arc;

use infra_lib::cloud::{Aws, Cloud, CloudSettings};
use infra_lib::config::Config;
use infra_lib::model::Site;

use crate::flags::Flags;

/// Reads the site file.
pub fn load(flags: &Flags) -> miette::Result<Site> {
    Ok(Site::new(Config::load(&flags.site)?))
}

/// The account that the environment names. `AWS_ENDPOINT_URL` leads to an emulator, as everywhere else.
pub async fn cloud() -> Arc<dyn Cloud> {
    Arc::new(Aws::connect(&CloudSettings::default()).await)
}
