//! Drills of a deployed site, offline: what they demand, what the rules foretell, and that every prefix of their writes is
//! undone.

use std::slice::from_ref;

use cloud::guard::GuardError;
use cloud::{
    AlarmStatus, AliasRecord, CheckView, Cloud, Dns, GroupView, HealthCheckRequest, Invocation,
    Protocol,
};
use drill::levels::{Facts, Level, foretell, ready, refusal};
use drill::restore::{CheckBefore, GroupBefore, Made, Restore, SCHEMA, standing, undo};
use failover_core::observation::{
    AlarmState, Answer, Datapoints, Group, Known, Mode, Observation, Probe, Why,
};
use failover_core::record::{History, Record, Register, Sizes};
use failover_core::time::after;
use failover_core::{DecisionRecord, Signal};
use futures::FutureExt;
use site::names::HostedZoneId;

use sample::decided::{decided, seen};
use sample::standby::{at, deployed, servers, standby};
use sample::{Fake, consent, make, permit, region, site, turn};

const IDLE: Sizes = Sizes { min: 0, desired: 0, max: 8 };
const PRIMARY: Sizes = Sizes { min: 2, desired: 2, max: 8 };
const NAME: &str = "drill.app.example.com";
pub const SITE_CHECK: &str = "11111111-site";

pub fn zone() -> HostedZoneId {
    HostedZoneId::parse("Z0FAKE").expect("a zone")
}

pub fn check(id: &str) -> CheckView {
    let (id, token, kind) = (id.to_owned(), format!("token-{id}"), "HTTP".to_owned());
    CheckView { id, token, version: 7, kind, ..CheckView::default() }
}

pub fn restore() -> Restore {
    let group = |place: &str, group: &str, sizes| GroupBefore {
        region: region(place),
        group: group.to_owned(),
        sizes,
    };
    Restore {
        schema: SCHEMA,
        site: "shop".to_owned(),
        account: "000000000000".to_owned(),
        level: Level::Dns,
        started_at: at(0),
        by: "alice".to_owned(),
        check: Some(CheckBefore {
            id: SITE_CHECK.to_owned(),
            inverted: false,
            version: 7,
            turned: None,
        }),
        made: Some(Made {
            zone: zone(),
            name: NAME.to_owned(),
            mark: "pilotlight-drill-shop-1".to_owned(),
            tokens: ["one", "two"].map(str::to_owned).into(),
        }),
        standby: group("us-east-2", "shop-standby", IDLE),
        primary: group("us-west-2", "shop-primary", PRIMARY),
    }
}

pub fn record(failover: &str, mark: &str) -> AliasRecord {
    AliasRecord {
        name: NAME.to_owned(),
        set_identifier: format!("{mark}-{failover}"),
        failover: failover.to_owned(),
        health_check_id: Some("one".to_owned()),
        target: "lb.example.com".to_owned(),
        target_zone: "Z1".to_owned(),
        evaluates_target: true,
    }
}

/// The site's check, and groups as they were.
pub fn ground() -> Fake {
    let cloud = Fake::new();
    cloud.set_health_check(check(SITE_CHECK));
    cloud.set_group(&region("us-east-2"), "shop-standby", standby(IDLE, 0, &[]));
    let primary = GroupView { sizes: PRIMARY, instances: servers(2), ..GroupView::default() };
    cloud.set_group(&region("us-west-2"), "shop-primary", primary);
    cloud
}

/// Every write that a drill makes by itself, of all levels.
pub async fn drill(cloud: &Fake, restore: &Restore) {
    let made = restore.made.as_ref().expect("a name");
    for token in &made.tokens {
        let request = HealthCheckRequest::Http {
            protocol: Protocol::Http,
            host: "lb.example.com".to_owned(),
            port: 80,
            path: "/health".to_owned(),
            interval_seconds: 10,
            failure_threshold: 3,
        };
        cloud.create_health_check(&permit(), &request, token).await.expect("it is made");
    }
    let records = ["PRIMARY", "SECONDARY"].map(|failover| record(failover, &made.mark));
    make(cloud, &records).await;
    turn(cloud, "one", true).await.expect("it turns");
    turn(cloud, SITE_CHECK, true).await.expect("it turns");
}

