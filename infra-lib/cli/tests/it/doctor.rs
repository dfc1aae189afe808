//! `doctor`: what it prints, and how it ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;

use expect_test::expect;

use super::command::{Folder, SITE, told};

/// Somebody who signs in as this account and knows nothing else. Answers in the query protocol of STS.
fn sts(account: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    let identity = format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
         <Arn>arn:aws:sts::{account}:assumed-role/Operator/alice</Arn><UserId>A:alice</UserId><Account>{account}</Account>\
         </GetCallerIdentityResult></GetCallerIdentityResponse>"
    );
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let identity = identity.clone();
            std::thread::spawn(move || answer(&stream, &identity));
        }
    });
    endpoint
}

fn answer(mut stream: &TcpStream, identity: &str) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let (mut length, mut line) = (0, String::new());
    while reader.read_line(&mut line).ok()? > 2 {
        let header = line.to_lowercase();
        length = header
            .strip_prefix("content-length: ")
            .map_or(Some(length), |n| n.trim().parse().ok())?;
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let asked = String::from_utf8_lossy(&body).into_owned();
    let (status, text) = if asked.contains("Action=GetCallerIdentity") {
        ("200 OK", identity)
    } else {
        ("404 Not Found", "<Error><Code>InvalidAction</Code><Message>not here</Message></Error>")
    };
    let length = text.len();
    let head =
        format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
    stream.write_all(format!("{head}{text}").as_bytes()).ok()
}

fn signed_in(folder: &Folder, arguments: &str, endpoint: &str) -> Command {
    let mut command = folder.command(arguments);
    command.env("AWS_ENDPOINT_URL", endpoint);
    command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
    command
}

