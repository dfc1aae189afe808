//! What a site needs and whether it is there: credentials, regions, quotas, DNS, and how the deployed parts hang together.
//!
//! Every check only reads, all run at once, and each trouble comes with its fix. What cannot be asked, because AWS denies it or
//! an emulator lacks it, is a result and not an end.

#![warn(missing_docs, clippy::missing_errors_doc)]

mod account;
mod capacity;
mod case;
mod deployed;
mod dns;
mod launch;
mod machine;
mod names;
mod notices;
mod organization;
mod public_access;
mod quotas;
pub mod resolver;
mod servers;
mod standby;
mod tls;
mod tools;
mod verdict;
mod volume_key;
mod wires;

use failover_core::Timestamp;
use futures::FutureExt as _;
use futures::future::{BoxFuture, join_all, ready};
use miette::Diagnostic as _;

use cloud::{Cloud, CloudError, Premises, Wiring};
use provision::needs::Need;
use site::model::Site;

use self::case::{Case, Place};
use self::verdict::{Answer, Stop};

pub use self::machine::Machine;
pub use self::resolver::{PublicNames, Resolver};
pub use self::standby::{Outlook, standby};
pub use self::verdict::{Diagnosis, Finding, Trouble, Verdict};

/// What can be asked.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "what it leads to has none")]
pub struct Reach<'a> {
    /// Stacks, groups, alarms, logs.
    pub cloud: &'a dyn Cloud,
    /// The account.
    pub premises: &'a dyn Premises,
    /// How things hang together.
    pub wiring: &'a dyn Wiring,
    /// DNS as the world sees it.
    pub names: &'a dyn PublicNames,
}

type Run = for<'a> fn(&'a Case<'a>, Place) -> BoxFuture<'a, Answer>;

/// One check at one place.
#[derive(Clone, Copy)]
struct Check {
    name: &'static str,
    place: Place,
    /// Whether it asks AWS, which needs somebody who is signed in to the right account.
    asks: bool,
    /// What depends on the answer.
    stake: Stake,
    run: Run,
}

/// What depends on a check's answer, and so what it means that a policy denies the question.
#[derive(Clone, Copy)]
enum Stake {
    /// A deploy, a failover or what tells of one asks the same and ends there.
    Operation,
    /// It forewarns of something that AWS itself would refuse later.
    Forewarning,
}

const fn here(name: &'static str, run: Run) -> Check {
    Check { asks: false, ..once(name, run) }
}

const fn once(name: &'static str, run: Run) -> Check {
    at(name, Place::Here, run)
}

const fn at(name: &'static str, place: Place, run: Run) -> Check {
    Check { name, place, asks: true, stake: Stake::Forewarning, run }
}

/// A check whose question the operation itself asks.
const fn vital(check: Check) -> Check {
    Check { stake: Stake::Operation, ..check }
}

