//! Prices that AWS tells, replayed over a real socket.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use cloud::{Aws, CloudError, CloudSettings};
use cost::{Item, Listed, MONTH_HOURS, Origin, Prices, Report, needed};
use operate::price_list;
use serde_json::{Value, json};
use site::names::Region;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use sample::{region, site};

/// A price list that answers each query with what `answer` says: status and body.
async fn price_list(
    answer: impl Fn(&Value) -> (u16, Value) + Send + Sync + 'static,
) -> (Aws, Arc<Mutex<Vec<Value>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let endpoint = format!("http://{}", listener.local_addr().expect("it is bound"));
    let (asked, answer) = (Arc::new(Mutex::new(Vec::new())), Arc::new(answer));
    let log = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
            tokio::spawn(async move {
                while let Some(query) = request(&mut connection).await {
                    let (status, body) = answer(&query);
                    log.lock().expect("no test panics with it").push(query);
                    let body = body.to_string();
                    let head = format!(
                        "HTTP/1.1 {status} Told\r\ncontent-type: application/x-amz-json-1.1\r\n\
                         content-length: {}\r\n\r\n{body}",
                        body.len()
                    );
                    if connection.write_all(head.as_bytes()).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    (Aws::connect(&CloudSettings::emulator(endpoint), &Region::detector()).await, asked)
}

/// The body of the next request. `None` when the client went away.
async fn request(connection: &mut TcpStream) -> Option<Value> {
    let mut bytes = Vec::new();
    loop {
        let mut part = [0; 4096];
        let read = connection.read(&mut part).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((_, body)) = text.split_once("\r\n\r\n") else { continue };
        if let Ok(query) = serde_json::from_str(body) {
            return Some(query);
        }
    }
}

/// A product with its tiers: where each begins, and what it costs.
fn product(tiers: &[(&str, &str)]) -> String {
    let dimensions = tiers.iter().enumerate().map(|(number, (begin, dollars))| {
        let rate =
            json!({ "beginRange": begin, "unit": "Any", "pricePerUnit": { "USD": dollars } });
        (number.to_string(), rate)
    });
    let dimensions: serde_json::Map<_, _> = dimensions.collect();
    json!({ "product": {}, "terms": { "OnDemand": { "SKU.1": { "priceDimensions": dimensions } } } }).to_string()
}

fn products(list: &[String]) -> (u16, Value) {
    (200, json!({ "FormatVersion": "aws_v1", "PriceList": list }))
}

fn filter<'a>(query: &'a Value, field: &str) -> &'a str {
    let filters = query["Filters"].as_array().expect("a list of filters");
    let found = filters.iter().find(|filter| filter["Field"] == field);
    found.and_then(|filter| filter["Value"].as_str()).unwrap_or_default()
}

fn listed(price: Item, place: &str) -> Listed {
    Listed { price, region: region(place) }
}

/// Goal: what AWS tells is used, in our units, the first tier that is not free.
#[tokio::test]
async fn a_price_that_aws_tells_replaces_the_built_in_one() {
    let (aws, asked) = price_list(|query| match filter(query, "usagetype") {
        "USE2-LoadBalancerUsage" => products(&[product(&[("0", "0.0300000000")])]),
        "Health-Check-AWS" => {
            products(&[product(&[("50", "0.6000000000"), ("0", "0.0000000000")])])
        }
        "USE2-CW:GMD-Metrics" => products(&[product(&[("0", "0.0000200000")])]),
        _ => products(&[product(&[("0", "0.0090000000")]), product(&[("0", "0.0090000000")])]),
    })
    .await;
    let instance = Item::Instance("t4g.micro".to_owned());
    let wanted = [
        listed(Item::LoadBalancer, "us-east-2"),
        listed(Item::CheckAws, "us-east-1"),
        listed(Item::MetricsRead, "us-east-2"),
        listed(instance.clone(), "us-west-2"),
    ];
    let mut prices = Prices::built_in();
    let wanted = BTreeSet::from(wanted);
    let refreshed = price_list::refresh(&mut prices, &wanted, &aws).await.expect("AWS answers");
    assert_eq!((refreshed.told, refreshed.kept), (4, Vec::new()));
    assert_eq!(price(&prices, &Item::LoadBalancer, "us-east-2"), "0.03");
    assert_eq!(price(&prices, &Item::LoadBalancer, "us-west-2"), "0.0225");
    assert_eq!(price(&prices, &Item::CheckAws, "us-east-1"), "0.60");
    assert_eq!(price(&prices, &Item::MetricsRead, "us-east-2"), "0.02");
    assert_eq!(price(&prices, &instance, "us-west-2"), "0.009");
    let asked = asked.lock().expect("no test panics with it");
    let about = |service: &str| {
        asked.iter().find(|query| query["ServiceCode"] == service).expect("it was asked")
    };
    assert_eq!(filter(about("AWSELB"), "productFamily"), "Load Balancer-Application");
    let instance = about("AmazonEC2");
    let filters = [
        "regionCode",
        "instanceType",
        "operatingSystem",
        "tenancy",
        "preInstalledSw",
        "capacitystatus",
    ];
    let filters = filters.map(|field| filter(instance, field));
    assert_eq!(filters, ["us-west-2", "t4g.micro", "Linux", "Shared", "NA", "Used"]);
    assert_eq!(instance["FormatVersion"], "aws_v1");
}

/// Goal: what AWS does not tell so that it can be used stays, and is named with the reason.
#[tokio::test]
async fn a_price_that_aws_does_not_tell_stays() {
    let (aws, asked) = price_list(|query| match filter(query, "usagetype") {
        "USE2-CW:AlarmMonitorUsage" => {
            products(&[product(&[("0", "0.1000000000")]), product(&[("0", "0.2000000000")])])
        }
        "USE2-CW:Requests" => products(&[product(&[("0", "0.0000000000")])]),
        "USE1-CW:AlarmMonitorUsage" => products(&[product(&[("0", "0.1100000000")])]),
        _ => products(&[]),
    })
    .await;
    let wanted = [
        listed(Item::Alarm, "us-east-2"),
        listed(Item::Alarm, "us-east-1"),
        listed(Item::MetricRequests, "us-east-2"),
        listed(Item::Disk, "us-east-2"),
        listed(Item::Dashboard, "us-east-1"),
        listed(Item::LoadBalancer, "xx-far-1"),
    ];
    let mut prices = Prices::built_in();
    let before = prices.clone();
    let refreshed =
        price_list::refresh(&mut prices, &BTreeSet::from(wanted), &aws).await.expect("AWS answers");
    assert_eq!(refreshed.told, 1);
    let kept: Vec<_> =
        refreshed.kept.iter().map(|(listed, why)| format!("{listed}: {why}")).collect();
    assert_eq!(
        kept,
        [
            "gp3-gb-month in us-east-2: AWS lists nothing by that name",
            "alb-hour in xx-far-1: the region's prefix in the price list is not known here",
            "alarm in us-east-2: AWS lists several prices",
            "dashboard in us-east-1: it has no entry that is known here",
            "metric-request in us-east-2: AWS's answer has no price that can be read",
        ]
    );
    assert_eq!(price(&prices, &Item::Alarm, "us-east-1"), "0.11");
    assert_eq!(
        price(&prices, &Item::Alarm, "us-east-2"),
        price(&before, &Item::Alarm, "us-east-2")
    );
    let asked = asked.lock().expect("no test panics with it");
    let usages: Vec<_> = asked.iter().map(|query| filter(query, "usagetype")).collect();
    assert!(
        usages.contains(&"CW:AlarmMonitorUsage"),
        "us-east-1 is asked without its prefix first"
    );
}

/// Goal: every price that a report uses can be asked for. Method: one answer to everything.
#[tokio::test]
async fn a_whole_site_can_be_priced_by_aws() {
    let (aws, _) = price_list(|_| products(&[product(&[("0", "0.0010000000")])])).await;
    let mut prices = Prices::built_in();
    let needed = needed(&site()).expect("it can be counted");
    let refreshed = price_list::refresh(&mut prices, &needed, &aws).await.expect("AWS answers");
    assert_eq!((refreshed.told, refreshed.kept), (needed.len(), Vec::new()));
    let report = Report::new(&site(), &prices, MONTH_HOURS).expect("it has a price");
    assert!(report.bill.lines().all(|line| line.origin == Origin::Live));
    assert_eq!(report.unseen, []);
}

#[tokio::test]
async fn a_refusal_of_aws_says_whose_it_is() {
    let refusal = json!({ "__type": "AccessDeniedException", "message": "not authorized to perform pricing:GetProducts" });
    let (aws, _) = price_list(move |_| (400, refusal.clone())).await;
    let wanted = BTreeSet::from([listed(Item::Alarm, "us-east-2")]);
    let error = price_list::refresh(&mut Prices::built_in(), &wanted, &aws)
        .await
        .expect_err("it is refused");
    assert!(matches!(error, CloudError::Denied { operation: "GetProducts", .. }), "{error:?}");
}

/// The price of an item, as text.
fn price(prices: &Prices, item: &Item, place: &str) -> String {
    prices.of(item, &region(place)).expect("it has a price").price.to_string()
}
