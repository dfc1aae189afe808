//! What the tool prints is typed, with AWS's own command line, in the situation that it is printed for and in a worse one:
//! nothing that serves is lowered.

use std::collections::BTreeSet;

use cloud::Group;
use cloud::guard::Fresh;
use drill_local::stage::{SERVERS, Stage, group_name};
use drill_local::story::{self, Teller};
use e2e::command::Xtask;
use e2e::shell::Shell;
use e2e::terminal::unframed;
use e2e::{Deployed, ended, program, room, stage};
use failover_core::ReasonKind;
use failover_core::decision::StandbyWrite;
use failover_core::record::{Register, Sizes};
use failover_core::time::after;
use machine::clock;
use serde_json::Value;
use site::model::{Role, StackId};

const GROUP: &str = "shop-standby";

/// Both groups: their sizes, and their instances by id.
async fn groups(stage: &Stage) -> Vec<(Sizes, BTreeSet<String>)> {
    let mut groups = Vec::new();
    for role in [Role::Primary, Role::Standby] {
        let group = stage.cloud.group(stage.region(role), &group_name(role)).await;
        let group = group.expect("the emulator answers").expect("the group is there");
        groups.push((group.sizes, group.instances.into_iter().map(|one| one.id).collect()));
    }
    groups
}

async fn standby(stage: &Stage) -> Sizes {
    groups(stage).await[1].0
}

/// The standby group, read for a write.
async fn now(stage: &Stage) -> Fresh<Group> {
    let (cloud, region) = (stage.cloud.as_ref(), stage.region(Role::Standby));
    let group = stage.local.consent().group(cloud, region, GROUP).await;
    group.expect("it is read").expect("it is there")
}

/// The commands that a verb prints for people, one on each line.
fn lines(text: &str) -> Vec<String> {
    let commands = text.lines().map(str::trim).filter(|line| {
        ["aws ", "[ $(aws ", "bucket=$(aws "].iter().any(|start| line.starts_with(start))
    });
    commands.map(str::to_owned).collect()
}

async fn deployed() -> Stage {
    let (code, stage) = (program().await, stage().await);
    let (teller, _scenes) = Teller::channel();
    story::deploy(&stage, code, &teller).await.expect("it deploys");
    stage
}

/// Goal: the commands of `--direct --print` raise and lower as the verb does, and whenever they are typed they go below nothing
/// that somebody raised since. Method: print, raise by hand, type what was printed before; then without a raise in between.
#[tokio::test]
async fn the_commands_of_a_direct_raise_and_lowering_keep_what_somebody_raised_meanwhile() {
    let _room = room().await;
    let stage = deployed().await;
    let (shell, xtask) = (Shell::prepare(&stage).await, Xtask::new(&stage, "printed-direct"));
    let raise = async |size| {
        let sizes = Sizes { min: size, desired: size, max: 4 };
        let write = StandbyWrite::Raise(sizes);
        let raised = stage.cloud.write_standby(now(&stage).await, write).await;
        raised.expect("it is raised");
        sizes
    };
    let raising = lines(&xtask.good("failover --direct --print").await.out);
    assert_eq!(raising.len(), 3, "{raising:#?}");
    shell.pasted(&raising).await;
    // AWS raises the desired capacity to the minimum; the emulator leaves it.
    assert_eq!(standby(&stage).await.min, SERVERS);
    let grown = raise(SERVERS + 1).await;
    shell.pasted(&raising).await;
    assert_eq!(standby(&stage).await, grown);

    let at = clock::now();
    let latch = [Register::Closed(at.into()), Register::Opened(after(at, 1).into())];
    let written = stage.cloud.write_registers(&now(&stage).await, &latch).await;
    written.expect("it is written");
    let lowering = lines(&xtask.good("failback --direct --print").await.out);
    assert_eq!(lowering.len(), 3, "{lowering:#?}");
    let grown = raise(SERVERS + 2).await;
    let told = shell.pasted(&lowering).await;
    assert_eq!(told.matches("not lowered").count(), 2, "{told}");
    assert_eq!(standby(&stage).await, grown);
    let lowering = lines(&xtask.good("failback --direct --print").await.out);
    let told = shell.pasted(&lowering).await;
    assert!(!told.contains("not lowered"), "{told}");
    assert_eq!(standby(&stage).await, Sizes { min: 0, desired: 0, max: 4 });
    ended(stage).await;
}

