//! Images and instance types.

use provision::zones;
use site::model::StackId;
use site::names::Region;

use super::case::{Case, Place};
use super::verdict::{Answer, Stop, Verdict};

pub(super) async fn image(case: &Case<'_>, place: Place) -> Answer {
    let (region, web) = (case.region(place), &case.site.config.web);
    let (id, key) = match (web.images(), place) {
        (Some([primary, _]), Place::Primary) => (primary.to_owned(), "primary_ami"),
        (Some([_, standby]), _) => (standby.to_owned(), "standby_ami"),
        (None, _) => match case.reach.premises.parameter(&region, &web.image).await? {
            Some(id) => (id, "image"),
            None => {
                return Ok(case.on_aws(Verdict::error(
                    format!("there is no SSM parameter `{}`", web.image),
                    format!(
                        "`aws ssm get-parameters-by-path --region {region} \
                         --path /aws/service/ami-amazon-linux-latest` lists Amazon's"
                    ),
                )));
            }
        },
    };
    let Some(image) = case.reach.premises.image(&region, &id).await? else {
        let what = format!("there is no image {id} for this account");
        return Ok(case.on_aws(Verdict::error(what, copy(case, place, key))));
    };
    if image.state != "available" {
        let fix = "wait until it is, or name another image";
        return Ok(case.on_aws(Verdict::error(format!("{id} is {}", image.state), fix)));
    }
    // The check of the types tells of one that is not there.
    let found = case.reach.premises.instance_type(&region, &web.instance_type).await?;
    let fits = found.is_none_or(|found| found.architectures.contains(&image.architecture));
    Ok(if fits {
        Verdict::ok(format!("{id}, {}", image.architecture))
    } else {
        case.on_aws(Verdict::error(
            format!("{id} is for {}, and {} is not", image.architecture, web.instance_type),
            format!("set `{key}` to an image for the processor of `instance_type`, or the other way round"),
        ))
    })
}

/// How to get an image into a region, if the site names one in the other.
pub(super) fn copy(case: &Case<'_>, place: Place, key: &str) -> String {
    let config = &case.site.config;
    let Some([primary, standby]) = config.web.images() else {
        return format!("set `{key}` to an SSM parameter that names an image of this region");
    };
    let (from, id) = match place {
        Place::Primary => (Place::Standby, standby),
        Place::Standby | Place::Detector | Place::Here => (Place::Primary, primary),
    };
    format!(
        "copy it here with `aws ec2 copy-image --region {} --source-region {} --source-image-id {id} --name {}-web`, \
         and set `{key}` to what that prints",
        case.region(place),
        case.region(from),
        config.name
    )
}

pub(super) async fn types(case: &Case<'_>, place: Place) -> Answer {
    let region = case.region(place);
    let config = &case.site.config;
    let wanted = usize::from(config.network.zones);
    let network =
        if place == Place::Primary { StackId::NetworkPrimary } else { StackId::NetworkStandby };
    // A network that stands keeps its zones, whatever else the region offers by now.
    let kept =
        case.view(network)?.map(|view| zones::deployed(&view.parameters)).unwrap_or_default();
    let mut few = None;
    for (rank, name) in names(case).enumerate() {
        let mut zones = case.reach.premises.zones_with(&region, name).await?;
        zones.retain(|zone| kept.is_empty() || kept.contains(zone));
        let fix = format!("{}; choose another type", offerings(&region, name));
        let verdict = match zones.len() {
            0 if rank == 0 => Verdict::error(format!("{name} is not offered here"), fix),
            0 => Verdict::warning(format!("{name} is not offered here"), fix),
            found if found < wanted => {
                let what = format!(
                    "{name} is offered in {found} of the {wanted} zones that the site uses"
                );
                Verdict::warning(what, fix)
            }
            _ => continue,
        };
        if matches!(verdict, Verdict::Error(_)) {
            return Ok(case.on_aws(verdict));
        }
        few = few.or(Some(verdict));
    }
    let all = names(case).collect::<Vec<_>>().join(", ");
    let verdict =
        few.unwrap_or_else(|| Verdict::ok(format!("{all}: offered in {wanted} zones or more")));
    Ok(case.on_aws(verdict))
}

/// The command that lists the zones of a type.
pub(super) fn offerings(region: &Region, name: &str) -> String {
    format!(
        "`aws ec2 describe-instance-type-offerings --region {region} --location-type availability-zone \
         --filters Name=instance-type,Values={name}` lists its zones"
    )
}

/// The most vCPUs that an instance of some types may have.
pub(super) async fn vcpus(
    case: &Case<'_>,
    place: Place,
    names: impl Iterator<Item = &str>,
) -> Result<u32, Stop> {
    let region = case.region(place);
    let mut most = 0;
    for name in names {
        if let Some(found) = case.reach.premises.instance_type(&region, name).await? {
            most = most.max(found.vcpus);
        }
    }
    if most == 0 {
        return Err(Stop::Nothing("the region does not know the instance type".to_owned()));
    }
    Ok(most)
}

/// The types, first choice first.
pub(super) fn names<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a str> + use<'a> {
    let web = &case.site.config.web;
    std::iter::once(&web.instance_type).chain(&web.more_instance_types).map(String::as_str)
}
