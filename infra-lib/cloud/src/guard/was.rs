//! What stays in a region that the site leaves.

use site::model::{Mark, Site, StackId, Was};
use site::names::{Region, StackName};

/// A region that the site has left, and how to take away what stays there.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Leaving {
    /// The region.
    pub region: String,
    /// What to type, in this order.
    pub commands: Vec<String>,
}

/// The regions that a deploy leaves, by what is said to have been.
#[must_use]
pub fn leaving(site: &Site, was: &[Was]) -> Vec<Leaving> {
    let left = was.iter().filter_map(|was| {
        let (now, stacks): (_, &[StackId]) = match was.mark {
            Mark::Primary => {
                (site.primary_region(), &[StackId::WebPrimary, StackId::NetworkPrimary])
            }
            // The controller first: it would go on deciding about a group that nobody uses.
            Mark::Standby => (
                site.standby_region(),
                &[
                    StackId::Controller,
                    StackId::Dashboard,
                    StackId::WebStandby,
                    StackId::NetworkStandby,
                    StackId::Artifacts,
                ],
            ),
            Mark::Hostname | Mark::Origin | Mark::Zone => return None,
        };
        let region = Region::parse(&was.value).ok().filter(|region| region != now)?;
        // A stack that the site does not have may be a stranger's of that name.
        let ours = stacks.iter().filter(|id| site.has(**id));
        let names = ours.map(|id| (*id, &site.stack(*id).name));
        let commands = names.flat_map(|(id, name)| removal(id, name, &region)).collect();
        Some(Leaving { region: region.to_string(), commands })
    });
    left.collect()
}

fn removal(id: StackId, name: &StackName, region: &Region) -> Vec<String> {
    let mut commands = Vec::new();
    if id == StackId::Artifacts {
        commands.push(format!(
            "bucket=$(aws cloudformation describe-stack-resource --region {region} --stack-name {name} \
             --logical-resource-id Bucket --query StackResourceDetail.PhysicalResourceId --output text)"
        ));
        commands.push(format!(
            "aws s3api delete-objects --region {region} --bucket \"$bucket\" --delete \"$(aws s3api list-object-versions \
             --region {region} --bucket \"$bucket\" --max-items 1000 --output json \
             --query '{{Objects: [Versions, DeleteMarkers][].{{Key: Key, VersionId: VersionId}}}}')\""
        ));
    }
    commands.push(format!("aws cloudformation delete-stack --region {region} --stack-name {name}"));
    commands.push(format!(
        "aws cloudformation wait stack-delete-complete --region {region} --stack-name {name}"
    ));
    commands
}
