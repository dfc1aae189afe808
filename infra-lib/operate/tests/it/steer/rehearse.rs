//! The rehearsal that ends a deploy: what the deployed function answers, and what is made of it.

use std::collections::BTreeMap;

use cloud::Invocation;
use failover_core::observation::AlarmState;
use failover_core::record::Record;
use failover_core::{DecisionRecord, Signal};
use operate::steer::{self, SteerError};
use provision::outputs::Outputs;
use site::model::StackId;

use sample::Fake;
use sample::decided::{decided, seen};
use sample::standby::at;
use sample::{permit, site};

use super::{IDLE, answer};

fn rehearsed() -> DecisionRecord {
    let seen = seen(AlarmState::Ok, at(-7200), IDLE, Record::default());
    decided(&site(), Signal::Rehearsal, seen, at(0))
}

async fn after(cloud: &Fake) -> Result<Option<DecisionRecord>, SteerError> {
    let mut outputs = Outputs::default();
    let name = ("FunctionName".to_owned(), "shop-controller".to_owned());
    outputs.insert(StackId::Controller, BTreeMap::from([name]));
    steer::after_deploy(cloud, &permit(), &site(), &outputs).await
}

#[tokio::test]
async fn a_deploy_ends_with_a_rehearsal_where_functions_run() {
    let cloud = Fake::new();
    assert_eq!(after(&cloud).await, Ok(None), "an emulator runs none");
    assert_eq!(cloud.writes(), Vec::<String>::new());
    cloud.go_remote();
    cloud.let_answer(answer(&rehearsed()));
    assert_eq!(after(&cloud).await, Ok(Some(rehearsed())));
    assert_eq!(cloud.writes(), ["Invoke us-east-2 shop-controller"]);
    let without = steer::after_deploy(&cloud, &permit(), &site(), &Outputs::default()).await;
    assert_eq!(without, Ok(None), "there is no controller yet");
}

/// Goal: a program that cannot start, such as one for a newer glibc, fails the deploy. Method: what Lambda answers then.
#[tokio::test]
async fn a_controller_that_cannot_start_fails_the_deploy() {
    let cloud = Fake::new();
    cloud.go_remote();
    let payload = br#"{"errorType":"Runtime.ExitError","errorMessage":"Error: Runtime exited with error: exit status 1"}"#;
    cloud.let_answer(Invocation { payload: payload.to_vec(), error: Some("Unhandled".to_owned()) });
    let error = after(&cloud).await.expect_err("it does not start");
    assert!(
        matches!(&error, SteerError::Unrehearsed { kind, .. } if kind == "Runtime.ExitError"),
        "{error}"
    );
    // Something answers that is no controller.
    cloud.let_answer(Invocation { payload: b"{}".to_vec(), error: None });
    assert!(matches!(after(&cloud).await, Err(SteerError::Unread { .. })));
}