/// Goal: whoever opens the latch as a refused `failback --direct` says takes no server from the users, even if the primary is
/// still dead. Method: a failover whose latch is closed; what is hinted is typed.
#[tokio::test]
async fn the_latch_that_is_opened_by_hand_takes_no_server_from_the_users() {
    let site = Deployed::new().await;
    let shell = Shell::prepare(&site.stage).await;
    let xtask = Xtask::new(&site.stage, "printed-latch");
    let died = clock::now();
    site.stage.world.kill(Role::Primary).await;
    site.until_decided(ReasonKind::CloseLatch, died).await;
    site.until_page(Role::Standby).await;
    let before = groups(&site.stage).await;
    let told = xtask.run("failback --direct --print").await;
    assert_eq!(told.code, Some(6), "{told:#?}");
    let error = unframed(&told.error);
    let at = error.find("aws cloudwatch put-metric-data").expect("it says how to open the latch");
    shell.typed(&error[at..]).await;
    assert_eq!(groups(&site.stage).await, before);
    site.until_page(Role::Standby).await;
    assert_eq!(groups(&site.stage).await, before);
    site.end().await;
}

/// Goal: what drift and `drill restore` print for a need that is not met brings it back, at rest and failed over, and touches
/// no group. Method: break each with AWS's own command line, type what is printed.
#[tokio::test]
async fn what_is_printed_for_a_need_brings_it_back_and_lowers_nothing() {
    let site = Deployed::new().await;
    let shell = Shell::prepare(&site.stage).await;
    let xtask = Xtask::new(&site.stage, "printed-needs");
    let health = &site.stage.site.config.health;
    let id = health.primary_check_id.as_deref().expect("the drill's site brings it");
    let standby = health.standby_check_id.as_deref().expect("the drill's site brings it");
    let breaking = [
        format!("aws route53 update-health-check --health-check-id {id} --inverted"),
        format!("aws route53 update-health-check --health-check-id {standby} --disabled"),
        "aws cloudwatch disable-alarm-actions --alarm-names shop-primary-down".to_owned(),
        "aws events disable-rule --region us-east-2 --name shop-tick".to_owned(),
    ];
    for failed_over in [false, true] {
        if failed_over {
            let died = clock::now();
            site.stage.world.kill(Role::Primary).await;
            site.until_decided(ReasonKind::CloseLatch, died).await;
            site.until_standby(SERVERS).await;
        }
        for command in &breaking {
            let before = (printed(&xtask).await, groups(&site.stage).await);
            shell.typed(command).await;
            let broken = printed(&xtask).await;
            let new: Vec<_> = broken.iter().filter(|one| !before.0.contains(*one)).collect();
            let [typed] = new.as_slice() else { panic!("{failed_over} `{command}`: {new:#?}") };
            shell.typed(typed).await;
            let after = (printed(&xtask).await, groups(&site.stage).await);
            assert_eq!(after, before, "{failed_over} `{command}`, then `{typed}`");
        }
    }
    site.until_page(Role::Standby).await;
    site.end().await;
}

