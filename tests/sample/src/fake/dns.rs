//! Route 53 in memory. Nothing is checked there and nobody is answered: that is the world's.

use std::collections::BTreeSet;
use std::io;
use std::net::IpAddr;

use async_trait::async_trait;

use site::names::{HostedZoneId, Region};

use super::Fake;
use cloud::Records;
use cloud::guard::{Fresh, Local, Permit};
use cloud::{
    AliasRecord, CheckStatus, CheckView, CloudError, Dns, HealthCheckRequest, Named, Protocol,
    RecordChange, RecordView,
};

#[async_trait]
impl Dns for Fake {
    async fn create_zone(
        &self,
        _local: Local,
        name: &str,
        _token: &str,
    ) -> Result<HostedZoneId, CloudError> {
        self.lock().wrote("CreateHostedZone", &Region::detector(), name);
        Ok(HostedZoneId::parse("Z0FAKE").expect("it looks like an id"))
    }

    async fn delete_zone(&self, _local: Local, zone: &HostedZoneId) -> Result<(), CloudError> {
        self.lock().wrote("DeleteHostedZone", &Region::detector(), zone.as_str());
        Ok(())
    }

    async fn records(&self, _zone: &HostedZoneId) -> Result<Vec<RecordView>, CloudError> {
        Ok(Vec::new())
    }

    /// Its id is its token.
    async fn create_health_check(
        &self,
        _permit: &Permit,
        check: &HealthCheckRequest,
        token: &str,
    ) -> Result<String, CloudError> {
        self.heard().await;
        let kind = match check {
            HealthCheckRequest::Http { protocol: Protocol::Http, .. } => "HTTP",
            HealthCheckRequest::Http { protocol: Protocol::Https, .. } => "HTTPS",
            HealthCheckRequest::Alarm { .. } => "CLOUDWATCH_METRIC",
            HealthCheckRequest::All(_) => "CALCULATED",
        };
        let mut state = self.reach("CreateHealthCheck", &Region::detector())?;
        state.wrote("CreateHealthCheck", &Region::detector(), token);
        let (id, token, kind) = (token.to_owned(), token.to_owned(), kind.to_owned());
        let made = CheckView { id: id.clone(), token, version: 1, kind, ..CheckView::default() };
        state.health_checks.entry(id.clone()).or_insert(made);
        Ok(id)
    }

    async fn delete_health_check(&self, check: Fresh<CheckView>) -> Result<(), CloudError> {
        self.heard().await;
        let id = &check.id;
        let mut state = self.reach("DeleteHealthCheck", &Region::detector())?;
        state.health_checks.remove(id).ok_or_else(|| absent("DeleteHealthCheck", id))?;
        state.wrote("DeleteHealthCheck", &Region::detector(), id);
        Ok(())
    }

    async fn check_status(&self, id: &str) -> Result<Option<CheckStatus>, CloudError> {
        Ok(self.reach("GetHealthCheckStatus", &Region::detector())?.checks.get(id).cloned())
    }

    async fn check(&self, id: &str) -> Result<Option<CheckView>, CloudError> {
        Ok(self.reach("GetHealthCheck", &Region::detector())?.health_checks.get(id).cloned())
    }

    async fn check_made_with(&self, token: &str) -> Result<Option<CheckView>, CloudError> {
        let state = self.reach("ListHealthChecks", &Region::detector())?;
        Ok(state.health_checks.values().find(|check| check.token == token).cloned())
    }

    async fn checks_made_with(&self, beginning: &str) -> Result<Vec<CheckView>, CloudError> {
        let state = self.reach("ListHealthChecks", &Region::detector())?;
        let made = state.health_checks.values();
        Ok(made.filter(|check| check.token.starts_with(beginning)).cloned().collect())
    }

    async fn set_inverted(
        &self,
        read: Fresh<CheckView>,
        inverted: bool,
    ) -> Result<CheckView, CloudError> {
        self.heard().await;
        let id = &read.id;
        let operation = "UpdateHealthCheck";
        let mut state = self.reach(operation, &Region::detector())?;
        let check = state.health_checks.get_mut(id).ok_or_else(|| absent(operation, id))?;
        if check.version != read.version {
            let code = "HealthCheckVersionMismatch";
            return Err(refused(operation, code, format!("it has version {}", check.version)));
        }
        check.inverted = inverted;
        check.version += 1;
        let changed = check.clone();
        state.wrote(operation, &Region::detector(), &format!("{id} inverted={inverted}"));
        Ok(changed)
    }

    async fn named(&self, _zone: &HostedZoneId, name: &str) -> Result<Named, CloudError> {
        let state = self.reach("ListResourceRecordSets", &Region::detector())?;
        let aliases = state.aliases.iter().filter(|record| record.name == name);
        Ok(Named { aliases: aliases.cloned().collect(), others: Vec::new() })
    }

    async fn change_aliases(
        &self,
        _at: Fresh<Records>,
        change: RecordChange,
        records: &[AliasRecord],
    ) -> Result<(), CloudError> {
        self.heard().await;
        let operation = "ChangeResourceRecordSets";
        let mut state = self.reach(operation, &Region::detector())?;
        let same = |record: &AliasRecord| {
            let key = |one: &AliasRecord| (one.name.clone(), one.set_identifier.clone());
            state.aliases.iter().find(|one| key(one) == key(record)).cloned()
        };
        let fits = records.iter().all(|record| match change {
            RecordChange::Create => same(record).is_none(),
            RecordChange::Delete => same(record).as_ref() == Some(record),
        });
        if !fits {
            return Err(refused(operation, "InvalidChangeBatch", "not as it stands".to_owned()));
        }
        for record in records {
            state.wrote(operation, &Region::detector(), &format!("{change:?} {}", record.name));
            match change {
                RecordChange::Create => state.aliases.push(record.clone()),
                RecordChange::Delete => state.aliases.retain(|one| one != record),
            }
        }
        Ok(())
    }

    async fn addresses(&self, name: &str) -> io::Result<BTreeSet<IpAddr>> {
        self.lock().addresses.get(name).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

fn absent(operation: &'static str, id: &str) -> CloudError {
    refused(operation, "NoSuchHealthCheck", format!("there is no {id}"))
}

fn refused(operation: &'static str, code: &str, detail: String) -> CloudError {
    let region = Region::detector().to_string();
    CloudError::Service { operation, region, code: code.to_owned(), detail }
}
