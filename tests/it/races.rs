//! What happens while a command waits at its question, or beside it: nothing is lost, and what is refused says what to do.

use std::collections::BTreeSet;

use cloud::guard;
use drill_local::stage::{SERVERS, Stage, group_name};
use drill_local::story::{self, Teller, until};
use e2e::command::Xtask;
use e2e::inventory::{Inventory, change_sets_left};
use e2e::terminal::{Shown, Terminal, unframed};
use e2e::{Deployed, WITHIN, ended, program, room, stage};
use failover_core::ReasonKind;
use failover_core::record::{Raised, Register, Sizes};
use failover_core::time::after;
use machine::clock;
use site::model::Role;

const REFUSED: Option<i32> = Some(6);
const DECLINED: Option<i32> = Some(8);

/// All of the account that a command could take from users: what there is, and both groups.
#[derive(Debug, PartialEq, Eq)]
struct Account {
    inventory: Inventory,
    primary: Group,
    standby: Group,
}

/// A group with its instances by id, and the note of a raise.
#[derive(Debug, PartialEq, Eq)]
struct Group {
    sizes: Sizes,
    instances: BTreeSet<String>,
    raised: Option<String>,
}

async fn group(stage: &Stage, role: Role) -> Group {
    let group = stage.cloud.group(stage.region(role), &group_name(role)).await;
    let group = group.expect("the emulator answers").expect("the group is there");
    let instances = group.instances.into_iter().map(|one| one.id).collect();
    Group { sizes: group.sizes, instances, raised: group.tags.get("pilotlight:raised").cloned() }
}

/// Waits until a group has as many instances as it was asked for.
async fn settled(stage: &Stage, role: Role, desired: u16) {
    let full = async || {
        let group = group(stage, role).await;
        (group.sizes.desired == desired && group.instances.len() == usize::from(desired))
            .then_some(())
    };
    until(WITHIN, full).await.expect("it has its instances");
}

impl Account {
    async fn read(stage: &Stage) -> Self {
        Self {
            inventory: Inventory::read(stage).await,
            primary: group(stage, Role::Primary).await,
            standby: group(stage, Role::Standby).await,
        }
    }
}

/// The site file with another minimum of the primary.
fn with_min(stage: &Stage, min: u16) -> String {
    let file = stage.site_file.replace("primary_min = 1", &format!("primary_min = {min}"));
    // A hint below the minimum is refused.
    let file = file.replace("peak_hint = 2", &format!("peak_hint = {}", min.max(2)));
    assert_ne!(file, stage.site_file);
    file
}

/// A site file with another target of the processor's load.
fn with_target(file: &str) -> String {
    let changed = file.replace("primary_max = 4", "primary_max = 4\ncpu_target_percent = 60");
    assert_ne!(changed, file);
    changed
}

#[track_caller]
fn assert_refused(shown: &Shown, words: &[&str]) {
    assert_eq!(shown.code, REFUSED, "{}", shown.text);
    for words in words {
        assert!(shown.after.contains(words), "`{words}` is missing: {}", shown.after);
    }
}

async fn without_change_sets(stage: &Stage) {
    for stack in &stage.site.stacks {
        assert_eq!(change_sets_left(stage, stack).await, Vec::<String>::new());
    }
}

/// Goal: what one operator deploys while the question of another waits stands, and the other is told what to do. Method: both
/// change the primary; the second says yes, does what is hinted, sees what it would take back, and says no.
#[tokio::test]
async fn what_one_operator_deploys_while_another_is_asked_stands() {
    let _room = room().await;
    let (_code, stage) = (program().await, stage().await);
    let (first, second) = (Xtask::new(&stage, "first"), Xtask::new(&stage, "second"));
    first.good("deploy --yes").await;
    first.write_site(&with_min(&stage, 2));
    second.write_site(&with_target(&stage.site_file));
    let question = Terminal::asked(&second, "deploy").await;
    first.good("deploy --yes").await;
    let before = Account::read(&stage).await;
    assert_eq!(before.primary.sizes.min, 2);

    let shown = question.answer(true).await;
    let why = "refused: somebody changed `web-primary` after the plan was shown";
    assert_refused(&shown, &[why, "shows the rest and asks again"]);
    assert_eq!(Account::read(&stage).await, before);
    assert_eq!(shown.next(), ["deploy"]);

    let question = Terminal::asked(&second, &shown.next()[0]).await;
    let shown = question.answer(false).await;
    assert_eq!(shown.code, DECLINED, "{}", shown.text);
    assert!(shown.text.contains("MinSize: 2 -> 1"), "the loss is shown: {}", shown.text);
    assert_eq!(Account::read(&stage).await, before);

    second.write_site(&with_target(&with_min(&stage, 2)));
    let shown = Terminal::asked(&second, "deploy").await.answer(true).await;
    assert_eq!(shown.code, Some(0), "{}", shown.text);
    assert_eq!(group(&stage, Role::Primary).await, before.primary);
    without_change_sets(&stage).await;
    ended(stage).await;
}

