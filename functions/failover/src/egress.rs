//! Proof that we reach the outside, from somebody who shares nothing with the site: when us-east-1
//! and the primary's region are dark together, it is the only one.

use std::sync::Arc;

use async_trait::async_trait;
use aws_smithy_http_client::tls::TlsContext;

use crate::dns::Resolve;
use crate::http::{Asker, Heard};
use crate::log::Log;
use crate::port::Outside;
use crate::settings::HttpUrl;

/// One GET of a public name. An answer of any status is the proof.
#[derive(Debug)]
pub struct HttpOutside {
    outside: Asker,
    log: Arc<dyn Log>,
}

impl HttpOutside {
    /// Asks `url`.
    #[must_use]
    pub fn new(
        url: HttpUrl,
        resolver: Arc<dyn Resolve>,
        tls: TlsContext,
        log: Arc<dyn Log>,
    ) -> Self {
        Self { outside: Asker::new(url, "pilotlight-egress", None, resolver, tls), log }
    }
}

#[async_trait]
impl Outside for HttpOutside {
    async fn reach(&self) -> bool {
        match self.outside.ask().await {
            Heard::Status(_) => true,
            Heard::Silence => false,
            // Whoever stands between us and the world can answer a handshake too.
            Heard::Untrusted => {
                self.outside.distrusts(&*self.log, "egress is not proven", "ask over http");
                false
            }
        }
    }
}
