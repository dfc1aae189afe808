//! Bad input: each ends in one clear error, at its place, with what to do.

use expect_test::{Expect, expect};

use super::command::{Folder, SITE, told};
use super::endpoint::Endpoint;

fn check(site: &str, arguments: &str, expected: &Expect) {
    expected.assert_eq(&Folder::with(site).run(arguments));
}

#[test]
fn no_site_file_is_told_with_the_least_that_it_must_say() {
    expect![[r#"
        exit code: 1
        ----- stdout -----
        ----- stderr -----
        error: no site file: `pilotlight.toml`
        hint: `cargo xtask init` writes one, or name another file with `--site`; the least it must say:

        name = "shop"
        hostname = "shop.example.com"
        hosted_zone_id = "Z0123456789ABCDEFGHIJ"

        [regions]
        primary = "us-west-2"
        standby = "us-east-2"
    "#]].assert_eq(&Folder::empty().run("check"));
}

#[test]
fn an_unknown_key_is_shown_with_the_nearest_one() {
    check(
        &SITE.replace("hostname", "hostnme"),
        "check",
        &expect![[r#"
            exit code: 1
            ----- stdout -----
            ----- stderr -----
            error: unknown key: `hostnme`
             --> pilotlight.toml:2:1
              |
            2 | hostnme = "shop.example.com"
              | ^^^^^^^ expected one of `name`, `hostname`, `hosted_zone_id`, `account`, `notice_email`, `notice_topic`, `notice_webhooks`, `regions`, `network`, `web`, `tls`, `waf`, `edge`, `health`, `controller`, `operations`, `organization`, `failover`, `routing`
            hint: did you mean `hostname`?
        "#]],
    );
}

#[test]
fn the_same_region_twice_is_shown() {
    check(
        &SITE.replace("us-east-2", "us-west-2"),
        "check",
        &expect![[r#"
        exit code: 1
        ----- stdout -----
        ----- stderr -----
        error: the standby is the same region as the primary
         --> pilotlight.toml:7:11
          |
        7 | standby = "us-west-2"
          |           ^^^^^^^^^^^ expected another region than `us-west-2`
        hint: a region that fails must not take its standby along
    "#]],
    );
}

#[test]
fn a_floor_above_the_maximum_is_shown() {
    check(
        &format!("{SITE}\n[failover]\nfloor = 9\n"),
        "check",
        &expect![[r#"
        exit code: 1
        ----- stdout -----
        ----- stderr -----
        error: `floor` is out of range: 9, must be 0 to 8
          --> pilotlight.toml:10:9
           |
        10 | floor = 9
           |         ^ expected 0 to 8
        hint: `floor`: Instances that always run in the standby: 0 is a pilot light, n a warm standby, `match` as many as a raise asks for.
    "#]],
    );
}

#[test]
fn a_zone_id_that_is_a_name_is_shown_with_the_way_to_the_id() {
    check(
        &SITE.replace("Z0123456789ABCDEFGHIJ", "example.com"),
        "check",
        &expect![[r#"
        exit code: 1
        ----- stdout -----
        ----- stderr -----
        error: `hosted_zone_id` is not valid: `example.com`
         --> pilotlight.toml:3:18
          |
        3 | hosted_zone_id = "example.com"
          |                  ^^^^^^^^^^^^^ expected the id of a hosted zone, such as `Z0123456789ABCDEFGHIJ`
        hint: look the id up with `aws route53 list-hosted-zones-by-name --dns-name example.com --max-items 1`; it is the part after `/hostedzone/`
    "#]],
    );
}

#[test]
fn several_problems_are_shown_together() {
    let site = SITE.replace("us-east-2", "ohio").replace("\"shop\"", "\"Shop\"");
    check(
        &site,
        "check",
        &expect![[r#"
        exit code: 1
        ----- stdout -----
        ----- stderr -----
        error: `name` is not valid: `Shop`
         --> pilotlight.toml:1:8
          |
        1 | name = "Shop"
          |        ^^^^^^ expected 3 to 22 lower-case letters, digits or hyphens that start with a letter, such as `shop`
        error: `standby` is not valid: `ohio`
         --> pilotlight.toml:7:11
          |
        7 | standby = "ohio"
          |           ^^^^^^ expected a region such as `us-west-2`
    "#]],
    );
}

#[test]
fn a_bad_flag_ends_with_the_usage_code() {
    check(
        SITE,
        "check --fromat json",
        &expect![[r#"
        exit code: 2
        ----- stdout -----
        ----- stderr -----
        error: unexpected argument '--fromat' found

          tip: a similar argument exists: '--format'

        Usage: cargo xtask check --format <FORMAT>

        For more information, try '--help'.
    "#]],
    );
}

#[test]
fn a_change_that_nobody_can_confirm_is_refused() {
    check(
        SITE,
        "deploy",
        &expect![[r#"
        exit code: 6
        ----- stdout -----
        ----- stderr -----
        error: refused: standard input is not a terminal, so the question cannot be asked
        hint: add `--yes` to continue without the question
    "#]],
    );
    check(
        SITE,
        "destroy",
        &expect![[r#"
        exit code: 6
        ----- stdout -----
        ----- stderr -----
        error: refused: standard input is not a terminal, so the question cannot be asked
        hint: add `--yes` to continue without the question
    "#]],
    );
}

#[test]
fn a_site_that_check_refuses_is_not_deployed_and_its_line_is_shown() {
    let site =
        format!("{SITE}\n[controller]\negress_url = \"https://sts.us-east-2.amazonaws.com/\"\n");
    check(
        &site,
        "deploy --yes",
        &expect![[r#"
            exit code: 1
            ----- stdout -----
            ----- stderr -----
            error[egress-region]: controller: `https://sts.us-east-2.amazonaws.com/` is in us-east-2, whose silence it must be told from
              --> pilotlight.toml:10:14
               |
            10 | egress_url = "https://sts.us-east-2.amazonaws.com/"
               |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ controller.egress_url, Parameters.EgressUrl
            hint: set `egress_url` in [controller] to a URL in another region, or outside AWS
            error: the site cannot be deployed: 7 stacks checked, 1 finding
            hint: correct what is listed above; `cargo xtask check` lists it again
        "#]],
    );
}

#[test]
fn nobody_signed_in_is_one_clear_error() {
    check(
        SITE,
        "status",
        &expect![[r#"
        exit code: 1
        ----- stdout -----
        ----- stderr -----
        error: no valid AWS credentials: none found in any of the usual places
        hint: sign in, for example with `aws sso login`, or choose a profile with `AWS_PROFILE`; `aws sts get-caller-identity` shows who you are
    "#]],
    );
}

#[test]
fn a_good_site_has_no_findings_and_renders() {
    check(
        SITE,
        "check",
        &expect![[r#"
        exit code: 0
        ----- stdout -----
        ----- stderr -----
        7 stacks checked, no findings
    "#]],
    );
    check(
        SITE,
        "check --format json",
        &expect![[r#"
        exit code: 0
        ----- stdout -----
        []
        ----- stderr -----
        7 stacks checked, no findings
    "#]],
    );
    let folder = Folder::with(SITE);
    expect![[r#"
        exit code: 0
        ----- stdout -----
        ----- stderr -----
        15 files in rendered
    "#]]
    .assert_eq(&folder.run("render --out rendered"));
    let files = std::fs::read_dir(folder.path().join("rendered")).expect("a folder");
    assert_eq!(files.count(), 15);
    let mode = |name: &str| {
        let file = std::fs::metadata(folder.path().join("rendered").join(name)).expect("a file");
        std::os::unix::fs::PermissionsExt::mode(&file.permissions()) & 0o777
    };
    assert_eq!(mode("web-primary.parameters.json"), 0o600, "it holds the boot script");
}

/// Goal: whoever deploys, destroys or looks hears of a drill that did not finish. Method: its restore file lies beside the site
/// file, whole or cut off.
#[test]
fn a_restore_file_bars_a_deploy_and_a_destruction() {
    let group = |region: &str, name: &str| {
        let sizes = serde_json::json!({"min": 0, "desired": 0, "max": 8});
        serde_json::json!({"region": region, "group": name, "sizes": sizes})
    };
    let whole = serde_json::json!({
        "schema": 2, "site": "shop", "account": "123456789012", "level": "live",
        "started_at": "2026-01-01T00:00:00Z", "by": "alice",
        "check": {"id": "primary", "inverted": false, "version": 1}, "made": null,
        "standby": group("us-east-2", "shop-standby"), "primary": group("us-west-2", "shop-primary"),
    });
    let started = "a drill (live) that alice started at 2026-01-01T00:00:00Z is running or did not";
    for (text, words) in
        [(whole.to_string(), started), ("{\"schema\":".to_owned(), "a drill left a restore file: ")]
    {
        let endpoint = Endpoint::new();
        let folder = Folder::with(SITE);
        let kept = folder.path().join(".pilotlight");
        std::fs::create_dir(&kept).expect("a folder");
        std::fs::write(kept.join("restore-shop.json"), text).expect("a file");
        for verb in ["deploy --yes", "destroy --yes", "status"] {
            let told = told(&endpoint.command(&folder, verb).output().expect("it starts"));
            assert!(told.contains(words) && told.contains("`cargo xtask drill restore`"), "{told}");
            assert_eq!(told.starts_with("exit code: 6"), verb != "status", "{told}");
        }
        assert_eq!(endpoint.state().writes, Vec::<String>::new());
    }
}
