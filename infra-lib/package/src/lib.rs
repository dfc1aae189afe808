//! Builds the Lambda and packs it so that the same program always gives the same bytes.

#![warn(missing_docs, clippy::missing_errors_doc)]

mod glibc;
mod toolchain;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde::Serialize;
use sha2::{Digest, Sha256};
use tokio::process::Command;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use site::config::{Architecture, Config};
use site::model::Code;
use site::names::hexadecimal;

use self::toolchain::Toolchain;
pub use self::toolchain::own_architecture;
use machine::{target, workspace};

/// A zip that Lambda can run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Package {
    /// The file.
    pub file: PathBuf,
    /// SHA-256 of its content, hexadecimal.
    pub hash: String,
    /// Units: bytes.
    pub size: u64,
}

/// A Lambda that could not be packaged.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum PackageError {
    /// The standard library for the processor is not installed.
    #[error(
        "Rust cannot build for {architecture} here: the standard library of `{target}` is not installed"
    )]
    #[diagnostic(
        code("package::target"),
        help(
            "install it with `rustup target add {target}`, or set `architecture = \"{}\"` under [controller]",
            own_architecture().as_str()
        )
    )]
    Target {
        /// The processor.
        architecture: &'static str,
        /// The Rust target.
        target: &'static str,
    },
    /// Rust's library is there, and what links it or compiles C is not.
    #[error("this machine cannot build for {architecture}: no {what} for `{target}` works: {said}")]
    #[diagnostic(code("package::toolchain"), help("{help}"))]
    Toolchain {
        /// The processor.
        architecture: &'static str,
        /// The Rust target.
        target: &'static str,
        /// What does not work.
        what: &'static str,
        /// What it said.
        said: String,
        /// The commands that bring it.
        help: String,
    },
    /// The program needs a newer C library than the runtime has.
    #[error(
        "the Lambda was built against glibc {needed}, and `provided.al2023` has {runtime}: it would not start"
    )]
    #[diagnostic(
        code("package::glibc"),
        help(
            "`pip install cargo-zigbuild`, which builds against the runtime's own, then run the same command again; or build on \
             a system that is not newer, such as Amazon Linux 2023 or Debian 12"
        )
    )]
    Glibc {
        /// What the program needs.
        needed: String,
        /// What the runtime has.
        runtime: String,
    },
    /// The program and the checkout are not one another's: the Lambda of another one would be deployed.
    #[error(
        "this program was compiled from `{}`, and cargo runs it for `{}`: the Lambda of the one would go with the templates of the other",
        compiled.display(),
        running.display()
    )]
    #[diagnostic(
        code("refused"),
        help(
            "compile it here: `cargo clean --package site --package machine`, then run the same command again; nothing was built"
        )
    )]
    Checkout {
        /// Where it was compiled.
        compiled: PathBuf,
        /// Where it runs.
        running: PathBuf,
    },
    /// The compiler refused.
    #[error("cargo could not build the Lambda: {status}")]
    #[diagnostic(
        code("package::build"),
        help("what cargo says is above; `cargo check -p failover` repeats it")
    )]
    Build {
        /// How cargo ended.
        status: std::process::ExitStatus,
    },
    /// A program could not be started.
    #[error("cannot start `{program}`")]
    #[diagnostic(code("package::start"), help("install Rust from https://rustup.rs"))]
    Start {
        /// The program.
        program: &'static str,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// A file could not be read or written.
    #[error("cannot {action} `{}`", path.display())]
    #[diagnostic(code("package::file"))]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The zip could not be written.
    #[error("cannot write the zip")]
    #[diagnostic(code("package::zip"))]
    Zip(#[from] zip::result::ZipError),
}

impl Package {
    /// Where it goes: the key carries the content's hash, because CloudFormation compares keys and not contents.
    #[must_use]
    pub fn code(&self) -> Code {
        Code { key: format!("controller/{}.zip", self.hash), file: self.file.clone() }
    }
}

/// The folder of the workspace, if cargo runs this program for the one that it was compiled from. A copy of a checkout together
/// with its `target` is up to date for cargo, and knows only where the original lies.
///
/// # Errors
/// [`PackageError::Checkout`] if it is another one.
pub fn checkout() -> Result<PathBuf, PackageError> {
    let running = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    checkout_of(workspace(), Path::new(site::COMPILED_FROM), running.as_deref())
}

/// `compiled` is the workspace that this crate was compiled in, `templates` the folder of the crate that holds the templates.
fn checkout_of(
    compiled: PathBuf,
    templates: &Path,
    package: Option<&Path>,
) -> Result<PathBuf, PackageError> {
    // Run without cargo, nobody says for which checkout.
    let Some(package) = package else { return Ok(compiled) };
    let is_root = |folder: &&Path| folder.join("Cargo.lock").is_file();
    let running = package.ancestors().find(is_root).unwrap_or(package);
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let running = real(running);
    if real(&compiled) != running {
        return Err(PackageError::Checkout { compiled, running });
    }
    if !real(templates).starts_with(&running) {
        return Err(PackageError::Checkout { compiled: templates.to_owned(), running });
    }
    Ok(compiled)
}

/// What goes into the zip beside the program.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beside<'a> {
    /// PEM text of the roots that the function trusts beside Amazon's.
    pub ca_bundle: Option<&'a str>,
}

impl<'a> Beside<'a> {
    /// What the site file names.
    #[must_use]
    pub fn of(config: &'a Config) -> Self {
        Self { ca_bundle: config.tls.ca_bundle.as_deref() }
    }
}

