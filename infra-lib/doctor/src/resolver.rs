//! DNS as the world sees it: questions over UDP to this machine's resolver, or straight to a name server.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use hickory_proto::ProtoError;
use hickory_proto::op::{Message, MessageType, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, RecordType};
use tokio::net::{UdpSocket, lookup_host};
use tokio::time::{Instant, timeout, timeout_at};

/// BOUND: a resolver that must ask the whole way from the root takes a second.
const TRY_MAX: Duration = Duration::from_secs(3);
const TRIES: usize = 2;
/// Room for servers that do not care for the 512 bytes of DNS over UDP.
const ANSWER_MAX: usize = 4096;
const PORT: u16 = 53;

/// DNS as the world sees it. An `Err` says in words why it cannot be told.
#[async_trait]
pub trait PublicNames: Send + Sync {
    /// The name servers of a zone, without final dots; none if the world knows no such zone.
    async fn name_servers(&self, zone: &str) -> Result<Vec<String>, String>;

    /// Whether a name server answers for a zone by its own authority.
    async fn answers_for(&self, server: &str, zone: &str) -> Result<bool, String>;

    /// Who may issue certificates by the CAA records of exactly this name; `None` if it has no such records.
    async fn issuers(&self, name: &str) -> Result<Option<Vec<String>>, String>;
}

/// A resolver that is asked over UDP.
#[derive(Clone, Copy, Debug)]
pub struct Resolver {
    /// Where it listens. `None`: this machine knows no resolver.
    pub address: Option<SocketAddr>,
}

impl Resolver {
    /// The first one that this machine uses.
    #[must_use]
    pub fn of_this_machine() -> Self {
        let settings = std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
        Self { address: first_server(&settings) }
    }

    async fn asked(&self, name: &str, kind: RecordType) -> Result<Message, String> {
        let address = self.address.ok_or("this machine names no resolver in /etc/resolv.conf")?;
        let answer = ask(address, name, kind, true).await?;
        let code = answer.metadata.response_code;
        if [ResponseCode::NoError, ResponseCode::NXDomain].contains(&code) {
            return Ok(answer);
        }
        Err(format!("the resolver answers {code}"))
    }
}

#[async_trait]
impl PublicNames for Resolver {
    async fn name_servers(&self, zone: &str) -> Result<Vec<String>, String> {
        let answer = self.asked(zone, RecordType::NS).await?;
        let servers = answer.answers.iter().filter_map(|record| {
            if let RData::NS(server) = &record.data { Some(plain(&server.0)) } else { None }
        });
        Ok(servers.collect())
    }

    async fn answers_for(&self, server: &str, zone: &str) -> Result<bool, String> {
        let found = timeout(TRY_MAX, lookup_host((server, PORT))).await;
        let found = found.map_err(|_| format!("{server}: its address was not answered in time"))?;
        let mut addresses = found.map_err(|error| format!("{server}: {error}"))?;
        let address = addresses.next().ok_or_else(|| format!("{server} has no address"))?;
        let answer = ask(address, zone, RecordType::SOA, false).await?;
        let found = answer.metadata.response_code == ResponseCode::NoError;
        Ok(found && answer.metadata.authoritative && !answer.answers.is_empty())
    }

    async fn issuers(&self, name: &str) -> Result<Option<Vec<String>>, String> {
        let answer = self.asked(name, RecordType::CAA).await?;
        let records = answer.answers.iter().filter_map(|record| {
            let RData::CAA(caa) = &record.data else { return None };
            Some((caa.tag.clone(), issuer(&caa.value)))
        });
        let records: Vec<_> = records.collect();
        if records.is_empty() {
            return Ok(None);
        }
        let issuing = records.into_iter().filter(|(tag, _)| tag.eq_ignore_ascii_case("issue"));
        Ok(Some(issuing.map(|(_, issuer)| issuer).collect()))
    }
}

/// The IPv4 addresses of a name, as a server tells them now.
///
/// # Errors
/// Why it does not, in words; a name without addresses is one.
pub async fn addresses(
    server: SocketAddr,
    name: &str,
    recursive: bool,
) -> Result<BTreeSet<IpAddr>, String> {
    let answer = ask(server, name, RecordType::A, recursive).await?;
    let found = answer.answers.iter().filter_map(|record| {
        if let RData::A(address) = &record.data { Some(IpAddr::V4(address.0)) } else { None }
    });
    let found: BTreeSet<_> = found.collect();
    if found.is_empty() {
        return Err(format!("{server} names no address: {}", answer.metadata.response_code));
    }
    Ok(found)
}

/// The text of a name, as a server tells it by its own authority.
///
/// # Errors
/// Why it does not, in words: another server's word, and anything else than one record, is one.
pub async fn text(server: SocketAddr, name: &str) -> Result<String, String> {
    let answer = ask(server, name, RecordType::TXT, false).await?;
    if !answer.metadata.authoritative {
        return Err(format!("{server} does not answer by its own authority"));
    }
    let texts = answer.answers.iter().filter_map(|record| {
        let RData::TXT(text) = &record.data else { return None };
        Some(text.txt_data.iter().map(|part| String::from_utf8_lossy(part)).collect::<String>())
    });
    let texts: Vec<String> = texts.collect();
    match <[String; 1]>::try_from(texts) {
        Ok([text]) => Ok(text),
        Err(texts) => Err(format!("{server} answers {} TXT records for {name}", texts.len())),
    }
}

