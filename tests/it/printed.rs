//! Every command that the tool and its pages tell somebody to type is known here, with what shows that it lowers nothing that
//! serves.
//!
//! A command that only reads needs nothing. One of ours asks and is guarded by itself; the flags that overrule a guard are listed
//! where they are advised. Any other has a test that types it in the situation that it is printed for.

use std::collections::{BTreeMap, BTreeSet};

use e2e::shell::Shell;
use e2e::sources::{Source, files, has_test};
use machine::target;

/// What shows that a command harms nothing.
#[derive(Clone, Copy, Debug)]
enum Shown {
    /// Tests that type it in its situation.
    Typed(&'static [&'static str]),
    /// It makes something new or asks AWS for it, and touches nothing that there is: it is held to be whole.
    Adds,
    /// It is named and not to be typed.
    Named,
}

use Shown::{Adds, Named, Typed};

const NEEDS: Shown = Typed(&[
    "needs::a_deploy_does_not_bring_it_back_and_what_is_advised_does",
    "e2e: typed::what_is_printed_for_a_need_brings_it_back_and_lowers_nothing",
]);
const DIRECT: Shown = Typed(&[
    "steer::direct::the_commands_do_the_same",
    "e2e: typed::the_commands_of_a_direct_raise_and_lowering_keep_what_somebody_raised_meanwhile",
]);
const DRIFT: Shown = Typed(&[
    "drift::printed::no_printed_command_ends_an_instance_or_lowers_a_bound",
    "drift::printed::only_processes_that_bring_instances_are_resumed_by_command",
]);
const DRILL: Shown = Typed(&[
    "drill_left::what_a_drill_left_is_found_without_its_file",
    "e2e: typed::what_is_printed_for_a_need_brings_it_back_and_lowers_nothing",
]);
const LEFT: Shown =
    Typed(&["e2e: typed::what_is_printed_for_a_region_that_was_left_takes_only_that_down"]);
const PAGE: Shown = Typed(&[
    "e2e: runbook::no_command_of_the_runbook_ends_an_instance",
    "e2e: runbook::every_command_of_the_runbook_works",
]);
const RETAINED: Shown = Typed(&["e2e: typed::what_a_destruction_leaves_goes_by_what_it_prints"]);

