//! A region that serves: its network with zones and subnets, the load balancer across the public ones, the group across the
//! private ones; and in the standby's, below the network, the controller.

use super::block::{Block, Heading, count};
use super::{CARD_PAD, Canvas};
use crate::drawing::{Label, PanelKind, Point, Rect, Tone};
use crate::scene::{Fleet, NodeId, RegionScene, Role, Scene};
use crate::text::{Face, width};

/// Inside a network's edge.
const NETWORK_PAD: i32 = 11;
/// Inside a zone's or a subnet's edge.
const PAD: i32 = 8;
/// Between two zones: the line from the load balancer to the group passes here.
const ZONE_GAP: i32 = 14;
/// Between the public and the private subnet of a zone.
const SUBNET_GAP: i32 = 8;
/// Across an instance.
const INSTANCE: i32 = 14;
/// Between two instances.
const INSTANCE_GAP: i32 = 6;
/// Between the rows below the network: room for an arrow.
const ROW_GAP: i32 = 28;
/// Between the two boxes above the controller: its line to the group passes here.
const LANE: i32 = 36;

/// The regions' cards, measured: both have the same rows, so that they can be compared.
pub(super) struct Region {
    pub(super) width: i32,
    headings: [Heading; 2],
    heading: i32,
    zone: i32,
    balancers: [Block; 2],
    balancer: i32,
    groups: [Block; 2],
    group: i32,
}

/// What stands in the standby region beside its network.
pub(super) struct Annex {
    latch: Option<Block>,
    tick: Block,
    controller: Block,
    dashboard: Option<Block>,
}

impl Region {
    pub(super) fn measure(scene: &Scene) -> Self {
        let regions = [&scene.primary, &scene.standby];
        let zone = regions.iter().map(|region| zone_width(region)).max().unwrap_or_default();
        let zones = regions.iter().map(|region| count(&region.zones)).max().unwrap_or_default();
        let width = zones * (zone + ZONE_GAP) - ZONE_GAP + 2 * (NETWORK_PAD + CARD_PAD);
        let room = width - 2 * (CARD_PAD + NETWORK_PAD + 2 * PAD);
        let block = |id| Block::new(scene.node(id).expect("every site has both regions"), room);
        let balancers = [block(NodeId::PrimaryBalancer), block(NodeId::StandbyBalancer)];
        let groups = [block(NodeId::PrimaryGroup), block(NodeId::StandbyGroup)];
        let heading = |role, word, region: &RegionScene| {
            Heading::new(role, word, &region.region, width - 2 * CARD_PAD)
        };
        let headings = [
            heading(Role::Primary, "Primary", &scene.primary),
            heading(Role::Standby, "Standby", &scene.standby),
        ];
        let highest = |blocks: &[Block; 2]| blocks[0].height().max(blocks[1].height());
        Self {
            width,
            heading: headings[0].height().max(headings[1].height()),
            headings,
            zone,
            balancer: highest(&balancers),
            balancers,
            group: highest(&groups) + INSTANCE + PAD,
            groups,
        }
    }

    /// Height of the card as far as the network reaches. Units: pixels.
    pub(super) fn height(&self) -> i32 {
        3 * CARD_PAD + self.heading + self.network()
    }

