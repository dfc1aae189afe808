//! What a failover needs is looked at as it is now, and what is advised brings it back.

use cloud::guard::Safety;
use operate::status::drift::{self, Kind};
use provision::apply::Outcome;
use provision::needs::{self, Consequence, Fix, Need, Needs};
use site::model::StackId;
use site::names::Region;

use sample::standby::{at, deployed, note, standby};
use sample::{Fake, FakePremises, deploy, permit, planned, region, request, site};

const EAST: &str = "us-east-2";
const FUNCTION: &str = "us-east-2-shop-controller-FunctionName";
const ALARM: &str = "us-east-1-shop-detector-AlarmName";

/// Something that somebody does outside CloudFormation.
type Doing = fn(&mut FakePremises);

/// Each way in which a need is not met, and what that means.
const DOINGS: [(Need, Consequence, Doing); 23] = [
    (Need::Records, Consequence::UsersStay, |wires| wires.records.clear()),
    (Need::Records, Consequence::UsersStay, |wires| {
        wires.records.get_mut("shop.example.com").expect("records").truncate(1);
    }),
    (Need::Records, Consequence::UsersStay, |wires| {
        let records = wires.records.get_mut("shop.example.com").expect("records");
        records[1].alias = Some("elsewhere.example.com.".to_owned());
    }),
    (Need::CheckSettings, Consequence::UsersStay, |wires| set(wires, "gate", true, false)),
    (Need::CheckSettings, Consequence::UsersStay, |wires| set(wires, "latch", true, false)),
    (Need::CheckSettings, Consequence::Inverted, |wires| set(wires, "primary", false, true)),
    (Need::CheckSettings, Consequence::UsersStay, |wires| {
        wires.checks.remove("standby");
    }),
    (Need::Verdict, Consequence::Late, |wires| verdict(wires).truncate(1)),
    (Need::Verdict, Consequence::Unlike, |wires| {
        verdict(wires)[0].health_check_id = Some("gate".to_owned());
    }),
    (Need::Verdict, Consequence::Unlike, |wires| {
        verdict(wires)[1].health_check_id = Some("standby".to_owned());
    }),
    (Need::Alarm, Consequence::NoFailover, |wires| wires.alarms.clear()),
    (Need::Alarm, Consequence::Late, |wires| alarm(wires).enabled = false),
    (Need::Alarm, Consequence::Late, |wires| alarm(wires).on_alarm.clear()),
    (Need::Topic, Consequence::Late, |wires| wires.subscriptions.clear()),
    (Need::Permission, Consequence::Late, |wires| {
        let key = (region(EAST), FUNCTION.to_owned());
        wires.invokers.get_mut(&key).expect("a policy").remove(0);
    }),
    (Need::Tick, Consequence::NoTick, |wires| rule(wires).enabled = false),
    (Need::Tick, Consequence::NoTick, |wires| rule(wires).targets.clear()),
    (Need::TickPermission, Consequence::NoTick, |wires| {
        let key = (region(EAST), FUNCTION.to_owned());
        wires.invokers.get_mut(&key).expect("a policy").truncate(1);
    }),
    (Need::Looks, Consequence::Late, |wires| wires.event_sources.clear()),
    (Need::Looks, Consequence::Late, |wires| {
        let key = (region(EAST), FUNCTION.to_owned());
        wires.event_sources.get_mut(&key).expect("a queue")[0].enabled = false;
    }),
    (Need::Function, Consequence::NoFailover, |wires| wires.functions.clear()),
    (Need::ReservedConcurrency, Consequence::NoFailover, |wires| {
        let key = (region(EAST), FUNCTION.to_owned());
        wires.functions.get_mut(&key).expect("a function").reserved = Some(0);
    }),
    (Need::StandbyBalancer, Consequence::UsersStay, |wires| {
        wires.balancers.remove(&(region(EAST), "shop-standby".to_owned()));
    }),
];

fn set(wires: &mut FakePremises, id: &str, disabled: bool, inverted: bool) {
    let check = wires.checks.get_mut(id).expect("a check");
    (check.disabled, check.inverted) = (disabled, inverted);
}

fn alarm(wires: &mut FakePremises) -> &mut cloud::AlarmWiring {
    wires.alarms.get_mut(&(Region::detector(), ALARM.to_owned())).expect("an alarm")
}

