//! A small AWS on this machine, as far as `status` and steering ask: a site that stands, whose parts can be changed or made to
//! fail. The answers are those of AWS's protocols, so the whole command runs as it ships.

mod answers;
mod needs;
mod wire;

use std::collections::BTreeMap;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard};

use failover_core::Timestamp;
use failover_core::record::{Peak, Register, Sizes};
use failover_core::time::after;
use site::config::Config;
use site::model::Site;

use self::wire::{Reply, Request};
use super::command::{Folder, SITE, told};

/// A line that begins with so many spaces goes on from the one before.
const CONTINUED: usize = 12;

/// The endpoint. It ends with the test's process.
pub struct Endpoint {
    address: String,
    state: Arc<Mutex<State>>,
}

/// What stands there.
pub struct State {
    pub site: Site,
    /// Nothing is deployed.
    pub bare: bool,
    /// Of both groups, by region.
    pub groups: BTreeMap<String, Group>,
    pub alarm: &'static str,
    /// Since when both alarms read so. Fixed, and some seconds more than two hours ago: counted from each answer, it could be a
    /// moment less than two hours after the command looked at its clock.
    since: Timestamp,
    pub latch: &'static str,
    /// Lines of the controller's log.
    pub log: Vec<String>,
    pub lambda: Lambda,
    /// AWS's error code for every call of an operation.
    pub refused: BTreeMap<&'static str, &'static str>,
    /// Every call, in order.
    pub calls: Vec<String>,
    /// What each call was signed for, in order: operation and region.
    pub signed: Vec<String>,
    /// Whether the rule that ticks is disabled.
    pub tick_disabled: bool,
    /// Every call that writes, in order.
    pub writes: Vec<String>,
}

/// A group, all of whose instances are healthy.
pub struct Group {
    pub name: &'static str,
    pub sizes: Sizes,
    pub tags: BTreeMap<String, String>,
}

/// How the controller's function is.
pub enum Lambda {
    /// It decides by the core, and what it is asked for comes true at once.
    Works,
    /// It ends in this error.
    Fails(&'static str),
}

impl Endpoint {
    /// An idle site: two servers in the primary, none in the standby.
    pub fn new() -> Self {
        let config = Config::from_toml(SITE, "pilotlight.toml").expect("the sample is valid");
        let group = |name, min: u16| {
            let sizes = Sizes { min, desired: min, max: 8 };
            Group { name, sizes, tags: BTreeMap::new() }
        };
        let peak = Register::Peak(Peak::sampled(None, 490_000, 4));
        let mut state = State {
            site: Site::new(config),
            bare: false,
            groups: BTreeMap::from([
                ("us-west-2".to_owned(), group("shop-primary", 2)),
                ("us-east-2".to_owned(), group("shop-standby", 0)),
            ]),
            alarm: "OK",
            since: after(now(), -7210),
            latch: "OK",
            log: Vec::new(),
            lambda: Lambda::Works,
            refused: BTreeMap::new(),
            calls: Vec::new(),
            signed: Vec::new(),
            tick_disabled: false,
            writes: Vec::new(),
        };
        state.note(&peak);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound").to_string();
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || serve(connection, &shared));
            }
        });
        Self { address, state }
    }

    /// To look at it, or to change it.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread panics while it holds the lock")
    }

    /// The command, ready to be run against it.
    pub fn command(&self, folder: &Folder, arguments: &str) -> Command {
        let mut command = folder.command(arguments);
        command.env("AWS_ENDPOINT_URL", format!("http://{}", self.address));
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
        command
    }

    /// The same, signed in by a profile of this configuration file of the AWS CLI.
    pub fn command_as(
        &self,
        folder: &Folder,
        profile: &str,
        config: &str,
        arguments: &str,
    ) -> Command {
        let file = folder.path().join("aws-config");
        std::fs::write(&file, config).expect("a file");
        let mut command = self.command(folder, arguments);
        command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
        command.env("AWS_CONFIG_FILE", file).env("AWS_PROFILE", profile);
        command
    }

    /// Runs the command, and hides what depends on the time of day.
    pub fn run(&self, arguments: &str) -> String {
        let folder = Folder::with(SITE);
        timeless(&told(&self.command(&folder, arguments).output().expect("it starts")))
    }
}

impl State {
    /// Puts a register into the standby's tags.
    pub fn note(&mut self, register: &Register) {
        let (key, value) = register.tag();
        self.standby().tags.insert(key, value);
    }

    /// The standby's group.
    pub fn standby(&mut self) -> &mut Group {
        self.groups.get_mut("us-east-2").expect("it is there")
    }
}

fn serve(mut connection: TcpStream, state: &Mutex<State>) {
    let Some(request) = Request::read(&mut connection) else { return };
    let Reply { status, headers, body } = {
        let mut state = state.lock().expect("no thread panics while it holds the lock");
        answers::answer(&mut state, &request)
    };
    let head =
        format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n", body.len());
    let headers = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
    let headers = headers.collect::<Vec<_>>().concat();
    connection.write_all(format!("{head}{headers}\r\n").as_bytes()).ok();
    connection.write_all(&body).ok();
}

/// Now, in whole seconds.
pub fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let seconds = since.expect("it is after 1970").as_secs();
    Timestamp::from_second(i64::try_from(seconds).expect("a small number")).expect("a time")
}

/// The text without times. A time of another day has its date and so may break its line elsewhere, so broken lines are joined.
pub fn timeless(text: &str) -> String {
    let whole = text.lines().fold(String::new(), |whole, line| {
        if line.starts_with(&" ".repeat(CONTINUED)) {
            whole.trim_end().to_owned() + " " + line.trim_start() + "\n"
        } else {
            whole + line + "\n"
        }
    });
    let lines = whole.lines().map(|line| line.split(' ').map(hidden).collect::<Vec<_>>().join(" "));
    let hidden = lines.fold(String::new(), |text, line| text + &line + "\n");
    hidden.replace("[DATE] [TIME]", "[TIME]")
}

/// A word, or what stands for it.
fn hidden(word: &str) -> String {
    let shape: String = word.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    for (time, name) in
        [("0000-00-00T00:00:00Z", "[TIME]"), ("00:00:00", "[TIME]"), ("0000-00-00", "[DATE]")]
    {
        if let Some(at) = shape.find(time) {
            return format!("{}{name}{}", &word[..at], &word[at + time.len()..]);
        }
    }
    if let Some(at) = shape.find("first=0000000000") {
        return format!("{}first=[SECOND]", &word[..at]);
    }
    if let Some(at) = shape.find("at=0000000000") {
        return format!("{}at=[SECOND]", &word[..at]);
    }
    word.to_owned()
}