    /// Puts a region into its card, which may reach further down.
    pub(super) fn place(&self, canvas: &mut Canvas<'_>, role: Role, card: Rect) {
        let scene = canvas.scene;
        let side = usize::from(role != Role::Primary);
        let region = [&scene.primary, &scene.standby][side];
        let ids = [
            [NodeId::PrimaryBalancer, NodeId::PrimaryGroup],
            [NodeId::StandbyBalancer, NodeId::StandbyGroup],
        ][side];
        canvas.panel(card, PanelKind::Card(role));
        let mut pen = Point { x: card.middle().x, y: card.y + CARD_PAD };
        self.headings[side].place(canvas, pen);
        pen.y += self.heading + CARD_PAD;
        let (x, width) = (card.x + CARD_PAD, card.width - 2 * CARD_PAD);
        let network = Rect { x, y: pen.y, width, height: self.network() };
        canvas.panel(network, PanelKind::Network);
        let name = Label::new(
            format!("VPC {}", region.cidr),
            Face::Plain,
            Tone::Muted,
            Point { x: x + NETWORK_PAD, y: pen.y + PAD },
        );
        canvas.label(name);
        let zones_y = pen.y + 2 * PAD + Face::Plain.line();
        let mut zone = Rect {
            x: x + NETWORK_PAD,
            y: zones_y,
            width: self.zone,
            height: network.bottom() - NETWORK_PAD - zones_y,
        };
        for index in 0..region.zones.len() {
            self.place_zone(canvas, role, region, index, zone);
            zone.x += self.zone + ZONE_GAP;
        }
        let bar_x = x + NETWORK_PAD + 2 * PAD;
        let bar_right = zone.x - ZONE_GAP - 2 * PAD;
        let bar = Rect { x: bar_x, y: 0, width: bar_right - bar_x, height: 0 };
        let balancer_y = zones_y + zone_top() + subnet_top();
        let balancer = Rect { y: balancer_y, height: self.balancer, ..bar };
        canvas.node(ids[0], &self.balancers[side], balancer);
        let group_y = balancer.bottom() + PAD + SUBNET_GAP + subnet_top();
        let group = Rect { y: group_y, height: self.group, ..bar };
        canvas.node(ids[1], &self.groups[side], group);
        self.place_fleet(canvas, role, region, group);
    }

    fn place_zone(
        &self,
        canvas: &mut Canvas<'_>,
        role: Role,
        region: &RegionScene,
        index: usize,
        at: Rect,
    ) {
        let zone = &region.zones[index];
        canvas.panel(at, PanelKind::Zone);
        let top = Point { x: at.x + 2 * PAD, y: at.y + PAD };
        canvas.label(Label::new(format!("zone {}", zone.letter()), Face::Strong, Tone::Ink, top));
        let mut y = at.y + zone_top();
        for (word, cidr, bar) in [
            (public(region, index), &zone.public_cidr, self.balancer),
            (region.placement, &zone.instance_cidr, self.group),
        ] {
            let height = subnet_top() + bar + PAD;
            if let Some(cidr) = cidr {
                let subnet = Rect { x: at.x + PAD, y, width: at.width - 2 * PAD, height };
                canvas.panel(subnet, PanelKind::Subnet(role));
                let mut pen = Point { x: subnet.x + PAD, y: y + PAD / 2 };
                for text in [word, cidr] {
                    canvas.label(Label::new(text, Face::Plain, Tone::Muted, pen));
                    pen.y += Face::Plain.line();
                }
            }
            y += height + SUBNET_GAP;
        }
    }

    /// The instances, spread over the zones as the group does; or their numbers, if they are too many.
    fn place_fleet(&self, canvas: &mut Canvas<'_>, role: Role, region: &RegionScene, group: Rect) {
        let Fleet { running, stopped, waiting } = region.fleet;
        let [running, stopped, waiting] = [running, stopped, waiting].map(i32::from);
        let all = running + stopped + waiting;
        let zones = count(&region.zones);
        let y = group.bottom() - PAD - INSTANCE;
        let step = INSTANCE + INSTANCE_GAP;
        let each = (self.zone - 4 * PAD + INSTANCE_GAP) / step;
        if all > each * zones {
            let counts = [(running, "running"), (stopped, "stopped"), (waiting, "to come")];
            let counts =
                counts.iter().filter(|(instances, word)| *instances > 0 || *word == "running");
            let counts: Vec<_> =
                counts.map(|(instances, word)| format!("{instances} {word}")).collect();
            let text = counts.join(", ");
            let top = Point { x: group.middle().x, y };
            canvas.label(Label::centred(text, Face::Plain, Tone::Role(role), top));
            return;
        }
        for zone in 0..zones {
            let own = (zone..all).step_by(usize::try_from(zones).unwrap_or(1));
            let own: Vec<i32> = own.collect();
            let middle = group.x - 2 * PAD + zone * (self.zone + ZONE_GAP) + self.zone / 2;
            let mut x = middle - (count(&own) * step - INSTANCE_GAP) / 2;
            for instance in own {
                let at = Rect { x, y, width: INSTANCE, height: INSTANCE };
                let kind = match instance {
                    _ if instance < running => PanelKind::Running(role),
                    _ if instance < running + stopped => PanelKind::Stopped(role),
                    _ => PanelKind::Waiting(role),
                };
                canvas.panel(at, kind);
                x += step;
            }
        }
    }

