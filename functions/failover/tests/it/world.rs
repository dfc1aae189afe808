//! A scripted world: every port answers what a scenario says, when it says, and everything that was
//! asked is written down.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use failover::error::{InvocationError, WriteError};
use failover::handler::Controller;
use failover::log::Log;
use failover::look::Looks;
use failover::port::{
    AlarmReading, Clock as _, Metric, Names, Outside, Ports, Prober, Reads, Role, Span, Verdicts,
    Writes,
};
use failover_core::decision::{Latch, Notice, PrimaryWrite, StandbyWrite};
use failover_core::observation::{
    AlarmState, AlarmView, Answer, CheckConfig, Datapoints, Evaluation, Group, Known, Probe,
    Subscriptions, Verdict, Why,
};
use failover_core::record::{Record, Register};
use failover_core::signal::AlarmArn;
use failover_core::time::after;
use failover_core::{DecisionRecord, Policy, Timestamp};

use crate::clock::VirtualClock;

pub const START: &str = "2026-01-01T12:00:00Z";
pub const ALARM_ARN: &str = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:shop-primary-down";
const READ_TAKES: Duration = Duration::from_millis(20);
const WRITE_TAKES: Duration = Duration::from_millis(40);

/// One answer of the world.
#[derive(Clone, Debug)]
pub enum Reply<T> {
    /// After the usual time.
    Says(T),
    /// Later than usual.
    Late(Duration, T),
    /// Never.
    Silence,
}

/// The answers to one question, in order. The last one is given for ever.
#[derive(Clone, Debug)]
pub struct Script<T>(VecDeque<Reply<T>>);

impl<T: Clone> Script<T> {
    pub fn always(value: T) -> Self {
        Self([Reply::Says(value)].into())
    }

    pub fn silent() -> Self {
        Self([Reply::Silence].into())
    }

    pub fn then(replies: impl IntoIterator<Item = Reply<T>>) -> Self {
        Self(replies.into_iter().collect())
    }

    fn next(&mut self) -> Reply<T> {
        let only = self.0.len() == 1;
        let reply = if only { self.0.front().cloned() } else { self.0.pop_front() };
        reply.expect("a script is never empty")
    }
}

type Written = Result<(), WriteError>;

/// What the world says. The default is an idle site.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub site: &'static str,
    /// Name and value of what differs from the defaults.
    pub policy: &'static [(&'static str, &'static str)],
    pub alarm: Script<Known<AlarmReading>>,
    pub datapoints: Script<Known<Datapoints>>,
    pub standby: Script<Known<(Group, Record)>>,
    pub primary: Script<Known<Group>>,
    pub healthy: Script<Known<u16>>,
    pub answer: Script<Known<Answer>>,
    pub verdict: Script<Known<Verdict>>,
    /// Whether the function has a queue for looks.
    pub looks: bool,
    pub probe: Script<Known<Probe>>,
    pub egress: Script<bool>,
    pub cpu: Script<Known<u16>>,
    pub requests: Script<Known<u32>>,
    pub check: Script<Known<CheckConfig>>,
    pub subscriptions: Script<Known<Subscriptions>>,
    pub tags: Script<Written>,
    pub group: Script<Written>,
    pub latch: Script<Written>,
    pub notify: Script<Written>,
    pub send: Script<Written>,
}

pub fn now() -> Timestamp {
    START.parse().expect("a valid time")
}

pub fn alarm(state: AlarmState, minutes_ago: i64) -> Known<AlarmReading> {
    let transitioned_at = after(now(), -60 * minutes_ago);
    let view = AlarmView { state, transitioned_at, evaluation: Evaluation::Sound, actions: true };
    let metric = Metric {
        namespace: "AWS/Route53".to_owned(),
        name: "HealthCheckStatus".to_owned(),
        dimensions: vec![("HealthCheckId".to_owned(), "hc".to_owned())],
        statistic: "Minimum".to_owned(),
        period: Duration::from_mins(1),
    };
    Known::Known(AlarmReading {
        view,
        metric: Known::Known(metric),
        checks: Known::Unknown(Why::NotAsked),
    })
}

