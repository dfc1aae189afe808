//! How a decision is shown in the cases.

use expect_test::Expect;

use super::world::World;
use crate::decision::{Decision, Effect, Latch};
use crate::observation::Known;
use crate::record::Register;

/// What the decision says and writes; what is absent is left out, as is a latch that is open and put.
pub fn shown(decision: &Decision) -> String {
    let registers = |registers: &[Register]| {
        let text = |register: &Register| {
            let (key, value) = register.tag();
            format!("{key} = {value}")
        };
        let texts: Vec<_> = registers.iter().map(text).collect();
        (!texts.is_empty()).then(|| texts.join("\n        "))
    };
    let lines = [
        Some(format!("{:?}", decision.reason)),
        (decision.effect == Effect::Report).then(|| "only reported".to_owned()),
        decision.reply.map(|reply| format!("reply: {reply:?}")),
        registers(decision.request.as_slice()).map(|text| format!("request: {text}")),
        registers(&decision.before).map(|text| format!("before: {text}")),
        decision.standby.map(|write| format!("standby: {write:?}")),
        decision.primary.map(|write| format!("primary: {write:?}")),
        registers(&decision.after).map(|text| format!("after: {text}")),
        (decision.latch != Known::Known(Latch::Open))
            .then(|| format!("latch: {:?}", decision.latch)),
        decision.notice.as_ref().map(|notice| format!("notice: {}", notice.subject)),
        registers(told(decision).as_slice()).map(|text| format!("told: {text}")),
        decision.news.notice.as_ref().map(|notice| format!("news: {}", notice.subject)),
    ];
    lines.into_iter().flatten().map(|line| line + "\n").collect()
}

fn told(decision: &Decision) -> Option<Register> {
    decision.news.told.clone().map(Register::Told)
}

pub fn check(world: &World, expected: &Expect) {
    expected.assert_eq(&shown(&world.decide()));
}

/// The reason's name of a decision that changes nothing; that it tells a finding is no change.
pub fn hold(world: &World) -> &'static str {
    let decision = world.decide();
    let still = decision.request.is_none()
        && decision.before.is_empty()
        && decision.standby.is_none()
        && decision.primary.is_none()
        && decision.after.is_empty();
    assert!(still, "{}", shown(&decision));
    decision.reason.name()
}

/// The reason's name of a decision that writes nothing at all.
pub fn silence(world: &World) -> &'static str {
    let decision = world.decide();
    assert!(!decision.writes(), "{}", shown(&decision));
    decision.reason.name()
}

/// Why the rule did not fire.
pub fn skipped(world: &World, title: &str) -> &'static str {
    let explanation = world.explain();
    let trace = explanation.rules.iter().find(|trace| trace.title == title);
    let trace = trace.unwrap_or_else(|| panic!("no rule was looked at: {title}"));
    trace.skipped.expect("it did not fire")
}
