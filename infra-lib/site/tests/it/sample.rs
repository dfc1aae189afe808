//! The site that the tests look at.

use site::config::{Config, MINIMAL};
use site::model::Site;
use site::names::Region;

pub fn site() -> Site {
    site_with("")
}

/// The smallest site file with more tables after it.
pub fn site_with(more: &str) -> Site {
    let text = format!("{MINIMAL}\n{more}");
    Site::new(Config::from_toml(&text, "pilotlight.toml").expect("the sample is a valid site file"))
}

pub fn region(text: &str) -> Region {
    Region::parse(text).expect("a region")
}
