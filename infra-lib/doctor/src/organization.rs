//! What the account's owner demands, and the topics that are brought: whether they are there.

use site::names::Region;

use super::case::Case;
use super::names::nothing;
use super::verdict::{Answer, Verdict};

const CLOUDFORMATION: &str = "cloudformation.amazonaws.com";

/// A boundary or a role that is not there fails the first stack with a role, or every one.
pub(super) async fn demands(case: &Case<'_>) -> Answer {
    let demands = &case.site.config.organization;
    let mut found = Vec::new();
    if let Some(arn) = &demands.permissions_boundary {
        if !case.reach.premises.policy_exists(arn).await? {
            return Ok(Verdict::error(
                format!("there is no policy {arn}"),
                "correct `permissions_boundary` in [organization]: `aws iam list-policies --scope Local` lists the account's own",
            ));
        }
        found.push("the permissions boundary exists");
    }
    if let Some(arn) = &demands.deploy_role {
        let Some(trust) = case.reach.premises.role_trust(arn).await? else {
            return Ok(Verdict::error(
                format!("there is no role {arn}"),
                "correct `deploy_role` in [organization]: `aws iam list-roles` lists them",
            ));
        };
        if !trust.contains(CLOUDFORMATION) {
            return Ok(Verdict::error(
                format!("CloudFormation may not take the role {arn}"),
                format!("its trust policy has to allow {CLOUDFORMATION} to call sts:AssumeRole"),
            ));
        }
        found.push("CloudFormation may take the deploy role");
    }
    if found.is_empty() {
        return Err(nothing("[organization] names neither a boundary nor a role"));
    }
    Ok(Verdict::ok(found.join(", ")))
}

/// A topic that is not there fails its stack; one without a receiver tells nobody.
pub(super) async fn topics(case: &Case<'_>) -> Answer {
    let brought = &case.site.config.notice_topics;
    if brought.is_empty() {
        return Err(nothing("`notice_topic` is not set: the site has topics of its own"));
    }
    let mut receivers = 0;
    for arn in brought {
        let region = arn.split(':').nth(3).and_then(|region| Region::parse(region).ok());
        let region = region.expect("the reader of the site file has checked it");
        let Some(found) = case.reach.wiring.subscriptions(&region, arn).await? else {
            return Ok(Verdict::error(
                format!("there is no topic {arn}"),
                format!(
                    "correct `notice_topic`: `aws sns list-topics --region {region}` lists them"
                ),
            ));
        };
        let confirmed = found.iter().filter(|one| !one.pending).count();
        if confirmed == 0 {
            return Ok(Verdict::warning(
                format!("{arn} has no confirmed subscription"),
                format!(
                    "see who is asked with `aws sns list-subscriptions-by-topic --region {region} --topic-arn {arn}`"
                ),
            ));
        }
        receivers += confirmed;
    }
    Ok(Verdict::ok(format!("your own: {}, with {receivers} confirmed receivers", brought.len())))
}
