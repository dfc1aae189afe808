//! With what the Lambda is built: this machine's own compiler and linker, those of another processor, or `cargo-zigbuild`.

use std::ffi::OsString;
use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use super::{PackageError, failed, glibc, rustc};
use site::config::Architecture;

/// What builds for a processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Toolchain {
    /// This machine's compiler and linker: the processor and the system are the same.
    Own,
    /// A compiler and a linker for the other processor.
    Cross,
    /// `cargo-zigbuild`, which brings both, and the C library of the runtime.
    Zig,
}

/// A program that needs everything that the Lambda needs, a C compiler among it: ring is partly C.
const TRIAL: &str = "unsafe extern \"C\" { fn pilotlight_trial() -> i32; }\n\
    fn main() { std::process::exit(unsafe { pilotlight_trial() }) }\n";
const TRIAL_C: &str = "#include <stdint.h>\n#include <string.h>\n\
    int32_t pilotlight_trial(void) { return (int32_t) strlen(\"\"); }\n";
const TRIAL_BUILD: &str = "fn main() {\n\
    println!(\"cargo::rustc-link-arg-bins={}/trial.o\", env!(\"CARGO_MANIFEST_DIR\"));\n}\n";
const TRIAL_MANIFEST: &str = "[package]\nname = \"trial\"\nversion = \"0.0.0\"\nedition = \"2024\"\nbuild = \"build.rs\"\n\
    [[bin]]\nname = \"trial\"\npath = \"main.rs\"\n[workspace]\n";

impl Toolchain {
    /// What there is for a processor on this machine.
    ///
    /// # Errors
    /// [`PackageError::Target`] if Rust's own library for it is not installed, [`PackageError::Start`] without Rust.
    pub(super) async fn find(architecture: Architecture) -> Result<Self, PackageError> {
        let target = architecture.target();
        let is_own = rustc(&["--print", "host-tuple"]).await?.trim() == target;
        let libraries = rustc(&["--print", "target-libdir", "--target", target]).await?;
        if !is_own && !Path::new(libraries.trim()).is_dir() {
            return Err(PackageError::Target { architecture: architecture.as_str(), target });
        }
        Ok(match (is_own, starts("cargo-zigbuild").await) {
            (_, true) => Self::Zig,
            (true, false) => Self::Own,
            (false, false) => Self::Cross,
        })
    }

    /// The build command of cargo, up to its own arguments, and the folder under the target folder that the build is put into.
    pub(super) async fn command(
        self,
        architecture: Architecture,
    ) -> (Command, Option<&'static str>) {
        let target = architecture.target();
        let mut command = Command::from(machine::cargo());
        command.stdin(Stdio::null()).kill_on_drop(true);
        match self {
            Self::Own => {
                command.arg("build");
                return (command, None);
            }
            Self::Cross => {
                command.args(["build", "--target", target]);
                let (linker, compiler) = (linker_variable(target), cross_compiler(architecture));
                if std::env::var_os(&linker).is_none() && starts(compiler).await {
                    command.env(linker, compiler);
                }
            }
            Self::Zig => {
                command.args(["zigbuild", "--target"]);
                command.arg(format!("{target}.{}", glibc::OF_THE_RUNTIME));
            }
        }
        (command, Some(target))
    }

    /// Compiles and links one small program for the processor, in a folder of its own.
    ///
    /// # Errors
    /// [`PackageError::Toolchain`] with what is missing; [`PackageError::File`] if there is no room for it.
    pub(super) async fn try_out(self, architecture: Architecture) -> Result<(), PackageError> {
        // Where the Lambda is built, so that the same settings of cargo count.
        let place = super::target();
        std::fs::create_dir_all(&place).map_err(failed("make", &place))?;
        let folder = tempfile::tempdir_in(&place).map_err(failed("make a folder in", &place))?;
        let files = [
            ("Cargo.toml", TRIAL_MANIFEST),
            ("build.rs", TRIAL_BUILD),
            ("main.rs", TRIAL),
            ("trial.c", TRIAL_C),
        ];
        for (name, text) in files {
            let file = folder.path().join(name);
            std::fs::write(&file, text).map_err(failed("write", &file))?;
        }
        let missing = |what, said: String| PackageError::Toolchain {
            architecture: architecture.as_str(),
            target: architecture.target(),
            what,
            said,
            help: advice(architecture),
        };
        let mut compile = self.compiler(architecture);
        compile.args(["-c", "trial.c", "-o", "trial.o"]).current_dir(folder.path());
        run(compile).await.map_err(|said| missing("C compiler", said))?;
        let (mut link, _) = self.command(architecture).await;
        link.arg("--quiet").current_dir(folder.path());
        link.env("CARGO_TARGET_DIR", folder.path().join("target"));
        run(link).await.map_err(|said| missing("linker", said))
    }

