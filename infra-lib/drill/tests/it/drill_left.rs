//! What a drill leaves behind, and who puts it back: on the account in memory.

use std::path::PathBuf;
use std::sync::Arc;

use cloud::{AliasRecord, CheckView, Cloud, Expiry, StackResource};
use doctor::{Diagnosis, Finding, Trouble, Verdict};
use drill::levels::{Level, Unknown, capacity, drill_name};
use drill::restore::watchdog::watch;
use drill::restore::{
    CheckBefore, Inverted, Remedy, Restore, Stray, end, insist, invert, mark, remedy, strays, undo,
};
use operate::status::Reader;
use operate::steer::SignIn;
use provision::progress::Pace;
use tempfile::TempDir;

use sample::Fake;
use sample::standby::at;
use sample::{consent, make, permit, region, site, turn};

use super::drill_levels::{
    SITE_CHECK, check, drill, facts, ground, idle_site, record, restore, unmet,
};

/// A restore file of a live drill that somebody started, in a folder of its own.
fn file_of(by: &str) -> (TempDir, PathBuf, Restore) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("restore-shop.json");
    let restore = Restore { level: Level::Live, by: by.to_owned(), made: None, ..restore() };
    restore.write(&path).expect("it is written");
    (folder, path, restore)
}

fn inverted(cloud: &Fake) -> bool {
    cloud.health_checks().iter().any(|check| check.id == SITE_CHECK && check.inverted)
}

/// Goal: two live drills from two machines that passed their looks together: the second is refused by the version, and its undo
/// leaves the check of the first alone. Method: both invert on what both have read.
#[tokio::test]
async fn the_undo_of_a_drill_that_came_second_does_not_turn_the_first_ones_check_back() {
    let cloud = ground();
    let (_a, path_of_a, mut a) = file_of("alice");
    let (_b, path_of_b, mut b) = file_of("bob");
    let done = invert(&cloud, &consent(), &mut a, &path_of_a).await.expect("it is inverted");
    assert!(matches!(done, Inverted::Done(Ok(()))), "{done:?}");
    let late = invert(&cloud, &consent(), &mut b, &path_of_b).await.expect("it is answered");
    assert!(matches!(late, Inverted::Overtaken(Ok(()))), "{late:?}");
    let b = Restore::read(&path_of_b).expect("it is read").expect("it is there");
    assert_eq!(undo(&cloud, &permit(), &b).await.expect("nothing to do"), Vec::<String>::new());
    assert!(inverted(&cloud), "alice's drill goes on");
    let a = Restore::read(&path_of_a).expect("it is read").expect("it is there");
    assert_eq!(
        a.check.as_ref().and_then(|check| check.turned),
        Some(8),
        "the version of her write"
    );
    undo(&cloud, &permit(), &a).await.expect("it is undone");
    assert!(!inverted(&cloud));
}

/// Goal: an undo that AWS does not answer is tried until it does, and told at once. Method: the sign-in is gone for a while.
#[tokio::test]
async fn an_undo_is_not_given_up_while_the_check_is_inverted() {
    let cloud = ground();
    let (_folder, path, mut left) = file_of("alice");
    invert(&cloud, &consent(), &mut left, &path).await.expect("it is inverted");
    cloud.sign_out(true);
    let mut told = Vec::new();
    {
        let permit = permit();
        let insisting =
            insist(&cloud, &permit, &left, &path, Pace::at_once(), |words| told.push(words));
        tokio::pin!(insisting);
        // Far more tries than the five after which a drill used to give up.
        for _ in 0..50 {
            tokio::select! {
                biased;
                done = &mut insisting => panic!("it gave up: {done:?}"),
                () = tokio::task::yield_now() => {}
            }
        }
        cloud.sign_out(false);
        let done = insisting.await.expect("it is undone");
        assert_eq!(done, [format!("the health check {SITE_CHECK} is no longer inverted")]);
    }
    assert_eq!(told.len(), 1, "once, and again after a minute: {told:?}");
    let by_hand = format!("--health-check-id {SITE_CHECK} --no-inverted");
    for words in ["no valid AWS credentials", "may still be inverted", "drill restore", &by_hand] {
        assert!(told[0].contains(words), "`{words}`: {told:?}");
    }
}

