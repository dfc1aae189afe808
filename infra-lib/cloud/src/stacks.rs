//! CloudFormation: stacks, change sets, events.

use std::collections::BTreeMap;
use std::fmt;

use async_trait::async_trait;
use failover_core::Timestamp;
use serde::Serialize;

use site::names::{Region, StackName};

use super::Result;
use crate::guard::proof::{Fresh, Permit};
use crate::guard::standing::Standing;

/// CloudFormation, as far as a deploy needs it.
#[async_trait]
pub trait Stacks: Send + Sync {
    /// A stack by name or id. `None` if there is none; a deleted one is found by id alone.
    async fn describe_stack(&self, region: &Region, stack: &str) -> Result<Option<StackView>>;

    /// The template that a stack was made from.
    async fn stack_template(&self, region: &Region, stack: &str) -> Result<Option<String>>;

    /// Asks for a change set. It is worked out in the background.
    async fn create_change_set(
        &self,
        permit: &Permit,
        region: &Region,
        request: &ChangeSetRequest,
    ) -> Result<ChangeSetId>;

    /// How far a change set is.
    async fn describe_change_set(&self, region: &Region, id: &ChangeSetId)
    -> Result<ChangeSetView>;

    /// Starts the change of the stack that was read.
    async fn execute_change_set(&self, stack: Fresh<StackNow>, id: &ChangeSetId) -> Result<()>;

    /// Goes on with the rollback of a failed update, after what stopped it was put right. The resources of `skip`, by their
    /// names in the template, count as taken back whatever they are.
    async fn continue_rollback(&self, stack: Fresh<StackNow>, skip: &[String]) -> Result<()>;

    /// Takes back an operation that failed and was not taken back, because whoever began it asked to keep what had worked: to the
    /// last stable state, or to nothing if there is none.
    async fn rollback_stack(&self, stack: Fresh<StackNow>) -> Result<()>;

    /// Why a change set failed, resource by resource, as far as CloudFormation tells. Once the change set is gone it tells no
    /// more.
    async fn change_set_failures(&self, region: &Region, id: &ChangeSetId) -> Result<Vec<String>>;

    /// The change sets of a stack that were not executed: name and id.
    async fn change_sets(&self, region: &Region, stack: &str)
    -> Result<Vec<(String, ChangeSetId)>>;

    /// Throws a change set away.
    async fn delete_change_set(
        &self,
        permit: &Permit,
        region: &Region,
        id: &ChangeSetId,
    ) -> Result<()>;

    /// The events after the one with the id `after`, oldest first. For `None` those of the last operation, and perhaps some from
    /// before: a stack that was changed for years has more than anybody reads.
    async fn stack_events(
        &self,
        region: &Region,
        stack: &str,
        after: Option<&str>,
    ) -> Result<Vec<StackEvent>>;

    /// Starts deleting a stack. A stack that is not there is deleted already.
    async fn delete_stack(&self, stack: Fresh<StackNow>) -> Result<()>;

    /// What a stack holds; nothing for a stack that is not there.
    async fn stack_resources(&self, region: &Region, stack: &str) -> Result<Vec<StackResource>>;
}

/// A stack as CloudFormation describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackView {
    /// Its ARN, which no later stack of the same name shares.
    pub id: String,
    /// Present status.
    pub status: StackStatus,
    /// Why, if CloudFormation says.
    pub reason: Option<String>,
    /// When it was last changed, or else made.
    pub changed: Option<Timestamp>,
    /// Parameters as given, before SSM names are resolved.
    pub parameters: BTreeMap<String, String>,
    /// Outputs.
    pub outputs: BTreeMap<String, String>,
    /// Its tags, without AWS's own.
    pub tags: BTreeMap<String, String>,
}

/// A stack right before it is changed, and how the site stands at that moment.
#[derive(Debug)]
pub struct StackNow {
    /// Where.
    pub region: Region,
    /// Its ARN if it is there, else its name.
    pub stack: String,
    /// The stack. `None` if it is not there.
    pub view: Option<StackView>,
    /// Groups, record and alarm of the site.
    pub standing: Standing,
    /// ARN of the role by which CloudFormation changes it, instead of whoever asks.
    pub role: Option<String>,
}

/// CloudFormation's status of a stack, such as `UPDATE_COMPLETE`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct StackStatus(String);

