//! The picture of a site, measured: nothing overlaps, nothing crosses a text, and the files are what they are said to be.

mod geometry;
mod xml;

use std::collections::BTreeSet;
use std::path::Path;

use diagram::{Drawing, EdgeKind, NodeId, PanelKind, Rect, Role, Scene, draw, mermaid, svg, width};
use site::config::Config;
use site::model::{Site, StackId};
use site::names::Region;

use self::geometry::{Area as _, stretches};

/// Between a text and a line that passes it. Units: pixels.
const CLEAR: i32 = 2;

/// Everything long, and everything brought along.
const LONG: &str = r#"
name = "a-very-long-site-name1"
hostname = "an-extraordinarily-long-label-of-a-name-that-nobody-would-type.another-label-of-considerable-length-in-the-same-name.and-a-third-one-because-the-limit-is-253.sub.example.com"
hosted_zone_id = "Z0123456789ABCDEFGHIJ0123456789A"
notice_email = "the-whole-operations-team-of-the-shop@a-long-mail-domain.example.com"

[regions]
primary = "ap-southeast-1"
standby = "us-verynorthwest-1"

[network]
primary_cidr = "172.168.252.0/22"
standby_cidr = "192.168.248.0/22"

[web]
instance_type = "u7inh-32tb.480xlarge"
listener_port = 65535
instance_port = 65534
primary_min = 900
primary_max = 1000

[health]
path = "/status/of/the/whole/service/and/everything/it/depends/on/in/this/region/health.json"
primary_check_id = "abcdef11-2222-3333-4444-555555fedcba"
standby_check_id = "abcdef11-2222-3333-4444-555555fedcbb"
gate_check_id = "abcdef11-2222-3333-4444-555555fedcbc"

[failover]
floor = 40
capacity_max = 1000
failover_min = 41
peak_hint = 900
match_percent = 110
failback = "approve"
hold_down = "45m"
"#;

/// One of the six sites to begin with.
fn named(name: &str) -> Site {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../sites/{name}.toml"));
    Site::new(Config::load(&file).expect("a named site is valid"))
}

fn parsed(text: &str) -> Site {
    Site::new(Config::from_toml(text, "pilotlight.toml").expect("a valid site file"))
}

fn three_zones() -> Site {
    Site::minimal("[network]\nzones = 3\n[failover]\nfloor = 1\npeak_hint = 7\n")
}

fn sites() -> Vec<(&'static str, Site)> {
    let beside_detector = Site::minimal("").config;
    let beside_detector = Site::new(Config {
        regions: site::config::Regions {
            primary: Region::parse("us-west-2").expect("a region"),
            standby: Region::parse("us-east-1").expect("a region"),
        },
        ..beside_detector
    });
    vec![
        ("minimal", Site::minimal("")),
        ("warm", Site::minimal("[failover]\nfloor = 3\n")),
        ("hot", Site::minimal("[failover]\nfloor = \"match\"\npeak_hint = 5\n")),
        ("without a latch", Site::minimal("[failover]\nlatch = \"off\"\n")),
        ("by hand", Site::minimal("[failover]\nfailback = \"manual\"\ncapacity_max = 2\n")),
        ("ten of each", Site::minimal("[web]\nprimary_min = 8\n[failover]\npeak_hint = 8\n")),
        ("beside the detector", beside_detector),
        ("three zones", three_zones()),
        ("active-active", named("active-active")),
        ("everything", named("everything")),
        ("public", named("tutorial")),
        ("private", named("private")),
        ("with a pool", named("warm")),
        ("filtered", Site::minimal("[waf]\nplacement = \"regional\"\n[web]\nwarm_pool = 90\n")),
        ("long", parsed(LONG)),
        ("long without a latch", parsed(&without_latch())),
    ]
}

fn without_latch() -> String {
    LONG.replace("gate_check_id", "# gate_check_id")
        .replace("[failover]", "[failover]\nlatch = \"off\"")
}

fn scene(site: &Site) -> Scene {
    Scene::new(site).expect("the site can be drawn")
}

/// Does something with every site's drawing, and names the site if it panics.
fn each(check: impl Fn(&str, &Drawing)) {
    for (name, site) in sites() {
        check(name, &draw(&scene(&site)));
    }
}