pub fn group(min: u16, desired: u16) -> Group {
    let later = Known::Unknown(Why::NotAsked);
    let in_service = desired;
    Group {
        min,
        desired,
        max: 8,
        in_service,
        healthy: later,
        suspended: false,
        paused: false,
        cpu: later,
    }
}

pub fn standby(min: u16, desired: u16, tags: &[(&str, &str)]) -> Known<(Group, Record)> {
    Known::Known((group(min, desired), Record::from_tags(tags.iter().copied())))
}

/// The metric of a primary that has been down for two minutes.
pub fn red() -> Known<Datapoints> {
    Known::Known(Datapoints {
        period: Duration::from_mins(1),
        newest: after(now(), -60),
        healthy_run: 0,
        newest_two_zero: true,
    })
}

impl Default for Scenario {
    fn default() -> Self {
        let datapoints = Datapoints {
            period: Duration::from_mins(1),
            newest: after(now(), -60),
            healthy_run: 40,
            newest_two_zero: false,
        };
        Self {
            site: "shop",
            policy: &[],
            alarm: Script::always(alarm(AlarmState::Ok, 40)),
            datapoints: Script::always(Known::Known(datapoints)),
            standby: Script::always(standby(0, 0, &[])),
            primary: Script::always(Known::Known(group(2, 2))),
            healthy: Script::always(Known::Known(2)),
            answer: Script::always(Known::Known(Answer::Primary)),
            verdict: Script::always(Known::Known(Verdict::Healthy)),
            looks: false,
            probe: Script::always(Known::Known(Probe::Up)),
            egress: Script::always(true),
            cpu: Script::always(Known::Known(40)),
            requests: Script::always(Known::Known(0)),
            check: Script::always(Known::Known(CheckConfig { disabled: false, inverted: false })),
            subscriptions: Script::always(Known::Known(Subscriptions {
                confirmed: 1,
                pending: 0,
                asked: 1,
            })),
            tags: Script::always(Ok(())),
            group: Script::always(Ok(())),
            latch: Script::always(Ok(())),
            notify: Script::always(Ok(())),
            send: Script::always(Ok(())),
        }
    }
}

/// What an invocation did.
pub struct Run {
    pub result: Result<DecisionRecord, InvocationError>,
    /// The decision record as logged.
    pub record: DecisionRecord,
    pub lines: Vec<String>,
    pub elapsed: Duration,
    calls: Vec<(Duration, String)>,
}

impl Run {
    /// The conversation as text: whatever came after the first round of reads, and how it ended.
    pub fn story(&self) -> String {
        let mut text = String::new();
        let late =
            self.calls.iter().filter(|(at, call)| !at.is_zero() || !call.starts_with("read"));
        for (at, call) in late {
            writeln!(text, "{:>5} ms  {call}", at.as_millis()).expect("a string grows");
        }
        let outcome = &self.record.outcome;
        writeln!(text, "reason: {}", self.record.decision.reason.name()).expect("a string grows");
        writeln!(text, "done: {:?}", outcome.done).expect("a string grows");
        for (step, words) in &outcome.failed {
            writeln!(text, "failed: {step:?}: {words}").expect("a string grows");
        }
        match &self.result {
            Ok(_) => writeln!(text, "answer: the record, after {} ms", self.elapsed.as_millis()),
            Err(error) => {
                writeln!(
                    text,
                    "error {}, after {} ms: {error}",
                    error.kind(),
                    self.elapsed.as_millis()
                )
            }
        }
        .expect("a string grows");
        text
    }

    pub fn wrote(&self) -> bool {
        self.calls.iter().any(|(_, call)| call.starts_with("write"))
    }

    /// Whether anything but the latch and a notice was written.
    pub fn wrote_groups_or_tags(&self) -> bool {
        let kept = ["write tags", "write standby", "write primary"];
        self.calls.iter().any(|(_, call)| kept.iter().any(|start| call.starts_with(start)))
    }

    pub fn asked(&self) -> Vec<&str> {
        self.calls.iter().map(|(_, call)| call.as_str()).collect()
    }
}

