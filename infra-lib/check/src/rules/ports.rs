//! A management or database port open to the world.

use cfn::Node;

use super::super::scope::Scope;

/// What listens where people or programs sign in.
const PORTS: [(u16, &str); 22] = [
    (22, "SSH"),
    (23, "Telnet"),
    (135, "Windows RPC"),
    (445, "Windows file sharing"),
    (1433, "SQL Server"),
    (1521, "Oracle"),
    (2049, "NFS"),
    (2375, "Docker"),
    (2379, "etcd"),
    (3306, "MySQL"),
    (3389, "Remote Desktop"),
    (5432, "PostgreSQL"),
    (5439, "Redshift"),
    (5601, "Kibana"),
    (5900, "VNC"),
    (5985, "Windows Remote Management"),
    (6379, "Redis"),
    (9042, "Cassandra"),
    (9200, "Elasticsearch"),
    (9300, "Elasticsearch's own"),
    (11211, "Memcached"),
    (27017, "MongoDB"),
];

/// How a rule says everybody. A prefix of /0 is the same however its address is written.
const WORLD: [&str; 2] = ["CidrIp", "CidrIpv6"];

pub(super) fn open(scope: &Scope<'_>) {
    let groups = scope.view.of_kind("AWS::EC2::SecurityGroup");
    let inline = groups.filter_map(|group| group.property("SecurityGroupIngress"));
    let inline = inline.flat_map(Node::items);
    let apart = scope.view.of_kind("AWS::EC2::SecurityGroupIngress");
    let apart = apart.filter_map(|rule| rule.node.get("Properties"));
    let fix =
        "open it to the addresses that need it, or use Session Manager and private subnets instead";
    for rule in inline.chain(apart) {
        let everybody = |range: &&Node| range.text().is_some_and(|range| range.ends_with("/0"));
        let world = WORLD.iter().find_map(|key| rule.get(key).filter(everybody));
        if let (Some(world), Some(what)) = (world, opened(rule)) {
            scope.tell("open-port", &world.place, format!("{what} is open to the world"), fix);
        }
    }
}

/// What a rule opens, if somebody could sign in there.
fn opened(rule: &Node) -> Option<String> {
    match rule.get("IpProtocol").and_then(Node::text)? {
        "-1" => return Some("every port".to_owned()),
        "tcp" | "6" | "udp" | "17" => {}
        // ICMP and the like have no ports.
        _ => return None,
    }
    let port = |key: &str| match rule.get(key) {
        Some(node) => node.number(),
        None => Some(-1.0),
    };
    // Without ports, or with -1, a rule is for all of them.
    let (from, to) = match (port("FromPort")?, port("ToPort")?) {
        (from, to) if from < 0.0 || to < 0.0 => (0.0, 65_535.0),
        range => range,
    };
    let within: Vec<_> =
        PORTS.iter().filter(|(port, _)| (from..=to).contains(&f64::from(*port))).collect();
    match within.as_slice() {
        [] => None,
        [(port, name)] => Some(format!("port {port} ({name})")),
        [(port, name), rest @ ..] if from > 0.0 || to < 65_535.0 => {
            Some(format!("port {port} ({name}), with {} more of the kind,", rest.len()))
        }
        _ => Some("every port".to_owned()),
    }
}