/// Every check, in the order of the table.
const CHECKS: &[Check] = &[
    here("site-file", |case, _| ready(Ok(account::site_file(case))).boxed()),
    here("credentials", |case, _| ready(Ok(account::credentials(case))).boxed()),
    here("account", |case, _| ready(Ok(account::account(case))).boxed()),
    once("caller", |case, _| ready(account::caller(case)).boxed()),
    once("clock", |case, _| account::clock(case).boxed()),
    at("region", Place::Primary, |case, place| account::region(case, place).boxed()),
    at("region", Place::Standby, |case, place| account::region(case, place).boxed()),
    vital(at("region", Place::Detector, |case, place| account::answers(case, place).boxed())),
    vital(once("zone", |case, _| ready(dns::zone(case)).boxed())),
    once("delegation", |case, _| dns::delegation(case).boxed()),
    once("authority", |case, _| dns::authority(case).boxed()),
    vital(once("record", |case, _| dns::record(case).boxed())),
    at("certificate", Place::Primary, |case, place| tls::certificate(case, place).boxed()),
    at("certificate", Place::Standby, |case, place| tls::certificate(case, place).boxed()),
    at("certificate", Place::Detector, |case, place| tls::certificate(case, place).boxed()),
    once("issuer", |case, _| tls::issuer(case).boxed()),
    at("image", Place::Primary, |case, place| servers::image(case, place).boxed()),
    at("image", Place::Standby, |case, place| servers::image(case, place).boxed()),
    at("instance-type", Place::Primary, |case, place| servers::types(case, place).boxed()),
    at("instance-type", Place::Standby, |case, place| servers::types(case, place).boxed()),
    at("vcpus", Place::Primary, |case, place| capacity::vcpus(case, place).boxed()),
    at("vcpus", Place::Standby, |case, place| capacity::vcpus(case, place).boxed()),
    at("launch-template", Place::Primary, |case, place| launch::template(case, place).boxed()),
    at("launch-template", Place::Standby, |case, place| launch::template(case, place).boxed()),
    at("volume-key", Place::Primary, |case, place| volume_key::check(case, place).boxed()),
    at("volume-key", Place::Standby, |case, place| volume_key::check(case, place).boxed()),
    at("subnets", Place::Primary, |case, place| launch::subnets(case, place).boxed()),
    at("subnets", Place::Standby, |case, place| launch::subnets(case, place).boxed()),
    at("processes", Place::Primary, |case, place| ready(launch::processes(case, place)).boxed()),
    at("processes", Place::Standby, |case, place| ready(launch::processes(case, place)).boxed()),
    at("public-access", Place::Primary, |case, place| public_access::check(case, place).boxed()),
    at("public-access", Place::Standby, |case, place| public_access::check(case, place).boxed()),
    at("addresses", Place::Primary, |case, place| quotas::addresses(case, place).boxed()),
    at("addresses", Place::Standby, |case, place| quotas::addresses(case, place).boxed()),
    at("load-balancers", Place::Primary, |case, place| quotas::balancers(case, place).boxed()),
    at("load-balancers", Place::Standby, |case, place| quotas::balancers(case, place).boxed()),
    at("vpcs", Place::Primary, |case, place| quotas::vpcs(case, place).boxed()),
    at("vpcs", Place::Standby, |case, place| quotas::vpcs(case, place).boxed()),
    once("health-checks", |case, _| quotas::health_checks(case).boxed()),
    once("concurrency", |case, _| quotas::concurrency(case).boxed()),
    once("organization", |case, _| organization::demands(case).boxed()),
    vital(once("stacks", |case, _| ready(names::stacks(case)).boxed())),
    vital(at("names", Place::Primary, |case, place| names::taken(case, place).boxed())),
    vital(at("names", Place::Standby, |case, place| names::taken(case, place).boxed())),
    vital(at("names", Place::Detector, |case, place| names::taken(case, place).boxed())),
    vital(once("records", |case, _| ready(wires::need(case, Need::Records)).boxed())),
    vital(once("check-settings", |case, _| ready(wires::need(case, Need::CheckSettings)).boxed())),
    vital(once("watched-check", |case, _| ready(wires::need(case, Need::WatchedCheck)).boxed())),
    vital(once("verdict", |case, _| ready(wires::need(case, Need::Verdict)).boxed())),
    vital(once("alarm", |case, _| ready(wires::need(case, Need::Alarm)).boxed())),
    vital(once("topic", |case, _| ready(wires::need(case, Need::Topic)).boxed())),
    vital(once("permission", |case, _| ready(wires::need(case, Need::Permission)).boxed())),
    vital(once("tick", |case, _| ready(wires::need(case, Need::Tick)).boxed())),
    vital(once("tick-permission", |case, _| {
        ready(wires::need(case, Need::TickPermission)).boxed()
    })),
    vital(once("looks", |case, _| ready(wires::need(case, Need::Looks)).boxed())),
    vital(once("function", |case, _| ready(wires::need(case, Need::Function)).boxed())),
    vital(once("reserved-concurrency", |case, _| {
        ready(wires::need(case, Need::ReservedConcurrency)).boxed()
    })),
    once("code", |case, _| ready(wires::need(case, Need::Code)).boxed()),
    vital(at("load-balancer", Place::Primary, |case, _| {
        ready(wires::need(case, Need::PrimaryBalancer)).boxed()
    })),
    vital(at("load-balancer", Place::Standby, |case, _| {
        ready(wires::need(case, Need::StandbyBalancer)).boxed()
    })),
    at("keep-alive", Place::Primary, |case, place| wires::keep_alive(case, place).boxed()),
    at("keep-alive", Place::Standby, |case, place| wires::keep_alive(case, place).boxed()),
    vital(once("controller", |case, _| wires::controller(case).boxed())),
    once("notice-topics", |case, _| organization::topics(case).boxed()),
    once("e-mail", |case, _| notices::email(case).boxed()),
    here("rust", |case, _| ready(tools::rust(case)).boxed()),
    here("python", |case, _| ready(tools::python(case)).boxed()),
    here("disk", |case, _| ready(tools::disk(case)).boxed()),
    here("emulator", |case, _| ready(tools::emulator(case)).boxed()),
];

/// Runs every check. `now` is this machine's clock.
pub async fn examine(
    reach: Reach<'_>,
    site: &Site,
    machine: &Machine,
    now: Timestamp,
) -> Diagnosis {
    let case = Case::open(reach, site, machine, now).await;
    run(&case, CHECKS.iter()).await
}

async fn run(case: &Case<'_>, checks: impl Iterator<Item = &Check>) -> Diagnosis {
    Diagnosis { findings: join_all(checks.map(|check| find(check, case))).await }
}

async fn find<'a>(check: &Check, case: &'a Case<'a>) -> Finding {
    let barred = if check.asks { case.barred() } else { None };
    let verdict = match barred {
        Some(why) => Verdict::skipped(why),
        None => match (check.run)(case, check.place).await {
            Ok(verdict) => verdict,
            Err(Stop::Nothing(why)) => Verdict::skipped(why),
            Err(Stop::Cloud(error)) => unasked(case, check.stake, &error),
        },
    };
    Finding { check: check.name, place: case.name_of(check.place), verdict }
}

/// A question that AWS did not answer.
fn unasked(case: &Case<'_>, stake: Stake, error: &CloudError) -> Verdict {
    if case.is_local() {
        return Verdict::skipped(format!("cannot be asked here: {error}"));
    }
    let trouble = |fix| Trouble { what: format!("not known: {error}"), fix, unread: true };
    match error {
        CloudError::Denied { .. } | CloudError::Credentials { .. } => {
            let fix = error.help().map(|help| help.to_string()).unwrap_or_default();
            match stake {
                Stake::Operation => Verdict::Error(trouble(fix)),
                Stake::Forewarning => Verdict::Warning(trouble(fix)),
            }
        }
        CloudError::Unreachable { .. }
        | CloudError::Service { .. }
        | CloudError::Answer { .. }
        | CloudError::Cut { .. } => {
            Verdict::Warning(trouble("run `cargo xtask doctor` again in a minute".to_owned()))
        }
    }
}
