//! Checked names: a region, a site, a host, a zone. Whoever holds one need not check it again.

use std::borrow::Cow;
use std::fmt;

use data_encoding::HEXLOWER;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

/// A text that is not the name it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct NameError {
    /// What was expected, with an example, as the end of a sentence.
    pub expected: Cow<'static, str>,
    /// What to do about it, when there is more to say than the expectation.
    pub hint: Option<String>,
}

impl NameError {
    const fn expected(expected: &'static str) -> Self {
        Self { expected: Cow::Borrowed(expected), hint: None }
    }
}

/// Texts that mean different things.
macro_rules! names {
    ($($(#[$attribute:meta])* $name:ident),+ $(,)?) => {
        $(
            $(#[$attribute])*
            #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
            pub struct $name(String);

            impl $name {
                /// The name as text.
                #[must_use]
                pub fn as_str(&self) -> &str {
                    &self.0
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(&self.0)
                }
            }
        )+
    };
}

/// Names that we make or AWS answers, so there is nothing to check.
macro_rules! given {
    ($($name:ident),+) => {
        $(impl $name {
            /// Wraps a name that is known to be one.
            #[must_use]
            pub fn new(name: impl Into<String>) -> Self {
                Self(name.into())
            }
        })+
    };
}

/// Names that stand in a file of ours: read back with the same care.
macro_rules! read_back {
    ($($name:ident),+) => {
        $(impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(text: D) -> Result<Self, D::Error> {
                Self::parse(&String::deserialize(text)?).map_err(D::Error::custom)
            }
        })+
    };
}

names! {
    /// Name of a site, the prefix of every name that it owns. Range: 3 to 22 characters.
    SiteName,
    /// An AWS region, such as `us-west-2`.
    Region,
    /// The host name that users type.
    Hostname,
    /// Id of a Route 53 hosted zone, such as `Z0123456789ABCDEFGHIJ`.
    HostedZoneId,
    /// An IPv4 range with room for four /24 subnets: /16 to /22.
    Cidr,
    /// ARN of a certificate at AWS Certificate Manager.
    CertificateArn,
    /// Id of an AWS account: 12 digits.
    AccountId,
    /// Name of a CloudFormation stack.
    StackName,
    /// Name of a template's parameter.
    ParameterName,
    /// Name of a template's output.
    OutputName,
}
given!(StackName, ParameterName, OutputName);
read_back!(Region, HostedZoneId);

/// Where Route 53 keeps its metrics, hence where the detector must live.
pub const DETECTOR_REGION: &str = "us-east-1";

impl Region {
    /// Checks that the text looks like a region. Whether AWS has it is AWS's to say.
    ///
    /// # Errors
    /// [`NameError`] if it does not look like `us-west-2`.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let mut parts = text.split('-').collect::<Vec<_>>();
        let number = parts.pop().unwrap_or_default();
        let word = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
        let numbered = number.len() == 1 && number.bytes().all(|b| b.is_ascii_digit());
        let placed = parts.len() >= 2 && parts.first().is_some_and(|part| part.len() == 2);
        if numbered && placed && parts.iter().all(word) {
            return Ok(Self(text.to_owned()));
        }
        Err(NameError::expected("a region such as `us-west-2`"))
    }

    /// The region of the detector: `us-east-1`.
    #[must_use]
    pub fn detector() -> Self {
        Self(DETECTOR_REGION.to_owned())
    }
}

impl SiteName {
    /// Checks a site's name.
    ///
    /// # Errors
    /// [`NameError`] if it is not 3 to 22 lower-case letters, digits or hyphens that start with a letter.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let bytes = text.as_bytes();
        let inner = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-';
        let good = (3..=22).contains(&bytes.len())
            && bytes.iter().all(inner)
            && bytes[0].is_ascii_lowercase()
            && !text.ends_with('-');
        // Source: Elastic Load Balancing API, `CreateLoadBalancer`: the names that begin so are AWS's.
        if text == "internal" || text.starts_with("internal-") {
            return Err(NameError::expected(
                "a name that does not begin with `internal-`: no load balancer may be called so",
            ));
        }
        if good {
            return Ok(Self(text.to_owned()));
        }
        Err(NameError::expected(
            "3 to 22 lower-case letters, digits or hyphens that start with a letter, such as `shop`",
        ))
    }
}