/// A rectangle that is larger by so much at each edge.
fn grown(rect: Rect, by: i32) -> Rect {
    rect.inset(-by)
}

fn boxes(drawing: &Drawing) -> impl Iterator<Item = (NodeId, Rect)> + '_ {
    let boxes = drawing
        .panels
        .iter()
        .filter(|panel| matches!(panel.kind, PanelKind::Box(_) | PanelKind::Users));
    boxes.filter_map(|panel| Some((panel.node?, panel.at)))
}

#[test]
fn no_two_texts_overlap() {
    each(|site, drawing| {
        for (index, one) in drawing.labels.iter().enumerate() {
            for other in &drawing.labels[index + 1..] {
                let apart = !one.at.overlaps(other.at);
                assert!(apart, "{site}: `{}` and `{}`", one.text, other.text);
            }
        }
    });
}

#[test]
fn no_line_crosses_a_text() {
    each(|site, drawing| {
        for label in &drawing.labels {
            for wire in &drawing.wires {
                for stretch in stretches(wire) {
                    let clear = !grown(stretch, CLEAR).overlaps(label.at);
                    assert!(clear, "{site}: {:?} through `{}`", wire.edge, label.text);
                }
            }
        }
    });
}

#[test]
fn a_text_has_the_room_that_it_needs_and_stays_in_its_box() {
    each(|site, drawing| {
        let whole = Rect { x: 0, y: 0, width: drawing.width, height: drawing.height };
        for label in &drawing.labels {
            assert!(whole.contains(label.at), "{site}: `{}` is outside", label.text);
            let needed = width(&label.text, label.face);
            assert!(label.at.width >= needed, "{site}: `{}` is cramped", label.text);
            // A box that lies across zones covers their edges.
            let boxed = boxes(drawing).any(|(_, at)| at.contains(label.at));
            let across = |kind| matches!(kind, PanelKind::Zone | PanelKind::Subnet(_));
            for panel in drawing.panels.iter().filter(|panel| !(boxed && across(panel.kind))) {
                let settled = panel.at.contains(label.at) || !panel.at.overlaps(label.at);
                assert!(settled, "{site}: `{}` sticks out of {:?}", label.text, panel.kind);
            }
        }
    });
}

#[test]
fn boxes_lie_apart_and_inside_what_holds_them() {
    each(|site, drawing| {
        let boxes: Vec<_> = boxes(drawing).collect();
        for (index, (one, at)) in boxes.iter().enumerate() {
            for (other, place) in &boxes[index + 1..] {
                assert!(!at.overlaps(*place), "{site}: {one:?} and {other:?}");
            }
            let cards = drawing.panels.iter();
            let cards = cards.filter(|panel| matches!(panel.kind, PanelKind::Card(_)));
            for card in cards {
                let settled = card.at.contains(*at) || !card.at.overlaps(*at);
                assert!(settled, "{site}: {one:?} sticks out of its card");
            }
        }
    });
}

#[test]
fn a_line_touches_its_own_two_boxes_and_no_other() {
    each(|site, drawing| {
        let places: Vec<_> =
            drawing.panels.iter().filter_map(|panel| Some((panel.node?, panel.at))).collect();
        let place = |id| places.iter().find(|(other, _)| *other == id).expect("a box").1;
        for wire in &drawing.wires {
            let Some(edge) = wire.edge else {
                continue;
            };
            for stretch in stretches(wire) {
                let straight = stretch.width == 0 || stretch.height == 0;
                assert!(straight, "{site}: {edge:?} runs aslant");
                for (id, at) in boxes(drawing) {
                    // A line ends at the edge of its boxes, so it has no area in common even with them.
                    let outside = !grown(stretch, 1).overlaps(at.inset(1));
                    assert!(outside, "{site}: {edge:?} through {id:?}");
                }
            }
            for (id, point) in
                [(edge.from, wire.points[0]), (edge.to, wire.points[wire.points.len() - 1])]
            {
                let spot = Rect { x: point.x, y: point.y, width: 0, height: 0 };
                let at = place(id);
                let touches = grown(spot, 1).overlaps(at) && !at.inset(1).overlaps(spot);
                assert!(touches, "{site}: {edge:?} does not end at {id:?}");
            }
        }
    });
}

