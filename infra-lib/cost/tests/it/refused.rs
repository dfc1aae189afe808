//! What has no price, and files of prices that cannot be.

use cost::{CostError, Item, MONTH_HOURS, Prices, Report, needed};
use expect_test::{Expect, expect};
use miette::Diagnostic;
use site::model::{Site, StackId};

use super::{price, region};

fn shown(error: &dyn Diagnostic) -> String {
    let labels = error.labels().into_iter().flatten();
    let labels = labels.filter_map(|label| label.label().map(ToOwned::to_owned));
    let hint = error.help().map(|help| help.to_string());
    [error.to_string()].into_iter().chain(labels).chain(hint).collect::<Vec<_>>().join("\n")
}

/// The smallest site with one text of a template replaced.
fn replaced(stack: StackId, from: &str, to: &str) -> Site {
    let mut site = Site::minimal("");
    let found = site.stacks.iter_mut().find(|found| found.id == stack).expect("it is there");
    assert!(found.template.body.contains(from), "`{from}` is not in the template");
    found.template.body = found.template.body.replace(from, to).into();
    site
}

fn refused(site: &Site, message: &Expect) {
    let error = Report::new(site, &Prices::built_in(), MONTH_HOURS).map(|_| ());
    let error = error.expect_err("it has no price");
    message.assert_eq(&error.to_string());
    let also = needed(site).map(|_| ()).map_err(|error| error.to_string());
    if !matches!(error, CostError::Missing { .. }) {
        assert_eq!(also, Err(error.to_string()));
    }
}

fn wrong(file: &str, message: &Expect) {
    let error = Prices::built_in().overridden(file, "prices.toml").expect_err("it is refused");
    message.assert_eq(&shown(&error));
}

/// Goal: a template cannot gain what nobody priced, whether this site has it or not.
#[test]
fn a_resource_without_a_price_line_is_named() {
    // The minimal site has two zones.
    for absent in ["", "    Condition: HasThirdZone\n"] {
        let resource = format!(
            "\nResources:\n  Cache:\n    Type: AWS::ElastiCache::ReplicationGroup\n{absent}"
        );
        refused(
            &replaced(StackId::NetworkPrimary, "\nResources:\n", &resource),
            &expect![
                "`network-primary`: `Cache` has no price line: AWS::ElastiCache::ReplicationGroup"
            ],
        );
    }
}

#[test]
fn a_setting_that_changes_the_price_is_not_overlooked() {
    refused(
        &replaced(StackId::WebStandby, "Type: application", "Type: network"),
        &expect![
            "`web-standby`: `LoadBalancer` has no price line: a load balancer of type network"
        ],
    );
    refused(
        &replaced(
            StackId::NetworkStandby,
            "VpcEndpointType: Gateway",
            "VpcEndpointType: Interface",
        ),
        &expect![
            "`network-standby`: `S3Endpoint` has no price line: an endpoint of type Interface"
        ],
    );
    refused(
        &replaced(StackId::WebPrimary, "VolumeType: gp3", "VolumeType: io2"),
        &expect!["`web-primary`: `LaunchTemplate` has no price line: a disk that is not gp3"],
    );
    refused(
        &replaced(StackId::Controller, "rate(1 minute)", "cron(0 * * * ? *)"),
        &expect![
            "`controller`: what `TickRule` costs depends on `ScheduleExpression`, which cannot be told from the template"
        ],
    );
    refused(
        &replaced(StackId::WebPrimary, "MinSize: !Ref MinSize", "MinSize: !GetAtt Other.Size"),
        &expect![
            "`web-primary`: what `Group` costs depends on `MinSize`, which cannot be told from the template"
        ],
    );
    let broken = replaced(StackId::WebPrimary, "AWSTemplateFormatVersion", "a: [");
    let error = Report::new(&broken, &Prices::built_in(), MONTH_HOURS).map(|_| ());
    let error = error.expect_err("it is not YAML");
    assert!(matches!(error, CostError::Template { stack: StackId::WebPrimary, .. }), "{error}");
}

