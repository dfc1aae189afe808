//! `[web]`: the servers.

use std::path::Path;

use failover_core::Policy;
use failover_core::policy::Routing;

use super::super::reader::{Form, ListForm, Section};
use super::super::script;
use super::super::value::{Switch, within, words, wrong};
use super::tls::Tls;
use crate::names::NameError;

/// Graviton, as images call it.
pub(in crate::config) const ARM64: &str = "arm64";
/// Intel and AMD, as images call them.
pub(in crate::config) const X86_64: &str = "x86_64";
/// Where Amazon keeps the ids of its images: one for each processor.
const IMAGE: &str = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default";

/// How many types stand beside the first. The template has a parameter for each.
const MORE_TYPES_MAX: usize = 2;

/// The servers of both regions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Web {
    /// EC2 instance type; the first choice if there are more.
    pub instance_type: String,
    /// Types to take where the first cannot be had, of the same processor.
    pub more_instance_types: Vec<String>,
    /// Share that is not Spot. Units: percent.
    pub on_demand_percent: u16,
    /// SSM parameter that names the image.
    pub image: String,
    /// Images by id, which win over `image`.
    pub images: Option<Images>,
    /// The site's own boot script as the launch template takes it: base64, packed if need be.
    pub user_data: Option<String>,
    /// Name by which the image mounts its root volume.
    pub root_device: RootDevice,
    /// Size of the root volume. Units: GiB.
    pub root_volume_gib: u16,
    /// Average CPU that the groups are scaled to. Units: percent.
    pub cpu_target_percent: u16,
    /// Stopped instances that the standby keeps prepared. Units: instances.
    pub warm_pool: u16,
    /// Whether people can open a shell on an instance through Session Manager.
    pub session_manager: Switch,
    /// Whether the load balancers log each request to a bucket.
    pub access_logs: Switch,
    /// Whether the load balancers refuse to be deleted.
    pub deletion_protection: Switch,
    /// Port of the load balancers.
    pub listener_port: u16,
    /// Port of the instances. Range: 1024 and up.
    pub instance_port: u16,
    /// Fewest instances of the primary. Range: 1 and up.
    pub primary_min: u16,
    /// Most instances of the primary. Range: 2 and up, not below `primary_min`.
    pub primary_max: u16,
}

words! {
    /// Name by which an image mounts its root volume. A volume by another name would be a second one, and the root stay as it is.
    RootDevice, "`/dev/xvda` or `/dev/sda1`",
    /// Amazon Linux.
    Xvda = "/dev/xvda",
    /// Ubuntu, and most others.
    Sda1 = "/dev/sda1",
}

/// An image of each region, by id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Images {
    /// The primary's.
    pub primary: String,
    /// The standby's.
    pub standby: String,
}

/// What defaults of this section follow from.
pub(super) struct Around<'a> {
    pub(super) policy: Option<&'a Policy>,
    pub(super) tls: Option<&'a Tls>,
    pub(super) folder: &'a Path,
}

pub(super) fn read(section: Section<'_>, around: &Around<'_>) -> Option<Web> {
    let capacity_max = around.policy.map_or(u16::MAX, Policy::capacity_max).max(2);
    let smallest = match around.policy {
        // Each region must be able to carry everything.
        Some(policy) if policy.routing() == Routing::ActiveActive => policy.target(None),
        Some(_) | None => 2.min(capacity_max),
    };
    let plain = if around.tls.is_some_and(Tls::is_on) { 443 } else { 80 };
    let on_off = |key| section.or(key, Form::Text, Switch::Off, Switch::parse);
    let instance_type =
        section.or("instance_type", Form::Text, "t4g.micro".to_owned(), instance_type);
    let more_instance_types =
        section.list("more_instance_types", ListForm::Array, MORE_TYPES_MAX, self::instance_type);
    let on_demand_percent = section.or("on_demand_percent", Form::Number, 100, percent);
    let processor = instance_type.as_deref().map_or(ARM64, processor_of);
    let image = section.or("image", Form::Text, format!("{IMAGE}-{processor}"), image);
    let primary_ami = section.optional("primary_ami", Form::Text, ami);
    let standby_ami = section.optional("standby_ami", Form::Text, ami);
    let user_data =
        section.optional("user_data", Form::Text, |name| script::load(around.folder, name));
    let root_device = section.or("root_device", Form::Text, RootDevice::Xvda, RootDevice::parse);
    let root_volume_gib = section.or("root_volume_gib", Form::Number, 8, gib);
    let cpu_target_percent = section.or("cpu_target_percent", Form::Number, 50, cpu_target);
    let warm_pool = section.or("warm_pool", Form::Number, 0, pool);
    let (session_manager, access_logs, deletion_protection) =
        (on_off("session_manager"), on_off("access_logs"), on_off("deletion_protection"));
    let listener_port = section.or("listener_port", Form::Number, plain, port);
    let instance_port = section.or("instance_port", Form::Number, 8080, unprivileged_port);
    let primary_min = section.or("primary_min", Form::Number, smallest, instances_min);
    let primary_max = section.or("primary_max", Form::Number, capacity_max, instances_max);
    section.finish();
    let images = match (primary_ami?, standby_ami?) {
        (Some(primary), Some(standby)) => Some(Images { primary, standby }),
        // One alone is refused by a rule, at the place of the other.
        (Some(_) | None, None) | (None, Some(_)) => None,
    };
    Some(Web {
        instance_type: instance_type?,
        more_instance_types: more_instance_types?,
        on_demand_percent: on_demand_percent?,
        image: image?,
        images,
        user_data: user_data?,
        root_device: root_device?,
        root_volume_gib: root_volume_gib?,
        cpu_target_percent: cpu_target_percent?,
        warm_pool: warm_pool?,
        session_manager: session_manager?,
        access_logs: access_logs?,
        deletion_protection: deletion_protection?,
        listener_port: listener_port?,
        instance_port: instance_port?,
        primary_min: primary_min?,
        primary_max: primary_max?,
    })
}

