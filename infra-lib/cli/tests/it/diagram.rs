//! `diagram`: what it prints, what it writes, and how it ends.

use expect_test::expect;

use crate::command::{Folder, SITE};

#[test]
fn a_picture_goes_to_standard_output_and_nothing_to_standard_error() {
    let folder = Folder::with(SITE);
    for (arguments, start, end) in [
        ("diagram", "<svg xmlns=", "</svg>\n"),
        ("diagram --mermaid", "flowchart TB\n", "\n"),
        ("diagram --format json", "{\n  \"site\": \"shop\",", "}\n"),
    ] {
        let told = folder.run(arguments);
        let start = format!("exit code: 0\n----- stdout -----\n{start}");
        assert!(told.starts_with(&start), "{told}");
        assert!(told.ends_with(&format!("{end}----- stderr -----\n")), "{told}");
    }
}

#[test]
fn a_picture_in_a_file_is_the_one_that_would_be_printed() {
    let folder = Folder::with(SITE);
    for form in ["", " --mermaid"] {
        let printed = folder.command(&format!("diagram{form}")).output().expect("it starts");
        let told = folder.run(&format!("diagram{form} --out site.picture"));
        assert!(
            told.ends_with(
                "----- stdout -----\n----- stderr -----\na picture of shop in site.picture\n"
            ),
            "{told}"
        );
        let written = std::fs::read(folder.path().join("site.picture")).expect("the file");
        assert!(written == printed.stdout, "diagram{form}");
    }
}

#[test]
fn what_a_picture_shows_is_written_for_programs() {
    let folder = Folder::with(SITE);
    let printed = folder.command("diagram --format json").output().expect("it starts");
    let told = folder.run("diagram --format json --out site.json");
    assert!(told.contains("{\n  \"ending\": \"done\"\n}"), "{told}");
    let read = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).expect("JSON");
    let mut printed = read(&printed.stdout);
    assert_eq!(printed["ending"].take(), "done");
    printed.as_object_mut().expect("an object").remove("ending");
    assert_eq!(read(&std::fs::read(folder.path().join("site.json")).expect("the file")), printed);
}

#[test]
fn a_picture_that_cannot_be_written_is_an_error() {
    expect![[r#"
        exit code: 1
        ----- stdout -----
        ----- stderr -----
        error: cannot write the picture: `absent/site.svg`
          because: No such file or directory (os error 2)
    "#]]
    .assert_eq(&Folder::with(SITE).run("diagram --out absent/site.svg"));
}
