//! Newer prices from AWS's own price list.

use std::collections::BTreeSet;

use cost::{Item, Listed, Origin, Price, Prices};
use serde_json::Value;

use cloud::{CloudError, PriceList, ProductQuery};
use site::names::{DETECTOR_REGION, Region};

/// What became of asking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refreshed {
    /// Prices that AWS told.
    pub told: usize,
    /// Prices that AWS did not tell so that they can be used, and why. They stay as they were.
    pub kept: Vec<(Listed, &'static str)>,
}

/// Where the price list has an item.
struct Entry {
    service: &'static str,
    /// The usage type without the prefix of its region.
    usage: &'static str,
    /// What else tells it from others of the same usage type.
    filters: &'static [(&'static str, &'static str)],
}

const NOT_LISTED: &str = "it has no entry that is known here";
const NO_PREFIX: &str = "the region's prefix in the price list is not known here";
const NO_ANSWER: &str = "AWS lists nothing by that name";
const AMBIGUOUS: &str = "AWS lists several prices";
const UNREADABLE: &str = "AWS's answer has no price that can be read";

/// Asks AWS for each of `needed` and puts what it tells over `prices`.
///
/// # Errors
/// [`CloudError`] of the first call that fails.
pub async fn refresh(
    prices: &mut Prices,
    needed: &BTreeSet<Listed>,
    list: &dyn PriceList,
) -> Result<Refreshed, CloudError> {
    let mut refreshed = Refreshed::default();
    for listed in needed {
        match ask(listed, list).await? {
            Ok(price) => {
                prices.put(&listed.price, listed.region.as_str(), price, Origin::Live);
                refreshed.told += 1;
            }
            Err(why) => refreshed.kept.push((listed.clone(), why)),
        }
    }
    Ok(refreshed)
}

async fn ask(
    listed: &Listed,
    list: &dyn PriceList,
) -> Result<Result<Price, &'static str>, CloudError> {
    let queries = match queries(&listed.price, &listed.region) {
        Ok(queries) => queries,
        Err(why) => return Ok(Err(why)),
    };
    for query in queries {
        let products = list.products(&query).await?;
        if !products.is_empty() {
            let price = price_of(&products);
            return Ok(price.map(|price| price.of(listed.price.unit_size())));
        }
    }
    Ok(Err(NO_ANSWER))
}

/// The questions about an item, the likelier first: us-east-1 has some usage types with a prefix and some without.
fn queries(item: &Item, region: &Region) -> Result<Vec<ProductQuery>, &'static str> {
    if let Item::Instance(kind) = item {
        return Ok(vec![instance(kind, region)]);
    }
    let Entry { service, usage, filters } = entry(item).ok_or(NOT_LISTED)?;
    let usages = match (service, region.as_str()) {
        ("AmazonRoute53", _) => vec![usage.to_owned()],
        (_, DETECTOR_REGION) => vec![usage.to_owned(), format!("USE1-{usage}")],
        (_, region) => vec![format!("{}-{usage}", prefix(region).ok_or(NO_PREFIX)?)],
    };
    let query = |usage| {
        let filters = filters.iter().map(|&(field, value)| (field, value.to_owned()));
        ProductQuery { service, filters: filters.chain([("usagetype", usage)]).collect() }
    };
    Ok(usages.into_iter().map(query).collect())
}

fn instance(kind: &str, region: &Region) -> ProductQuery {
    let filters = [
        ("regionCode", region.as_str()),
        ("instanceType", kind),
        ("operatingSystem", "Linux"),
        ("tenancy", "Shared"),
        ("preInstalledSw", "NA"),
        ("capacitystatus", "Used"),
        ("marketoption", "OnDemand"),
    ];
    let filters = filters.map(|(field, value)| (field, value.to_owned()));
    ProductQuery { service: "AmazonEC2", filters: filters.into() }
}

