//! What an operator may ask of a deploy beside the site file.

use std::fmt;
use std::str::FromStr;

use strum::{Display, EnumString, VariantNames};

use super::StackId;

/// A resource that the rollback of a failed update leaves out: CloudFormation then believes that it is as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skip {
    /// The stack.
    pub stack: StackId,
    /// The resource, by its name in the template.
    pub logical_id: String,
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.stack, self.logical_id)
    }
}

impl FromStr for Skip {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "it is STACK:LOGICAL-ID, such as web-primary:LoadBalancer".to_owned();
        let (stack, logical_id) = text.split_once(':').ok_or_else(wrong)?;
        let stack = stack.parse().map_err(|_| wrong())?;
        if logical_id.is_empty() {
            return Err(wrong());
        }
        Ok(Self { stack, logical_id: logical_id.to_owned() })
    }
}

/// What makes a site this site, beside its name and its account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Display, EnumString, VariantNames)]
#[strum(serialize_all = "lowercase")]
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
        write!(f, "{}={}", self.mark, self.value)
    }
}

impl FromStr for Was {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let words = Mark::VARIANTS.join(", ");
        let wrong =
            || format!("it is KEY=VALUE with one of {words}, such as hostname=shop.example.com");
        let (key, value) = text.split_once('=').ok_or_else(wrong)?;
        let mark = key.parse().map_err(|_| wrong())?;
        if value.is_empty() {
            return Err(wrong());
        }
        Ok(Self { mark, value: value.to_owned() })
    }
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
