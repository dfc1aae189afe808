//! What a site costs: against a hand calculation, as it is shown, and what is refused.

mod named;
mod refused;

use std::collections::BTreeSet;
use std::path::Path;

use cost::{FLEETS, Item, LOG_METRICS, MONTH_HOURS, Prices, RUN_LOG_BYTES, Report, Strategy};
use failover_core::decision::{Outcome, SCHEMA};
use failover_core::observation::{
    AlarmState, AlarmView, Answer, Datapoints, Evaluation, Group, Known, Observation, Probe,
    Readiness, Why,
};
use failover_core::record::Record;
use failover_core::{DecisionRecord, Signal, Timestamp};
use site::model::Site;
use site::names::Region;

/// The regions that the built-in prices are there for.
const REGIONS: [&str; 4] = ["us-east-1", "us-east-2", "us-west-1", "us-west-2"];

/// Much of what the options can change, in the two other regions.
const OTHER: &str = r#"name = "other"
hostname = "www.example.com"
hosted_zone_id = "Z0123456789ABCDEFGHIJ"
notice_email = "ops@example.com"

[regions]
primary = "us-west-1"
standby = "us-east-1"

[web]
instance_type = "t3.small"
image = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
primary_min = 4

[health]
interval = "30s"
alarm_period = "10s"
primary_check_id = "abcdef11-2222-3333-4444-555555fedcba"

[controller]
architecture = "x86_64"
log_retention_days = 30

[failover]
floor = 2
latch = "off"
peak_hint = 4
"#;

fn report(site: &Site) -> Report {
    Report::new(site, &Prices::built_in(), MONTH_HOURS).expect("it has a price")
}

fn other() -> Site {
    let config = site::config::Config::from_toml(OTHER, "pilotlight.toml");
    Site::new(config.expect("the sample is a valid site file"))
}

fn cents(report: &Report) -> i64 {
    report.bill.monthly.cents().replace('.', "").parse().expect("an amount in cents")
}

/// Of millionths of a dollar.
fn nearest_cent(millionths: i64) -> i64 {
    (millionths + 5_000) / 10_000
}

/// Goal: the price of the minimal site is right within 1 %. Method: the same by hand, in millionths of a dollar, from the
/// templates and AWS's pages and not from the code. A month has 730 hours and so 43,800 minutes.
#[test]
fn the_minimal_site_costs_what_a_hand_calculation_says() {
    let by_hand = [
        // Two load balancers at 0.0225 an hour, each with two public addresses at 0.005 an hour.
        2 * 730 * 22_500,
        2 * 2 * 730 * 5_000,
        // Two t4g.micro at 0.0084 an hour, with a disk of 8 GB at 0.08 and seven metrics at 0.30 each.
        2 * 730 * 8_400,
        2 * 8 * 80_000,
        2 * 7 * 300_000,
        // Two alarms of each group's target tracking, eight of the controller and two of the detector, at 0.10.
        (2 * 2 + 8 + 2) * 100_000,
        // Four health checks at 0.50, two of them each 10 s for 1.00 more.
        4 * 500_000 + 2 * 1_000_000,
        // 43,800 runs at 0.20 a million; a quarter of a GB for a second each, at 0.0000133334.
        8_760,
        146_001,
        // GetMetricData and PutMetricData, each once a run, at 0.01 a thousand.
        2 * 438_000,
        // Nine metrics from the log and the latch's, at 0.30.
        (9 + 1) * 300_000,
        // 0.1752 GB of log at 0.50, and 0.5184 GB kept at 0.03.
        87_600 + 15_552,
        // 730 requests to SNS at 0.50 a million, and 0.01 GB of code at 0.023.
        365 + 230,
    ];
    let by_hand = nearest_cent(by_hand.iter().sum());
    let told = cents(&report(&Site::minimal("")));
    assert_eq!(by_hand, 7_473, "the sum itself: $74.73");
    assert!((told - by_hand).abs() * 100 <= by_hand, "{told} cents, by hand {by_hand}");
}

#[test]
fn the_minimal_site_reads_as_before() {
    insta::assert_snapshot!(report(&Site::minimal("")).to_string());
}

#[test]
fn the_minimal_site_is_the_same_to_programs() {
    insta::assert_json_snapshot!(report(&Site::minimal("")));
}

#[test]
fn another_site_reads_as_before() {
    insta::assert_snapshot!(report(&other()).to_string());
}

#[test]
fn another_site_is_the_same_to_programs() {
    insta::assert_json_snapshot!(report(&other()));
}

