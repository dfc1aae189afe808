//! Route 53's name servers: a real DNS server that answers the site's name by the failover table.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use hickory_proto::op::{Edns, Header, HeaderCounts, Metadata, OpCode, ResponseCode};
use hickory_server::Server;
use hickory_server::net::runtime::Time;
use hickory_server::server::{Request, RequestHandler, ResponseHandler, ResponseInfo};
use hickory_server::zone_handler::MessageResponseBuilder;
use tokio::net::{TcpListener, UdpSocket};

pub use crate::answer::{Health, RecordHealth, failover_answer};
pub use crate::zone::{DnsSettings, Zone};

/// BOUND: a free UDP port can be taken for TCP.
const PORT_TRIES: usize = 8;
/// BOUND: an idle TCP connection is closed after this.
const TCP_IDLE: Duration = Duration::from_secs(5);
/// BOUND: answers waiting on one TCP connection.
const TCP_ANSWERS_MAX: usize = 32;

/// Two name servers of one zone on 127.0.0.1, each with UDP and TCP on one port. Dropped, they close.
#[expect(missing_debug_implementations, reason = "the server library's type has none")]
pub struct DnsServer {
    addresses: [SocketAddr; 2],
    zone: Zone,
    _server: Server<Zone>,
}

impl DnsServer {
    /// Answers from now on. Both records start as [`RecordHealth::NEW`], so the primary is answered.
    ///
    /// # Errors
    /// The system's error if no port is free, or `InvalidInput` if a name is not one.
    pub async fn start(settings: DnsSettings) -> io::Result<Self> {
        let zone = Zone::new(settings)?;
        let both = [bind().await?, bind().await?];
        let addresses = [both[0].0.local_addr()?, both[1].0.local_addr()?];
        let mut server = Server::new(zone.clone());
        for (udp, tcp) in both {
            server.register_socket(udp);
            server.register_listener(tcp, TCP_IDLE, TCP_ANSWERS_MAX);
        }
        Ok(Self { addresses, zone, _server: server })
    }

    /// Where the first of them listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.addresses[0]
    }

    /// Where both listen.
    #[must_use]
    pub fn addresses(&self) -> [SocketAddr; 2] {
        self.addresses
    }

    /// The handle by which health and names reach it.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        &self.zone
    }
}

#[async_trait::async_trait]
impl RequestHandler for Zone {
    async fn handle_request<R: ResponseHandler, T: Time>(
        &self,
        request: &Request,
        mut reply: R,
    ) -> ResponseInfo {
        let mut metadata = Metadata::response_from_request(&request.metadata);
        let (code, answers, authority) = match request.request_info() {
            Ok(info) if request.metadata.op_code == OpCode::Query => {
                metadata.authoritative = true;
                self.resolve(info.query.name(), info.query.query_type())
            }
            Ok(_) => (ResponseCode::NotImp, Vec::new(), Vec::new()),
            Err(_) => (ResponseCode::FormErr, Vec::new(), Vec::new()),
        };
        metadata.response_code = code;
        // Whoever asks with EDNS is answered with it.
        let edns = request.edns.as_ref().map(|_| Edns::new());
        let mut builder = MessageResponseBuilder::from_message_request(request);
        if let Some(edns) = &edns {
            builder.edns(edns);
        }
        let response = builder.build(metadata, &answers, &authority, [], []);
        // An asker that is gone has no use for an error.
        reply
            .send_response(response)
            .await
            .unwrap_or_else(|_| Header { metadata, counts: HeaderCounts::default() }.into())
    }
}