async fn is_as_before(cloud: &Fake) {
    let left = standing(cloud, &restore(), false).await.expect("it can be read");
    assert_eq!(left, [], "{:?}", cloud.writes());
    let ids: Vec<_> = cloud.health_checks().into_iter().map(|check| check.id).collect();
    assert_eq!(ids, [SITE_CHECK]);
    assert!(!cloud.health_checks()[0].inverted);
    assert_eq!(cloud.aliases(), []);
}

/// Goal: whenever a drill dies, and whenever its undo dies, the next undo leaves everything as before.
/// Method: every prefix of the drill's writes, and for each every prefix of the undo's.
#[tokio::test]
async fn every_prefix_of_a_drill_is_undone_by_every_prefix_of_an_undo_and_another_one() {
    let whole = ground();
    drill(&whole, &restore()).await;
    let writes = whole.writes().len();
    assert_eq!(writes, 6, "two checks, two records, two turns");
    for done in 0..=writes {
        // BOUND: no undo makes more writes than the drill did.
        for undone in 0..=writes {
            let cloud = ground();
            cloud.fall_silent_after(Some(done));
            drill(&cloud, &restore()).now_or_never();
            let so_far = cloud.writes().len();
            cloud.fall_silent_after(Some(so_far + undone));
            undo(&cloud, &permit(), &restore()).now_or_never();
            cloud.fall_silent_after(None);
            undo(&cloud, &permit(), &restore()).await.expect("it is undone");
            is_as_before(&cloud).await;
            let writes = cloud.writes().len();
            let again = undo(&cloud, &permit(), &restore()).await.expect("it is undone");
            assert_eq!((again.len(), cloud.writes().len()), (0, writes), "twice is once");
        }
    }
}

#[tokio::test]
async fn a_check_that_somebody_changed_meanwhile_is_turned_back_all_the_same() {
    let cloud = ground();
    let changed = CheckView { inverted: true, version: 12, ..check(SITE_CHECK) };
    cloud.set_health_check(changed);
    cloud.refuse("UpdateHealthCheck", "HealthCheckVersionMismatch");
    let done = undo(&cloud, &permit(), &restore()).await.expect("it is undone");
    assert_eq!(done, [format!("the health check {SITE_CHECK} is no longer inverted")]);
    is_as_before(&cloud).await;
}

#[tokio::test]
async fn a_turn_on_an_old_version_is_refused() {
    let cloud = ground();
    let read = consent().check(&cloud, SITE_CHECK).await.expect("it is read").expect("it is there");
    cloud.set_health_check(CheckView { version: 8, ..check(SITE_CHECK) });
    let error = cloud.set_inverted(read, true).await.expect_err("refused");
    assert_eq!(error.service_code(), Some("HealthCheckVersionMismatch"));
    assert_eq!(cloud.writes(), Vec::<String>::new());
}

#[tokio::test]
async fn what_others_made_at_the_drills_name_stays() {
    let cloud = ground();
    let theirs = record("PRIMARY", "pilotlight-drill-shop-2");
    make(&cloud, from_ref(&theirs)).await;
    undo(&cloud, &permit(), &restore()).await.expect("it is undone");
    assert_eq!(cloud.aliases(), [theirs]);
}

#[tokio::test]
async fn another_account_is_not_touched() {
    let cloud = ground();
    drill(&cloud, &restore()).await;
    let before = cloud.writes().len();
    let foreign = Restore { account: "111111111111".to_owned(), ..restore() };
    let error = undo(&cloud, &permit(), &foreign).await.expect_err("refused");
    assert!(matches!(error, GuardError::Refused(_)), "{error}");
    assert_eq!(cloud.writes().len(), before);
}

