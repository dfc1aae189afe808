//! The settings of one function, from its environment. A missing or bad one ends the start with an
//! error that names it.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use failover_core::Policy;
use failover_core::policy::{SETTINGS, Setting};
use failover_core::signal::AlarmArn;

/// Everything that tells one site's function from another's.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Name of the site, the dimension of its metrics.
    pub site: String,
    /// The name that the users type.
    pub hostname: String,
    /// The failover alarm; its region comes from the ARN.
    pub alarm: AlarmArn,
    /// The primary region's servers.
    pub primary: Fleet,
    /// The standby region's servers. Its region is the function's own, `AWS_REGION`.
    pub standby: Fleet,
    /// What the probe asks the primary.
    pub probe_url: HttpUrl,
    /// Whose answer proves that the function reaches the outside: a public name that hangs neither
    /// on the two regions nor on us-east-1.
    pub egress_url: HttpUrl,
    /// Where notices go.
    pub notice_topic: TopicArn,
    /// How many receivers of notices the site asks for. 0 if nobody says.
    pub receivers: u32,
    /// DNS server to ask instead of the system's resolver.
    pub resolver: Option<SocketAddr>,
    /// Two name servers of the zone, which tell Route 53's verdict. `None`: it is never asked.
    pub verdict_servers: Option<[NameServer; 2]>,
    /// Interval between two looks from one tick to the next. `None`: there are none.
    pub watch: Option<Duration>,
    /// Where the tick puts them. `None`: it sends none.
    pub look_queue: Option<String>,
    /// PEM file of roots to trust beside Amazon's.
    pub ca_bundle: Option<PathBuf>,
    /// Where the AWS APIs are instead of AWS: an emulator. Source: `AWS_ENDPOINT_URL`, as for every
    /// AWS tool.
    pub endpoint_url: Option<String>,
    /// The numbers.
    pub policy: Policy,
}

/// The servers of one region and what stands before them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fleet {
    /// Code of the region.
    pub region: String,
    /// Name of the Auto Scaling group.
    pub group: String,
    /// ARN of the load balancer's target group.
    pub target_group: String,
    /// DNS name of the load balancer.
    pub endpoint: String,
}

/// The environment is not complete or not readable. All that is wrong is told at once.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("environment is wrong: {}; hint: cargo xtask deploy sets it", problems.join("; "))]
pub struct SettingsError {
    /// One sentence for each variable, naming it.
    pub problems: Vec<String>,
}

impl Settings {
    /// Reads the settings, asking `lookup` for each variable. An empty value counts as missing.
    ///
    /// # Errors
    /// [`SettingsError`] names every variable that is missing or cannot be read.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let mut reader = Reader { lookup: &lookup, problems: Vec::new() };
        let settings = reader.settings();
        match settings {
            Some(settings) if reader.problems.is_empty() => Ok(settings),
            Some(_) | None => Err(SettingsError { problems: reader.problems }),
        }
    }
}

/// Reads variables and keeps what is wrong with them.
struct Reader<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    problems: Vec<String>,
}

