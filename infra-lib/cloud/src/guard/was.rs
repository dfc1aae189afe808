//! A change on purpose of what makes a site this site: whoever means it names what is live.

use std::fmt;
use std::str::FromStr;

use site::model::{Site, StackId};
use site::names::{Region, StackName};

/// What makes a site this site, beside its name and its account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// The name that users type.
    Hostname,
    /// The name that CloudFront asks.
    Origin,
    /// The hosted zone of the records.
    Zone,
    /// The primary's region.
    Primary,
    /// The standby's region.
    Standby,
}

impl Mark {
    const ALL: [Self; 5] = [Self::Hostname, Self::Origin, Self::Zone, Self::Primary, Self::Standby];

    /// The word before the `=`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hostname => "hostname",
            Self::Origin => "origin",
            Self::Zone => "zone",
            Self::Primary => "primary",
            Self::Standby => "standby",
        }
    }
}

/// What one of them was, as `hostname=shop.example.com`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Was {
    /// What is changed.
    pub mark: Mark,
    /// The live value.
    pub value: String,
}

impl fmt::Display for Was {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.mark.as_str(), self.value)
    }
}

impl FromStr for Was {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let words = Mark::ALL.map(Mark::as_str).join(", ");
        let wrong =
            || format!("it is KEY=VALUE with one of {words}, such as hostname=shop.example.com");
        let (key, value) = text.split_once('=').ok_or_else(wrong)?;
        let mark = Mark::ALL.into_iter().find(|mark| mark.as_str() == key).ok_or_else(wrong)?;
        if value.is_empty() {
            return Err(wrong());
        }
        Ok(Self { mark, value: value.to_owned() })
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_is_a_known_word_and_a_value() {
        let was: Was = "zone=Z1".parse().expect("a zone");
        assert_eq!((was.mark, was.to_string().as_str()), (Mark::Zone, "zone=Z1"));
        for wrong in ["zone", "zone=", "name=shop", ""] {
            assert!(wrong.parse::<Was>().is_err(), "{wrong}");
        }
    }
}