/// Lines may cross, but two that share a stretch cannot be told apart.
#[test]
fn no_two_lines_share_a_stretch() {
    each(|site, drawing| {
        for (index, one) in drawing.wires.iter().enumerate() {
            for other in &drawing.wires[index + 1..] {
                for a in stretches(one) {
                    for b in stretches(other).filter(|b| (a.width == 0) == (b.width == 0)) {
                        let apart = !grown(a, CLEAR).overlaps(grown(b, CLEAR));
                        assert!(apart, "{site}: {:?} and {:?}", one.edge, other.edge);
                    }
                }
            }
        }
    });
}

#[test]
fn every_box_and_every_line_of_the_scene_is_drawn_once() {
    for (name, site) in sites() {
        let scene = scene(&site);
        let drawing = draw(&scene);
        let mut drawn: Vec<_> = drawing.panels.iter().filter_map(|panel| panel.node).collect();
        let mut nodes: Vec<_> = scene.nodes.iter().map(|node| node.id).collect();
        drawn.sort_unstable();
        nodes.sort_unstable();
        assert_eq!(drawn, nodes, "{name}");
        let wires: Vec<_> = drawing.wires.iter().filter_map(|wire| wire.edge).collect();
        assert_eq!(wires.len(), scene.edges.len(), "{name}");
        assert!(scene.edges.iter().all(|edge| wires.contains(edge)), "{name}");
        let ends = scene.edges.iter().flat_map(|edge| [edge.from, edge.to]);
        for end in ends {
            assert!(scene.node(end).is_some(), "{name}: {end:?} has a line and no box");
        }
    }
}

/// The picture tells a story: its arrows lead from the primary's failure to the answer of DNS, one after the other.
#[test]
fn the_steps_follow_each_other() {
    let scene = scene(&Site::minimal(""));
    let next = |from| {
        let edges = scene.edges.iter().filter(|edge| edge.kind == EdgeKind::Step);
        edges.filter(move |edge| edge.from == from).map(|edge| edge.to).collect::<Vec<_>>()
    };
    let mut at = NodeId::PrimaryBalancer;
    let mut numbers = Vec::new();
    while let [to] = next(at).as_slice() {
        at = *to;
        numbers.extend(scene.node(at).and_then(|node| node.step));
    }
    assert_eq!(at, NodeId::StandbyGroup);
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
    assert_eq!(next(NodeId::StandbyBalancer), [NodeId::StandbyCheck]);
    assert_eq!(next(NodeId::StandbyCheck), [NodeId::StandbyRecord]);
    assert_eq!(scene.node(NodeId::StandbyRecord).and_then(|node| node.step), Some(6));
    let steps: Vec<u8> = scene.steps.iter().map(|step| step.number).collect();
    assert_eq!(steps, [1, 2, 3, 4, 5, 6]);
}

#[test]
fn without_a_latch_nothing_of_it_is_drawn() {
    let scene = scene(&Site::minimal("[failover]\nlatch = \"off\"\n"));
    for id in [NodeId::Gate, NodeId::LatchCheck, NodeId::Latch] {
        assert_eq!(scene.node(id), None);
    }
    assert!(!svg(&scene).contains("latch"));
    assert!(!mermaid(&scene).contains("latch"));
}

/// Goal: nobody reads of a standby where both serve. Method: the words of the scene, and no line for users who were moved.
#[test]
fn where_both_regions_serve_the_picture_says_so() {
    let scene = scene(&named("active-active"));
    assert_eq!(scene.summary, "us-west-2 and us-east-2 both serve, and each can carry everybody.");
    assert!(scene.edges.iter().all(|edge| edge.kind != EdgeKind::Detour));
    let lines = |id| scene.node(id).map(|node| node.lines.join("; ")).unwrap_or_default();
    assert_eq!(lines(NodeId::PrimaryRecord), "to users nearer to it");
    assert_eq!(lines(NodeId::StandbyCheck), "HTTPS :443/health; every 10s, 3 in a row");
    assert!(scene.return_trip.contains("Nothing is lowered"));
}

