//! How a drill ends: what it changed is put back, whatever happens to it, and the controller is followed until everything is as
//! before.

use std::time::Instant;

use tokio::time::sleep;

use machine::clock;
use operate::status::Status;
use provision::progress::Pace;

use super::LevelError;
use super::run::Run;
use crate::journal::{Condition, Lane, Milestone};
use crate::restore::watchdog::{self, Watchdog};
use crate::restore::{self, Ended, Restore};
use crate::timeline::Event;

impl Run<'_> {
    /// Starts the watchdog where something is to be put back that the controller does not put back by itself.
    pub(super) async fn watched(&mut self) -> Result<Option<Watchdog>, LevelError> {
        if self.restore.check.is_none() && self.restore.made.is_none() {
            return Ok(None);
        }
        let path = &self.settings.path;
        match Watchdog::start(&self.settings.watchdog, path).await {
            Ok(watchdog) => {
                let (process, log) = (watchdog.process, watchdog::log(path));
                self.timeline.doing(format!(
                    "process {process} watches over this drill and puts its changes back if it dies: {}",
                    log.display()
                ));
                Ok(Some(watchdog))
            }
            Err(error) => {
                Restore::delete(path)?;
                Err(error.into())
            }
        }
    }

    /// Tells of a lost sign-in at once: everything else would only look silent.
    pub(super) async fn tell_sign_in(&mut self, seen: &Status) {
        let Some(mut words) = self.sign_in.after(self.cloud, self.site, seen).await else { return };
        if let Some(command) = self.restore.by_hand() {
            words = format!(
                "{words}. If the primary's health check is still inverted then: `cargo xtask drill restore`, or `{command}`"
            );
        }
        self.timeline.mark(Instant::now(), Event::new(Lane::Controller, Condition::Bad, words));
    }

    /// Undoes what the drill itself changed, and tries again while that fails.
    pub(super) async fn undo(&mut self) -> Result<Vec<String>, LevelError> {
        let tell = |words| self.timeline.doing(words);
        let (path, pace) = (&self.settings.path, Pace::of(self.cloud));
        let done = restore::insist(
            self.cloud,
            self.settings.consent.permit(),
            &self.restore,
            path,
            pace,
            tell,
        )
        .await?;
        for line in &done {
            self.timeline
                .mark(Instant::now(), Event::new(Lane::Checkers, Condition::Same, line.clone()));
        }
        Ok(done)
    }

    /// Follows the controller until everything is as before. Answers what is not.
    pub(super) async fn back(&mut self) -> Result<Vec<String>, LevelError> {
        let begun = self.timeline.act(
            Event::new(
                Lane::Controller,
                Condition::Busy,
                "the failback begins: the controller lowers the standby by its own rules",
            )
            .at(Milestone::Returned),
        );
        self.returned = Some(begun);
        let (cloud, site) = (self.cloud, self.site);
        let (restore, path) = (self.restore.clone(), self.settings.path.clone());
        let ending = restore::finish(cloud, site, &restore, &path, |_| ());
        tokio::pin!(ending);
        let ended = loop {
            tokio::select! {
                ended = &mut ending => break ended?,
                () = sleep(self.look_every()) => {
                    let status = self.reader.look(clock::now()).await;
                    self.watch.look(&mut self.timeline, status.clone());
                    self.tell_verdict();
                    self.tell_sign_in(&status).await;
                }
            }
        };
        match ended {
            Ended::Restored => {
                let now = Instant::now();
                self.timeline.mark(
                    now,
                    Event::new(Lane::Controller, Condition::Good, "everything is as before")
                        .at(Milestone::Closed),
                );
                Ok(Vec::new())
            }
            Ended::Left(left) => Ok(left),
        }
    }
}
