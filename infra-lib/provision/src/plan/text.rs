//! The plan for people.

use std::collections::BTreeMap;
use std::fmt;

use cloud::{Phase, PropertyChange, ResourceAction, ResourceChange, StackStatus, secret};

use super::entry::{Action, Change, Entry, Plan};
use crate::resource::Resource;

/// BOUND: a boot script or a policy would fill the screen.
const VALUE_SHOWN: usize = 60;

impl Action {
    /// The mark in front of a line: add, change, remove, replace, nothing, or what is not known yet.
    #[must_use]
    pub const fn mark(&self) -> char {
        match self {
            Self::Create => '+',
            Self::Update { .. } => '>',
            Self::Recreate { .. } | Self::Unlock { .. } | Self::Rollback { .. } => '!',
            Self::Keep => ' ',
            Self::Delete => '-',
            Self::Pending { .. } | Self::Wait { .. } | Self::Stuck { .. } => '?',
        }
    }

    fn changes(&self) -> &[Change] {
        match self {
            Self::Update { changes } | Self::Pending { changes, .. } => changes,
            Self::Create
            | Self::Recreate { .. }
            | Self::Keep
            | Self::Delete
            | Self::Wait { .. }
            | Self::Unlock { .. }
            | Self::Rollback { .. }
            | Self::Stuck { .. } => &[],
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create => f.write_str("create"),
            Self::Recreate { .. } => f.write_str("delete what is left, then create"),
            Self::Update { .. } => f.write_str("update"),
            Self::Pending { after, .. } => {
                let after: Vec<_> = after.iter().map(|stack| stack.as_str()).collect();
                write!(f, "not known until {} is deployed", after.join(", "))
            }
            Self::Keep => f.write_str("no changes"),
            Self::Delete => f.write_str("delete: the site file no longer asks for it"),
            Self::Wait { .. } => f.write_str("wait for CloudFormation, then decide"),
            Self::Unlock { .. } => f.write_str("resume the rollback, then decide"),
            Self::Rollback { .. } => f.write_str("roll back what failed, then decide"),
            Self::Stuck { .. } => f.write_str("needs a person to look first"),
        }
    }
}

impl Action {
    /// What state a stack was found in that is not as it should be, in plain words, and why. A line each.
    fn story(&self) -> Vec<String> {
        let (status, failure, skip) = match self {
            Self::Recreate { status, failure }
            | Self::Rollback { status, failure, .. }
            | Self::Stuck { status, failure, .. } => (status, failure.as_ref(), None),
            Self::Unlock { status, failure, skip } => (status, failure.as_ref(), Some(skip)),
            Self::Wait { status } => (status, None, None),
            Self::Create
            | Self::Update { .. }
            | Self::Pending { .. }
            | Self::Keep
            | Self::Delete => return Vec::new(),
        };
        let mut lines = vec![format!("{status}: {}", explained(status))];
        if let Some(failure) = failure {
            lines.push(format!("because: {}", failure.cause));
            lines.extend(failure.followed());
        }
        if let Self::Rollback { holds, .. } | Self::Stuck { holds, .. } = self
            && !holds.is_empty()
        {
            let goes = matches!(self, Self::Rollback { .. }) && status.is_unborn();
            let word = if goes { "deleted with it" } else { "stands in it" };
            lines.push(format!("{word}: {}", holds.join(", ")));
        }
        if let Some(skip) = skip.filter(|skip| !skip.is_empty()) {
            lines.push(format!("skipped, as you asked: {}", skip.join(", ")));
        }
        lines
    }
}