/// Where the program will run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runs {
    /// In Lambda's runtime, with the C library that this has.
    AtLambda,
    /// On this machine, in a drill.
    Here,
}

/// Builds the Lambda for a processor and packs it. The compiler's messages go to standard error.
///
/// # Errors
/// [`PackageError`]: what is missing, or what could not be written.
pub async fn package(
    architecture: Architecture,
    beside: Beside<'_>,
    runs: Runs,
) -> Result<Package, PackageError> {
    let workspace = checkout()?;
    let toolchain = Toolchain::find(architecture).await?;
    let program = build(&workspace, architecture, toolchain).await?;
    if runs == Runs::AtLambda {
        must_start(&program)?;
    }
    pack(&program, beside, &target().join("lambda/failover.zip"))
}

/// Whether this machine builds the Lambda for a processor: one small program is compiled and linked, in C and in Rust.
///
/// # Errors
/// [`PackageError::Target`] or [`PackageError::Toolchain`] with what is missing, [`PackageError::Start`] without Rust.
pub async fn try_out(architecture: Architecture) -> Result<(), PackageError> {
    Toolchain::find(architecture).await?.try_out(architecture).await
}

/// Packs a program as `bootstrap`, the name that Lambda starts.
///
/// # Errors
/// [`PackageError::File`] or [`PackageError::Zip`].
pub fn pack(program: &Path, beside: Beside<'_>, file: &Path) -> Result<Package, PackageError> {
    let content = std::fs::read(program).map_err(failed("read", program))?;
    // A fixed time and fixed rights: the same program always gives the same hash.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        .last_modified_time(DateTime::default())
        .unix_permissions(0o755);
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("bootstrap", options)?;
    zip.write_all(&content).map_err(failed("compress", program))?;
    if let Some(roots) = beside.ca_bundle {
        zip.start_file(CA_BUNDLE, options.unix_permissions(0o644))?;
        zip.write_all(roots.as_bytes()).map_err(failed("compress", Path::new(CA_BUNDLE)))?;
    }
    let bytes = zip.finish()?.into_inner();
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(failed("make the folder of", file))?;
    }
    // Another run may be reading the one that is there.
    site::private::write(file, &bytes).map_err(failed("write", file))?;
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    Ok(Package { file: file.to_owned(), hash: hexadecimal(&Sha256::digest(&bytes)), size })
}

/// Name of the roots in the zip, which the controller's template repeats: Lambda unpacks it to `/var/task`.
const CA_BUNDLE: &str = "ca-bundle.pem";

async fn build(
    workspace: &Path,
    architecture: Architecture,
    toolchain: Toolchain,
) -> Result<PathBuf, PackageError> {
    let (mut command, folder) = toolchain.command(architecture).await;
    command.args(["--profile", "lambda", "--package", "failover"]).current_dir(workspace);
    let status = command
        .stdout(Stdio::null())
        .status()
        .await
        .map_err(|source| PackageError::Start { program: "cargo", source })?;
    if !status.success() {
        return Err(PackageError::Build { status });
    }
    Ok(folder.map_or_else(target, |folder| target().join(folder)).join("lambda/failover"))
}

/// Refuses a program that the runtime's C library is too old for: it would not start, and that would be found in the outage.
fn must_start(program: &Path) -> Result<(), PackageError> {
    let content = std::fs::read(program).map_err(failed("read", program))?;
    let runtime = glibc::OF_THE_RUNTIME;
    match glibc::needed(&content) {
        Some(needed) if needed > runtime => {
            Err(PackageError::Glibc { needed: needed.to_string(), runtime: runtime.to_string() })
        }
        Some(_) | None => Ok(()),
    }
}

async fn rustc(arguments: &[&str]) -> Result<String, PackageError> {
    let command = Command::new("rustc").args(arguments).kill_on_drop(true).output().await;
    let output = command.map_err(|source| PackageError::Start { program: "rustc", source })?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> PackageError {
    let path = path.to_owned();
    move |source| PackageError::File { action, path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_was_compiled_in_another_checkout_builds_nothing() {
        let (here, site) = (workspace(), Path::new(site::COMPILED_FROM));
        let cli = here.join("infra-lib/cli");
        let of = |templates: &Path, package: Option<&Path>| {
            checkout_of(here.clone(), templates, package)
        };
        assert_eq!(of(site, Some(&cli)).expect("it is this one"), here);
        assert_eq!(of(site, None).expect("nobody says otherwise"), here);
        let copy = tempfile::tempdir().expect("a folder");
        let error = of(site, Some(&copy.path().join("infra-lib/cli"))).expect_err("refused");
        assert!(error.to_string().contains(&copy.path().display().to_string()), "{error}");
        // The crate with the templates was left as it was when the others were compiled again.
        let error = of(copy.path(), Some(&cli)).expect_err("refused");
        assert!(error.to_string().contains(&copy.path().display().to_string()), "{error}");
        // What the hint tells to clean is there.
        let help = miette::Diagnostic::help(&error).expect("a hint").to_string();
        let packages: Vec<_> = help.split("--package ").skip(1).collect();
        assert_eq!(packages.len(), 2, "{help}");
        for named in packages {
            let name = named.split(['`', ' ']).next().unwrap_or_default();
            assert!(here.join("infra-lib").join(name).join("Cargo.toml").is_file(), "{name}");
        }
    }
}
