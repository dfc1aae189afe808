//! The account, through the plain calls and the clients that are there.

use async_trait::async_trait;
use aws_sdk_elasticloadbalancingv2::types::LoadBalancerTypeEnum;
use aws_sdk_route53::types::AccountLimitType;
use aws_smithy_types::date_time::{DateTime, Format};
use failover_core::Timestamp;
use roxmltree::{Document, Node};
use serde_json::{Value, json};

use site::names::{CertificateArn, Region};

use super::super::{
    Caller, CertificateView, Concurrency, Counted, ImageView, Issuer, Premises, Quota,
    RegionStatus, Result, TypeView, Used,
};
use super::Aws;
use super::call::{Call, if_there, is_absent};
use super::pages::Pages;
use super::plain::{Answer, Plain, Service};

// BOUND: a page of load balancers holds 400; the quota that anybody has is far below.
const BALANCER_PAGES_MAX: usize = 10;
// BOUND: EC2 answers what is counted here whole, or 1,000 on a page, far above the quotas.
const EC2_PAGES_MAX: usize = 10;

impl Aws {
    fn plain(&self) -> &Plain {
        self.plain.get_or_init(Plain::new)
    }

    /// A call of a service that takes forms.
    pub(super) async fn form(
        &self,
        service: Service,
        region: &Region,
        operation: &'static str,
        arguments: &[(&str, &str)],
    ) -> Result<Answer> {
        self.plain().form(&self.config, service, region, operation, arguments).await
    }

    pub(super) async fn json(
        &self,
        service: Service,
        region: &Region,
        operation: &'static str,
        arguments: Value,
    ) -> Result<Value> {
        self.plain().json(&self.config, service, region, operation, &arguments).await
    }