impl Scenario {
    /// Runs one invocation over this world.
    pub fn run(self, payload: &[u8]) -> Run {
        self.look(payload).remove(0).raised()
    }

    /// Runs an invocation over this world that may end without a record.
    pub fn look(self, payload: &[u8]) -> Vec<Looked> {
        self.look_each(&[(Duration::ZERO, payload)])
    }

    /// Runs several invocations of one process, each so long after the end of the one before it.
    pub fn look_each(self, payloads: &[(Duration, &[u8])]) -> Vec<Looked> {
        let clock = VirtualClock::at(now());
        let (site, changes, looks) = (self.site, self.policy, self.looks);
        let world = Arc::new(World {
            clock: clock.clone(),
            scenario: Mutex::new(self),
            calls: Mutex::default(),
            lines: Mutex::default(),
        });
        let ports = Ports {
            reads: world.clone(),
            names: world.clone(),
            verdicts: world.clone(),
            prober: world.clone(),
            outside: world.clone(),
            writes: world.clone(),
            clock: Arc::new(clock.clone()),
            log: world.clone(),
        };
        let policy = Policy::from_settings(|setting| {
            let other = changes.iter().find(|(name, _)| *name == setting.name);
            Some(other.map_or(setting.default, |(_, value)| value).to_owned())
        });
        let controller = Controller {
            site: site.to_owned(),
            policy: policy.expect("the numbers are valid"),
            alarm: AlarmArn::parse(ALARM_ARN).expect("a valid ARN"),
            looks: Looks::new(Some(Duration::from_secs(10)), looks),
            ports,
        };
        let run = |(pause, payload): &(Duration, &[u8])| {
            clock.run(clock.sleep(*pause));
            let began = clock.elapsed();
            let result = clock.run(controller.handle(payload));
            let lines = std::mem::take(&mut *world.lines.lock().expect("one thread"));
            let calls = std::mem::take(&mut *world.calls.lock().expect("one thread"));
            let elapsed = clock.elapsed().saturating_sub(began);
            Looked { result, record: logged(&lines), lines, elapsed, calls }
        };
        payloads.iter().map(run).collect()
    }
}

/// What an invocation did that need not log a record.
pub struct Looked {
    pub result: Result<Option<DecisionRecord>, InvocationError>,
    pub record: Option<DecisionRecord>,
    pub lines: Vec<String>,
    pub elapsed: Duration,
    calls: Vec<(Duration, String)>,
}

impl Looked {
    pub fn asked(&self) -> Vec<&str> {
        self.calls.iter().map(|(_, call)| call.as_str()).collect()
    }

    /// The conversation of a run that logged a record.
    pub fn raised(self) -> Run {
        let Self { result, record, lines, elapsed, calls } = self;
        let result = result.map(|answer| answer.expect("what is logged is answered"));
        Run { result, record: record.expect("exactly one record is logged"), lines, elapsed, calls }
    }
}

fn logged(lines: &[String]) -> Option<DecisionRecord> {
    let values = lines
        .iter()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("every line is JSON"));
    let records: Vec<_> = values.filter_map(|line| line.get("decision_record").cloned()).collect();
    assert!(records.len() < 2, "at most one decision record is logged");
    let read = |record: &serde_json::Value| serde_json::from_value(record.clone());
    records.first().map(|record| read(record).expect("the record can be read back"))
}

#[derive(Debug)]
struct World {
    clock: VirtualClock,
    scenario: Mutex<Scenario>,
    calls: Mutex<Vec<(Duration, String)>>,
    lines: Mutex<Vec<String>>,
}

impl World {
    async fn ask<T: Clone>(
        &self,
        call: String,
        usual: Duration,
        script: impl FnOnce(&mut Scenario) -> &mut Script<T>,
    ) -> T {
        self.calls.lock().expect("one thread").push((self.clock.elapsed(), call));
        let reply = script(&mut self.scenario.lock().expect("one thread")).next();
        match reply {
            Reply::Says(value) => {
                self.clock.sleep(usual).await;
                value
            }
            Reply::Late(after, value) => {
                self.clock.sleep(after).await;
                value
            }
            Reply::Silence => std::future::pending().await,
        }
    }

