//! What the rollback of a failed update leaves out.

use std::fmt;
use std::str::FromStr;

use super::StackId;

/// A resource that the way back of a failed update leaves out: CloudFormation then believes that it is as it was.
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
        let stack = StackId::ALL.into_iter().find(|id| id.as_str() == stack).ok_or_else(wrong)?;
        if logical_id.is_empty() {
            return Err(wrong());
        }
        Ok(Self { stack, logical_id: logical_id.to_owned() })
    }
}
