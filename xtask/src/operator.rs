//! The operator's verbs: cargo builds their program, and this process becomes it, with the same words, terminal and signals.

use std::env::{args_os, var_os};
use std::os::unix::process::CommandExt as _;
use std::path::Path;

use miette::{Context as _, IntoDiagnostic as _};

/// Returns only if there is no cargo.
pub fn replace_this_process() -> miette::Report {
    let mut cargo = machine::cargo();
    // By the program's name and not by its package's, as the alias: so cargo selects all members and their features, and
    // `cargo test` finds the crates built.
    cargo.args(["run", "--bin", "pilotlight"]);
    // Of the checkout that cargo runs this program for: it may have been compiled in another one, and copied.
    let package = var_os("CARGO_MANIFEST_DIR");
    if let Some(root) = package.as_deref().and_then(|folder| Path::new(folder).parent()) {
        cargo.arg("--manifest-path").arg(root.join("Cargo.toml"));
    }
    cargo.arg("--").args(args_os().skip(1));
    let failed = Err::<(), _>(cargo.exec()).into_diagnostic();
    let failed = failed.wrap_err("cannot start cargo, which builds this verb's program");
    failed.expect_err("it has failed")
}