/// Commands that change something, by the file that tells them.
const CHANGING: &[(&str, &str, Shown)] = &[
    ("docs/benchmarks.md", "aws cloudformation deploy", Named),
    ("docs/runbook.md", "aws autoscaling create-or-update-tags", PAGE),
    ("docs/runbook.md", "aws autoscaling delete-tags", PAGE),
    ("docs/runbook.md", "aws autoscaling resume-processes", PAGE),
    ("docs/runbook.md", "aws autoscaling update-auto-scaling-group", PAGE),
    ("docs/runbook.md", "aws cloudwatch enable-alarm-actions", NEEDS),
    ("docs/runbook.md", "aws route53 update-health-check", NEEDS),
    ("docs/runbook.md", "aws sns confirm-subscription", Adds),
    ("functions/failover-core/src/decide/notice.rs", "aws autoscaling resume-processes", DRIFT),
    ("functions/failover-core/src/finding.rs", "aws autoscaling resume-processes", DRIFT),
    ("functions/failover-core/src/finding.rs", "aws cloudwatch enable-alarm-actions", NEEDS),
    ("infra-lib/check/src/lib.rs", "aws cloudformation deploy", Named),
    ("infra-lib/cloud/src/error.rs", "aws account enable-region", Adds),
    ("infra-lib/site/src/config/rules/web.rs", "aws ec2 copy-image", Adds),
    ("infra-lib/provision/src/destroy.rs", "aws logs delete-log-group", RETAINED),
    ("infra-lib/provision/src/destroy.rs", "aws s3 rb", RETAINED),
    ("infra-lib/doctor/src/account.rs", "aws account enable-region", Adds),
    ("infra-lib/doctor/src/notices.rs", "aws sns subscribe", Adds),
    (
        "infra-lib/doctor/src/public_access.rs",
        "aws ec2 create-vpc-block-public-access-exclusion",
        Adds,
    ),
    ("infra-lib/doctor/src/quotas.rs", "aws service-quotas request-service-quota-increase", Adds),
    ("infra-lib/doctor/src/servers.rs", "aws ec2 copy-image", Adds),
    ("infra-lib/doctor/src/tls.rs", "aws acm import-certificate", Adds),
    ("infra-lib/doctor/src/tls.rs", "aws acm request-certificate", Adds),
    ("infra-lib/doctor/src/volume_key.rs", "aws kms create-grant", Adds),
    ("infra-lib/drill/src/restore.rs", "aws route53 update-health-check", DRILL),
    ("infra-lib/drill/src/restore/stray.rs", "aws route53 delete-health-check", DRILL),
    ("infra-lib/drill/src/restore/stray.rs", "aws route53 update-health-check", DRILL),
    ("infra-lib/cloud/src/guard/was.rs", "aws cloudformation delete-stack", LEFT),
    ("infra-lib/cloud/src/guard/was.rs", "aws s3api delete-objects", LEFT),
    ("infra-lib/provision/src/needs/judge.rs", "aws cloudwatch enable-alarm-actions", NEEDS),
    ("infra-lib/provision/src/needs/judge.rs", "aws events enable-rule", NEEDS),
    ("infra-lib/provision/src/needs/judge.rs", "aws lambda delete-function-concurrency", NEEDS),
    ("infra-lib/provision/src/needs/judge.rs", "aws lambda put-function-concurrency", NEEDS),
    ("infra-lib/provision/src/needs/judge.rs", "aws lambda update-function-code", NEEDS),
    ("infra-lib/provision/src/needs/judge.rs", "aws route53 update-health-check", NEEDS),
    ("infra-lib/operate/src/status/drift/next.rs", "aws autoscaling resume-processes", DRIFT),
    (
        "infra-lib/operate/src/status/drift/next.rs",
        "aws autoscaling update-auto-scaling-group",
        DRIFT,
    ),
    (
        "infra-lib/operate/src/steer/direct/commands.rs",
        "aws autoscaling create-or-update-tags",
        DIRECT,
    ),
    (
        "infra-lib/operate/src/steer/direct/commands.rs",
        "aws autoscaling update-auto-scaling-group",
        DIRECT,
    ),
    (
        "infra-lib/operate/src/steer/direct/commands.rs",
        "aws cloudwatch put-metric-data",
        Typed(&["e2e: typed::the_latch_that_is_opened_by_hand_takes_no_server_from_the_users"]),
    ),
    ("infra-lib/cli/src/bench/deploy.rs", "aws cloudformation deploy", Named),
    ("infra-lib/cli/src/bench/rows.rs", "aws cloudformation deploy", Named),
];

/// How the operations begin that change nothing.
const READING: [&str; 10] = [
    "describe-",
    "list",
    "get-",
    "filter-",
    "tail",
    "wait",
    "test-",
    "login",
    "export-credentials",
    "decode-",
];

/// Flags that answer for a person or overrule a guard.
const OVERRULING: [&str; 7] = [
    "--accept-unproven",
    "--force",
    "--forget",
    "--skip",
    "--was",
    "--yes",
    "--yes-move-production",
];

