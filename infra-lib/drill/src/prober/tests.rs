use std::net::Ipv4Addr;

use hyper::StatusCode;
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};

use site::names::Hostname;

use drill_local::dns::{DnsServer, DnsSettings};

use super::*;
use crate::http::{Server, text};
use crate::tally::{Failed, buckets, tally};

const SITE: &str = "shop.example.com";
const SOON: Duration = Duration::from_secs(10);

async fn door_of(address: Ipv4Addr, port: u16, status: StatusCode) -> Server {
    let listener = TcpListener::bind((address, port)).await.expect("a free port");
    Server::start(listener, move |_| async move { Ok(text(status, "page\n")) }).expect("it listens")
}

async fn dns() -> DnsServer {
    let balancers = BTreeMap::from([
        (Role::Primary, Ipv4Addr::LOCALHOST),
        (Role::Standby, Ipv4Addr::new(127, 0, 0, 9)),
    ]);
    let server = DnsServer::start(DnsSettings {
        zone: "example.com".to_owned(),
        site: Hostname::parse(SITE).expect("a name"),
        ttl: Duration::from_secs(1),
        balancers,
    });
    let server = server.await.expect("it listens");
    server.zone().set_balancer_name(Role::Primary, "west.elb.example.com").expect("a name");
    server.zone().set_balancer_name(Role::Standby, "east.elb.example.com").expect("a name");
    server
}

fn settings(dns: &DnsServer, port: u16, name: &str) -> ProberSettings {
    let label = "the only one".to_owned();
    ProberSettings {
        url: format!("http://{SITE}:{port}/health"),
        name: name.to_owned(),
        balancers: BTreeMap::from([
            (Role::Primary, "west.elb.example.com".to_owned()),
            (Role::Standby, "east.elb.example.com".to_owned()),
        ]),
        servers: vec![NameServer { label, address: dns.address(), recursive: true }],
        every: Duration::from_millis(20),
    }
}

