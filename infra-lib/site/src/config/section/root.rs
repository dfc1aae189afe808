//! What stands above the first table: whose site it is, and who is told.

use super::super::key::section;
use super::super::takes::{Takes, text, text_or_texts};
use super::super::value::email;
use crate::names::{AccountId, HostedZoneId, Hostname, SiteName};

/// How many addresses are told of a failover. The templates have a parameter for each.
const NOTICE_EMAILS_MAX: usize = 3;

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
    }
}