#[test]
fn a_setting_that_a_template_gives_is_counted() {
    let lines = |site: &Site| {
        let report = Report::new(site, &Prices::built_in(), MONTH_HOURS).expect("it has a price");
        let lines = report.bill.lines().map(|line| format!("{} {}", line.what, line.quantity));
        lines.collect::<Vec<_>>()
    };
    let large = replaced(StackId::WebPrimary, "VolumeSize: !Ref RootVolumeGib", "VolumeSize: 20");
    assert!(lines(&large).contains(&"disk of 20 GB 40".to_owned()));
    let dashboard = "\nResources:\n  Board:\n    Type: AWS::CloudWatch::Dashboard\n";
    assert!(
        lines(&replaced(StackId::Detector, "\nResources:\n", dashboard))
            .contains(&"dashboard 1".to_owned())
    );
    let https =
        replaced(StackId::Detector, "Type: !Ref HealthProtocol\n", "Type: HTTPS_STR_MATCH\n");
    let features = lines(&https);
    assert_eq!(
        features.iter().filter(|line| *line == "HTTPS 1" || *line == "string match 1").count(),
        4
    );
    let elsewhere = replaced(
        StackId::Detector,
        "FullyQualifiedDomainName: !Ref StandbyEndpoint",
        "FullyQualifiedDomainName: elsewhere.example.com",
    );
    let report = Report::new(&elsewhere, &Prices::built_in(), MONTH_HOURS).expect("it has a price");
    let prices: Vec<_> = report.bill.lines().map(|line| line.price.clone()).collect();
    assert!(prices.contains(&Item::CheckOther) && prices.contains(&Item::CheckFeatureOther));
    let third = Site::minimal("[network]\nzones = 3\n");
    assert!(lines(&third).contains(&"public IPv4, 3 zones 2190".to_owned()));
}

