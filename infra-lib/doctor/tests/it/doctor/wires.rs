//! How the deployed parts hang together.

use cloud::Subscription;
use failover_core::time::after;
use site::names::Region;

use sample::region;

use super::world::{ALARM, ALERTS, FUNCTION, TOPIC, World, check, mail};

const DETECTOR: &str = "fix: `cargo xtask deploy --repair detector`";
const CONTROLLER: &str = "fix: `cargo xtask deploy --repair controller`";
const LATE: &str = "error: A failover begins up to a minute late:";
const STAY: &str = "error: Users will not leave a primary that is down:";

#[tokio::test]
async fn the_alarm_must_tell_the_topic_of_every_state() {
    let mut world = World::deployed("").await;
    let key = (Region::detector(), ALARM.to_owned());
    world.premises.alarms.get_mut(&key).expect("an alarm").on_ok.clear();
    let what = format!("{LATE} {ALARM} does not notify the topic of OK");
    check(&world, "alarm", &format!("{what}; {DETECTOR}")).await;
    world.premises.alarms.get_mut(&key).expect("an alarm").enabled = false;
    let fix = format!(
        "fix: `aws cloudwatch enable-alarm-actions --region us-east-1 --alarm-names {ALARM}`"
    );
    let what = format!("{LATE} the actions of {ALARM} are disabled: it notifies nobody");
    check(&world, "alarm", &format!("{what}; {fix}")).await;
    world.premises.alarms.clear();
    let what = format!("error: No failover will happen: there is no alarm {ALARM}");
    check(&world, "alarm", &format!("{what}; {DETECTOR}")).await;
}

#[tokio::test]
async fn the_topic_must_tell_the_controller() {
    let mut world = World::deployed("").await;
    let other = Subscription {
        protocol: "lambda".to_owned(),
        endpoint: "another function".to_owned(),
        pending: false,
    };
    world.premises.subscriptions.insert(TOPIC.to_owned(), vec![other]);
    let what = format!("{LATE} the topic does not notify the controller");
    check(&world, "topic", &format!("{what}; {DETECTOR}")).await;
    world.premises.subscriptions.clear();
    check(&world, "topic", &format!("{LATE} there is no topic {TOPIC}; {DETECTOR}")).await;
}

#[tokio::test]
async fn the_topic_must_be_let_in() {
    let mut world = World::deployed("").await;
    let key = (region("us-east-2"), FUNCTION.to_owned());
    let invokers = world.premises.invokers.get_mut(&key).expect("a policy");
    invokers[0].source_arn = Some("another topic".to_owned());
    let what = format!("{LATE} the topic may not invoke the controller");
    check(&world, "permission", &format!("{what}; {CONTROLLER}")).await;
    world.premises.invokers.clear();
    let what = format!("{LATE} nobody may invoke {FUNCTION}");
    check(&world, "permission", &format!("{what}; {CONTROLLER}")).await;
}

#[tokio::test]
async fn the_record_must_follow_the_check_that_the_alarm_watches() {
    let mut world = World::deployed("").await;
    world.premises.checks.get_mut("gate").expect("a check").children = vec!["other".to_owned()];
    let fix = "fix: name one check for both in [health] and deploy; if [health] names none, `cargo xtask deploy --repair detector`";
    let what = format!("{STAY} {ALARM} watches primary, and the record follows gate");
    check(&world, "watched-check", &format!("{what}; {fix}")).await;
    let records = world.premises.records.get_mut("shop.example.com").expect("records");
    for record in records {
        record.health_check_id = None;
    }
    let what = format!("{STAY} no record of the site has a health check");
    check(&world, "watched-check", &format!("{what}; {DETECTOR}")).await;
}

#[tokio::test]
async fn a_check_that_was_switched_off_or_inverted_is_told() {
    let mut world = World::deployed("").await;
    check(&world, "check-settings", "ok: 3 checks, none disabled or inverted").await;
    let update = "fix: `aws route53 update-health-check --health-check-id primary";
    world.premises.checks.get_mut("primary").expect("a check").inverted = true;
    let what = "error: A failover happens while the primary is healthy, and none once it is down: primary is inverted: a healthy region counts as down";
    check(&world, "check-settings", &format!("{what}; {update} --no-inverted`")).await;
    world.premises.checks.get_mut("primary").expect("a check").disabled = true;
    let what = "error: Users will not leave a primary that is down: primary is disabled, and counts as healthy for ever";
    check(&world, "check-settings", &format!("{what}; {update} --no-disabled`")).await;
    world.premises.checks.remove("primary");
    let what = format!("{STAY} the health check primary does not exist, and a record refers to it");
    check(&world, "check-settings", &format!("{what}; {DETECTOR}")).await;
}

#[tokio::test]
async fn a_load_balancer_must_not_hold_users_for_an_hour() {
    let mut world = World::deployed("").await;
    let key = (region("us-west-2"), "shop-primary".to_owned());
    world.premises.keep_alive.insert(key.clone(), 3600);
    check(
        &world,
        "keep-alive us-west-2",
        "error: a client may keep its connection for 3600 s, whatever DNS says by then; fix: `cargo xtask deploy --repair \
         web-primary`",
    )
    .await;
    world.premises.keep_alive.remove(&key);
    let what = "error: there is no load balancer shop-primary";
    let fix = "fix: `cargo xtask deploy --repair web-primary`";
    check(&world, "keep-alive us-west-2", &format!("{what}; {fix}")).await;
}

#[tokio::test]
async fn a_controller_that_has_gone_silent_is_told() {
    let mut world = World::deployed("").await;
    check(&world, "controller", "ok: wrote 30 s ago").await;
    world.now = after(world.now, 3600);
    let group = "us-east-2-shop-controller-LogGroupName";
    let fix = format!(
        "fix: `aws logs tail {group} --region us-east-2 --since 1h` shows its last lines; `cargo xtask status` shows the site"
    );
    let what = "error: the controller has written nothing for 300 s";
    check(&world, "controller", &format!("{what}; {fix}")).await;
}

#[tokio::test]
async fn people_must_have_confirmed_their_mail() {
    let mut world = World::deployed("notice_email = \"ops@example.com\"\n---").await;
    check(&world, "e-mail", "ok: 1 confirmed, of 3 topics").await;
    let pending = vec![mail("ops@example.com", true)];
    world.premises.subscriptions.insert(ALERTS.to_owned(), pending);
    check(
        &world,
        "e-mail",
        &format!(
            "warning: ops@example.com has not confirmed the notices of us-east-1; fix: follow the link in the mail from AWS; to \
             get it again: `aws sns subscribe --region us-east-1 --topic-arn {ALERTS} --protocol email --notification-endpoint \
             ops@example.com`"
        ),
    )
    .await;
    world.premises.subscriptions.insert(ALERTS.to_owned(), Vec::new());
    check(
        &world,
        "e-mail",
        "warning: ops@example.com is not subscribed to anything; fix: it was unsubscribed: subscribe it again by hand, \
         or remove it from `notice_email`, deploy, and add it again",
    )
    .await;
}
