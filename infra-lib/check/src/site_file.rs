//! The site file, for findings that are about what it says.

use std::ops::Range;

use toml::de::DeTable;

use super::excerpt::Excerpt;

/// Parameters whose setting has another name than theirs.
const NAMES: [(&str, &str); 9] = [
    ("HealthIntervalSeconds", "health.interval"),
    ("HealthFailureThreshold", "health.threshold"),
    ("AlarmPeriodSeconds", "health.alarm_period"),
    ("HealthPath", "health.path"),
    ("HealthPort", "web.listener_port"),
    ("ResolverAddress", "controller.resolver"),
    ("VpcCidr", "network.primary_cidr"),
    ("MinSize", "web.primary_min"),
    ("MaxSize", "web.primary_max"),
];

/// A site file and its text.
#[derive(Clone, Debug)]
pub struct SiteFile {
    name: String,
    text: String,
}

impl SiteFile {
    /// A site file that was read already.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into() }
    }

    /// The setting that feeds a parameter, if the file has it: file, key, line.
    pub(super) fn setting(&self, parameter: &str) -> Option<(String, String, Excerpt)> {
        let root = DeTable::parse(&self.text).ok()?;
        let named = NAMES.iter().find(|(name, _)| *name == parameter).map(|(_, key)| *key);
        let wanted = named.map_or_else(|| snake(parameter), str::to_owned);
        let (key, span) = find(root.get_ref(), "", &wanted)?;
        Some((self.name.clone(), key, Excerpt::new(&self.text, span)))
    }
}

/// The value of a key: by its whole name, or by its last part.
fn find(table: &DeTable<'_>, path: &str, wanted: &str) -> Option<(String, Range<usize>)> {
    table.iter().find_map(|(key, value)| {
        let key = key.get_ref();
        let joint = if path.is_empty() { "" } else { "." };
        let whole = format!("{path}{joint}{key}");
        if let Some(inner) = value.get_ref().as_table() {
            return find(inner, &whole, wanted);
        }
        (whole == wanted || key.as_ref() == wanted).then(|| (whole, value.span()))
    })
}

/// `EgressUrl` → `egress_url`.
fn snake(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}