    /// The C compiler as ring's build script finds it.
    ///
    /// Source: the crate `cc`, "External configuration via environment variables".
    fn compiler(self, architecture: Architecture) -> Command {
        let target = architecture.target();
        let mut command = if self == Self::Zig {
            let mut zig = Command::new("cargo-zigbuild");
            let os = target.replace("-unknown", "");
            zig.args(["zig", "cc", "--", "-target"]).arg(format!("{os}.{}", glibc::OF_THE_RUNTIME));
            zig
        } else {
            let own = if self == Self::Own { "cc" } else { cross_compiler(architecture) };
            let named = [format!("CC_{target}"), format!("CC_{}", target.replace('-', "_"))];
            let named = named.iter().map(String::as_str).chain(["TARGET_CC", "CC"]);
            let chosen: Option<OsString> = named.into_iter().find_map(std::env::var_os);
            Command::new(chosen.unwrap_or_else(|| own.into()))
        };
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }
}

const fn cross_compiler(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::Arm64 => "aarch64-linux-gnu-gcc",
        Architecture::X86_64 => "x86_64-linux-gnu-gcc",
    }
}

/// Cargo's variable for the linker of a target.
fn linker_variable(target: &str) -> String {
    format!("CARGO_TARGET_{}_LINKER", target.replace('-', "_").to_uppercase())
}

/// The processor that this machine builds for without another toolchain: its own, on Linux. Elsewhere every build is for another
/// system, and Graviton costs less.
#[must_use]
pub const fn own_architecture() -> Architecture {
    if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        Architecture::X86_64
    } else {
        Architecture::Arm64
    }
}

/// The commands that bring what is missing, for three systems.
///
/// Source: the packages of Debian 12, Fedora 41 and Homebrew; `PyPI`'s `cargo-zigbuild`, which brings zig.
fn advice(architecture: Architecture) -> String {
    let zig = "pip install cargo-zigbuild";
    if cfg!(target_os = "linux") && architecture == own_architecture() {
        return format!(
            "Debian: `apt-get install build-essential`; Fedora: `dnf install gcc`; or anywhere `{zig}`"
        );
    }
    let debian = match architecture {
        Architecture::Arm64 => "gcc-aarch64-linux-gnu libc6-dev-arm64-cross",
        Architecture::X86_64 => "gcc-x86-64-linux-gnu libc6-dev-amd64-cross",
    };
    let own = own_architecture();
    let or = if cfg!(target_os = "linux") && own != architecture {
        format!(
            "; or set `architecture = \"{}\"` under [controller], which this machine builds",
            own.as_str()
        )
    } else {
        String::new()
    };
    format!(
        "Debian: `apt-get install {debian}`; Fedora and macOS: `{zig}`, which brings a compiler and a linker for it{or}"
    )
}

/// Whether a program of the path runs.
async fn starts(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).kill_on_drop(true);
    command.output().await.is_ok_and(|output| output.status.success())
}

/// Runs it to its end. What it said, if that is not a good one.
async fn run(mut command: Command) -> Result<(), String> {
    let program = command.as_std().get_program().to_string_lossy().into_owned();
    let output = command.output().await.map_err(|error| format!("`{program}`: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    // The first line that names an error; the rest is the linker's whole command.
    let line =
        said.lines().map(str::trim).find(|line| line.contains("error")).or(said.lines().next());
    Err(line.map_or_else(|| format!("`{program}` ended with {}", output.status), ToOwned::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_linker_s_variable_is_cargo_s() {
        let variable = linker_variable(Architecture::Arm64.target());
        assert_eq!(variable, "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER");
    }

    /// Goal: a machine that builds this test can build the Lambda for its own processor, and that is found by building.
    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn this_machine_builds_a_small_program_for_itself() {
        let own = own_architecture();
        let tried = Toolchain::Own.try_out(own).await;
        assert!(tried.is_ok(), "{tried:?}");
    }

    /// Goal: Rust's library alone does not make a toolchain. Method: the other processor's compiler, on a machine without one.
    #[tokio::test]
    async fn a_compiler_that_is_missing_is_named_with_the_command_that_brings_it() {
        let other = match own_architecture() {
            Architecture::X86_64 => Architecture::Arm64,
            Architecture::Arm64 => Architecture::X86_64,
        };
        if starts(cross_compiler(other)).await || std::env::var_os("CC").is_some() {
            return;
        }
        let error = Toolchain::Cross.try_out(other).await.expect_err("there is none");
        let PackageError::Toolchain { what, help, .. } = error else { panic!("{error:?}") };
        assert_eq!(what, "C compiler");
        for system in
            ["Debian: `apt-get install gcc-", "Fedora and macOS: `pip install cargo-zigbuild`"]
        {
            assert!(help.contains(system), "{help}");
        }
    }
}
