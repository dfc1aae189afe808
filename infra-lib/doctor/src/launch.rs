//! Whether the groups that stand can launch what they would: the launch template, its image, the subnets and their zones.

use cloud::{CloudError, ImageView, SubnetView, TemplateView};
use site::model::StackId;

use super::capacity;
use super::case::{Case, Place, side};
use super::servers;
use super::verdict::{Answer, Stop, Verdict};

/// The processes without which a raise brings no servers.
const NEEDED_PROCESSES: [&str; 2] = ["Launch", "AddToLoadBalancer"];
/// An image that is named through an SSM parameter at launch.
const RESOLVED: &str = "resolve:ssm:";

/// Whether the launch template that the group names is there, and its image.
pub(super) async fn template(case: &Case<'_>, place: Place) -> Answer {
    let deployed = case.deployed(place)?;
    let stack = side(place, StackId::WebPrimary, StackId::WebStandby);
    let Some(group) = &deployed.group else {
        let what = format!("there is no Auto Scaling group {}", deployed.name);
        let fix = format!("`cargo xtask deploy --repair {stack}` recreates it");
        return Ok(case.on_aws(Verdict::error(what, fix)));
    };
    // A repair never changes a group that stands, and the group would name another template.
    let renew = || {
        format!(
            "`cargo xtask plan --repair {stack}` shows whether a repair can bring it back; where only the version is gone, a \
             deploy with any change of [web] makes another"
        )
    };
    let Some(launch) = &group.launch else {
        let what = format!("{} names no launch template", deployed.name);
        return Ok(case.on_aws(Verdict::error(what, renew())));
    };
    let named = format!("version {} of {}", launch.version, launch.template);
    let Some(template) = deployed.template.clone()? else {
        let what = format!("{} launches by {named}, which is gone", deployed.name);
        return Ok(case.on_aws(Verdict::error(what, renew())));
    };
    let Some(id) = image_id(case, place, &template).await? else {
        let what = format!("{named} names an image that does not exist");
        return Ok(case.on_aws(Verdict::error(what, renew())));
    };
    let Some(image) = case.reach.premises.image(&case.region(place), &id).await? else {
        let what = format!("{named} names the image {id}, which is gone: no launch can succeed");
        return Ok(case.on_aws(Verdict::error(what, another_image(case, place))));
    };
    if image.state != "available" {
        let what = format!("{named} names the image {id}, which is {}", image.state);
        return Ok(case.on_aws(Verdict::error(what, another_image(case, place))));
    }
    for name in deployed.types()? {
        let found = case.reach.premises.instance_type(&case.region(place), &name).await?;
        // The check of the subnets tells of a type that is not offered.
        if found.is_some_and(|found| !found.architectures.contains(&image.architecture)) {
            let what = format!(
                "{named} names {id}, which is for {}, and {name} is not",
                image.architecture
            );
            return Ok(case.on_aws(Verdict::error(what, another_image(case, place))));
        }
    }
    Ok(Verdict::ok(format!("{named}, with {id}, which is {}", image.state)))
}

/// The image that is launched: the template's own, or the one that its parameter names today.
async fn image_id(
    case: &Case<'_>,
    place: Place,
    template: &TemplateView,
) -> Result<Option<String>, CloudError> {
    match template.image.as_deref().map(|image| (image, image.strip_prefix(RESOLVED))) {
        None => Ok(None),
        Some((_, Some(name))) => case.reach.premises.parameter(&case.region(place), name).await,
        Some((id, None)) => Ok(Some(id.to_owned())),
    }
}

/// The image that is launched, if it is there.
pub(super) async fn image(case: &Case<'_>, place: Place) -> Result<Option<ImageView>, Stop> {
    let template = case.deployed(place)?.template()?;
    match image_id(case, place, template).await? {
        None => Ok(None),
        Some(id) => Ok(case.reach.premises.image(&case.region(place), &id).await?),
    }
}

/// How the template comes to another image. A deploy reads the parameter of `image` anew only if something else changes too.
fn another_image(case: &Case<'_>, place: Place) -> String {
    let web = &case.site.config.web;
    if web.images().is_none() {
        return format!(
            "set `primary_ami` and `standby_ami` to images that exist, then `cargo xtask deploy`; `aws ssm get-parameter \
             --region {} --name {} --query Parameter.Value` prints today's",
            case.region(place),
            web.image
        );
    }
    let key = if place == Place::Primary { "primary_ami" } else { "standby_ami" };
    format!("{}; then `cargo xtask deploy`", servers::copy(case, place, key))
}

