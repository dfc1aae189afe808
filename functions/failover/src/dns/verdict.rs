//! Route 53's verdict on the primary, as its name servers tell it: a TXT record of a name of its own, in the zone of the site.
//!
//! Two of the zone's own servers are asked, so that no cache stands between, and both must say the same. It needs no permission
//! and nothing in us-east-1.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use failover_core::observation::{Known, Verdict, Why};
use failover_core::verdict;
use futures::future::join;
use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, RecordType};

use super::Resolve;
use super::udp::exchange;
use crate::port::Verdicts;
use crate::settings::NameServer;

/// BOUND: two tries fit into the bound of a look's first reading.
const TRY_MAX: Duration = Duration::from_millis(500);
const TRIES: usize = 2;

/// Two name servers of the site's zone.
#[derive(Debug)]
pub struct ZoneServers {
    /// `None`: the settings name no servers.
    pair: Option<[Asked; 2]>,
    /// The name that has the records.
    name: String,
    /// How the servers' own names are resolved.
    resolver: Arc<dyn Resolve>,
}

/// One of the two.
#[derive(Debug)]
struct Asked {
    server: NameServer,
    /// Where it answered last: while it goes on answering, no resolver is needed.
    address: Mutex<Option<IpAddr>>,
}

impl ZoneServers {
    /// The verdict on the primary of `hostname`, from these two.
    #[must_use]
    pub fn new(pair: Option<[NameServer; 2]>, hostname: &str, resolver: Arc<dyn Resolve>) -> Self {
        let asked = |server| Asked { server, address: Mutex::new(None) };
        let (pair, name) =
            (pair.map(|pair| pair.map(asked)), format!("{}.", verdict::name(hostname)));
        Self { pair, name, resolver }
    }

    async fn ask(&self, asked: &Asked) -> Known<Verdict> {
        let kept = *asked.address.lock().unwrap_or_else(PoisonError::into_inner);
        let address = match kept {
            Some(address) => address,
            None => match self.find(&asked.server.host).await {
                Known::Known(address) => address,
                Known::Unknown(why) => return Known::Unknown(why),
            },
        };
        let verdict = self.ask_at(SocketAddr::new(address, asked.server.port)).await;
        let answers = verdict != Known::Unknown(Why::Timeout);
        *asked.address.lock().unwrap_or_else(PoisonError::into_inner) = answers.then_some(address);
        verdict
    }

    async fn find(&self, host: &str) -> Known<IpAddr> {
        if let Ok(address) = host.parse() {
            return Known::Known(address);
        }
        match self.resolver.resolve(host).await {
            // In order: of version 4 if there is one, which Lambda always reaches.
            Known::Known(found) => {
                found.first().map_or(Known::Unknown(Why::Empty), |address| Known::Known(*address))
            }
            Known::Unknown(why) => Known::Unknown(why),
        }
    }

    async fn ask_at(&self, server: SocketAddr) -> Known<Verdict> {
        let Ok(name) = Name::from_str(&self.name) else { return Known::Unknown(Why::Unparseable) };
        for _ in 0..TRIES {
            // A new id and port for each try: an answer to the first is none to the second.
            let question = question(&name);
            if let Ok(answer) = exchange(server, &question, TRY_MAX).await {
                return read(&answer, &name);
            }
        }
        Known::Unknown(Why::Timeout)
    }
}

#[async_trait]
impl Verdicts for ZoneServers {
    async fn read_verdict(&self) -> Known<Verdict> {
        let Some([one, other]) = &self.pair else { return Known::Unknown(Why::NotAsked) };
        let (one, other) = join(self.ask(one), self.ask(other)).await;
        agreed(one, other)
    }
}

/// Without recursion: a server that is not the zone's own has nothing to say.
fn question(name: &Name) -> Message {
    let mut question = Message::query();
    question.metadata.recursion_desired = false;
    question.add_query(Query::query(name.clone(), RecordType::TXT));
    question
}

