//! One drill from its steady state to the last thing put back.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use failover_core::observation::Verdict;
use tokio::time::sleep;

use cloud::Cloud;
use cloud::guard::{Consent, Refusal};
use machine::clock;
use operate::status::{Reader, Status};
use operate::steer::SignIn;
use site::model::{Role, Site, StackId};

use super::watch::Watch;
use super::{
    Facts, Foretold, Level, LevelError, RECOVERY_WITHIN, SERVE, SERVE_LOCAL, drill_name, ready,
    refusal,
};
use crate::journal::{Condition, Journal, Lane, Milestone, Precondition, Prediction};
use crate::prober::{NameServer, Prober, ProberSettings, VerdictWatch, authorities, name_servers};
use crate::restore::watchdog::Program;
use crate::restore::{self, CheckBefore, Made, Restore};
use crate::tally::Failed;
use crate::timeline::{Event, Teller, Timeline};

/// Distance of two requests of a prober's client.
const ASK_EVERY: Duration = Duration::from_secs(1);
const ASK_EVERY_LOCAL: Duration = Duration::from_millis(200);
/// Distance of two looks at the site. The controller decides once a minute; an emulator's tick is two seconds.
const LOOK_EVERY: Duration = Duration::from_secs(5);
const LOOK_EVERY_LOCAL: Duration = Duration::from_millis(500);
/// BOUND: six clients need some seconds to agree; a site that is well shows it at once.
const STEADY_WITHIN: Duration = Duration::from_mins(1);
/// So many answers in a row of every client make a state.
pub(super) const IN_A_ROW: usize = 5;

/// What is asked of a drill beside its level.
#[derive(Clone, Debug)]
pub struct Settings {
    /// That it is this site, and that somebody said yes.
    pub consent: Consent,
    /// Where the restore file goes.
    pub path: PathBuf,
    /// How soon the standby has to serve.
    pub target: Duration,
    /// How the process is started that puts back what a killed drill has changed.
    pub watchdog: Program,
    /// Who drills.
    pub by: String,
    /// How long each part of the recovery was expected to take.
    pub predictions: Vec<Prediction>,
}

/// A step that did not happen in time, or went wrong.
#[derive(Debug)]
pub(super) struct Missed(pub(super) String);

impl From<LevelError> for Missed {
    fn from(error: LevelError) -> Self {
        let causes =
            std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
        Self(causes.map(ToString::to_string).collect::<Vec<_>>().join(": "))
    }
}

impl From<cloud::CloudError> for Missed {
    fn from(error: cloud::CloudError) -> Self {
        LevelError::from(error).into()
    }
}

/// A drill that is ready to begin.
pub struct Run<'a> {
    pub(super) cloud: &'a dyn Cloud,
    pub(super) site: &'a Site,
    pub(super) level: Level,
    pub(super) facts: &'a Facts,
    pub(super) target: u16,
    pub(super) preconditions: Vec<Precondition>,
    pub(super) settings: Settings,
    pub(super) timeline: Timeline,
    pub(super) watch: Watch,
    pub(super) restore: Restore,
    pub(super) reader: Reader<'a>,
    pub(super) servers: Vec<NameServer>,
    /// Asks the zone for Route 53's verdict, all the time.
    pub(super) verdict: VerdictWatch,
    /// Turns of it that the timeline has.
    pub(super) verdicts: usize,
    /// Asks for the site's own name, all the time.
    pub(super) users: Prober,
    /// Asks for another name, while a level needs it: the standby's own, the drill's, or the primary's own.
    pub(super) other: Option<Prober>,
    /// Whether the drill raised the standby itself.
    pub(super) raised: bool,
    /// Somebody else changed the check first, so that nothing was changed by this drill.
    pub(super) overtaken: Option<Refusal>,
    pub(super) sign_in: SignIn,
    pub(super) returned: Option<Instant>,
}

impl std::fmt::Debug for Run<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run").field("restore", &self.restore).finish_non_exhaustive()
    }
}

/// What will happen, step by step, told before anybody says yes.
#[must_use]
pub fn plan(level: Level, site: &Site, foretold: &Foretold) -> Vec<String> {
    let (target, standby) = (foretold.target, site.standby_region());
    let raised = format!(
        "the standby group in {standby} is recorded as raised and grows to {target}; the controller lowers it by its own rules, \
         after {} ticks at least",
        site.config.policy.drain_ticks()
    );
    let mut will = match level {
        Level::Local => Vec::new(),
        Level::Shadow => vec![
            raised,
            "pages are requested by its load balancer's own name; DNS is not changed".to_owned(),
        ],
        Level::Dns => vec![
            raised,
            format!("two health checks and two records are created for {}, and deleted", drill_name(site)),
            "the drill's own check is inverted and put back; the site's checks and records are not changed"
                .to_owned(),
        ],
        Level::Live => vec![
            format!(
                "the primary's health check is inverted: DNS moves the users of {} to the standby",
                site.config.failover_name()
            ),
            format!("the controller raises the standby group in {standby} to {target} by itself"),
            "the check is put back once the standby has served for a while, and the controller moves the users back after the \
             hold-down"
                .to_owned(),
        ],
    };
    will.push(format!(
        "by the shipped rules the controller will decide: {}",
        foretold.rules.join(", ")
    ));
    if foretold.approval {
        will.push("the failback waits until somebody runs `cargo xtask approve`".to_owned());
    }
    will.push(
        "it counts as one of the failbacks of a day: the next hold-down is twice as long"
            .to_owned(),
    );
    will
}

