//! Looks for what can be found without asking AWS: broken references, a model and templates that disagree, and mistakes that
//! would only show in an outage. The rules of any template also run on anybody's ([`check_file`]).

#![warn(missing_docs, clippy::missing_errors_doc)]

mod catalogue;
mod contract;
mod excerpt;
mod file;
mod finding;
mod references;
mod replacement;
mod rules;
mod scope;
mod site_file;

use cfn::{Template, View};

pub use self::catalogue::{RULES, Rule, Subject, rule};
pub use self::excerpt::Excerpt;
pub use self::file::{FileError, check_file, check_text, region};
pub use self::finding::{Finding, Severity};
pub use self::replacement::{Answers, Replacement, note, replaced, replacements};
pub use self::site_file::SiteFile;

use self::scope::{Document, Part, Scope};
use site::model::{Site, Stack, without_comments};

/// The resources that a stack will have, with their types; those of a condition that only AWS can decide are among them.
#[must_use]
pub fn resources(stack: &Stack) -> Vec<(String, String)> {
    let Ok(template) = Template::parse(&stack.template.body) else { return Vec::new() };
    let view = View::new(&template, &stack.facts(&template));
    view.resources.into_iter().map(|resource| (resource.name, resource.kind)).collect()
}

// Source: CloudFormation quotas, "template body size in a request" and "in an Amazon S3 object".
const TEMPLATE_BYTES_MAX: usize = 51_200;
const TEMPLATE_BYTES_S3_MAX: usize = 1_048_576;

/// Everything that is wrong with a site, worst first.
#[must_use]
pub fn check(site: &Site) -> Vec<Finding> {
    check_with(site, None)
}

/// The same, with what is wrong in the site file shown there.
#[must_use]
pub fn check_with(site: &Site, site_file: Option<&SiteFile>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut stacks = Vec::new();
    for stack in &site.stacks {
        let file = format!("templates/{}.yaml", stack.template.name);
        let document = Document::new(file, &stack.template.body, Some(stack.id));
        match Template::parse(document.text) {
            Ok(template) => stacks.push((stack, document, template)),
            Err(message) => {
                let fix = "a template is a YAML mapping with `Resources`";
                findings.push(document.finding("template-syntax", "", message, fix));
            }
        }
    }
    for (stack, document, template) in &stacks {
        let facts = stack.facts(template);
        let view = View::new(template, &facts);
        let part = Some(Part { site, stack, site_file });
        let scope = Scope::new(document, template, &facts, &view, part);
        inspect(&scope);
        references::check(&scope);
        contract::check(&scope);
        findings.extend(scope.into_findings());
    }
    findings.extend(contract::outputs(site, &stacks));
    sorted(findings)
}

/// The rules of any template.
fn inspect(scope: &Scope<'_>) {
    rules::check(scope);
    size(scope);
}

fn size(scope: &Scope<'_>) {
    // A deploy of ours sends the body in a request, without its comments.
    let ours = scope.part.map(|_| without_comments(scope.document.text).len());
    let bytes = ours.unwrap_or(scope.document.text.len());
    let fits_s3 = ours.is_none() && bytes <= TEMPLATE_BYTES_S3_MAX;
    let (most, by, fix) = if fits_s3 {
        let fix = "deploy it through S3, which takes 1 MB, as `aws cloudformation deploy --s3-bucket` does";
        (TEMPLATE_BYTES_MAX, " in a request", fix)
    } else {
        let most = if ours.is_some() { TEMPLATE_BYTES_MAX } else { TEMPLATE_BYTES_S3_MAX };
        (most, "", "move resources into a stack of their own")
    };
    if bytes > most {
        let message = format!("the template has {bytes} bytes; CloudFormation takes {most}{by}");
        scope.tell_or_warn(fits_s3, scope.document.finding("template-size", "", message, fix));
    }
}

/// Worst first. Two stacks share a template; what is wrong in it by itself is told for each, as each would fail.
fn sorted(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort();
    findings.dedup();
    findings
}
