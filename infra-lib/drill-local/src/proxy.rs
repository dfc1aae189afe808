//! The network between the function and AWS: passes every call on, counts it, and fails those that it is told to.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{self, HeaderValue};
use hyper::{Request, StatusCode};
use tokio::net::TcpListener;

use site::names::Region;

pub use crate::call::Call;
use drill::http::{self, Answer, Bounds, Hangup, Server};
use drill::locked;

/// BOUND: an invocation ends within 30 s, so a call that hangs for longer than this hangs for ever to its caller.
pub const HANG_MAX: Duration = Duration::from_mins(1);
/// BOUND: the emulator answers in milliseconds, except while it starts a function.
const UPSTREAM: Bounds = Bounds { connect: Duration::from_secs(5), answer: Duration::from_mins(2) };
/// BOUND: the calls of a function are few; paths that hold an id could be many.
const CALLS_MAX: usize = 256;
/// Counts what is beyond [`CALLS_MAX`].
const OTHER: &str = "other";

/// What happens to a call instead of being passed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection is closed at once, without an answer.
    Close,
    /// Nothing happens for this long, at most [`HANG_MAX`]; then the connection is closed.
    Hang(Duration),
    /// HTTP 503 with the body of an AWS service that is unavailable.
    Unavailable,
    /// An answer of one's own, such as AWS's refusal of a request.
    Answer {
        /// The HTTP status.
        status: u16,
        /// The `Content-Type`, since each protocol has its own.
        content_type: String,
        /// The body.
        body: String,
    },
}

/// Which calls fail, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultRule {
    /// The region of the signature.
    pub region: Region,
    /// The service of the signature, such as `autoscaling`; `None` is every service of the region.
    pub service: Option<String>,
    /// What happens to them.
    pub fault: Fault,
}

impl FaultRule {
    fn matches(&self, call: &Call) -> bool {
        call.region.as_deref() == Some(self.region.as_str())
            && (self.service.is_none() || self.service == call.service)
    }
}

/// A proxy on a port of its own. Dropped, it closes every connection.
#[derive(Debug)]
pub struct FaultProxy {
    server: Server,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    upstream: Option<SocketAddr>,
    rules: Vec<FaultRule>,
    counts: BTreeMap<Call, u64>,
}

impl FaultProxy {
    /// Listens on a free port of 127.0.0.1. Until it is told the upstream, it answers 503: the emulator has to be told
    /// the proxy's address before it has one of its own.
    ///
    /// # Errors
    /// The system's error if no port is free.
    pub async fn start() -> io::Result<Self> {
        let state = Arc::<Mutex<State>>::default();
        let shared = state.clone();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let server = Server::start(listener, move |request| handle(shared.clone(), request))?;
        Ok(Self { server, state })
    }

    /// Where the calls are passed on to from now on.
    pub fn set_upstream(&self, upstream: SocketAddr) {
        locked(&self.state).upstream = Some(upstream);
    }

    /// Its URL, for the function's `AWS_ENDPOINT_URL`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// Replaces the rules. The first that matches a call decides; none is an ordinary day.
    pub fn set_rules(&self, rules: Vec<FaultRule>) {
        locked(&self.state).rules = rules;
    }

    /// How often each call was made since the start, failed ones included.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<Call, u64> {
        locked(&self.state).counts.clone()
    }

    /// Lets the calls in flight end, then closes.
    pub async fn stop(self) {
        self.server.finish().await;
    }
}

impl State {
    /// Counts the call and finds what is to happen to it.
    fn admit(&mut self, call: Call) -> (Option<Fault>, Option<SocketAddr>) {
        let rule = self.rules.iter().find(|rule| rule.matches(&call));
        let fault = rule.map(|rule| rule.fault.clone());
        let known = self.counts.len() < CALLS_MAX || self.counts.contains_key(&call);
        let counted = if known { call } else { Call { operation: OTHER.to_owned(), ..call } };
        *self.counts.entry(counted).or_default() += 1;
        (fault, self.upstream)
    }
}

async fn handle(state: Arc<Mutex<State>>, request: Request<Incoming>) -> Result<Answer, Hangup> {
    let request = http::whole(request).await?;
    let call = Call::read(&request);
    let (fault, upstream) = locked(&state).admit(call);
    match (fault, upstream) {
        (Some(fault), _) => fail(fault).await,
        (None, Some(upstream)) => Ok(http::pass_on(upstream, request, UPSTREAM).await),
        (None, None) => Ok(unavailable()),
    }
}

async fn fail(fault: Fault) -> Result<Answer, Hangup> {
    match fault {
        Fault::Close => Err(Hangup),
        Fault::Hang(duration) => {
            tokio::time::sleep(duration.min(HANG_MAX)).await;
            Err(Hangup)
        }
        Fault::Unavailable => Ok(unavailable()),
        Fault::Answer { status, content_type, body } => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            Ok(answer(status, &content_type, body))
        }
    }
}

/// The body is understood by every protocol's client at least as far as the status.
fn unavailable() -> Answer {
    answer(
        StatusCode::SERVICE_UNAVAILABLE,
        "text/xml",
        "<ErrorResponse><Error><Type>Receiver</Type><Code>ServiceUnavailable</Code>\
         <Message>a fault of the drill</Message></Error></ErrorResponse>"
            .to_owned(),
    )
}