#[tokio::test]
async fn what_the_controller_holds_is_left_to_it_and_what_nobody_holds_is_told() {
    let cloud = ground();
    let raised = Sizes { min: 2, desired: 2, max: 8 };
    let east = region("us-east-2");
    cloud.set_group(&east, "shop-standby", standby(raised, 2, &[sample::standby::note(2)]));
    let left = standing(&cloud, &restore(), false).await.expect("it can be read");
    assert!(left.len() == 1 && left[0].by_controller, "{left:?}");
    cloud.set_group(&east, "shop-standby", standby(raised, 2, &[]));
    let left = standing(&cloud, &restore(), false).await.expect("it can be read");
    assert!(left.len() == 1 && !left[0].by_controller, "{left:?}");
    let left = standing(&cloud, &restore(), true).await.expect("it can be read");
    assert_eq!(left, [], "a floor that follows the load has sizes of its own");
}

/// What the controller sees of an idle site.
fn idle(record: Record) -> Observation {
    let seen = seen(AlarmState::Ok, at(-7200), IDLE, record);
    let primary = Group {
        min: 2,
        desired: 2,
        max: 8,
        in_service: 2,
        healthy: Known::Known(2),
        suspended: false,
        paused: false,
        cpu: Known::Unknown(Why::NotAsked),
    };
    Observation {
        datapoints: Known::Known(Datapoints {
            period: std::time::Duration::from_mins(1),
            newest: at(-60),
            healthy_run: 120,
            newest_two_zero: false,
        }),
        primary: Known::Known(primary),
        verdict: Known::Unknown(Why::NotAsked),
        answer: Known::Known(Answer::Primary),
        probe: Known::Known(Probe::Up),
        egress: true,
        ..seen
    }
}

fn rehearsal(observation: Observation) -> DecisionRecord {
    decided(&site(), Signal::Rehearsal, observation, at(0))
}

fn failbacks(count: i64) -> Record {
    let finished = (1..=count).map(|number| after(at(0), -3600 * number)).collect();
    Record::default().with(&Register::History(History { finished }))
}

#[test]
fn the_rules_foretell_every_level() {
    let seen = rehearsal(idle(Record::default()));
    for (level, rules) in [
        (Level::Shadow, &["Draining"][..]),
        (Level::Dns, &["Draining"]),
        (Level::Live, &["Raise", "CloseLatch", "OpenLatch"]),
    ] {
        let foretold = foretell(level, &seen).expect("they play along");
        assert_eq!((foretold.rules.as_slice(), foretold.approval), (rules, false), "{level:?}");
        assert_eq!(foretold.target, seen.policy.target(None));
    }
}

#[test]
fn a_drill_that_the_rules_would_not_end_is_not_begun() {
    let young = Observation {
        alarm: idle(Record::default()).alarm.map(|alarm| failover_core::observation::AlarmView {
            transitioned_at: at(-60),
            ..alarm
        }),
        ..idle(Record::default())
    };
    let why = foretell(Level::Shadow, &rehearsal(young)).expect_err("not proven");
    assert!(why.contains("keep the standby raised"), "{why}");
    for level in [Level::Shadow, Level::Live] {
        let third = foretell(level, &rehearsal(idle(failbacks(2)))).expect_err("too often");
        assert!(third.contains("third failback"), "{third}");
    }
    let frozen = Record::default().with(&Register::Mode(Mode::Frozen));
    foretell(Level::Live, &rehearsal(idle(frozen))).expect_err("frozen");
    let blind = Observation { record: Known::Unknown(Why::Denied), ..idle(Record::default()) };
    foretell(Level::Live, &rehearsal(blind)).expect_err("unreadable");
}

pub async fn facts(cloud: &Fake, level: Level) -> Facts {
    let payload = serde_json::to_vec(&rehearsal(idle(Record::default()))).expect("plain data");
    cloud.let_answer(Invocation { payload, error: None });
    Facts::read(cloud, &permit(), &site(), level, Vec::new()).await.expect("they are read")
}

/// A deployed, idle site, by both ways in which a group is named.
pub async fn idle_site() -> Fake {
    let cloud = deployed().await;
    cloud.set_group(&region("us-east-2"), "shop-standby", standby(IDLE, 0, &[]));
    let primary = GroupView { sizes: PRIMARY, instances: servers(2), ..GroupView::default() };
    cloud.set_group(&region("us-west-2"), "shop-primary", primary);
    cloud.set_healthy("us-west-2-shop-web-TargetGroupArn", 2);
    let ok = AlarmStatus { state: AlarmState::Ok, since: Some(at(-7200)), reason: None };
    cloud.set_alarm(&region("us-east-1"), &site().alarm_name(), ok);
    for output in ["PrimaryCheckId", "StandbyCheckId"] {
        cloud.set_health_check(check(&format!("us-east-1-shop-detector-{output}")));
    }
    cloud
}

