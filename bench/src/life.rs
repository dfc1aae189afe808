//! One process from its start to its end: how long until it polls, until it answers, and how much memory it took.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, timeout_at};

use crate::runtime_api::{Heard, RuntimeApi};
use crate::sample::Failure;
use crate::subject::{Subject, World};

/// BOUND: the slowest yardstick takes half a second; twenty times that and more is a hang.
const WITHIN: Duration = Duration::from_secs(30);

/// BOUND: of an error, so many characters are shown.
const WORDS_MAX: usize = 400;

/// What one process showed.
#[derive(Debug)]
pub struct Life {
    /// From its start to its first poll.
    pub cold: Duration,
    /// From its first event to the answer.
    pub first: Duration,
    /// The same for the events after it.
    pub warm: Vec<Duration>,
    /// The most memory it ever held. Units: bytes. `None` where the system does not tell.
    pub peak: Option<u64>,
}

impl Life {
    /// Starts the program, gives it one event and then `warm` more, and ends it.
    pub async fn of(
        subject: &Subject,
        world: &World<'_>,
        event: &Bytes,
        warm: u32,
    ) -> Result<Self, Failure> {
        let mut api = RuntimeApi::start().await?;
        let mut command = subject.command(world, api.address);
        let begun = Instant::now();
        let mut process =
            command.spawn().map_err(|source| Failure::Start { subject: subject.name, source })?;
        let mut listener = Listener { subject, api: &mut api, until: begun + WITHIN };
        let cold = listener.polled().await? - begun;
        let first = listener.answered(event).await?;
        let mut warmed = Vec::new();
        for _ in 0..warm {
            listener.until = Instant::now() + WITHIN;
            listener.polled().await?;
            warmed.push(listener.answered(event).await?);
        }
        listener.polled().await?;
        let peak = process.id().and_then(peak);
        // It has nothing to finish: it waits for an event.
        process.kill().await.ok();
        Ok(Self { cold, first, warm: warmed, peak })
    }
}

struct Listener<'a> {
    subject: &'a Subject,
    api: &'a mut RuntimeApi,
    until: Instant,
}

impl Listener<'_> {
    async fn polled(&mut self) -> Result<Instant, Failure> {
        match self.heard().await? {
            Heard::Polled(at) => Ok(at),
            Heard::Answered(_) => Err(self.broken("it answered without an event".to_owned())),
            Heard::Failed(words) => Err(self.broken(format!("it did not start: {}", cut(&words)))),
        }
    }

    async fn answered(&mut self, event: &Bytes) -> Result<Duration, Failure> {
        let sent = Instant::now();
        self.api.send(event.clone());
        match self.heard().await? {
            Heard::Answered(at) => Ok(at - sent),
            Heard::Polled(_) => Err(self.broken("it polled and did not answer".to_owned())),
            Heard::Failed(words) => {
                Err(self.broken(format!("it answered an error: {}", cut(&words))))
            }
        }
    }

    async fn heard(&mut self) -> Result<Heard, Failure> {
        let heard = timeout_at(self.until, self.api.heard.recv()).await.ok().flatten();
        heard.ok_or_else(|| self.broken(format!("nothing for {} s", WITHIN.as_secs())))
    }

    fn broken(&self, what: String) -> Failure {
        Failure::Broken { subject: self.subject.name, what }
    }
}

/// Enough to see what went wrong; the stack is left out.
fn cut(words: &str) -> String {
    words.chars().take(WORDS_MAX).collect()
}

/// Source: `VmHWM` of `/proc/PID/status`, proc(5).
fn peak(process: u32) -> Option<u64> {
    let path = Path::new("/proc").join(process.to_string()).join("status");
    read_peak(&std::fs::read_to_string(path).ok()?)
}

fn read_peak(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_read_from_the_systems_words() {
        let status = "Name:\tbootstrap\nVmPeak:\t   99 kB\nVmHWM:\t    7168 kB\nVmRSS:\t 6000 kB\n";
        assert_eq!(read_peak(status), Some(7_340_032));
        assert_eq!(read_peak("Name:\tbootstrap\n"), None);
    }
}
