//! The harness of the end-to-end tests: the emulator, a deployed site, the controller's real program, and events.

#![expect(clippy::panic, reason = "a harness fails its test")]

pub mod command;
pub mod inventory;
pub mod permissions;
pub mod shell;
pub mod sources;
pub mod terminal;

use std::time::{Duration, Instant};

use cloud::guard::Safety;
use drill_local::pulse::{Decisions, Pulse};
use drill_local::stage::{SERVERS, Stage, StageSettings, group_name, host_architecture};
use drill_local::story::{self, Teller, until};
use failover_core::{DecisionRecord, ReasonKind, Timestamp};
use machine::clock;
use machine::target;
use package::{Beside, Runs, package};
use provision::outputs::Outputs;
use python::{Venv, emulator_tools};
use site::model::{Code, Role, StackId};
use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};

/// BOUND: no single wait of a test is longer, the proof of a failback included.
pub const WITHIN: Duration = Duration::from_mins(2);

/// The events that ship for `cargo lambda invoke`.
pub mod events {
    /// The alarm went to ALARM.
    pub const ALARM: &str = include_str!("../../functions/failover/events/alarm.json");
    /// The alarm went to OK.
    pub const OK: &str = include_str!("../../functions/failover/events/ok.json");
    /// The alarm has no data.
    pub const INSUFFICIENT: &str =
        include_str!("../../functions/failover/events/insufficient.json");
    /// The schedule.
    pub const TICK: &str = include_str!("../../functions/failover/events/tick.json");
    /// Decide and write nothing.
    pub const REHEARSAL: &str = include_str!("../../functions/failover/events/rehearsal.json");
}

/// Three worlds at a time: each has clocks of seconds, which a busy machine would stretch, and mostly waits for them.
static ROOM: Semaphore = Semaphore::const_new(3);
static PROGRAM: OnceCell<Code> = OnceCell::const_new();
static SETTINGS: OnceCell<StageSettings> = OnceCell::const_new();

/// The controller's program, built as it ships; once for all tests.
pub async fn program() -> Code {
    let build = async || {
        package(host_architecture(), Beside::default(), Runs::Here)
            .await
            .expect("the Lambda builds")
            .code()
    };
    PROGRAM.get_or_init(build).await.clone()
}

/// What every stage of these tests is built from; installs the emulator the first time.
pub async fn settings() -> StageSettings {
    let prepare = async || {
        let target = target();
        let venv = Venv::prepare(emulator_tools(&target), |_| ()).await;
        let python = venv.expect("the emulator installs").python();
        StageSettings { python, root: target.join("e2e") }
    };
    SETTINGS.get_or_init(prepare).await.clone()
}

/// Destroys the site of a stage, and ends it. Nothing is left.
pub async fn ended(stage: Stage) {
    let (teller, _scenes) = Teller::channel();
    story::destroy(&stage, Safety::Overruled, &teller).await.expect("it goes");
    assert_eq!(stage.leftovers().await.expect("it answers"), Vec::<String>::new());
    stage.close().await.expect("everything ends");
}

/// A stage without stacks.
pub async fn stage() -> Stage {
    Stage::open(&settings().await).await.expect("the stage stands")
}

/// Waits until there is room on the machine for one more world.
pub async fn room() -> SemaphorePermit<'static> {
    ROOM.acquire().await.expect("nobody closes it")
}

/// A deployed site that serves from its primary, with the controller awake.
#[expect(missing_debug_implementations, reason = "the stage has none")]
pub struct Deployed {
    /// The world it stands in.
    pub stage: Stage,
    /// What its stacks answered.
    pub outputs: Outputs,
    pulse: Pulse,
    _room: SemaphorePermit<'static>,
}