/// One answer. Whatever is not exactly a verdict of the zone's own server is unknown.
fn read(answer: &Message, name: &Name) -> Known<Verdict> {
    let code = answer.metadata.response_code;
    let absent = [ResponseCode::NXDomain, ResponseCode::Refused].contains(&code);
    if absent || (code == ResponseCode::NoError && answer.answers.is_empty()) {
        // A server that refuses does not serve the zone.
        return Known::Unknown(Why::Empty);
    }
    if code != ResponseCode::NoError {
        return Known::Unknown(Why::Fault);
    }
    let [record] = &answer.answers[..] else { return Known::Unknown(Why::Unparseable) };
    let RData::TXT(text) = &record.data else { return Known::Unknown(Why::Unparseable) };
    let [word] = &text.txt_data[..] else { return Known::Unknown(Why::Unparseable) };
    let verdict = std::str::from_utf8(word).ok().and_then(verdict::parse);
    // A server without authority repeats what it heard some time ago.
    let ours = answer.metadata.authoritative && !answer.metadata.truncation && record.name == *name;
    verdict.filter(|_| ours).map_or(Known::Unknown(Why::Unparseable), Known::Known)
}

/// What both say. A change reaches the servers one after the other, so that they may differ for a moment.
fn agreed(one: Known<Verdict>, other: Known<Verdict>) -> Known<Verdict> {
    match (one, other) {
        (Known::Known(one), Known::Known(other)) if one == other => Known::Known(one),
        (Known::Known(_), Known::Known(_)) => Known::Unknown(Why::Unparseable),
        (Known::Unknown(why), _) | (_, Known::Unknown(why)) => Known::Unknown(why),
    }
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::{Record, rdata};

    use super::*;

    fn name() -> Name {
        Name::from_str("pilotlight-verdict.shop.example.com.").expect("a valid name")
    }

    fn answer(texts: &[&[&str]]) -> Message {
        let mut answer = question(&name()).into_response();
        answer.metadata.authoritative = true;
        for words in texts {
            let words = words.iter().map(|&word| word.to_owned()).collect();
            let data = RData::TXT(rdata::TXT::new(words));
            answer.add_answer(Record::from_rdata(name(), 5, data));
        }
        answer
    }

    const UNREADABLE: Known<Verdict> = Known::Unknown(Why::Unparseable);

    #[test]
    fn the_two_words_are_verdicts_and_nothing_else_is() {
        let read = |texts: &[&[&str]]| read(&answer(texts), &name());
        assert_eq!(read(&[&["healthy"]]), Known::Known(Verdict::Healthy));
        assert_eq!(read(&[&["unhealthy"]]), Known::Known(Verdict::Unhealthy));
        for other in ["", "Healthy", "healthy ", "\"healthy\"", "v=spf1 -all"] {
            assert_eq!(read(&[&[other]]), UNREADABLE, "{other}");
        }
        assert_eq!(read(&[&["un", "healthy"]]), UNREADABLE);
        assert_eq!(read(&[&["healthy"], &["unhealthy"]]), UNREADABLE);
        assert_eq!(read(&[]), Known::Unknown(Why::Empty));
    }

    /// A cache that answers for a zone that it does not own may be minutes late.
    #[test]
    fn an_answer_without_authority_is_no_verdict() {
        let mut cached = answer(&[&["healthy"]]);
        cached.metadata.authoritative = false;
        assert_eq!(read(&cached, &name()), UNREADABLE);
        let mut cut = answer(&[&["unhealthy"]]);
        cut.metadata.truncation = true;
        assert_eq!(read(&cut, &name()), UNREADABLE);
        let mut other = answer(&[&["unhealthy"]]);
        other.answers[0].name = Name::from_str("evil.example.com.").expect("a valid name");
        assert_eq!(read(&other, &name()), UNREADABLE);
    }

    #[test]
    fn an_error_is_no_verdict() {
        let coded = |code| {
            let mut answer = answer(&[]);
            answer.metadata.response_code = code;
            read(&answer, &name())
        };
        assert_eq!(coded(ResponseCode::NXDomain), Known::Unknown(Why::Empty));
        assert_eq!(coded(ResponseCode::Refused), Known::Unknown(Why::Empty));
        assert_eq!(coded(ResponseCode::ServFail), Known::Unknown(Why::Fault));
    }

    #[test]
    fn one_server_alone_gives_no_verdict() {
        let [up, down] = [Verdict::Healthy, Verdict::Unhealthy].map(Known::Known);
        let silent = Known::Unknown(Why::Timeout);
        assert_eq!(agreed(up, up), up);
        assert_eq!(agreed(down, down), down);
        assert_eq!(agreed(up, down), UNREADABLE);
        assert_eq!(agreed(down, up), UNREADABLE);
        assert_eq!(agreed(down, silent), silent);
        assert_eq!(agreed(silent, down), silent);
    }

    #[test]
    fn the_question_asks_for_no_recursion() {
        assert!(!question(&name()).metadata.recursion_desired);
    }
}
