//! Drills of a deployed site: the real command against the emulator, played to the end, and killed on the way.

#![expect(clippy::panic, reason = "helpers of tests fail by panicking")]

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use cloud::guard;
use drill::levels::drill_name;
use drill_local::route53::Route53;
use drill_local::stage::{HOLD_DOWN, group_name};
use drill_local::story::until;
use e2e::{Deployed, WITHIN};
use failover_core::record::{History, Register, Sizes};
use failover_core::time::after;
use machine::clock;
use machine::target;
use site::model::Role;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// BOUND: a live drill with its whole failback, on a machine that is busy.
const DRILL_WITHIN: Duration = Duration::from_mins(6);
const REFUSED: i32 = 6;
/// BOUND: the watchdog hears of the drill's end at once, and AWS answers it within a second or two.
const SOON: Duration = Duration::from_secs(20);
/// BOUND: each takes the hold-down; a machine that loses datapoints more often than that is no place for clocks of seconds.
const RESTS_MAX: usize = 5;
/// A datapoint that a busy machine put late ends the proof, and the drill refuses until there is another.
const UNPROVEN: &str = "is not proven for";

/// A deployed site whose emulated Route 53 does as it is told.
struct Ground {
    site: Deployed,
    _route53: Route53,
    folder: PathBuf,
    before: Sight,
}

/// What a drill must leave as it was.
#[derive(Debug, PartialEq, Eq)]
struct Sight {
    inverted: bool,
    records: usize,
    checks: usize,
    standby: Sizes,
    primary_min: u16,
    idle: bool,
    file: bool,
}

impl Ground {
    async fn new(name: &str) -> Self {
        let site = Box::pin(Deployed::new()).await;
        let folder = target().join("e2e").join(name);
        std::fs::create_dir_all(&folder).expect("it can be written");
        std::fs::remove_dir_all(folder.join(".pilotlight")).ok();
        let file = folder.join("pilotlight.toml");
        std::fs::write(file, &site.stage.site_file).expect("it can be written");
        let route53 = Route53::follow(&site.stage);
        let before = Sight {
            inverted: false,
            records: 0,
            checks: 4,
            standby: Sizes { min: 0, desired: 0, max: 4 },
            primary_min: 1,
            idle: true,
            file: false,
        };
        let ground = Self { site, _route53: route53, folder, before };
        assert_eq!(ground.sight().await, ground.before, "so it is deployed");
        ground
    }

    async fn sight(&self) -> Sight {
        let (stage, cloud) = (&self.site.stage, self.site.stage.cloud.as_ref());
        let config = &stage.site.config;
        let id = config.health.primary_check_id.as_deref().expect("the drill's site brings it");
        let check = cloud.check(id).await.expect("it answers").expect("it is there");
        let named = cloud.named(&config.hosted_zone_id, &drill_name(&stage.site)).await;
        let group = async |role| {
            let group = cloud.group(stage.region(role), &group_name(role)).await;
            group.expect("it answers").expect("it is there")
        };
        let standby = group(Role::Standby).await;
        let record = guard::record(&standby);
        let folder = std::fs::read_dir(self.folder.join(".pilotlight"));
        let files = folder.into_iter().flatten().filter_map(Result::ok);
        let mut restore =
            files.filter(|file| file.file_name().to_string_lossy().contains("restore-"));
        Sight {
            inverted: check.inverted,
            records: named.expect("it answers").aliases.len(),
            checks: self.checks().await,
            standby: standby.sizes,
            primary_min: group(Role::Primary).await.sizes.min,
            idle: record.ownership() == failover_core::record::Ownership::Idle,
            file: restore.next().is_some(),
        }
    }