/// Goal: no resource is without a line or a reason. Method: what the report names is what the templates hold, less what a
/// condition may have left out.
#[test]
fn every_resource_is_charged_or_named_as_free() {
    let named = named::SITES.map(named::named);
    for site in [Site::minimal(""), other()].iter().chain(&named) {
        let bill = report(site).bill;
        let lines = bill.stacks.iter();
        let lines = lines.flat_map(|one| one.lines.iter().map(|line| (one.stack, &line.resource)));
        let used = bill.on_use.iter().map(|one| (one.stack, &one.resource));
        let charged: BTreeSet<_> = lines.chain(used).collect();
        let free: usize = bill.free.iter().map(|kind| kind.resources).sum();
        let conditional = |stack: &site::model::Stack| {
            let body = &stack.template.body;
            let resources = body.split("\nResources:\n").nth(1).expect("resources");
            let resources = resources.split("\nOutputs:\n").next().expect("resources");
            let all = resources.lines().filter(|line| line.starts_with("    Type: AWS::")).count();
            let some = resources.lines().filter(|line| line.starts_with("    Condition: ")).count();
            (all, some)
        };
        let counts = site.stacks.iter().map(conditional);
        let (all, some) = counts.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        let told = charged.len() + free;
        assert!((all - some..=all).contains(&told), "{told} of {all}, {some} of them optional");
    }
}

#[test]
fn a_longer_month_costs_more_of_what_is_charged_by_the_hour() {
    let prices = Prices::built_in();
    let bill =
        |hours| Report::new(&Site::minimal(""), &prices, hours).expect("it has a price").bill;
    let [short, long] = [bill(672), bill(744)];
    for (short, long) in short.lines().zip(long.lines()) {
        let hourly = !["month", "GB-month"].contains(&short.unit.as_str())
            && short.quantity != long.quantity;
        assert_eq!(hourly, short.monthly < long.monthly, "{short:?}");
    }
    assert!(short.monthly < long.monthly);
}

#[test]
fn the_strategies_cost_what_their_instances_and_their_latch_do() {
    let warm = report(&Site::minimal("[failover]\nfloor = 3\n"));
    assert_eq!(warm.strategy, Strategy::Warm(3));
    let configured: Vec<_> = warm.strategies.iter().filter(|cost| cost.configured).collect();
    assert_eq!(configured.len(), 1);
    assert_eq!(configured[0].monthly, warm.bill.monthly);
    let hot = report(&Site::minimal("[failover]\nfloor = \"match\"\npeak_hint = 5\n"));
    assert_eq!(hot.strategy, Strategy::Hot);
    assert_eq!(hot.strategies.iter().map(|cost| cost.standby).collect::<Vec<_>>(), [0, 1, 5, 5]);
    assert_eq!(hot.strategies.iter().map(|cost| cost.primary).collect::<Vec<_>>(), [2, 2, 2, 5]);
    let grown = hot.fleets.iter().map(|row| row.primary).collect::<Vec<_>>();
    assert_eq!(grown, FLEETS);
}

#[test]
fn a_standby_costs_no_more_than_its_cap_allows() {
    let capped = Site::minimal(
        "[web]\nprimary_min = 6\n\n[failover]\npeak_hint = 6\ncapacity_max = 6\nmatch_percent = 200\nfloor = \"match\"\n",
    );
    let standby = report(&capped).strategies[2].standby;
    assert_eq!(standby, 6);
}

/// Goal: the site of the documentation costs what the documentation says.
#[test]
fn the_documentation_shows_the_example_site() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |name: &str| std::fs::read_to_string(root.join(name)).expect("it can be read");
    let example = read("pilotlight.example.toml");
    let config = site::config::Config::from_toml(&example, "pilotlight.example.toml");
    let report = report(&Site::new(config.expect("the example is valid")));
    let documentation = read("docs/cost.md");
    let shown = report.comparison().to_string();
    assert!(documentation.contains(shown.trim_end()), "docs/cost.md does not show:\n\n{shown}");
    for part in [
        format!("${} in a month", report.bill.monthly.cents()),
        format!("${} of it is the primary region", report.bill.primary_alone.cents()),
    ] {
        assert!(documentation.contains(&part), "docs/cost.md does not say: {part}");
    }
}