    async fn balancers(&self, region: &Region) -> Result<usize> {
        let call = Call::new("DescribeLoadBalancers", region);
        let client = self.clients(region).elb;
        let mut found = 0;
        let mut pages = Pages::new(&call, BALANCER_PAGES_MAX);
        while let Some(page) = pages.next()? {
            let answer =
                call.answer(client.describe_load_balancers().set_marker(page.from).send().await)?;
            let balancers = answer.load_balancers.unwrap_or_default().into_iter();
            let application = |kind: Option<_>| kind == Some(LoadBalancerTypeEnum::Application);
            found += balancers.filter(|balancer| application(balancer.r#type.clone())).count();
            pages.turn(answer.next_marker);
        }
        Ok(found)
    }

    /// Reads every item of a list of EC2.
    pub(super) async fn ec2_items<T>(
        &self,
        region: &Region,
        operation: &'static str,
        arguments: &[(&str, &str)],
        set: &str,
        read: impl Fn(Node<'_, '_>) -> Option<T> + Send + Sync,
    ) -> Result<Vec<T>> {
        let call = Call::new(operation, region);
        let mut found = Vec::new();
        let mut pages = Pages::<String>::new(&call, EC2_PAGES_MAX);
        while let Some(page) = pages.next()? {
            let from = page.from.as_deref().map(|token| ("NextToken", token));
            let arguments: Vec<_> = arguments.iter().copied().chain(from).collect();
            let answer = self.form(Service::Ec2, region, operation, &arguments).await?;
            let document = parsed(&call, &answer)?;
            found.extend(items(&document, set).filter_map(&read));
            pages.turn(anywhere(&document, "nextToken").map(ToOwned::to_owned));
        }
        Ok(found)
    }
}

#[async_trait]
impl Premises for Aws {
    async fn identity(&self, region: &Region) -> Result<Caller> {
        self.signer(region).await
    }

    async fn clock(&self, region: &Region) -> Result<Option<Timestamp>> {
        let answer = self.form(Service::Ec2, region, "DescribeRegions", &[]).await?;
        let date = answer.date.and_then(|date| DateTime::from_str(&date, Format::HttpDate).ok());
        Ok(date.and_then(|date| Timestamp::from_second(date.secs()).ok()))
    }

    async fn region_status(&self, region: &Region) -> Result<Option<RegionStatus>> {
        // Asked of the detector's region: the region itself answers nobody before it is enabled.
        let home = Region::detector();
        let call = Call::new("DescribeRegions", &home);
        let filters = [
            ("AllRegions", "true"),
            ("Filter.1.Name", "region-name"),
            ("Filter.1.Value.1", region.as_str()),
        ];
        let answer = self.form(Service::Ec2, &home, "DescribeRegions", &filters).await?;
        let document = parsed(&call, &answer)?;
        // An emulator may ignore the filter.
        let named = items(&document, "regionInfo");
        let found = named.filter(|item| child(*item, "regionName") == Some(region.as_str()));
        let status = found.map(|item| child(item, "optInStatus")).next();
        Ok(status.map(|status| match status {
            Some("opted-in") => RegionStatus::OptedIn,
            Some("not-opted-in") => RegionStatus::NotOptedIn,
            Some(_) | None => RegionStatus::Default,
        }))
    }

    async fn quota(&self, region: &Region, quota: Quota) -> Result<f64> {
        let call = Call::new("GetServiceQuota", region);
        let arguments = json!({ "ServiceCode": quota.service(), "QuotaCode": quota.code() });
        let answer = self.json(Service::Quotas, region, "GetServiceQuota", arguments.clone()).await;
        let answer = match answer {
            // What was never raised is known as a default alone.
            Err(error) if error.service_code() == Some("NoSuchResourceException") => {
                self.json(Service::Quotas, region, "GetAWSDefaultServiceQuota", arguments).await?
            }
            answer => answer?,
        };
        answer["Quota"]["Value"].as_f64().ok_or_else(|| call.lacks("the quota"))
    }

    async fn count(&self, region: &Region, what: Counted) -> Result<usize> {
        let (operation, set) = match what {
            Counted::LoadBalancers => return self.balancers(region).await,
            Counted::Addresses => ("DescribeAddresses", "addressesSet"),
            Counted::Vpcs => ("DescribeVpcs", "vpcSet"),
        };
        Ok(self.ec2_items(region, operation, &[], set, |_| Some(())).await?.len())
    }

    async fn policy_exists(&self, arn: &str) -> Result<bool> {
        let asked = [("PolicyArn", arn)];
        let answer = self.form(Service::Iam, &Region::detector(), "GetPolicy", &asked).await;
        Ok(if_there(answer, is_absent)?.is_some())
    }

    async fn role_trust(&self, arn: &str) -> Result<Option<String>> {
        let call = Call::new("GetRole", &Region::detector());
        // A role is asked for by its name, the last part of its path.
        let name = arn.rsplit('/').next().unwrap_or_default();
        let asked = [("RoleName", name)];
        let answer = self.form(Service::Iam, &Region::detector(), "GetRole", &asked).await;
        let Some(answer) = if_there(answer, is_absent)? else { return Ok(None) };
        let document = parsed(&call, &answer)?;
        // Another path is another role.
        if anywhere(&document, "Arn").is_some_and(|found| found != arn) {
            return Ok(None);
        }
        anywhere(&document, "AssumeRolePolicyDocument")
            .map(|trust| Some(trust.to_owned()))
            .ok_or_else(|| call.lacks("the trust policy"))
    }

    async fn certificate(&self, arn: &CertificateArn) -> Result<Option<CertificateView>> {
        let region = arn.region();
        let call = Call::new("DescribeCertificate", &region);
        let arguments = json!({ "CertificateArn": arn.as_str() });
        let answer =
            self.json(Service::Certificates, &region, "DescribeCertificate", arguments).await;
        let Some(answer) = if_there(answer, is_absent)? else { return Ok(None) };
        let certificate = &answer["Certificate"];
        let status = certificate["Status"].as_str().ok_or_else(|| call.lacks("the status"))?;
        let others = certificate["SubjectAlternativeNames"].as_array().into_iter().flatten();
        let mut names: Vec<_> = others.filter_map(Value::as_str).map(ToOwned::to_owned).collect();
        names.extend(certificate["DomainName"].as_str().map(ToOwned::to_owned));
        #[expect(clippy::cast_possible_truncation, reason = "a date is far within the range")]
        let until = certificate["NotAfter"].as_f64().map(|seconds| seconds as i64);
        let until = until.and_then(|seconds| Timestamp::from_second(seconds).ok());
        let issuer = match certificate["Type"].as_str() {
            Some("IMPORTED") => Issuer::Imported,
            Some("PRIVATE") => Issuer::Private,
            _ => Issuer::Amazon,
        };
        Ok(Some(CertificateView { status: status.to_owned(), names, until, issuer }))
    }

    async fn parameter(&self, region: &Region, name: &str) -> Result<Option<String>> {
        let call = Call::new("GetParameter", region);
        let arguments = json!({ "Name": name });
        let answer = self.json(Service::Ssm, region, "GetParameter", arguments).await;
        let Some(answer) = if_there(answer, is_absent)? else { return Ok(None) };
        let value = answer["Parameter"]["Value"].as_str().map(ToOwned::to_owned);
        value.ok_or_else(|| call.lacks("the value")).map(Some)
    }

    async fn image(&self, region: &Region, id: &str) -> Result<Option<ImageView>> {
        let call = Call::new("DescribeImages", region);
        let answer = self.form(Service::Ec2, region, "DescribeImages", &[("ImageId.1", id)]).await;
        let Some(answer) = if_there(answer, is_absent)? else { return Ok(None) };
        let document = parsed(&call, &answer)?;
        let mut images = items(&document, "imagesSet");
        let found = images.find(|item| child(*item, "imageId") == Some(id));
        let text = |item, name| child(item, name).unwrap_or_default().to_owned();
        Ok(found.map(|item| ImageView {
            state: text(item, "imageState"),
            architecture: text(item, "architecture"),
            encrypted_snapshots: encrypted_snapshots(item),
        }))
    }

    async fn instance_type(&self, region: &Region, name: &str) -> Result<Option<TypeView>> {
        let operation = "DescribeInstanceTypes";
        let call = Call::new(operation, region);
        let answer = self.form(Service::Ec2, region, operation, &[("InstanceType.1", name)]).await;
        let Some(answer) = if_there(answer, is_absent)? else { return Ok(None) };
        let document = parsed(&call, &answer)?;
        let mut types = items(&document, "instanceTypeSet");
        let Some(found) = types.find(|item| child(*item, "instanceType") == Some(name)) else {
            return Ok(None);
        };
        let vcpus = within(found, "vCpuInfo").and_then(|info| child(info, "defaultVCpus"));
        let vcpus = vcpus.and_then(|vcpus| vcpus.parse().ok());
        let processor = within(found, "processorInfo");
        let supported = processor.and_then(|info| within(info, "supportedArchitectures"));
        let architectures = supported.into_iter().flat_map(|set| set.children());
        let architectures = architectures.filter_map(|item| item.text()).map(str::trim);
        Ok(Some(TypeView {
            vcpus: vcpus.ok_or_else(|| call.lacks("the number of vCPUs"))?,
            architectures: architectures
                .filter(|text| !text.is_empty())
                .map(ToOwned::to_owned)
                .collect(),
        }))
    }

    async fn zones_with(&self, region: &Region, name: &str) -> Result<Vec<String>> {
        let arguments = [
            ("LocationType", "availability-zone"),
            ("Filter.1.Name", "instance-type"),
            ("Filter.1.Value.1", name),
        ];
        let operation = "DescribeInstanceTypeOfferings";
        let offered =
            self.ec2_items(region, operation, &arguments, "instanceTypeOfferingSet", |item| {
                let ours = child(item, "instanceType") == Some(name);
                child(item, "location").filter(|_| ours).map(ToOwned::to_owned)
            });
        offered.await
    }

    async fn concurrency(&self, region: &Region) -> Result<Concurrency> {
        let call = Call::new("GetAccountSettings", region);
        let answer =
            call.answer(self.clients(region).lambda.get_account_settings().send().await)?;
        let limits = answer.account_limit.ok_or_else(|| call.lacks("the limits"))?;
        let number = |number: i32| u32::try_from(number).unwrap_or_default();
        let limit = number(limits.concurrent_executions);
        let unreserved = limits.unreserved_concurrent_executions.map_or(limit, number);
        Ok(Concurrency { limit, unreserved })
    }

    async fn health_checks(&self) -> Result<Used> {
        let call = Call::global("GetAccountLimit");
        let request = self.clients(&Region::detector()).route53.get_account_limit();
        let answer =
            call.answer(request.r#type(AccountLimitType::MaxHealthChecksByOwner).send().await)?;
        let number = |number: i64| u64::try_from(number).unwrap_or_default();
        let limit = answer.limit.ok_or_else(|| call.lacks("the limit"))?;
        Ok(Used { used: number(answer.count), limit: number(limit.value) })
    }
}

/// Snapshots of an image whose volumes are encrypted.
fn encrypted_snapshots(image: Node<'_, '_>) -> Vec<String> {
    let volumes = within(image, "blockDeviceMapping").into_iter().flat_map(|set| set.children());
    let volumes = volumes.filter_map(|volume| within(volume, "ebs"));
    let encrypted = volumes.filter(|volume| child(*volume, "encrypted") == Some("true"));
    encrypted.filter_map(|volume| child(volume, "snapshotId")).map(ToOwned::to_owned).collect()
}

/// The answer as XML.
pub(super) fn parsed<'a>(call: &Call, answer: &'a Answer) -> Result<Document<'a>> {
    Document::parse(&answer.body).map_err(|_| call.lacks("XML"))
}

/// The `item`s, or `member`s, of the first set of a name.
pub(super) fn items<'a, 'b>(
    document: &'a Document<'b>,
    set: &'a str,
) -> impl Iterator<Item = Node<'a, 'b>> {
    let found = document.descendants().find(move |node| node.tag_name().name() == set);
    found.into_iter().flat_map(|set| set.children()).filter(Node::is_element)
}

/// The text of the first node of a name.
pub(super) fn anywhere<'a>(document: &'a Document<'_>, name: &str) -> Option<&'a str> {
    document.descendants().find(|node| node.tag_name().name() == name)?.text()
}

pub(super) fn within<'a, 'b>(node: Node<'a, 'b>, name: &str) -> Option<Node<'a, 'b>> {
    node.children().find(|child| child.tag_name().name() == name)
}

pub(super) fn child<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    within(node, name)?.text()
}
