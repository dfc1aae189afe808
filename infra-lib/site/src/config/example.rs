//! The site file that shows every key, with what it means.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::key::{Key, Need, keys};

/// What stands above the first key, for a file that is written for a site and for one to copy.
const HEAD: [&str; 4] = [
    "A Pilotlight site: one host name, served from two regions of AWS.",
    "",
    "Everything that is commented out shows its default; what has none says \"no default\".",
    "`cargo xtask check` tells what is wrong with it, without asking AWS. Whole sites to begin with are in `sites/`.",
];
const TO_COPY: &str = "Copy this to `pilotlight.toml` and edit it. ";

/// Widest line. Units: characters.
const WIDTH: usize = 130;

/// Values of keys, by section and name.
pub(crate) type Values = BTreeMap<(&'static str, &'static str), Vec<String>>;

/// The example file.
#[must_use]
pub fn example() -> String {
    let head = HEAD.join("\n").replacen("Everything", &format!("{TO_COPY}Everything"), 1);
    filled(&head, &Values::new())
}

/// The same with some values set, as a site's own file.
pub(crate) fn site_file(values: &Values) -> String {
    filled(&HEAD.join("\n"), values)
}

fn filled(head: &str, values: &Values) -> String {
    let mut lines: Vec<String> = head.lines().map(comment).collect();
    let mut section = "";
    for key in keys() {
        if key.section != section || section.is_empty() {
            lines.push(String::new());
        }
        if key.section != section {
            section = key.section;
            lines.push(format!("[{section}]"));
        }
        lines.extend(wrapped(&key.told()).iter().map(|line| comment(line)));
        let set = values.get(&(key.section, key.name));
        let mark = if set.is_some() || key.need == Need::Required { "" } else { "# " };
        let value = set.map_or_else(|| key.written(), |values| written(&key, values).to_string());
        lines.push(format!("{mark}{} = {value}", key.name));
    }
    lines.join("\n") + "\n"
}

/// Values in JSON, whose texts are texts in TOML too: the checks let no character through that TOML writes otherwise.
fn written(key: &Key, values: &[String]) -> Value {
    match values {
        [one] => key.kind.value(one),
        several => json!(several),
    }
}

fn comment(line: &str) -> String {
    if line.is_empty() { "#".to_owned() } else { format!("# {line}") }
}

/// A text in lines that leave room for the comment's mark.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is one from the beginning");
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() + 2 <= WIDTH {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}
