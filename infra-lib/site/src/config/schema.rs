//! A JSON schema of the site file, for editors.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::key::{Kind, Need, keys};

/// The JSON schema of a site file.
#[must_use]
pub fn schema() -> Value {
    let mut sections: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    let mut required: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for key in keys() {
        let mut schema = of_kind(key.kind);
        schema["description"] = json!(key.told());
        if key.need == Need::Default {
            schema["default"] = key.value();
        }
        if key.need == Need::Required {
            required.entry(key.section).or_default().push(key.name);
        }
        sections.entry(key.section).or_default().insert(key.name.to_owned(), schema);
    }
    let mut root =
        object(&sections.remove("").unwrap_or_default(), &required.remove("").unwrap_or_default());
    for (name, keys) in sections {
        let needed = required.remove(name).unwrap_or_default();
        root["properties"][name] = object(&keys, &needed);
        if let (false, Some(list)) = (needed.is_empty(), root["required"].as_array_mut()) {
            list.push(json!(name));
        }
    }
    root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    root["title"] = json!("pilotlight.toml");
    root
}

fn object(keys: &Map<String, Value>, required: &[&str]) -> Value {
    json!({
        "type": "object", "properties": keys, "required": required, "additionalProperties": false,
    })
}

fn of_kind(kind: Kind) -> Value {
    let text = || json!({ "type": "string", "minLength": 1 });
    match kind {
        // `60s` says what `1m` says, so a list of durations is not all that can be written.
        Kind::Text | Kind::Duration(_) => text(),
        Kind::Words(words) => json!({ "type": "string", "enum": words }),
        Kind::Number { low, high, or } => {
            let mut number = json!({ "type": "integer", "minimum": low });
            if let Some(high) = high {
                number["maximum"] = json!(high);
            }
            match or {
                Some(word) => json!({ "anyOf": [number, { "type": "string", "enum": [word] }] }),
                None => number,
            }
        }
        Kind::Numbers(numbers) => json!({ "type": "integer", "enum": numbers }),
        Kind::Pairs { most } => json!({
            "type": "object", "additionalProperties": { "type": "string" }, "maxProperties": most,
        }),
        Kind::Texts { most, or_one } => {
            let many = json!({
                "type": "array", "items": text(), "maxItems": most, "uniqueItems": true,
            });
            if or_one { json!({ "anyOf": [text(), many] }) } else { many }
        }
    }
}
