//! Whether Auto Scaling may use the keys of the disks. If it may not, EC2 ends each instance as it starts.

use serde_json::Value;

use cloud::KeyView;
use cloud::launches::EBS_ALIAS;

use super::case::{Case, Place};
use super::deployed::Deployed;
use super::launch;
use super::verdict::{Answer, Stop, Verdict};

// Source: EBS guide, "Requirements for Amazon EBS encryption", and Auto Scaling guide, "Required AWS KMS key policy for use with
// encrypted volumes".
const NEEDED: [&str; 4] =
    ["CreateGrant", "Decrypt", "DescribeKey", "GenerateDataKeyWithoutPlaintext"];
/// Conditions that hold for a launch in the key's own account.
const HOLDS: [&str; 3] = ["kms:GrantIsForAWSResource", "kms:ViaService", "kms:CallerAccount"];

/// Whether somebody may do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Leave {
    No,
    /// It hangs on a condition that is not looked into.
    Unclear,
    Yes,
}

pub(super) async fn check(case: &Case<'_>, place: Place) -> Answer {
    let deployed = if_any(case.deployed(place))?;
    let role = role(case, deployed)?;
    let default = case.reach.premises.ebs_default_key(&case.region(place)).await?;
    let mut keys = vec![("the default key of EBS", default)];
    keys.extend(own_keys(case, place, deployed).await?);
    let mut worst = None;
    for (what, id) in keys {
        match judged(case, place, &id, what, &role).await? {
            Verdict::Ok(_) | Verdict::Skipped(_) => {}
            verdict @ Verdict::Error(_) => return Ok(case.on_aws(verdict)),
            verdict @ Verdict::Warning(_) => worst = worst.or(Some(verdict)),
        }
    }
    let well = || Verdict::ok("Auto Scaling may use the keys of the disks");
    Ok(case.on_aws(worst.unwrap_or_else(well)))
}

/// Who launches: the group's own role, or the one that Auto Scaling takes where none is named.
fn role(case: &Case<'_>, deployed: Option<&Deployed>) -> Result<String, Stop> {
    let own = deployed.and_then(|deployed| deployed.launch().ok()?.role.clone());
    match (own, &case.caller) {
        (Some(role), _) => Ok(role),
        (None, Ok(caller)) => Ok(format!(
            "arn:aws:iam::{}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
            caller.account
        )),
        (None, Err(error)) => Err(Stop::Cloud(error.clone())),
    }
}

/// Keys that the launch template names, and those of its image. Before the first deploy there are none.
async fn own_keys(
    case: &Case<'_>,
    place: Place,
    deployed: Option<&Deployed>,
) -> Result<Vec<(&'static str, String)>, Stop> {
    let template = deployed.map(Deployed::template).map_or(Ok(None), if_any)?;
    let Some(template) = template else { return Ok(Vec::new()) };
    let mut keys: Vec<_> =
        template.keys.iter().map(|key| ("the template's key", key.clone())).collect();
    let image = if_any(launch::image(case, place).await)?.flatten();
    let snapshots = image.map(|image| image.encrypted_snapshots).unwrap_or_default();
    if !snapshots.is_empty() {
        let found = case.reach.premises.snapshot_keys(&case.region(place), &snapshots).await?;
        keys.extend(found.into_iter().map(|key| ("the image's key", key)));
    }
    Ok(keys)
}

/// What is not there is told by another check.
fn if_any<T>(found: Result<T, Stop>) -> Result<Option<T>, Stop> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(Stop::Nothing(_)) => Ok(None),
        Err(stop @ Stop::Cloud(_)) => Err(stop),
    }
}

async fn judged(case: &Case<'_>, place: Place, id: &str, what: &str, role: &str) -> Answer {
    // KMS makes this key when somebody first asks for it, so it is not asked.
    if id.ends_with(EBS_ALIAS) {
        return Ok(Verdict::ok("AWS's own key"));
    }
    let region = case.region(place);
    let look = format!(
        "`aws kms describe-key --region {region} --key-id {id}` shows it; enable it, or choose another default key in EC2's \
         settings"
    );
    let Some(found) = case.reach.premises.key(&region, id).await? else {
        return Ok(Verdict::error(format!("{what}, {id}, is gone: no launch can succeed"), look));
    };
    if found.state != "Enabled" {
        let what = format!("{what}, {id}, is {}: no launch can succeed", found.state);
        return Ok(Verdict::error(what, look));
    }
    if found.is_aws_managed {
        return Ok(Verdict::ok("AWS's own key"));
    }
    let lacking = lacking(case, place, &found, role).await?;
    let key = found.arn;
    // All that copies with another key take too.
    let fix = format!(
        "allow it in the key's policy, or: `aws kms create-grant --region {region} --key-id {key} --grantee-principal {role} \
         --operations CreateGrant Decrypt DescribeKey Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext ReEncryptFrom \
         ReEncryptTo`"
    );
    let named = |leave| {
        let named = lacking.iter().filter(|(_, found)| *found == leave).map(|(name, _)| *name);
        named.collect::<Vec<_>>().join(", ")
    };
    Ok(match lacking.iter().map(|(_, leave)| *leave).min() {
        None => Verdict::ok("the key lets it"),
        Some(Leave::No) => Verdict::error(
            format!(
                "{what}, {key}, does not let Auto Scaling use it, so every launch fails: {} is missing for {role}",
                named(Leave::No)
            ),
            fix,
        ),
        Some(Leave::Unclear | Leave::Yes) => Verdict::warning(
            format!(
                "{what}, {key}, lets Auto Scaling use it on conditions that are not looked into: {}",
                named(Leave::Unclear)
            ),
            fix,
        ),
    })
}

