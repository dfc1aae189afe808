//! Every write that the tool can send is reached only through the identity guard, and where it concerns capacity or DNS only on a
//! reading that was made after somebody said yes. Nobody makes these proofs past the places that are meant to.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The calls that change nothing. A call that is not here changes something.
const READS: [&str; 58] = [
    "account",
    "addresses",
    "alarm",
    "alarm_wiring",
    "balancer",
    "caller",
    "certificate",
    "change_set_failures",
    "change_sets",
    "check",
    "check_made_with",
    "check_status",
    "checks_made_with",
    "clock",
    "concurrency",
    "count",
    "credentials_expiry",
    "describe_change_set",
    "describe_stack",
    "ebs_default_key",
    "event_sources",
    "exists",
    "function",
    "function_variables",
    "group",
    "health_check",
    "health_checks",
    "identity",
    "image",
    "instance_type",
    "invokers",
    "keep_alive",
    "key",
    "key_grants",
    "key_policy",
    "launch_template",
    "log_lines",
    "named",
    "newest_value",
    "parameter",
    "policy_exists",
    "products",
    "public_access",
    "quota",
    "records",
    "records_of",
    "region_status",
    "role_trust",
    "rule",
    "snapshot_keys",
    "stack_events",
    "stack_resources",
    "stack_template",
    "subnets",
    "subscriptions",
    "target_health",
    "zone",
    "zones_with",
];

/// The traits of which every write concerns capacity or DNS: it takes a fresh reading, unless it is named in [`HARMLESS`].
const CAPACITY_AND_DNS: [&str; 3] = ["Capacity", "Dns", "Stacks"];

/// Writes of those traits that nothing which serves can feel, and why.
const HARMLESS: [(&str, &str); 3] = [
    ("create_change_set", "it is worked out, and changes nothing before it is executed"),
    ("delete_change_set", "it was never executed"),
    ("create_health_check", "nothing follows it before a record carries it"),
];

/// What a call has to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Proof {
    /// Nothing: it reads.
    None,
    /// That it is this site.
    Identity,
    /// The same, somebody's consent, and what is changed as it was read after that.
    Fresh,
    /// That the far end is an emulator on this machine.
    Emulator,
}

impl Proof {
    /// By what a method is given.
    #[expect(clippy::panic, reason = "it fails its test")]
    fn of(given: &str) -> Self {
        let found: Vec<_> =
            [("Fresh<", Self::Fresh), ("Permit", Self::Identity), ("Local", Self::Emulator)]
                .into_iter()
                .filter(|(word, _)| given.contains(word))
                .map(|(_, proof)| proof)
                .collect();
        match found[..] {
            [] => Self::None,
            [one] => one,
            _ => panic!("more than one proof: {given}"),
        }
    }
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every source of the tool: its crates and the command.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize();
    let root = root.expect("the workspace is there");
    let crates = fs::read_dir(root.join("infra-lib")).expect("the folder of the crates");
    let crates = crates.map(|entry| entry.expect("an entry").path());
    let crates = crates.filter(|path| path.is_dir());
    let folders = crates.chain([root.join("xtask")]).map(|folder| folder.join("src"));
    let read = folders.flat_map(|folder| files(&folder)).map(|path| {
        let text = fs::read_to_string(&path).expect("a source");
        let place = path.strip_prefix(&root).expect("it is below the root");
        (place.to_string_lossy().replace('\\', "/"), text)
    });
    read.collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}

/// The calls of the cloud traits: by trait and name, what each has to be shown.
fn calls() -> BTreeMap<(String, String), Proof> {
    let mut found = BTreeMap::new();
    let traits = fs::read_dir(source()).expect("the crate's folder");
    for path in traits.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_file()) {
        let text = fs::read_to_string(&path).expect("a source");
        for body in text.split("pub trait ").skip(1) {
            let body = body.split("\n}").next().unwrap_or_default();
            let name = body.split([':', ' ']).next().unwrap_or_default();
            for (method, given) in methods(body) {
                found.insert((name.to_owned(), method), Proof::of(&given));
            }
        }
    }
    found
}

/// The methods in a text: name, and what they are given.
fn methods(text: &str) -> Vec<(String, String)> {
    let all = text.split("async fn ").skip(1).filter_map(|method| {
        let (name, rest) = method.split_once('(')?;
        let (given, _) = rest.split_once("->")?;
        Some((name.split('<').next()?.to_owned(), given.to_owned()))
    });
    all.collect()
}