/// Lines about this machine differ from one to the next.
fn without_the_machine(told: &str) -> String {
    let tools = ["rust", "python", "disk", "emulator"];
    let mut kept = String::new();
    let mut left_out = false;
    for line in told.lines() {
        let check = line.split_whitespace().nth(1).unwrap_or_default();
        let goes_on = line.starts_with(' ') && left_out;
        left_out = tools.contains(&check) || goes_on;
        let counts = line.contains("checks: ");
        if !left_out && !counts {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

#[test]
fn without_a_site_file_there_is_one_clear_error() {
    let told = Folder::empty().run("doctor");
    assert!(
        told.starts_with(
            "exit code: 1\n----- stdout -----\n----- stderr -----\nerror: no site file"
        ),
        "{told}"
    );
}

#[test]
fn a_site_file_that_cannot_be_read_is_one_clear_error() {
    let folder = Folder::empty();
    std::fs::create_dir(folder.path().join("pilotlight.toml"))
        .expect("a folder in the file's place");
    expect![[r#"
        exit code: 1
        ----- stdout -----
        ----- stderr -----
        error: cannot read the site file: `pilotlight.toml`
          because: Is a directory (os error 21)
        hint: it must be a file that you may read, in UTF-8
    "#]]
    .assert_eq(&folder.run("doctor"));
}

#[test]
fn nobody_signed_in_is_one_error_among_what_can_be_told() {
    expect![[r#"
        exit code: 1
        ----- stdout -----
        ok       site-file                        7 stacks, no findings
        error    credentials                      no valid AWS credentials: none found in any of the usual
                                                  places
                 fix: sign in, for example with `aws sso login`, or choose a profile with `AWS_PROFILE`;
                      `aws sts get-caller-identity` shows who you are
        skipped  account                          AWS does not say whose credentials these are
        skipped  62 checks                        nobody is signed in: caller, clock, region, zone,
                                                  delegation, authority, record, certificate, issuer, image,
                                                  instance-type, vcpus, launch-template, volume-key,
                                                  subnets, processes, public-access, addresses,
                                                  load-balancers, vpcs, health-checks, concurrency,
                                                  organization, stacks, names, records, check-settings,
                                                  watched-check, verdict, alarm, topic, permission, tick,
                                                  tick-permission, looks, function, reserved-concurrency,
                                                  code, load-balancer, keep-alive, controller,
                                                  notice-topics, e-mail
        ----- stderr -----
        examining the site
    "#]].assert_eq(&without_the_machine(&Folder::with(SITE).run("doctor")));
}

#[test]
fn another_account_is_one_error_and_nothing_of_it_is_read() {
    let site = SITE.replacen("[regions]", "account = \"444455556666\"\n\n[regions]", 1);
    let folder = Folder::with(&site);
    let output = signed_in(&folder, "doctor", &sts("111122223333")).output();
    expect![[r#"
        exit code: 1
        ----- stdout -----
        ok       site-file                        7 stacks, no findings
        ok       credentials                      arn:aws:sts::111122223333:assumed-role/Operator/alice
        error    account                          the credentials are of account 111122223333, not of
                                                  444455556666
                 fix: choose another profile with `AWS_PROFILE`; or change `account` in the site file
        skipped  62 checks                        the credentials are of another account: caller, clock,
                                                  region, zone, delegation, authority, record, certificate,
                                                  issuer, image, instance-type, vcpus, launch-template,
                                                  volume-key, subnets, processes, public-access, addresses,
                                                  load-balancers, vpcs, health-checks, concurrency,
                                                  organization, stacks, names, records, check-settings,
                                                  watched-check, verdict, alarm, topic, permission, tick,
                                                  tick-permission, looks, function, reserved-concurrency,
                                                  code, load-balancer, keep-alive, controller,
                                                  notice-topics, e-mail
        ----- stderr -----
        examining the site
    "#]].assert_eq(&without_the_machine(&told(&output.expect("the command starts"))));
}

/// Goal: the one line ends as `doctor` does, and programs get it with the ending. Method: nobody is signed in; then an account
/// that has nothing.
#[test]
fn what_the_standby_can_launch_is_one_line() {
    expect![[r#"
        exit code: 1
        ----- stdout -----
        nobody can tell what the standby can launch: nobody is signed in
        error    credentials    no valid AWS credentials: none found in any of the usual places
                 fix: sign in, for example with `aws sso login`, or choose a profile with `AWS_PROFILE`;
                      `aws sts get-caller-identity` shows who you are
        ----- stderr -----
        examining the standby
        2 checks: 0 ok, 0 warnings, 1 error, 1 skipped
    "#]]
    .assert_eq(&Folder::with(SITE).run("doctor --standby"));
    let folder = Folder::with(SITE);
    let command = "doctor --standby --format json";
    let output = signed_in(&folder, command, &sts("111122223333")).output();
    let output = output.expect("the command starts");
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let line = told["told"].as_str().expect("a text");
    assert!(line.starts_with("nobody can tell what the standby can launch: "), "{line}");
    assert_eq!((&told["instances"], &told["complete"]), (&serde_json::Value::Null, &false.into()));
    assert_eq!((&told["ending"], output.status.code()), (&"done".into(), Some(0)));
}

#[test]
fn what_the_other_end_lacks_is_skipped() {
    // For this machine's own processor, which needs nothing to be built for.
    let own = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
    let folder = Folder::with(&format!("{SITE}\n[controller]\narchitecture = \"{own}\"\n"));
    let output = signed_in(&folder, "doctor --format json", &sts("111122223333")).output();
    let output = output.expect("the command starts");
    let findings: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let findings = findings.as_array().expect("a list");
    let of = |check: &str| findings.iter().find(|finding| finding["check"] == check);
    assert_eq!(of("credentials").expect("a finding")["verdict"], "ok");
    let quota = of("vpcs").expect("a finding");
    assert_eq!(quota["verdict"], "skipped");
    let why = quota["told"].as_str().expect("a text");
    assert!(why.starts_with("cannot be asked here: "), "{why}");
    assert!(findings.iter().all(|finding| finding["verdict"] != "error"), "{findings:?}");
    assert_eq!(output.status.code(), Some(0));
}
