//! Writes a scene as Mermaid, which forges and wikis draw by themselves.

use std::fmt::Write as _;

use super::scene::{EdgeKind, Node, NodeId, Role, Scene};

/// The frames, in the order in which they are drawn.
const ROLES: [Role; 4] = [Role::Dns, Role::Primary, Role::Detector, Role::Standby];

/// Writes a scene as a Mermaid flowchart.
#[must_use]
pub fn mermaid(scene: &Scene) -> String {
    let mut out = String::from("flowchart TB\n");
    let mut line = |indent: usize, text: &str| {
        writeln!(out, "{:indent$}{text}", "", indent = indent * 2)
            .expect("a string takes everything");
    };
    line(1, &format!("accTitle: Architecture of {}", scene.site));
    line(1, &format!("accDescr: {}", scene.description().replace(['\n', '{', '}'], " ")));
    line(1, "users([users])");
    for node in scene.nodes.iter().filter(|node| node.id == NodeId::Edge) {
        line(1, &boxed(node));
    }
    for role in ROLES {
        line(1, &format!("subgraph {}[\"{}\"]", role.word(), quoted(&name(scene, role))));
        let own = scene.nodes.iter().filter(|node| node.id.role() == role);
        for node in own.filter(|node| node.id != NodeId::Name) {
            line(2, &boxed(node));
        }
        line(1, "end");
    }
    for edge in &scene.edges {
        let arrow = match edge.kind {
            EdgeKind::Users | EdgeKind::Step => "==>",
            EdgeKind::Detour => "-.->",
            EdgeKind::Signal => "-->",
        };
        let end = |id: NodeId| if id == NodeId::Name { Role::Dns.word() } else { id.as_str() };
        line(1, &format!("{} {arrow} {}", end(edge.from), end(edge.to)));
    }
    for (kind, colour) in [
        (EdgeKind::Users, "#2a9d87"),
        (EdgeKind::Detour, "#7f7de0"),
        (EdgeKind::Step, "#d9772b"),
        (EdgeKind::Signal, "#8290a3"),
    ] {
        let own = scene.edges.iter().enumerate().filter(|(_, edge)| edge.kind == kind);
        let own: Vec<String> = own.map(|(index, _)| index.to_string()).collect();
        // Mermaid takes no style for no line.
        if own.is_empty() {
            continue;
        }
        line(1, &format!("linkStyle {} stroke:{colour}", own.join(",")));
    }
    out
}

/// A box with its text.
fn boxed(node: &Node) -> String {
    let number = node.step.map(|step| format!("{step}. ")).unwrap_or_default();
    let mut text = format!("<b>{number}{}</b>", quoted(&node.title));
    for detail in &node.lines {
        text.push_str("<br/>");
        text.push_str(&quoted(detail));
    }
    format!("{}[\"{text}\"]", node.id.as_str())
}

fn name(scene: &Scene, role: Role) -> String {
    let region = |word: &str, region: &super::RegionScene| {
        let zones = region.zones.len();
        let way_out = match (region.placement, region.nat) {
            ("public", _) => ", public instances".to_owned(),
            (_, 0) => String::new(),
            (_, 1) => ", 1 NAT gateway".to_owned(),
            (_, nat) => format!(", {nat} NAT gateways"),
        };
        format!("{word} {}: VPC {} in {zones} zones{way_out}", region.region, region.cidr)
    };
    match role {
        Role::World => "users".to_owned(),
        Role::Dns => {
            let name = scene.node(NodeId::Name).map_or("", |node| &node.title);
            format!("{name}, zone {}", scene.hosted_zone_id)
        }
        Role::Detector => format!("Detector {}", scene.detector_region),
        Role::Primary => region("Primary", &scene.primary),
        Role::Standby => region("Standby", &scene.standby),
    }
}

/// Text that Mermaid takes between quotes.
fn quoted(text: &str) -> String {
    text.replace('&', "#amp;").replace('"', "#quot;").replace('<', "#lt;").replace('>', "#gt;")
}
