//! What the account may have of everything but servers.

use cloud::{Counted, Quota};
use site::config::{Nat, Placement};
use site::model::StackId;
use site::names::Region;

use super::case::{Case, Place, side};
use super::verdict::{Answer, Stop, Verdict};

/// Source: Lambda quotas: "Lambda reserves 100 units for functions without reserved concurrency".
const UNRESERVED_MIN: u32 = 100;
const CONCURRENCY_CODE: &str = "L-B99A9384";

/// What one kind of thing is called, how many there may be, and how many the site adds.
struct Need {
    quota: Quota,
    counted: Counted,
    noun: &'static str,
    /// The stack that holds them.
    stack: StackId,
    wanted: u16,
}

pub(super) async fn addresses(case: &Case<'_>, place: Place) -> Answer {
    let network = &case.site.config.network;
    let wanted = match (network.instances, network.nat) {
        (Placement::Public, _) | (_, Nat::None) => {
            return Err(Stop::Nothing("the site has no NAT gateways".to_owned()));
        }
        (Placement::Private, Nat::One) => 1,
        (Placement::Private, Nat::PerZone) => network.zones,
    };
    let stack = side(place, StackId::NetworkPrimary, StackId::NetworkStandby);
    let (quota, counted) = (Quota::Addresses, Counted::Addresses);
    Need { quota, counted, noun: "Elastic IP addresses", stack, wanted }.judged(case, place).await
}

pub(super) async fn balancers(case: &Case<'_>, place: Place) -> Answer {
    let stack = side(place, StackId::WebPrimary, StackId::WebStandby);
    let (quota, counted) = (Quota::LoadBalancers, Counted::LoadBalancers);
    let noun = "Application Load Balancers";
    Need { quota, counted, noun, stack, wanted: 1 }.judged(case, place).await
}

pub(super) async fn vpcs(case: &Case<'_>, place: Place) -> Answer {
    let stack = side(place, StackId::NetworkPrimary, StackId::NetworkStandby);
    let (quota, counted) = (Quota::Vpcs, Counted::Vpcs);
    Need { quota, counted, noun: "VPCs", stack, wanted: 1 }.judged(case, place).await
}

impl Need {
    async fn judged(&self, case: &Case<'_>, place: Place) -> Answer {
        let Self { quota, noun, stack, .. } = *self;
        // A standing stack may still lack them, if the option is new; the addresses tell, the others come with the stack.
        if self.stands(case)? {
            return Ok(Verdict::ok(format!("`{stack}` has its {noun}")));
        }
        let region = case.region(place);
        let premises = case.reach.premises;
        let (limit, used) =
            (premises.quota(&region, quota).await?, premises.count(&region, self.counted).await?);
        let limit = whole(limit);
        let (used, wanted) = (used as u64, u64::from(self.wanted));
        Ok(judged(
            noun,
            (used, limit, wanted),
            more(&region, quota.service(), quota.code(), used + wanted),
        ))
    }

    fn stands(&self, case: &Case<'_>) -> Result<bool, Stop> {
        let Some(view) = case.stack(self.stack)? else {
            return Ok(false);
        };
        let nat = view.parameters.get("Nat").map(String::as_str);
        Ok(self.counted != Counted::Addresses || nat == Some(case.site.config.network.nat.as_str()))
    }
}

pub(super) async fn health_checks(case: &Case<'_>) -> Answer {
    let (health, policy) = (&case.site.config.health, &case.site.config.policy);
    let own = u64::from(health.primary_check_id.is_none())
        + u64::from(health.standby_check.is_on() && health.standby_check_id.is_none());
    // The latch's own check, and the one over it.
    let gate = if policy.latch() && health.gate_check_id.is_none() { 2 } else { 0 };
    if case.stack(StackId::Detector)?.is_some() {
        return Ok(Verdict::ok("`detector` has its health checks"));
    }
    let found = case.reach.premises.health_checks().await?;
    let wanted = own + gate;
    let fix = "ask for more in the console's Service Quotas, under Route 53; or bring checks that exist in [health]";
    Ok(judged("health checks", (found.used, found.limit, wanted), fix.to_owned()))
}

pub(super) async fn concurrency(case: &Case<'_>) -> Answer {
    let Some(reserved) = case.site.config.controller.reserved_concurrency else {
        return Err(Stop::Nothing("the site reserves nothing".to_owned()));
    };
    let held = case.stack(StackId::Controller)?;
    let held = held.and_then(|view| view.parameters.get("ReservedConcurrency")?.parse().ok());
    if held == Some(reserved) {
        return Ok(Verdict::ok(format!("the controller has reserved {reserved}")));
    }
    let region = case.region(Place::Standby);
    let found = case.reach.premises.concurrency(&region).await?;
    let reserved = u32::from(reserved);
    Ok(if found.unreserved >= reserved + UNRESERVED_MIN {
        Verdict::ok(format!("{} of {} are free, {reserved} needed", found.unreserved, found.limit))
    } else {
        Verdict::error(
            format!(
                "{} of {} concurrent executions are unreserved; AWS keeps {UNRESERVED_MIN} of them, \
                 and the controller reserves {reserved}",
                found.unreserved, found.limit
            ),
            format!(
                "set `reserved_concurrency = \"none\"` in [controller], or ask for more: {}",
                command(&region, "lambda", CONCURRENCY_CODE, 1000)
            ),
        )
    })
}

fn judged(noun: &str, (used, limit, wanted): (u64, u64, u64), fix: String) -> Verdict {
    let words = format!("{used} of {limit} {noun} in use, {wanted} needed");
    if used + wanted > limit { Verdict::error(words, fix) } else { Verdict::ok(words) }
}

/// A quota, or a count, as AWS tells it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "both are small numbers"
)]
pub(super) fn whole(number: f64) -> u64 {
    number.max(0.0) as u64
}

/// How to get a larger quota.
pub(super) fn more(region: &Region, service: &str, code: &str, value: u64) -> String {
    format!("ask for more: {}", command(region, service, code, value))
}

fn command(region: &Region, service: &str, code: &str, value: u64) -> String {
    format!(
        "`aws service-quotas request-service-quota-increase --region {region} --service-code {service} \
         --quota-code {code} --desired-value {value}`"
    )
}
