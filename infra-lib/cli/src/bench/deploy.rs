//! A deploy of the drill's whole site on the emulator, and the same stacks one after the other by AWS's own command.

use std::path::{Path, PathBuf};
use std::time::Instant;

use drill_local::stage::{Stage, StageSettings};
use drill_local::story::{self, Teller};
use machine::target;
use miette::{Context, IntoDiagnostic};
use provision::outputs::{Given, Outputs};
use python::{Venv, VenvSettings, emulator_tools};
use site::graph;
use site::model::{Code, Stack, StackId};
use surface::output;
use tokio::process::Command;

/// Times of both, in microseconds. Each deploy has an emulator of its own, and they take turns.
pub async fn measure(
    code: Code,
    deploys: u32,
    folder: &Path,
) -> miette::Result<Vec<(String, Vec<f64>)>> {
    let target = target();
    let emulator = Venv::prepare(emulator_tools(&target), |words| output::note(words)).await?;
    let aws = VenvSettings {
        name: "aws",
        purpose: "AWS's command line",
        requirements: include_str!("../../../../tools/aws.txt"),
        target: &target,
    };
    let aws = Venv::prepare(aws, |words| output::note(words)).await?.program("aws");
    let settings = StageSettings { python: emulator.python(), root: folder.to_owned() };
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for run in 1..=deploys {
        output::note(format_args!("deploy {run} of {deploys}: by this tool"));
        let stage = Stage::open(&settings).await?;
        let (teller, _scenes) = Teller::channel();
        let begun = Instant::now();
        story::deploy(&stage, code.clone(), &teller).await?;
        ours.push(begun.elapsed().as_secs_f64() * 1e6);
        drop(stage);
        output::note(format_args!("deploy {run} of {deploys}: by `aws cloudformation deploy`"));
        let stage = Stage::open(&settings).await?;
        let site = Commands { stage: &stage, aws: &aws, folder, code: &code };
        theirs.push(site.deploy().await?);
    }
    Ok(vec![("deploy".to_owned(), ours), ("deploy.aws".to_owned(), theirs)])
}

struct Commands<'a> {
    stage: &'a Stage,
    aws: &'a PathBuf,
    folder: &'a Path,
    code: &'a Code,
}

impl Commands<'_> {
    /// Only the commands are timed. Reading outputs, writing parameters and the upload, which somebody would have to do in
    /// between, take no time here.
    async fn deploy(&self) -> miette::Result<f64> {
        let mut outputs = Outputs::default();
        let mut sum = 0.0;
        for stack in graph::waves(&self.stage.site).into_iter().flatten() {
            let mut command = self.command(stack, &outputs)?;
            let begun = Instant::now();
            let output = command.output().await.into_diagnostic().wrap_err("cannot start `aws`")?;
            sum += begun.elapsed().as_secs_f64() * 1e6;
            if !output.status.success() {
                let told = String::from_utf8_lossy(&output.stderr).trim().to_owned();
                return Err(miette::miette!("`aws` could not deploy `{}`: {told}", stack.id));
            }
            let view = self.stage.cloud.describe_stack(&stack.region, stack.name.as_str()).await?;
            outputs.insert(stack.id, view.map(|view| view.outputs).unwrap_or_default());
            if stack.id == StackId::Artifacts {
                self.upload(&outputs).await?;
            }
        }
        Ok(sum)
    }

    fn command(&self, stack: &Stack, outputs: &Outputs) -> miette::Result<Command> {
        let given = Given { code_key: self.code.key.clone(), ..Given::default() };
        let parameters = outputs.fill(stack, &given)?;
        let parameters: Vec<String> =
            parameters.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        let template = self.folder.join(format!("{}.yaml", stack.id));
        let file = self.folder.join(format!("{}.parameters.json", stack.id));
        let text = serde_json::to_string(&parameters).into_diagnostic()?;
        std::fs::write(&file, text).into_diagnostic()?;
        std::fs::write(&template, stack.template.body.as_bytes()).into_diagnostic()?;
        let mut command = Command::new(self.aws);
        command.args(["cloudformation", "deploy", "--no-fail-on-empty-changeset"]);
        command.args(["--capabilities", "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"]);
        command.args(["--region", stack.region.as_str(), "--stack-name", stack.name.as_str()]);
        command.arg("--template-file").arg(&template);
        if !parameters.is_empty() {
            command.arg("--parameter-overrides").arg(format!("file://{}", file.display()));
        }
        command.env("AWS_ENDPOINT_URL", self.stage.endpoint()).env("AWS_PAGER", "");
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
        command.stdin(std::process::Stdio::null()).kill_on_drop(true);
        Ok(command)
    }

    async fn upload(&self, outputs: &Outputs) -> miette::Result<()> {
        let bucket = outputs.get(StackId::Artifacts, "BucketName").unwrap_or_default();
        let region = self.stage.site.standby_region();
        let Code { key, file } = self.code;
        self.stage.cloud.put_object(&self.stage.permit, region, bucket, key, file).await?;
        Ok(())
    }
}
