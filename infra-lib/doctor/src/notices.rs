//! Whether the people who are to be told get it.

use futures::future::try_join_all;

use cloud::Subscription;
use site::model::StackId;
use site::names::Region;

use super::case::Case;
use super::names::nothing;
use super::verdict::{Answer, Stop, Verdict};

const TOPIC: &str = "AWS::SNS::Topic";

pub(super) async fn email(case: &Case<'_>) -> Answer {
    let config = &case.site.config;
    let wanted: Vec<&String> = config.notice_emails.iter().chain(&config.notice_webhooks).collect();
    if wanted.is_empty() {
        return Err(nothing("nobody gets notices: `notice_email` is not set"));
    }
    // The topics of the failover itself have functions alone; whoever has a mail address anywhere is looked for everywhere.
    let mut topics = topics(case).await?;
    for arn in &config.notice_topics {
        let region = arn.split(':').nth(3).and_then(|region| Region::parse(region).ok());
        topics.extend(region.map(|region| (region, arn.clone())));
    }
    let mut found: Vec<(&Region, &str, Subscription)> = Vec::new();
    for (region, arn) in &topics {
        let subscriptions = case.reach.wiring.subscriptions(region, arn).await?;
        let told = |found: &Subscription| {
            found.protocol == "email" || config.notice_webhooks.contains(&found.endpoint)
        };
        let mails = subscriptions.into_iter().flatten().filter(told);
        found.extend(mails.map(|mail| (region, arn.as_str(), mail)));
    }
    if let Some((region, arn, mail)) = found.iter().find(|(_, _, mail)| mail.pending) {
        return Ok(Verdict::warning(
            format!("{} has not confirmed the notices of {region}", mail.endpoint),
            format!(
                "{}; to get it again: `aws sns subscribe --region {region} --topic-arn {arn} --protocol {} \
                 --notification-endpoint {}`",
                if mail.protocol == "email" {
                    "follow the link in the mail from AWS"
                } else {
                    "the endpoint has to open the `SubscribeURL` that AWS sent it"
                },
                mail.protocol,
                mail.endpoint
            ),
        ));
    }
    let is_there = |address: &String| found.iter().any(|(_, _, mail)| mail.endpoint == *address);
    Ok(match wanted.into_iter().find(|address| !is_there(address)) {
        Some(address) => {
            let key =
                if address.starts_with("https://") { "notice_webhooks" } else { "notice_email" };
            Verdict::warning(
                format!("{address} is not subscribed to anything"),
                format!(
                    "it was unsubscribed: subscribe it again by hand, or remove it from `{key}`, deploy, and add it again"
                ),
            )
        }
        None => Verdict::ok(format!("{} confirmed, of {} topics", found.len(), topics.len())),
    })
}

/// The topics of the stacks that tell people.
async fn topics(case: &Case<'_>) -> Result<Vec<(Region, String)>, Stop> {
    let stacks = [StackId::Controller, StackId::Detector];
    for id in stacks {
        case.stack(id)?.ok_or_else(|| nothing("the site is not deployed"))?;
    }
    let looks = stacks.map(|id| {
        let stack = case.site.stack(id);
        async {
            let found =
                case.reach.cloud.stack_resources(&stack.region, stack.name.as_str()).await?;
            let topics = found.into_iter().filter(|found| found.resource_type == TOPIC);
            let named = topics.filter_map(|topic| Some((stack.region.clone(), topic.physical_id?)));
            Ok::<Vec<_>, Stop>(named.collect())
        }
    });
    Ok(try_join_all(looks).await?.into_iter().flatten().collect())
}
