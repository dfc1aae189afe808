//! `[organization]`: what the account's owner demands of every stack and role.

use std::collections::BTreeMap;

use super::super::key::section;
use super::super::takes::{kept, pairs, text, wrong};
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
    let owner = owner(text, "policy/");
    let good = owner.is_some_and(|owner| owner == "aws" || AccountId::parse(owner).is_ok());
    kept(
        text,
        good,
        "the ARN of a policy, such as `arn:aws:iam::111122223333:policy/team-boundary`",
    )
}

fn role(text: &str) -> Result<String, NameError> {
    let good = owner(text, "role/").is_some_and(|owner| AccountId::parse(owner).is_ok());
    kept(text, good, "the ARN of a role, such as `arn:aws:iam::111122223333:role/cloudformation`")
}

/// Source: IAM API, `CreateRole`, Path.
fn path(text: &str) -> Result<String, NameError> {
    let good = (2..=512).contains(&text.len())
        && text.starts_with('/')
        && text.ends_with('/')
        && text.bytes().all(|byte| byte.is_ascii_graphic());
    kept(text, good, "a path that begins and ends with a slash, such as `/web-team/`")
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

/// The account in an ARN of IAM, if it is one of this kind with a name.
fn owner<'a>(text: &'a str, kind: &str) -> Option<&'a str> {
    let parts: Vec<_> = text.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, rest] = parts[..] else { return None };
    let name = rest.strip_prefix(kind).unwrap_or_default();
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@_/-".contains(&byte);
    let good = partition.starts_with("aws") && !name.is_empty() && name.bytes().all(allowed);
    good.then_some(account)
}
