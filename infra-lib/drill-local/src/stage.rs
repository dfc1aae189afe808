//! A whole site on this machine: emulator, fault proxy, world, and the site file that fits them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::sleep;

use cloud::guard::{Local, Permit};
use cloud::{Aws, Cloud, CloudSettings, Metric};
use machine::clock;
use provision::outputs::Outputs;
use provision::zone_servers;
use site::config::{Architecture, Config};
use site::model::{Role, Site, StackId};
use site::names::{HostedZoneId, Hostname, Region, SiteName};

use crate::answer::Health;
use crate::checks::Checks;
use crate::emulator::{Emulator, EmulatorSettings, READY_WITHIN};
use crate::error::DrillError;
use crate::latch::{self, LatchCheck};
pub use crate::names::group_name;
use crate::names::{HEALTH_PATH, HOSTNAME, NAME, PRIMARY, STANDBY, ZONE, region};
use crate::proxy::{Fault, FaultProxy, FaultRule, HANG_MAX};
use crate::world::{World, WorldSettings};

/// Instances of the primary, and so what the standby is raised to.
pub const SERVERS: u16 = 2;
/// The primary's minimum: fewer than it runs, so that the failback has to grow it before users come back.
const PRIMARY_MIN: u16 = 1;
/// Distance of the ticks that the drill sends.
pub const TICK: Duration = Duration::from_secs(2);
/// Interval of the looks that the drill sends between two ticks. On AWS the controller's own queue brings them, and no faster
/// than every 5 s.
pub const WATCH: Duration = Duration::from_millis(500);
/// Consecutive ticks on which DNS has to answer the primary before anything is lowered.
pub const DRAIN_TICKS: u16 = 10;
/// Hold-down: 18 ticks; the policy wants at least 17.
pub const HOLD_DOWN: Duration = Duration::from_secs(36);
/// Period of the failover alarm.
pub const ALARM_PERIOD: Duration = Duration::from_secs(10);
/// Distance of two requests of one checker.
pub const CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// Answers in a row that change a checker's mind.
pub const CHECK_THRESHOLD: u32 = 3;
/// Time from the launch of an instance to its server.
pub const BOOT: Duration = Duration::from_secs(3);
/// TTL of the site's answer.
pub const TTL: Duration = Duration::from_secs(1);
/// Distance of two datapoints that the drill puts.
const METRIC_INTERVAL: Duration = Duration::from_secs(1);
/// Distance of two looks of the latch's check at its metric, and so about the delay of the latch.
pub const LATCH_INTERVAL: Duration = Duration::from_secs(1);
/// How far back it looks for a value: the period of the latch's alarm. Older values are its last known status.
const LATCH_PERIOD: Duration = Duration::from_mins(1);
/// Distance of two checks of a target by its load balancer.
pub const TARGET_INTERVAL: Duration = Duration::from_millis(500);

/// What a stage is built from.
#[derive(Clone, Debug)]
pub struct StageSettings {
    /// The Python that has the emulator.
    pub python: PathBuf,
    /// Where the emulator keeps its files and notes.
    pub root: PathBuf,
}

/// A running stage. Dropped, every process ends and every listener closes.
#[expect(missing_debug_implementations, reason = "the world has none")]
pub struct Stage {
    /// AWS, as far as the tool sees it.
    pub cloud: Arc<dyn Cloud>,
    /// For what the stage itself does on its emulator.
    pub local: Local,
    /// The same, for what any site may be sent.
    pub permit: Permit,
    /// The network between the function and AWS.
    pub proxy: FaultProxy,
    /// Both regions, DNS and the checkers.
    pub world: Arc<World>,
    /// The site of the drill.
    pub site: Site,
    /// The site file it was read from.
    pub site_file: String,
    zone: HostedZoneId,
    checks: Checks,
    emulator: Emulator,
    is_dark: Arc<AtomicBool>,
    tasks: JoinSet<()>,
}

