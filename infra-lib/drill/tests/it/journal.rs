//! A drill's journal: when it passed, what its renderings say, its history, and its file.

use drill::journal::{FILE_NAME, Journal, JournalError, Prediction};
use drill::report::{self, History, markdown, page};

/// The journal of a drill that was run.
const JOURNAL: &str = include_str!("../../../../tests/fixtures/drill-local.json");

fn journal() -> Journal {
    serde_json::from_str(JOURNAL).expect("it is committed")
}

#[test]
fn a_drill_passes_only_if_nothing_is_missed_late_broken_or_left() {
    assert!(journal().passed());
    let missed = Journal { missed: vec!["DNS answers the standby".to_owned()], ..journal() };
    let left = Journal { left_behind: vec!["us-east-2 group".to_owned()], ..journal() };
    let late = Journal { target_seconds: Some(1.0), ..journal() };
    let mut broken = journal();
    broken.invariants[0].violations.push("lowered in the dark".to_owned());
    for (journal, told) in [
        (missed, "missed: DNS"),
        (left, "left behind: us-east-2"),
        (late, "later than the target of 1 s"),
        (broken, "BROKEN"),
    ] {
        assert!(!journal.passed());
        let text = journal.to_string();
        assert!(text.contains("MISSED: the standby served 8.8 s") && text.contains(told), "{text}");
        let pages = [markdown(&journal, &History::default()), page(&journal, &History::default())];
        assert!(pages.iter().all(|page| page.contains("Missed")));
    }
}

#[test]
fn a_phase_beyond_its_p95_is_called_out_everywhere() {
    let mut journal = journal();
    let history = History::default();
    assert!(journal.compared().iter().all(|one| !one.is_beyond()));
    assert!(!journal.to_string().contains("BEYOND"));
    for prediction in &mut journal.predictions {
        if prediction.phase == "look or alarm" {
            prediction.p95 = 0.1;
        }
    }
    let beyond: Vec<_> =
        journal.compared().into_iter().filter(drill::journal::Compared::is_beyond).collect();
    assert_eq!(beyond.iter().map(|one| one.name).collect::<Vec<_>>(), ["look or alarm"]);
    assert!(journal.to_string().contains("BEYOND its p95"));
    assert!(markdown(&journal, &history).contains("**beyond its p95**"));
    let html = page(&journal, &history);
    assert!(
        html.contains("class=\"took beyond\"") && html.contains("20: look or alarm."),
        "{html}"
    );
}

/// Goal: the history is what came before, of the same site and level, and its p75 a value that was there.
#[test]
fn earlier_drills_are_those_of_the_same_site_and_level() {
    let now = journal();
    let earlier = |hours: i64, seconds: f64| {
        let started_at =
            now.started_at - std::time::Duration::from_secs(hours.unsigned_abs() * 3600);
        Journal { started_at, recovery_seconds: Some(seconds), ..now.clone() }
    };
    let mut other = earlier(1, 99.0);
    other.site = "other.example.com".to_owned();
    let journals =
        [earlier(1, 8.0), now.clone(), earlier(4, 20.0), other, earlier(2, 10.0), earlier(3, 9.0)];
    let history = History::of(journals, &now);
    let times: Vec<_> = history.drills.iter().map(|drill| drill.recovery_seconds).collect();
    assert_eq!(times, [Some(20.0), Some(9.0), Some(10.0), Some(8.0)]);
    assert_eq!(history.p75(Prediction::WHOLE), Some(10.0));
    assert!(history.p75("look or alarm").is_some() && history.p75("lunch").is_none());
    assert_eq!(History::default().p75(Prediction::WHOLE), None);
}

#[test]
fn a_folder_has_the_journal_as_it_was_and_its_history_is_read_back() {
    let folder = tempfile::tempdir().expect("a scratch directory");
    let before = journal();
    let own = folder.path().join(report::name(&before));
    let written = report::write(&own, &before, &History::default()).expect("it is written");
    assert_eq!(Journal::read(&written.journal).expect("it is read"), before);
    let started_at = before.started_at + std::time::Duration::from_mins(1);
    let after = Journal { started_at, ..before };
    assert_eq!(History::read(folder.path(), &after).drills.len(), 1);
}

#[test]
fn what_is_no_journal_of_this_version_is_refused_with_its_reason() {
    let folder = tempfile::tempdir().expect("a scratch directory");
    let file = folder.path().join(FILE_NAME);
    let read = || Journal::read(&file).expect_err("refused");
    assert!(matches!(read(), JournalError::Read { .. }));
    std::fs::write(&file, "{\"schema\": 2}").expect("a scratch file");
    assert!(matches!(read(), JournalError::Schema { found: 2, .. }));
    std::fs::write(&file, "{\"schema\": 3}").expect("a scratch file");
    assert!(matches!(read(), JournalError::Form { .. }));
}
