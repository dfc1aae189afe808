//! Waits until everything is as before, and only then lets go of the file.

use std::path::Path;
use std::time::Duration;

use failover_core::observation::AlarmState;
use failover_core::policy::Floor;
use tokio::time::{Instant, sleep};

use cloud::{Cloud, CloudError};
use machine::clock;
use operate::steer::SignIn;
use site::model::{Site, StackId};

use super::{Left, Restore, standing};
use crate::error::LevelError;

/// BOUND: beside twice the hold-down, which a second failback of a day takes: growing the primary, draining, the steps down.
const BESIDE: Duration = Duration::from_hours(1);
/// How often it is looked. An emulator's tick is two seconds.
const LOOK_EVERY: Duration = Duration::from_secs(15);
const LOOK_EVERY_LOCAL: Duration = Duration::from_secs(1);
/// BOUND: what cannot be read now may be readable in a minute; ten minutes of silence are told.
const SILENT_MAX: usize = 40;

/// BOUND: what an inverted check told is on its way for as long: the last datapoint, the periods that the alarm looks at, and the
/// controller's next decision.
const SETTLES_PERIODS: u32 = 3;
const SETTLES_TICKS: u32 = 2;

/// How long a drill's failback may take, and how long the credentials of a live drill must last at least.
#[must_use]
pub fn longest(site: &Site) -> Duration {
    site.config.policy.hold_down() * 2 + BESIDE
}

/// How the waiting ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Everything is as before, and the file is gone.
    Restored,
    /// This is not, and the file stays.
    Left(Vec<String>),
}

/// What is told while the controller is followed.
#[derive(Clone, Copy, Debug)]
pub enum Heard<'a> {
    /// What is not as before, whenever that changes.
    Left(&'a [Left]),
    /// The sign-in is lost, still lost, or back.
    SignIn(&'a str),
}

/// Follows the controller until everything is as it was.
///
/// # Errors
/// [`LevelError`] if the site cannot be read for many looks in a row, or the file cannot be deleted.
pub async fn finish(
    cloud: &dyn Cloud,
    site: &Site,
    restore: &Restore,
    path: &Path,
    mut tell: impl FnMut(Heard<'_>),
) -> Result<Ended, LevelError> {
    let policy = &site.config.policy;
    let follows = policy.floor() == Floor::Match;
    let pause = if cloud.is_local() { LOOK_EVERY_LOCAL } else { LOOK_EVERY };
    let begun = Instant::now();
    let until = begun + longest(site);
    let period = site.config.health.alarm_period;
    let settled = begun + period * SETTLES_PERIODS + policy.tick() * SETTLES_TICKS;
    let (mut told, mut silent, mut sign_in) = (Vec::new(), 0, SignIn::default());
    loop {
        let read = async {
            let mut left = standing(cloud, restore, follows).await?;
            if left.is_empty() {
                left.extend(unsettled(cloud, site, restore, settled).await?);
            }
            Ok::<_, CloudError>(left)
        };
        let left = match read.await {
            Ok(left) => left,
            // A sign-in can come back; nothing else is silent for as long and speaks again.
            Err(error) if error.is_credentials() && Instant::now() < until => {
                if let Some(words) = sign_in.lost(&error, clock::now()) {
                    tell(Heard::SignIn(&words));
                }
                sleep(pause).await;
                continue;
            }
            Err(error) if error.is_credentials() || silent >= SILENT_MAX => {
                return Err(error.into());
            }
            Err(_) => {
                silent += 1;
                sleep(pause).await;
                continue;
            }
        };
        silent = 0;
        if let Some(words) = sign_in.back() {
            tell(Heard::SignIn(words));
        }
        if left.is_empty() {
            Restore::delete(path)?;
            return Ok(Ended::Restored);
        }
        if left != told {
            tell(Heard::Left(&left));
            told.clone_from(&left);
        }
        // What the controller does not mend does not mend by waiting.
        let hopeless = left.iter().all(|left| !left.by_controller);
        if hopeless || Instant::now() >= until {
            return Ok(Ended::Left(left.into_iter().map(|left| left.what).collect()));
        }
        sleep(pause).await;
    }
}

/// Whether the controller may still raise on a check that was inverted until a moment ago.
async fn unsettled(
    cloud: &dyn Cloud,
    site: &Site,
    restore: &Restore,
    settled: Instant,
) -> Result<Option<Left>, CloudError> {
    let Some(before) = &restore.check else { return Ok(None) };
    let check = cloud.check(&before.id).await?;
    if check.is_some_and(|check| check.version == before.version) {
        return Ok(None);
    }
    let detector = &site.stack(StackId::Detector).region;
    let alarm = cloud.alarm(detector, &site.alarm_name()).await?;
    let is_quiet = alarm.is_some_and(|alarm| alarm.state == AlarmState::Ok);
    let what = "the alarm may still go off on what the inverted check told".to_owned();
    let is_settled = is_quiet && Instant::now() >= settled;
    Ok((!is_settled).then_some(Left { what, by_controller: true }))
}
