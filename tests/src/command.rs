//! The command as an operator runs it: a process of its own against the emulator.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::time::Duration;

use drill_local::stage::Stage;
use machine::target;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

/// BOUND: the longest command follows a failback to its end.
const ENDS_WITHIN: Duration = Duration::from_mins(4);

/// The built command and a folder with the stage's site file.
#[derive(Debug)]
pub struct Xtask {
    program: PathBuf,
    folder: PathBuf,
    endpoint: String,
}

/// How a command ended.
#[derive(Debug)]
pub struct Told {
    /// Exit code; none after a signal.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub error: String,
}

impl Xtask {
    /// Writes the site file into a folder of this name.
    #[must_use]
    pub fn new(stage: &Stage, name: &str) -> Self {
        let folder = target().join("e2e").join(name);
        std::fs::create_dir_all(&folder).expect("it can be written");
        // Built for its own tests, in the same run.
        let program = target().join("debug").join("pilotlight");
        let xtask = Self { program, folder, endpoint: stage.endpoint() };
        xtask.write_site(&stage.site_file);
        xtask
    }

    /// Puts another site file there.
    pub fn write_site(&self, text: &str) {
        std::fs::write(self.folder.join("pilotlight.toml"), text).expect("it can be written");
    }

    /// The command, ready to be run.
    #[must_use]
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments.split_whitespace()).current_dir(&self.folder).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.env("AWS_ENDPOINT_URL", &self.endpoint);
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
        command
    }

    /// Runs a command to its end.
    pub async fn run(&self, arguments: &str) -> Told {
        let output = timeout(ENDS_WITHIN, self.command(arguments).output()).await;
        let output = output.expect("the command ends in time").expect("the command starts");
        Told::of(&output)
    }

    /// Runs a command that must end well.
    pub async fn good(&self, arguments: &str) -> Told {
        let told = self.run(arguments).await;
        assert_eq!(told.code, Some(0), "`{arguments}`: {told:#?}");
        told
    }

    /// Runs a command and interrupts it, as Ctrl-C does, at the first line on standard output that has these words.
    pub async fn interrupted_at(&self, arguments: &str, words: &str) -> Told {
        let mut child = self.command(arguments).spawn().expect("the command starts");
        let told = child.stdout.take().expect("it is piped");
        let mut lines = BufReader::new(told).lines();
        let mut out = String::new();
        let mut id = child.id();
        while let Some(line) =
            timeout(ENDS_WITHIN, lines.next_line()).await.expect("it goes on").expect("it is text")
        {
            if line.contains(words)
                && let Some(id) = id.take()
            {
                let sent = Command::new("kill").args(["-INT", &id.to_string()]).status().await;
                assert!(sent.expect("kill starts").success());
            }
            out.push_str(&line);
            out.push('\n');
        }
        let rest = timeout(ENDS_WITHIN, child.wait_with_output()).await.expect("it ends");
        Told { out, ..Told::of(&rest.expect("it ends")) }
    }

    /// Runs a command and kills it with SIGKILL at the first step that is not in `seen`, which is added. False if it came to its
    /// end without a new one.
    pub async fn killed_at_a_new_step(&self, arguments: &str, seen: &mut BTreeSet<String>) -> bool {
        let mut child = self.command(arguments).spawn().expect("the command starts");
        let told = child.stderr.take().expect("it is piped");
        let mut lines = BufReader::new(told).lines();
        let mut all = Vec::new();
        let mut new = false;
        while !new {
            let line = timeout(ENDS_WITHIN, lines.next_line()).await.expect("it goes on");
            let Some(line) = line.expect("it is text") else { break };
            new = step(&line).is_some_and(|step| seen.insert(step));
            all.push(line);
        }
        if new {
            child.start_kill().expect("it still runs or has ended");
        }
        let status = timeout(ENDS_WITHIN, child.wait()).await.expect("it ends").expect("it ends");
        assert!(new || status.success(), "{arguments}: {status}: {all:#?}");
        new
    }
}

impl Told {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code(), out: text(&output.stdout), error: text(&output.stderr) }
    }
}

/// The step that a line of progress tells of, without its time. What single resources do is none, nor is that there is nothing to
/// do. Two stacks of a wave that differ by their region take the same steps at once.
fn step(line: &str) -> Option<String> {
    let (clock, step) = line.trim_start().split_once("s ")?;
    clock.parse::<f64>().ok()?;
    let (stack, rest) = step.split_once(": ").unwrap_or(("", step));
    // `CREATE_COMPLETE Vpc (EC2::VPC)`
    let resource = rest.split(' ').next().is_some_and(|word| word.contains('_'));
    if resource || rest == "no changes" || rest.ends_with("is there already") {
        return None;
    }
    let stack = stack.trim().trim_end_matches("-primary").trim_end_matches("-standby");
    Some(if stack.starts_with("wave") {
        stack.to_owned()
    } else if stack.is_empty() {
        rest.trim().to_owned()
    } else {
        format!("{stack}: {rest}")
    })
}