    /// How many health checks the emulator lists.
    async fn checks(&self) -> usize {
        let endpoint = self.site.stage.endpoint();
        let address = endpoint.strip_prefix("http://").expect("it is in the clear");
        let mut stream = TcpStream::connect(address).await.expect("it listens");
        let ask = "GET /2013-04-01/healthcheck HTTP/1.0\r\nHost: route53.amazonaws.com\r\n\r\n";
        stream.write_all(ask.as_bytes()).await.expect("it is sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("it answers");
        assert!(answer.contains("<HealthChecks>"), "{answer}");
        answer.matches("<HealthCheckConfig>").count()
    }

    /// Another day: the site is proven up, and no failback lies within a day.
    async fn another_day(&self) {
        let (region, group) = (self.site.stage.region(Role::Standby), group_name(Role::Standby));
        let long_ago = after(clock::now(), -7 * 86_400);
        let old = Register::History(History { finished: vec![long_ago] });
        let cloud = &self.site.stage.cloud;
        let consent = self.site.stage.local.consent();
        let group = consent.group(cloud.as_ref(), region, &group).await.expect("it is read");
        let written = cloud.write_registers(&group.expect("it is there"), &[old]).await;
        written.expect("it is written");
    }

    /// Waits until the rules would let a drill begin.
    async fn rest(&self) {
        self.another_day().await;
        let ready = async || {
            let record = self.site.invoke(e2e::events::REHEARSAL).await;
            let points = *record.observation.datapoints.known()?;
            let alarm = *record.observation.alarm.known()?;
            let since = failover_core::time::age(record.at, alarm.transitioned_at);
            (points.healthy_for() >= HOLD_DOWN && since >= HOLD_DOWN).then_some(())
        };
        until(WITHIN, ready).await.expect("the primary is proven up");
    }

    fn start(&self, words: &[&str]) -> Child {
        // Built for its own tests, in the same run.
        let mut command = Command::new(target().join("debug").join("pilotlight"));
        command.args(words).current_dir(&self.folder).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for (name, value) in [
            ("AWS_ENDPOINT_URL", self.site.stage.endpoint().as_str()),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_REGION", "us-east-1"),
            ("USER", "e2e"),
        ] {
            command.env(name, value);
        }
        command.spawn().expect("it starts")
    }

    /// Exit code and everything said.
    async fn run(&self, words: &[&str]) -> (Option<i32>, String, String) {
        let mut drill = self.start(words);
        let (out, told) = (drill.stdout.take(), drill.stderr.take());
        let (mut out, mut told) = (out.expect("it is piped"), told.expect("it is piped"));
        let (mut printed, mut said) = (Vec::new(), Vec::new());
        let ended = timeout(DRILL_WITHIN, async {
            let (out, told) =
                tokio::join!(collect(&mut out, &mut printed), collect(&mut told, &mut said));
            out.and(told).expect("both can be read");
            drill.wait().await.expect("it runs").code()
        });
        let ended = ended.await;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (out, told) = (text(&printed), text(&said));
        let code = ended.unwrap_or_else(|_| panic!("{words:?} does not end:\n{out}\n{told}"));
        (code, out, told)
    }

    /// Plays a drill to its end.
    async fn play(&self, words: &[&str]) -> serde_json::Value {
        let words = [&["--format", "json"], words].concat();
        let mut tries = 0;
        let (code, out, told) = loop {
            self.rest().await;
            let (code, out, told) = self.run(&words).await;
            tries += 1;
            if !told.contains(UNPROVEN) || tries > RESTS_MAX {
                break (code, out, told);
            }
        };
        assert_eq!(code, Some(0), "{words:?}:\n{out}\n{told}");
        assert_eq!(self.sight().await, self.before, "{told}");
        serde_json::from_str(&out).expect("it is JSON")
    }

    /// SIGKILL as soon as this is said, then restore.
    async fn kill_at(&self, words: &[&str], said: &str) {
        let mut tries = 0;
        while let Err(told) = self.killed(words, said).await {
            tries += 1;
            let lost = told.contains(UNPROVEN) && tries <= RESTS_MAX;
            assert!(lost, "`{said}` was never said by {words:?}:\n{told}");
        }
        // Whatever the drill changed by itself is put back by its watchdog, without anybody.
        let undone = async || {
            let sight = self.sight().await;
            let is = !sight.inverted && sight.records == 0 && sight.checks == self.before.checks;
            is.then_some(())
        };
        until(SOON, undone).await.unwrap_or_else(|| panic!("after `{said}` nobody puts it back"));
        assert!(self.sight().await.file, "what to put back is on the disk");
        let (code, _, refused) = self.run(&["drill", "shadow", "--yes"]).await;
        assert_eq!(code, Some(REFUSED), "a new drill begins on an old one's ruins: {refused}");
        assert!(refused.contains("drill restore"), "{refused}");
        let (code, out, told) = self.run(&["drill", "restore"]).await;
        assert_eq!(code, Some(0), "after `{said}`:\n{out}\n{told}");
        assert_eq!(self.sight().await, self.before, "after `{said}`:\n{told}");
        let (code, out, _) = self.run(&["drill", "restore"]).await;
        assert!(code == Some(0) && out.contains("no drill left anything"), "{out}");
    }

    /// Starts a drill and kills it as soon as this is said; otherwise answers what it said.
    async fn killed(&self, words: &[&str], said: &str) -> Result<(), String> {
        self.rest().await;
        let mut drill = self.start(words);
        let mut lines = BufReader::new(drill.stderr.take().expect("it is piped")).lines();
        let mut told = String::new();
        let heard = async {
            while let Some(line) = lines.next_line().await.expect("it can be read") {
                told.push_str(&line);
                told.push('\n');
                if line.contains(said) {
                    return true;
                }
            }
            false
        };
        let heard = timeout(DRILL_WITHIN, heard).await.expect("it goes on");
        drill.kill().await.expect("it can be killed");
        if heard { Ok(()) } else { Err(told) }
    }

    async fn end(self) {
        self.site.end().await;
    }
}

/// What was read stays there if nobody waits for the end.
async fn collect(from: &mut (impl AsyncReadExt + Unpin), to: &mut Vec<u8>) -> std::io::Result<()> {
    while from.read_buf(to).await? > 0 {}
    Ok(())
}

fn seconds(journal: &serde_json::Value, field: &str) -> f64 {
    journal[field].as_f64().unwrap_or_else(|| panic!("no {field}: {journal}"))
}

/// Goal: each level does what it says, is measured, and leaves everything as it was. Method: play all three on one deployed site.
#[tokio::test]
async fn every_level_fails_over_and_comes_back() {
    let ground = Ground::new("levels").await;
    let shadow = ground.play(&["drill", "shadow", "--yes"]).await;
    assert!(seconds(&shadow, "recovery_seconds") > 1.0, "{shadow}");
    assert_eq!(shadow["clients"]["from_standby"], 0, "the users were not moved");
    let dns = ground.play(&["drill", "dns", "--yes"]).await;
    assert!(seconds(&dns, "recovery_seconds") > 0.1, "{dns}");
    assert_eq!(dns["clients"]["from_standby"], 0, "the users were not moved");
    let (code, _, told) = ground.run(&["drill", "live"]).await;
    assert!(code == Some(REFUSED) && told.contains("--yes-move-production"), "{told}");
    let live = ground.play(&["drill", "live", "--yes-move-production"]).await;
    assert!(seconds(&live, "recovery_seconds") > 1.0, "{live}");
    assert!(seconds(&live, "failback_seconds") >= 20.0, "the failback was followed: {live}");
    assert!(live["clients"]["from_standby"].as_u64() > Some(0), "{live}");
    let reasons: Vec<_> = live["decisions"].as_array().expect("a list").iter().collect();
    for reason in ["Raise", "CloseLatch", "OpenLatch", "LowerMin", "LowerDesired", "Finish"] {
        assert!(reasons.iter().any(|line| line["reason"] == reason), "{reason}: {live}");
    }
    let phases = live["phases"].as_array().expect("a list").iter();
    let phases: Vec<_> = phases.filter_map(|phase| phase["name"].as_str()).collect();
    let seen =
        ["health check turns red", "look or alarm", "controller", "DNS moves", "clients follow"];
    assert_eq!(phases, seen, "{live}");
    let prewarmed = |line: &&&serde_json::Value| line["reason"] == "Prewarm";
    let wrote = reasons.iter().find(prewarmed).and_then(|line| line["wrote"].as_str());
    assert!(wrote.is_some_and(|wrote| wrote.starts_with("primary min")), "{live}");
    ground.end().await;
}

/// Goal: whenever a drill dies, `drill restore` leaves the site as it was. Method: SIGKILL around each write of a level's own.
async fn killed_at_each(name: &str, words: &[&str], steps: &[&str]) {
    let ground = Ground::new(name).await;
    for step in steps {
        ground.kill_at(words, step).await;
    }
    ground.end().await;
}

#[tokio::test]
async fn a_shadow_drill_that_is_killed_is_put_back() {
    let steps = [
        "restore file written",
        "writing the record of the raise",
        "- raised",
        "the standby serves by its own name",
        "the failback begins",
    ];
    killed_at_each("killed-shadow", &["drill", "shadow", "--yes"], &steps).await;
}

#[tokio::test]
async fn a_dns_drill_that_is_killed_is_put_back() {
    let steps = [
        "-primary",
        "-standby",
        "creating the records",
        "checks and records are made",
        "inverting the drill's own check",
        "THE DRILL'S OWN CHECK OF THE PRIMARY",
        "is served by the standby",
        "putting back the drill's own check",
        "is served by the primary again",
        "the failback begins",
    ];
    killed_at_each("killed-dns", &["drill", "dns", "--yes"], &steps).await;
}

#[tokio::test]
async fn a_live_drill_that_is_killed_is_put_back() {
    let steps = [
        "inverting the primary's health check",
        "- inverted",
        "A USER GETS A PAGE FROM THE STANDBY",
        "the failback begins",
    ];
    let words = ["drill", "live", "--yes-move-production"];
    killed_at_each("killed-live", &words, &steps).await;
}

/// Goal: whatever asks a drill to end, it undoes first what it changed: Ctrl-C, a closed terminal, a cancelled job. Method: each
/// signal while the primary's check is inverted.
#[tokio::test]
async fn a_drill_that_is_asked_to_end_puts_the_check_back_first() {
    let ground = Ground::new("interrupted").await;
    for (signal, code) in [("-INT", 130), ("-HUP", 129), ("-TERM", 143)] {
        ground.rest().await;
        let mut drill = ground.start(&["drill", "live", "--yes-move-production"]);
        let turned = async || ground.sight().await.inverted.then_some(());
        until(WITHIN, turned).await.expect("the check is inverted");
        kill(signal, drill.id().expect("it runs")).await;
        let ended = timeout(WITHIN, drill.wait()).await.expect("it ends").expect("it ran");
        assert_eq!(ended.code(), Some(code), "{signal}");
        let sight = ground.sight().await;
        assert!(!sight.inverted && sight.file, "{signal}: {sight:?}");
        let (code, out, told) = ground.run(&["drill", "restore"]).await;
        assert_eq!(code, Some(0), "{out}\n{told}");
        assert_eq!(ground.sight().await, ground.before);
    }
    ground.end().await;
}

/// Goal: a drill whose machine is lost is found and put back from another one, and until then every verb says what lies there.
/// Method: kill the drill and its watchdog while the check is inverted, ask the other verbs, take the file away, and restore.
#[tokio::test]
async fn a_drill_whose_machine_is_lost_is_put_back_from_another_one() {
    let ground = Ground::new("lost").await;
    ground.rest().await;
    let mut drill = ground.start(&["drill", "live", "--yes-move-production"]);
    let mut lines = BufReader::new(drill.stderr.take().expect("it is piped")).lines();
    let mut watchdog = None;
    while let Ok(Some(line)) = timeout(DRILL_WITHIN, lines.next_line()).await.expect("it goes on") {
        if line.contains("watches over this drill") {
            watchdog = line.split(' ').find_map(|word| word.parse().ok());
        }
        if line.ends_with("- inverted") {
            break;
        }
    }
    kill("-KILL", watchdog.expect("it names its watchdog")).await;
    drill.kill().await.expect("it can be killed");
    let sight = ground.sight().await;
    assert!(sight.inverted && sight.file, "{sight:?}");
    let (code, _, told) = ground.run(&["status"]).await;
    assert!(code == Some(0) && told.starts_with("! a drill (live) that"), "{told}");
    for verb in ["deploy", "destroy"] {
        let (code, _, told) = ground.run(&[verb, "--yes"]).await;
        assert!(code == Some(REFUSED) && told.contains("cargo xtask drill restore"), "{told}");
    }
    // Another machine has no such file.
    std::fs::remove_dir_all(ground.folder.join(".pilotlight")).expect("it goes");
    let (code, out, told) = ground.run(&["drill", "restore"]).await;
    assert_eq!(code, Some(REFUSED), "{out}\n{told}");
    for words in ["no restore file", "is inverted", "--no-inverted", "drill restore --yes"] {
        assert!(told.contains(words), "`{words}`: {told}");
    }
    assert!(ground.sight().await.inverted, "nobody agreed");
    let (code, out, told) = ground.run(&["drill", "restore", "--yes"]).await;
    assert!(code == Some(0) && out.contains("no longer inverted"), "{out}\n{told}");
    let home = async || (ground.sight().await == ground.before).then_some(());
    until(DRILL_WITHIN, home).await.expect("the controller puts the rest back by itself");
    let (code, out, _) = ground.run(&["drill", "restore"]).await;
    assert!(code == Some(0) && out.contains("no drill left anything"), "{out}");
    ground.end().await;
}

async fn kill(signal: &str, process: u32) {
    let sent = Command::new("kill").args([signal, &process.to_string()]).status().await;
    assert!(sent.expect("it is sent").success());
}
