//! Reads a site: the stacks once, everything else at each look.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use failover_core::decision::Latch;
use failover_core::observation::{AlarmState, Answer};
use failover_core::policy::Routing;
use failover_core::record::{Ownership, Record, Sizes};
use failover_core::time::after;
use failover_core::{DecisionRecord, Timestamp};
use tokio::time::timeout;

use cloud::views::{Views, no_answer};
use cloud::{Cloud, CloudError, GroupView, guard};
use provision::needs::{self, Needs, Stacks};
use site::model::{Site, StackId};
use site::names::Region;

use super::course::Course;
use super::{
    Alarm, Check, Gate, Group, Lack, Phase, Reading, Serving, Side, StackReading, Status, answer,
    held, spent,
};

// BOUND: the tick decides each minute; an hour of silence is told as such.
const LOOK_BACK_SECONDS: i64 = 3600;
/// BOUND: the SDK waits half a minute for a region that is dark; somebody who looks in an outage does not.
pub const READ_MAX: Duration = Duration::from_secs(8);

/// Reads one site again and again.
pub struct Reader<'a> {
    cloud: &'a dyn Cloud,
    site: &'a Site,
    stacks: Vec<StackReading>,
    read: Stacks,
}

impl fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("stacks", &self.stacks).finish_non_exhaustive()
    }
}

/// A group's side and the record in its tags.
struct SideRead {
    side: Side,
    record: Reading<Record>,
}

impl<'a> Reader<'a> {
    /// Reads the stacks; what is read later is found by what they answer, or by its fixed name if they cannot be read.
    ///
    /// # Errors
    /// [`CloudError::Credentials`] alone: without them nothing at all can be told.
    pub async fn open(cloud: &'a dyn Cloud, site: &'a Site) -> Result<Self, CloudError> {
        let views = Views::read(cloud, site, Some(READ_MAX)).await;
        Self::of(cloud, site, &views)
    }

    /// The same for stacks that were read already.
    ///
    /// # Errors
    /// [`CloudError::Credentials`] alone.
    pub fn of(cloud: &'a dyn Cloud, site: &'a Site, views: &Views) -> Result<Self, CloudError> {
        let (mut stacks, mut read) = (Vec::new(), Stacks::default());
        for (stack, (id, view)) in site.stacks.iter().chain(&site.off).zip(views.each()) {
            assert_eq!(stack.id, id, "the views are of this site");
            read.note(id, view.map_err(Clone::clone));
            let status = match view {
                Err(error) if error.is_credentials() => return Err(error.clone()),
                Err(error) => Reading::Unknown(error.to_string()),
                Ok(None) => Reading::Absent,
                Ok(Some(view)) => Reading::Known(view.status.to_string()),
            };
            let wanted = site.has(id);
            // One that nobody asks for is worth a line only if it is known to stand.
            if wanted || status.known().is_some() {
                stacks.push(StackReading {
                    stack: id,
                    region: stack.region.clone(),
                    status,
                    wanted,
                });
            }
        }
        Ok(Self { cloud, site, stacks, read })
    }

