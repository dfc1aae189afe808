//! An account in memory, for tests: stacks go through CloudFormation's states, and any of it can be made to fail.

mod dns;
mod launches;
mod premises;
mod services;
mod stacks;
mod wiring;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;

use site::names::{Region, StackName};

use cloud::{
    AlarmStatus, AliasRecord, ChangeSetKind, ChangeSetRequest, CheckStatus, CheckView, Cloud,
    CloudError, Expiry, GroupView, Invocation, LogLine, ResourceChange, StackEvent, StackResource,
    StackStatus, StackView,
};

pub use self::premises::{FakeKey, FakePremises};

/// An account in memory.
#[derive(Debug, Default)]
pub struct Fake {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    stacks: BTreeMap<(Region, String), FakeStack>,
    change_sets: Vec<(Region, ChangeSetRequest)>,
    /// Those that were executed or thrown away, by index.
    spent: BTreeSet<usize>,
    /// Those that were executed, by index.
    executed: BTreeSet<usize>,
    /// Whether the answer to the next execution is lost.
    lost: bool,
    /// Why every change set of a stack fails, by the stack's name.
    invalid: BTreeMap<String, Vec<String>>,
    objects: BTreeMap<(String, String), usize>,
    groups: BTreeMap<(Region, String), GroupView>,
    alarms: BTreeMap<(Region, String), AlarmStatus>,
    logs: Vec<LogLine>,
    failures: BTreeMap<String, Vec<(String, String)>>,
    changes: BTreeMap<String, Vec<ResourceChange>>,
    dark: Vec<Region>,
    remote: bool,
    values: BTreeMap<(Region, String), f64>,
    refusals: Vec<(String, String)>,
    /// Where every call is denied, and AWS's words for it.
    forbidden: Vec<(Region, String)>,
    answers: VecDeque<Invocation>,
    targets: BTreeMap<String, usize>,
    checks: BTreeMap<String, CheckStatus>,
    addresses: BTreeMap<String, BTreeSet<IpAddr>>,
    health_checks: BTreeMap<String, CheckView>,
    aliases: Vec<AliasRecord>,
    wires: FakePremises,
    writes_max: Option<usize>,
    signed_out: bool,
    expiry: Option<Expiry>,
    calls: Vec<String>,
    events: usize,
    asked: Vec<&'static str>,
    meanwhile: Vec<(String, Happening)>,
}