/// How images call the processor of an instance type. A Graviton has a `g` after its generation, such as `t4g`, `c7gn`,
/// `im4gn` and `x2gd`; but not the first of them, `a1`.
pub(in crate::config) fn processor_of(instance_type: &str) -> &'static str {
    let family = instance_type.split('.').next().unwrap_or_default();
    let after = family.trim_start_matches(|c: char| c.is_ascii_lowercase());
    let attributes = after.trim_start_matches(|c: char| c.is_ascii_digit());
    if family == "a1" || attributes.contains('g') { ARM64 } else { X86_64 }
}

fn instance_type(text: &str) -> Result<String, NameError> {
    let allowed = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    match text.split_once('.') {
        Some((family, size)) if allowed(family) && allowed(size) => Ok(text.to_owned()),
        _ => wrong("an instance type, such as `t4g.micro`"),
    }
}

fn image(text: &str) -> Result<String, NameError> {
    if text.starts_with("ami-") {
        let hint = "an image has another id in each region: set `primary_ami` and `standby_ami`";
        let expected = "the name of an SSM parameter that holds the image's id";
        return Err(NameError { expected, hint: Some(hint.to_owned()) });
    }
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_./-".contains(&b);
    if text.starts_with('/') && text.bytes().all(allowed) {
        return Ok(text.to_owned());
    }
    wrong("the name of an SSM parameter, such as `/shop/image`")
}

fn ami(text: &str) -> Result<String, NameError> {
    let id = text.strip_prefix("ami-").unwrap_or_default();
    let hexadecimal = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    if [8, 17].contains(&id.len()) && id.bytes().all(hexadecimal) {
        return Ok(text.to_owned());
    }
    wrong("the id of an image, such as `ami-0123456789abcdef0`")
}

fn percent(text: &str) -> Result<u16, NameError> {
    within(text, 0, 100, "0 to 100 percent")
}

fn cpu_target(text: &str) -> Result<u16, NameError> {
    within(text, 10, 90, "10 to 90 percent")
}

fn gib(text: &str) -> Result<u16, NameError> {
    within(text, 8, 1024, "8 to 1024 GiB")
}

fn pool(text: &str) -> Result<u16, NameError> {
    within(text, 0, 1000, "0 to 1000 instances")
}

fn port(text: &str) -> Result<u16, NameError> {
    within(text, 1, u16::MAX, "a port from 1 to 65535")
}

fn unprivileged_port(text: &str) -> Result<u16, NameError> {
    within(text, 1024, u16::MAX, "a port from 1024 to 65535, so that the servers need no privilege")
}

fn instances_min(text: &str) -> Result<u16, NameError> {
    within(text, 1, 1000, "1 to 1000 instances")
}

fn instances_max(text: &str) -> Result<u16, NameError> {
    within(text, 2, 1000, "2 to 1000 instances, so that one can be replaced while another serves")
}

#[cfg(test)]
mod tests {
    use super::{ARM64, X86_64, processor_of};

    #[test]
    fn a_graviton_is_told_by_the_letters_after_its_generation() {
        for graviton in ["t4g.micro", "c7gn.large", "im4gn.large", "x2gd.medium", "a1.large"] {
            assert_eq!(processor_of(graviton), ARM64, "{graviton}");
        }
        for other in ["t3.micro", "g5.xlarge", "gr6.4xlarge", "m7i-flex.large", "c7a.large"] {
            assert_eq!(processor_of(other), X86_64, "{other}");
        }
    }
}