/// What a status means to somebody who wants to change the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It stands and can be updated.
    Standing,
    /// CloudFormation is at work on it.
    Moving,
    /// A first change set was made and never executed; there is nothing in it yet.
    Reviewing,
    /// Its creation failed and was rolled back; it can only be deleted.
    RolledBack,
    /// An operation failed, and what had worked was kept as somebody asked ("preserve successfully provisioned resources"). It
    /// may serve as it is, and can be rolled back.
    Halted,
    /// An update failed, and so did the rollback; somebody must look.
    Stuck,
    /// Something could not be deleted.
    Undeleted,
    /// It is deleted.
    Gone,
}

impl Phase {
    /// Whether it is there to be changed: it may serve.
    #[must_use]
    pub const fn may_serve(self) -> bool {
        match self {
            Self::Standing | Self::Moving | Self::Halted | Self::Stuck => true,
            Self::Reviewing | Self::RolledBack | Self::Undeleted | Self::Gone => false,
        }
    }

    /// Whether anything may be in it that somebody uses: also what is left of a deletion.
    #[must_use]
    pub const fn holds(self) -> bool {
        self.may_serve() || matches!(self, Self::Undeleted)
    }
}

impl StackStatus {
    /// Wraps CloudFormation's word.
    #[must_use]
    pub fn new(word: impl Into<String>) -> Self {
        Self(word.into())
    }

    /// CloudFormation's word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it means. A word that CloudFormation does not have today is waited for if it says so, and else counts as stuck:
    /// somebody must look.
    #[must_use]
    pub fn phase(&self) -> Phase {
        let unknown =
            || if self.0.ends_with("_IN_PROGRESS") { Phase::Moving } else { Phase::Stuck };
        self.known().unwrap_or_else(unknown)
    }

    /// What a word of CloudFormation's present list means. A test holds the list against the SDK's.
    #[must_use]
    pub fn known(&self) -> Option<Phase> {
        Some(match self.0.as_str() {
            "REVIEW_IN_PROGRESS" => Phase::Reviewing,
            "CREATE_IN_PROGRESS"
            | "ROLLBACK_IN_PROGRESS"
            | "DELETE_IN_PROGRESS"
            | "UPDATE_IN_PROGRESS"
            | "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
            | "UPDATE_ROLLBACK_IN_PROGRESS"
            | "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"
            | "IMPORT_IN_PROGRESS"
            | "IMPORT_ROLLBACK_IN_PROGRESS" => Phase::Moving,
            "CREATE_COMPLETE"
            | "UPDATE_COMPLETE"
            | "UPDATE_ROLLBACK_COMPLETE"
            | "IMPORT_COMPLETE"
            | "IMPORT_ROLLBACK_COMPLETE" => Phase::Standing,
            "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" => Phase::RolledBack,
            "CREATE_FAILED" | "UPDATE_FAILED" => Phase::Halted,
            "UPDATE_ROLLBACK_FAILED" | "IMPORT_ROLLBACK_FAILED" => Phase::Stuck,
            "DELETE_COMPLETE" => Phase::Gone,
            "DELETE_FAILED" => Phase::Undeleted,
            _ => return None,
        })
    }

    /// Whether its creation was begun and never ended well, so that a rollback leaves nothing of it.
    #[must_use]
    pub fn is_unborn(&self) -> bool {
        self.0 == "CREATE_FAILED"
    }

    /// Whether an update failed and the rollback too, so that it can be gone on with.
    #[must_use]
    pub fn is_halfway_back(&self) -> bool {
        self.0 == "UPDATE_ROLLBACK_FAILED"
    }

    /// Whether a create or an update ended as it was meant to.
    #[must_use]
    pub fn is_success(&self) -> bool {
        matches!(self.0.as_str(), "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "IMPORT_COMPLETE")
    }
}

impl fmt::Display for StackStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a change set is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeSetRequest {
    /// The stack.
    pub stack: StackName,
    /// Its own name.
    pub name: String,
    /// Whether the stack is new.
    pub kind: ChangeSetKind,
    /// The template's text.
    pub template: String,
    /// Every parameter that has no default, and whatever else differs from its default.
    pub parameters: BTreeMap<String, String>,
    /// All its tags. `None` leaves those that it has.
    pub tags: Option<BTreeMap<String, String>>,
    /// ARN of the role by which CloudFormation makes the change. `None`: whoever asks, or the role of the last change.
    pub role: Option<String>,
}

/// Whether a change set makes a stack or changes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeSetKind {
    /// The stack is not there.
    Create,
    /// The stack stands.
    Update,
    /// The stack stands, and live resources that were changed or deleted outside CloudFormation are brought in line too.
    Repair,
}