/// What the role may not do for certain. What the policy does not tell, a grant may; either can be closed to us.
async fn lacking(
    case: &Case<'_>,
    place: Place,
    key: &KeyView,
    role: &str,
) -> Result<Vec<(&'static str, Leave)>, Stop> {
    let region = case.region(place);
    let grants = case.reach.premises.key_grants(&region, &key.arn, role).await;
    let policy = case.reach.premises.key_policy(&region, &key.arn).await;
    let policy_text = policy.as_deref().unwrap_or("{}");
    let parsed = serde_json::from_str(policy_text).unwrap_or(Value::Null);
    let leave = |operation: &str| {
        let granted = grants.iter().flatten().any(|granted| granted == operation);
        let by_policy = told(&parsed, "Allow", role, operation);
        match (granted, told(&parsed, "Deny", role, operation)) {
            (_, Leave::Yes) => Leave::No,
            (true, Leave::No) => Leave::Yes,
            (true, Leave::Unclear) => Leave::Unclear,
            (false, Leave::Unclear) => by_policy.min(Leave::Unclear),
            (false, Leave::No) => by_policy,
        }
    };
    let found = NEEDED.map(|operation| (operation, leave(operation)));
    let lacking: Vec<_> = found.into_iter().filter(|(_, leave)| *leave != Leave::Yes).collect();
    if !lacking.is_empty() {
        policy?;
        grants?;
    }
    Ok(lacking)
}

/// Whether a policy has a statement of an effect for what the role does.
fn told(policy: &Value, effect: &str, role: &str, operation: &str) -> Leave {
    let speaks = |statement: &&Value| {
        statement["Effect"] == effect
            && is_named(statement, role)
            && covers(statement, &format!("kms:{operation}"))
    };
    let spoken = each(&policy["Statement"]).filter(speaks).map(|statement| {
        let keys = statement["Condition"].as_object().into_iter().flat_map(|kinds| kinds.values());
        let mut keys = keys.filter_map(Value::as_object).flat_map(|keys| keys.keys());
        let holds = |key: &String| HOLDS.iter().any(|one| one.eq_ignore_ascii_case(key));
        if keys.all(holds) { Leave::Yes } else { Leave::Unclear }
    });
    spoken.max().unwrap_or(Leave::No)
}

/// Whether a statement speaks of the role. The account alone does not: the role's own policy, which AWS writes, names no key.
fn is_named(statement: &Value, role: &str) -> bool {
    let names = |principal: &Value| {
        let named = principal.as_str() == Some("*");
        named
            || each(&principal["AWS"])
                .any(|name| matches!(name.as_str(), Some(name) if name == "*" || name == role))
    };
    if statement["NotPrincipal"].is_null() {
        return names(&statement["Principal"]);
    }
    !names(&statement["NotPrincipal"])
}

fn covers(statement: &Value, action: &str) -> bool {
    let matches = |actions: &Value| {
        each(actions).filter_map(Value::as_str).any(|pattern| is_like(pattern, action))
    };
    if statement["NotAction"].is_null() {
        return matches(&statement["Action"]);
    }
    !matches(&statement["NotAction"])
}

/// Whether a word is as a pattern has it, whatever its case. `*` stands for any letters, `?` for one.
fn is_like(pattern: &str, word: &str) -> bool {
    let mut letters = pattern.chars();
    match letters.next() {
        None => word.is_empty(),
        Some('*') => {
            let rest = letters.as_str();
            (0..=word.len()).filter_map(|at| word.get(at..)).any(|word| is_like(rest, word))
        }
        Some(letter) => {
            let mut others = word.chars();
            others.next().is_some_and(|other| {
                (letter == '?' || letter.eq_ignore_ascii_case(&other))
                    && is_like(letters.as_str(), others.as_str())
            })
        }
    }
}

/// The items of a list, or the one that stands for it.
fn each(value: &Value) -> impl Iterator<Item = &Value> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let one = (!value.is_array() && !value.is_null()).then_some(value);
    list.iter().chain(one)
}