impl<'a> Run<'a> {
    /// Refuses unless every precondition is met. Nothing is changed.
    ///
    /// # Errors
    /// [`LevelError::Refused`] with what is not met.
    pub async fn new(
        cloud: &'a dyn Cloud,
        site: &'a Site,
        level: Level,
        facts: &'a Facts,
        foretold: &Result<Foretold, String>,
        settings: Settings,
        teller: Teller,
    ) -> Result<Self, LevelError> {
        assert!(settings.consent.is_for(site), "a consent is for one site");
        let preconditions = ready(level, site, facts, foretold);
        if let Some(refusal) = refusal(level, &preconditions) {
            return Err(refusal.into());
        }
        let target = foretold.as_ref().map_or(0, |foretold| foretold.target);
        let timeline = Timeline::start(teller);
        let restore = restore_of(site, level, facts, &settings.by, &timeline);
        let servers = name_servers(site).await;
        let users = prober(cloud, site, facts, &servers, site.config.failover_name().as_str());
        let hostname = site.config.failover_name().as_str();
        let verdict = VerdictWatch::start(authorities(site).await, hostname, ask_every(cloud));
        let reader = Reader::open(cloud, site).await?;
        Ok(Self {
            cloud,
            site,
            level,
            facts,
            target,
            preconditions,
            settings,
            timeline,
            watch: Watch::default(),
            restore,
            reader,
            servers,
            verdict,
            verdicts: 0,
            users,
            other: None,
            raised: false,
            overtaken: None,
            sign_in: SignIn::default(),
            returned: None,
        })
    }

    /// Plays the drill and puts everything back. Dropped in the middle, [`restore::undo`] does the rest.
    ///
    /// # Errors
    /// [`LevelError`] if nothing was changed because the site is not steady or the restore file cannot be written, or if what was
    /// changed could not be put back.
    pub async fn play(mut self) -> Result<Journal, LevelError> {
        self.steady().await?;
        self.restore.write(&self.settings.path)?;
        self.timeline.doing(format!("restore file written: {}", self.settings.path.display()));
        // Held until the end: dropped with this drill, it puts back what is left.
        let _watchdog = self.watched().await?;
        let told = match self.level {
            Level::Local | Level::Shadow => self.shadow().await,
            Level::Dns => self.dns().await,
            Level::Live => self.live().await,
        };
        if let Some(refusal) = self.overtaken.take() {
            Restore::delete(&self.settings.path)?;
            return Err(refusal.into());
        }
        let mut missed: Vec<String> = told.err().into_iter().map(|Missed(what)| what).collect();
        let restored = self.undo().await?;
        let left = self.back().await?;
        self.judge(&mut missed);
        self.publish().await;
        Ok(self.journal(missed, restored, left).await)
    }

    /// Every client gets pages from the primary before anything is touched.
    async fn steady(&mut self) -> Result<(), LevelError> {
        self.timeline.doing("requesting pages as users do, before anything is changed");
        let begun = Instant::now();
        while !self.users.agree(IN_A_ROW, begun, |one| one.outcome == Ok(Role::Primary)) {
            if begun.elapsed() > STEADY_WITHIN {
                let seen = self.users.seen();
                let bad = seen.iter().rev().find(|one| one.outcome != Ok(Role::Primary));
                let bad = bad.map_or_else(
                    || "no client got an answer".to_owned(),
                    |one| format!("{}: {}", one.client, outcome(one.outcome)),
                );
                return Err(Refusal {
                    why: format!("the site does not serve steadily from its primary: {bad}"),
                    hint: "nothing was changed; check the site with `cargo xtask status`"
                        .to_owned(),
                }
                .into());
            }
            sleep(self.look_every()).await;
        }
        let status = self.reader.look(clock::now()).await;
        self.watch.look(&mut self.timeline, status);
        self.timeline.act(Event::new(
            Lane::Clients,
            Condition::Good,
            "every client gets pages from the primary",
        ));
        self.tell_verdict();
        let has_verdict = self.facts.outputs.get(StackId::Detector, "VerdictName").is_some();
        if has_verdict && self.verdicts == 0 {
            let what =
                "the zone's name servers do not answer the verdict: a failover waits for the alarm";
            self.timeline.mark(Instant::now(), Event::new(Lane::Checkers, Condition::Bad, what));
        }
        Ok(())
    }