/// What a state means that CloudFormation does not leave by itself, or not yet.
fn explained(status: &StackStatus) -> &'static str {
    match status.phase() {
        Phase::Moving => "CloudFormation is still working on it, perhaps for a run that was killed",
        Phase::Reviewing => {
            "a run was killed or stopped before it created anything; the stack is empty"
        }
        Phase::RolledBack => "its creation failed; it was never in use and can only be deleted",
        Phase::Undeleted => "deleting it failed halfway; the deletion is tried again",
        Phase::Halted if status.is_unborn() => {
            "its creation failed, and what had worked was kept; `--rollback` with the stack's name deletes that"
        }
        Phase::Halted => {
            "an update failed, and what had worked was kept: some resources are new and some old; `--rollback` with the stack's \
             name rolls the update back"
        }
        Phase::Stuck if status.is_halfway_back() => {
            "an update failed, and so did its rollback: some resources are new and some old; once \
             the cause is corrected, the rollback resumes"
        }
        Phase::Stuck => "not a state that this tool can recover from",
        Phase::Standing | Phase::Gone => "as it should be",
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Template => f.write_str("template"),
            Self::Live => f.write_str("live resources that differ from the template"),
            Self::Tag { name, before, after } => match (before, after) {
                (None, Some(after)) => write!(f, "tag {name} = {}", shown(after)),
                (Some(before), Some(after)) => {
                    write!(f, "tag {name}: {} -> {}", shown(before), shown(after))
                }
                (_, None) => write!(f, "tag {name} is removed"),
            },
            Self::Parameter { name, before: None, after, .. } => {
                write!(f, "{name} = {}", shown(after))
            }
            Self::Parameter { name, before: Some(before), after, .. } => {
                write!(f, "{name}: {} -> {}", shown(before), shown(after))
            }
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "account {}", self.account)?;
        self.stacks.iter().try_for_each(|entry| write!(f, "{entry}"))?;
        let left = &self.left_alone;
        left.iter().try_for_each(|stranger| writeln!(f, "not touched: {stranger}"))?;
        if self.is_empty() {
            return Ok(());
        }
        let mut counts = BTreeMap::new();
        for one in self.stacks.iter().flat_map(|entry| &entry.resources) {
            *counts.entry(one.change.action.mark()).or_insert(0_usize) += 1;
        }
        let count = |mark| counts.get(&mark).copied().unwrap_or_default();
        let (add, change, remove, replace) = (count('+'), count('>'), count('-'), count('!'));
        write!(
            f,
            "resources: {add} to add, {change} to change, {remove} to remove, {replace} to replace"
        )?;
        let pending = self.stacks.iter().filter(|entry| !entry.action.is_known()).count();
        match pending {
            0 => writeln!(f),
            1 => writeln!(f, "; 1 stack is decided during the deploy"),
            more => writeln!(f, "; {more} stacks are decided during the deploy"),
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stack, region, action, resources, .. } = self;
        write!(f, "{} {stack:<16} {region:<14} {action}", action.mark(), region = region.as_str())?;
        let added = resources.iter().filter(|one| one.change.action == ResourceAction::Add).count();
        match (action, added) {
            (Action::Create | Action::Recreate { .. }, 1) => writeln!(f, ", 1 resource")?,
            (Action::Create | Action::Recreate { .. }, _) => writeln!(f, ", {added} resources")?,
            _ => writeln!(f)?,
        }
        action.story().iter().try_for_each(|line| writeln!(f, "      {line}"))?;
        for change in action.changes() {
            writeln!(f, "      {change}")?;
            if let Change::Parameter { effect: Some(effect), .. } = change {
                writeln!(f, "        {effect}")?;
            }
        }
        if let Action::Pending { .. } = action
            && !resources.is_empty()
        {
            writeln!(f, "      expected, if their outputs stay as they are:")?;
        }
        // What a new stack holds is in the catalogue of templates; a list of it would hide what changes.
        if matches!(action, Action::Create | Action::Recreate { .. }) {
            return Ok(());
        }
        resources.iter().try_for_each(|one| write!(f, "{one}"))
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            change: ResourceChange { logical_id, resource_type, action, properties },
            effect,
        } = self;
        let kind = resource_type.strip_prefix("AWS::").unwrap_or(resource_type);
        let how = match action {
            ResourceAction::Add => "",
            ResourceAction::Modify => " in place",
            ResourceAction::Replace => " replaced",
            ResourceAction::MayReplace => " perhaps replaced",
            ResourceAction::Remove => " removed",
        };
        write!(f, "    {} {logical_id} ({kind}){how}", action.mark())?;
        let properties: Vec<_> = properties.iter().map(set_anew).collect();
        if !properties.is_empty() {
            write!(f, ": {}", properties.join(", "))?;
        }
        writeln!(f)?;
        effect.map_or(Ok(()), |effect| writeln!(f, "        {effect}"))
    }
}

/// A property that is set anew, and what it is and becomes if CloudFormation tells.
pub(super) fn set_anew(property: &PropertyChange) -> String {
    let PropertyChange { name, before, after } = property;
    match (before, after) {
        (None, None) => name.clone(),
        (before, after) => {
            let value = |value: &Option<String>| {
                value.as_deref().map_or_else(|| "nothing".to_owned(), shown)
            };
            format!("{name}: {} -> {}", value(before), value(after))
        }
    }
}

/// A value on one line, cut if it is long.
fn shown(value: &str) -> String {
    if let Some(short) = secret::short(value) {
        return short;
    }
    let line = value.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(VALUE_SHOWN) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