/// What somebody else does at AWS.
#[derive(Clone, Debug)]
pub enum Happening {
    /// An Auto Scaling group becomes this one.
    Group(Region, String, GroupView),
    /// A failover alarm becomes this one.
    Alarm(Region, String, AlarmStatus),
    /// DNS answers these addresses for a name.
    Addresses(String, Vec<IpAddr>),
    /// AWS throttles so many calls of an operation.
    Throttled(&'static str, usize),
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

    /// Puts a stack there in a state, as an earlier run would have left it: it is the site's of its name, once it has parameters.
    pub fn leave_stack(&self, region: &Region, name: &str, status: &str) {
        let mut state = self.lock();
        let id = state.stack_id(region, name);
        let owner = name.rsplit_once('-').map_or(name, |(owner, _)| owner).to_owned();
        let parameters = if status == "REVIEW_IN_PROGRESS" {
            BTreeMap::new()
        } else {
            BTreeMap::from([("SiteName".to_owned(), owner)])
        };
        let view = StackView {
            id,
            status: StackStatus::new(status),
            reason: None,
            changed: None,
            parameters,
            outputs: BTreeMap::new(),
            tags: BTreeMap::new(),
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

    /// Puts a change set there that nobody executed, as a killed run would have left it.
    pub fn leave_change_set(&self, region: &Region, stack: &str, name: &str) {
        let request = ChangeSetRequest {
            stack: StackName::new(stack),
            name: name.to_owned(),
            kind: ChangeSetKind::Update,
            template: String::new(),
            parameters: BTreeMap::new(),
            tags: None,
            role: None,
        };
        self.lock().change_sets.push((region.clone(), request));
    }

    /// Lets a stack have told of the end of each resource, oldest first: logical id, status and reason.
    pub fn tell(&self, region: &Region, name: &str, events: &[(&str, &str, Option<&str>)]) {
        let mut state = self.lock();
        for (id, status, reason) in events {
            let kind = if *id == name { "AWS::CloudFormation::Stack" } else { "AWS::Fake::Thing" };
            let event = state.event(name, id, kind, status, *reason);
            if let Some(stack) = state.stacks.get_mut(&(region.clone(), name.to_owned())) {
                stack.events.push(event);
            }
        }
    }

    /// Makes the next change of a stack fail at resources, in order: logical id and reason.
    pub fn fail_stack(&self, name: &str, resources: &[(&str, &str)]) {
        let resources =
            resources.iter().map(|(id, reason)| ((*id).to_owned(), (*reason).to_owned()));
        self.lock().failures.insert(name.to_owned(), resources.collect());
    }

    /// Makes CloudFormation's early validation refuse every change set of a stack, for these reasons.
    pub fn invalidate(&self, name: &str, reasons: &[&str]) {
        let reasons = reasons.iter().map(|reason| (*reason).to_owned());
        self.lock().invalid.insert(name.to_owned(), reasons.collect());
    }

    /// Loses the answer to the next execution of a change set, which runs all the same.
    pub fn lose_execution(&self) {
        self.lock().lost = true;
    }

    /// Says what every later change set of a stack would do.
    pub fn will_change(&self, name: &str, changes: Vec<ResourceChange>) {
        self.lock().changes.insert(name.to_owned(), changes);
    }

    /// Makes every call to a region fail from now on.
    pub fn go_dark(&self, region: &Region) {
        self.lock().dark.push(region.clone());
    }

    /// Denies every call to a region from now on, in AWS's words.
    pub fn forbid(&self, region: &Region, words: &str) {
        self.lock().forbidden.push((region.clone(), words.to_owned()));
    }

    /// Makes the next call of an operation fail with AWS's error code; several times for several calls.
    pub fn refuse(&self, operation: &str, code: &str) {
        self.lock().refusals.push((operation.to_owned(), code.to_owned()));
    }

    /// What the next invocation of a function answers. Without any it answers what it was asked.
    pub fn let_answer(&self, answer: Invocation) {
        self.lock().answers.push_back(answer);
    }

    /// Puts so many healthy targets into a target group.
    pub fn set_healthy(&self, target_group_arn: &str, healthy: usize) {
        self.lock().targets.insert(target_group_arn.to_owned(), healthy);
    }

    /// Puts a health check there.
    pub fn set_check(&self, id: &str, status: CheckStatus) {
        self.lock().checks.insert(id.to_owned(), status);
    }

    /// Puts a health check there as it is set, in place of the one of its id.
    pub fn set_health_check(&self, check: CheckView) {
        self.lock().health_checks.insert(check.id.clone(), check);
    }

    /// Every health check, by id.
    pub fn health_checks(&self) -> Vec<CheckView> {
        self.lock().health_checks.values().cloned().collect()
    }

    /// Every failover alias record.
    pub fn aliases(&self) -> Vec<AliasRecord> {
        self.lock().aliases.clone()
    }

    /// Whoever makes a drill's write after so many never hears of it again, as if killed before it. `None` ends that.
    pub fn fall_silent_after(&self, writes: Option<usize>) {
        self.lock().writes_max = writes;
    }

    /// Ends the sign-in: every call fails from now on, until it is back.
    pub fn sign_out(&self, out: bool) {
        self.lock().signed_out = out;
    }

    /// When the credentials end. Without this they do not.
    pub fn set_expiry(&self, expiry: Expiry) {
        self.lock().expiry = Some(expiry);
    }

    /// Lets DNS answer these addresses for a name.
    pub fn set_addresses(&self, name: &str, addresses: &[IpAddr]) {
        self.lock().addresses.insert(name.to_owned(), addresses.iter().copied().collect());
    }

    /// A group as it stands.
    pub fn group_view(&self, region: &Region, name: &str) -> Option<GroupView> {
        self.lock().groups.get(&(region.clone(), name.to_owned())).cloned()
    }

    /// Stands for AWS itself instead of an emulator of it.
    pub fn go_remote(&self) {
        self.lock().remote = true;
    }

    /// Lets the newest point of a metric in a region have this value, whatever its dimensions.
    pub fn set_value(&self, region: &Region, metric: &str, value: f64) {
        self.lock().values.insert((region.clone(), metric.to_owned()), value);
    }

    /// Gives a stack that is there these parameters and no others.
    pub fn set_parameters(&self, region: &Region, stack: &str, parameters: &[(&str, &str)]) {
        if let Some(stack) = self.lock().stacks.get_mut(&(region.clone(), stack.to_owned())) {
            let parameters = parameters.iter();
            let parameters =
                parameters.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            stack.view.parameters = parameters.collect();
        }
    }

    /// Puts a resource into a stack that is there, in place of the one of its name.
    pub fn set_resource(&self, region: &Region, stack: &str, resource: StackResource) {
        if let Some(stack) = self.lock().stacks.get_mut(&(region.clone(), stack.to_owned())) {
            stack.resources.retain(|held| held.logical_id != resource.logical_id);
            stack.resources.push(resource);
        }
    }

    /// Puts an Auto Scaling group there.
    pub fn set_group(&self, region: &Region, name: &str, group: GroupView) {
        self.lock().groups.insert((region.clone(), name.to_owned()), group);
    }

    /// Takes an Auto Scaling group away, as somebody's hand would.
    pub fn remove_group(&self, region: &Region, name: &str) {
        self.lock().groups.remove(&(region.clone(), name.to_owned()));
    }

    /// Lets something happen right after the next write that reads like this, as [`Fake::writes`] tells it.
    pub fn after(&self, write: &str, happening: Happening) {
        self.lock().meanwhile.push((write.to_owned(), happening));
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

    /// How often an operation was asked for, answered or not.
    pub fn asked(&self, operation: &str) -> usize {
        self.lock().asked.iter().filter(|asked| **asked == operation).count()
    }

    /// A stack as it stands, without the look that moves time on.
    pub fn stack(&self, region: &Region, name: &str) -> Option<StackView> {
        let state = self.lock();
        state.stacks.get(&(region.clone(), name.to_owned())).map(|stack| stack.view.clone())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread panics while it holds the lock")
    }

    /// Before a drill's write: for ever, if it is not to be heard of.
    async fn heard(&self) {
        let silent = {
            let state = self.lock();
            state.writes_max.is_some_and(|most| state.calls.len() >= most)
        };
        if silent {
            std::future::pending::<()>().await;
        }
    }

    fn reach(
        &self,
        operation: &'static str,
        region: &Region,
    ) -> Result<MutexGuard<'_, State>, CloudError> {
        let mut state = self.lock();
        state.asked.push(operation);
        if state.signed_out {
            return Err(CloudError::Credentials { detail: "the token has expired".to_owned() });
        }
        if state.dark.contains(region) {
            let (region, detail) = (region.to_string(), "connection timed out".to_owned());
            return Err(CloudError::Unreachable { operation, region, detail });
        }
        if let Some((_, words)) = state.forbidden.iter().find(|(there, _)| there == region) {
            let (region, detail) = (region.to_string(), words.clone());
            return Err(CloudError::Denied { operation, region, detail });
        }
        if let Some(at) = state.refusals.iter().position(|(refused, _)| refused == operation) {
            let (_, code) = state.refusals.remove(at);
            return Err(refusal(operation, region, code));
        }
        Ok(state)
    }
}

/// What AWS's error code becomes, as in `cloud::aws`.
fn refusal(operation: &'static str, region: &Region, code: String) -> CloudError {
    let (region, detail) = (region.to_string(), "as it was told to".to_owned());
    match code.as_str() {
        "ExpiredToken" => CloudError::Credentials { detail },
        "AccessDenied" => CloudError::Denied { operation, region, detail },
        _ => CloudError::Service { operation, region, code, detail },
    }
}

impl State {
    fn wrote(&mut self, operation: &str, region: &Region, subject: &str) {
        let call = format!("{operation} {region} {subject}");
        while let Some(at) = self.meanwhile.iter().position(|(write, _)| *write == call) {
            match self.meanwhile.remove(at).1 {
                Happening::Group(region, name, group) => {
                    self.groups.insert((region, name), group);
                }
                Happening::Alarm(region, name, alarm) => {
                    self.alarms.insert((region, name), alarm);
                }
                Happening::Throttled(operation, times) => {
                    let refusal = (operation.to_owned(), "Throttling".to_owned());
                    self.refusals.extend(std::iter::repeat_n(refusal, times));
                }
                Happening::Addresses(name, addresses) => {
                    self.addresses.insert(name, addresses.into_iter().collect());
                }
            }
        }
        self.calls.push(call);
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

    async fn caller(&self, region: &Region) -> Result<String, CloudError> {
        drop(self.reach("GetCallerIdentity", region)?);
        Ok("arn:aws:sts::000000000000:assumed-role/Operator/alice".to_owned())
    }

    async fn credentials_expiry(&self) -> Result<Expiry, CloudError> {
        Ok(self.lock().expiry.unwrap_or(Expiry::Never))
    }

    fn is_local(&self) -> bool {
        !self.lock().remote
    }
}
