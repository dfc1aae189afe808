//! The site as files: what would be given to CloudFormation, readable before anything is deployed.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::str::FromStr as _;

use serde_json::{Value, json};

use crate::model::{Site, Stack, StackId};
use crate::private;

/// The file that names the stacks.
const SUMMARY: &str = "site.json";
const PARAMETERS: &str = ".parameters.json";

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
            let [template, values] = files(stack.id.as_str());
            [(template, stack.template.body.to_string()), (values, parameters(stack))]
        })
        .chain([(SUMMARY.to_owned(), summary(site))])
        .collect()
}

/// Writes rendered files into a folder, which is made if need be, and takes away what an earlier render left there for
/// stacks that the site has no more. Answers the names of those.
///
/// # Errors
/// What the file system answers.
pub fn write(rendered: &Rendered, folder: &Path) -> io::Result<Vec<String>> {
    std::fs::create_dir_all(folder)?;
    let mut stale = written_before(folder);
    stale.retain(|name| !rendered.contains_key(name));
    for (name, text) in rendered {
        let file = folder.join(name);
        // Parameters hold the boot script; a template holds nothing of the site.
        if name.ends_with(PARAMETERS) {
            private::write(&file, text.as_bytes())?;
        } else {
            std::fs::write(file, text)?;
        }
    }
    let mut removed = Vec::new();
    for name in stale {
        match std::fs::remove_file(folder.join(&name)) {
            Ok(()) => removed.push(name),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(removed)
}

/// The files of the render that last wrote here, by its own summary: nobody else's file is named there.
fn written_before(folder: &Path) -> Vec<String> {
    let Ok(text) = std::fs::read_to_string(folder.join(SUMMARY)) else { return Vec::new() };
    let summary: Value = serde_json::from_str(&text).unwrap_or_default();
    let stacks = summary["stacks"].as_array().into_iter().flatten();
    let stacks = stacks.filter_map(|stack| stack["stack"].as_str());
    let known = |stack: &&str| StackId::from_str(stack).is_ok();
    stacks.filter(known).flat_map(files).collect()
}

/// What a stack is written to: its template and its parameters.
fn files(stack: &str) -> [String; 2] {
    [format!("{stack}.yaml"), format!("{stack}{PARAMETERS}")]
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
            let mut told = json!({
                "stack": stack.id, "wave": wave, "region": stack.region, "name": stack.name,
            });
            if let Some(tags) = &stack.tags {
                told["tags"] = json!(tags);
            }
            if let Some(role) = &stack.deploy_role {
                told["deploy_role"] = json!(role);
            }
            told
        })
        .collect();
    pretty(&json!({ "site": site.config.name, "hostname": site.config.hostname, "stacks": stacks }))
}

fn pretty(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("a JSON value can be written");
    text.push('\n');
    text
}
