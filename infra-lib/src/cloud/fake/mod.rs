//! An account in memory, for tests: stacks go through CloudFormation's states, and any of it can be made to fail.

mod services;
mod stacks;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;

use super::{
    AlarmStatus, ChangeSetRequest, Cloud, CloudError, GroupView, LogLine, StackEvent,
    StackResource, StackStatus, StackView,
};
use crate::names::Region;

/// An account in memory.
#[derive(Debug, Default)]
pub struct Fake {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    stacks: BTreeMap<(Region, String), FakeStack>,
    change_sets: Vec<(Region, ChangeSetRequest)>,
    objects: BTreeMap<(String, String), usize>,
    groups: BTreeMap<(Region, String), GroupView>,
    alarms: BTreeMap<(Region, String), AlarmStatus>,
    logs: Vec<LogLine>,
    failures: BTreeMap<String, Vec<(String, String)>>,
    dark: Vec<Region>,
    calls: Vec<String>,
    events: usize,
}

#[derive(Debug)]
struct FakeStack {
    view: StackView,
    template: String,
    events: Vec<StackEvent>,
    resources: Vec<StackResource>,
    /// What happens next, one step for each look.
    coming: VecDeque<(StackEvent, Option<StackStatus>)>,
}

impl Fake {
    /// An empty account.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a stack there in a state, as an earlier run would have left it.
    pub fn leave_stack(&self, region: &Region, name: &str, status: &str) {
        let mut state = self.lock();
        let id = state.stack_id(region, name);
        let view = StackView {
            id,
            status: StackStatus::new(status),
            reason: None,
            parameters: BTreeMap::new(),
            outputs: BTreeMap::new(),
        };
        let stack = FakeStack {
            view,
            template: String::new(),
            events: Vec::new(),
            resources: Vec::new(),
            coming: VecDeque::new(),
        };
        state.stacks.insert((region.clone(), name.to_owned()), stack);
    }

    /// Lets a stack that is left in progress end in a status after a look or two.
    pub fn let_end(&self, region: &Region, name: &str, status: &str) {
        let mut state = self.lock();
        let event = state.event(name, name, "AWS::CloudFormation::Stack", status, None);
        if let Some(stack) = state.stacks.get_mut(&(region.clone(), name.to_owned())) {
            stack.coming.push_back((event, Some(StackStatus::new(status))));
        }
    }

    /// Makes the next change of a stack fail at resources, in order: logical id and reason.
    pub fn fail_stack(&self, name: &str, resources: &[(&str, &str)]) {
        let resources =
            resources.iter().map(|(id, reason)| ((*id).to_owned(), (*reason).to_owned()));
        self.lock().failures.insert(name.to_owned(), resources.collect());
    }

    /// Makes every call to a region fail from now on.
    pub fn go_dark(&self, region: &Region) {
        self.lock().dark.push(region.clone());
    }

    /// Puts an Auto Scaling group there.
    pub fn set_group(&self, region: &Region, name: &str, group: GroupView) {
        self.lock().groups.insert((region.clone(), name.to_owned()), group);
    }

    /// Puts an alarm there.
    pub fn set_alarm(&self, region: &Region, name: &str, alarm: AlarmStatus) {
        self.lock().alarms.insert((region.clone(), name.to_owned()), alarm);
    }

    /// Adds a line to every log group.
    pub fn log(&self, line: LogLine) {
        self.lock().logs.push(line);
    }

    /// The calls that changed something so far, in order: operation, region and subject.
    pub fn writes(&self) -> Vec<String> {
        self.lock().calls.clone()
    }

    /// A stack as it stands, without the look that moves time on.
    pub fn stack(&self, region: &Region, name: &str) -> Option<StackView> {
        let state = self.lock();
        state.stacks.get(&(region.clone(), name.to_owned())).map(|stack| stack.view.clone())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread panics while it holds the lock")
    }

    fn reach(
        &self,
        operation: &'static str,
        region: &Region,
    ) -> Result<MutexGuard<'_, State>, CloudError> {
        let state = self.lock();
        if state.dark.contains(region) {
            let (region, detail) = (region.to_string(), "connection timed out".to_owned());
            return Err(CloudError::Unreachable { operation, region, detail });
        }
        Ok(state)
    }
}

impl State {
    fn wrote(&mut self, operation: &str, region: &Region, subject: &str) {
        self.calls.push(format!("{operation} {region} {subject}"));
    }

    fn stack_id(&mut self, region: &Region, name: &str) -> String {
        self.events += 1;
        format!("arn:aws:cloudformation:{region}:000000000000:stack/{name}/{}", self.events)
    }

    fn event(
        &mut self,
        name: &str,
        id: &str,
        kind: &str,
        status: &str,
        reason: Option<&str>,
    ) -> StackEvent {
        self.events += 1;
        StackEvent {
            id: format!("{name}-{}", self.events),
            at: None,
            logical_id: id.to_owned(),
            physical_id: id.to_owned(),
            resource_type: kind.to_owned(),
            status: status.to_owned(),
            reason: reason.map(ToOwned::to_owned),
        }
    }
}

#[async_trait]
impl Cloud for Fake {
    async fn account(&self, region: &Region) -> Result<String, CloudError> {
        drop(self.reach("GetCallerIdentity", region)?);
        Ok("000000000000".to_owned())
    }

    fn is_local(&self) -> bool {
        true
    }
}
