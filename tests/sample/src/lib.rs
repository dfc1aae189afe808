//! What the tests of several crates share: a site, an account in memory that it is deployed to, the controller's decisions, and a
//! server in AWS's place.

pub mod decided;
mod fake;
pub mod server;
pub mod standby;

use std::path::PathBuf;

use cloud::guard::{Carried, Consent, Fresh, Local, Permit, Safety};
use cloud::{AliasRecord, CheckView, CloudError, Dns, Group, RecordChange, StackNow};
use provision::apply::{DeployError, Deployed, Request, apply};
use provision::plan::{Plan, plan};
use provision::progress::{Pace, Progress, Reporter};
use site::config::{Config, MINIMAL};
use site::model::{Code, Site};
use site::names::{HostedZoneId, Region};

pub use self::fake::{Fake, FakeKey, FakePremises, Happening};

#[must_use]
pub fn site() -> Site {
    site_with("")
}

/// The smallest site file with more tables after it.
#[must_use]
pub fn site_with(more: &str) -> Site {
    let text = format!("{MINIMAL}\n{more}");
    Site::new(Config::from_toml(&text, "pilotlight.toml").expect("the sample is a valid site file"))
}

#[must_use]
pub fn region(text: &str) -> Region {
    Region::parse(text).expect("a region")
}

#[must_use]
pub fn request(site: &Site) -> Request {
    let code = Code { key: "controller/0.zip".to_owned(), file: PathBuf::from("unread.zip") };
    let (consent, safety) = (consent(), Safety::Guarded);
    Request {
        site: site.clone(),
        consent,
        code,
        safety,
        skip: Vec::new(),
        repair: Vec::new(),
        rollback: Vec::new(),
        agreed: None,
    }
}

/// What the account in memory takes for the guard's word.
#[must_use]
pub fn permit() -> Permit {
    Local::of(&Fake::new()).expect("it is on this machine").permit()
}

/// The same with somebody's yes.
#[must_use]
pub fn consent() -> Consent {
    Local::of(&Fake::new()).expect("it is on this machine").consent()
}

/// A group that was read a moment ago.
pub async fn group_now(cloud: &Fake, place: &str, name: &str) -> Fresh<Group> {
    let read = consent().group(cloud, &region(place), name).await;
    read.expect("it is read").expect("it is there")
}

/// A stack of this name that was read a moment ago.
pub async fn stack_now(place: &str, name: &str) -> Fresh<StackNow> {
    let cloud = Fake::new();
    cloud.leave_stack(&region(place), name, "CREATE_COMPLETE");
    consent().stack(&cloud, &site(), &region(place), name).await.expect("it is read")
}

/// Turns a check round as somebody would who has just read it.
///
/// # Errors
/// What the account answers.
pub async fn turn(cloud: &Fake, id: &str, inverted: bool) -> Result<CheckView, CloudError> {
    let check = consent().check(cloud, id).await?.expect("it is there");
    cloud.set_inverted(check, inverted).await
}

/// Makes records as somebody would who has just looked at their name.
pub async fn make(cloud: &Fake, records: &[AliasRecord]) {
    let zone = HostedZoneId::parse("Z0FAKE").expect("it looks like an id");
    let at = consent().records(cloud, &zone, &records[0].name).await.expect("it is read");
    cloud.change_aliases(at, RecordChange::Create, records).await.expect("they are made");
}

/// Deploys and gathers what was told meanwhile.
pub async fn deploy(
    cloud: &Fake,
    request: &Request,
) -> (Result<Deployed, DeployError>, Vec<Progress>) {
    let (reporter, mut events) = Reporter::channel();
    let gather = async {
        let mut told = Vec::new();
        while let Some(event) = events.recv().await {
            told.push(event);
        }
        told
    };
    let work = async {
        let result = apply(cloud, request, &reporter, Pace::at_once()).await;
        drop(reporter);
        result
    };
    futures::join!(work, gather)
}

/// What a deploy would do.
pub async fn planned(cloud: &Fake, site: &Site) -> Plan {
    let given = request(site).given(Carried::default());
    plan(cloud, &permit(), site, &given, Pace::at_once()).await.expect("a plan")
}