impl Reader<'_> {
    /// Reads everything before it gives up, so that one start tells all that is wrong.
    fn settings(&mut self) -> Option<Settings> {
        let site = self.text("PILOTLIGHT_SITE");
        let hostname = self.text("PILOTLIGHT_HOSTNAME");
        let alarm = self.parsed("PILOTLIGHT_ALARM_ARN", "the ARN of an alarm", AlarmArn::parse);
        let primary = self.fleet("PRIMARY", "PILOTLIGHT_PRIMARY_REGION");
        let standby = self.fleet("STANDBY", "AWS_REGION");
        let probe_url = self.parsed(
            "PILOTLIGHT_PROBE_URL",
            "a URL such as http://name:80/health",
            HttpUrl::parse,
        );
        let egress_url =
            self.parsed("PILOTLIGHT_EGRESS_URL", "a URL such as https://name/", HttpUrl::parse);
        let notice_topic =
            self.parsed("PILOTLIGHT_NOTICE_TOPIC_ARN", "the ARN of a topic", TopicArn::parse);
        let receivers =
            self.optional("PILOTLIGHT_RECEIVERS", "a mark for each receiver, such as 11", tally);
        let resolver = self.optional(
            "PILOTLIGHT_RESOLVER",
            "an address and port such as 10.0.0.2:53",
            |text| text.parse().ok(),
        );
        let verdict_servers = self.optional(
            "PILOTLIGHT_VERDICT_SERVERS",
            "two name servers such as ns-1.example.com,ns-2.example.com",
            pair,
        );
        let watch = self.optional("PILOTLIGHT_WATCH", "off, or 5s to 30s", watch);
        let look_queue =
            self.optional("PILOTLIGHT_LOOK_QUEUE_URL", "a URL", |text| Some(text.to_owned()));
        let ca_bundle = self.optional("PILOTLIGHT_CA_BUNDLE", "a path", |text| Some(text.into()));
        let endpoint_url = self.optional("AWS_ENDPOINT_URL", "a URL", |text| Some(text.to_owned()));
        let policy = self.policy();
        Some(Settings {
            site: site?,
            hostname: hostname?,
            alarm: alarm?,
            primary: primary?,
            standby: standby?,
            probe_url: probe_url?,
            egress_url: egress_url?,
            notice_topic: notice_topic?,
            receivers: receivers.unwrap_or_default(),
            resolver,
            verdict_servers,
            watch: watch.flatten(),
            look_queue,
            ca_bundle,
            endpoint_url,
            policy: policy?,
        })
    }

    fn fleet(&mut self, role: &str, region: &str) -> Option<Fleet> {
        let region = self.text(region);
        let group = self.text(&format!("PILOTLIGHT_{role}_GROUP"));
        let target_group = self.text(&format!("PILOTLIGHT_{role}_TARGET_GROUP_ARN"));
        let endpoint = self.text(&format!("PILOTLIGHT_{role}_ENDPOINT"));
        Some(Fleet {
            region: region?,
            group: group?,
            target_group: target_group?,
            endpoint: endpoint?,
        })
    }

    fn policy(&mut self) -> Option<Policy> {
        let lookup = self.lookup;
        let value = |variable: &str| lookup(variable).filter(|text| !text.is_empty());
        Policy::from_settings(|setting| value(&setting.variable()))
            .map_err(|error| {
                let setting = SETTINGS.iter().find(|setting| setting.name == error.name());
                let variable = setting.map_or_else(|| error.name().to_owned(), Setting::variable);
                self.problems.push(format!("`{variable}`: {error}"));
            })
            .ok()
    }

    fn value(&self, variable: &str) -> Option<String> {
        (self.lookup)(variable).filter(|text| !text.is_empty())
    }

    fn text(&mut self, variable: &str) -> Option<String> {
        let value = self.value(variable);
        if value.is_none() {
            self.problems.push(format!("`{variable}` is missing"));
        }
        value
    }

    fn parsed<T>(
        &mut self,
        variable: &str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(variable)?;
        let parsed = parse(&text);
        if parsed.is_none() {
            self.problems.push(format!("`{variable}` is not {expected}: `{text}`"));
        }
        parsed
    }

    fn optional<T>(
        &mut self,
        variable: &str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        self.value(variable).is_some().then(|| self.parsed(variable, expected, parse)).flatten()
    }
}

/// A template can join a mark for each receiver that is there, and cannot add.
fn tally(marks: &str) -> Option<u32> {
    let plain = marks.bytes().all(|mark| mark == b'1');
    plain.then(|| u32::try_from(marks.len()).ok()).flatten()
}

fn pair(text: &str) -> Option<[NameServer; 2]> {
    let (one, other) = text.split_once(',')?;
    Some([NameServer::parse(one)?, NameServer::parse(other)?])
}

/// BOUND: a look a second in a drill; in a site 5 s to 30 s, as the template allows.
#[expect(clippy::option_option, reason = "wrong and `off` are different answers")]
fn watch(text: &str) -> Option<Option<Duration>> {
    if text == "off" {
        return Some(None);
    }
    let seconds =
        text.strip_suffix('s')?.parse().ok().filter(|seconds| (1..=30).contains(seconds))?;
    Some(Some(Duration::from_secs(seconds)))
}

/// A DNS server: `name`, `name:port` or `address:port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameServer {
    /// Its name, or its address.
    pub host: String,
    /// Its port.
    pub port: u16,
}

impl NameServer {
    const PORT: u16 = 53;

    /// Reads a server. `None` if it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (host, port) = match text.split_once(':') {
            Some((host, port)) => (host, port.parse().ok()?),
            None => (text, Self::PORT),
        };
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'.' || b == b'-';
        let sound = !host.is_empty() && host.bytes().all(plain);
        sound.then(|| Self { host: host.to_owned(), port })
    }
}

/// What a GET asks for: `http` or `https`, with a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpUrl(String);

impl HttpUrl {
    /// Reads a URL. `None` if it is not one that can be asked over HTTP.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
        let host = rest.split(['/', ':', '?']).next().unwrap_or_default();
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
        (plain && !host.is_empty() && !rest.contains('@')).then(|| Self(text.to_owned()))
    }

    /// The URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Name of an SNS topic in the whole partition: `arn:aws:sns:REGION:ACCOUNT:NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicArn {
    text: String,
    region: String,
}

impl TopicArn {
    /// Reads an ARN. `None` if it is not one of a topic.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split(':').collect();
        let ["arn", partition, "sns", region, account, name] = parts[..] else {
            return None;
        };
        let whole = ![partition, region, account, name].contains(&"");
        whole.then(|| Self { text: text.to_owned(), region: region.to_owned() })
    }

    /// The region that the topic lives in.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }
}

impl fmt::Display for TopicArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