#[test]
fn the_built_in_prices_are_complete_and_dated() {
    let prices = Prices::built_in();
    let parts: Vec<_> = prices.date.split('-').map(str::len).collect();
    assert_eq!(parts, [4, 2, 2], "{}", prices.date);
    for place in REGIONS.map(region) {
        for item in Item::FIXED {
            assert!(prices.of(&item, &place).is_ok(), "{item} in {place}");
            assert_ne!(prices.unit(&item), "", "{item}");
        }
        for kind in [
            "t3.micro",
            "t3.small",
            "t3.medium",
            "t4g.micro",
            "t4g.small",
            "t4g.medium",
            "m7g.large",
        ] {
            assert!(
                prices.of(&Item::Instance(kind.to_owned()), &place).is_ok(),
                "{kind} in {place}"
            );
        }
    }
    let file = include_str!("../../prices.toml");
    let tables = file.lines().filter(|line| line.starts_with('[')).count();
    let sources =
        file.lines().filter(|line| line.starts_with("source = \"https://aws.amazon.com/"));
    assert_eq!(tables, Item::FIXED.len() + 1);
    assert_eq!(sources.count(), tables, "each table names AWS's page");
}

/// Goal: the metrics that are priced are those that a run logs. Method: the source of the line.
#[test]
fn the_metrics_of_the_log_are_counted() {
    let source = include_str!("../../../../functions/failover/src/emf.rs");
    let named = |unit: &str| source.matches(&format!(", \"{unit}\", ")).count();
    let by_reason = source.matches(r#""Metrics": [{"Name": "#).count();
    // What a raised standby lacks is none of a calm month's metrics.
    let raised = source.matches("\"StandbyLacking\"").count();
    assert_eq!(raised, 1);
    let metrics = named("Count") + named("Milliseconds") + by_reason - raised;
    let metrics = u64::try_from(metrics).expect("few");
    assert_eq!(metrics, LOG_METRICS, "count them anew in `cost::LOG_METRICS`");
}

/// Goal: the bytes that are priced are what a calm run logs. Method: the decision record of one, 900 bytes for the metrics line,
/// 300 for Lambda's own three, and the 26 that CloudWatch adds to each.
#[test]
fn the_bytes_of_the_log_are_counted() {
    let line = calm_tick().to_log_line().len() + 900 + 300 + 5 * 26;
    let line = u64::try_from(line).expect("a line");
    assert!((RUN_LOG_BYTES / 2..=RUN_LOG_BYTES).contains(&line), "{line} of {RUN_LOG_BYTES}");
}

/// What the controller writes when nothing happens.
fn calm_tick() -> DecisionRecord {
    let at = Timestamp::from_second(1_767_225_600).expect("a time");
    let later = Known::Unknown(Why::NotAsked);
    let group = |instances, healthy| Group {
        min: instances,
        desired: instances,
        max: 8,
        in_service: instances,
        healthy,
        suspended: false,
        paused: false,
        cpu: later,
    };
    let peak = "v1 at=490896 ring=".to_owned() + &"02".repeat(24);
    let base = "v1 min=0 desired=0 max=8 at=1767225600".to_owned();
    let tags = [("pilotlight:peak", peak.as_str()), ("pilotlight:base", base.as_str())];
    let observation = Observation {
        alarm: Known::Known(AlarmView {
            state: AlarmState::Ok,
            transitioned_at: Timestamp::from_second(1_767_000_000).expect("a time"),
            evaluation: Evaluation::Sound,
            actions: true,
        }),
        datapoints: Known::Known(Datapoints {
            period: std::time::Duration::from_mins(1),
            newest: at,
            healthy_run: 60,
            newest_two_zero: false,
        }),
        standby: Known::Known(group(0, Known::Known(0))),
        record: Known::Known(Record::from_tags(tags)),
        primary: Known::Known(group(2, Known::Known(2))),
        verdict: Known::Unknown(Why::NotAsked),
        answer: Known::Known(Answer::Primary),
        probe: Known::Known(Probe::Up),
        egress: true,
        readiness: Readiness::NOT_ASKED,
        requests: Known::Known(0),
    };
    let policy = Site::minimal("").config.policy;
    let decision = failover_core::decide(&policy, &Signal::Tick, &observation, at);
    DecisionRecord {
        schema: SCHEMA,
        site: "shop".to_owned(),
        at,
        policy,
        signal: Signal::Tick,
        observation,
        decision,
        outcome: Outcome::default(),
    }
}

fn region(text: &str) -> Region {
    Region::parse(text).expect("a region")
}

/// The price of an item, as text.
fn price(prices: &Prices, item: &Item, place: &str) -> String {
    let place = region(place);
    prices.of(item, &place).expect("it has a price").price.to_string()
}