/// UDP and TCP on one free port.
async fn bind() -> io::Result<(UdpSocket, TcpListener)> {
    let mut tries = 1;
    loop {
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        match TcpListener::bind(udp.local_addr()?).await {
            Ok(tcp) => return Ok((udp, tcp)),
            Err(error) if tries == PORT_TRIES => return Err(error),
            Err(_) => tries += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use hickory_proto::op::{Message, Query};
    use hickory_proto::rr::{Name, RData, RecordType};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::time::timeout;

    use super::*;
    use site::model::Role;
    use site::names::Hostname;

    const SOON: Duration = Duration::from_secs(2);
    const PRIMARY: Ipv4Addr = Ipv4Addr::new(127, 1, 0, 1);
    const STANDBY: Ipv4Addr = Ipv4Addr::new(127, 2, 0, 1);
    const UP: RecordHealth = RecordHealth { check: Health::Healthy, targets: Health::Healthy };
    const DOWN: RecordHealth =
        RecordHealth { check: Health::Unhealthy, targets: Health::Unhealthy };

    async fn server() -> DnsServer {
        let server = DnsServer::start(DnsSettings {
            zone: "example.com".to_owned(),
            site: Hostname::parse("app.example.com").expect("a name"),
            ttl: Duration::from_secs(3),
            balancers: BTreeMap::from([(Role::Primary, PRIMARY), (Role::Standby, STANDBY)]),
        });
        server.await.expect("a free port")
    }

    fn question(name: &str, kind: RecordType) -> Message {
        let mut message = Message::query();
        message.add_query(Query::query(Name::from_ascii(name).expect("a name"), kind));
        message
    }

    async fn ask(server: &DnsServer, name: &str, kind: RecordType) -> Message {
        ask_at(server.address(), name, kind).await
    }

    async fn ask_at(address: SocketAddr, name: &str, kind: RecordType) -> Message {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        socket.connect(address).await.expect("loopback");
        let question = question(name, kind);
        socket.send(&question.to_vec().expect("encodes")).await.expect("sent");
        let mut buffer = [0; 512];
        let length =
            timeout(SOON, socket.recv(&mut buffer)).await.expect("in time").expect("received");
        let answer = Message::from_vec(&buffer[..length]).expect("decodes");
        assert_eq!(answer.metadata.id, question.metadata.id);
        assert!(answer.metadata.authoritative);
        answer
    }

    fn addresses(message: &Message) -> Vec<Ipv4Addr> {
        let address = |data: &RData| {
            let RData::A(a) = data else {
                panic!("not an address: {data}");
            };
            a.0
        };
        message.answers.iter().map(|record| address(&record.data)).collect()
    }

    /// Goal: users are moved by health. Method: the site's name over UDP, through a whole failover and back.
    #[tokio::test]
    async fn the_site_follows_the_failover_table() {
        let server = server().await;
        let zone = server.zone();
        let site = "app.example.com.";
        zone.set_health(Role::Primary, UP);
        let first = ask(&server, site, RecordType::A).await;
        assert_eq!((addresses(&first), first.answers[0].ttl), (vec![PRIMARY], 3));

        zone.set_health(Role::Primary, DOWN);
        assert_eq!(addresses(&ask(&server, site, RecordType::A).await), [PRIMARY], "both are down");
        zone.set_health(Role::Standby, UP);
        assert_eq!(addresses(&ask(&server, site, RecordType::A).await), [STANDBY]);
        zone.set_health(Role::Primary, UP);
        assert_eq!(addresses(&ask(&server, site, RecordType::A).await), [PRIMARY]);

        let changes: Vec<Role> = zone.answer().all().iter().map(|change| change.to).collect();
        assert_eq!(changes, [Role::Standby, Role::Primary]);
    }

    /// Goal: the verdict's name says what the check says, at both servers, and nothing else moves it.
    /// Method: the check turns red, then the records' health changes alone.
    #[tokio::test]
    async fn the_verdicts_name_follows_the_check_alone() {
        let server = server().await;
        let name = "pilotlight-verdict.app.example.com.";
        let told = async || {
            let mut words = Vec::new();
            for address in server.addresses() {
                let answer = ask_at(address, name, RecordType::TXT).await;
                assert_eq!(answer.answers.len(), 1);
                let RData::TXT(text) = &answer.answers[0].data else { panic!("no text") };
                words.push(String::from_utf8_lossy(&text.txt_data[0]).into_owned());
            }
            words
        };
        assert_eq!(told().await, ["healthy", "healthy"]);
        server.zone().set_verdict(Health::Unhealthy);
        assert_eq!(told().await, ["unhealthy", "unhealthy"]);
        server.zone().set_health(Role::Primary, UP);
        assert_eq!(told().await, ["unhealthy", "unhealthy"]);
        assert_eq!(ask(&server, name, RecordType::A).await.answers, []);
    }

    /// Goal: a load balancer's own name always answers its own front. Method: its name while the site points elsewhere.
    #[tokio::test]
    async fn a_balancers_name_is_not_moved() {
        let server = server().await;
        let name = "web-1.us-east-2.elb.amazonaws.com";
        assert_eq!(
            ask(&server, name, RecordType::A).await.metadata.response_code,
            ResponseCode::NXDomain
        );
        server.zone().set_balancer_name(Role::Standby, name).expect("a name");
        assert_eq!(addresses(&ask(&server, name, RecordType::A).await), [STANDBY]);
        let upper = name.to_uppercase();
        assert_eq!(addresses(&ask(&server, &upper, RecordType::A).await), [STANDBY]);
    }

    /// Goal: what is not there is told from what has no such record. Method: other names and other types.
    #[tokio::test]
    async fn what_is_not_there_is_said_rightly() {
        let server = server().await;
        let nothing = ask(&server, "www.example.com", RecordType::A).await;
        assert_eq!(nothing.metadata.response_code, ResponseCode::NXDomain);
        assert_eq!(nothing.authorities[0].record_type(), RecordType::SOA);
        let no_such_type = ask(&server, "app.example.com", RecordType::AAAA).await;
        assert_eq!(no_such_type.metadata.response_code, ResponseCode::NoError);
        assert_eq!((no_such_type.answers.len(), no_such_type.authorities.len()), (0, 1));
        for kind in [RecordType::SOA, RecordType::NS] {
            assert_eq!(ask(&server, "example.com", kind).await.answers[0].record_type(), kind);
        }
    }

    /// Goal: TCP answers as UDP does. Method: one framed question.
    #[tokio::test]
    async fn it_answers_over_tcp() {
        let server = server().await;
        let mut stream = TcpStream::connect(server.address()).await.expect("accepted");
        let bytes = question("app.example.com", RecordType::A).to_vec().expect("encodes");
        let length = u16::try_from(bytes.len()).expect("short");
        stream.write_all(&length.to_be_bytes()).await.expect("sent");
        stream.write_all(&bytes).await.expect("sent");
        let length = timeout(SOON, stream.read_u16()).await.expect("in time").expect("received");
        let mut answer = vec![0; length.into()];
        stream.read_exact(&mut answer).await.expect("received");
        assert_eq!(addresses(&Message::from_vec(&answer).expect("decodes")), [PRIMARY]);
    }

    /// Goal: a wrong name is an error at the start. Method: a label that is too long.
    #[tokio::test]
    async fn a_name_that_is_none_is_refused() {
        let server = server().await;
        let long = "x".repeat(64);
        let error = server.zone().set_balancer_name(Role::Primary, &long).expect_err("too long");
        assert!(error.to_string().contains(&long), "{error}");
    }
}