/// The commands of AWS that drift and `drill restore` print for the site as it is. The second looks at the health checks, which
/// no record carries on an emulator.
async fn printed(xtask: &Xtask) -> BTreeSet<String> {
    let told = xtask.run("status --drift --format json").await;
    let drift: Value = serde_json::from_str(&told.out).expect("it is JSON");
    let lines = drift["unexpected"].as_array().expect("a list").iter();
    let text = |line: &Value| line["next"].as_str().expect("a text").to_owned();
    let mut told: Vec<_> = lines.map(text).collect();
    told.push(unframed(&xtask.run("drill restore").await.error));
    let mut commands = BTreeSet::new();
    for text in told {
        for (at, _) in text.match_indices("aws ") {
            let end = |one: char| matches!(one, '`' | ';' | '(');
            let command = text[at..].split(end).next().unwrap_or_default();
            // A health check's command ends with its one flag, whatever words come after it.
            let flag = command.find("--no-").map(|flag| (flag, command[flag..].find(' ')));
            let command = match flag {
                Some((flag, Some(length))) => &command[..flag + length],
                _ => command,
            };
            commands.insert(command.trim_end_matches([' ', ',', '.']).to_owned());
        }
    }
    commands
}

/// Goal: the commands for a region that a site has left take down what stays there, and nothing of the site. Method: move the
/// standby, paste what the deploy prints.
#[tokio::test]
async fn what_is_printed_for_a_region_that_was_left_takes_only_that_down() {
    let _room = room().await;
    let stage = deployed().await;
    let (shell, xtask) = (Shell::prepare(&stage).await, Xtask::new(&stage, "printed-left"));
    let calm = "aws cloudwatch set-alarm-state --region us-east-1 --alarm-name shop-primary-down --state-value OK \
                --state-reason calm";
    shell.typed(calm).await;
    xtask.write_site(&stage.site_file.replace("us-east-2", "eu-west-1"));
    let moved = "deploy --yes --was standby=us-east-2";
    let mut told = xtask.run(moved).await;
    if told.code == Some(6) {
        told = xtask.run(moved).await;
    }
    let commands = lines(&told.error);
    let deleted = commands.iter().filter(|one| one.contains("delete-stack")).count();
    assert_eq!(deleted, 4, "{told:#?}");
    assert!(commands.iter().all(|one| one.contains("us-east-2")), "{commands:#?}");
    assert!(!commands.iter().any(|one| one.contains("eu-west-1") || one.contains("us-west-2")));
    shell.pasted(&commands).await;
    for stack in &stage.site.stacks {
        let stays = stack.id == StackId::Detector || stack.region == *stage.site.primary_region();
        let view = stage.cloud.describe_stack(&stack.region, stack.name.as_str()).await;
        let stands = view.expect("it answers").is_some_and(|view| view.status.is_success());
        assert_eq!(stands, stays, "{} in {}", stack.id, stack.region);
    }
    let status = xtask.run("status --format json").await;
    let status: Value = serde_json::from_str(&status.out).expect("it is JSON");
    assert_eq!(status["standby"]["region"], "eu-west-1", "{status:#}");
    xtask.good("destroy --yes").await;
    stage.close().await.expect("everything ends");
}

/// Goal: what a destruction leaves on purpose goes by the commands that it prints. Method: a site that keeps its access logs.
#[tokio::test]
async fn what_a_destruction_leaves_goes_by_what_it_prints() {
    let _room = room().await;
    let (_code, stage) = (program().await, stage().await);
    let (shell, xtask) = (Shell::prepare(&stage).await, Xtask::new(&stage, "printed-retained"));
    let logged =
        stage.site_file.replace("primary_min = 1", "primary_min = 1\naccess_logs = \"on\"");
    assert_ne!(logged, stage.site_file);
    xtask.write_site(&logged);
    xtask.good("deploy --yes").await;
    let told = xtask.good("destroy --yes").await;
    let commands: Vec<_> = told
        .out
        .lines()
        .filter_map(|line| Some(line.split_once("no longer need it: ")?.1.to_owned()))
        .collect();
    assert_eq!(commands.len(), 2, "{told:#?}");
    for command in &commands {
        shell.typed(command).await;
    }
    let left = shell.typed("aws s3api list-buckets --query Buckets[].Name --output text").await;
    assert_eq!(left.trim(), "", "no bucket is left");
    assert_eq!(stage.leftovers().await.expect("it answers"), Vec::<String>::new());
    stage.close().await.expect("everything ends");
}