pub fn unmet(level: Level, facts: &Facts) -> Vec<String> {
    let all = ready(level, &site(), facts, &foretell(level, &facts.rehearsal));
    let unmet = all.iter().filter(|one| !one.met);
    let unmet: Vec<_> = unmet.map(|one| one.what.clone()).collect();
    assert_eq!(refusal(level, &all).is_some(), !unmet.is_empty());
    unmet
}

#[tokio::test]
async fn an_idle_site_is_ready_for_every_level() {
    for level in [Level::Shadow, Level::Dns, Level::Live] {
        let facts = facts(&idle_site().await, level).await;
        assert_eq!(unmet(level, &facts), Vec::<String>::new(), "{level:?}");
    }
}

/// Goal: each precondition refuses alone. Method: spoil one thing at a time.
#[tokio::test]
async fn whatever_is_not_as_it_should_be_refuses() {
    type Spoil = fn(&mut Facts);
    let spoils: [(&str, Spoil); 9] = [
        ("the primary's health check is neither inverted nor disabled", |facts| {
            facts.primary_check.as_mut().expect("one").inverted = true;
        }),
        ("the primary's health check is neither inverted nor disabled", |facts| {
            facts.primary_check.as_mut().expect("one").kind = "CALCULATED".to_owned();
        }),
        ("the primary's health check is neither inverted nor disabled", |facts| {
            facts.primary_check = None;
        }),
        ("the standby's health check is neither inverted nor disabled", |facts| {
            facts.standby_check.as_mut().expect("one").disabled = true;
        }),
        ("the drill's name is free", |facts| facts.named.others.push("CNAME".to_owned())),
        ("a raise finds capacity", |facts| facts.capacity.push("vcpus: too few".to_owned())),
        ("the primary answers the controller", |facts| {
            facts.rehearsal.observation.probe = Known::Known(Probe::Down);
        }),
        ("DNS names the primary", |facts| {
            facts.rehearsal.observation.answer = Known::Known(Answer::Mixed);
        }),
        ("the controller is armed", |facts| {
            facts.status.mode = operate::status::Reading::Known(Mode::Observe);
        }),
    ];
    let well = facts(&idle_site().await, Level::Dns).await;
    for (what, spoil) in spoils {
        let mut facts = well.clone();
        spoil(&mut facts);
        assert!(unmet(Level::Dns, &facts).contains(&what.to_owned()), "{what}");
    }
}

#[tokio::test]
async fn an_alarm_or_a_raised_standby_refuses() {
    let cloud = idle_site().await;
    let alarm = AlarmStatus { state: AlarmState::Alarm, since: Some(at(-60)), reason: None };
    cloud.set_alarm(&region("us-east-1"), &site().alarm_name(), alarm);
    let raised = standby(Sizes { min: 2, desired: 2, max: 8 }, 2, &[sample::standby::note(2)]);
    cloud.set_group(&region("us-east-2"), sample::standby::STANDBY, raised);
    let facts = facts(&cloud, Level::Shadow).await;
    let unmet = unmet(Level::Shadow, &facts);
    for what in ["the alarm is OK", "nothing is raised"] {
        assert!(unmet.contains(&what.to_owned()), "{unmet:?}");
    }
}

#[tokio::test]
async fn a_controller_of_another_version_is_not_drilled() {
    let cloud = idle_site().await;
    let mut other = rehearsal(idle(Record::default()));
    other.decision.reason = failover_core::Reason::Frozen;
    let payload = serde_json::to_vec(&other).expect("plain data");
    cloud.let_answer(Invocation { payload, error: None });
    let error = Facts::read(&cloud, &permit(), &site(), Level::Live, Vec::new())
        .await
        .expect_err("refused");
    assert!(error.to_string().contains("decides otherwise"), "{error}");
    assert!(cloud.is_local());
}
