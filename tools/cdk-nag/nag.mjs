// Holds templates against cdk-nag's AwsSolutions pack. A finding that a resource's Metadata answers with a reason is left out:
//   Metadata: { cdk_nag: { rules_to_suppress: [{ id: AwsSolutions-SQS3, reason: why }] } }
//
// CONTRIBUTING.md has the commands.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { App, Stack, Validations } from "aws-cdk-lib";
import { CfnInclude } from "aws-cdk-lib/cloudformation-include";
import { AwsSolutionsChecks } from "cdk-nag";

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error("hint: node nag.mjs target/lint/*.json; `cargo xtask test` writes them");
  process.exit(2);
}

/** The report on one template, as cdk-nag writes it. */
function report(file) {
  const outdir = mkdtempSync(join(tmpdir(), "pilotlight-nag-"));
  try {
    const app = new App({ outdir, analyticsReporting: false });
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    const stack = new Stack(app, "Stack");
    new CfnInclude(stack, "Template", { templateFile: file });
    const path = join(outdir, "validation-report.json");
    try {
      app.synth();
    } catch (error) {
      // Synthesis fails on a finding; any other failure leaves no report.
      if (!existsSync(path)) throw error;
    }
    return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : { pluginReports: [] };
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** The rules that a template answers, by resource. */
function answered(file) {
  const { Resources } = JSON.parse(readFileSync(file, "utf8"));
  const rules = ({ Metadata }) => Metadata?.cdk_nag?.rules_to_suppress ?? [];
  return Object.entries(Resources).flatMap(([name, resource]) =>
    rules(resource).map(({ id }) => `${name} ${id}`));
}

const found = new Map();
const unused = new Set();
const used = new Set();
for (const file of files) {
  const ours = new Set(answered(file));
  ours.forEach((answer) => unused.add(answer));
  for (const { violations } of report(file).pluginReports) {
    for (const { ruleName, description, violatingConstructs } of violations) {
      for (const { constructPath } of violatingConstructs) {
        // One finding of a policy is `AwsSolutions-IAM5[Action::s3:*]`; a reason is for the rule.
        const answer = `${basename(constructPath)} ${ruleName.replace(/\[.*$/, "")}`;
        if (ours.has(answer)) used.add(answer);
        else found.set(`${answer}: ${description}`, basename(file, ".json"));
      }
    }
  }
}
for (const [finding, stack] of [...found].sort()) console.log(`${stack}: ${finding}`);
for (const answer of unused) if (!used.has(answer)) console.log(`answers nothing: ${answer}`);
console.log(`${files.length} stacks, ${found.size} findings`);
process.exit(found.size === 0 && [...unused].every((answer) => used.has(answer)) ? 0 : 1);