impl Hostname {
    /// Checks a host name: two labels or more, lower case, no scheme, port or final dot.
    ///
    /// # Errors
    /// [`NameError`] if it is none.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let label = |label: &str| {
            let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            (1..=63).contains(&label.len())
                && label.bytes().all(inner)
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if text.len() <= 253 && text.contains('.') && text.split('.').all(label) {
            return Ok(Self(text.to_owned()));
        }
        Err(NameError {
            expected: "a host name in lower case, such as `shop.example.com`".into(),
            hint: text
                .contains("://")
                .then(|| "leave out the scheme, the port and the path".to_owned()),
        })
    }

    /// A name below this one. `None` if that would be longer than a name may be.
    #[must_use]
    pub fn below(&self, label: &str) -> Option<Self> {
        Self::parse(&format!("{label}.{self}")).ok()
    }

    /// The same name with a final dot, as DNS and Route 53 write it.
    #[must_use]
    pub fn absolute(&self) -> String {
        format!("{}.", self.0)
    }
}

impl HostedZoneId {
    /// Checks the id of a hosted zone.
    ///
    /// # Errors
    /// [`NameError`] if it is not `Z` and up to 31 capital letters or digits; its hint tells how to look the id up.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let rest = text.strip_prefix('Z').unwrap_or_default();
        let good = (1..=31).contains(&rest.len())
            && rest.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if good {
            return Ok(Self(text.to_owned()));
        }
        let zone = if text.contains('.') { text.trim_end_matches('.') } else { "example.com" };
        let hint = format!(
            "look the id up with `aws route53 list-hosted-zones-by-name --dns-name {zone} --max-items 1`; \
             it is the part after `/hostedzone/`"
        );
        Err(NameError {
            expected: "the id of a hosted zone, such as `Z0123456789ABCDEFGHIJ`".into(),
            hint: Some(hint),
        })
    }
}

impl AccountId {
    /// Checks the id of an account.
    ///
    /// # Errors
    /// [`NameError`] if it is not 12 digits.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(Self(text.to_owned()));
        }
        let hint =
            "`aws sts get-caller-identity --query Account --output text` shows it".to_owned();
        Err(NameError { expected: "the 12 digits of an account".into(), hint: Some(hint) })
    }
}

