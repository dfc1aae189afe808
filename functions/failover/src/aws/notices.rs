//! The topic for notices, and who hears them.

use std::sync::Arc;

use aws_config::SdkConfig;
use aws_sdk_sns::Client;
use failover_core::decision::Notice;
use failover_core::observation::{Known, Subscriptions, Why};

use crate::error::WriteError;
use crate::log::{self, Level, Log};
use crate::settings::TopicArn;

use super::why::{read, sent};

/// Longest subject of an SNS message. Source: SNS API, `Publish.Subject`.
const SUBJECT_MAX: usize = 100;

#[derive(Clone, Debug)]
pub(super) struct Notices {
    client: Client,
    topic: TopicArn,
    asked: u32,
    log: Arc<dyn Log>,
}

impl Notices {
    pub(super) fn new(topic: TopicArn, asked: u32, config: &SdkConfig, log: Arc<dyn Log>) -> Self {
        Self { client: Client::new(config), topic, asked, log }
    }

    pub(super) async fn publish(&self, site: &str, notice: &Notice) -> Result<(), WriteError> {
        let publish = self
            .client
            .publish()
            .topic_arn(self.topic.to_string())
            .subject(subject(site, &notice.subject))
            .message(&notice.body);
        sent(publish.send().await)
    }

    pub(super) async fn read_subscriptions(&self) -> Known<Subscriptions> {
        let call = self.client.get_topic_attributes().topic_arn(self.topic.to_string());
        read(call.send().await, |error| self.complain(error)).and_then(|answer| {
            let count = |name| answer.attributes()?.get(name)?.parse().ok();
            let counts = (count("SubscriptionsConfirmed"), count("SubscriptionsPending"));
            let (Some(confirmed), Some(pending)) = counts else {
                return Known::Unknown(Why::Unparseable);
            };
            Known::Known(Subscriptions { confirmed, pending, asked: self.asked })
        })
    }

    fn complain(&self, error: &str) {
        let fields = [("read", "subscriptions"), ("region", self.topic.region()), ("error", error)];
        self.log.line(&log::problem(Level::Warn, "read failed", &fields));
    }
}

/// The site first: who is paged may look after several. SNS takes ASCII without control characters.
fn subject(site: &str, text: &str) -> String {
    let plain = |c: char| if c.is_ascii_graphic() || c == ' ' { c } else { '?' };
    format!("{site}: {text}").chars().map(plain).take(SUBJECT_MAX).collect()
}
