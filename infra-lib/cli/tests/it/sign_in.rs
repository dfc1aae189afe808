//! Every way to sign in that the AWS CLI knows: it reaches AWS, or fails with advice that helps.

use super::command::{Folder, SITE, told};
use super::endpoint::Endpoint;

/// A profile of each kind, as AWS's own commands write them.
const CONFIG: &str = r#"
[sso-session corp]
sso_start_url = https://corp-example.awsapps.com/start
sso_region = eu-west-1
sso_registration_scopes = sso:account:access

[profile by-sso]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = Operator

[profile by-process]
credential_process = /bin/echo '{"Version": 1, "AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": "EXAMPLEKEY"}'

[profile by-broken-process]
credential_process = /bin/false

[profile by-login]
login_session = arn:aws:iam::111122223333:user/operator

[profile by-keys]
aws_access_key_id = AKIDEXAMPLE
aws_secret_access_key = EXAMPLEKEY

[profile by-role]
role_arn = arn:aws:iam::111122223333:role/operator
source_profile = by-keys
region = us-east-1

[profile by-role-of-process]
role_arn = arn:aws:iam::111122223333:role/operator
source_profile = by-process

[profile by-code]
role_arn = arn:aws:iam::111122223333:role/operator
source_profile = by-keys
mfa_serial = arn:aws:iam::111122223333:mfa/operator

[profile by-role-of-code]
role_arn = arn:aws:iam::111122223333:role/auditor
source_profile = by-code

[profile by-web-identity]
role_arn = arn:aws:iam::111122223333:role/operator
web_identity_token_file = /nowhere/token

[profile by-instance]
role_arn = arn:aws:iam::111122223333:role/operator
credential_source = Ec2InstanceMetadata

[profile by-container]
role_arn = arn:aws:iam::111122223333:role/operator
credential_source = EcsContainer
"#;

fn run(endpoint: &Endpoint, profile: &str, arguments: &str) -> String {
    let folder = Folder::with(SITE);
    let mut command = endpoint.command_as(&folder, profile, CONFIG, arguments);
    told(&command.output().expect("it starts"))
}

/// Goal: what signs in with the AWS CLI signs in here. Method: a profile of each kind that needs nobody else.
#[test]
fn profiles_with_a_process_keys_or_a_role_reach_aws() {
    for profile in ["by-process", "by-keys", "by-role", "by-role-of-process"] {
        let endpoint = Endpoint::new();
        let told = run(&endpoint, profile, "failover --direct --yes");
        assert!(told.starts_with("exit code: 0\n"), "{profile}: {told}");
        let writes = endpoint.state().writes.clone();
        assert!(writes.iter().any(|call| call.starts_with("UpdateAutoScalingGroup")), "{writes:?}");
    }
}

/// Goal: a sign-in that cannot work says what to type. Method: one profile for each cause.
#[test]
fn a_sign_in_that_fails_names_the_way_to_sign_in() {
    let cases = [
        ("by-sso", "hint: sign in again: `aws sso login`"),
        ("by-login", "hint: sign in again: `aws login`"),
        ("by-broken-process", "hint: run the command of `credential_process`"),
        (
            "by-web-identity",
            "hint: look at `AWS_WEB_IDENTITY_TOKEN_FILE` or `web_identity_token_file`",
        ),
        ("by-nobody", "hint: `aws configure list-profiles`"),
    ];
    for (profile, advice) in cases {
        let told = run(&Endpoint::new(), profile, "failover --direct --yes");
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            told.contains("no valid AWS credentials") && told.contains(advice),
            "{profile}: {told}"
        );
        assert!(!told.contains("cargo feature"), "{profile}: {told}");
    }
    // Nobody hands out the roles of an instance or a container here, and that is told as such.
    for profile in ["by-instance", "by-container"] {
        let told = run(&Endpoint::new(), profile, "failover --direct --yes");
        assert!(told.contains("no valid AWS credentials"), "{profile}: {told}");
    }
}

#[test]
fn a_role_that_wants_a_code_tells_the_way_round() {
    for profile in ["by-code", "by-role-of-code"] {
        let endpoint = Endpoint::new();
        endpoint.state().refused.insert("AssumeRole", "AccessDenied");
        let told = run(&endpoint, profile, "failover --direct --yes");
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        for words in [
            "wants a code of multi-factor authentication (`mfa_serial`)",
            "AccessDenied",
            "`eval \"$(aws configure export-credentials --format env)\"`",
        ] {
            assert!(told.contains(words), "{profile} lacks {words}: {told}");
        }
    }
}

/// Goal: the outage of us-east-1 takes nothing that `--direct` needs. Method: the region that each call was signed for, with a
/// role that is taken over; the SDK sends a call to the region that it signs for.
#[test]
fn nothing_of_a_direct_failover_is_signed_for_us_east_1() {
    let endpoint = Endpoint::new();
    let verbs = ["failover --direct --yes", "failback --direct --accept-unproven --yes"];
    for verb in verbs {
        run(&endpoint, "by-role", verb);
    }
    let signed = endpoint.state().signed.clone();
    assert!(signed.contains(&"AssumeRole us-east-2".to_owned()), "{signed:?}");
    assert!(signed.contains(&"UpdateAutoScalingGroup us-east-2".to_owned()), "{signed:?}");
    assert!(!signed.iter().any(|call| call.ends_with(" us-east-1")), "{signed:?}");
}
