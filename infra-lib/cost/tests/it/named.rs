//! What the six sites to begin with cost, and each option in them.

use std::fmt::Write as _;
use std::path::Path;

use cost::{Bill, Item, Origin, When};
use expect_test::expect;
use site::config::Config;
use site::model::{Site, StackId};

use super::{cents, nearest_cent, report};

/// From the cheapest to the one with every option.
pub const SITES: [&str; 6] =
    ["minimal", "tutorial", "private", "warm", "active-active", "everything"];

/// One of the six.
pub fn named(name: &str) -> Site {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../sites/{name}.toml"));
    Site::new(Config::load(&file).expect("a named site is valid"))
}

/// What is charged for a resource each month, in cents, by the name of its price.
fn charged(bill: &Bill, stack: StackId, resource: &str) -> Vec<String> {
    let stack = bill.stacks.iter().find(|own| own.stack == stack).expect("the site has the stack");
    let lines = stack.lines.iter().filter(|line| line.resource == resource);
    lines.map(|line| format!("{} {}", line.price, line.monthly.cents())).collect()
}

#[test]
fn each_of_the_six_sites_has_a_price() {
    let mut told = String::new();
    for name in SITES {
        let bill = report(&named(name)).bill;
        let (all, alone) = (bill.monthly.cents(), bill.primary_alone.cents());
        writeln!(told, "{name}: {all}, {alone} of it the primary region").expect("a string");
    }
    expect![[r#"
        minimal: 75.66, 41.67 of it the primary region
        tutorial: 85.96, 48.97 of it the primary region
        private: 77.66, 41.67 of it the primary region
        warm: 101.98, 54.19 of it the primary region
        active-active: 129.93, 59.41 of it the primary region
        everything: 481.15, 184.01 of it the primary region
    "#]]
    .assert_eq(&told);
}

/// Goal: every option at once is counted. Method: by hand, in millionths of a dollar, from the site file and AWS's pages.
#[test]
fn the_site_with_everything_costs_what_a_hand_calculation_says() {
    let by_hand = [
        // A NAT gateway in each of three zones of both regions at 0.045 an hour, each with an address at 0.005.
        2 * 3 * 730 * (45_000 + 5_000),
        // Two load balancers at 0.0225 an hour, each with three addresses.
        2 * 730 * 22_500 + 2 * 3 * 730 * 5_000,
        // Twenty LCUs reserved at the standby's, at 0.008 an hour.
        20 * 730 * 8_000,
        // Three t4g.small in the primary and one in the standby at 0.0168 an hour, with 16 GB at 0.08 and seven metrics at 0.30.
        4 * 730 * 16_800 + 4 * 16 * 80_000 + 4 * 7 * 300_000,
        // Three stopped instances: their disks.
        3 * 16 * 80_000,
        // Alarms: two of each group's target tracking, seven of the controller, two of the detector.
        (2 * 2 + 7 + 2) * 100_000,
        // Four health checks, two of them with HTTPS and 10 s at 1.00 each.
        4 * 500_000 + 2 * 2 * 1_000_000,
        // The controller: runs, their time, its calls, ten metrics, its log kept for a year.
        8_760 + 146_001 + 2 * 438_000 + 10 * 300_000 + 87_600 + 63_072,
        // Its requests to SNS, and 0.01 GB of code.
        365 + 230,
        // A web ACL with three groups of rules at CloudFront, and the dashboard.
        5_000_000 + 3 * 1_000_000 + 3_000_000,
    ];
    let by_hand = nearest_cent(by_hand.iter().sum());
    let told = cents(&report(&named("everything")));
    assert_eq!(by_hand, 47_945, "the sum itself: $479.45");
    assert!((told - by_hand).abs() * 100 <= by_hand, "{told} cents, by hand {by_hand}");
}

#[test]
fn a_web_acl_costs_its_rules_at_each_load_balancer() {
    let bill = report(&Site::minimal("[waf]\nplacement = \"regional\"\n")).bill;
    for stack in [StackId::WebPrimary, StackId::WebStandby] {
        assert_eq!(charged(&bill, stack, "WebAcl"), ["web-acl 5.00", "web-acl-rule 4.00"]);
    }
    let requests = bill.on_use.iter().filter(|used| used.price == Item::WebAclRequests);
    assert_eq!(requests.filter(|used| used.when == When::Traffic).count(), 2);
}

#[test]
fn a_public_instance_costs_its_address() {
    let bill = report(&named("tutorial")).bill;
    let of = |stack| charged(&bill, stack, "Group");
    assert!(of(StackId::WebPrimary).contains(&"public-ipv4-hour 7.30".to_owned()));
    assert!(of(StackId::WebStandby).contains(&"public-ipv4-hour 0.00".to_owned()));
    let private = report(&named("minimal")).bill;
    let of = charged(&private, StackId::WebPrimary, "Group");
    assert!(!of.iter().any(|line| line.starts_with("public-ipv4-hour")), "{of:?}");
}

#[test]
fn one_nat_gateway_is_a_third_of_three() {
    let nat = |nat: &str| {
        let site = Site::minimal(&format!("[network]\nzones = 3\nnat = \"{nat}\"\n"));
        let bill = report(&site).bill;
        bill.lines().filter(|line| line.price == Item::NatGateway).count()
    };
    assert_eq!((nat("none"), nat("one"), nat("per-zone")), (0, 2, 6));
}

#[test]
fn of_several_types_the_first_is_counted() {
    let site = Site::minimal("[web]\nmore_instance_types = [\"m7g.large\"]\n");
    let bill = report(&site).bill;
    let kinds: Vec<_> = bill.lines().map(|line| line.price.to_string()).collect();
    assert!(kinds.contains(&"instance-hour.\"t4g.micro\"".to_owned()));
    assert!(!kinds.contains(&"instance-hour.\"m7g.large\"".to_owned()));
}

/// Goal: a call of an endpoint has its own price, not an e-mail's. Method: one of each, and what is charged for each use.
#[test]
fn a_call_of_an_endpoint_is_charged_as_one() {
    let text = site::config::MINIMAL.replacen(
        "[regions]",
        "notice_email = \"ops@example.com\"\nnotice_webhooks = [\"https://hooks.example.com/a\"]\n\n[regions]",
        1,
    );
    let site = Site::new(Config::from_toml(&text, "pilotlight.toml").expect("valid"));
    let bill = report(&site).bill;
    let of = |item: Item| {
        let used = bill.on_use.iter().filter(|used| used.price == item);
        used.map(|used| format!("{} {}", used.stack, used.resource)).collect::<Vec<_>>()
    };
    assert_eq!(
        of(Item::TopicWebhooks),
        ["controller NoticeWebhookSubscription", "detector AlertsWebhookSubscription"]
    );
    assert_eq!(
        of(Item::TopicEmails),
        ["controller NoticeSubscription", "detector AlertsSubscription"]
    );
}

/// Goal: what grows with users is not said to cost nothing on an ordinary day.
#[test]
fn what_users_do_is_charged_for_and_left_out() {
    let bill = report(&named("everything")).bill;
    let of = |when| {
        let used = bill.on_use.iter().filter(|used| used.when == when);
        used.map(|used| format!("{} {}", used.stack, used.resource)).collect::<Vec<_>>()
    };
    assert_eq!(
        of(When::Traffic),
        [
            "web-primary AccessLogBucket",
            "web-standby AccessLogBucket",
            "edge Distribution",
            "edge WebAcl",
        ]
    );
    assert!(of(When::Event).contains(&"web-standby Release".to_owned()));
}

/// Goal: a price by use that was compared with nothing is marked as each line is.
#[test]
fn a_price_by_use_that_nobody_saw_is_marked() {
    let report = report(&named("warm"));
    let release = report.bill.on_use.iter().find(|used| used.resource == "Release");
    assert_eq!(release.expect("the pool has one").origin, Origin::Unseen);
    assert!(report.to_string().contains("  - 1.00 per million runs ?: web-standby Release\n"));
    assert!(report.unseen.iter().any(|listed| listed.price == Item::WorkflowRuns));
}

/// Goal: the comparison knows what active-active is made of. Method: its column for a pilot light is the price of the same site
/// configured so.
#[test]
fn active_active_is_compared_as_its_own_templates_are() {
    let both = "[failover]\nrouting = \"active-active\"\nfloor = \"match\"\nlatch = \"off\"\n";
    let [dark, both] = [Site::minimal(""), Site::minimal(both)].map(|site| report(&site));
    let column = &dark.strategies[3];
    assert_eq!(column.monthly, both.bill.monthly);
    assert_eq!((column.primary, column.standby), (2, 2));
    let alarm = charged(&both.bill, StackId::Detector, "StandbyAlarm");
    assert_eq!(alarm, ["alarm 0.10"]);
    let text = dark.to_string();
    assert!(!text.contains("StandbyAlarm"), "a failover has no alarm of the standby");
}

/// Goal: what the documentation says of an option is what the option costs. Method: the smallest site with and without it.
#[test]
fn an_option_adds_what_the_documentation_says() {
    let documentation = include_str!("../../../../docs/cost.md");
    let without = cents(&report(&Site::minimal("")));
    for (option, more, said) in [
        ("[network]\nzones = 3\n", 730, "$7.30: an address of each load balancer"),
        ("[network]\nnat = \"one\"\n", 7_300, "$73.00 for both regions"),
        ("[network]\nnat = \"per-zone\"\n", 2 * 7_300, "as many times that as there are zones"),
        ("[network]\ninstances = \"public\"\n", 2 * 365, "$3.65 for each running instance"),
        ("[web]\nstandby_lcus = 100\n", 58_400, "$5.84 for each LCU"),
        ("[web]\nwarm_pool = 1\n", 64, "$0.64 for each stopped instance of 8 GB"),
        ("[tls]\ncertificate = \"managed\"\n", 200, "$2.00: HTTPS"),
        ("[waf]\nplacement = \"regional\"\n", 1_800, "$18.00: a web ACL with 4 rules"),
        ("[operations]\ndashboard = \"on\"\n", 300, "| `dashboard = \"on\"` | $3.00 |"),
        ("[web]\naccess_logs = \"on\"\n", 0, "`access_logs` | nothing but traffic |"),
    ] {
        assert_eq!(cents(&report(&Site::minimal(option))) - without, more, "{option}");
        assert!(documentation.contains(said), "docs/cost.md does not say: {said}");
    }
}
