//! How long the credentials last that sign the calls.

use failover_core::Timestamp;

/// When the credentials end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// They do not: a long-term key, or credentials that the machine itself hands out for as long as it runs.
    Never,
    /// The SDK renews them for as long as the sign-in behind them lasts, and does not say how long that is.
    Renewed,
    /// At this time, and nothing in this process renews them.
    At(Timestamp),
    /// They are temporary, nothing in this process renews them, and nobody says when they end.
    Unknown,
}

/// What to do about credentials that are not there or not valid, by what the provider or AWS said.
pub(super) fn way_to_sign_in(detail: &str) -> String {
    let words = detail.to_lowercase();
    let says = |any: &[&str]| any.iter().any(|part| words.contains(part));
    let advice = if says(&["mfa_serial"]) {
        "the AWS CLI asks for the code and hands the credentials on: `eval \"$(aws configure export-credentials --format env)\"`, \
         then run the same command again in this shell"
    } else if says(&["dispatch failure", "timed out", "timeout", "io error", "connect error"]) {
        "the credentials provider does not answer: check the network; if the region of the sign-in is down, choose with \
         `AWS_PROFILE` a profile that signs in elsewhere, or one with keys of its own that is kept for such a day"
    } else if says(&["login token", ".aws/login", "login_session"]) {
        "sign in again: `aws login` (it follows `AWS_PROFILE`), then run the same command again"
    } else if says(&["sso"]) {
        "sign in again: `aws sso login` (it follows `AWS_PROFILE`), then run the same command again"
    } else if says(&["external process", "credential_process", "credential process"]) {
        "run the command of `credential_process` in `~/.aws/config` by hand: it must exit with 0 and print JSON with `\"Version\": 1`"
    } else if says(&["assumerole", "assume role"]) {
        "look at the role's trust policy and at `role_arn` and `source_profile` in `~/.aws/config`; \
         `aws sts get-caller-identity` asks for the same role"
    } else if says(&["web identity", "webidentity", "no such file"]) {
        "look at `AWS_WEB_IDENTITY_TOKEN_FILE` or `web_identity_token_file`: the file with the token must be there; then at the role's \
         trust policy"
    } else if says(&["profile"]) {
        "`aws configure list-profiles` lists the profiles; choose one with `AWS_PROFILE`, or correct `~/.aws/config`"
    } else if says(&["invalidclienttokenid", "signaturedoesnotmatch", "invalidaccesskeyid"]) {
        "AWS does not know this key, or the secret key does not match: `aws configure list` shows where it comes from; choose another \
         profile with `AWS_PROFILE`"
    } else {
        "sign in, for example with `aws sso login`, or choose a profile with `AWS_PROFILE`; \
         `aws sts get-caller-identity` shows who you are"
    };
    advice.to_owned()
}

/// What to do about a denial, by the kind of policy that AWS names.
///
/// Source: IAM guide, "Troubleshoot access denied error messages".
pub(super) fn who_denies(detail: &str) -> String {
    let words = detail.to_lowercase();
    let of_organization = ["service control policy", "resource control policy"];
    if let Some(policy) = of_organization.into_iter().find(|policy| words.contains(policy)) {
        return format!(
            "a {policy} of the organization denies it, and nothing in this account can allow it: ask whoever administers AWS \
             Organizations for an exception; the site needs its two regions and us-east-1"
        );
    }
    for (policy, whose) in [
        ("permissions boundary", "the identity's permissions boundary"),
        ("session policy", "the session's own policy, given when the role was taken"),
        ("vpc endpoint policy", "the policy of the VPC endpoint that the call goes through"),
    ] {
        if words.contains(policy) {
            return format!(
                "{whose} does not allow it: whoever wrote it can; `aws sts get-caller-identity` shows who you are"
            );
        }
    }
    if words.contains("encoded authorization failure message") {
        return "the signed-in identity lacks the permission; `aws sts decode-authorization-message --encoded-message …` tells which \
                policy denies it"
            .to_owned();
    }
    "the signed-in identity lacks the permission: `aws sts get-caller-identity` shows which one it is".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_names_the_kind_of_policy_that_denies() {
        let denied = |by: &str| {
            format!(
                "User: arn is not authorized to perform: sns:ListTopics with an explicit deny in a {by}"
            )
        };
        let cases = [
            ("service control policy", "organization"),
            ("resource control policy", "organization"),
            ("permissions boundary", "boundary"),
            ("session policy", "session"),
            ("VPC endpoint policy", "VPC endpoint"),
            ("identity-based policy", "lacks the permission"),
        ];
        for (policy, expected) in cases {
            let told = who_denies(&denied(policy));
            assert!(told.contains(expected), "{policy}: {told}");
        }
        let told = who_denies("You are not authorized. Encoded authorization failure message: x");
        assert!(told.contains("decode-authorization-message"), "{told}");
    }
}