impl Stage {
    /// Starts everything, without a stack. What the emulator's CloudFormation lacks is made through its API.
    ///
    /// # Errors
    /// [`DrillError`]: the first part that did not start.
    pub async fn open(settings: &StageSettings) -> Result<Self, DrillError> {
        let proxy = FaultProxy::start().await.map_err(DrillError::Proxy)?;
        let emulator = Emulator::start(&EmulatorSettings {
            python: settings.python.clone(),
            root: settings.root.clone(),
            region: region(STANDBY),
            function_endpoint: Some(proxy.endpoint()),
            environment: BTreeMap::new(),
            ready_within: READY_WITHIN,
        })
        .await?;
        proxy.set_upstream(emulator.address());
        let cloud: Arc<dyn Cloud> = Arc::new(
            Aws::connect(&CloudSettings::emulator(emulator.endpoint()), &Region::detector()).await,
        );
        let local = Local::of(cloud.as_ref()).expect("an emulator of our own is local");
        let permit = local.permit();
        let zone = cloud.create_zone(local, ZONE, "drill").await?;
        let checks = Checks::create(cloud.as_ref(), &permit).await?;
        let mut world = World::start(world_settings(), Some(latch(&cloud))).await?;
        let is_up = Arc::new(AtomicBool::new(false));
        let is_dark = Arc::new(AtomicBool::new(false));
        let fed = (Arc::clone(&cloud), permit.clone());
        let now = (Arc::clone(&is_up), Arc::clone(&is_dark));
        feed_metric(&mut world, fed, checks.primary.clone(), now);
        let places = Places {
            port: world.port(),
            resolver: world.dns_address(),
            egress: emulator.endpoint(),
        };
        let site_file = site_file(&zone, &checks, &places);
        let config = Config::from_toml(&site_file, "drill.toml")
            .map_err(|error| DrillError::Config(Box::new(error)))?;
        let (world, mut site) = (Arc::new(world), Site::new(config));
        let servers = world.name_servers().map(|server| server.to_string());
        zone_servers::give(&mut site, &servers.join(","));
        let mut tasks = JoinSet::new();
        tasks.spawn(tell_verdict(Arc::clone(&world), is_up));
        Ok(Self {
            cloud,
            local,
            permit,
            proxy,
            world,
            site,
            site_file,
            zone,
            checks,
            emulator,
            is_dark,
            tasks,
        })
    }

    /// us-east-1 answers nothing from now on. Its metric stays as it was for the emulator's alarm, so that no state of it
    /// changes and no event is sent; the function reads none of it.
    pub fn darken(&self) {
        self.is_dark.store(true, Ordering::Relaxed);
        self.proxy.set_rules(vec![FaultRule {
            region: Region::detector(),
            service: None,
            fault: Fault::Hang(HANG_MAX),
        }]);
    }

    /// Tells DNS the names of the load balancers, once they are deployed.
    ///
    /// # Errors
    /// [`DrillError::BalancerName`] if a name is none.
    pub fn name_balancers(&self, outputs: &Outputs) -> Result<(), DrillError> {
        for (role, stack) in
            [(Role::Primary, StackId::WebPrimary), (Role::Standby, StackId::WebStandby)]
        {
            let name = outputs.get(stack, "LoadBalancerDnsName").unwrap_or_default();
            self.world
                .zone()
                .set_balancer_name(role, name)
                .map_err(|source| DrillError::BalancerName { name: name.to_owned(), source })?;
        }
        Ok(())
    }

    /// The region of a role.
    #[must_use]
    pub fn region(&self, role: Role) -> &Region {
        match role {
            Role::Primary => self.site.primary_region(),
            Role::Standby => self.site.standby_region(),
        }
    }

    /// Where the emulator is.
    #[must_use]
    pub fn endpoint(&self) -> String {
        self.emulator.endpoint()
    }

    /// The last lines of the emulator's log.
    #[must_use]
    pub fn emulator_log(&self, lines: usize) -> String {
        self.emulator.log(lines)
    }