#[test]
fn what_a_site_has_more_is_written_on_its_boxes() {
    let scene = scene(&named("everything"));
    let lines = |id| scene.node(id).map(|node| node.lines.join("; ")).unwrap_or_default();
    let title = |id| scene.node(id).map(|node| node.title.clone()).unwrap_or_default();
    assert_eq!(title(NodeId::Edge), "CloudFront");
    assert_eq!(lines(NodeId::Edge), "answers for shop.example.com; web ACL");
    assert_eq!(title(NodeId::Name), "shop-origin.example.com");
    assert_eq!(lines(NodeId::Dashboard), "shop, both regions side by side");
    let balancer = "shop-standby; HTTPS 443 to 8080; port 80 sends users on";
    assert_eq!(lines(NodeId::StandbyBalancer), balancer);
    assert!(lines(NodeId::StandbyGroup).contains("t4g.small and others"));
    assert!(lines(NodeId::StandbyGroup).contains("3 stopped in the pool"));
    assert_eq!((scene.primary.nat, scene.primary.placement), (3, "private"));
}

/// Goal: users of a site with CloudFront are not drawn past it.
#[test]
fn users_reach_the_records_through_cloudfront_where_there_is_one() {
    let way = |name: &str| {
        let edges = scene(&named(name)).edges;
        let users = edges.iter().filter(|edge| [edge.from, edge.to].contains(&NodeId::Users));
        let ends = users.map(|edge| edge.to).collect::<Vec<_>>();
        let on = edges.iter().filter(|edge| edge.from == NodeId::Edge).map(|edge| edge.to);
        ends.into_iter().chain(on).collect::<Vec<_>>()
    };
    assert_eq!(way("minimal"), [NodeId::Name]);
    assert_eq!(way("everything"), [NodeId::Edge, NodeId::Name]);
}

/// Goal: an instance of the pool looks neither like one that runs nor like one that is still to be launched.
#[test]
fn an_instance_of_the_pool_has_a_sign_of_its_own() {
    for (name, signs) in [("everything", [1, 3, 0]), ("warm", [1, 2, 0]), ("minimal", [0, 0, 2])] {
        let scene = scene(&named(name));
        let panels = draw(&scene).panels;
        let group = panels.iter().find(|panel| panel.node == Some(NodeId::StandbyGroup));
        let group = group.expect("the standby has a group").at;
        let count = |kind| {
            let own = panels.iter().filter(|panel| panel.kind == kind && group.contains(panel.at));
            own.count()
        };
        let drawn = [PanelKind::Running, PanelKind::Stopped, PanelKind::Waiting]
            .map(|sign| count(sign(Role::Standby)));
        assert_eq!(drawn, signs, "{name}");
    }
}

/// Goal: the key explains what is drawn, all of it and nothing else.
#[test]
fn the_key_has_what_the_picture_has() {
    each(|site, drawing| {
        let samples = drawing.wires.iter().filter(|wire| wire.edge.is_none());
        let samples: BTreeSet<_> = samples.map(|wire| wire.kind).collect();
        let lines = drawing.wires.iter().filter(|wire| wire.edge.is_some());
        let lines: BTreeSet<_> = lines.map(|wire| wire.kind).collect();
        assert_eq!(samples, lines, "{site}");
    });
    let drawing = draw(&scene(&named("active-active")));
    let says = |text: &str| drawing.labels.iter().any(|label| label.text == text);
    assert!(says("users") && !says("users, while the primary serves"));
    assert!(!says("instance that a failover adds"));
}

#[test]
fn a_third_zone_of_the_template_is_drawn() {
    let scene = scene(&three_zones());
    for region in [&scene.primary, &scene.standby] {
        let letters: String = region.zones.iter().map(diagram::Zone::letter).collect();
        assert_eq!(letters, "ABC");
    }
    assert_eq!(scene.standby.zones[2].instance_cidr.as_deref(), Some("10.21.5.0/24"));
}

/// Goal: the picture takes a site's zones by their number. Method: what only some sites have is behind that number.
#[test]
fn a_subnet_that_not_every_site_has_is_of_the_third_zone() {
    let site = Site::minimal("");
    let body = &site.stack(StackId::NetworkPrimary).template.body;
    let subnets = body.split("\n\n").filter(|part| part.contains("AWS::EC2::Subnet\n"));
    let (third, always): (Vec<_>, Vec<_>) =
        subnets.partition(|subnet| subnet.contains("Condition: HasThirdZone"));
    assert!(third.iter().all(|subnet| subnet.contains("!Select [2, !GetAZs")), "{third:?}");
    assert!(always.iter().all(|subnet| !subnet.contains("Condition:")), "{always:?}");
    assert_eq!((third.len(), always.len()), (2, 4));
}

