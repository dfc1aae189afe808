//! A drill's page in a real browser. It needs no drill: its journal is that of one which was run.

use std::path::Path;
use std::process::Command;

use drill::journal::Journal;
use drill::report::{History, page};
use machine::target;
use python::{Venv, VenvSettings};
use serde_json::Value;

/// The journal of a `drill local` as it was written.
const JOURNAL: &str = "fixtures/drill-local.json";

fn journal() -> Journal {
    Journal::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(JOURNAL)).expect("it is committed")
}

/// Opens pages in a browser and gives what it found: one entry for each.
async fn open(pages: &[(&str, String)]) -> Vec<Value> {
    let target = target();
    let settings = VenvSettings {
        name: "page",
        purpose: "the browser's driver",
        requirements: include_str!("../../tools/page.txt"),
        target: &target,
    };
    let venv = Venv::prepare(settings, |_| ()).await.expect("it installs");
    let out = target.join("page");
    std::fs::create_dir_all(&out).expect("the target directory is ours");
    let files: Vec<_> = pages.iter().map(|(name, _)| out.join(name)).collect();
    for (file, (_, text)) in files.iter().zip(pages) {
        std::fs::write(file, text).expect("the target directory is ours");
    }
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tools/page.py");
    let mut looking = Command::new(venv.python());
    looking.arg(tool).arg(target.join("tools")).arg(&out).args(files);
    let looked = tokio::task::spawn_blocking(move || looking.output());
    let looked = looked.await.expect("it does not panic").expect("Python starts");
    let said = String::from_utf8_lossy(&looked.stderr);
    assert!(looked.status.success(), "{said}");
    serde_json::from_slice(&looked.stdout).expect("it prints JSON")
}

/// Goal: everybody can read a drill's page, and it needs nothing but itself. Method: Chromium, light, dark and on a phone,
/// without a network; axe-core; beside it a page that is wrong in every way that is looked for, so that the looking itself is
/// tested.
#[tokio::test]
async fn the_page_of_a_drill_is_readable_for_everybody_and_needs_nothing_else() {
    let journal = journal();
    let history = History::of([journal.clone()], &journal);
    let wrong = "<!doctype html><html><head><script>console.error('boo')</script></head>\
                 <body><img src='https://example.com/a.png'></body></html>";
    let pages = [("drill.html", page(&journal, &history)), ("wrong.html", wrong.to_owned())];
    let [good, bad] = open(&pages).await.try_into().expect("one entry for each page");

    for nothing in ["console", "requests", "violations"] {
        assert_eq!(good[nothing], serde_json::json!([]), "{nothing}: {good:#}");
    }
    let found = |id: &str| {
        let violations = bad["violations"].as_array().expect("a list");
        violations.iter().any(|one| one["id"] == id)
    };
    assert!(found("image-alt") && found("html-has-lang"), "{bad:#}");
    assert!(bad["console"].to_string().contains("boo"), "{bad:#}");
    assert!(bad["requests"].to_string().contains("example.com"), "{bad:#}");
}

/// Goal: what a journal says cannot become part of the page. Method: markup in every kind of text, and no script in any page.
#[test]
fn text_of_a_journal_stays_text() {
    let mut journal = journal();
    let evil = "<script>alert(1)</script>\"'&".to_owned();
    journal.site.clone_from(&evil);
    journal.missed.push(evil.clone());
    journal.marks[3].what.clone_from(&evil);
    journal.decisions[0].why.clone_from(&evil);
    journal.capacity[0].region.clone_from(&journal.primary_region);
    journal.primary_region = evil;
    let html = page(&journal, &History::default());
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;"));
    assert!(!html.contains("<script"));
}