#[test]
fn a_price_that_nobody_gave_says_how_to_give_it() {
    let site = Site::minimal("[web]\ninstance_type = \"c7g.large\"\n");
    let error = Report::new(&site, &Prices::built_in(), MONTH_HOURS).map(|_| ());
    let error = error.expect_err("it is not listed");
    expect![[r#"
        no price for `instance-hour."c7g.large"` in us-west-2
        ask AWS with `--live`, or look it up at https://aws.amazon.com/ec2/pricing/on-demand/, write the dollars for one hour into a file, and give that with `--prices FILE`:

        [instance-hour."c7g.large"]
        us-west-2 = "0.00"
    "#]]
    .assert_eq(&shown(&error));
    let own = "[instance-hour.\"c7g.large\"]\nus-west-2 = \"0.0725\"\nany = \"0.08\"\n";
    let prices = Prices::built_in().overridden(own, "prices.toml").expect("it is valid");
    let report = Report::new(&site, &prices, MONTH_HOURS).expect("now it has a price");
    assert!(report.to_string().contains("2 lines: of your own file"));
    refused(
        &{
            let mut site = Site::minimal("");
            site.stacks[0].region = region("eu-west-1");
            site
        },
        &expect!["no price for `s3-gb-month` in eu-west-1"],
    );
}

#[test]
fn a_file_overrides_single_prices() {
    let own = "date = \"2030-01-01\"\n\n[alb-hour]\nunit = \"hour\"\nsource = \"a contract\"\nus-east-2 = \"0.02\"\n";
    let prices = Prices::built_in().overridden(own, "prices.toml").expect("it is valid");
    assert_eq!(price(&prices, &Item::LoadBalancer, "us-east-2"), "0.02");
    assert_eq!(price(&prices, &Item::LoadBalancer, "us-west-2"), "0.0225");
    assert_eq!(prices.date, Prices::built_in().date);
    let own = "[alb-hour]\nany = \"0.01\"\nus-east-2 = \"0.02\"\n";
    let prices = Prices::built_in().overridden(own, "prices.toml").expect("it is valid");
    for (place, told) in [("us-east-2", "0.02"), ("us-west-2", "0.01"), ("eu-west-1", "0.01")] {
        assert_eq!(price(&prices, &Item::LoadBalancer, place), told, "{place}");
    }
}

#[test]
fn a_file_of_prices_that_is_wrong_says_where_and_what_to_do() {
    wrong(
        "[alb-hours]\nus-east-2 = \"0.02\"\n",
        &expect![[r#"
        there is no price called `alb-hours`
        expected the name of a price
        did you mean `alb-hour`?"#]],
    );
    wrong(
        "[nat]\nus-east-2 = \"0.02\"\n",
        &expect![[r#"
            there is no price called `nat`
            expected the name of a price
            did you mean `nat-gateway-hour`?"#]],
    );
    wrong(
        "alb-hour = \"0.02\"\n",
        &expect![[r#"
        `alb-hour` has no regions
        expected a table
        a price has a table:

        [alb-hour]
        us-east-2 = "0.00""#]],
    );
    wrong(
        "[alb-hour]\nohio = \"0.02\"\n",
        &expect![[r#"
        `ohio` of [alb-hour] is no region
        expected a region such as `us-east-2`, or `any`
        beside regions, a price has unit, source, note, seen"#]],
    );
    wrong(
        "[alb-hour]\nus-east-2 = 0.02\n",
        &expect![[r#"
        `us-east-2` of [alb-hour] is no amount of dollars
        expected a text such as "0.0225"
        write it in quotes, without a sign or an exponent, with ten decimals at most"#]],
    );
    wrong(
        "[alb-hour]\nus-east-2 = \"-0.02\"\n",
        &expect![[r#"
        `us-east-2` of [alb-hour] is no amount of dollars
        expected a text such as "0.0225"
        write it in quotes, without a sign or an exponent, with ten decimals at most"#]],
    );
    wrong(
        "[alb-hour]\nus-east-2 = \"0.00000000001\"\n",
        &expect![[r#"
        `us-east-2` of [alb-hour] is no amount of dollars
        expected a text such as "0.0225"
        write it in quotes, without a sign or an exponent, with ten decimals at most"#]],
    );
    wrong(
        "[alb-hour]\nunit = \"month\"\nus-east-2 = \"16\"\n",
        &expect![[r#"
        `alb-hour` is not priced by the month
        expected `hour`
        convert the amount, or leave `unit` out"#]],
    );
}

#[test]
fn a_file_that_is_none_of_prices_says_what_it_lacks() {
    wrong(
        "[instance-hour]\nus-east-2 = \"0.02\"\n",
        &expect![[r#"
        `us-east-2` is no instance type with its regions
        expected an instance type
        a type in quotes has a table: [instance-hour."t4g.micro"]"#]],
    );
    wrong(
        "[instance-hour.micro]\nus-east-2 = \"0.02\"\n",
        &expect![[r#"
        `micro` is no instance type with its regions
        expected an instance type
        a type in quotes has a table: [instance-hour."t4g.micro"]"#]],
    );
    wrong(
        "instance-hour = 1\n",
        &expect![[r#"
        `instance-hour` has no regions
        expected a table
        a price has a table:

        [instance-hour]
        us-east-2 = "0.00""#]],
    );
    wrong(
        "date = 2030-01-01\n",
        &expect![[r#"
        `date` is not a text
        expected a text in quotes
        put it in quotes"#]],
    );
    wrong(
        "[alb-hour\n",
        &expect![[r#"
        `prices.toml` is not TOML
        unclosed table, expected `]`
        correct it there"#]],
    );
}

#[test]
fn a_file_of_prices_that_is_not_there_is_named() {
    let error = Prices::built_in().overridden_by(std::path::Path::new("no/such.toml"));
    expect![[r#"
        cannot read the prices: `no/such.toml`
        it must be a file that you may read, in UTF-8"#]]
    .assert_eq(&shown(&error.expect_err("it is not there")));
}