async fn until(what: &str, is: impl Fn() -> bool) {
    let all = async {
        while !is() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(SOON, all).await.unwrap_or_else(|_| panic!("never: {what}"));
}

/// Goal: both kinds of client tell the region by its address. Method: a real server behind a real name.
#[tokio::test]
async fn whoever_served_is_told_by_the_address() {
    let server = door_of(Ipv4Addr::LOCALHOST, 0, StatusCode::OK).await;
    let (dns, start) = (dns().await, Instant::now());
    let prober = Prober::start(&settings(&dns, server.address().port(), SITE));
    let from_primary = |one: &Sample| one.outcome == Ok(Role::Primary);
    until("both served", || prober.agree(3, start, from_primary)).await;
    assert!(prober.first(Role::Primary, start).is_some());
    assert_eq!(prober.first(Role::Standby, start), None);
    let seen = prober.seen();
    assert!(seen.iter().any(|one| &*one.client == KEEP_ALIVE), "{seen:?}");
    let counted: u32 = buckets(&seen, start).iter().map(|bucket| bucket.primary).sum();
    assert_eq!(u64::from(counted), tally(&seen, start, Instant::now(), None).from_primary);
}

/// Goal: when the zone itself turned is told without the caches of resolvers. Method: DNS is turned; then the same server as a
/// resolver.
#[tokio::test]
async fn the_zones_own_name_server_tells_when_a_name_turned() {
    let server = door_of(Ipv4Addr::LOCALHOST, 0, StatusCode::OK).await;
    let port = server.address().port();
    let _standby = door_of(Ipv4Addr::new(127, 0, 0, 9), port, StatusCode::OK).await;
    let (dns, start) = (dns().await, Instant::now());
    let name = "drill.example.com";
    dns.zone().set_balancer_name(Role::Primary, name).expect("a name");
    let resolver = settings(&dns, port, name);
    let mut own = resolver.clone();
    own.servers[0].recursive = false;
    // Whose addresses are whose is learnt from resolvers only.
    own.servers.push(NameServer { label: "a resolver".to_owned(), ..resolver.servers[0].clone() });
    let (own, resolver) = (Prober::start(&own), Prober::start(&resolver));
    until("the primary serves", || own.named(Role::Primary, start).is_some()).await;
    assert_eq!(own.named(Role::Standby, start), None);
    dns.zone().set_balancer_name(Role::Standby, name).expect("a name");
    until("the standby serves", || own.named(Role::Standby, start).is_some()).await;
    until("a resolver led there", || resolver.first(Role::Standby, start).is_some()).await;
    assert_eq!(resolver.named(Role::Standby, start), None, "it is not the zone's own");
}

/// Goal: an open connection that stays with the primary does not hide that the new ones are moved. Method: DNS is turned while
/// both regions serve.
#[tokio::test]
async fn an_open_connection_does_not_hide_that_the_new_ones_are_moved() {
    let west = door_of(Ipv4Addr::LOCALHOST, 0, StatusCode::OK).await;
    let port = west.address().port();
    let _east = door_of(Ipv4Addr::new(127, 0, 0, 9), port, StatusCode::OK).await;
    let (dns, start) = (dns().await, Instant::now());
    let name = "drill.example.com";
    dns.zone().set_balancer_name(Role::Primary, name).expect("a name");
    let prober = Prober::start(&settings(&dns, port, name));
    until("both served", || prober.agree(3, start, |one| one.outcome == Ok(Role::Primary))).await;
    let turned = Instant::now();
    dns.zone().set_balancer_name(Role::Standby, name).expect("a name");
    until("the new ones are moved", || prober.moved(Role::Standby, 3, turned)).await;
    assert!(!prober.moved(Role::Primary, 3, turned));
    let kept = |one: &Sample| &*one.client == KEEP_ALIVE && one.at >= turned;
    let seen = prober.seen();
    assert!(seen.iter().filter(|one| kept(one)).all(|one| one.outcome == Ok(Role::Primary)));
}

/// A prober over three resolvers that has seen this: client, second and outcome.
fn having_seen(start: Instant, requests: &[(&str, u64, Result<Role, Failed>)]) -> Prober {
    let seen = requests.iter().map(|(client, second, outcome)| Sample {
        at: start + Duration::from_secs(*second),
        latency: Duration::from_millis(100),
        client: (*client).into(),
        outcome: *outcome,
    });
    let seen = Arc::new(Mutex::new(seen.collect()));
    Prober { seen, resolvers: 3, authoritative: None, _tasks: JoinSet::new() }
}

/// `count` requests of each client in a row, from `second` on.
fn in_a_row<'a>(
    clients: &[&'a str],
    second: u64,
    count: u64,
    outcome: Result<Role, Failed>,
) -> Vec<(&'a str, u64, Result<Role, Failed>)> {
    let seconds = second..second + count;
    seconds.flat_map(|at| clients.iter().map(move |&client| (client, at, outcome))).collect()
}

/// Goal: a connection that is kept to a living primary does not hide that everybody else gets no pages. Method: 60 failures in
/// a row of new connections over three resolvers, beside one connection that goes on.
#[test]
fn a_kept_connection_does_not_hide_that_the_users_get_no_pages() {
    let start = Instant::now();
    let mut seen = in_a_row(&["a", "b", "c"], 0, 60, Err(Failed::Timeout));
    seen.extend(in_a_row(&[KEEP_ALIVE], 0, 60, Ok(Role::Primary)));
    assert!(having_seen(start, &seen).lost(start));
    let lost_alone = in_a_row(&[KEEP_ALIVE], 0, 60, Err(Failed::Timeout));
    assert!(!having_seen(start, &lost_alone).lost(start), "nobody else lost anything");
}

/// Goal: users of one resolver count, and a packet that is lost now and then does not. Method: how many resolvers fail, how
/// often in a row, and what ends it.
#[test]
fn users_are_lost_over_half_of_the_resolvers_at_once_or_over_one_of_them_for_long() {
    let start = Instant::now();
    let lost = |failing: &[&str], count, after: &[(&str, u64, Result<Role, Failed>)]| {
        let mut seen = in_a_row(&["a", "b", "c"], 0, 3, Ok(Role::Primary));
        seen.extend(in_a_row(failing, 3, count, Err(Failed::Status(503))));
        seen.extend(after);
        having_seen(start, &seen).lost(start)
    };
    assert!(lost(&["a", "b"], 5, &[]), "two of three");
    assert!(!lost(&["a", "b"], 4, &[]));
    assert!(!lost(&["a"], 14, &[]));
    assert!(lost(&["a"], 15, &[]), "one of three, and nothing else for a quarter of a minute");
    assert!(
        !lost(&["a", "b"], 20, &in_a_row(&["a", "b"], 30, 1, Ok(Role::Standby))),
        "a page came"
    );
    let unknown = in_a_row(&["a", "b"], 30, 1, Err(Failed::Elsewhere));
    assert!(!lost(&["a", "b"], 20, &unknown), "a page from an unknown address is a page");
}

/// Goal: what is no page is told by its reason. Method: an error, a closed door, a name that nobody has.
#[tokio::test]
async fn what_is_no_page_says_why() {
    let server = door_of(Ipv4Addr::LOCALHOST, 0, StatusCode::SERVICE_UNAVAILABLE).await;
    let (dns, start) = (dns().await, Instant::now());
    let port = server.address().port();
    for (name, reason) in [
        (SITE, Failed::Status(503)),
        ("east.elb.example.com", Failed::Refused),
        ("no.example.com", Failed::Dns),
    ] {
        let prober = Prober::start(&settings(&dns, port, name));
        let told = |one: &Sample| one.outcome == Err(reason);
        until(name, || prober.agree(2, start, told)).await;
    }
}

/// Goal: a handshake that fails is told from a connection that breaks. Method: HTTPS to a server that speaks none.
#[tokio::test]
async fn a_far_end_that_cannot_be_trusted_is_told_as_such() {
    let server = door_of(Ipv4Addr::LOCALHOST, 0, StatusCode::OK).await;
    let (dns, start) = (dns().await, Instant::now());
    let port = server.address().port();
    let secret = ProberSettings {
        url: format!("https://{SITE}:{port}/health"),
        ..settings(&dns, port, SITE)
    };
    let prober = Prober::start(&secret);
    let told = |one: &Sample| one.outcome == Err(Failed::Certificate);
    until("the handshake fails", || prober.agree(2, start, told)).await;
}
