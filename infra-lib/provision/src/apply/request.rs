//! What a deploy is asked for, and what came of it.

use std::collections::BTreeMap;

use serde::Serialize;

use cloud::guard::{Carried, Consent, Safety};
use site::model::{Code, Site, Skip, StackId};

use crate::outputs::{Given, Outputs};
use crate::plan::Agreed;

/// What a deploy needs to know.
#[derive(Clone, Debug)]
pub struct Request {
    /// The site.
    pub site: Site,
    /// That it is this site, and that somebody said yes.
    pub consent: Consent,
    /// The Lambda's zip.
    pub code: Code,
    /// Whether the guarded stacks may be changed although the site is failed over, and the users' name moved.
    pub safety: Safety,
    /// What the rollback of a failed update leaves out.
    pub skip: Vec<Skip>,
    /// Stacks whose live resources are brought in line with their templates.
    pub repair: Vec<StackId>,
    /// Stacks whose failed operation is rolled back, although what had worked was kept.
    pub rollback: Vec<StackId>,
    /// The plan that was consented to. Without one, whatever the site file says is done.
    pub agreed: Option<Agreed>,
}

impl Request {
    /// What the stacks are given beside the site file's values and each other's outputs.
    #[must_use]
    pub fn given(&self, carried: Carried) -> Given {
        let (skip, repair) = (self.skip.clone(), self.repair.clone());
        let rollback = self.rollback.clone();
        Given { code_key: self.code.key.clone(), carried, skip, repair, rollback }
    }
}

/// What became of each stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployed {
    /// By stack.
    pub stacks: BTreeMap<StackId, Outcome>,
    /// What they answer.
    pub outputs: Outputs,
}

/// What became of a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is new.
    Created,
    /// It was changed.
    Updated,
    /// It was right already.
    Unchanged,
    /// The site file no longer asks for it, and it is gone.
    Deleted,
}
