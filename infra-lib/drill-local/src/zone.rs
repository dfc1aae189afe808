//! What the name servers answer from: the site's name, the verdict's, the load balancers', and the health of the two records.

use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use failover_core::verdict;
use hickory_proto::ProtoError;
use hickory_proto::op::ResponseCode;
use hickory_proto::rr::rdata::{NS, SOA, TXT};
use hickory_proto::rr::{LowerName, Name, RData, Record, RecordType};

use site::model::Role;
use site::names::Hostname;

use drill::locked;

use crate::answer::{Health, RecordHealth, failover_answer};
use crate::changes::Changes;

/// What the server is authoritative for.
#[derive(Clone, Debug)]
pub struct DnsSettings {
    /// The hosted zone, such as `example.com`.
    pub zone: String,
    /// The site's name in it, such as `app.example.com`.
    pub site: Hostname,
    /// How long an answer may be kept. An alias of a load balancer has 60 s; a drill shortens it and says so.
    /// Units: whole seconds; a part of a second is dropped.
    pub ttl: Duration,
    /// The address of each region's load balancer.
    pub balancers: BTreeMap<Role, Ipv4Addr>,
}

/// What the server answers from, shared between it and those who know the health.
#[derive(Clone, Debug)]
pub struct Zone(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    apex: Name,
    site: LowerName,
    verdict: LowerName,
    ttl: u32,
    balancers: BTreeMap<Role, Ipv4Addr>,
    state: Mutex<State>,
    answer: Changes<Role>,
}

#[derive(Debug)]
struct State {
    primary: RecordHealth,
    standby: RecordHealth,
    verdict: Health,
    names: BTreeMap<LowerName, Ipv4Addr>,
}

impl Zone {
    pub(super) fn new(settings: DnsSettings) -> io::Result<Self> {
        Ok(Self(Arc::new(Shared {
            apex: absolute(&settings.zone)?,
            site: absolute(settings.site.as_str())?.into(),
            verdict: absolute(&verdict::name(settings.site.as_str()))?.into(),
            ttl: u32::try_from(settings.ttl.as_secs()).unwrap_or(u32::MAX),
            balancers: settings.balancers,
            state: Mutex::new(State {
                primary: RecordHealth::NEW,
                standby: RecordHealth::NEW,
                verdict: Health::Healthy,
                names: BTreeMap::new(),
            }),
            answer: Changes::new(Role::Primary),
        })))
    }

    /// Sets the health of one record.
    pub fn set_health(&self, role: Role, health: RecordHealth) {
        let mut state = locked(&self.0.state);
        match role {
            Role::Primary => state.primary = health,
            Role::Standby => state.standby = health,
        }
        self.0.answer.set(failover_answer(state.primary.health(), state.standby.health()));
    }

    /// Sets what the primary's own check says. The latch has no part in it.
    pub fn set_verdict(&self, health: Health) {
        locked(&self.0.state).verdict = health;
    }

    /// Gives a load balancer its DNS name, known only once it is deployed. The name may lie in any zone.
    ///
    /// # Errors
    /// `InvalidInput` if it is not a name.
    pub fn set_balancer_name(&self, role: Role, name: &str) -> io::Result<()> {
        let name = LowerName::from(absolute(name)?);
        if let Some(address) = self.0.balancers.get(&role) {
            locked(&self.0.state).names.insert(name, *address);
        }
        Ok(())
    }

    /// Takes a name away again. One that is not there is no matter.
    pub fn forget_name(&self, name: &str) {
        if let Ok(name) = absolute(name) {
            locked(&self.0.state).names.remove(&LowerName::from(name));
        }
    }

    /// Whom the site's name answers.
    #[must_use]
    pub fn answer(&self) -> &Changes<Role> {
        &self.0.answer
    }

    /// The health of one record now.
    #[must_use]
    pub fn health(&self, role: Role) -> RecordHealth {
        let state = locked(&self.0.state);
        match role {
            Role::Primary => state.primary,
            Role::Standby => state.standby,
        }
    }

    /// The address behind a name, or `None` if there is no such name.
    fn address(&self, name: &LowerName) -> Option<Ipv4Addr> {
        if *name == self.0.site {
            self.0.balancers.get(&self.answer().now()).copied()
        } else {
            locked(&self.0.state).names.get(name).copied()
        }
    }

    /// Response code, answers and authority for one question.
    pub(super) fn resolve(
        &self,
        name: &LowerName,
        kind: RecordType,
    ) -> (ResponseCode, Vec<Record>, Vec<Record>) {
        let apex = LowerName::from(&self.0.apex);
        let record = |data| Record::from_rdata(Name::from(name.clone()), self.0.ttl, data);
        let answers = match (self.address(name), kind) {
            (_, RecordType::TXT) if *name == self.0.verdict => {
                vec![record(RData::TXT(TXT::new(vec![self.verdict()])))]
            }
            (Some(address), RecordType::A) => vec![record(RData::A(address.into()))],
            (None, RecordType::SOA) if *name == apex => vec![self.soa()],
            (None, RecordType::NS) if *name == apex => {
                vec![record(RData::NS(NS(self.name_server())))]
            }
            (Some(_), _) => Vec::new(),
            (None, _) if *name == apex => Vec::new(),
            (None, _) => return (ResponseCode::NXDomain, Vec::new(), vec![self.soa()]),
        };
        let authority = if answers.is_empty() { vec![self.soa()] } else { Vec::new() };
        (ResponseCode::NoError, answers, authority)
    }

    /// The text of the pair's record that is answered: the second has no check, so it is whenever the first is not.
    fn verdict(&self) -> String {
        let word = match locked(&self.0.state).verdict {
            Health::Healthy => verdict::HEALTHY,
            Health::Unhealthy => verdict::UNHEALTHY,
        };
        word.to_owned()
    }

    fn name_server(&self) -> Name {
        Name::from_ascii("ns1")
            .and_then(|label| label.append_domain(&self.0.apex))
            .unwrap_or_else(|_| self.0.apex.clone())
    }

    fn soa(&self) -> Record {
        let minutes = 60;
        let soa = SOA::new(
            self.name_server(),
            self.0.apex.clone(),
            1,
            15 * minutes,
            minutes,
            60 * minutes,
            self.0.ttl,
        );
        Record::from_rdata(self.0.apex.clone(), self.0.ttl, RData::SOA(soa))
    }
}

/// A name with its root, as it stands in a record.
fn absolute(name: &str) -> io::Result<Name> {
    let invalid = |error: ProtoError| {
        io::Error::new(io::ErrorKind::InvalidInput, format!("not a DNS name: `{name}`: {error}"))
    };
    let mut name = Name::from_ascii(name).map_err(invalid)?;
    name.set_fqdn(true);
    Ok(name)
}