#[test]
fn the_svg_is_well_formed_and_needs_nothing_from_elsewhere() {
    for (name, site) in sites() {
        let text = svg(&scene(&site));
        let elements = xml::elements(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let count = |element: &str| elements.iter().filter(|other| *other == element).count();
        let drawing = draw(&scene(&site));
        assert_eq!(count("text"), drawing.labels.len(), "{name}");
        assert_eq!((count("title"), count("desc"), count("style")), (1, 1, 1), "{name}");
        for foreign in ["<script", "href", "@import", "@font-face", "url(", "<image", "<foreign"] {
            assert!(!text.contains(foreign), "{name}: {foreign}");
        }
        assert!(text.contains("prefers-color-scheme:dark"), "{name}");
    }
}

#[test]
fn the_reader_of_xml_refuses_what_is_broken() {
    for broken in ["<a>", "<a></b>", "<a b=c/>", "<a>&nbsp;</a>", "<a b=\"<\"/>", "<a/><b/>", "x"] {
        assert!(xml::elements(broken).is_err(), "{broken}");
    }
    assert_eq!(
        xml::elements("<a b=\"&lt;\">x &amp; y<c/></a>\n"),
        Ok(vec!["a".into(), "c".into()])
    );
}

#[test]
fn the_same_site_is_drawn_the_same() {
    assert_eq!(svg(&scene(&Site::minimal(""))), svg(&scene(&Site::minimal(""))));
}

#[test]
fn a_dark_site_is_drawn_as_its_golden_files() {
    let scene = scene(&Site::minimal(""));
    insta::assert_snapshot!("diagram_dark_svg", svg(&scene));
    insta::assert_snapshot!("diagram_dark_mermaid", mermaid(&scene));
}

#[test]
fn a_long_site_is_drawn_as_its_golden_files() {
    let scene = scene(&parsed(LONG));
    insta::assert_snapshot!("diagram_long_svg", svg(&scene));
    insta::assert_snapshot!("diagram_long_mermaid", mermaid(&scene));
}

#[test]
fn the_picture_in_the_documents_is_of_the_example() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let site = Config::load(&root.join("pilotlight.example.toml")).expect("the example is valid");
    let kept = std::fs::read_to_string(root.join("docs/architecture.svg")).expect("the picture");
    assert!(
        svg(&scene(&Site::new(site))) == kept,
        "run `cargo xtask diagram --site pilotlight.example.toml --out docs/architecture.svg`"
    );
}

/// Whoever cannot see the picture is told the same, and nothing in the scene is left out of Mermaid.
#[test]
fn the_words_say_what_the_picture_shows() {
    for (name, site) in sites() {
        let scene = scene(&site);
        let text = mermaid(&scene);
        for node in scene.nodes.iter().filter(|node| node.id != NodeId::Name) {
            let declared = format!("  {}", node.id.as_str());
            let signs = ["[", "(["].map(|sign| format!("{declared}{sign}"));
            assert!(signs.iter().any(|sign| text.contains(sign)), "{name}: {:?}", node.id);
        }
        let arrow = |line: &&str| ["-->", "==>", "-.->"].iter().any(|sign| line.contains(sign));
        let arrows = text.lines().filter(arrow);
        assert_eq!(arrows.count(), scene.edges.len(), "{name}");
        let styled = text.lines().filter_map(|line| line.trim().strip_prefix("linkStyle "));
        let mut lines: Vec<usize> = Vec::new();
        for style in styled {
            let (numbers, _) = style.split_once(' ').expect("numbers and a colour");
            // Mermaid refuses a style for no line.
            lines.extend(numbers.split(',').map(|text| text.parse::<usize>().expect("a number")));
        }
        lines.sort_unstable();
        assert_eq!(lines, (0..scene.edges.len()).collect::<Vec<_>>(), "{name}");
        let description = scene.description();
        for step in &scene.steps {
            assert!(description.contains(&step.text), "{name}: {}", step.text);
        }
    }
}
