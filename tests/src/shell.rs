//! An operator's shell: AWS's own command line, and ours in the place of `cargo xtask`.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use drill_local::stage::Stage;
use machine::target;
use python::{Venv, VenvSettings};
use tokio::process::Command;

/// What a command of ours may end with beside 0: changes are pending, or there is nothing to approve or to take back.
const FOUND: [i32; 2] = [3, 6];

/// A shell in a folder with the stage's site file.
#[derive(Debug)]
pub struct Shell {
    programs: PathBuf,
    folder: PathBuf,
    endpoint: String,
}

impl Shell {
    /// One beside an emulator, with the stage's site file. Installs AWS's command line, the first time.
    pub async fn prepare(stage: &Stage) -> Self {
        let endpoint = stage.endpoint();
        let name = endpoint.rsplit(':').next().expect("a port").trim_end_matches('/').to_owned();
        let shell = Self::in_folder(&format!("shell-{name}"), endpoint).await;
        std::fs::write(shell.folder.join("pilotlight.toml"), &stage.site_file).expect("a file");
        shell
    }

    /// One that reaches nothing: for commands that are judged and not sent.
    pub async fn alone(name: &str) -> Self {
        Self::in_folder(name, String::new()).await
    }

    async fn in_folder(name: &str, endpoint: String) -> Self {
        let aws = VenvSettings {
            name: "aws",
            purpose: "AWS's command line",
            requirements: include_str!("../../tools/aws.txt"),
            target: &target(),
        };
        let aws = Venv::prepare(aws, |_| ()).await.expect("it installs").program("aws");
        let folder = target().join("e2e").join(name);
        let programs = folder.join("programs");
        std::fs::create_dir_all(&programs).expect("it can be made");
        // Built for its own tests, in the same run.
        let xtask = target().join("debug").join("pilotlight");
        for (name, text) in [
            ("aws", format!("#!/bin/sh\nexec '{}' \"$@\"\n", aws.display())),
            ("cargo", format!("#!/bin/sh\nshift\nexec '{}' \"$@\"\n", xtask.display())),
        ] {
            let program = programs.join(name);
            std::fs::write(&program, text).expect("a file");
            std::fs::set_permissions(&program, Permissions::from_mode(0o755)).expect("its rights");
        }
        Self { programs, folder, endpoint }
    }

    /// Has AWS's own command line read and judge a command. It gets as far as an address where nobody listens.
    pub async fn judged(&self, command: &str) {
        let nowhere = "export AWS_MAX_ATTEMPTS=1 AWS_ENDPOINT_URL=http://127.0.0.1:9";
        let (_, told) = self.run(&format!("{nowhere}; {command}")).await;
        assert!(told.contains("Could not connect to the endpoint URL"), "`{command}`: {told}");
    }

    /// Types a command, which must work, and answers what it told.
    pub async fn typed(&self, command: &str) -> String {
        let (mut code, mut told) = self.run(command).await;
        let ours = command.starts_with("cargo");
        if !ours && told.contains("Unknown AutoScaling action") {
            // What the emulator lacks is read by AWS's own command line at least.
            self.judged(command).await;
            (code, told) = (Some(0), String::new());
        }
        let fine = code == Some(0) || (ours && code.is_some_and(|code| FOUND.contains(&code)));
        assert!(fine, "`{command}` ends with {code:?}:\n{told}");
        told
    }

    /// Types commands, each in a line of one shell, as they are copied from a screen.
    pub async fn pasted(&self, commands: &[String]) -> String {
        let (code, told) = self.run(&commands.join("\n")).await;
        assert_eq!(code, Some(0), "{commands:#?}: {told}");
        told
    }

    async fn run(&self, command: &str) -> (Option<i32>, String) {
        let path = std::env::var("PATH").unwrap_or_default();
        let mut shell = Command::new("sh");
        shell.args(["-eu", "-c", command]).current_dir(&self.folder).kill_on_drop(true);
        shell.env("PATH", format!("{}:{path}", self.programs.display()));
        for (name, value) in [
            ("AWS_ENDPOINT_URL", self.endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_DEFAULT_REGION", "us-east-1"),
            ("AWS_PAGER", ""),
        ] {
            shell.env(name, value);
        }
        let output = shell.output().await.expect("it starts");
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&text).into_owned())
    }
}
