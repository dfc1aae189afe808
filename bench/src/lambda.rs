//! The function beside a function that does nothing and beside one in Python, in turn.

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use clap::Args;

use crate::certificate;
use crate::endpoint::{Endpoint, names, rounds_before_raise};
use crate::life::Life;
use crate::sample::{Failure, Samples, note};
use crate::subject::{Scheme, Subject, World};

/// The event that every program gets: the alarm went to ALARM.
const EVENT: &[u8] = include_bytes!("../../functions/failover/events/alarm.json");
/// Long enough that answers on this machine, which take a millisecond, count as at once.
const DELAY: Duration = Duration::from_millis(40);
/// What the function may leave out once it knows that it has to raise: reads that it began and no longer waits for.
const BEGUN: &str = "GetMetricData";

/// Flags of the measurement.
#[derive(Debug, Args)]
pub struct Lambda {
    /// The function, as it ships.
    #[arg(long)]
    failover: PathBuf,
    /// The function that does nothing, built the same way.
    #[arg(long)]
    hello: PathBuf,
    /// The Python that has boto3 and awslambdaric.
    #[arg(long)]
    python: PathBuf,
    /// The handler in Python.
    #[arg(long)]
    handler: PathBuf,
    /// A folder for the certificate.
    #[arg(long)]
    scratch: PathBuf,
    /// Processes of each program.
    #[arg(long)]
    rounds: u32,
    /// Events to each process after its first.
    #[arg(long)]
    warm: u32,
}

impl Lambda {
    /// Measures.
    pub fn run(&self) -> Result<Samples, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.map_err(Failure::Listen)?.block_on(self.measure())
    }

    async fn measure(&self) -> Result<Samples, Failure> {
        let authority = self.scratch.join("authority.pem");
        let tls = certificate::make(&authority)?;
        let elsewhere = Endpoint::start(None, Duration::ZERO).await?;
        let plain = Endpoint::start(None, Duration::ZERO).await?;
        let sealed = Endpoint::start(Some(tls), Duration::ZERO).await?;
        let slow = Endpoint::start(None, DELAY).await?;
        let world = |endpoint: &Endpoint, scheme| World {
            aws: endpoint.address,
            scheme,
            authority: &authority,
            elsewhere: elsewhere.address,
        };
        let mut samples = Samples::default();
        self.count_rounds(&slow, &world(&slow, Scheme::Http), &mut samples).await?;
        let schemes = [(Scheme::Http, &plain), (Scheme::Https, &sealed)];
        // Nothing is kept of the first round: files are read from the disk, Python writes its byte code.
        for round in 0..=self.rounds {
            note(format_args!("the function and its yardsticks: round {round} of {}", self.rounds));
            for (scheme, endpoint) in schemes {
                for subject in self.subjects() {
                    let event = Bytes::from_static(EVENT);
                    let world = world(endpoint, scheme);
                    let life = Life::of(&subject, &world, &event, self.warm).await?;
                    endpoint.take_log();
                    if round > 0 {
                        keep(&mut samples, &subject, scheme, &life);
                    }
                }
            }
        }
        Ok(samples)
    }

    fn subjects(&self) -> [Subject; 3] {
        let boto3 = Subject::boto3(&self.python, &self.handler);
        [Subject::failover(&self.failover), Subject::hello(&self.hello), boto3]
    }

    /// Counts from the endpoint's log, and holds both programs to the same calls.
    async fn count_rounds(
        &self,
        endpoint: &Endpoint,
        world: &World<'_>,
        samples: &mut Samples,
    ) -> Result<(), Failure> {
        let event = Bytes::from_static(EVENT);
        let mut asked = Vec::new();
        for subject in self.subjects().into_iter().filter(|subject| subject.asks) {
            Life::of(&subject, world, &event, 0).await?;
            let log = endpoint.take_log();
            let rounds = rounds_before_raise(&log).ok_or_else(|| Failure::Broken {
                subject: subject.name,
                what: format!("it did not raise; it asked {:?}", names(&log)),
            })?;
            samples.add(&format!("rounds.{}", subject.name), f64::from(rounds));
            asked.push(names(&log));
        }
        let only = |one: usize, other: usize| {
            let only = asked[one].difference(&asked[other]).filter(|name| !name.ends_with(BEGUN));
            only.cloned().collect::<Vec<_>>()
        };
        let (ours, theirs) = (only(0, 1), only(1, 0));
        if ours.is_empty() && theirs.is_empty() {
            return Ok(());
        }
        Err(Failure::Unlike { ours, theirs })
    }
}

fn keep(samples: &mut Samples, subject: &Subject, scheme: Scheme, life: &Life) {
    let name = |what: &str| format!("{what}.{}.{}", scheme.word(), subject.name);
    samples.time(&name("cold"), life.cold);
    samples.time(&name("first"), life.cold + life.first);
    for warm in &life.warm {
        samples.time(&name("warm"), *warm);
    }
    if let Some(peak) = life.peak {
        #[expect(clippy::cast_precision_loss, reason = "below 2^53 bytes")]
        samples.add(&name("peak"), peak as f64);
    }
}
