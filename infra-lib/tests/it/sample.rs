//! The site that the tests deploy.

use std::path::PathBuf;

use infra_lib::apply::{Code, DeployError, Deployed, Request, Safety, apply};
use infra_lib::cloud::Fake;
use infra_lib::config::{Config, MINIMAL};
use infra_lib::guard::{Carried, Permit};
use infra_lib::model::Site;
use infra_lib::names::Region;
use infra_lib::plan::{Plan, plan};
use infra_lib::progress::{Pace, Progress, Reporter};

pub fn site() -> Site {
    site_with("")
}

/// The smallest site file with more tables after it.
pub fn site_with(more: &str) -> Site {
    let text = format!("{MINIMAL}\n{more}");
    Site::new(Config::from_toml(&text, "pilotlight.toml").expect("the sample is a valid site file"))
}

pub fn region(text: &str) -> Region {
    Region::parse(text).expect("a region")
}

pub fn request(site: &Site) -> Request {
    let code = Code { key: "controller/0.zip".to_owned(), file: PathBuf::from("unread.zip") };
    let (permit, safety) = (permit(), Safety::Guarded);
    Request {
        site: site.clone(),
        permit,
        code,
        safety,
        skip: Vec::new(),
        repair: Vec::new(),
        agreed: None,
    }
}

/// What the account in memory takes for the guard's word.
pub fn permit() -> Permit {
    Permit::of_emulator(&Fake::new()).expect("it is on this machine")
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