    /// What still stands of the site, in words; empty if nothing is left. The zone and the checks are the stage's own.
    ///
    /// # Errors
    /// [`DrillError::Cloud`] if the emulator does not answer.
    pub async fn leftovers(&self) -> Result<Vec<String>, DrillError> {
        let mut left = Vec::new();
        for stack in &self.site.stacks {
            let (region, name) = (&stack.region, stack.name.as_str());
            for resource in self.cloud.stack_resources(region, name).await? {
                left.push(format!("{region} {name} {}", resource.logical_id));
            }
        }
        for role in [Role::Primary, Role::Standby] {
            let name = group_name(role);
            if self.cloud.group(self.region(role), &name).await?.is_some() {
                left.push(format!("{} group {name}", self.region(role)));
            }
        }
        let detector = Region::detector();
        let alarm = self.site.alarm_name();
        if self.cloud.alarm(&detector, &alarm).await?.is_some() {
            left.push(format!("{detector} alarm {alarm}"));
        }
        let site_name = format!("{HOSTNAME}.");
        let records = self.cloud.records(&self.zone).await?;
        let records = records.into_iter().filter(|record| record.name == site_name);
        left.extend(records.map(|record| format!("record {} {}", record.name, record.kind)));
        Ok(left)
    }

    /// Ends the world and the emulator with all it started.
    ///
    /// # Errors
    /// [`DrillError`] if the zone or the checks stay, or a process does not end.
    pub async fn close(mut self) -> Result<(), DrillError> {
        self.checks.delete(self.cloud.as_ref(), self.local).await?;
        self.cloud.delete_zone(self.local, &self.zone).await?;
        self.tasks.shutdown().await;
        if let Ok(world) = Arc::try_unwrap(self.world) {
            world.stop().await;
        }
        self.proxy.stop().await;
        Ok(self.emulator.stop().await?)
    }
}

/// The processor of this machine: the emulator runs the function's program as it is.
#[must_use]
pub const fn host_architecture() -> Architecture {
    if cfg!(target_arch = "aarch64") { Architecture::Arm64 } else { Architecture::X86_64 }
}

/// Route 53 reads what the controller put.
fn latch(cloud: &Arc<dyn Cloud>) -> LatchCheck {
    let (cloud, region) = (Arc::clone(cloud), region(STANDBY));
    let site = SiteName::parse(NAME).expect("the drill's name is one");
    let metric = latch::metric(&site);
    LatchCheck::start(LATCH_INTERVAL, move || {
        let (cloud, region, metric) = (Arc::clone(&cloud), region.clone(), metric.clone());
        async move {
            let since = clock::now() - LATCH_PERIOD;
            // Periods of a second, so that the newest put alone counts: here several fall into the alarm's own.
            let value = cloud.newest_value(&region, &metric, Duration::from_secs(1), since).await;
            // A read that fails is a gap, as at AWS.
            value.ok().flatten()
        }
    })
}

fn world_settings() -> WorldSettings {
    WorldSettings {
        zone: ZONE.to_owned(),
        site: Hostname::parse(HOSTNAME).expect("the drill's host name is one"),
        primary: region(PRIMARY),
        standby: region(STANDBY),
        port: None,
        health_path: HEALTH_PATH.to_owned(),
        check_interval: CHECK_INTERVAL,
        check_threshold: CHECK_THRESHOLD,
        target_interval: TARGET_INTERVAL,
        boot_delay: BOOT,
        ttl: TTL,
    }
}

