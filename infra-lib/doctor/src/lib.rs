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

/// One check, at one place or at several.
#[derive(Clone, Copy)]
struct Check {
    name: &'static str,
    places: &'static [Place],
    /// Whether it asks AWS, which needs somebody who is signed in to the right account.
    asks: bool,
    /// What depends on the answer.
    stake: Stake,
    look: Look,
}

/// How a check looks.
#[derive(Clone, Copy)]
enum Look {
    /// By a function of its own.
    Own(Run),
    /// As `status` and `plan` do, at what a failover needs.
    Need(Need),
}

/// What depends on a check's answer, and so what it means that a policy denies the question.
#[derive(Clone, Copy)]
enum Stake {
    /// A deploy, a failover or what tells of one asks the same and ends there.
    Operation,
    /// It forewarns of something that AWS itself would refuse later.
    Forewarning,
}

const SIDES: &[Place] = &[Place::Primary, Place::Standby];
const EVERYWHERE: &[Place] = &[Place::Primary, Place::Standby, Place::Detector];

const fn here(name: &'static str, run: Run) -> Check {
    Check { asks: false, ..once(name, run) }
}

const fn once(name: &'static str, run: Run) -> Check {
    at(name, &[Place::Here], run)
}

const fn at(name: &'static str, places: &'static [Place], run: Run) -> Check {
    Check { name, places, asks: true, stake: Stake::Forewarning, look: Look::Own(run) }
}

/// What a failover needs, which is vital.
const fn need(name: &'static str, need: Need) -> Check {
    need_of(name, &[Place::Here], need)
}

const fn need_of(name: &'static str, places: &'static [Place], need: Need) -> Check {
    Check { name, places, asks: true, stake: Stake::Operation, look: Look::Need(need) }
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
    at("region", SIDES, |case, place| account::region(case, place).boxed()),
    vital(at("region", &[Place::Detector], |case, place| account::answers(case, place).boxed())),
    vital(once("zone", |case, _| ready(dns::zone(case)).boxed())),
    once("delegation", |case, _| dns::delegation(case).boxed()),
    once("authority", |case, _| dns::authority(case).boxed()),
    vital(once("record", |case, _| dns::record(case).boxed())),
    at("certificate", EVERYWHERE, |case, place| tls::certificate(case, place).boxed()),
    once("issuer", |case, _| tls::issuer(case).boxed()),
    at("image", SIDES, |case, place| servers::image(case, place).boxed()),
    at("instance-type", SIDES, |case, place| servers::types(case, place).boxed()),
    at("vcpus", SIDES, |case, place| capacity::vcpus(case, place).boxed()),
    at("launch-template", SIDES, |case, place| launch::template(case, place).boxed()),
    at("volume-key", SIDES, |case, place| volume_key::check(case, place).boxed()),
    at("subnets", SIDES, |case, place| launch::subnets(case, place).boxed()),
    at("processes", SIDES, |case, place| ready(launch::processes(case, place)).boxed()),
    at("public-access", SIDES, |case, place| public_access::check(case, place).boxed()),
    at("addresses", SIDES, |case, place| quotas::addresses(case, place).boxed()),
    at("load-balancers", SIDES, |case, place| quotas::balancers(case, place).boxed()),
    at("vpcs", SIDES, |case, place| quotas::vpcs(case, place).boxed()),
    once("health-checks", |case, _| quotas::health_checks(case).boxed()),
    once("concurrency", |case, _| quotas::concurrency(case).boxed()),
    once("organization", |case, _| organization::demands(case).boxed()),
    vital(once("stacks", |case, _| ready(names::stacks(case)).boxed())),
    vital(at("names", EVERYWHERE, |case, place| names::taken(case, place).boxed())),
    need("records", Need::Records),
    need("check-settings", Need::CheckSettings),
    need("watched-check", Need::WatchedCheck),
    need("verdict", Need::Verdict),
    need("alarm", Need::Alarm),
    need("topic", Need::Topic),
    need("permission", Need::Permission),
    need("tick", Need::Tick),
    need("tick-permission", Need::TickPermission),
    need("looks", Need::Looks),
    need("function", Need::Function),
    need("reserved-concurrency", Need::ReservedConcurrency),
    Check { stake: Stake::Forewarning, ..need("code", Need::Code) },
    need_of("load-balancer", &[Place::Primary], Need::PrimaryBalancer),
    need_of("load-balancer", &[Place::Standby], Need::StandbyBalancer),
    at("keep-alive", SIDES, |case, place| wires::keep_alive(case, place).boxed()),
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
    run(&case, |_, _| true).await
}

/// Runs the checks that are wanted, by their names and places.
async fn run(case: &Case<'_>, is_wanted: impl Fn(&str, Place) -> bool) -> Diagnosis {
    let all = CHECKS.iter().flat_map(|check| check.places.iter().map(move |place| (check, *place)));
    let wanted = all.filter(|(check, place)| is_wanted(check.name, *place));
    Diagnosis { findings: join_all(wanted.map(|(check, place)| find(check, place, case))).await }
}

async fn find<'a>(check: &Check, place: Place, case: &'a Case<'a>) -> Finding {
    let answer = match (check.look, case.barred().filter(|_| check.asks)) {
        (_, Some(why)) => Ok(Verdict::skipped(why)),
        (Look::Own(run), None) => run(case, place).await,
        (Look::Need(need), None) => wires::need(case, need),
    };
    let verdict = match answer {
        Ok(verdict) => verdict,
        Err(Stop::Nothing(why)) => Verdict::skipped(why),
        Err(Stop::Cloud(error)) => unasked(case, check.stake, &error),
    };
    Finding { check: check.name, place: case.name_of(place), verdict }
}

/// A question that AWS did not answer.
fn unasked(case: &Case<'_>, stake: Stake, error: &CloudError) -> Verdict {
    if case.is_local() {
        return Verdict::skipped(format!("cannot be asked here: {error}"));
    }
    let trouble = |fix| Trouble { what: format!("not known: {error}"), fix, unread: true };
    if !error.is_refusal() {
        return Verdict::Warning(trouble("run `cargo xtask doctor` again in a minute".to_owned()));
    }
    let fix = error.help().map(|help| help.to_string()).unwrap_or_default();
    match stake {
        Stake::Operation => Verdict::Error(trouble(fix)),
        Stake::Forewarning => Verdict::Warning(trouble(fix)),
    }
}
