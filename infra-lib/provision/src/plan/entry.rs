//! A plan, and what it says of each stack.

use std::collections::BTreeMap;

use failover_core::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};

use cloud::{Phase, ResourceAction, StackStatus, StackView, secret};
use site::model::{Skip, Stack, StackId};
use site::names::{Region, StackName, hexadecimal};

use crate::error::DeployError;
use crate::failure::Failure;
use crate::needs::Needs;
use crate::resource::Resource;

/// What a deploy would do to each stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The account.
    pub account: String,
    /// Every stack, in the order in which it is its turn.
    pub stacks: Vec<Entry>,
    /// What a failover needs and is not in place, which CloudFormation does not see. Nothing if all is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needs: Option<Needs>,
    /// Stacks that have a name of the site's and are somebody else's, a sentence each. They are not touched.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_alone: Vec<String>,
}

/// What would be done to one stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Which.
    pub stack: StackId,
    /// Its name at CloudFormation.
    pub name: StackName,
    /// Where.
    pub region: Region,
    /// When.
    pub wave: u8,
    /// What.
    pub action: Action,
    /// What happens to its resources, as far as it can be known now.
    pub resources: Vec<Resource>,
    /// What the parameters become; those are left out that only a stack which changes first will tell.
    #[serde(serialize_with = "secret::parameters")]
    pub parameters: BTreeMap<String, String>,
    /// SHA-256 of the template's text.
    pub template: String,
    /// The stack as it stood when it was looked at.
    pub seen: Option<Seen>,
    /// Of a pending stack the parameters that its resources were foretold by: those of today's outputs.
    #[serde(skip)]
    pub(super) foretold: Option<BTreeMap<String, String>>,
    /// Whether an output may become another one.
    #[serde(skip)]
    pub(super) answers_anew: bool,
}

/// What of a standing stack shows that nobody changed it since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// Its ARN.
    pub id: String,
    /// Its status.
    pub status: String,
    /// When it was last changed.
    pub changed: Option<Timestamp>,
}

/// What would be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It is not there and is made.
    Create,
    /// What an earlier run left is deleted, and it is made anew.
    Recreate {
        /// Status of what is left.
        status: StackStatus,
        /// What went wrong, if CloudFormation tells.
        failure: Option<Failure>,
    },
    /// It stands and is changed.
    Update {
        /// What differs.
        changes: Vec<Change>,
    },
    /// It stands, and what becomes of it depends on stacks that change first.
    Pending {
        /// What differs already.
        changes: Vec<Change>,
        /// The stacks that change first.
        after: Vec<StackId>,
    },
    /// It stands as it should.
    Keep,
    /// It stands, and the site file no longer asks for it.
    Delete,
    /// CloudFormation is at work on it; what follows is decided afterwards.
    Wait {
        /// Its status.
        status: StackStatus,
    },
    /// The rollback of a failed update failed; it is gone on with, and what follows is decided afterwards.
    Unlock {
        /// Its status.
        status: StackStatus,
        /// What went wrong, if CloudFormation tells.
        failure: Option<Failure>,
        /// Resources that are left out, because somebody said so.
        skip: Vec<String>,
    },
    /// An operation failed and what had worked was kept; it is taken back, as somebody asked, and what follows is decided
    /// afterwards.
    Rollback {
        /// Its status.
        status: StackStatus,
        /// What went wrong, if CloudFormation tells.
        failure: Option<Failure>,
        /// What stands in it, by the names in its template with their types.
        holds: Vec<String>,
    },
    /// Somebody must look first.
    Stuck {
        /// Its status.
        status: StackStatus,
        /// What went wrong, if CloudFormation tells.
        failure: Option<Failure>,
        /// What stands in it, where that decides what to do.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        holds: Vec<String>,
    },
}

/// What differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The template's text.
    Template,
    /// Live resources that were changed or deleted outside CloudFormation, which a repair was asked for.
    Live,
    /// A tag of the stack, and so of each resource in it that takes some.
    Tag {
        /// Its key.
        name: String,
        /// What it is; nothing if it is new.
        before: Option<String>,
        /// What it becomes; nothing if it goes.
        after: Option<String>,
    },
    /// A parameter.
    Parameter {
        /// Its name.
        name: String,
        /// What it is; nothing if it is new.
        before: Option<String>,
        /// What it becomes.
        after: String,
        /// What that does beside, to a site that is running.
        effect: Option<&'static str>,
    },
}