/// Goal: `drill restore` from another shell ends the waiting of a drill that is signed out. Method: the file goes.
#[tokio::test]
async fn a_drill_that_cannot_undo_ends_once_somebody_else_has_put_everything_back() {
    let cloud = ground();
    let (_folder, path, left) = file_of("alice");
    cloud.sign_out(true);
    Restore::delete(&path).expect("it goes");
    let done =
        insist(&cloud, &permit(), &left, &path, Pace::at_once(), |_| ()).await.expect("it ends");
    assert_eq!(done, ["somebody else has put everything back"]);
}

/// Goal: a drill that is gone is undone by its watchdog, one that ended well is not, and nor is another one's. Method: every
/// state of the restore file when the drill's process ends.
#[tokio::test]
async fn the_watchdog_puts_back_what_the_file_of_its_own_drill_names() {
    for (case, undone) in [("killed", true), ("finished", false), ("another drill", false)] {
        let cloud = Arc::new(ground());
        let (_folder, path, mut left) = file_of("alice");
        let connected: Arc<dyn Cloud> = Arc::<Fake>::clone(&cloud);
        let ended = async {
            invert(cloud.as_ref(), &consent(), &mut left, &path).await.expect("it is inverted");
            if case != "killed" {
                Restore::delete(&path).expect("it goes");
            }
            if case == "another drill" {
                file_of("bob").2.write(&path).expect("it is written");
            }
        };
        let mut ready = false;
        let connect = async || Ok((Arc::clone(&connected), permit()));
        let watched = watch(&path, ended, || ready = true, connect, |_| ()).await;
        watched.expect("it ends");
        assert!(ready, "{case}");
        assert_eq!(inverted(&cloud), !undone, "{case}");
        assert_eq!(path.exists(), case != "finished", "{case}: the file is the person's to finish");
    }
}

/// Goal: what a killed drill had sent arrives after the watchdog's first look, and is put back too. Method: the write comes a
/// moment later.
#[tokio::test]
async fn a_write_that_arrives_after_the_drill_has_died_is_put_back_too() {
    let cloud = Arc::new(ground());
    let (_folder, path, _) = file_of("alice");
    let connected: Arc<dyn Cloud> = Arc::<Fake>::clone(&cloud);
    let connect = async || Ok((Arc::clone(&connected), permit()));
    let watching = watch(&path, async {}, || (), connect, |_| ());
    let late = async {
        turn(&cloud, SITE_CHECK, true).await.expect("it arrives");
    };
    let (watched, ()) = futures::join!(watching, late);
    watched.expect("it ends");
    assert!(!inverted(&cloud));
}

/// Goal: the watchdog and `drill restore` may undo at the same moment. Method: every write of the one after every one of the
/// other, by letting the first fall silent.
#[tokio::test]
async fn two_undos_at_once_end_well_both() {
    let cloud = ground();
    drill(&cloud, &restore()).await;
    cloud.refuse("ChangeResourceRecordSets", "InvalidChangeBatch");
    cloud.refuse("DeleteHealthCheck", "NoSuchHealthCheck");
    undo(&cloud, &permit(), &restore()).await.expect("the other one was there before");
    undo(&cloud, &permit(), &restore()).await.expect("it is undone");
    assert_eq!(cloud.aliases(), []);
}

