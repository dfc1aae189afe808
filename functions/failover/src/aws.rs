//! AWS behind the ports: the only place with SDK types.

mod access;
mod alarm;
mod groups;
mod looks;
mod metrics;
mod notices;
mod why;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use failover_core::decision::{Latch, Notice, PrimaryWrite, StandbyWrite};
use failover_core::observation::{CheckConfig, Datapoints, Group, Known, Subscriptions};
use failover_core::record::{Record, Register};

use crate::dns::{DnsServer, Resolve, SiteNames, SystemResolver, ZoneServers};
use crate::egress::HttpOutside;
use crate::error::WriteError;
use crate::handler::Controller;
use crate::log::{Log, Stdout};
use crate::look::Looks;
use crate::port::{AlarmReading, Metric, Ports, Reads, Role, Span, SystemClock, Writes};
use crate::probe::HttpProber;
use crate::settings::{Settings, SettingsError};

use self::access::tls_context;
use self::alarm::Alarms;
use self::groups::Groups;
use self::looks::LookQueue;
use self::notices::Notices;

pub use self::access::{Access, AccessError};

/// The metric behind the gate: 1 while DNS is to stay on the standby, else 0.
const LATCH_METRIC: &str = "LatchClosed";

/// The function cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The environment is wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The connection to AWS cannot be set up.
    #[error(transparent)]
    Access(#[from] AccessError),
}

/// The controller of the site that the environment names, with every client built: a raise must not
/// wait for one.
///
/// # Errors
/// [`StartError`] names what is missing or wrong.
pub fn controller(lookup: impl Fn(&str) -> Option<String>) -> Result<Controller, StartError> {
    let settings = Settings::read(&lookup)?;
    let log: Arc<dyn Log> = Arc::new(Stdout);
    let tls = tls_context(settings.ca_bundle.as_deref())?;
    let access = Access::from_environment(&lookup, &tls)?;
    let aws = Arc::new(Aws::new(&settings, &access, Arc::clone(&log)));
    let resolver: Arc<dyn Resolve> = match settings.resolver {
        Some(address) => Arc::new(DnsServer { address }),
        None => Arc::new(SystemResolver),
    };
    let verdicts =
        ZoneServers::new(settings.verdict_servers, &settings.hostname, Arc::clone(&resolver));
    let looks = Looks::new(settings.watch, settings.look_queue.is_some());
    let names = SiteNames {
        resolver: Arc::clone(&resolver),
        hostname: settings.hostname,
        primary: settings.primary.endpoint.clone(),
        standby: settings.standby.endpoint,
    };
    let endpoint = settings.primary.endpoint;
    let outside =
        HttpOutside::new(settings.egress_url, Arc::clone(&resolver), tls.clone(), Arc::clone(&log));
    let prober = HttpProber::new(settings.probe_url, endpoint, resolver, tls, Arc::clone(&log));
    let ports = Ports {
        reads: Arc::clone(&aws) as Arc<dyn Reads>,
        names: Arc::new(names),
        verdicts: Arc::new(verdicts),
        prober: Arc::new(prober),
        outside: Arc::new(outside),
        writes: aws,
        clock: Arc::new(SystemClock),
        log,
    };
    let Settings { site, policy, alarm, .. } = settings;
    Ok(Controller { site, policy, alarm, looks, ports })
}

/// Every client that the controller needs, each bound to its region.
#[derive(Clone, Debug)]
pub struct Aws {
    site: String,
    primary: Groups,
    standby: Groups,
    alarms: Alarms,
    notices: Notices,
    looks: LookQueue,
}

impl Aws {
    /// Builds the clients.
    #[must_use]
    pub fn new(settings: &Settings, access: &Access, log: Arc<dyn Log>) -> Self {
        let config = |region: &str| access.config(region, settings.endpoint_url.as_deref());
        let groups = |role, fleet: &crate::settings::Fleet| {
            Groups::new(role, fleet.clone(), &config(&fleet.region), Arc::clone(&log))
        };
        let (alarm, topic) = (settings.alarm.clone(), settings.notice_topic.clone());
        let [detector, hearers] = [config(alarm.region()), config(topic.region())];
        let looks = LookQueue::new(settings.look_queue.clone(), &config(&settings.standby.region));
        Self {
            site: settings.site.clone(),
            primary: groups(Role::Primary, &settings.primary),
            standby: groups(Role::Standby, &settings.standby),
            notices: Notices::new(topic, settings.receivers, &hearers, Arc::clone(&log)),
            alarms: Alarms::new(alarm, &detector, log),
            looks,
        }
    }

    const fn groups(&self, role: Role) -> &Groups {
        match role {
            Role::Primary => &self.primary,
            Role::Standby => &self.standby,
        }
    }
}

#[async_trait]
impl Reads for Aws {
    async fn read_alarm(&self) -> Known<AlarmReading> {
        self.alarms.read_alarm().await
    }

    async fn read_datapoints(&self, metric: &Metric, span: Span) -> Known<Datapoints> {
        self.alarms.read_datapoints(metric, span).await
    }

    async fn read_standby(&self) -> Known<(Group, Record)> {
        self.standby.read().await
    }

    async fn read_primary(&self) -> Known<Group> {
        self.primary.read().await.map(|(group, _)| group)
    }

    async fn read_healthy(&self, role: Role) -> Known<u16> {
        self.groups(role).read_healthy().await
    }

    async fn read_cpu(&self, role: Role, span: Span) -> Known<u16> {
        self.groups(role).read_cpu(span).await
    }

    async fn read_requests(&self, span: Span) -> Known<u32> {
        self.standby.read_requests(span).await
    }

    async fn read_check(&self, id: &str) -> Known<CheckConfig> {
        self.alarms.read_check(id).await
    }

    async fn read_subscriptions(&self) -> Known<Subscriptions> {
        self.notices.read_subscriptions().await
    }
}

#[async_trait]
impl Writes for Aws {
    async fn write_tags(&self, registers: &[Register]) -> Result<(), WriteError> {
        self.standby.write_tags(registers).await
    }

    async fn write_standby(
        &self,
        write: StandbyWrite,
        live_max: Option<u16>,
    ) -> Result<(), WriteError> {
        self.standby.write(write, live_max).await
    }

    async fn write_primary(&self, write: PrimaryWrite) -> Result<(), WriteError> {
        self.primary.write_floor(write).await
    }

    async fn put_latch(&self, latch: Latch) -> Result<(), WriteError> {
        let value = match latch {
            Latch::Open => 0.0,
            Latch::Closed => 1.0,
        };
        // The gate's alarm lives in the standby region, like everything that must work when the
        // latch is closed.
        self.standby.metrics().put(&self.site, LATCH_METRIC, value).await
    }

    async fn send_looks(&self, delays: &[Duration]) -> Result<(), WriteError> {
        self.looks.send(delays).await
    }

    async fn notify(&self, notice: &Notice) -> Result<(), WriteError> {
        self.notices.publish(&self.site, notice).await
    }
}