/// Goal: a new write cannot be sent without the identity guard, nor on an old reading where it concerns capacity or DNS.
/// Method: the sources of the cloud traits list all calls; what a call is given says what it has to be shown.
#[test]
fn every_write_takes_the_proofs_that_its_kind_needs() {
    let calls = calls();
    let mut reads = BTreeSet::new();
    let mut counts = BTreeMap::<Proof, usize>::new();
    for ((of, name), proof) in &calls {
        let is_read = READS.contains(&name.as_str());
        assert_eq!(is_read, *proof == Proof::None, "`{of}::{name}` is a read, or takes a proof");
        let is_harmless = HARMLESS.iter().any(|(harmless, _)| harmless == name);
        if !is_read && CAPACITY_AND_DNS.contains(&of.as_str()) {
            let expected =
                if is_harmless { &[Proof::Identity][..] } else { &[Proof::Fresh, Proof::Emulator] };
            assert!(expected.contains(proof), "`{of}::{name}` concerns capacity or DNS: {proof:?}");
        }
        if is_read {
            reads.insert(name.as_str());
        }
        *counts.entry(*proof).or_default() += 1;
    }
    let listed: BTreeSet<&str> = READS.into_iter().collect();
    assert_eq!(listed, reads, "a read that no trait has any more");
    let harmless = HARMLESS.iter().filter(|(name, _)| calls.keys().any(|(_, one)| one == name));
    assert_eq!(harmless.count(), HARMLESS.len(), "a write that no trait has any more");
    // So that the test itself does not pass by finding nothing.
    let writes = [Proof::Identity, Proof::Fresh, Proof::Emulator].map(|proof| counts[&proof]);
    assert_eq!(
        writes,
        [6, 10, 4],
        "what is written changed: look at its kind, then correct this line"
    );
}

/// Goal: no write hides in a method that looks like a read. Method: the operations that each function of the SDK's side names.
#[test]
fn a_method_without_a_proof_sends_nothing_but_reads() {
    let reads = ["Describe", "Get", "List", "Head", "Filter"];
    let mut found = 0;
    for path in files(&source().join("aws")) {
        let text = fs::read_to_string(&path).expect("a source");
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for body in text.split("fn ").skip(1) {
            let given = body.split("->").next().unwrap_or_default();
            let named = ["Call::new(\"", "Call::global(\"", "operation = \""];
            let named = named.iter().flat_map(|call| body.split(call).skip(1));
            for operation in named.filter_map(|rest| rest.split('"').next()) {
                found += 1;
                let is_read = reads.iter().any(|verb| operation.starts_with(verb));
                let place = path.display();
                assert!(
                    is_read || Proof::of(given) != Proof::None,
                    "{place}: `{operation}` takes no proof"
                );
            }
        }
    }
    assert!(found >= 50, "{found} operations are found");
}

/// Goal: a proof is the word of whoever may give it. Method: whoever makes one is found in the sources of the tool. A [`Fresh`]
/// needs little search: nothing outside the guard's own folder can make one.
///
/// [`Fresh`]: cloud::guard::Fresh
#[test]
fn nobody_makes_a_proof_past_the_places_that_are_meant_to() {
    let places = [
        ("Permit::of(", &["infra-lib/cloud/src/guard/"][..]),
        ("Permit(Scope", &["infra-lib/cloud/src/guard/proof.rs"]),
        ("Local::of(", &["infra-lib/drill-local/src/"]),
        // The question, and what a local drill does on its own emulator.
        (
            "Consent::given(",
            &["infra-lib/cli/src/consent.rs", "infra-lib/cloud/src/guard/proof.rs"],
        ),
        ("Consent::to_put_back(", &["infra-lib/drill/src/restore/undo.rs"]),
        ("Fresh::read(", &["infra-lib/cloud/src/guard/consent.rs"]),
    ];
    for (made, allowed) in places {
        let mut found = 0;
        for (place, text) in sources() {
            if text.contains(made) {
                found += 1;
                assert!(
                    allowed.iter().any(|allowed| place.starts_with(allowed)),
                    "{made} in {place}"
                );
            }
        }
        assert!(found > 0, "nobody makes {made}");
    }
}