/// Where one of them is advised, with the tests that show what it comes to there.
const ADVISED: &[(&str, &str, &[&str])] = &[
    (
        "docs/runbook.md",
        "deploy --was",
        &[
            "e2e: identity::a_renamed_host_and_swapped_regions_are_refused_with_what_to_do_and_lose_nothing",
        ],
    ),
    ("docs/runbook.md", "drill --yes", &["e2e: runbook::every_command_of_the_runbook_works"]),
    ("docs/runbook.md", "failover --yes", &["e2e: runbook::every_command_of_the_runbook_works"]),
    ("docs/runbook.md", "failback --yes", &["e2e: runbook::every_command_of_the_runbook_works"]),
    ("docs/runbook.md", "approve --yes", &["e2e: runbook::every_command_of_the_runbook_works"]),
    ("docs/runbook.md", "mode --yes", &["e2e: runbook::every_command_of_the_runbook_works"]),
    (
        "infra-lib/provision/src/apply/gate.rs",
        "deploy --force",
        &["fresh::a_forced_change_carries_the_sizes_that_are_live_when_it_is_executed"],
    ),
    (
        "infra-lib/operate/src/steer/direct/carry.rs",
        "failback --accept-unproven",
        &["steer::direct::a_lowering_that_waited_keeps_what_somebody_raised_meanwhile"],
    ),
    (
        "infra-lib/cli/src/drill/restore.rs",
        "drill --forget",
        &["drill_left::a_file_that_names_no_check_has_no_command_for_one"],
    ),
    (
        "infra-lib/cli/src/drill/restore.rs",
        "drill --yes",
        &["drill_left::what_a_drill_left_is_found_without_its_file"],
    ),
];

/// What is told to people: what the program prints, the pages, the templates' descriptions and the site files.
fn told() -> Vec<(String, String)> {
    let printed = files("rs").into_iter().filter(|source| !source.is_test());
    let printed = printed.filter(|source| !source.path.starts_with("bench/"));
    let printed = printed.map(|source| (source.shipped(), source.path));
    let pages = ["md", "yaml", "toml", "css"].into_iter().flat_map(files);
    let pages = pages.filter(|source| !source.is_test()).map(|Source { path, text }| (text, path));
    printed.chain(pages).map(|(text, path)| (path, text)).collect()
}

/// What follows each occurrence of a program's name that begins a command.
fn after<'a>(text: &'a str, program: &'a str) -> impl Iterator<Item = &'a str> {
    let begins = |at: &usize| {
        let before = text[..*at].chars().next_back();
        before.is_none_or(|before| !before.is_alphanumeric() && !"-_./:".contains(before))
    };
    let found = text.match_indices(program).map(|(at, _)| at).filter(begins);
    found.map(move |at| &text[at + program.len()..])
}

fn is_word(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(|first| first.is_ascii_lowercase())
        && letters.all(|one| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '-')
}

/// `aws SERVICE OPERATION`, with what follows on the line.
fn of_aws(text: &str) -> Vec<(String, &str)> {
    let cut = |rest: &str| -> Option<(String, usize)> {
        let mut words = rest.split_inclusive(' ');
        let (service, operation) = (words.next()?, words.next().unwrap_or_default());
        let end = |one: char| !one.is_ascii_alphanumeric() && one != '-';
        let operation = operation.split(end).next().unwrap_or_default();
        let service = service.strip_suffix(' ')?;
        let found = is_word(service) && is_word(operation);
        found.then(|| (format!("aws {service} {operation}"), service.len() + operation.len() + 1))
    };
    let found = after(text, "aws ").filter_map(|rest| Some((cut(rest)?, rest)));
    let line = |rest: &str| rest.find('\n').unwrap_or(rest.len());
    found.map(|((name, at), rest)| (name, &rest[at..line(rest).max(at)])).collect()
}

/// The words of each `cargo xtask` command: its verb, its subcommand, and its flags.
fn of_ours(text: &str) -> Vec<Vec<String>> {
    let words = |rest: &str| {
        let end = |one: char| "`\"\n#;,|(<…".contains(one);
        let command = rest.split(end).next().unwrap_or_default();
        let words = command.split_whitespace().enumerate();
        let kept = words.filter(|(at, word)| *at == 0 || word.starts_with("--"));
        kept.map(|(_, word)| word.trim_end_matches(['.', ':', '\'']).to_owned()).collect()
    };
    after(text, "cargo xtask ").map(words).collect()
}

