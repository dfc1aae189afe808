//! Whom a resource policy lets in, as far as a template tells.

use cfn::{Node, Value};

/// Whether some statement of a policy may let in somebody whose name holds one of these words. What is unknown may. `account`:
/// the account itself counts, because its own policies can pass the permission on.
pub(super) fn admits(policy: &Node, words: &[&str], account: bool) -> bool {
    let Some(statements) = policy.get("Statement").filter(|node| !node.is_unknown()) else {
        return true;
    };
    let allowing = statements.items().into_iter().filter(|statement| {
        let effect = statement.get("Effect");
        effect.is_none_or(|effect| effect.text().is_none_or(|text| text == "Allow"))
    });
    allowing.filter_map(|statement| statement.get("Principal")).any(|principal| {
        let Value::Map(kinds) = &principal.value else { return principal.text() != Some("") };
        let named = kinds.iter().flat_map(|(_, node)| node.items());
        named.into_iter().any(|name| is_one(name, words, account))
    })
}

fn is_one(name: &Node, words: &[&str], account: bool) -> bool {
    let texts = name.texts();
    let holds = |word: &str| texts.iter().any(|text| text.contains(word));
    if holds("*") || words.iter().any(|word| holds(word)) {
        return true;
    }
    let is_account = holds(":root") || texts.iter().any(|text| is_account_id(text));
    match &name.value {
        Value::Text { .. } | Value::Unknown { .. } if is_account => account,
        // A function whose text names somebody else for certain: an ARN of another role, a service of another name.
        Value::Unknown { .. } => !texts.iter().any(|text| is_other(text)),
        Value::Text { .. } | Value::Own { .. } | Value::List(_) | Value::Map(_) => false,
    }
}

fn is_account_id(text: &str) -> bool {
    (text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())) || text == "AWS::AccountId"
}

fn is_other(text: &str) -> bool {
    text.contains(":role/") || text.contains(":user/") || text.contains(".amazonaws.com")
}