/// Route 53 puts the primary's verdict. The standby's stays out: the emulator's alarms ignore dimensions.
///
/// Nothing is put before the primary is up: at AWS the check is made after the servers.
fn feed_metric(
    world: &mut World,
    (cloud, permit): (Arc<dyn Cloud>, Permit),
    check_id: String,
    (is_up, is_dark): (Arc<AtomicBool>, Arc<AtomicBool>),
) {
    let region = Region::detector();
    world.check_mut(Role::Primary).feed(METRIC_INTERVAL, move |healthy| {
        let (cloud, permit) = (Arc::clone(&cloud), permit.clone());
        let (region, check_id) = (region.clone(), check_id.clone());
        let is_up = is_up.load(Ordering::Relaxed);
        let healthy = healthy || is_dark.load(Ordering::Relaxed);
        async move {
            if !is_up {
                return;
            }
            let metric = Metric {
                namespace: "AWS/Route53".to_owned(),
                name: "HealthCheckStatus".to_owned(),
                dimensions: vec![("HealthCheckId".to_owned(), check_id)],
            };
            // A put that fails is a gap in the metric, which is what a failed put at AWS is too.
            cloud.put_metric(&permit, &region, &metric, if healthy { 1.0 } else { 0.0 }).await.ok();
        }
    });
}

/// Carries the check's verdict to its own name, for ever: the check's alone, never the gate's. It begins, as the metric does,
/// once the primary serves: a new check counts as healthy until it has looked, and here it looks before there is a server.
async fn tell_verdict(world: Arc<World>, is_up: Arc<AtomicBool>) {
    let mut fleet = world.fleet(Role::Primary).watch();
    let mut check = world.check(Role::Primary).verdict().watch();
    let served = fleet.wait_for(|now| now.healthy > 0).await.is_ok();
    sleep(CHECK_INTERVAL * CHECK_THRESHOLD).await;
    let agreed = check.wait_for(|now| *now == Health::Healthy).await.is_ok();
    is_up.store(served && agreed, Ordering::Relaxed);
    loop {
        world.zone().set_verdict(*check.borrow_and_update());
        if check.changed().await.is_err() {
            return;
        }
    }
}

/// What the site file names of this machine.
struct Places {
    /// The site's port.
    port: u16,
    /// The DNS server.
    resolver: SocketAddr,
    /// What the function asks to see that it reaches the outside: past the proxy, so that no fault of a region hides it.
    egress: String,
}

/// The site file of the drill: an ordinary one, with a short clock.
fn site_file(zone: &HostedZoneId, checks: &Checks, places: &Places) -> String {
    let failover = BTreeMap::from([
        ("floor", "0".to_owned()),
        ("failover_min", "1".to_owned()),
        ("capacity_max", "4".to_owned()),
        ("peak_hint", SERVERS.to_string()),
        ("hold_down", format!("\"{}s\"", HOLD_DOWN.as_secs())),
        ("tick", format!("\"{}s\"", TICK.as_secs())),
        ("drain_ticks", DRAIN_TICKS.to_string()),
    ]);
    let failover: Vec<String> =
        failover.iter().map(|(key, value)| format!("{key} = {value}")).collect();
    format!(
        r#"name = "{NAME}"
hostname = "{HOSTNAME}"
hosted_zone_id = "{zone}"

[regions]
primary = "{PRIMARY}"
standby = "{STANDBY}"

[web]
# The emulator knows this image's parameter; its servers are the drill's own.
image = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
instance_type = "t3.micro"
listener_port = {port}
primary_min = {PRIMARY_MIN}
primary_max = 4

[health]
path = "{HEALTH_PATH}"
interval = "10s"
threshold = {CHECK_THRESHOLD}
alarm_period = "{period}s"
primary_check_id = "{primary}"
standby_check_id = "{standby}"
gate_check_id = "{gate}"

[controller]
architecture = "{architecture}"
resolver = "{resolver}"
egress_url = "{egress}"

[failover]
{failover}
"#,
        architecture = host_architecture().as_str(),
        period = ALARM_PERIOD.as_secs(),
        primary = checks.primary,
        standby = checks.standby,
        gate = checks.gate,
        port = places.port,
        resolver = places.resolver,
        egress = places.egress,
        failover = failover.join("\n"),
    )
}
