//! What stands above the first table: whose site it is, and who is told.

use super::super::key::section;
use super::super::takes::{kept, text, text_or_texts, texts};
use super::super::value::email;
use crate::names::{AccountId, HostedZoneId, Hostname, NameError, Region, SiteName};

/// How many addresses are told of a failover. The templates have a parameter for each.
const NOTICE_EMAILS_MAX: usize = 3;

/// One for each region that tells people.
const NOTICE_TOPICS_MAX: usize = 2;
/// How many endpoints are told. The templates have a parameter for each.
const NOTICE_WEBHOOKS_MAX: usize = 2;

section! {
    /// Whose site it is, and who is told.
    struct Root = "", |around| {
        /// Prefix of every name that the site owns: 3 to 22 lower-case letters, digits or hyphens.
        name: SiteName = text(SiteName::parse).required("shop"),
        /// The host name that users type.
        hostname: Hostname = text(Hostname::parse).required("shop.example.com"),
        /// Id of the Route 53 zone that answers for `hostname`. The zone must exist; it is never changed but for this name.
        hosted_zone_id: HostedZoneId = text(HostedZoneId::parse).required("Z0123456789ABCDEFGHIJ"),
        /// The account that the site belongs to. `deploy` and `doctor` work with no other.
        account: Option<AccountId> = text(AccountId::parse).optional("111122223333"),
        /// Who is told of a failover: an address, or up to three as `["a@example.com", "b@example.com"]`. Each gets a mail from
        /// AWS and must confirm once for each topic.
        notice_email: Vec<String> = text_or_texts(email, NOTICE_EMAILS_MAX, "ops@example.com"),
        /// Your own topics instead of the site's, for chat and pagers that hang on them: one in the standby's region for the
        /// controller's notices, one in us-east-1 for the failover alarm. Each must let CloudWatch publish.
        notice_topic: Vec<String> = text_or_texts(topic, NOTICE_TOPICS_MAX, "arn:aws:sns:us-east-1:111122223333:pager"),
        /// HTTPS endpoints that are told too. Each receiver must confirm once for each topic.
        notice_webhooks: Vec<String> = texts(webhook, NOTICE_WEBHOOKS_MAX),
    }
}

fn topic(text: &str) -> Result<String, NameError> {
    let parts: Vec<_> = text.split(':').collect();
    let good = match parts[..] {
        ["arn", partition, "sns", region, account, name] => {
            partition.starts_with("aws")
                && Region::parse(region).is_ok()
                && AccountId::parse(account).is_ok()
                && !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        }
        _ => false,
    };
    kept(text, good, "the ARN of a topic, such as `arn:aws:sns:us-east-1:111122223333:pager`")
}

fn webhook(text: &str) -> Result<String, NameError> {
    let host = text.strip_prefix("https://").and_then(|rest| rest.split(['/', ':', '?']).next());
    let is_name = |host: &str| {
        host.contains('.')
            && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte))
    };
    let good = host.is_some_and(is_name) && text.bytes().all(|byte| byte.is_ascii_graphic());
    kept(text, good, "an HTTPS URL, such as `https://hooks.example.com/pilotlight`")
}
