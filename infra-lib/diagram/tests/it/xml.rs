//! Reads XML just far enough to tell whether it is well-formed: what a picture uses, and nothing more.

/// The names of the elements in the order of their tags.
pub fn elements(text: &str) -> Result<Vec<String>, String> {
    let mut open: Vec<&str> = Vec::new();
    let mut found = Vec::new();
    let mut rest = text.trim_end();
    while !rest.is_empty() {
        if open.is_empty() && !found.is_empty() {
            return Err("something stands after the root".to_owned());
        }
        let (words, after) = rest.split_once('<').unwrap_or((rest, ""));
        if open.is_empty() && !words.is_empty() {
            return Err(format!("words outside every element: {words}"));
        }
        entities(words)?;
        if after.is_empty() {
            break;
        }
        let (tag, after) = after.split_once('>').ok_or("a tag without an end")?;
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            match open.pop() {
                Some(opened) if opened == name => continue,
                opened => return Err(format!("</{name}> closes {opened:?}")),
            }
        }
        let (tag, closed) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        read_attributes(attributes)?;
        found.push(name.to_owned());
        if !closed {
            open.push(name);
        }
    }
    if open.is_empty() { Ok(found) } else { Err(format!("never closed: {open:?}")) }
}

fn read_attributes(text: &str) -> Result<(), String> {
    let mut rest = text.trim();
    let mut names = Vec::new();
    while !rest.is_empty() {
        let (name, after) = rest.split_once("=\"").ok_or_else(|| format!("not quoted: {rest}"))?;
        let (value, after) = after.split_once('"').ok_or_else(|| format!("no end: {after}"))?;
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "-:".contains(letter);
        if name.is_empty() || !name.chars().all(plain) || value.contains('<') {
            return Err(format!("not an attribute: {name}=\"{value}\""));
        }
        if names.contains(&name) {
            return Err(format!("twice: {name}"));
        }
        entities(value)?;
        names.push(name);
        rest = after.trim_start();
    }
    Ok(())
}

/// Every `&` begins one of the entities that XML itself knows.
fn entities(text: &str) -> Result<(), String> {
    let known = ["amp;", "lt;", "gt;", "quot;", "apos;"];
    let mut parts = text.split('&').skip(1);
    match parts.find(|part| !known.iter().any(|entity| part.starts_with(entity))) {
        Some(part) => Err(format!("not an entity: &{part}")),
        None => Ok(()),
    }
}