/// Goal: a site that is destroyed leaves nothing of a drill in the zone, and no file that bars the next site's drills. Method:
/// every write of a drill, then its end.
#[tokio::test]
async fn what_a_drill_made_goes_before_its_site_is_destroyed() {
    let cloud = ground();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("restore-shop.json");
    restore().write(&path).expect("it is written");
    drill(&cloud, &restore()).await;
    let done = end(&cloud, &permit(), &path).await.expect("it ends");
    assert_eq!(done.len(), 4, "the check, the records and two checks: {done:?}");
    assert_eq!((cloud.aliases(), cloud.health_checks().len()), (Vec::new(), 1));
    assert!(!path.exists());
    assert_eq!(end(&cloud, &permit(), &path).await.expect("no file"), Vec::<String>::new());
}

/// A deployed site whose detector has made these checks.
async fn with_checks() -> Fake {
    let cloud = idle_site().await;
    for (logical, id) in [("LatchCheck", "latch"), ("GateCheck", "gate")] {
        cloud.set_health_check(check(id));
        let resource = StackResource {
            logical_id: logical.to_owned(),
            physical_id: Some(id.to_owned()),
            resource_type: "AWS::Route53::HealthCheck".to_owned(),
            status: "CREATE_COMPLETE".to_owned(),
        };
        cloud.set_resource(&region("us-east-1"), "shop-detector", resource);
    }
    cloud
}

const PRIMARY: &str = "us-east-1-shop-detector-PrimaryCheckId";

/// Goal: an inverted or disabled check and what a drill made are found without its restore file, with the command that puts each
/// back. Method: leave one after the other.
#[tokio::test]
async fn what_a_drill_left_is_found_without_its_file() {
    let cloud = with_checks().await;
    assert_eq!(strays(&cloud, &site()).await.expect("it is read"), []);
    turn(&cloud, PRIMARY, true).await.expect("it is inverted");
    cloud.set_health_check(CheckView { disabled: true, ..check("latch") });
    let token = format!("{}1-primary", mark(&site()));
    cloud.set_health_check(CheckView { token, ..check("made") });
    cloud.set_health_check(CheckView {
        token: "pilotlight-drill-another-1-primary".to_owned(),
        ..check("theirs")
    });
    let [ours, theirs] = [format!("{}1", mark(&site())), "somebody-else".to_owned()]
        .map(|mark| AliasRecord { name: drill_name(&site()), ..record("PRIMARY", &mark) });
    let both = [ours, theirs.clone()];
    make(&cloud, &both).await;
    let found = strays(&cloud, &site()).await.expect("it is read");
    let commands: Vec<_> = found.iter().map(Stray::command).collect();
    assert_eq!(
        commands,
        [
            "aws route53 update-health-check --health-check-id latch --no-disabled".to_owned(),
            format!("aws route53 update-health-check --health-check-id {PRIMARY} --no-inverted"),
            "cargo xtask drill restore".to_owned(),
            "aws route53 delete-health-check --health-check-id made".to_owned(),
        ]
    );
    for stray in &found {
        let done = remedy(&cloud, &consent(), &site(), stray).await.expect("it is put right");
        assert_eq!(done.is_some(), stray.is_ours(), "{stray:?}");
    }
    let left = strays(&cloud, &site()).await.expect("it is read");
    assert!(
        matches!(left.as_slice(), [one] if matches!(one.remedy, Remedy::Command(_))),
        "{left:?}"
    );
    assert_eq!(cloud.aliases(), [theirs], "another's record at the drill's name stays");
}

/// Goal: a drill does not begin on credentials that end in its middle. Method: every answer, for a live drill and for another.
#[tokio::test]
async fn credentials_that_will_not_last_refuse_a_live_drill_and_no_other() {
    let cloud = idle_site().await;
    let soon = Expiry::At(at(3600));
    let what = vec!["the credentials last until the drill is over".to_owned()];
    for (expiry, lasts) in [
        (Expiry::Never, true),
        (Expiry::Renewed, true),
        (Expiry::At(at(7200)), true),
        (Expiry::At(at(7199)), false),
        (soon, false),
        (Expiry::Unknown, false),
    ] {
        cloud.set_expiry(expiry);
        let live = facts(&cloud, Level::Live).await;
        let refused = unmet(Level::Live, &live);
        assert_eq!(refused, if lasts { Vec::new() } else { what.clone() }, "{expiry:?}");
        let shadow = facts(&cloud, Level::Shadow).await;
        assert_eq!(unmet(Level::Shadow, &shadow), Vec::<String>::new(), "{expiry:?}");
    }
}