/// Goal: no command that changes something is told without a test that types it. Method: the sources and the pages are
/// searched, and the table above is complete and has nothing else.
#[test]
fn every_printed_command_reads_or_has_a_test_that_types_it() {
    let mut found = BTreeSet::new();
    let mut reading = 0;
    for (path, text) in told() {
        for (command, _) in of_aws(&text) {
            let operation = command.rsplit(' ').next().unwrap_or_default();
            if READING.iter().any(|start| operation.starts_with(start)) {
                reading += 1;
            } else {
                found.insert((path.clone(), command));
            }
        }
    }
    assert!(reading > 20, "{reading} commands that read are found");
    let known: BTreeMap<_, _> =
        CHANGING.iter().map(|(path, name, how)| ((*path, *name), how)).collect();
    let new: Vec<_> =
        found.iter().filter(|(path, name)| !known.contains_key(&(path, name))).collect();
    assert!(new.is_empty(), "printed, and no test types it: {new:#?}");
    let gone = |(path, name): &&(&str, &str)| !found.contains(&((*path).into(), (*name).into()));
    let gone: Vec<_> = known.keys().filter(gone).collect();
    assert!(gone.is_empty(), "nobody prints it any more: {gone:#?}");
    let sources = files("rs");
    for (path, name, shown) in CHANGING {
        let Typed(tests) = shown else { continue };
        assert!(!tests.is_empty());
        for test in *tests {
            assert!(has_test(&sources, test), "{path}: {name}: there is no test {test}");
        }
    }
}

/// What stands in a command's place for a value, for each name that the sources give to one.
const VALUES: &[(&str, &str)] = &[
    ("arn", "arn:aws:sns:us-east-1:111122223333:shop-notices"),
    ("code", "L-53DA6B97"),
    ("from", "us-west-2"),
    ("id", "ami-0123456789abcdef0"),
    ("key", "arn:aws:kms:us-east-2:111122223333:key/1"),
    ("region", "us-east-2"),
    (
        "role",
        "arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
    ),
    ("service", "elasticloadbalancing"),
    ("to", "us-east-2"),
    ("value", "60"),
    ("vpc", "vpc-0123456789abcdef0"),
    // Values that are computed where they are printed: names of hosts, regions and sites.
    ("", "us-east-2"),
];

/// A command of the sources with its values filled in, up to what ends it there.
fn filled(command: &str, rest: &str) -> String {
    let ends = |one: char| matches!(one, '`' | '"' | '\n');
    let rest = rest.split(ends).next().unwrap_or_default();
    let mut whole = format!("{command}{rest}");
    for (name, value) in VALUES {
        whole = whole.replace(&format!("{{{name}}}"), value);
    }
    assert!(!whole.contains('{'), "a value that is not known here: {whole}");
    whole
}

/// Goal: a command that makes something new can be typed as it is printed. Method: each, with its values filled in, is read and
/// judged by AWS's own command line, which sends nothing.
#[tokio::test]
async fn every_printed_command_that_adds_something_is_whole() {
    let adding = |path: &str, command: &str| {
        CHANGING
            .iter()
            .any(|(file, name, how)| *file == path && *name == command && matches!(how, Adds))
    };
    let mut commands = BTreeSet::new();
    for (path, text) in told() {
        let found = of_aws(&text).into_iter().filter(|(command, _)| adding(&path, command));
        commands.extend(found.map(|(command, rest)| filled(&command, rest)));
    }
    assert!(commands.len() >= 6, "{commands:#?}");
    let shell = Shell::alone("printed-whole").await;
    for file in ["certificate.pem", "chain.pem", "key.pem"] {
        shell.typed(&format!("echo PEM > {file}")).await;
    }
    for command in commands {
        shell.judged(&command).await;
    }
}