fn verdict(wires: &mut FakePremises) -> &mut Vec<cloud::RecordView> {
    wires.records.get_mut("pilotlight-verdict.shop.example.com").expect("records")
}

fn rule(wires: &mut FakePremises) -> &mut cloud::RuleView {
    wires.rules.get_mut(&(region(EAST), "shop-tick".to_owned())).expect("a rule")
}

async fn read(cloud: &Fake) -> Needs {
    needs::read(cloud, &site()).await
}

/// Does what a command does.
#[expect(clippy::panic, reason = "it fails its test")]
fn typed(cloud: &Fake, command: &str) {
    let words: Vec<_> = command.split_whitespace().collect();
    let after = |flag: &str| words[words.iter().position(|word| *word == flag).expect("it") + 1];
    cloud.rewire(|wires| match &words[..4] {
        ["aws", "cloudwatch", "enable-alarm-actions", _] => alarm(wires).enabled = true,
        ["aws", "events", "enable-rule", _] => rule(wires).enabled = true,
        ["aws", "route53", "update-health-check", _] => {
            assert!(words.contains(&"--no-disabled") || words.contains(&"--no-inverted"));
            set(wires, after("--health-check-id"), false, false);
        }
        ["aws", "lambda", "put-function-concurrency", _] => {
            let key = (region(after("--region")), after("--function-name").to_owned());
            let function = wires.functions.get_mut(&key).expect("a function");
            function.reserved = after("--reserved-concurrent-executions").parse().ok();
        }
        other => panic!("nobody knows what {other:?} does"),
    });
}

#[tokio::test]
async fn a_site_as_it_was_deployed_has_all_that_a_failover_needs() {
    let needs = read(&deployed().await).await;
    let compared = Need::ALL.iter().filter(|need| **need != Need::Code);
    assert!(needs.is_fine(), "{needs:?}");
    assert_eq!(needs.met, compared.copied().collect::<Vec<_>>());
}

#[tokio::test]
async fn what_cloudformation_does_not_see_is_drift_and_told_by_plan() {
    for (need, consequence, doing) in DOINGS {
        let cloud = deployed().await;
        cloud.rewire(doing);
        let needs = read(&cloud).await;
        let found = needs.broken.iter().find(|broken| broken.need == need);
        let found = found.unwrap_or_else(|| panic!("{need:?}: {needs:?}"));
        assert_eq!(found.consequence, consequence, "{found}");
        let drift = drift::read(&cloud, &site(), at(60)).await.expect("a comparison");
        let line = drift.unexpected.iter().find(|line| line.subject == need.word());
        let line = line.unwrap_or_else(|| panic!("{need:?}: {drift:?}"));
        assert!(line.what.starts_with(consequence.words()), "{line:?}");
        let plan = planned(&cloud, &site()).await;
        assert!(plan.is_empty(), "CloudFormation sees nothing of it");
        assert_eq!(plan.needs, Some(needs));
    }
}

#[tokio::test]
async fn a_deploy_does_not_bring_it_back_and_what_is_advised_does() {
    for (need, _, doing) in DOINGS {
        let cloud = deployed().await;
        cloud.rewire(doing);
        let unchanged = deploy(&cloud, &request(&site())).await.0.expect("it deploys");
        assert!(unchanged.stacks.values().all(|one| *one == Outcome::Unchanged));
        // Each round follows the first advice that is open.
        for _ in 0..3 {
            let Some(broken) = read(&cloud).await.broken.into_iter().next() else { break };
            match broken.fix {
                Fix::Command(command) => typed(&cloud, &command),
                Fix::Repair(stack) => {
                    let mut asked = request(&site());
                    asked.repair = vec![stack];
                    let deployed = deploy(&cloud, &asked).await.0.expect("it repairs");
                    assert_eq!(deployed.stacks[&stack], Outcome::Updated, "{need:?}");
                }
                Fix::Advice(text) => panic!("{need:?}: {text}"),
            }
        }
        let needs = read(&cloud).await;
        assert!(needs.is_fine(), "{need:?}: {needs:?}");
    }
}

