//! The six named sites: what each gives to CloudFormation. The templates are in the repository already, so parameters and the
//! list of stacks are enough. `UPDATE_EXPECT=1 cargo test --package site golden::` writes them anew.

#![expect(clippy::panic, reason = "helpers of tests fail by panicking")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use check::check;
use expect_test::expect_file;
use site::config::Config;
use site::model::Site;
use site::render::render;

/// From the cheapest to the one with every option.
pub const SITES: [&str; 6] =
    ["minimal", "tutorial", "private", "warm", "active-active", "everything"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sites")
}

/// One of the six.
pub fn named(name: &str) -> Site {
    let config = Config::load(&folder().join(format!("{name}.toml")));
    Site::new(config.unwrap_or_else(|error| panic!("{name}: {error}")))
}

fn names(folder: &Path, is_wanted: impl Fn(&Path) -> bool) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).expect("a folder of the project can be read");
    let paths = entries.map(|entry| entry.expect("an entry can be read").path());
    let wanted = paths.filter(|path| is_wanted(path));
    wanted.map(|path| path.file_name().unwrap_or_default().display().to_string()).collect()
}

fn is_template(file: &str) -> bool {
    Path::new(file).extension().is_some_and(|extension| extension == "yaml")
}

/// Goal: a change of what a site is given is seen in review. Method: the rendered files of each site beside the site files.
#[test]
fn each_named_site_renders_to_its_golden_files() {
    for name in SITES {
        let rendered = render(&named(name));
        let rendered: Vec<_> = rendered.iter().filter(|(file, _)| !is_template(file)).collect();
        let golden = folder().join("rendered").join(name);
        std::fs::create_dir_all(&golden).expect("the folder can be made");
        for (file, text) in &rendered {
            expect_file![golden.join(file)].assert_eq(text);
        }
        let there = names(&golden, |_| true);
        let meant = rendered.iter().map(|(file, _)| (*file).clone()).collect();
        assert_eq!(there, meant, "sites/rendered/{name} holds what the site does not render to");
    }
}

#[test]
fn each_named_site_passes_check() {
    for name in SITES {
        let findings: Vec<String> = check(&named(name)).iter().map(ToString::to_string).collect();
        assert!(findings.is_empty(), "{name}: {}", findings.join("\n"));
    }
}

#[test]
fn every_site_file_is_one_of_the_six() {
    let files = names(&folder(), |path| path.extension().is_some_and(|found| found == "toml"));
    assert_eq!(files, SITES.map(|name| format!("{name}.toml")).into());
}
