//! The verbs of whoever changes this project. They compile nothing of AWS's SDK.

use clap::{Args, Subcommand};

/// What a contributor does.
#[derive(Debug, Subcommand)]
pub enum ContributorVerb {
    /// Run every check that a change to this project must pass
    Test,
    /// Check the rules of this repository: imports, places of code, sizes, links
    Tidy,
    /// Check the rules on every history within stated bounds
    Prove(ProveFlags),
}

/// Flags of `prove`. Without any it runs the large searches one after the other.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct ProveFlags {
    /// Run only this search; may be repeated.
    #[arg(long, value_name = "NAME")]
    pub scope: Vec<String>,
    /// List the searches.
    #[arg(long)]
    pub list: bool,
    /// Run one long random history instead, from this seed.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Search for counterexamples to rules that are broken on purpose; each must be refuted.
    #[arg(long)]
    pub mutants: bool,
}