impl Deployed {
    /// Deploys the drill's site and waits until its primary is healthy and the controller has looked.
    pub async fn new() -> Self {
        let room = room().await;
        let (code, stage) = (program().await, stage().await);
        let (teller, _scenes) = Teller::channel();
        let deployed = story::deploy(&stage, code, &teller).await.expect("the site deploys");
        stage.name_balancers(&deployed.outputs).expect("the balancers have names");
        let pulse = Pulse::start(&stage, &deployed.outputs, true);
        let site = Self { stage, outputs: deployed.outputs, pulse, _room: room };
        let group = group_name(Role::Primary);
        let primary = site.stage.region(Role::Primary);
        let launched =
            site.stage.cloud.set_desired(site.stage.local, primary, &group, SERVERS).await;
        launched.expect("the emulator launches the primary");
        site.until_decided(ReasonKind::Idle, clock::now()).await;
        site
    }

    /// The controller's decisions.
    #[must_use]
    pub fn decisions(&self) -> Decisions {
        self.pulse.decisions()
    }

    /// Waits for a decision of this reason at or after `since`.
    pub async fn until_decided(&self, reason: ReasonKind, since: Timestamp) -> DecisionRecord {
        let decisions = self.decisions();
        let found = until(WITHIN, async || decisions.first(reason, since)).await;
        found.unwrap_or_else(|| {
            let last = decisions.last().map(|record| record.decision);
            let log = self.stage.emulator_log(20);
            panic!(
                "no decision `{reason}` in time; the last was {last:?}; the emulator says:\n{log}"
            )
        })
    }

    /// Desired capacity of a group.
    pub async fn desired(&self, role: Role) -> u16 {
        let group = self.stage.cloud.group(self.stage.region(role), &group_name(role)).await;
        group.expect("the emulator answers").expect("the group is there").sizes.desired
    }

    /// Waits until the standby's desired capacity is this.
    pub async fn until_standby(&self, desired: u16) {
        let read = async || (self.desired(Role::Standby).await == desired).then_some(());
        let reached = until(WITHIN, read).await;
        assert!(reached.is_some(), "the standby never reached {desired}");
    }

    /// Waits until a user gets a page from a region.
    pub async fn until_page(&self, role: Role) -> Duration {
        let (clients, since) = (self.stage.world.send_clients(20), Instant::now());
        let page = until(WITHIN, async || clients.first(role, since)).await;
        clients.stop().await;
        page.expect("a user gets a page").duration_since(since)
    }

    /// Invokes the controller; a tick may hold its only slot, so a throttled call is made again.
    pub async fn invoke(&self, payload: &str) -> DecisionRecord {
        let region = self.stage.region(Role::Standby);
        let name = self.outputs.get(StackId::Controller, "FunctionName").expect("it has a name");
        let call = async || {
            let answer = self
                .stage
                .cloud
                .invoke(&self.stage.permit, region, name, payload.into())
                .await
                .ok()?;
            assert_eq!(answer.error, None, "{}", String::from_utf8_lossy(&answer.payload));
            Some(serde_json::from_slice(&answer.payload).expect("it answers a decision record"))
        };
        until(WITHIN, call).await.expect("the controller answers")
    }

    /// Every call that the function made lies within its role. The emulator refuses none, so AWS would be the first to.
    fn assert_granted(&self) {
        let granted = permissions::granted();
        for call in self.stage.proxy.counts().keys() {
            let action = permissions::action_of(call);
            assert!(granted.contains(&action), "called and not granted: {action}, as {call:?}");
        }
    }

    /// Takes the site down, whatever its state, and checks that nothing is left.
    pub async fn end(self) {
        self.assert_granted();
        let Self { stage, pulse, .. } = self;
        drop(pulse);
        let (teller, _scenes) = Teller::channel();
        let destroyed = story::destroy(&stage, Safety::Overruled, &teller).await;
        destroyed.expect("the site is destroyed");
        let left = stage.leftovers().await.expect("the emulator answers");
        assert_eq!(left, Vec::<String>::new(), "nothing is left");
        stage.close().await.expect("everything ends");
    }
}