const fn entry(item: &Item) -> Option<Entry> {
    let (service, usage) = match item {
        Item::Disk => ("AmazonEC2", "EBS:VolumeUsage.gp3"),
        Item::LoadBalancer => {
            // Classic, network and gateway load balancers have the same usage type.
            const FILTERS: &[(&str, &str)] = &[("productFamily", "Load Balancer-Application")];
            return Some(Entry { service: "AWSELB", usage: "LoadBalancerUsage", filters: FILTERS });
        }
        Item::ReservedLcu => ("AWSELB", "ReservedLCUUsage"),
        Item::NatGateway => ("AmazonEC2", "NatGateway-Hours"),
        Item::PublicAddress => ("AmazonVPC", "PublicIPv4:InUseAddress"),
        Item::CheckAws => ("AmazonRoute53", "Health-Check-AWS"),
        Item::CheckOther => ("AmazonRoute53", "Health-Check-Non-AWS"),
        Item::CheckFeatureAws => ("AmazonRoute53", "Health-Check-Option-AWS"),
        Item::CheckFeatureOther => ("AmazonRoute53", "Health-Check-Option-Non-AWS"),
        Item::DnsQueries => ("AmazonRoute53", "DNS-Queries"),
        Item::Alarm => ("AmazonCloudWatch", "CW:AlarmMonitorUsage"),
        Item::AlarmHighResolution => ("AmazonCloudWatch", "CW:HighResAlarmMonitorUsage"),
        Item::CustomMetric => ("AmazonCloudWatch", "CW:MetricMonitorUsage"),
        Item::MetricsRead => ("AmazonCloudWatch", "CW:GMD-Metrics"),
        Item::MetricRequests => ("AmazonCloudWatch", "CW:Requests"),
        Item::FunctionRuns => ("AWSLambda", "Request"),
        Item::FunctionArm => ("AWSLambda", "Lambda-GB-Second-ARM"),
        Item::FunctionX86 => ("AWSLambda", "Lambda-GB-Second"),
        Item::LogIngestion => ("AmazonCloudWatch", "DataProcessing-Bytes"),
        Item::LogStorage => ("AmazonCloudWatch", "TimedStorage-ByteHrs"),
        Item::ObjectStorage => ("AmazonS3", "TimedStorage-ByteHrs"),
        Item::TopicRequests => ("AmazonSNS", "Requests-Tier1"),
        Item::TopicEmails => ("AmazonSNS", "DeliveryAttempts-SMTP"),
        Item::TopicWebhooks => ("AmazonSNS", "DeliveryAttempts-HTTP"),
        Item::QueueRequests => ("AWSQueueService", "Requests-Tier1"),
        Item::WorkflowRuns => ("AmazonStates", "StepFunctions-Request"),
        // One type of instance is asked for by other filters; the rest are listed once for all regions, by scope or by tier.
        Item::Instance(_)
        | Item::Dashboard
        | Item::WebAcl
        | Item::WebAclRule
        | Item::WebAclRequests
        | Item::EdgeRequests => return None,
    };
    Some(Entry { service, usage, filters: &[] })
}

/// What the usage types of a region begin with.
fn prefix(region: &str) -> Option<&'static str> {
    Some(match region {
        "us-east-2" => "USE2",
        "us-west-1" => "USW1",
        "us-west-2" => "USW2",
        "ca-central-1" => "CAN1",
        "eu-central-1" => "EUC1",
        "eu-north-1" => "EUN1",
        "eu-west-1" => "EU",
        "eu-west-2" => "EUW2",
        "eu-west-3" => "EUW3",
        "ap-northeast-1" => "APN1",
        "ap-northeast-2" => "APN2",
        "ap-south-1" => "APS3",
        "ap-southeast-1" => "APS1",
        "ap-southeast-2" => "APS2",
        "sa-east-1" => "SAE1",
        _ => return None,
    })
}

/// The one price in a list of products: of the first tier that is not free, on demand.
fn price_of(products: &[Value]) -> Result<Price, &'static str> {
    let prices = products.iter().map(|product| tier(product).ok_or(UNREADABLE));
    let prices = prices.collect::<Result<BTreeSet<_>, _>>()?;
    match prices.len() {
        0 => Err(UNREADABLE),
        1 => prices.first().copied().ok_or(UNREADABLE),
        _ => Err(AMBIGUOUS),
    }
}

/// Source: Price List API, "Reading the price list": terms → `OnDemand` → offer → `priceDimensions` → rate.
fn tier(product: &Value) -> Option<Price> {
    let offers = product.get("terms")?.get("OnDemand")?.as_object()?.values();
    let rates = offers.filter_map(|offer| offer.get("priceDimensions")?.as_object());
    let mut paid = Vec::new();
    for rate in rates.flat_map(serde_json::Map::values) {
        let price = Price::parse(rate.get("pricePerUnit")?.get("USD")?.as_str()?)?;
        if !price.is_free() {
            let begin = rate.get("beginRange").and_then(Value::as_str).unwrap_or("0");
            paid.push((begin.parse::<u64>().ok()?, price));
        }
    }
    paid.into_iter().min().map(|(_, price)| price)
}
