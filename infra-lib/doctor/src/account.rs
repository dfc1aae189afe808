//! The site file, who asks, and where.

use futures::future::join_all;
use miette::Diagnostic as _;

use check::Severity;
use cloud::{Kept, RegionStatus};
use site::model::StackId;
use site::names::Region;

use super::case::{Case, Place};
use super::verdict::{Answer, Verdict};

/// BOUND: AWS refuses signatures that are five minutes off.
const SKEW_MAX_SECONDS: i64 = 300;
/// From here on it is worth a word.
const SKEW_SECONDS: i64 = 30;

pub(super) fn site_file(case: &Case<'_>) -> Verdict {
    let findings = check::check(case.site);
    let Some(worst) = findings.first() else {
        return Verdict::ok(format!("{} stacks, no findings", case.site.stacks.len()));
    };
    let more = match findings.len() - 1 {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    let what = format!("{}: {}{more}", worst.rule, worst.message);
    let fix = format!("{}; `cargo xtask check` shows the place", worst.fix);
    match worst.severity {
        Severity::Error => Verdict::error(what, fix),
        Severity::Warning => Verdict::warning(what, fix),
    }
}

pub(super) fn credentials(case: &Case<'_>) -> Verdict {
    match &case.caller {
        Ok(caller) if caller.arn.is_empty() => Verdict::ok("signed in"),
        Ok(caller) => Verdict::ok(&caller.arn),
        Err(error) if error.is_credentials() => {
            let fix = error.help().map(|help| help.to_string()).unwrap_or_default();
            Verdict::error(error.to_string(), fix)
        }
        Err(error) => Verdict::warning(
            error.to_string(),
            "check the network and, if it is set, `AWS_ENDPOINT_URL`",
        ),
    }
}

pub(super) fn account(case: &Case<'_>) -> Verdict {
    let expected = case.site.config.account.as_ref();
    match (&case.caller, expected) {
        (Err(_), _) => Verdict::skipped("AWS does not say whose credentials these are"),
        (Ok(caller), Some(expected)) if case.is_foreign(caller) => Verdict::error(
            format!("the credentials are of account {}, not of {expected}", caller.account),
            "choose another profile with `AWS_PROFILE`; or change `account` in the site file",
        ),
        (Ok(caller), Some(_)) => Verdict::ok(format!("{}, as the site file says", caller.account)),
        (Ok(caller), None) => Verdict::skipped(format!(
            "any account is accepted, and this is {0}: `account = \"{0}\"` in the site file refuses others",
            caller.account
        )),
    }
}

pub(super) fn caller(case: &Case<'_>) -> Answer {
    let caller = case.caller.clone()?;
    if case.is_local() {
        return Ok(Verdict::skipped("an emulator treats everybody as the account's root user"));
    }
    if caller.is_root() {
        return Ok(Verdict::warning(
            "the credentials are those of the account's root user, whom no policy limits",
            "sign in as a user or a role, and delete the root user's access keys",
        ));
    }
    Ok(Verdict::ok("not the account's root user"))
}

pub(super) async fn clock(case: &Case<'_>) -> Answer {
    let region = case.region(Place::Here);
    let Some(theirs) = case.reach.premises.clock(&region).await? else {
        return Ok(Verdict::skipped("the answer has no date"));
    };
    let off = case.now.as_second() - theirs.as_second();
    let what = || match off {
        0.. => format!("this machine is {off} s ahead of AWS"),
        _ => format!("this machine is {} s behind AWS", -off),
    };
    let fix = "let the clock follow a time server: `timedatectl set-ntp true`";
    Ok(match off.abs() {
        SKEW_MAX_SECONDS.. => Verdict::error(format!("{}; AWS refuses that", what()), fix),
        SKEW_SECONDS.. => Verdict::warning(what(), fix),
        _ => Verdict::ok(format!("within {SKEW_SECONDS} s of AWS")),
    })
}

/// Osaka: EC2 enables it for every account, and SNS's list of opt-in regions has it. Source: Amazon SNS guide, "Sending Amazon
/// SNS messages to an Amazon SQS queue or AWS Lambda function in a different Region".
const OPT_IN_FOR_SNS: &str = "ap-northeast-3";

pub(super) async fn region(case: &Case<'_>, place: Place) -> Answer {
    let region = case.region(place);
    let regions = "`aws ec2 describe-regions --query 'Regions[].RegionName'` lists the regions";
    Ok(match case.reach.premises.region_status(&region).await? {
        None => case.on_aws(Verdict::error(format!("AWS has no region {region}"), regions)),
        Some(RegionStatus::NotOptedIn) => Verdict::error(
            "the account has not enabled this region",
            format!("enable it: `aws account enable-region --region-name {region}`"),
        ),
        // Source: Amazon SNS guide, "Prerequisites for integrating Amazon SNS with Lambda functions across regions".
        Some(RegionStatus::OptedIn) if place == Place::Standby => Verdict::error(
            format!("SNS in {} delivers to no Lambda in an opt-in region", Region::detector()),
            "choose a standby region that is enabled by default, such as us-east-2; this one works as the primary",
        ),
        Some(RegionStatus::OptedIn) => Verdict::ok("opted in"),
        Some(RegionStatus::Default)
            if place == Place::Standby && region.as_str() == OPT_IN_FOR_SNS =>
        {
            let from = Region::detector();
            Verdict::warning(
                format!(
                    "enabled by default, but SNS counts it as an opt-in region, and SNS in {from} delivers to no Lambda in one: a \
                     failover may wait for the next tick"
                ),
                "choose another standby region, such as ap-northeast-1; this one works as the primary",
            )
        }
        Some(RegionStatus::Default) => Verdict::ok("enabled by default"),
    })
}

/// Whether the detector's region answers what a deploy will ask there. Who is signed in may be asked whatever a policy denies, so
/// that alone tells little.
pub(super) async fn answers(case: &Case<'_>, place: Place) -> Answer {
    let region = case.region(place);
    if let Err(error) = case.reach.premises.identity(&region).await {
        return Ok(Verdict::error(
            error.to_string(),
            "Route 53 keeps its metrics here and nowhere else: nothing can be deployed until it answers",
        ));
    }
    for stack in [StackId::Detector, StackId::Edge] {
        case.view(stack)?;
    }
    let name = format!("{}-detector", case.site.config.name);
    let kinds = [Kept::Alarm, Kept::Topic, Kept::Queue];
    let looks = kinds.map(|kind| case.reach.wiring.exists(&region, kind, &name));
    for answer in join_all(looks).await {
        answer?;
    }
    Ok(Verdict::ok("answers"))
}