    /// Waits until the site is as wanted, and notes what changes meanwhile. `stop` says why the drill must end here.
    pub(super) async fn until(
        &mut self,
        what: &str,
        is: impl Fn(&Self, &Status) -> bool,
        stop: impl Fn(&Self, &Status) -> Option<String>,
    ) -> Result<Instant, Missed> {
        let begun = Instant::now();
        loop {
            let status = self.reader.look(clock::now()).await;
            self.watch.look(&mut self.timeline, status.clone());
            self.tell_verdict();
            self.tell_sign_in(&status).await;
            if is(self, &status) {
                return Ok(Instant::now());
            }
            if let Some(why) = stop(self, &status) {
                return Err(Missed(format!("stopped while waiting until {what}: {why}")));
            }
            if begun.elapsed() > RECOVERY_WITHIN {
                let minutes = RECOVERY_WITHIN.as_secs() / 60;
                return Err(Missed(format!("not within {minutes} minutes: {what}")));
            }
            sleep(self.look_every()).await;
        }
    }

    /// Notes how Route 53's verdict is, and when it turns. What it is at first is no turn.
    pub(super) fn tell_verdict(&mut self) {
        let turns = self.verdict.turns();
        for (turn, &(at, verdict)) in turns.iter().enumerate().skip(self.verdicts) {
            let (condition, red) = match verdict {
                Verdict::Healthy => (Condition::Good, None),
                Verdict::Unhealthy => (Condition::Bad, Some(Milestone::Red).filter(|_| turn > 0)),
            };
            let what = format!("the zone's name servers answer: {}", verdict.word());
            self.timeline.mark(at, Event::new(Lane::Checkers, condition, what).at(red));
        }
        self.verdicts = turns.len();
    }

    /// The users lose their pages: no drill is worth that.
    pub(super) fn users_lost(&self, since: Instant) -> Option<String> {
        self.users.lost(since).then(|| "the users get no pages".to_owned())
    }

    pub(super) fn look_every(&self) -> Duration {
        if self.cloud.is_local() { LOOK_EVERY_LOCAL } else { LOOK_EVERY }
    }

    /// How long the standby serves before the failback begins.
    pub(super) fn serve(&self) -> Duration {
        if self.cloud.is_local() { SERVE_LOCAL } else { SERVE }
    }

    /// Clients for another name than the site's.
    pub(super) fn ask(&mut self, name: &str) {
        self.other = Some(prober(self.cloud, self.site, self.facts, &self.servers, name));
    }

    /// The own name of a region's load balancer.
    pub(super) fn balancer(&self, role: Role) -> String {
        balancer(self.facts, role)
    }
}

fn outcome(outcome: Result<Role, Failed>) -> String {
    match outcome {
        Ok(role) => format!("a page of the {role}"),
        Err(reason) => format!("no page ({reason})"),
    }
}

fn balancer(facts: &Facts, role: Role) -> String {
    let stack = match role {
        Role::Primary => StackId::WebPrimary,
        Role::Standby => StackId::WebStandby,
    };
    facts.outputs.get(stack, "LoadBalancerDnsName").unwrap_or_default().to_owned()
}

fn prober(
    cloud: &dyn Cloud,
    site: &Site,
    facts: &Facts,
    servers: &[NameServer],
    name: &str,
) -> Prober {
    let names = Role::ALL.map(|role| (role, balancer(facts, role)));
    Prober::start(&ProberSettings {
        url: format!("{}{}", site.config.failover_url(), site.config.health.path),
        name: name.to_owned(),
        balancers: BTreeMap::from(names),
        servers: servers.to_vec(),
        every: ask_every(cloud),
    })
}

fn ask_every(cloud: &dyn Cloud) -> Duration {
    if cloud.is_local() { ASK_EVERY_LOCAL } else { ASK_EVERY }
}

fn restore_of(site: &Site, level: Level, facts: &Facts, by: &str, timeline: &Timeline) -> Restore {
    let mark = format!("{}{}", restore::mark(site), timeline.started_at().as_millisecond());
    Restore {
        schema: restore::SCHEMA,
        site: site.config.name.to_string(),
        account: facts.account.clone(),
        level,
        started_at: timeline.started_at(),
        by: by.to_owned(),
        check: facts.primary_check.as_ref().filter(|_| level == Level::Live).map(|check| {
            CheckBefore {
                id: check.id.clone(),
                inverted: check.inverted,
                version: check.version,
                turned: None,
            }
        }),
        made: (level == Level::Dns).then(|| Made {
            zone: site.config.hosted_zone_id.clone(),
            name: drill_name(site),
            tokens: vec![format!("{mark}-primary"), format!("{mark}-standby")],
            mark,
        }),
        standby: facts.standby.clone(),
        primary: facts.primary.clone(),
    }
}
