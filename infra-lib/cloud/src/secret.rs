//! Values that are told by their hash: a plan is read by many, and kept in logs.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::Value;
use sha2::{Digest, Sha256};

use site::names::hexadecimal;

/// The parameter, and the property of a launch template, that can hold secrets. No template has a parameter with `NoEcho`: its
/// live value could not be compared.
pub const USER_DATA: &str = "UserData";

const PREFIX: &str = "sha256:";
/// Letters of the hash that people are shown: enough to tell two scripts apart.
const LETTERS: usize = 12;

/// The value of a parameter or property as it may be told.
#[must_use]
pub fn told(name: &str, value: &str) -> String {
    if name == USER_DATA && !value.is_empty() { digest(value) } else { hidden(value) }
}

/// A text in which whatever stands under `UserData` is told by its hash. AWS writes the value of a property as JSON.
fn hidden(text: &str) -> String {
    if !text.contains(USER_DATA) {
        return text.to_owned();
    }
    let Ok(mut value) = serde_json::from_str::<Value>(text) else { return digest(text) };
    hide(&mut value);
    value.to_string()
}

fn hide(value: &mut Value) {
    match value {
        Value::Object(fields) => fields.iter_mut().for_each(|(name, field)| {
            if name == USER_DATA {
                let text = field.as_str().map_or_else(|| field.to_string(), ToOwned::to_owned);
                *field = Value::String(digest(&text));
            } else {
                hide(field);
            }
        }),
        Value::Array(items) => items.iter_mut().for_each(hide),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// `sha256:…` in full, and the size.
fn digest(value: &str) -> String {
    let size = match value.len() {
        bytes @ 0..1000 => format!("{bytes} B"),
        bytes => format!("{}.{} KB", bytes / 1000, bytes % 1000 / 100),
    };
    format!("{PREFIX}{} ({size})", hexadecimal(&Sha256::digest(value.as_bytes())))
}

/// What is told, with the hash cut for people.
#[must_use]
pub fn short(told: &str) -> Option<String> {
    let (hash, size) = told.strip_prefix(PREFIX)?.split_once(' ')?;
    Some(format!("{PREFIX}{}… {size}", hash.get(..LETTERS)?))
}

/// The value of a parameter or property, for people.
#[must_use]
pub fn shown(name: &str, value: &str) -> String {
    let told = told(name, value);
    short(&told).unwrap_or(told)
}

/// Writes parameters as they may be told.
///
/// # Errors
/// What the serializer ends with.
pub fn parameters<S: Serializer>(
    parameters: &BTreeMap<String, String>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let told = parameters.iter().map(|(name, value)| (name, told(name, value)));
    told.collect::<BTreeMap<_, _>>().serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use site::config::{Config, MINIMAL};
    use site::model::Site;

    #[test]
    fn user_data_is_told_by_hash_and_size_and_the_rest_as_it_is() {
        let told_ = told(USER_DATA, "password");
        let hash = "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8";
        assert_eq!(told_, format!("sha256:{hash} (8 B)"));
        assert_eq!(short(&told_).as_deref(), Some("sha256:5e884898da28… (8 B)"));
        assert!(told(USER_DATA, &"x".repeat(4096)).ends_with(" (4.0 KB)"));
        assert_eq!(told(USER_DATA, ""), "", "none is none");
        assert_eq!((told("MinSize", "2"), short("2")), ("2".to_owned(), None));
        assert_ne!(told(USER_DATA, "a"), told(USER_DATA, "b"));
    }

    #[test]
    fn user_data_within_a_property_is_hidden_too() {
        let value = r#"{"ImageId":"ami-1","UserData":"password","Tags":[{"UserData":{"Fn::Base64":"password"}}]}"#;
        let told_ = told("LaunchTemplateData", value);
        assert!(!told_.contains("password") && told_.contains("ami-1"), "{told_}");
        let broken = told("LaunchTemplateData", "UserData: password");
        assert!(broken.starts_with("sha256:"), "{broken}");
    }

    #[test]
    fn no_template_has_another_parameter_that_must_not_be_told() {
        let site = Site::new(Config::from_toml(MINIMAL, "pilotlight.toml").expect("valid"));
        for stack in site.stacks.iter().chain(&site.off) {
            assert!(!stack.template.body.contains("NoEcho"), "{}: told by its hash?", stack.id);
        }
    }
}