fn answer(status: StatusCode, content_type: &str, body: String) -> Answer {
    let mut answer = http::text(status, body);
    if let Ok(value) = HeaderValue::from_str(content_type) {
        answer.headers_mut().insert(header::CONTENT_TYPE, value);
    }
    answer
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http_body_util::{BodyExt, Full};
    use hyper::Response;

    use super::*;
    use drill::http::Failure;

    const BOUNDS: Bounds =
        Bounds { connect: Duration::from_secs(1), answer: Duration::from_millis(300) };

    /// An upstream that says what reached it: the `Host` header, the path and the body.
    async fn upstream() -> Server {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let echo = |request: Request<Incoming>| async move {
            let host = request.headers()[header::HOST].to_str().unwrap_or_default().to_owned();
            let path = request.uri().path().to_owned();
            let body = request.into_body().collect().await.map_err(|_| Hangup)?.to_bytes();
            let body = String::from_utf8_lossy(&body);
            Ok(http::text(StatusCode::OK, format!("{host} {path} {body}")))
        };
        Server::start(listener, echo).expect("a bound listener")
    }

    async fn call(
        proxy: &FaultProxy,
        region: &str,
        service: &str,
    ) -> Result<Response<Bytes>, Failure> {
        let scope = format!(
            "AWS4-HMAC-SHA256 Credential=k/20260101/{region}/{service}/aws4_request, Signature=0"
        );
        let request = Request::post("/")
            .header(header::HOST, "sns.example.com")
            .header(header::AUTHORIZATION, scope)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::from("Action=Publish"))
            .expect("a request");
        http::exchange(proxy.server.address(), request, BOUNDS).await
    }

    fn rule(service: Option<&str>, fault: Fault) -> FaultRule {
        FaultRule {
            region: Region::parse("us-west-2").expect("a region"),
            service: service.map(str::to_owned),
            fault,
        }
    }

    /// Goal: one region fails and the other does not. Method: a fault of each kind, a call to each region.
    #[tokio::test]
    async fn a_fault_meets_its_region_only() {
        let upstream = upstream().await;
        let proxy = FaultProxy::start().await.expect("a free port");
        proxy.set_upstream(upstream.address());

        proxy.set_rules(vec![rule(None, Fault::Close)]);
        assert!(matches!(call(&proxy, "us-west-2", "sns").await, Err(Failure::Lost(_))));
        let passed = call(&proxy, "us-east-2", "sns").await.expect("passed on");
        assert_eq!(passed.body(), "sns.example.com / Action=Publish");

        proxy.set_rules(vec![rule(None, Fault::Hang(HANG_MAX))]);
        assert!(matches!(call(&proxy, "us-west-2", "sns").await, Err(Failure::AnswerTimeout)));

        proxy.set_rules(vec![rule(Some("autoscaling"), Fault::Unavailable)]);
        let failed = call(&proxy, "us-west-2", "autoscaling").await.expect("answered");
        assert_eq!(failed.status(), StatusCode::SERVICE_UNAVAILABLE);
        let spared = call(&proxy, "us-west-2", "sns").await.expect("passed on");
        assert_eq!(spared.status(), StatusCode::OK);

        proxy.set_rules(vec![rule(
            None,
            Fault::Answer {
                status: 400,
                content_type: "application/json".to_owned(),
                body: "{}".to_owned(),
            },
        )]);
        let refused = call(&proxy, "us-west-2", "sns").await.expect("answered");
        assert_eq!((refused.status().as_u16(), refused.body().as_ref()), (400, &b"{}"[..]));
        assert_eq!(refused.headers()[header::CONTENT_TYPE], "application/json");

        let counts = proxy.counts();
        let count = |region: &str, service: &str| {
            counts[&Call {
                region: Some(region.to_owned()),
                service: Some(service.to_owned()),
                operation: "Publish".to_owned(),
            }]
        };
        assert_eq!(
            (
                count("us-west-2", "sns"),
                count("us-east-2", "sns"),
                count("us-west-2", "autoscaling")
            ),
            (4, 1, 1)
        );
    }

    /// Goal: nothing upstream is an answer, not a hang. Method: no upstream, then one that is gone.
    #[tokio::test]
    async fn without_an_upstream_the_proxy_answers_an_error() {
        let proxy = FaultProxy::start().await.expect("a free port");
        let early = call(&proxy, "us-west-2", "sns").await.expect("answered");
        assert_eq!(early.status(), StatusCode::SERVICE_UNAVAILABLE);
        let gone = upstream().await;
        proxy.set_upstream(gone.address());
        gone.cut().await;
        let late = call(&proxy, "us-west-2", "sns").await.expect("answered");
        assert_eq!(late.status(), StatusCode::BAD_GATEWAY);
    }

    /// Goal: the memory of the counts is bounded. Method: more kinds of call than are kept apart.
    #[test]
    fn calls_beyond_the_bound_are_counted_together() {
        let mut state = State::default();
        for number in 0..CALLS_MAX + 10 {
            state.admit(Call { region: None, service: None, operation: format!("GET /{number}") });
        }
        assert_eq!(state.counts.len(), CALLS_MAX + 1);
        assert_eq!(state.counts.values().sum::<u64>(), CALLS_MAX as u64 + 10);
    }
}
