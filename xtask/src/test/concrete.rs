//! The templates of every site as CloudFormation would see them, for the linters.

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::path::{Path, PathBuf};

use cfn::{Template, concrete};
use machine::workspace;
use miette::{Context, IntoDiagnostic, miette};
use site::config::Config;
use site::model::{Site, Source, Stack};
use surface::output;

/// Folders of site files: the named ones, and one for each row of the covering array.
const SITES: [&str; 2] = ["sites", "infra-lib/site/tests/pairwise"];
/// What the bucket key of the packaged Lambda looks like.
const CODE_KEY: &str = "controller/0123456789abcdef.zip";

/// What an output of another stack looks like; `{stack}` is its stack.
const SAMPLES: [(&str, &str); 26] = [
    ("VpcId", "vpc-0123456789abcdef0"),
    ("PublicSubnetIds", "subnet-0123456789abcdef0,subnet-0123456789abcdef1"),
    ("InstanceSubnetIds", "subnet-0123456789abcdef2,subnet-0123456789abcdef3"),
    ("BucketName", "shop-artifacts-0123456789ab"),
    ("LoadBalancerDnsName", "{stack}-0123456789.us-east-2.elb.amazonaws.com"),
    ("LoadBalancerZoneId", "Z3AADJGX6KTTL2"),
    ("LoadBalancerFullName", "app/{stack}/0123456789abcdef"),
    (
        "TargetGroupArn",
        "arn:aws:elasticloadbalancing:us-east-2:000000000000:targetgroup/{stack}/0123456789abcdef",
    ),
    ("TargetGroupFullName", "targetgroup/{stack}/0123456789abcdef"),
    ("GroupName", "shop-{stack}"),
    ("FunctionArn", "arn:aws:lambda:us-east-2:000000000000:function:shop-controller"),
    ("FunctionName", "shop-controller"),
    ("LatchAlarmName", "shop-latch"),
    ("AlarmName", "shop-primary-down"),
    ("AlarmArn", "arn:aws:cloudwatch:us-east-1:000000000000:alarm:shop-primary-down"),
    ("TopicArn", "arn:aws:sns:us-east-1:000000000000:shop-failover"),
    ("AlertsTopicArn", "arn:aws:sns:us-east-2:000000000000:shop-notices"),
    ("NoticeTopicArn", "arn:aws:sns:us-east-2:000000000000:shop-notices"),
    ("DeadLetterQueueName", "shop-controller-failures"),
    ("PrimaryCheckId", "abcdef11-2222-3333-4444-555555fedcba"),
    ("StandbyCheckId", "abcdef11-2222-3333-4444-555555fedcbb"),
    ("PrimaryHealthCheckId", "abcdef11-2222-3333-4444-555555fedcba"),
    ("StandbyHealthCheckId", "abcdef11-2222-3333-4444-555555fedcbb"),
    ("GateHealthCheckId", "abcdef11-2222-3333-4444-555555fedcbc"),
    ("LogGroupName", "/aws/lambda/shop-controller"),
    ("DistributionDomainName", "d111111abcdef8.cloudfront.net"),
];

/// Writes each distinct stack of all sites into a folder. False: a template refuses what a site gives it, which is told.
pub(super) fn write(folder: &Path) -> miette::Result<bool> {
    if folder.exists() {
        // What an earlier run left would be linted too.
        std::fs::remove_dir_all(folder).into_diagnostic().wrap_err_with(|| unwritten(folder))?;
    }
    std::fs::create_dir_all(folder).into_diagnostic().wrap_err_with(|| unwritten(folder))?;
    let (mut templates, mut written, mut taken) = (BTreeMap::new(), BTreeSet::new(), true);
    for sites in SITES {
        for path in files(&workspace().join(sites), "toml")? {
            let name = path.file_stem().unwrap_or_default().display();
            for stack in Site::new(Config::load(&path)?).stacks {
                // All sites share the templates.
                let template = match templates.entry(stack.template.name) {
                    Entry::Occupied(entry) => entry.into_mut(),
                    Entry::Vacant(entry) => {
                        let template = Template::parse(&stack.template.body);
                        entry.insert(template.map_err(|why| miette!("{}: {why}", stack.id))?)
                    }
                };
                match body(template, &stack) {
                    Ok(text) => {
                        let file = folder.join(format!("{name}.{}.json", stack.id));
                        if written.insert(text.clone()) {
                            let done = std::fs::write(&file, text).into_diagnostic();
                            done.wrap_err_with(|| unwritten(&file))?;
                        }
                    }
                    Err(refused) => {
                        output::note(format_args!("{name}: {}: {refused}", stack.id));
                        taken = false;
                    }
                }
            }
        }
    }
    Ok(taken)
}

fn body(template: &Template, stack: &Stack) -> Result<String, String> {
    let given = stack.parameters.iter().map(|(name, source)| Ok((name.as_str(), sample(source)?)));
    let given: BTreeMap<&str, String> = given.collect::<Result<_, String>>()?;
    let body = concrete(template, stack.region.as_str(), |name| given.get(name).cloned());
    body.map(|body| format!("{body:#}\n")).map_err(|refused| refused.to_string())
}

/// A value, with a sample of what is only known while a site is deployed.
fn sample(source: &Source) -> Result<String, String> {
    match source {
        Source::Literal(text) => Ok(text.clone()),
        Source::CodeKey => Ok(CODE_KEY.to_owned()),
        Source::Output { stack, name } => {
            let sample = SAMPLES.iter().find(|(output, _)| *output == name.as_str());
            let sample = sample.map(|(_, sample)| sample.replace("{stack}", stack.as_str()));
            sample.ok_or_else(|| {
                format!("no sample of {name}: add one to `xtask/src/test/concrete.rs`")
            })
        }
    }
}

/// The files of a folder with an extension, sorted.
pub(super) fn files(folder: &Path, extension: &str) -> miette::Result<Vec<PathBuf>> {
    let read = || format!("cannot read `{}`", folder.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_diagnostic().wrap_err_with(read)? {
        let path = entry.into_diagnostic().wrap_err_with(read)?.path();
        if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

pub(super) fn unwritten(path: &Path) -> String {
    format!("cannot write `{}`", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_takes_what_every_site_gives_it() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(write(folder.path()).expect("every site is read"));
        assert!(files(folder.path(), "json").expect("they are there").len() > SAMPLES.len());
    }
}
