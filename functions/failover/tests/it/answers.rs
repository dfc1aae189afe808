//! DNS looked at again, and the probe's verdict.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use failover::dns::{Addresses, Resolve, SiteNames};
use failover::port::Names as _;
use failover::probe::{Try, verdict};
use failover_core::dns::LOOKS_MAX;
use failover_core::observation::{Answer, Known, Probe, Why};

fn set(numbers: impl IntoIterator<Item = u8>) -> Known<Addresses> {
    Known::Known(numbers.into_iter().map(|last| [192, 0, 2, last].into()).collect())
}

/// Answers each name with the next of its answers, and with the last one for ever.
#[derive(Debug)]
struct Answers {
    site: Mutex<VecDeque<Known<Addresses>>>,
    primary: Known<Addresses>,
    standby: Known<Addresses>,
    asked: Mutex<usize>,
}

#[async_trait]
impl Resolve for Answers {
    async fn resolve(&self, name: &str) -> Known<Addresses> {
        match name {
            "site" => {
                *self.asked.lock().expect("nobody panics with it") += 1;
                let mut answers = self.site.lock().expect("nobody panics with it");
                let last = answers.len() == 1;
                if last { answers[0].clone() } else { answers.pop_front().expect("more than one") }
            }
            "primary" => self.primary.clone(),
            _ => self.standby.clone(),
        }
    }
}

async fn looked(site: &[Known<Addresses>]) -> (Known<Answer>, usize) {
    let site = Mutex::new(site.iter().cloned().collect());
    let resolver = Arc::new(Answers {
        site,
        primary: set(13..=20),
        standby: set([21, 22]),
        asked: Mutex::default(),
    });
    let names = SiteNames {
        resolver: Arc::clone(&resolver) as Arc<dyn Resolve>,
        hostname: "site".to_owned(),
        primary: "primary".to_owned(),
        standby: "standby".to_owned(),
    };
    let answer = names.read_answer().await;
    let asked = *resolver.asked.lock().expect("nobody panics with it");
    (answer, asked)
}

/// Goal: two answers about twelve addresses that share none are not called `Mixed`; DNS is looked
/// at again, at most three times, and an answer that meets the standby is never the primary's.
/// Method: a resolver with a script.
#[tokio::test]
async fn addresses_of_neither_region_are_looked_at_again() {
    assert_eq!(looked(&[set([13])]).await, (Known::Known(Answer::Primary), 1));
    let (foreign, met) = (set(1..=8), set(8..=15));
    assert_eq!(looked(&[foreign.clone(), met]).await, (Known::Known(Answer::Primary), 2));
    let moved = looked(&[foreign.clone(), set([21])]).await;
    assert_eq!(moved, (Known::Known(Answer::Standby), 2));
    let both = looked(&[foreign.clone(), foreign.clone(), set([13, 21])]).await;
    assert_eq!(both, (Known::Known(Answer::Mixed), 3));
    assert_eq!(looked(&[foreign]).await, (Known::Unknown(Why::Foreign), LOOKS_MAX));
    assert_eq!(looked(&[set([])]).await, (Known::Unknown(Why::Empty), 1));
    let lost = Known::Unknown(Why::Timeout);
    assert_eq!(looked(&[lost]).await, (Known::Unknown(Why::Timeout), 1));
}

/// Goal: three alike or unknown.
#[test]
fn a_probe_needs_three_alike() {
    use Try::{Failure, Success, Untrusted};
    assert_eq!(verdict(&[Success; 3]), Known::Known(Probe::Up));
    assert_eq!(verdict(&[Failure; 3]), Known::Known(Probe::Down));
    for tries in [[Success, Failure, Success], [Failure, Failure, Untrusted], [Untrusted; 3]] {
        assert_eq!(verdict(&tries), Known::Unknown(Why::Unparseable), "{tries:?}");
    }
}
