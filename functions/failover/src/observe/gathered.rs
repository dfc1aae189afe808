//! What has been answered so far.

use failover_core::decide;
use failover_core::observation::{
    AlarmState, Answer, CheckConfig, Datapoints, Group, Known, Observation, Probe, Readiness,
    Subscriptions, Verdict, Why,
};
use failover_core::record::Record;
use failover_core::time::Timestamp;

use crate::acts::raises;
use crate::port::{AlarmReading, Role};

use super::{Glance, Purpose};

/// One answer of the world.
pub(super) enum Reading {
    Alarm(Known<AlarmReading>),
    Datapoints(Known<Datapoints>),
    /// The record makes it several times as large as the others.
    Standby(Box<Known<(Group, Record)>>),
    Primary(Known<Group>),
    Healthy(Role, Known<u16>),
    Cpu(Role, Known<u16>),
    Answer(Known<Answer>),
    Verdict(Known<Verdict>),
    Probe(Known<Probe>),
    Egress(bool),
    Check(Known<CheckConfig>),
    Others(Known<CheckConfig>),
    Subscriptions(Known<Subscriptions>),
    Requests(Known<u32>),
}

/// `None`: still on its way.
pub(super) struct Gathered {
    alarm: Option<Known<AlarmReading>>,
    datapoints: Option<Known<Datapoints>>,
    standby: Option<Known<(Group, Record)>>,
    primary: Option<Known<Group>>,
    standby_load: Load,
    primary_load: Load,
    answer: Option<Known<Answer>>,
    verdict: Option<Known<Verdict>>,
    probe: Option<Known<Probe>>,
    egress: Option<bool>,
    check: Option<Known<CheckConfig>>,
    others: Option<Known<CheckConfig>>,
    subscriptions: Option<Known<Subscriptions>>,
    requests: Option<Known<u32>>,
}

/// What is read of a group's servers apart from the group.
#[derive(Clone, Copy)]
struct Load {
    healthy: Option<Known<u16>>,
    cpu: Option<Known<u16>>,
}

impl Gathered {
    /// Nothing, before the first answer. What nobody asks is no more awaited.
    pub(super) fn new(readiness: bool, cpu: bool) -> Self {
        let Readiness { check, others, subscriptions } = Readiness::NOT_ASKED;
        let load = Load { healthy: None, cpu: (!cpu).then_some(Known::Unknown(Why::NotAsked)) };
        Self {
            alarm: None,
            datapoints: None,
            standby: None,
            primary: None,
            standby_load: load,
            primary_load: load,
            answer: None,
            verdict: None,
            probe: None,
            egress: None,
            check: (!readiness).then_some(check),
            others: (!readiness).then_some(others),
            subscriptions: (!readiness).then_some(subscriptions),
            requests: Some(Known::Unknown(Why::NotAsked)),
        }
    }

    /// What a look knows already. Of the rest it awaits the alarm, the standby and the proof of egress.
    pub(super) fn after(glance: Glance) -> Self {
        let unread = Some(Known::Unknown(Why::NotAsked));
        let load = Load { healthy: unread, cpu: unread };
        Self {
            datapoints: Some(Known::Unknown(Why::NotAsked)),
            primary: Some(Known::Unknown(Why::NotAsked)),
            standby_load: load,
            primary_load: load,
            answer: Some(Known::Unknown(Why::NotAsked)),
            verdict: Some(glance.verdict),
            probe: Some(glance.probe),
            egress: (!glance.suspects()).then_some(false),
            ..Self::new(false, false)
        }
    }

    pub(super) fn take(&mut self, reading: Reading) {
        match reading {
            Reading::Alarm(known) => self.alarm = Some(known),
            Reading::Datapoints(known) => self.datapoints = Some(known),
            Reading::Standby(known) => self.standby = Some(*known),
            Reading::Primary(known) => self.primary = Some(known),
            Reading::Healthy(role, known) => self.load(role).healthy = Some(known),
            Reading::Cpu(role, known) => self.load(role).cpu = Some(known),
            Reading::Answer(known) => self.answer = Some(known),
            Reading::Verdict(known) => self.verdict = Some(known),
            Reading::Probe(known) => self.probe = Some(known),
            Reading::Egress(proven) => self.egress = Some(proven),
            Reading::Check(known) => self.check = Some(known),
            Reading::Others(known) => self.others = Some(known),
            Reading::Subscriptions(known) => self.subscriptions = Some(known),
            Reading::Requests(known) => self.requests = Some(known),
        }
    }