/// Goal: what is advised of ours does not answer for a person or overrule a guard unseen, and exists. Method: the flags of every
/// such command against the table above, and against the help of the built program.
#[test]
fn every_command_of_ours_exists_and_overrules_a_guard_only_where_that_is_known() {
    let (mut advised, mut verbs) = (BTreeSet::new(), BTreeMap::<String, BTreeSet<String>>::new());
    for (path, text) in told() {
        for words in of_ours(&text) {
            let Some((verb, flags)) = words.split_first() else { continue };
            if !is_word(verb) {
                continue;
            }
            let known = verbs.entry(verb.clone()).or_default();
            for flag in flags {
                let name = flag.split('=').next().unwrap_or_default();
                known.insert(name.to_owned());
                if OVERRULING.contains(&name) {
                    advised.insert((path.clone(), format!("{verb} {name}")));
                }
            }
        }
    }
    let known: BTreeSet<_> =
        ADVISED.iter().map(|(path, flag, _)| ((*path).to_owned(), (*flag).to_owned())).collect();
    assert_eq!(advised, known);
    let sources = files("rs");
    for test in ADVISED.iter().flat_map(|(_, _, tests)| *tests) {
        assert!(has_test(&sources, test), "there is no test {test}");
    }
    assert!(verbs.len() > 15, "{verbs:?}");
    // Built for its own tests, in the same run.
    let program = target().join("debug").join("pilotlight");
    for (verb, flags) in verbs {
        let mut told = help(&program, &[&verb]);
        if verb == "drill" {
            for level in ["restore", "shadow", "live", "report"] {
                told += &help(&program, &["drill", level]);
            }
        }
        for flag in flags {
            assert!(told.contains(&flag), "`cargo xtask {verb}` has no {flag}");
        }
    }
}

fn help(program: &std::path::Path, words: &[&str]) -> String {
    let told = std::process::Command::new(program).args(words).arg("--help").output();
    let told = told.expect("it starts");
    assert!(told.status.success(), "there is no `cargo xtask {}`", words.join(" "));
    String::from_utf8_lossy(&told.stdout).into_owned()
}

/// Goal: whoever types a resumption gets the processes that bring servers and no other. Method: what follows in each place;
/// without names AWS resumes all of them, `Terminate` and `ReplaceUnhealthy` included.
#[test]
fn no_printed_resumption_brings_back_a_process_that_ends_servers() {
    let mut found = 0;
    for (path, text) in told() {
        for (command, rest) in of_aws(&text) {
            if command != "aws autoscaling resume-processes" {
                continue;
            }
            found += 1;
            let named = rest.split_once("--scaling-processes ").map(|(_, named)| named);
            let named = named.unwrap_or_else(|| panic!("{path}: it names no process: {rest}"));
            let end = |one: char| !one.is_alphabetic() && !" {}".contains(one);
            let named = named.split(end).next().unwrap_or_default();
            for name in named.split_whitespace() {
                // Drift's are chosen by what they bring, which a test of its own holds.
                let fine = ["Launch", "AddToLoadBalancer", "AlarmNotification"].contains(&name)
                    || (name == "{}" && path.ends_with("drift/next.rs"));
                assert!(fine, "{path}: {name}");
            }
        }
    }
    assert!(found >= 5, "{found}");
}

#[test]
fn commands_are_found_in_text() {
    let text =
        "x `aws s3 rb --force s3://a` y\nclaws and paws too; see aws.rs, \"aws logs tail g\"";
    let found: Vec<_> = of_aws(text).into_iter().map(|(name, _)| name).collect();
    assert_eq!(found, ["aws s3 rb", "aws logs tail"]);
    let ours = of_ours("run `cargo xtask deploy --force` or cargo xtask mode armed --yes # now");
    assert_eq!(ours, [vec!["deploy", "--force"], vec!["mode", "--yes"]]);
}
