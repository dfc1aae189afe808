//! `[organization]`: what the account's owner demands of every stack and role.

use std::collections::BTreeMap;

use super::super::key::section;
use super::super::takes::{pairs, text, wrong};
use crate::names::{AccountId, NameError};

/// BOUND: AWS takes 50 tags on a resource, and the templates put some of their own on.
const TAGS_MAX: usize = 40;
const TAGS: &str = r#"{ cost-centre = "4711", owner = "web-team" }"#;

section! {
    /// What the account's owner demands of every stack and role.
    #[derive(Default)]
    struct Organization = "organization", |around| {
        /// ARN of the policy that bounds the permissions of every role that the site makes.
        permissions_boundary: Option<String> = text(policy).optional("arn:aws:iam::111122223333:policy/team-boundary"),
        /// Path of every role that the site makes. A change makes every role anew, and its users take it over.
        role_path: Option<String> = text(path).optional("/web-team/"),
        /// ARN of the role by which CloudFormation changes the stacks, instead of whoever runs `deploy`.
        deploy_role: Option<String> = text(role).optional("arn:aws:iam::111122223333:role/cloudformation"),
        /// Tags of every stack, which CloudFormation puts on every resource that takes some. Without this key the tags that a
        /// stack has are left alone; `{}` takes them away. Let the values stay the same: each change updates every resource.
        tags: Option<BTreeMap<String, String>> = pairs(tag, TAGS_MAX, TAGS),
    }
}

fn policy(text: &str) -> Result<String, NameError> {
    // AWS's own policies have `aws` in place of the account.
    match resource(text) {
        Some((account, rest))
            if (AccountId::parse(account).is_ok() || account == "aws")
                && named(rest, "policy/") =>
        {
            Ok(text.to_owned())
        }
        _ => wrong("the ARN of a policy, such as `arn:aws:iam::111122223333:policy/team-boundary`"),
    }
}

fn role(text: &str) -> Result<String, NameError> {
    match resource(text) {
        Some((account, rest)) if AccountId::parse(account).is_ok() && named(rest, "role/") => {
            Ok(text.to_owned())
        }
        _ => wrong("the ARN of a role, such as `arn:aws:iam::111122223333:role/cloudformation`"),
    }
}

/// Source: IAM API, `CreateRole`, Path.
fn path(text: &str) -> Result<String, NameError> {
    let allowed = text.bytes().all(|byte| byte.is_ascii_graphic());
    if text.len() <= 512
        && text.len() > 1
        && text.starts_with('/')
        && text.ends_with('/')
        && allowed
    {
        return Ok(text.to_owned());
    }
    wrong("a path that begins and ends with a slash, such as `/web-team/`")
}

/// Source: CloudFormation API, `Tag`; the letters are those that every service takes.
fn tag(key: &str, value: &str) -> Result<(), NameError> {
    let allowed =
        |text: &str| text.chars().all(|one| one.is_alphanumeric() || " +-=._:/@".contains(one));
    let own = key.to_ascii_lowercase();
    if own.starts_with("aws:") || own.starts_with("pilotlight:") {
        return wrong(
            "another key: AWS and the controller keep their own under `aws:` and `pilotlight:`",
        );
    }
    if key.is_empty() || key.chars().count() > 128 || value.chars().count() > 256 {
        return wrong("a key of 1 to 128 characters and a value of up to 256");
    }
    if allowed(key) && allowed(value) {
        return Ok(());
    }
    wrong("letters, digits, spaces and `+ - = . _ : / @`")
}

/// Account and the rest of an ARN of IAM.
fn resource(text: &str) -> Option<(&str, &str)> {
    let parts: Vec<_> = text.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, rest] = parts[..] else { return None };
    partition.starts_with("aws").then_some((account, rest))
}

fn named(rest: &str, kind: &str) -> bool {
    let name = rest.strip_prefix(kind).unwrap_or_default();
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+=,.@_/-".contains(&byte))
}