/// Goal: two deploys at once end as one, and whichever is stopped says what to do. Method: both at once on an empty account,
/// then with another value each; each that did not end well does what it was told.
#[tokio::test]
async fn two_deploys_at_once_come_to_what_one_of_them_asked_for() {
    let _room = room().await;
    let (_code, stage) = (program().await, stage().await);
    let (first, second) = (Xtask::new(&stage, "left"), Xtask::new(&stage, "right"));
    let xtasks = [&first, &second];
    for round in ["new", "changed"] {
        if round == "changed" {
            first.write_site(&with_min(&stage, 2));
            second.write_site(&with_min(&stage, 3));
        }
        let (one, two) = tokio::join!(first.run("deploy --yes"), second.run("deploy --yes"));
        // Each may win a stack of one wave, so both may be stopped; whoever is does what it is told.
        for (xtask, mut told) in xtasks.into_iter().zip([one, two]) {
            // BOUND: each run ends at one stack at least.
            for _ in &stage.site.stacks {
                if told.code == Some(0) {
                    break;
                }
                let error = unframed(&told.error);
                assert!(error.contains("`cargo xtask deploy`"), "{round}: {error}");
                assert_eq!(told.code, REFUSED, "{round}: {error}");
                told = xtask.run("deploy --yes").await;
            }
            assert_eq!(told.code, Some(0), "{round}: {told:#?}");
        }
        for stack in &stage.site.stacks {
            let view = stage.cloud.describe_stack(&stack.region, stack.name.as_str()).await;
            let view = view.expect("it answers").expect("it stands");
            assert!(view.status.is_success(), "{}: {}", stack.id, view.status);
        }
        without_change_sets(&stage).await;
    }
    let min = group(&stage, Role::Primary).await.sizes.min;
    assert!([2, 3].contains(&min), "{min}");
    ended(stage).await;
}

/// Goal: a failover that begins while questions wait is not disturbed by any answer. Method: `deploy`, `destroy` and
/// `failover --direct` wait; the primary dies, the controller raises the standby, which grows by one more; every answer is yes.
#[tokio::test]
async fn no_answer_to_a_question_of_before_disturbs_a_failover() {
    let site = Deployed::new().await;
    let stage = &site.stage;
    let (deploying, destroying, raising) = (
        Xtask::new(stage, "asked-deploy"),
        Xtask::new(stage, "asked-destroy"),
        Xtask::new(stage, "asked-failover"),
    );
    deploying.write_site(&with_min(stage, 2));
    let deploy = Terminal::asked(&deploying, "deploy").await;
    let destroy = Terminal::asked(&destroying, "destroy").await;
    let raise = Terminal::asked(&raising, "failover --direct").await;

    let died = clock::now();
    stage.world.kill(Role::Primary).await;
    site.until_decided(ReasonKind::Raise, died).await;
    site.until_standby(SERVERS).await;
    site.until_page(Role::Standby).await;
    site.until_decided(ReasonKind::CloseLatch, died).await;
    let region = stage.region(Role::Standby);
    let grown = stage.cloud.set_desired(stage.local, region, "shop-standby", SERVERS + 1).await;
    grown.expect("it grows");
    settled(stage, Role::Standby, SERVERS + 1).await;
    let before = Account::read(stage).await;

    let shown = deploy.answer(true).await;
    let why = "refused: `web-primary` would change while the controller holds the standby up since";
    assert_refused(&shown, &[why, "wait until `cargo xtask status` shows the standby idle"]);
    let status = deploying.good(&shown.next()[0]).await;
    assert!(status.out.contains("failover"), "{}", status.out);

    let shown = destroy.answer(true).await;
    assert_refused(&shown, &["users may be on it", "see where the users are with"]);

    let shown = raise.answer(true).await;
    assert_eq!(shown.code, Some(0), "{}", shown.text);
    assert!(shown.after.contains("the group changed in the meantime"), "{}", shown.after);
    assert_eq!(Account::read(stage).await, before, "nothing was lost");
    site.end().await;
}

/// Goal: servers that somebody added while `failback --direct` asked are not ended by an answer of before. Method: raise without
/// a controller, open the latch; while the question waits the standby is raised further, as the controller of another failover
/// would.
#[tokio::test]
async fn a_standby_that_was_raised_while_a_direct_failback_asked_keeps_its_servers() {
    let _room = room().await;
    let (code, stage) = (program().await, stage().await);
    let (teller, _scenes) = Teller::channel();
    story::deploy(&stage, code, &teller).await.expect("it deploys");
    let xtask = Xtask::new(&stage, "asked-failback");
    let region = stage.region(Role::Standby);
    let write = async |registers: &[Register]| {
        let consent = stage.local.consent();
        let group = consent.group(stage.cloud.as_ref(), region, "shop-standby").await;
        let group = group.expect("it is read").expect("it is there");
        let written = stage.cloud.write_registers(&group, registers).await;
        written.expect("it is written");
    };
    xtask.good("failover --direct --yes").await;
    settled(&stage, Role::Standby, SERVERS).await;
    let raised = stage.cloud.group(region, "shop-standby").await;
    let raised = raised.expect("it answers").expect("it is there");
    let at = clock::now();
    write(&[Register::Closed(at.into()), Register::Opened(after(at, 1).into())]).await;
    let question = Terminal::asked(&xtask, "failback --direct --accept-unproven").await;

    let note = guard::record(&raised).raised;
    let note = note.held().expect("it is noted");
    let (at, target) = (after(clock::now(), 2), SERVERS + 1);
    write(&[Register::Raised(Raised { at, target, ..*note })]).await;
    let grown = stage.cloud.set_desired(stage.local, region, "shop-standby", target).await;
    grown.expect("it grows");
    settled(&stage, Role::Standby, target).await;
    let before = Account::read(&stage).await;
    let shown = question.answer(true).await;
    assert_refused(&shown, &["raised the standby after the plan was shown"]);
    assert_eq!(Account::read(&stage).await, before);
    assert_eq!(before.standby.sizes, Sizes { desired: target, ..raised.sizes });
    ended(stage).await;
}