/// A change set's ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeSetId(pub String);

/// How far a change set is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeSetView {
    /// Still being worked out.
    Working,
    /// It can be executed.
    Ready {
        /// What happens to which resource.
        changes: Vec<ResourceChange>,
    },
    /// There is nothing to change.
    Empty,
    /// It cannot be made.
    Failed {
        /// CloudFormation's reason.
        reason: String,
    },
}

/// What a change set does to a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ResourceChange {
    /// Its name in the template.
    pub logical_id: String,
    /// Its type, such as `AWS::S3::Bucket`.
    pub resource_type: String,
    /// What happens to it.
    pub action: ResourceAction,
    /// Which properties are set anew, and how, as far as CloudFormation tells.
    pub properties: Vec<PropertyChange>,
}

/// What happens to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ResourceAction {
    /// It is made.
    Add,
    /// It is changed where it stands.
    Modify,
    /// Whether it is changed or made anew depends on what CloudFormation finds out on the way.
    MayReplace,
    /// Another one is made in its place, then it is deleted.
    Replace,
    /// It is deleted, or left behind if the template says so.
    Remove,
}

/// The properties of a group whose change replaces its servers one by one, by its update policy, and keeps the group.
pub const ROLLED: [&str; 3] = ["LaunchTemplate", "MixedInstancesPolicy", "VPCZoneIdentifier"];

/// A property that is set anew.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PropertyChange {
    /// Its name.
    pub name: String,
    /// What it is.
    pub before: Option<String>,
    /// What it becomes.
    pub after: Option<String>,
}

impl ResourceAction {
    /// The mark in front of a line: add, change, remove, replace.
    #[must_use]
    pub const fn mark(self) -> char {
        match self {
            Self::Add => '+',
            Self::Modify => '>',
            Self::MayReplace | Self::Replace => '!',
            Self::Remove => '-',
        }
    }

    /// Whether what is there now may be gone afterwards.
    #[must_use]
    pub const fn takes_away(self) -> bool {
        match self {
            Self::MayReplace | Self::Replace | Self::Remove => true,
            Self::Add | Self::Modify => false,
        }
    }
}

/// Something that happened in a stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StackEvent {
    /// Its id, for asking on from here.
    #[serde(rename = "event_id")]
    pub id: String,
    /// When, by CloudFormation's clock. Not `at` in JSON: there a line has the time of its own.
    #[serde(rename = "timestamp")]
    pub at: Option<Timestamp>,
    /// The resource's name in the template; the stack's own name for the stack.
    pub logical_id: String,
    /// The resource's name at AWS; the stack's id for the stack.
    pub physical_id: String,
    /// Its type, such as `AWS::S3::Bucket`.
    pub resource_type: String,
    /// Its status, such as `CREATE_FAILED`.
    pub status: String,
    /// Why, if CloudFormation says.
    pub reason: Option<String>,
}

impl StackEvent {
    /// Whether it tells of the stack itself and not of a resource in it.
    #[must_use]
    pub fn is_stack(&self) -> bool {
        self.resource_type == "AWS::CloudFormation::Stack"
    }

    /// Whether an operation on the stack begins with it. A rollback is part of the operation that it undoes.
    #[must_use]
    pub fn is_beginning(&self) -> bool {
        let begins = ["CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"];
        self.is_stack() && begins.contains(&self.status.as_str())
    }

    /// Whether something failed.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        self.status.ends_with("_FAILED")
    }
}

/// A resource of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackResource {
    /// Its name in the template.
    pub logical_id: String,
    /// Its name at AWS, once it has one.
    pub physical_id: Option<String>,
    /// Its type.
    pub resource_type: String,
    /// Its status.
    pub status: String,
}

impl StackResource {
    /// Whether there is something of it at AWS, as far as CloudFormation knows.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.physical_id.as_ref().is_some_and(|id| !id.is_empty())
            && self.status != "DELETE_COMPLETE"
    }
}
