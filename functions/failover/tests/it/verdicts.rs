//! Route 53's verdict, asked of real servers on this machine.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use failover::dns::{Addresses, Resolve, ZoneServers};
use failover::port::Verdicts as _;
use failover::settings::NameServer;
use failover_core::observation::{Known, Verdict, Why};
use hickory_proto::op::Message;
use hickory_proto::rr::{RData, Record, rdata};
use tokio::net::UdpSocket;

/// How a server of the zone behaves.
#[derive(Clone, Copy)]
enum Server {
    Says(&'static str),
    /// As one that knows it from somebody else.
    Repeats(&'static str),
    /// Answers a question that nobody asked, and then the right one.
    Foreign(&'static str),
    Silent,
}

/// Serves until the test ends.
async fn serve(server: Server) -> SocketAddr {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let address = socket.local_addr().expect("an address");
    tokio::spawn(async move {
        let mut buffer = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            let question = Message::from_vec(&buffer[..length]).expect("a question");
            assert!(!question.metadata.recursion_desired, "nobody is to ask for us");
            let (words, authority) = match server {
                Server::Says(words) | Server::Foreign(words) => (words, true),
                Server::Repeats(words) => (words, false),
                Server::Silent => continue,
            };
            if let Server::Foreign(_) = server {
                let mut other = answer(&question, "unhealthy", true);
                other.metadata.id = question.metadata.id.wrapping_add(1);
                let bytes = other.to_vec().expect("it can be written");
                socket.send_to(&bytes, from).await.expect("it is sent");
            }
            let bytes = answer(&question, words, authority).to_vec().expect("it can be written");
            socket.send_to(&bytes, from).await.expect("it is sent");
        }
    });
    address
}

fn answer(question: &Message, words: &str, authority: bool) -> Message {
    let name = question.queries[0].name().clone();
    assert_eq!(name.to_string(), "pilotlight-verdict.shop.example.com.");
    let mut answer = question.clone().into_response();
    answer.metadata.authoritative = authority;
    let data = RData::TXT(rdata::TXT::new(vec![words.to_owned()]));
    answer.add_answer(Record::from_rdata(name, 5, data));
    answer
}

/// Knows one name, and is asked no more often than it has to be.
#[derive(Debug)]
struct Once(std::sync::Mutex<usize>);

#[async_trait]
impl Resolve for Once {
    async fn resolve(&self, name: &str) -> Known<Addresses> {
        *self.0.lock().expect("one thread") += 1;
        let known = name.starts_with("ns-").then(|| [Ipv4Addr::LOCALHOST.into()].into());
        known.map_or(Known::Unknown(Why::Empty), Known::Known)
    }
}

async fn asked(servers: [Server; 2]) -> Known<Verdict> {
    zone(servers).await.0.read_verdict().await
}

async fn zone([one, other]: [Server; 2]) -> (ZoneServers, Arc<Once>) {
    let (one, other) = (serve(one).await.port(), serve(other).await.port());
    let pair = [
        NameServer { host: "ns-1.example.com".to_owned(), port: one },
        NameServer { host: "127.0.0.1".to_owned(), port: other },
    ];
    let resolver = Arc::new(Once(std::sync::Mutex::default()));
    let by = Arc::clone(&resolver) as Arc<dyn Resolve>;
    (ZoneServers::new(Some(pair), "shop.example.com", by), resolver)
}

#[tokio::test]
async fn two_servers_that_agree_give_the_verdict() {
    let verdict = |word| asked([Server::Says(word), Server::Says(word)]);
    assert_eq!(verdict("healthy").await, Known::Known(Verdict::Healthy));
    assert_eq!(verdict("unhealthy").await, Known::Known(Verdict::Unhealthy));
    assert_eq!(verdict("perhaps").await, Known::Unknown(Why::Unparseable));
}

/// Goal: one server that lies, lags or is cut off raises nothing.
#[tokio::test]
async fn one_server_alone_gives_no_verdict() {
    let split = asked([Server::Says("unhealthy"), Server::Says("healthy")]).await;
    assert_eq!(split, Known::Unknown(Why::Unparseable));
    let repeated = asked([Server::Says("unhealthy"), Server::Repeats("unhealthy")]).await;
    assert_eq!(repeated, Known::Unknown(Why::Unparseable));
    let silent = asked([Server::Says("unhealthy"), Server::Silent]).await;
    assert_eq!(silent, Known::Unknown(Why::Timeout));
}

#[tokio::test]
async fn an_answer_to_another_question_is_passed_over() {
    let verdict = asked([Server::Foreign("healthy"), Server::Says("healthy")]).await;
    assert_eq!(verdict, Known::Known(Verdict::Healthy));
}

/// Goal: a resolver that fails in the outage takes no verdict away. Method: a server that answered is not looked up again.
#[tokio::test]
async fn a_server_that_answers_is_looked_up_once() {
    let (zone, resolver) = zone([Server::Says("healthy"), Server::Says("healthy")]).await;
    for _ in 0..3 {
        assert_eq!(zone.read_verdict().await, Known::Known(Verdict::Healthy));
    }
    assert_eq!(*resolver.0.lock().expect("one thread"), 1, "the other is an address");
}

/// Goal: silence ends within the bound of a look's first reading.
#[tokio::test]
async fn silent_servers_are_given_up_within_a_second_or_so() {
    let began = Instant::now();
    let silent = asked([Server::Silent, Server::Silent]).await;
    assert_eq!(silent, Known::Unknown(Why::Timeout));
    assert!(began.elapsed() < Duration::from_millis(1500));
}

#[tokio::test]
async fn without_servers_the_verdict_is_not_asked() {
    let zone =
        ZoneServers::new(None, "shop.example.com", Arc::new(Once(std::sync::Mutex::default())));
    assert_eq!(zone.read_verdict().await, Known::Unknown(Why::NotAsked));
}