/// Where instances can start.
pub(super) struct Room {
    /// Free addresses of the subnets whose zones offer a type of the group.
    pub(super) free: u64,
    fit: usize,
    /// Subnets whose zones offer none.
    bare: Vec<SubnetView>,
    gone: Vec<String>,
    types: String,
}

impl Room {
    pub(super) async fn read(case: &Case<'_>, place: Place) -> Result<Self, Stop> {
        let deployed = case.deployed(place)?;
        let (region, wanted, types) =
            (case.region(place), &deployed.launch()?.subnets, deployed.types()?);
        let found = case.reach.premises.subnets(&region, wanted).await?;
        let mut zones = Vec::new();
        for name in &types {
            zones.extend(case.reach.premises.zones_with(&region, name).await?);
        }
        let is_there = |id: &&String| found.iter().any(|subnet| subnet.id == **id);
        let gone = wanted.iter().filter(|id| !is_there(id)).cloned().collect();
        let (fit, bare): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|subnet| zones.contains(&subnet.zone));
        let free = fit.iter().map(|subnet| subnet.free).sum();
        Ok(Self { free, fit: fit.len(), bare, gone, types: types.join(", ") })
    }
}

/// Whether the subnets that stand have room, in zones that offer a type of the group.
pub(super) async fn subnets(case: &Case<'_>, place: Place) -> Answer {
    let room = Room::read(case, place).await?;
    let region = case.region(place);
    let Room { free, fit, types, .. } = &room;
    let network = side(place, StackId::NetworkPrimary, StackId::NetworkStandby);
    let bare: Vec<_> =
        room.bare.iter().map(|subnet| format!("{} in {}", subnet.id, subnet.zone)).collect();
    let bare = bare.join(", ");
    let zones = format!("choose another type; {}", servers::offerings(&region, types));
    if !room.gone.is_empty() {
        let what = format!("the group launches into {}, which is gone", room.gone.join(", "));
        let fix = format!("`cargo xtask deploy --repair {network}` recreates it");
        return Ok(case.on_aws(Verdict::error(what, fix)));
    }
    if *fit == 0 {
        let what = format!("no subnet is in a zone that offers {types}: {bare}");
        return Ok(case.on_aws(Verdict::error(what, zones)));
    }
    let (least, most) = capacity::asked(case, place);
    let running = capacity::running(case, place)?;
    let [least, most] = [least, most].map(|asked| u64::from(asked).saturating_sub(running));
    let words = format!("{fit} subnets with {free} free addresses in zones that offer {types}");
    let fix = format!(
        "free some: `aws ec2 describe-network-interfaces --region {region} --filters \
         Name=subnet-id,Values={}` lists what has them",
        case.deployed(place)?.launch()?.subnets.join(",")
    );
    Ok(if least > *free {
        case.on_aws(Verdict::error(
            format!("{words}; a failover needs {least} beside what runs"),
            fix,
        ))
    } else if most > *free {
        let what = format!("{words}; the maximum needs {most} beside what runs");
        case.on_aws(Verdict::warning(what, fix))
    } else if !bare.is_empty() {
        case.on_aws(Verdict::warning(format!("{words}; no type is offered for {bare}"), zones))
    } else {
        Verdict::ok(words)
    })
}

/// Whether Auto Scaling may launch, and put what it launches behind the load balancer.
pub(super) fn processes(case: &Case<'_>, place: Place) -> Answer {
    let deployed = case.deployed(place)?;
    let Some(group) = &deployed.group else {
        return Err(Stop::Nothing("there is no group".to_owned()));
    };
    let suspended: Vec<_> = NEEDED_PROCESSES
        .into_iter()
        .filter(|needed| group.suspended.iter().any(|process| process == needed))
        .collect();
    if suspended.is_empty() {
        return Ok(Verdict::ok(format!("{} may launch", deployed.name)));
    }
    let what = format!(
        "{} is suspended on {}: it brings no servers",
        suspended.join(" and "),
        deployed.name
    );
    Ok(Verdict::error(what, "`cargo xtask status --drift` has the command that resumes it"))
}