    /// The site that is read.
    #[must_use]
    pub const fn site(&self) -> &'a Site {
        self.site
    }

    /// Where the far end is.
    #[must_use]
    pub const fn cloud(&self) -> &'a dyn Cloud {
        self.cloud
    }

    /// Reads what a failover needs. Apart from a look, because Route 53 takes five calls a second from an account, and a look may
    /// be repeated every few seconds.
    pub async fn needs(&self) -> Needs {
        needs::of_stacks(self.cloud, self.site, self.read.clone()).await
    }

    /// Reads how the site is now.
    pub async fn look(&self, now: Timestamp) -> Status {
        let (site, config) = (self.site, &self.site.config);
        let (alarm, shown, check, primary, standby, lines, own) = futures::join!(
            self.alarm(),
            self.shown_latch(),
            self.check(),
            self.side(site.primary_region(), StackId::WebPrimary, "primary"),
            self.side(site.standby_region(), StackId::WebStandby, "standby"),
            self.course(now),
            self.answer(),
        );
        let SideRead { side: mut primary, .. } = primary;
        let SideRead { side: mut standby, record } = standby;
        let course = lines.known();
        let newest = course.and_then(|course| course.newest.as_ref());
        let ownership = record.known().map(Record::ownership);
        let group = standby.group.known();
        let target = held::target(&record, &config.policy);
        standby.lacks = match (ownership, group) {
            (Some(Ownership::Idle), Some(group)) => {
                self.lack(StackId::WebStandby, group.sizes, target.known().copied())
            }
            _ => None,
        };
        standby.dormant = ownership == Some(Ownership::Idle)
            && standby.lacks.is_none()
            && group.is_some_and(|group| group.sizes.desired == 0 && group.in_service == 0);
        let sizes = primary.group.known().map(|group| group.sizes);
        primary.lacks = sizes.and_then(|sizes| self.lack(StackId::WebPrimary, sizes, None));
        let decided = course.map(|course| course.decided.clone()).unwrap_or_default();
        let phase = Phase::of(ownership, group, decided.last());
        let spent = match (ownership, group) {
            (Some(Ownership::Ours(raised)), Some(group)) => {
                Some(spent::spent(site, &raised, group.sizes.desired, now))
            }
            _ => None,
        };
        let decision = match (&lines, decided.last()) {
            (Reading::Known(_), Some(last)) => Reading::Known(last.clone()),
            (Reading::Unknown(why), _) => Reading::Unknown(why.clone()),
            (Reading::Known(_) | Reading::Absent, _) => Reading::Absent,
        };
        Status {
            site: config.name.to_string(),
            hostname: config.hostname.to_string(),
            failover_name: config.failover_name().to_string(),
            at: now,
            serving: self.serving(own, newest),
            phase,
            raised: held::raised(&record),
            target,
            order: record.known().and_then(held::order),
            mode: held::mode(&record),
            hold_down_left_seconds: newest.and_then(|record| held::hold_down(record, now)),
            latch: self.latch(&record, shown),
            alarm,
            check,
            primary,
            standby,
            findings: held::findings(&record),
            spent,
            decision,
            course: decided,
            needs: None,
            stacks: self.stacks.clone(),
        }
    }

    fn is_absent(&self, id: StackId) -> bool {
        let stack = self.stacks.iter().find(|stack| stack.stack == id);
        stack.is_some_and(|stack| stack.status == Reading::Absent)
    }

    async fn alarm(&self) -> Reading<Alarm> {
        let region = &self.site.stack(StackId::Detector).region;
        let name = self.site.alarm_name();
        let alarm = bounded(self.cloud.alarm(region, &name)).await;
        alarm.map(|alarm| Alarm { state: alarm.state, since: alarm.since })
    }

    async fn shown_latch(&self) -> Reading<Latch> {
        if !self.site.config.policy.latch() {
            return Reading::Absent;
        }
        let name = latch_alarm(self.site);
        let alarm = bounded(self.cloud.alarm(self.site.standby_region(), &name)).await;
        match alarm.map(|alarm| alarm.state) {
            Reading::Known(AlarmState::Alarm) => Reading::Known(Latch::Closed),
            Reading::Known(AlarmState::Ok) => Reading::Known(Latch::Open),
            Reading::Known(AlarmState::Insufficient) => {
                Reading::Unknown("its alarm has no data".to_owned())
            }
            Reading::Absent => Reading::Absent,
            Reading::Unknown(why) => Reading::Unknown(why),
        }
    }

    async fn check(&self) -> Reading<Check> {
        let Some(id) = self.read.outputs.get(StackId::Detector, "PrimaryCheckId") else {
            return self.without(StackId::Detector);
        };
        bounded(self.cloud.check_status(id)).await
    }

    /// What a missing output means: a stack that cannot be read is not a stack that is not there.
    fn without<T>(&self, id: StackId) -> Reading<T> {
        let stack = self.stacks.iter().find(|stack| stack.stack == id);
        match stack.map(|stack| &stack.status) {
            Some(Reading::Unknown(why)) => Reading::Unknown(why.clone()),
            Some(Reading::Known(_) | Reading::Absent) | None => Reading::Absent,
        }
    }

    async fn side(&self, region: &Region, web: StackId, role: &str) -> SideRead {
        let side = |group| Side { region: region.clone(), dormant: false, lacks: None, group };
        if self.is_absent(web) {
            return SideRead { side: side(Reading::Absent), record: Reading::Absent };
        }
        // The name is fixed, so the group is found even while its stack cannot be read.
        let fixed = self.site.group_name(role);
        let name = self.read.outputs.get(web, "GroupName").unwrap_or(&fixed);
        let view = bounded(self.cloud.group(region, name)).await;
        let healthy = match view.known() {
            Some(view) => self.healthy(region, web, view).await,
            None => Reading::Absent,
        };
        let record = view.clone().map(|view| guard::record(&view));
        let group = view.map(|view| Group {
            sizes: view.sizes,
            in_service: view.in_service(),
            healthy,
            suspended: view.suspended,
        });
        SideRead { side: side(group), record }
    }

    /// What a group has less of than the site file asks for, or than a raise would.
    fn lack(&self, web: StackId, live: Sizes, target: Option<u16>) -> Option<Lack> {
        let (floor, _) = asked_for(self.site, web)?;
        let needed = target.unwrap_or_default().max(floor);
        if live.max < needed {
            return Some(Lack::Maximum { needed });
        }
        (live.desired < floor).then_some(Lack::Floor { floor })
    }

    async fn healthy(&self, region: &Region, web: StackId, view: &GroupView) -> Reading<usize> {
        let own = view.target_groups.first().map(String::as_str);
        let Some(arn) = self.read.outputs.get(web, "TargetGroupArn").or(own) else {
            return self.without(web);
        };
        let health = async { self.cloud.target_health(region, arn).await.map(Some) };
        bounded(health).await.map(|health| health.healthy())
    }

    async fn course(&self, now: Timestamp) -> Reading<Course> {
        if self.is_absent(StackId::Controller) {
            return Reading::Absent;
        }
        let fixed = log_group(self.site);
        let group = self.read.outputs.get(StackId::Controller, "LogGroupName").unwrap_or(&fixed);
        let since = after(now, -LOOK_BACK_SECONDS);
        let region = self.site.standby_region();
        let lines = async { self.cloud.log_lines(region, group, since).await.map(Some) };
        bounded(lines).await.map(|lines| Course::of(&lines))
    }

    /// Whom this machine's resolver names.
    async fn answer(&self) -> Result<Answer, String> {
        let name = |web| self.read.outputs.get(web, "LoadBalancerDnsName");
        let site = self.site.config.failover_name().as_str();
        let (primary, standby) = (name(StackId::WebPrimary), name(StackId::WebStandby));
        let answer = answer::ask(self.cloud, site, primary, standby).await;
        answer.map_err(|error| error.to_string())
    }

    /// What we see ourselves, else what the controller saw.
    fn serving(
        &self,
        own: Result<Answer, String>,
        newest: Option<&DecisionRecord>,
    ) -> Reading<Serving> {
        let both = self.site.config.policy.routing() == Routing::ActiveActive;
        let theirs =
            newest.and_then(|record| Some((*record.observation.answer.known()?, record.at)));
        match (own, theirs) {
            (Ok(answer), _) => Reading::Known(Serving { answer, both, seen_by_controller: None }),
            (Err(_), Some((answer, at))) => {
                Reading::Known(Serving { answer, both, seen_by_controller: Some(at) })
            }
            (Err(_), None) if self.is_absent(StackId::Detector) => Reading::Absent,
            (Err(why), None) => Reading::Unknown(why),
        }
    }

    fn latch(&self, record: &Reading<Record>, shown: Reading<Latch>) -> Reading<Gate> {
        if !self.site.config.policy.latch() {
            return Reading::Absent;
        }
        held::gate(record, shown)
    }
}

/// Name of the controller's log group. Source: `controller.yaml`.
fn log_group(site: &Site) -> String {
    format!("/aws/lambda/{}-controller", site.config.name)
}

/// Name of the latch's alarm, in the standby region. Source: `controller.yaml`.
fn latch_alarm(site: &Site) -> String {
    format!("{}-latch", site.config.name)
}

/// The sizes that the site file gives a web stack.
pub(super) fn asked_for(site: &Site, web: StackId) -> Option<(u16, u16)> {
    let stack = site.stack(web);
    let number = |wanted: &str| {
        let found = stack.parameters.iter().find(|(name, _)| name.as_str() == wanted);
        found.and_then(|(_, source)| source.to_string().parse().ok())
    };
    Some((number("MinSize")?, number("MaxSize")?))
}

pub(super) async fn bounded<T>(
    reading: impl Future<Output = Result<Option<T>, CloudError>>,
) -> Reading<T> {
    timeout(READ_MAX, reading)
        .await
        .map_or_else(|_| Reading::Unknown(no_answer(READ_MAX)), Reading::of)
}
