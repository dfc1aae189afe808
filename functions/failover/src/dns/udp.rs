//! One question over UDP to a server that the settings name: a drill's little internet, or a
//! resolver of the operator's choice.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use failover_core::observation::{Known, Why};
use hickory_proto::op::{Message, MessageType, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, RecordType};
use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout_at};

use super::{Addresses, Resolve, some};

/// BOUND: two tries fit into the bound of all reads.
const TRY_MAX: Duration = Duration::from_secs(1);
const TRIES: usize = 2;
/// BOUND: DNS over UDP without EDNS answers in 512 bytes; the rest is room for servers that do not
/// care.
const ANSWER_MAX: usize = 4096;

/// A DNS server that is asked directly.
///
/// Only `A` records: a Route 53 alias to a load balancer always has them, and comparing one family
/// is enough.
#[derive(Clone, Copy, Debug)]
pub struct DnsServer {
    /// Where it listens.
    pub address: SocketAddr,
}

#[async_trait]
impl Resolve for DnsServer {
    async fn resolve(&self, name: &str) -> Known<Addresses> {
        let Ok(mut name) = Name::from_str(name) else { return Known::Unknown(Why::Unparseable) };
        name.set_fqdn(true);
        let mut known = Known::Unknown(Why::Timeout);
        for _ in 0..TRIES {
            known = self.ask(&name).await.unwrap_or(Known::Unknown(Why::Timeout));
            if known != Known::Unknown(Why::Timeout) {
                break;
            }
        }
        known
    }
}

impl DnsServer {
    async fn ask(&self, name: &Name) -> io::Result<Known<Addresses>> {
        let mut question = Message::query();
        question.metadata.recursion_desired = true;
        question.add_query(Query::query(name.clone(), RecordType::A));
        exchange(self.address, &question, TRY_MAX).await.map(|answer| read(&answer))
    }
}

/// Sends one question and waits for its answer, once.
pub(super) async fn exchange(
    server: SocketAddr,
    question: &Message,
    bound: Duration,
) -> io::Result<Message> {
    let bytes = question.to_vec().map_err(io::Error::other)?;
    let deadline = Instant::now() + bound;
    let any: IpAddr = match server {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).await?;
    // A connected socket takes answers from this server alone.
    socket.connect(server).await?;
    socket.send(&bytes).await?;
    let mut buffer = [0; ANSWER_MAX];
    // BOUND: foreign datagrams are skipped until the deadline.
    loop {
        let length = timeout_at(deadline, socket.recv(&mut buffer)).await??;
        let Ok(answer) = Message::from_vec(&buffer[..length]) else { continue };
        if belongs(&answer, question) {
            return Ok(answer);
        }
    }
}

/// An answer to this question and to no other one.
fn belongs(answer: &Message, question: &Message) -> bool {
    answer.metadata.id == question.metadata.id
        && answer.metadata.message_type == MessageType::Response
        && answer.queries == question.queries
}

fn read(answer: &Message) -> Known<Addresses> {
    if answer.metadata.truncation {
        return Known::Unknown(Why::Unparseable);
    }
    let code = answer.metadata.response_code;
    if code == ResponseCode::Refused {
        Known::Unknown(Why::Denied)
    } else if [ResponseCode::NoError, ResponseCode::NXDomain].contains(&code) {
        let address = |data: &RData| {
            if let RData::A(address) = data { Some(IpAddr::V4(address.0)) } else { None }
        };
        some(answer.answers.iter().filter_map(|record| address(&record.data)).collect())
    } else {
        Known::Unknown(Why::Fault)
    }
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::{Record, rdata};

    use super::*;

    fn question() -> Message {
        let mut question = Message::query();
        let name = Name::from_str("shop.example.com.").expect("a valid name");
        question.add_query(Query::query(name, RecordType::A));
        question
    }

    fn answer(question: &Message, last: &[u8]) -> Message {
        let mut answer = question.clone().into_response();
        for &last in last {
            let data = RData::A(rdata::A(Ipv4Addr::new(192, 0, 2, last)));
            answer.add_answer(Record::from_rdata(question.queries[0].name().clone(), 60, data));
        }
        answer
    }

    #[test]
    fn an_answer_with_another_id_or_question_is_not_ours() {
        let question = question();
        let ours = answer(&question, &[1]);
        assert!(belongs(&ours, &question));
        let mut other = ours.clone();
        other.metadata.id = other.metadata.id.wrapping_add(1);
        assert!(!belongs(&other, &question));
        let mut other = ours.clone();
        other.queries[0].name = Name::from_str("evil.example.com.").expect("a valid name");
        assert!(!belongs(&other, &question));
        assert!(!belongs(&question, &question));
    }

    #[test]
    fn an_answer_is_read_and_an_empty_or_cut_one_is_unknown() {
        let question = question();
        let both = [1, 2].map(|last| IpAddr::from([192, 0, 2, last]));
        assert_eq!(read(&answer(&question, &[2, 1])), Known::Known(both.into_iter().collect()));
        assert_eq!(read(&answer(&question, &[])), Known::Unknown(Why::Empty));
        let mut cut = answer(&question, &[1]);
        cut.metadata.truncation = true;
        assert_eq!(read(&cut), Known::Unknown(Why::Unparseable));
        let mut failed = answer(&question, &[]);
        failed.metadata.response_code = ResponseCode::ServFail;
        assert_eq!(read(&failed), Known::Unknown(Why::Fault));
    }
}