/// Goal: a sign-in that is lost is told at once, then every few minutes, and so is its return. Method: looks at a site by the
/// minute.
#[tokio::test]
async fn a_lost_sign_in_is_told_at_once_and_again() {
    let cloud = idle_site().await;
    let shop = site();
    let reader = Reader::open(&cloud, &shop).await.expect("it is read");
    let mut sign_in = SignIn::default();
    let mut told = Vec::new();
    for minute in 0..10 {
        cloud.sign_out((2..7).contains(&minute));
        let seen = reader.look(at(minute * 60)).await;
        let words = sign_in.after(&cloud, &shop, &seen).await;
        told.extend(words.map(|words| (minute, words)));
    }
    let minutes: Vec<_> = told.iter().map(|(minute, _)| *minute).collect();
    assert_eq!(minutes, [2, 5, 7], "{told:?}");
    assert!(told[0].1.contains("SIGNED OUT") && told[2].1.contains("works again"), "{told:?}");
}

/// What a raise needs, as `doctor` names it.
const LOOKED_AT: [&str; 6] =
    ["vcpus", "image", "instance-type", "launch-template", "volume-key", "subnets"];

fn finding(check: &'static str, verdict: Verdict) -> Finding {
    Finding { check, place: Some("us-east-2".to_owned()), verdict }
}

/// Goal: a capacity that nobody could look at is not met. Method: each verdict of `doctor`, alone.
#[test]
fn a_capacity_that_is_not_known_counts_as_missing() {
    let trouble = || Trouble { what: "not known".to_owned(), fix: String::new(), unread: true };
    let verdicts = [
        (Verdict::Ok(String::new()), true, true),
        (Verdict::Warning(trouble()), false, true),
        (Verdict::Skipped("AWS denies it".to_owned()), false, true),
        (Verdict::Error(trouble()), false, false),
    ];
    for (verdict, met, accepted) in verdicts {
        let mut findings: Vec<_> =
            LOOKED_AT.map(|check| finding(check, Verdict::Ok(String::new()))).into();
        findings[0] = finding(LOOKED_AT[0], verdict.clone());
        let seen =
            |unknown| capacity(&Diagnosis { findings: findings.clone() }, &site(), false, unknown);
        assert_eq!(seen(Unknown::Refused).is_empty(), met, "{verdict:?}");
        assert_eq!(seen(Unknown::Accepted).is_empty(), accepted, "{verdict:?}");
    }
    let nothing = Diagnosis { findings: Vec::new() };
    assert_eq!(capacity(&nothing, &site(), false, Unknown::Accepted).len(), LOOKED_AT.len());
}

/// What an emulator cannot answer is no reason to refuse a drill on it.
#[test]
fn on_an_emulator_what_cannot_be_asked_counts_as_there() {
    let skipped = || Verdict::Skipped("cannot be asked here".to_owned());
    let findings = LOOKED_AT.map(|check| finding(check, skipped()));
    let diagnosis = Diagnosis { findings: findings.into() };
    assert_eq!(capacity(&diagnosis, &site(), true, Unknown::Refused), Vec::<String>::new());
}

#[test]
fn a_file_that_names_no_check_has_no_command_for_one() {
    let check = CheckBefore { id: "1".to_owned(), inverted: false, version: 7, turned: Some(8) };
    let with = Restore { check: Some(check), ..restore() };
    assert!(with.by_hand().is_some_and(|command| command.ends_with("1 --no-inverted")));
    assert_eq!(Restore { check: None, ..restore() }.by_hand(), None);
}