impl Cidr {
    /// Checks an IPv4 range.
    ///
    /// # Errors
    /// [`NameError`] if it is not four numbers and a prefix from /16 to /22, or if bits below the prefix are set.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let error = || NameError::expected("an IPv4 range from /16 to /22, such as `10.20.0.0/16`");
        let (address, prefix) = text.split_once('/').ok_or_else(error)?;
        let address: std::net::Ipv4Addr = address.parse().map_err(|_| error())?;
        let prefix: u32 = prefix.parse().map_err(|_| error())?;
        if !(16..=22).contains(&prefix) {
            return Err(error());
        }
        if address.to_bits() & (u32::MAX >> prefix) != 0 {
            return Err(NameError::expected(
                "the first address of the range, such as `10.20.0.0/16`",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// Length of its prefix. Range: 16 to 22; the smaller, the larger the range.
    #[must_use]
    pub fn prefix(&self) -> u32 {
        let prefix = self.0.rsplit('/').next().and_then(|prefix| prefix.parse().ok());
        prefix.expect("a checked range ends with its prefix")
    }
}

impl CertificateArn {
    /// Checks an ARN: `arn:aws:acm:REGION:ACCOUNT:certificate/ID`.
    ///
    /// # Errors
    /// [`NameError`] if it is none; its hint tells how to look it up.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let parts: Vec<_> = text.splitn(6, ':').collect();
        let id =
            |id: &str| id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if let ["arn", partition, "acm", region, account, resource] = parts[..]
            && ["aws", "aws-cn", "aws-us-gov"].contains(&partition)
            && Region::parse(region).is_ok()
            && AccountId::parse(account).is_ok()
            && resource
                .strip_prefix("certificate/")
                .is_some_and(|name| !name.is_empty() && id(name))
        {
            return Ok(Self(text.to_owned()));
        }
        let expected = "the ARN of a certificate, such as \
                        `arn:aws:acm:us-west-2:111122223333:certificate/12345678-1234-1234-1234-123456789012`";
        let hint = "list them with `aws acm list-certificates --region REGION`".to_owned();
        Err(NameError { expected: expected.into(), hint: Some(hint) })
    }

    /// Where the certificate lives, and where alone it can be used.
    #[must_use]
    pub fn region(&self) -> Region {
        let region = self.0.split(':').nth(3).map(Region::parse);
        region.and_then(Result::ok).expect("a checked ARN names its region")
    }
}

/// Bytes as lower-case hexadecimal, as AWS writes hashes.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_look_like_regions() {
        for good in ["us-west-2", "ap-southeast-1", "us-gov-west-1"] {
            assert!(Region::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "oregon", "us-west", "us-west-2a", "US-WEST-2", "us--2", "usa-west-2"] {
            assert!(Region::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn site_names_keep_room_for_the_suffixes_of_aws() {
        for good in ["shop", "a-1", "abcdefghijklmnopqrstuv"] {
            assert!(SiteName::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "ab", "Shop", "1shop", "shop-", "abcdefghijklmnopqrstuvw", "sh_op"] {
            assert!(SiteName::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn host_names_have_no_scheme() {
        assert!(Hostname::parse("shop.example.com").is_ok());
        for bad in ["shop", "https://shop.example.com", "shop.example.com.", "-a.example.com"] {
            assert!(Hostname::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_zone_name_is_not_a_zone_id() {
        assert!(HostedZoneId::parse("Z0123456789ABCDEFGHIJ").is_ok());
        let error = HostedZoneId::parse("example.com.").expect_err("a name");
        assert!(error.hint.is_some_and(|hint| hint.contains("--dns-name example.com ")));
    }

    #[test]
    fn ranges_leave_room_for_four_subnets() {
        for good in ["10.20.0.0/16", "10.0.4.0/22"] {
            assert!(Cidr::parse(good).is_ok(), "{good}");
        }
        for bad in ["10.20.0.0", "10.20.0.0/8", "10.20.0.0/24", "10.20.0.1/16", "10.20.0/16"] {
            assert!(Cidr::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_certificate_knows_its_region() {
        let arn = "arn:aws:acm:us-west-2:111122223333:certificate/12345678-1234";
        let certificate = CertificateArn::parse(arn).expect("an ARN");
        assert_eq!(certificate.region().as_str(), "us-west-2");
        for bad in [
            "",
            "arn:aws:acm:oregon:111122223333:certificate/1",
            "arn:aws:iam:us-west-2:111122223333:certificate/1",
            "arn:aws:acm:us-west-2:1111:certificate/1",
            "arn:aws:acm:us-west-2:111122223333:certificate/",
            "arn:aws:acm:us-west-2:111122223333:server/1",
        ] {
            assert!(CertificateArn::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_account_is_twelve_digits() {
        assert!(AccountId::parse("012345678901").is_ok());
        for bad in ["", "12345678901", "1234567890123", "12345678901a"] {
            assert!(AccountId::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_range_knows_its_prefix() {
        assert_eq!(Cidr::parse("10.0.4.0/22").expect("a range").prefix(), 22);
    }
}