    fn network(&self) -> i32 {
        let subnets = 2 * (subnet_top() + PAD) + self.balancer + SUBNET_GAP + self.group;
        2 * PAD + Face::Plain.line() + zone_top() + subnets + PAD + NETWORK_PAD
    }
}

/// What a zone's public subnet holds beside the load balancer.
fn public(region: &RegionScene, zone: usize) -> &'static str {
    if zone < region.nat { "public, NAT" } else { "public" }
}

/// A zone is as wide as what is written in it.
fn zone_width(region: &RegionScene) -> i32 {
    let texts = region.zones.iter().flat_map(|zone| [&zone.public_cidr, &zone.instance_cidr]);
    let widest = texts.flatten().map(|text| width(text, Face::Plain)).max().unwrap_or_default();
    let fewest = width(region.placement, Face::Plain).max(width(public(region, 0), Face::Plain));
    widest.max(fewest) + 4 * PAD
}

/// Between the first zone and the second, under a bar that spans them all.
pub(super) fn between_zones(region: &RegionScene, bar: Rect) -> i32 {
    let zone = (bar.width + 4 * PAD + ZONE_GAP) / count(&region.zones) - ZONE_GAP;
    bar.x - 2 * PAD + zone + ZONE_GAP / 2
}

/// From a zone's edge to its first subnet.
const fn zone_top() -> i32 {
    PAD + Face::Strong.line() + PAD / 2
}

/// From a subnet's edge to the bar in it.
const fn subnet_top() -> i32 {
    2 * Face::Plain.line() + PAD
}

impl Annex {
    pub(super) fn measure(scene: &Scene, width: i32) -> Self {
        let room = width - 2 * CARD_PAD;
        let half = (room - LANE) / 2;
        let block = |id, room| scene.node(id).map(|node| Block::new(node, room));
        Self {
            latch: block(NodeId::Latch, half),
            tick: block(NodeId::Tick, half).expect("every site has a tick"),
            controller: block(NodeId::Controller, room).expect("every site has a controller"),
            dashboard: block(NodeId::Dashboard, room),
        }
    }

    /// What it adds to the card. Units: pixels.
    pub(super) fn height(&self) -> i32 {
        let rows = self.controller.height() + self.dashboard();
        ROW_GAP + self.upper() + ROW_GAP + rows + CARD_PAD
    }

    /// Puts it into the card's lower part. Room to spare goes between the rows.
    pub(super) fn place(&self, canvas: &mut Canvas<'_>, at: Rect) {
        let spare = (at.height - self.height()) / 2;
        let half = (at.width - 2 * CARD_PAD - LANE) / 2;
        let y = at.y + ROW_GAP - CARD_PAD + spare;
        let left = Rect { x: at.x + CARD_PAD, y, width: half, height: self.upper() };
        if let Some(latch) = &self.latch {
            canvas.node(NodeId::Latch, latch, left);
        }
        let right = Rect { x: left.right() + LANE, ..left };
        canvas.node(NodeId::Tick, &self.tick, right);
        let height = self.controller.height();
        let y = at.bottom() - CARD_PAD - self.dashboard() - height;
        let controller = Rect { x: left.x, y, width: at.width - 2 * CARD_PAD, height };
        canvas.node(NodeId::Controller, &self.controller, controller);
        if let Some(dashboard) = &self.dashboard {
            let y = controller.bottom() + CARD_PAD;
            let at = Rect { y, height: dashboard.height(), ..controller };
            canvas.node(NodeId::Dashboard, dashboard, at);
        }
    }

    /// The dashboard and the gap above it.
    fn dashboard(&self) -> i32 {
        self.dashboard.as_ref().map_or(0, |dashboard| CARD_PAD + dashboard.height())
    }

    fn upper(&self) -> i32 {
        let latch = self.latch.as_ref().map_or(0, Block::height);
        latch.max(self.tick.height())
    }
}
