//! `[web]`: the servers.

use failover_core::Policy;
use failover_core::policy::Routing;

use super::super::key::section;
use super::super::script;
use super::super::takes::{kept, number, text, texts, word};
use super::super::value::{Switch, words};
use super::Around;
use super::tls::Tls;
use crate::names::NameError;

/// Graviton, as images call it.
pub(in crate::config) const ARM64: &str = "arm64";
/// Intel and AMD, as images call them.
pub(in crate::config) const X86_64: &str = "x86_64";
/// Where Amazon keeps the ids of its images: one for each processor.
const IMAGE: &str = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default";
const IMAGE_SHOWN: &str = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64";

/// How many types stand beside the first. The template has a parameter for each.
const MORE_TYPES_MAX: usize = 2;

const UNPRIVILEGED: &str = "a port from 1024 to 65535, so that the servers need no privilege";
const REPLACEABLE: &str = "2 to 1000 instances, so that one can be replaced while another serves";

section! {
    /// The servers of both regions.
    struct Web = "web", |around| {
        /// EC2 instance type, the first choice. It must exist in both regions.
        instance_type: String = text(instance_type).or("t4g.micro"),
        /// Up to two types to take where the first cannot be had, of the same processor. A region that everybody flees to runs
        /// out.
        more_instance_types: Vec<String> = texts(self::instance_type, MORE_TYPES_MAX),
        /// Share that is not Spot, in percent. Below 100 it needs `more_instance_types`, and rules out `warm_pool`.
        on_demand_percent: u16 = number(0..=100, "0 to 100 percent").or("100"),
        /// An SSM parameter that holds the image's id, by the same name in both regions: Amazon Linux for the processor of
        /// `instance_type`.
        image: String = text(image).or(IMAGE_SHOWN) => unless(image_for(instance_type.as_deref())),
        /// An image of your own for the primary, by id, which wins over `image`. Both or neither: a copy has another id.
        primary_ami: Option<String> = text(ami).optional("ami-0123456789abcdef0"),
        /// An image of your own for the standby, by id, which wins over `image`.
        standby_ami: Option<String> = text(ami).optional("ami-0fedcba9876543210"),
        /// A boot script beside this file, instead of a small server that answers every path. It must start something that
        /// answers at `instance_port`. At most 4096 characters in base64, after gzip if need be.
        user_data: Option<String> = text(script_name).optional("server.sh")
            => further(|name| script::load(around.folder, name)),
        /// The image's name for its root volume: `/dev/xvda` (Amazon Linux) or `/dev/sda1` (Ubuntu and most others).
        root_device: RootDevice = word::<RootDevice>().or("/dev/xvda"),
        /// Size of the root volume, in GiB.
        root_volume_gib: u16 = number(8..=1024, "8 to 1024 GiB").or("8"),
        /// Average CPU that both groups are scaled to, in percent. Half leaves room to lose one of two zones.
        cpu_target_percent: u16 = number(10..=90, "10 to 90 percent").or("50"),
        /// Stopped instances that the standby keeps prepared beside its floor, for a start in half a minute. They cost their
        /// disks.
        warm_pool: u16 = number(0..=1000, "0 to 1000 instances").or("0"),
        /// Capacity that the standby's load balancer keeps, in LCUs of 25 new connections a second; 0 for none. Without users it
        /// is at its smallest, and grows over minutes when all of them come. $5.84 a month each, used or not; AWS wants a quota
        /// for them first (`application-load-balancer-capacity-units`).
        standby_lcus: u16 = number(0..=15_000, "0 to 15000 LCUs").or("0"),
        /// A shell on an instance without SSH. Needs internet access: `nat`, or `instances = "public"`.
        session_manager: Switch = word::<Switch>().or("off"),
        /// Each request in a bucket of the region, for 90 days. The bucket outlives the site.
        access_logs: Switch = word::<Switch>().or("off"),
        /// Load balancers that refuse to be deleted, until it is `off` again and deployed.
        deletion_protection: Switch = word::<Switch>().or("off"),
        /// Port of the load balancers: 80, or 443 with TLS.
        listener_port: u16 = number(1..=u16::MAX, "a port from 1 to 65535").or("80")
            => unless(around.port()),
        /// Port of the instances, 1024 or above.
        instance_port: u16 = number(1024..=u16::MAX, UNPRIVILEGED).or("8080"),
        /// Fewest instances of the primary. With `active-active` it is what one region needs to carry everything.
        primary_min: u16 = number(1..=1000, "1 to 1000 instances").or("2")
            => unless(around.instances_min()),
        /// Most instances of the primary: `capacity_max` below unless it is set.
        primary_max: u16 = number(2..=1000, REPLACEABLE).or("8")
            => unless(around.instances_max()),
    }
}

words! {
    /// Name by which an image mounts its root volume. A volume by another name would be a second one, and the root stay as it is.
    RootDevice,
    /// Amazon Linux.
    Xvda = "/dev/xvda",
    /// Ubuntu, and most others.
    Sda1 = "/dev/sda1",
}

impl Web {
    /// The images by id, the primary's and the standby's, if there are any.
    #[must_use]
    pub fn images(&self) -> Option<[&str; 2]> {
        // One alone is refused by a rule, at the place of the other.
        Some([self.primary_ami.as_deref()?, self.standby_ami.as_deref()?])
    }
}

/// Defaults that follow from other sections.
impl Around<'_> {
    fn port(&self) -> u16 {
        if self.tls.is_some_and(Tls::is_on) { 443 } else { 80 }
    }

    fn instances_min(&self) -> u16 {
        match self.policy {
            // Each region must be able to carry everything.
            Some(policy) if policy.routing() == Routing::ActiveActive => policy.target(None),
            Some(_) | None => 2.min(self.instances_max()),
        }
    }

    fn instances_max(&self) -> u16 {
        self.policy.map_or(u16::MAX, Policy::capacity_max).max(2)
    }
}

fn image_for(instance_type: Option<&str>) -> String {
    format!("{IMAGE}-{}", instance_type.map_or(ARM64, processor_of))
}

/// The file is looked for at once, so nothing is asked of its name.
fn script_name(text: &str) -> Result<String, NameError> {
    kept(text, !text.is_empty(), script::EXPECTED)
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
    let parts = text.split_once('.');
    let good = parts.is_some_and(|(family, size)| allowed(family) && allowed(size));
    kept(text, good, "an instance type, such as `t4g.micro`")
}

fn image(text: &str) -> Result<String, NameError> {
    if text.starts_with("ami-") {
        let hint = "an image has another id in each region: set `primary_ami` and `standby_ami`";
        let expected = "the name of an SSM parameter that holds the image's id";
        return Err(NameError { expected: expected.into(), hint: Some(hint.to_owned()) });
    }
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_./-".contains(&b);
    let good = text.starts_with('/') && text.bytes().all(allowed);
    kept(text, good, "the name of an SSM parameter, such as `/shop/image`")
}

fn ami(text: &str) -> Result<String, NameError> {
    let id = text.strip_prefix("ami-").unwrap_or_default();
    let hexadecimal = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    let good = [8, 17].contains(&id.len()) && id.bytes().all(hexadecimal);
    kept(text, good, "the id of an image, such as `ami-0123456789abcdef0`")
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
