//! DNS answers compared, and the probe's verdict.

use failover::dns::{Addresses, compare};
use failover::probe::{Try, verdict};
use failover_core::observation::{Answer, Known, Probe, Why};

fn set(last: &[u8]) -> Known<Addresses> {
    Known::Known(last.iter().map(|&last| [192, 0, 2, last].into()).collect())
}

const UNKNOWN: Known<Addresses> = Known::Unknown(Why::Timeout);

/// Goal: the site belongs to whoever holds all of its addresses, and to nobody if both or neither
/// do.
#[test]
fn the_site_belongs_to_whoever_holds_all_its_addresses() {
    let (primary, standby) = (set(&[1, 2, 3]), set(&[7, 8]));
    for (site, answer) in [
        (set(&[1, 3]), Known::Known(Answer::Primary)),
        (set(&[8]), Known::Known(Answer::Standby)),
        (set(&[1, 8]), Known::Known(Answer::Mixed)),
        (set(&[9]), Known::Known(Answer::Mixed)),
        (set(&[]), Known::Unknown(Why::Empty)),
        (UNKNOWN, Known::Unknown(Why::Timeout)),
    ] {
        assert_eq!(compare(&site, &primary, &standby), answer, "{site:?}");
    }
    assert_eq!(compare(&set(&[1]), &primary, &primary), Known::Known(Answer::Mixed));
}

/// Goal: one known side can be enough to say whose it is, never to say that it is nobody's.
#[test]
fn an_unknown_side_leaves_only_a_match_known() {
    let (one, eight) = (set(&[1]), set(&[8]));
    assert_eq!(compare(&one, &one, &UNKNOWN), Known::Known(Answer::Primary));
    assert_eq!(compare(&eight, &UNKNOWN, &eight), Known::Known(Answer::Standby));
    assert_eq!(compare(&one, &eight, &UNKNOWN), Known::Unknown(Why::Timeout));
    assert_eq!(compare(&one, &UNKNOWN, &eight), Known::Unknown(Why::Timeout));
    assert_eq!(compare(&one, &UNKNOWN, &UNKNOWN), Known::Unknown(Why::Timeout));
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
