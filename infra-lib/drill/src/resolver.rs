//! A user's resolver: asks one server, and keeps answers for as long as they may be kept.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use doctor::resolver::{exchange, question};
use hickory_proto::op::Message;
use hickory_proto::rr::{RData, RecordType};

use crate::locked;

/// BOUND: the server is on this machine; a lost packet is asked for again once.
const TRIES: usize = 2;
const TRY_WITHIN: Duration = Duration::from_millis(500);

/// Whether a resolver keeps answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caching {
    /// Until their time to live has passed, as users' resolvers do.
    ForTtl,
    /// Never: it sees a change at once.
    Never,
}

/// A resolver that knows one server.
#[derive(Debug)]
pub(super) struct Resolver {
    server: SocketAddr,
    caching: Caching,
    kept: Mutex<HashMap<String, Kept>>,
}

#[derive(Clone, Copy, Debug)]
struct Kept {
    address: Ipv4Addr,
    until: Instant,
}

impl Resolver {
    pub(super) fn new(server: SocketAddr, caching: Caching) -> Self {
        Self { server, caching, kept: Mutex::default() }
    }

    /// The address behind `name`.
    pub(super) async fn resolve(&self, name: &str) -> io::Result<Ipv4Addr> {
        if let Some(address) = self.recall(name, Instant::now()) {
            return Ok(address);
        }
        let question = question(name, RecordType::A).map_err(io::Error::other)?;
        let mut answer = Err(io::ErrorKind::TimedOut.into());
        for _ in 0..TRIES {
            answer = exchange(self.server, &question, TRY_WITHIN).await;
            if answer.as_ref().map_err(io::Error::kind).err() != Some(io::ErrorKind::TimedOut) {
                break;
            }
        }
        let found = first_address(&answer?);
        let (address, ttl) = found.ok_or_else(|| io::Error::other("no address"))?;
        self.keep(name, address, ttl);
        Ok(address)
    }

    fn recall(&self, name: &str, now: Instant) -> Option<Ipv4Addr> {
        let kept = locked(&self.kept).get(name).copied()?;
        (now < kept.until).then_some(kept.address)
    }

    fn keep(&self, name: &str, address: Ipv4Addr, ttl: Duration) {
        match self.caching {
            Caching::ForTtl => {
                let until = Instant::now() + ttl;
                locked(&self.kept).insert(name.to_owned(), Kept { address, until });
            }
            Caching::Never => {}
        }
    }
}

fn first_address(answer: &Message) -> Option<(Ipv4Addr, Duration)> {
    answer.answers.iter().find_map(|record| {
        let RData::A(address) = &record.data else {
            return None;
        };
        Some((address.0, Duration::from_secs(record.ttl.into())))
    })
}

#[cfg(test)]
mod tests {
    use tokio::net::UdpSocket;

    use super::*;

    /// Goal: answers are kept for their time and no longer. Method: the memory alone, with times given.
    #[test]
    fn an_answer_is_kept_until_its_time_has_passed() {
        let server = SocketAddr::from((Ipv4Addr::LOCALHOST, 53));
        let ttl = Duration::from_mins(1);
        let caching = Resolver::new(server, Caching::ForTtl);
        caching.keep("a", Ipv4Addr::LOCALHOST, ttl);
        let now = Instant::now();
        assert_eq!(caching.recall("a", now), Some(Ipv4Addr::LOCALHOST));
        assert_eq!(caching.recall("b", now), None);
        assert_eq!(caching.recall("a", now + ttl), None);
        let never = Resolver::new(server, Caching::Never);
        never.keep("a", Ipv4Addr::LOCALHOST, ttl);
        assert_eq!(never.recall("a", now), None);
    }

    /// Goal: a server that is gone is an answer, not a wait. Method: a port that was just closed.
    #[tokio::test]
    async fn a_server_that_is_gone_is_said_at_once() {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let server = socket.local_addr().expect("bound");
        drop(socket);
        let error = Resolver::new(server, Caching::Never)
            .resolve("app.example.com")
            .await
            .expect_err("nobody answers");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused, "{error:?}");
    }
}
