//! Flags of the verbs that only look: `doctor`, `render`, `check`, `diagram`.

use std::path::PathBuf;

use clap::Args;

/// Flags of `doctor`.
#[derive(Debug, Args)]
pub struct DoctorFlags {
    /// Say in one line how many instances the standby can launch now, as far as AWS tells, and what nobody can know. It asks
    /// the standby's region alone. Exit code 1 if a failover would bring no servers, or too few.
    #[arg(long)]
    pub standby: bool,
}

/// Flags of `render`.
#[derive(Debug, Args)]
pub struct RenderFlags {
    /// Folder to write the files into; without it they are printed.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// Flags of `check`. Without any it checks the site.
#[derive(Debug, Args)]
pub struct CheckFlags {
    /// Check this CloudFormation template instead, YAML or JSON, with the defaults of its parameters.
    #[arg(long, value_name = "FILE", requires = "region", conflicts_with_all = ["rules", "explain", "replacements"])]
    pub template: Option<PathBuf>,
    /// Region in which that template is deployed.
    #[arg(long, value_name = "REGION", requires = "template")]
    pub region: Option<String>,
    /// List every rule.
    #[arg(long, conflicts_with_all = ["explain", "replacements"])]
    pub rules: bool,
    /// Show one rule: what it finds, and why that is wrong.
    #[arg(long, value_name = "RULE", conflicts_with = "replacements")]
    pub explain: Option<String>,
    /// Show for each parameter what a change of it replaces instead of updating, and what else it does to a running site.
    #[arg(long)]
    pub replacements: bool,
}

/// Flags of `diagram`. The picture is SVG; `--format json` prints what the picture shows.
#[derive(Debug, Args)]
pub struct DiagramFlags {
    /// Write Mermaid text instead of SVG.
    #[arg(long)]
    pub mermaid: bool,
    /// File to write the picture into; without it the picture is printed.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}