    async fn read<T: Clone>(
        &self,
        call: &str,
        script: impl FnOnce(&mut Scenario) -> &mut Script<T>,
    ) -> T {
        self.ask(format!("read {call}"), READ_TAKES, script).await
    }

    async fn write(
        &self,
        call: String,
        script: impl FnOnce(&mut Scenario) -> &mut Script<Written>,
    ) -> Written {
        self.ask(format!("write {call}"), WRITE_TAKES, script).await
    }
}

#[async_trait]
impl Reads for World {
    async fn read_alarm(&self) -> Known<AlarmReading> {
        self.read("alarm", |world| &mut world.alarm).await
    }

    async fn read_datapoints(&self, metric: &Metric, span: Span) -> Known<Datapoints> {
        let call = format!("datapoints of {} from {} to {}", metric.name, span.start, span.end);
        self.read(&call, |world| &mut world.datapoints).await
    }

    async fn read_standby(&self) -> Known<(Group, Record)> {
        self.read("standby", |world| &mut world.standby).await
    }

    async fn read_primary(&self) -> Known<Group> {
        self.read("primary", |world| &mut world.primary).await
    }

    async fn read_healthy(&self, role: Role) -> Known<u16> {
        self.read(&format!("healthy {}", role.word()), |world| &mut world.healthy).await
    }

    async fn read_cpu(&self, role: Role, span: Span) -> Known<u16> {
        let call = format!("CPU of the {} from {} to {}", role.word(), span.start, span.end);
        self.read(&call, |world| &mut world.cpu).await
    }

    async fn read_requests(&self, span: Span) -> Known<u32> {
        let call = format!("requests of the standby from {} to {}", span.start, span.end);
        self.read(&call, |world| &mut world.requests).await
    }

    async fn read_check(&self, id: &str) -> Known<CheckConfig> {
        self.read(&format!("health check {id}"), |world| &mut world.check).await
    }

    async fn read_subscriptions(&self) -> Known<Subscriptions> {
        self.read("subscriptions", |world| &mut world.subscriptions).await
    }
}

#[async_trait]
impl Names for World {
    async fn read_answer(&self) -> Known<Answer> {
        self.read("answer", |world| &mut world.answer).await
    }
}

#[async_trait]
impl Verdicts for World {
    async fn read_verdict(&self) -> Known<Verdict> {
        self.read("verdict", |world| &mut world.verdict).await
    }
}

#[async_trait]
impl Prober for World {
    async fn probe(&self) -> Known<Probe> {
        self.read("probe", |world| &mut world.probe).await
    }
}

#[async_trait]
impl Outside for World {
    async fn reach(&self) -> bool {
        self.read("outside", |world| &mut world.egress).await
    }
}

#[async_trait]
impl Writes for World {
    async fn write_tags(&self, registers: &[Register]) -> Written {
        let tags: Vec<String> = registers
            .iter()
            .map(|register| {
                let (key, value) = register.tag();
                format!("{key} = {value}")
            })
            .collect();
        self.write(format!("tags {}", tags.join(" | ")), |world| &mut world.tags).await
    }

    async fn write_standby(&self, write: StandbyWrite, _live_max: Option<u16>) -> Written {
        self.write(format!("standby {write:?}"), |world| &mut world.group).await
    }

    async fn write_primary(&self, write: PrimaryWrite) -> Written {
        self.write(format!("primary {write:?}"), |world| &mut world.group).await
    }

    async fn put_latch(&self, latch: Latch) -> Written {
        self.write(format!("latch {latch:?}"), |world| &mut world.latch).await
    }

    async fn send_looks(&self, delays: &[Duration]) -> Written {
        let seconds: Vec<u64> = delays.iter().map(Duration::as_secs).collect();
        self.write(format!("looks after {seconds:?} s"), |world| &mut world.send).await
    }

    async fn notify(&self, notice: &Notice) -> Written {
        self.write(format!("notice {}", notice.subject), |world| &mut world.notify).await
    }
}

impl Log for World {
    fn line(&self, line: &str) {
        self.lines.lock().expect("one thread").push(line.to_owned());
    }
}