/// The issuer of a CAA value, without its options: `amazon.com; account=1`.
fn issuer(value: &[u8]) -> String {
    let text = String::from_utf8_lossy(value);
    text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn plain(name: &Name) -> String {
    name.to_ascii().trim_end_matches('.').to_ascii_lowercase()
}

fn first_server(settings: &str) -> Option<SocketAddr> {
    let servers = settings.lines().filter_map(|line| line.trim().strip_prefix("nameserver"));
    let mut addresses = servers.filter_map(|address| address.trim().parse::<IpAddr>().ok());
    addresses.next().map(|address| SocketAddr::new(address, PORT))
}

async fn ask(
    server: SocketAddr,
    name: &str,
    kind: RecordType,
    recursive: bool,
) -> Result<Message, String> {
    let mut question = question(name, kind).map_err(|error| format!("{name}: {error}"))?;
    question.metadata.recursion_desired = recursive;
    let mut failure = format!("{server} does not answer");
    for _ in 0..TRIES {
        match exchange(server, &question, TRY_MAX).await {
            Ok(answer) if answer.metadata.truncation => {
                return Err(format!("the answer of {server} does not fit a datagram"));
            }
            Ok(answer) => return Ok(answer),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {}
            Err(error) => failure = format!("{server}: {error}"),
        }
    }
    Err(failure)
}

/// A question of one name.
///
/// # Errors
/// A name that DNS cannot carry.
pub fn question(name: &str, kind: RecordType) -> Result<Message, ProtoError> {
    let mut name = Name::from_str(name)?;
    name.set_fqdn(true);
    let mut question = Message::query();
    question.add_query(Query::query(name, kind));
    Ok(question)
}

/// Sends a question over UDP once, from a port of its own, and waits that long for its answer.
///
/// # Errors
/// No socket, or no answer in time.
pub async fn exchange(
    server: SocketAddr,
    question: &Message,
    within: Duration,
) -> io::Result<Message> {
    let bytes = question.to_vec().map_err(io::Error::other)?;
    let deadline = Instant::now() + within;
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
        if answer.metadata.id == question.metadata.id
            && answer.metadata.message_type == MessageType::Response
            && answer.queries == question.queries
        {
            return Ok(answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::{Record, rdata};

    use super::*;

    /// A name server for one question, which it answers with these records.
    async fn server(records: Vec<RData>, authoritative: bool) -> SocketAddr {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = socket.local_addr().expect("an address");
        tokio::spawn(async move {
            let mut buffer = [0; ANSWER_MAX];
            let (length, from) = socket.recv_from(&mut buffer).await.expect("a question");
            let mut message = Message::from_vec(&buffer[..length]).expect("DNS");
            message.metadata.message_type = MessageType::Response;
            message.metadata.authoritative = authoritative;
            let name = message.queries[0].name().clone();
            for data in records {
                message.add_answer(Record::from_rdata(name.clone(), 60, data));
            }
            socket.send_to(&message.to_vec().expect("bytes"), from).await.expect("it is sent");
        });
        address
    }

    #[tokio::test]
    async fn name_servers_are_read_without_their_dots() {
        let name = Name::from_str("NS-1.awsdns-00.com.").expect("a name");
        let address = Some(server(vec![RData::NS(rdata::NS(name))], false).await);
        let servers = Resolver { address }.name_servers("example.com").await;
        assert_eq!(servers.expect("an answer"), ["ns-1.awsdns-00.com"]);
    }

    #[tokio::test]
    async fn a_name_without_certificate_rules_is_told_from_one_that_forbids_all() {
        let address = Some(server(Vec::new(), false).await);
        assert_eq!(Resolver { address }.issuers("example.com").await, Ok(None));
        let none = RData::CAA(rdata::CAA::new_issue(false, None, Vec::new()));
        let address = Some(server(vec![none], false).await);
        assert_eq!(
            Resolver { address }.issuers("example.com").await,
            Ok(Some(vec![String::new()]))
        );
    }

    #[tokio::test]
    async fn a_machine_without_a_resolver_says_so() {
        let error = Resolver { address: None }.name_servers("example.com").await;
        assert!(error.is_err_and(|why| why.contains("resolv.conf")));
    }

    #[test]
    fn the_first_server_of_the_file_is_asked() {
        let settings =
            "# nameserver 9.9.9.9\nsearch example.com\nnameserver 10.0.0.2\nnameserver ::1\n";
        assert_eq!(first_server(settings), Some(SocketAddr::from(([10, 0, 0, 2], 53))));
        assert_eq!(first_server("options edns0"), None);
    }

    #[test]
    fn options_of_an_issuer_are_left_out() {
        assert_eq!(issuer(b"Amazon.com; account=1"), "amazon.com");
        assert_eq!(issuer(b";"), "");
    }
}