#[tokio::test]
async fn a_repair_is_planned_and_changes_nothing_where_nothing_is_wrong() {
    let cloud = deployed().await;
    let given = |stack| {
        let mut asked = request(&site());
        asked.repair = vec![stack];
        asked.given(cloud::guard::Carried::default())
    };
    let plan = async |stack| {
        let pace = provision::progress::Pace::at_once();
        let permit = permit();
        let (site, given) = (site(), given(stack));
        provision::plan::plan(&cloud, &permit, &site, &given, pace).await.expect("a plan")
    };
    assert!(plan(StackId::Detector).await.is_empty());
    cloud.rewire(|wires| wires.records.clear());
    let repair = plan(StackId::Detector).await;
    assert!(
        repair.to_string().contains("live resources that differ from the template"),
        "{repair}"
    );
    assert_eq!(repair.guarded_updates().count(), 1, "it is guarded as any update");
    assert!(plan(StackId::Controller).await.is_empty(), "its parts are all there");
}

#[tokio::test]
async fn a_repair_never_sets_the_sizes_of_a_group() {
    use cloud::{ResourceAction, ResourceChange};
    let cloud = deployed().await;
    cloud.rewire(|wires| {
        wires.balancers.clear();
    });
    let group = ResourceChange {
        logical_id: "Group".to_owned(),
        resource_type: "AWS::AutoScaling::AutoScalingGroup".to_owned(),
        action: ResourceAction::Modify,
        properties: Vec::new(),
    };
    cloud.will_change("shop-web", vec![group]);
    let mut asked = request(&site());
    asked.repair = vec![StackId::WebPrimary];
    asked.safety = Safety::Overruled;
    let error = deploy(&cloud, &asked).await.0.expect_err("it is refused");
    assert!(error.to_string().contains("whose instances may serve users"), "{error}");
    let executed =
        cloud.writes().iter().filter(|call| call.starts_with("ExecuteChangeSet")).count();
    assert_eq!(executed, site().stacks.len(), "the first deploy's, and no other");
}

#[tokio::test]
async fn a_repair_waits_while_the_site_is_failed_over() {
    let cloud = deployed().await;
    cloud.rewire(|wires| {
        wires.records.clear();
        set(wires, "latch", true, false);
    });
    let sizes = failover_core::record::Sizes { min: 2, desired: 2, max: 8 };
    let group = standby(sizes, 2, &[note(2)]);
    cloud.set_group(&region(EAST), sample::standby::STANDBY, group);
    let drift = drift::read(&cloud, &site(), at(60)).await.expect("a comparison");
    for subject in ["records", "check-settings"] {
        let line = drift.unexpected.iter().find(|line| line.subject == subject);
        let next = line.map(|line| line.next.clone());
        let calm = next.is_none_or(|next| matches!(next.kind(), Kind::Wait | Kind::Advice));
        assert!(calm, "{subject}: {drift:?}");
    }
}

#[tokio::test]
async fn what_could_not_be_looked_at_is_never_fine() {
    let cloud = deployed().await;
    cloud.refuse("GetFunction", "AccessDenied");
    let needs = read(&cloud).await;
    assert!(!needs.is_fine() && needs.broken.is_empty(), "{needs:?}");
    let unread: Vec<_> = needs.unread.iter().map(|unread| unread.need).collect();
    assert_eq!(unread, [Need::Function, Need::ReservedConcurrency, Need::Code]);
    cloud.go_dark(&Region::detector());
    let drift = drift::read(&cloud, &site(), at(60)).await.expect("a comparison");
    assert!(drift.unknown.iter().any(|line| line.subject == "check-settings"), "{drift:?}");
}

#[tokio::test]
async fn other_code_than_was_deployed_is_told() {
    let cloud = deployed().await;
    let hash = "a".repeat(64);
    let mut asked = request(&site());
    asked.code.key = format!("controller/{hash}.zip");
    deploy(&cloud, &asked).await.0.expect("it deploys");
    let runs = |hash: String| {
        cloud.rewire(|wires| {
            let key = (region(EAST), FUNCTION.to_owned());
            wires.functions.get_mut(&key).expect("a function").code_sha256 = Some(hash);
        });
    };
    runs(hash);
    assert!(read(&cloud).await.met.contains(&Need::Code));
    runs("b".repeat(64));
    let needs = read(&cloud).await;
    let Fix::Command(command) = &needs.broken[0].fix else { panic!("{needs:?}") };
    assert!(command.starts_with("aws lambda update-function-code --region us-east-2"), "{command}");
}
