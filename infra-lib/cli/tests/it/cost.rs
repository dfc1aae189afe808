//! `cost`: what it prints, and how it ends.

use expect_test::expect;

use crate::command::{Folder, SITE};

#[test]
fn a_price_goes_to_standard_output_and_nothing_to_standard_error() {
    let folder = Folder::with(SITE);
    let told = folder.run("cost");
    assert!(
        told.starts_with("exit code: 0\n----- stdout -----\nsite shop, pilot light: $"),
        "{told}"
    );
    assert!(told.ends_with("----- stderr -----\n"), "{told}");
    let json = folder.command("cost --format json").output().expect("the command starts");
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).expect("it is JSON");
    assert_eq!(json["strategy"], "pilot light");
    assert_eq!(json["strategies"].as_array().map(Vec::len), Some(4));
}

#[test]
fn a_file_of_prices_that_is_wrong_is_shown_at_its_place() {
    let folder = Folder::with(SITE);
    std::fs::write(folder.path().join("own.toml"), "[alb-hours]\nus-east-2 = \"0.02\"\n")
        .expect("a file");
    expect![[r#"
        exit code: 1
        ----- stdout -----
        ----- stderr -----
        error: there is no price called `alb-hours`
         --> own.toml:1:2
          |
        1 | [alb-hours]
          |  ^^^^^^^^^ expected the name of a price
        hint: did you mean `alb-hour`?
    "#]]
    .assert_eq(&folder.run("cost --prices own.toml"));
}

#[test]
fn a_month_has_1_to_744_hours() {
    let folder = Folder::with(SITE);
    assert!(folder.run("cost --month-hours 0").starts_with("exit code: 2\n"));
    assert!(folder.run("cost --month-hours 745").starts_with("exit code: 2\n"));
    assert!(folder.run("cost --month-hours 744").starts_with("exit code: 0\n"));
}

#[test]
fn live_prices_need_somebody_who_is_signed_in() {
    let told = Folder::with(SITE).run("cost --live");
    assert!(told.starts_with("exit code: 1\n"), "{told}");
    assert!(told.contains("no valid AWS credentials") && told.contains("aws sso login"), "{told}");
}
