//! Whether users reach the load balancers at all: VPC Block Public Access closes every internet gateway of a region.

use site::model::StackId;

use super::case::{Case, Place, side};
use super::verdict::{Answer, Verdict};

pub(super) async fn check(case: &Case<'_>, place: Place) -> Answer {
    let region = case.region(place);
    let access = case.reach.premises.public_access(&region).await?;
    if !access.blocks() {
        return Ok(Verdict::ok("no VPC of the region is blocked"));
    }
    let what =
        format!("VPC Block Public Access is `{}`: no user reaches the load balancer", access.mode);
    let network = case.stack(side(place, StackId::NetworkPrimary, StackId::NetworkStandby))?;
    let output = |name: &str| network.and_then(|network| network.outputs.get(name));
    let Some(vpc) = output("VpcId") else {
        let fix = "once the network is deployed, run `cargo xtask doctor` again for the command that excludes its VPC; first \
                   ask whoever set it whether exceptions are allowed";
        return Ok(Verdict::warning(what, fix));
    };
    let mut subnets =
        output("PublicSubnetIds").into_iter().flat_map(|ids| ids.split(',')).peekable();
    let all = subnets.peek().is_some() && subnets.all(|id| access.excludes(id.trim()));
    if access.excludes(vpc) || all {
        return Ok(Verdict::ok(format!("`{}`, and the site's VPC is excluded", access.mode)));
    }
    let fix = format!(
        "exclude the VPC: `aws ec2 create-vpc-block-public-access-exclusion --region {region} --vpc-id {vpc} \
         --internet-gateway-exclusion-mode allow-bidirectional`"
    );
    Ok(Verdict::error(what, fix))
}
