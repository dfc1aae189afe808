//! What a launch needs, through the plain calls.

use async_trait::async_trait;
use serde_json::{Value, json};

use site::names::Region;

use super::super::{KeyView, Launches, PublicAccess, Result, SubnetView, TemplateView};
use super::Aws;
use super::call::{Call, if_there, is_absent};
use super::pages::Pages;
use super::plain::Service;
use super::premises::{child, items, parsed, within};

// BOUND: a page holds 50 grants at least; the role of Auto Scaling has a few, and each volume one of EC2's own.
const GRANT_PAGES_MAX: usize = 10;
// Source: EC2 API reference, "VpcBlockPublicAccessExclusion": those of its states in which one is in force.
const IN_FORCE: [&str; 3] = ["create-complete", "update-in-progress", "update-complete"];

#[async_trait]
impl Launches for Aws {
    async fn launch_template(
        &self,
        region: &Region,
        id: &str,
        version: &str,
    ) -> Result<Option<TemplateView>> {
        let operation = "DescribeLaunchTemplateVersions";
        let call = Call::new(operation, region);
        let asked = [("LaunchTemplateId", id), ("LaunchTemplateVersion.1", version)];
        let answer = self.form(Service::Ec2, region, operation, &asked).await;
        let Some(answer) = if_there(answer, is_absent)? else { return Ok(None) };
        let document = parsed(&call, &answer)?;
        let mut versions = items(&document, "launchTemplateVersionSet");
        let ours = versions.find(|item| child(*item, "launchTemplateId") == Some(id));
        let Some(data) = ours.and_then(|item| within(item, "launchTemplateData")) else {
            return Ok(None);
        };
        let text = |name| child(data, name).map(ToOwned::to_owned);
        let volumes = within(data, "blockDeviceMappingSet");
        let volumes = volumes.into_iter().flat_map(|set| set.children());
        let keys = volumes.filter_map(|volume| child(within(volume, "ebs")?, "kmsKeyId"));
        let keys = keys.map(ToOwned::to_owned).collect();
        Ok(Some(TemplateView { image: text("imageId"), instance_type: text("instanceType"), keys }))
    }

    async fn subnets(&self, region: &Region, ids: &[String]) -> Result<Vec<SubnetView>> {
        // By a filter: an id that is not there is then missing from the answer, and no error.
        let names: Vec<_> = (1..=ids.len()).map(|n| format!("Filter.1.Value.{n}")).collect();
        let mut asked = vec![("Filter.1.Name", "subnet-id")];
        asked.extend(names.iter().map(String::as_str).zip(ids.iter().map(String::as_str)));
        let found = self.ec2_items(region, "DescribeSubnets", &asked, "subnetSet", |item| {
            let id = child(item, "subnetId")?.to_owned();
            let zone = child(item, "availabilityZone")?.to_owned();
            let free = child(item, "availableIpAddressCount")?.parse().ok()?;
            // An emulator may ignore the filter.
            ids.contains(&id).then_some(SubnetView { id, zone, free })
        });
        found.await
    }

    async fn ebs_default_key(&self, region: &Region) -> Result<String> {
        let operation = "GetEbsDefaultKmsKeyId";
        let call = Call::new(operation, region);
        let answer = self.form(Service::Ec2, region, operation, &[]).await?;
        let document = parsed(&call, &answer)?;
        let key = child(document.root_element(), "kmsKeyId");
        key.map(ToOwned::to_owned).ok_or_else(|| call.lacks("the key"))
    }

    async fn snapshot_keys(&self, region: &Region, ids: &[String]) -> Result<Vec<String>> {
        let names: Vec<_> = (1..=ids.len()).map(|n| format!("SnapshotId.{n}")).collect();
        let asked: Vec<_> =
            names.iter().map(String::as_str).zip(ids.iter().map(String::as_str)).collect();
        let found = self.ec2_items(region, "DescribeSnapshots", &asked, "snapshotSet", |item| {
            child(item, "kmsKeyId").map(ToOwned::to_owned)
        });
        // Somebody else's is not there, who shares the image and not the snapshot.
        Ok(if_there(found.await, is_absent)?.unwrap_or_default())
    }

    async fn key(&self, region: &Region, id: &str) -> Result<Option<KeyView>> {
        let call = Call::new("DescribeKey", region);
        let answer = self.json(Service::Kms, region, "DescribeKey", json!({ "KeyId": id })).await;
        let Some(answer) = if_there(answer, is_absent)? else { return Ok(None) };
        let key = &answer["KeyMetadata"];
        let text = |name: &str| key[name].as_str().map(ToOwned::to_owned);
        Ok(Some(KeyView {
            arn: text("Arn").ok_or_else(|| call.lacks("the ARN"))?,
            is_aws_managed: key["KeyManager"] == "AWS",
            state: text("KeyState").ok_or_else(|| call.lacks("the state"))?,
        }))
    }

    async fn key_policy(&self, region: &Region, arn: &str) -> Result<String> {
        let call = Call::new("GetKeyPolicy", region);
        // The only name that a key's policy can have.
        let asked = json!({ "KeyId": arn, "PolicyName": "default" });
        let answer = self.json(Service::Kms, region, "GetKeyPolicy", asked).await?;
        let policy = answer["Policy"].as_str().map(ToOwned::to_owned);
        policy.ok_or_else(|| call.lacks("the policy"))
    }

    async fn key_grants(&self, region: &Region, arn: &str, grantee: &str) -> Result<Vec<String>> {
        let call = Call::new("ListGrants", region);
        let mut allowed = Vec::new();
        let mut pages = Pages::<String>::new(&call, GRANT_PAGES_MAX);
        while let Some(page) = pages.next()? {
            let mut asked = json!({ "KeyId": arn, "GranteePrincipal": grantee });
            if let Some(from) = page.from {
                asked["Marker"] = from.into();
            }
            let answer = self.json(Service::Kms, region, "ListGrants", asked).await?;
            let grants = answer["Grants"].as_array().into_iter().flatten();
            let operations = grants.filter_map(|grant| grant["Operations"].as_array());
            let operations = operations.flatten().filter_map(Value::as_str);
            allowed.extend(operations.map(ToOwned::to_owned));
            pages.turn(answer["NextMarker"].as_str().map(ToOwned::to_owned));
        }
        Ok(allowed)
    }

    async fn public_access(&self, region: &Region) -> Result<PublicAccess> {
        let operation = "DescribeVpcBlockPublicAccessOptions";
        let call = Call::new(operation, region);
        let answer = self.form(Service::Ec2, region, operation, &[]).await?;
        let document = parsed(&call, &answer)?;
        let options = within(document.root_element(), "vpcBlockPublicAccessOptions");
        let mode = options.and_then(|options| child(options, "internetGatewayBlockMode"));
        let mode = mode.ok_or_else(|| call.lacks("the mode"))?.to_owned();
        let access = PublicAccess { mode, excluded: Vec::new() };
        if !access.blocks() {
            return Ok(access);
        }
        let operation = "DescribeVpcBlockPublicAccessExclusions";
        let set = "vpcBlockPublicAccessExclusionSet";
        let excluded = self.ec2_items(region, operation, &[], set, |item| {
            let both_ways =
                child(item, "internetGatewayExclusionMode") == Some("allow-bidirectional");
            let in_force = child(item, "state").is_some_and(|state| IN_FORCE.contains(&state));
            child(item, "resourceArn").filter(|_| both_ways && in_force).map(ToOwned::to_owned)
        });
        Ok(PublicAccess { excluded: excluded.await?, ..access })
    }
}
