//! The site as files: what would be given to CloudFormation, readable before anything is deployed.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::model::{Site, Stack};

/// The files of a rendered site, by name. The same site always renders to the same bytes.
pub type Rendered = BTreeMap<String, String>;

/// Renders a site: for each stack a template and its parameters, in the form that `aws cloudformation` reads.
///
/// Values that another stack will answer stand as `<web-standby.TargetGroupArn>`.
#[must_use]
pub fn render(site: &Site) -> Rendered {
    let stacks = site.stacks.iter();
    stacks
        .flat_map(|stack| {
            let template = (format!("{}.yaml", stack.id), stack.template.body.to_string());
            [template, (format!("{}.parameters.json", stack.id), parameters(stack))]
        })
        .chain([("site.json".to_owned(), summary(site))])
        .collect()
}

/// Writes rendered files into a folder, which is made if need be.
///
/// # Errors
/// What the file system answers.
pub fn write(rendered: &Rendered, folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    rendered.iter().try_for_each(|(name, text)| std::fs::write(folder.join(name), text))
}

fn parameters(stack: &Stack) -> String {
    let entries = stack.parameters.iter();
    let entries: Vec<Value> = entries
        .map(|(name, source)| json!({ "ParameterKey": name, "ParameterValue": source.to_string() }))
        .collect();
    pretty(&entries.into())
}

fn summary(site: &Site) -> String {
    let stacks = site.stacks.iter();
    let stacks: Vec<Value> = stacks
        .map(|stack| {
            let wave = stack.id.wave();
            json!({ "stack": stack.id, "wave": wave, "region": stack.region, "name": stack.name })
        })
        .collect();
    pretty(&json!({ "site": site.config.name, "hostname": site.config.hostname, "stacks": stacks }))
}

fn pretty(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("a JSON value can be written");
    text.push('\n');
    text
}