impl Plan {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.stacks.iter().all(|entry| entry.action == Action::Keep)
    }

    /// The guarded stacks that would be changed although they hold what a failover needs.
    pub fn guarded_updates(&self) -> impl Iterator<Item = &Entry> {
        // What waits for outputs is touched if a guarded stack is what they may come from. The controller's never make a guarded
        // stack another one; should they, the reading right before the change refuses it.
        let any = self.stacks.iter().any(Entry::touches_what_is_guarded);
        let waits = |entry: &Entry| matches!(entry.action, Action::Pending { .. });
        self.stacks.iter().filter(move |entry| {
            entry.touches_what_is_guarded() || any && waits(entry) && entry.stack.guarded()
        })
    }

    /// The first of `rollbacks` that would be ignored, because no failed operation left its stack half-way.
    pub(super) fn idle_rollback(&self, rollbacks: &[StackId]) -> Option<DeployError> {
        let of = |id: &StackId| self.stacks.iter().find(|entry| entry.stack == *id);
        let is_one = |entry: &Entry| {
            // One that holds nothing is cleared without being told to.
            let is_empty = |status: &StackStatus| status.phase() == Phase::Halted;
            matches!(&entry.action, Action::Rollback { .. })
                || matches!(&entry.action, Action::Recreate { status, .. } if is_empty(status))
        };
        let stack = *rollbacks.iter().find(|id| !of(id).is_some_and(is_one))?;
        Some(DeployError::Rollback { stack, status: self.status_of(stack) })
    }

    /// The first of `skips` that would be ignored, because its stack is not in a failed rollback.
    pub(super) fn idle_skip(&self, skips: &[Skip]) -> Option<DeployError> {
        let idle = |skip: &&Skip| {
            let unlocked = self.stacks.iter().filter(|entry| entry.stack == skip.stack);
            !unlocked.into_iter().any(|entry| matches!(entry.action, Action::Unlock { .. }))
        };
        let skip = skips.iter().find(idle)?;
        Some(DeployError::Skip { skip: skip.clone(), status: self.status_of(skip.stack) })
    }

    /// How a stack was found, as the rest of a sentence.
    fn status_of(&self, stack: StackId) -> String {
        let entry = self.stacks.iter().find(|entry| entry.stack == stack);
        match entry.and_then(|entry| entry.seen.as_ref()) {
            Some(seen) => format!("its status is {}", seen.status),
            None => "it does not exist".to_owned(),
        }
    }
}

impl Action {
    /// The live values of the parameters that would become others.
    pub(crate) fn replaced_parameters(&self) -> BTreeMap<String, String> {
        let (Self::Update { changes } | Self::Pending { changes, .. }) = self else {
            return BTreeMap::new();
        };
        let changed = changes.iter().filter_map(|change| match change {
            Change::Parameter { name, before, .. } => Some((name.clone(), before.clone()?)),
            Change::Template | Change::Live | Change::Tag { .. } => None,
        });
        changed.collect()
    }

    /// Whether all that becomes of it is known before.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        match self {
            Self::Create
            | Self::Recreate { .. }
            | Self::Update { .. }
            | Self::Keep
            | Self::Delete => true,
            Self::Pending { .. }
            | Self::Wait { .. }
            | Self::Unlock { .. }
            | Self::Rollback { .. }
            | Self::Stuck { .. } => false,
        }
    }
}

impl Entry {
    /// Whether it would change what users may stand on in a failover, or may do so once it is worked out.
    fn touches_what_is_guarded(&self) -> bool {
        match &self.action {
            // What is pending is judged by what it waits for too.
            Action::Update { .. } | Action::Pending { .. } => {
                touches(self.stack, self.resources.iter().map(|one| one.change.action))
            }
            Action::Unlock { .. } | Action::Rollback { .. } | Action::Delete => {
                self.stack.guarded()
            }
            // Of a creation that failed nothing was ever in use.
            Action::Recreate { status, .. } => {
                self.stack.guarded() && status.phase() == Phase::Undeleted
            }
            // It may serve as it is, and whoever leaves that state changes it: the guard is asked before anything is advised.
            Action::Stuck { status, .. } => self.stack.guarded() && status.phase() == Phase::Halted,
            Action::Create | Action::Keep | Action::Wait { .. } => false,
        }
    }

    /// Whether the stack's outputs may be others afterwards, or are not there yet.
    pub(super) fn unsettles(&self) -> bool {
        match &self.action {
            Action::Keep => false,
            Action::Update { .. } => self.answers_anew,
            Action::Create
            | Action::Recreate { .. }
            | Action::Pending { .. }
            | Action::Delete
            | Action::Wait { .. }
            | Action::Unlock { .. }
            | Action::Rollback { .. }
            | Action::Stuck { .. } => true,
        }
    }
}

/// Whether a change of these resources touches what users may stand on in a failover.
pub(crate) fn touches(stack: StackId, mut actions: impl Iterator<Item = ResourceAction>) -> bool {
    let grows = |action| stack.grows_safely() && action == ResourceAction::Add;
    stack.guarded() && actions.any(|action| !grows(action))
}

impl Entry {
    /// Nothing done to a stack, and nothing known of it.
    pub(super) fn of(stack: &Stack) -> Self {
        Self {
            stack: stack.id,
            name: stack.name.clone(),
            region: stack.region.clone(),
            wave: stack.id.wave(),
            action: Action::Keep,
            resources: Vec::new(),
            parameters: BTreeMap::new(),
            template: hexadecimal(&Sha256::digest(stack.template.body.as_bytes())),
            seen: None,
            foretold: None,
            answers_anew: false,
        }
    }
}

impl Seen {
    pub(crate) fn of(view: &StackView) -> Self {
        let (id, changed) = (view.id.clone(), view.changed);
        Self { id, status: view.status.to_string(), changed }
    }
}