    /// The requests are asked for after all.
    pub(super) const fn await_requests(&mut self) {
        self.requests = None;
    }

    const fn load(&mut self, role: Role) -> &mut Load {
        match role {
            Role::Primary => &mut self.primary_load,
            Role::Standby => &mut self.standby_load,
        }
    }

    /// The alarm reads ALARM or the verdict unhealthy, and the standby is to be raised: no other reading could change that.
    pub(super) fn raise_is_clear(&self, purpose: Purpose<'_>, now: Timestamp) -> bool {
        let alarm = matches!(
            &self.alarm,
            Some(Known::Known(alarm)) if alarm.view.state == AlarmState::Alarm
        );
        let unhealthy = self.verdict == Some(Known::Known(Verdict::Unhealthy));
        if !(alarm || unhealthy) || !matches!(self.standby, Some(Known::Known(_))) {
            return false;
        }
        let observation = self.observation(Why::NotAsked);
        raises(&decide(purpose.policy, purpose.signal, &observation, now))
    }

    /// The one read that is left can only prove what is proven already.
    pub(super) fn lacks_only_egress(&self) -> bool {
        self.egress.is_none() && self.answered_from_outside()
    }

    /// An answer from another region, a refusal too, proves that we reach the outside.
    fn answered_from_outside(&self) -> bool {
        self.alarm.as_ref().is_some_and(answered) || self.primary.as_ref().is_some_and(answered)
    }

    /// What is known now; the rest is unknown for the reason `missing`.
    pub(super) fn observation(&self, missing: Why) -> Observation {
        let alarm = known(self.alarm.as_ref(), missing).map(|alarm| alarm.view);
        let (standby, record) = match known(self.standby.as_ref(), missing) {
            Known::Known((group, record)) => (Known::Known(*group), Known::Known(record.clone())),
            Known::Unknown(why) => (Known::Unknown(why), Known::Unknown(why)),
        };
        let or_missing = |known: Option<Known<u16>>| known.unwrap_or(Known::Unknown(missing));
        let loaded = |group: Known<Group>, load: Load| {
            let (healthy, cpu) = (or_missing(load.healthy), or_missing(load.cpu));
            group.map(|group| Group { healthy, cpu, ..group })
        };
        Observation {
            alarm,
            datapoints: self.datapoints.unwrap_or(Known::Unknown(missing)),
            standby: loaded(standby, self.standby_load),
            record,
            primary: loaded(self.primary.unwrap_or(Known::Unknown(missing)), self.primary_load),
            answer: self.answer.unwrap_or(Known::Unknown(missing)),
            verdict: self.verdict.unwrap_or(Known::Unknown(missing)),
            probe: self.probe.unwrap_or(Known::Unknown(missing)),
            egress: self.egress == Some(true) || self.answered_from_outside(),
            readiness: Readiness {
                check: self.check.unwrap_or(Known::Unknown(missing)),
                others: self.others.unwrap_or(Known::Unknown(missing)),
                subscriptions: self.subscriptions.unwrap_or(Known::Unknown(missing)),
            },
            requests: self.requests.unwrap_or(Known::Unknown(missing)),
        }
    }
}

fn known<T>(known: Option<&Known<T>>, missing: Why) -> Known<&T> {
    match known {
        Some(Known::Known(value)) => Known::Known(value),
        Some(Known::Unknown(why)) => Known::Unknown(*why),
        None => Known::Unknown(missing),
    }
}

const fn answered<T>(known: &Known<T>) -> bool {
    match known {
        Known::Known(_)
        | Known::Unknown(
            Why::Throttled
            | Why::Denied
            | Why::Empty
            | Why::Unparseable
            | Why::Fault
            | Why::Foreign
            | Why::Expired,
        ) => true,
        Known::Unknown(Why::Timeout | Why::NotAsked) => false,
    }
}
