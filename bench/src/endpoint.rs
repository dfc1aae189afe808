//! AWS on this machine: canned answers over HTTP and over TLS, and a log of what was asked.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, header};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tokio_rustls::TlsAcceptor;

use crate::answers::{self, Dialect, Reply};
use crate::sample::Failure;

/// The write that the users wait for.
const RAISE: &str = "UpdateAutoScalingGroup";

/// One request.
#[derive(Clone, Debug)]
pub struct Call {
    /// Such as `us-east-2 autoscaling DescribeAutoScalingGroups`.
    pub name: String,
    /// Its head was there.
    pub arrived: Instant,
    /// Its answer was given; `None` while it is on its way, or if nobody waited for it.
    pub answered: Option<Instant>,
}

/// A running endpoint. Dropped, it closes.
#[derive(Debug)]
pub struct Endpoint {
    /// Where it listens.
    pub address: SocketAddr,
    log: Arc<Mutex<Vec<Call>>>,
    _serving: JoinSet<()>,
}

impl Endpoint {
    /// Answers every request after `delay`, over TLS if there is an acceptor.
    pub async fn start(tls: Option<TlsAcceptor>, delay: Duration) -> Result<Self, Failure> {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(Failure::Listen)?;
        let address = listener.local_addr().map_err(Failure::Listen)?;
        let log = Arc::new(Mutex::new(Vec::new()));
        let mut serving = JoinSet::new();
        serving.spawn(accept(listener, tls, delay, Arc::clone(&log)));
        Ok(Self { address, log, _serving: serving })
    }

    /// What was asked since the last time.
    pub fn take_log(&self) -> Vec<Call> {
        std::mem::take(&mut lock(&self.log))
    }
}

/// The names of what was asked, each once.
pub fn names(calls: &[Call]) -> BTreeSet<String> {
    calls.iter().map(|call| call.name.clone()).collect()
}

/// How many answers were waited for, one after the other, before the raise was sent: the longest chain of requests of which
/// each began after the one before had its answer. `None` if nothing was raised.
pub fn rounds_before_raise(calls: &[Call]) -> Option<u32> {
    let raise = calls.iter().find(|call| call.name.ends_with(RAISE))?.arrived;
    let mut spans: Vec<(Instant, Instant)> = calls
        .iter()
        .filter_map(|call| Some((call.answered?, call.arrived)))
        .filter(|(answered, _)| *answered <= raise)
        .collect();
    spans.sort_unstable();
    let mut last: Option<Instant> = None;
    let mut rounds = 0;
    for (answered, arrived) in spans {
        if last.is_none_or(|last| arrived >= last) {
            last = Some(answered);
            rounds += 1;
        }
    }
    Some(rounds)
}

async fn accept(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    delay: Duration,
    log: Arc<Mutex<Vec<Call>>>,
) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        stream.set_nodelay(true).ok();
        let (tls, log) = (tls.clone(), Arc::clone(&log));
        connections.spawn(async move {
            match tls {
                None => converse(stream, delay, log).await,
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        converse(stream, delay, log).await;
                    }
                }
            }
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn converse<S>(stream: S, delay: Duration, log: Arc<Mutex<Vec<Call>>>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let service = service_fn(move |request| answer(request, delay, Arc::clone(&log)));
    let builder = hyper::server::conn::http1::Builder::new();
    // Whoever hangs up, hangs up: a program that is ended does.
    builder.serve_connection(TokioIo::new(stream), service).await.ok();
}

async fn answer(
    request: Request<Incoming>,
    delay: Duration,
    log: Arc<Mutex<Vec<Call>>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let arrived = Instant::now();
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let form = String::from_utf8_lossy(&body).into_owned();
    let target = head.headers.get("x-amz-target").and_then(|value| value.to_str().ok());
    let (operation, dialect) = operation(head.uri.path(), target, &form);
    let credential = head.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let name = named(credential.unwrap_or_default(), &operation);
    let number = {
        let mut log = lock(&log);
        log.push(Call { name, arrived, answered: None });
        log.len() - 1
    };
    if !delay.is_zero() {
        sleep(delay).await;
    }
    let Reply { status, kind, body } = answers::answer(&operation, &form, dialect);
    let response = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, kind)
        .header("smithy-protocol", "rpc-v2-cbor")
        .body(Full::new(body))
        .expect("the head is valid");
    if let Some(call) = lock(&log).get_mut(number) {
        call.answered = Some(Instant::now());
    }
    Ok(response)
}

/// CloudWatch names it in the path or in a header, the query protocol in the form.
fn operation(path: &str, target: Option<&str>, form: &str) -> (String, Dialect) {
    if let Some((_, operation)) = path.split_once("/operation/") {
        return (operation.to_owned(), Dialect::Cbor);
    }
    if let Some((_, operation)) = target.and_then(|target| target.split_once('.')) {
        return (operation.to_owned(), Dialect::Json);
    }
    let action = form.split('&').find_map(|pair| pair.strip_prefix("Action="));
    (action.unwrap_or(path).to_owned(), Dialect::Query)
}

/// Region and service stand in the signature: `Credential=KEY/DATE/REGION/SERVICE/aws4_request`.
fn named(credential: &str, operation: &str) -> String {
    let mut parts = credential.split('/').skip(2);
    let region = parts.next().unwrap_or("nowhere");
    let service = parts.next().unwrap_or("unsigned");
    format!("{region} {service} {operation}")
}

fn lock(log: &Mutex<Vec<Call>>) -> MutexGuard<'_, Vec<Call>> {
    log.lock().expect("nobody panics while holding the log")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Requests as name, arrival and answer, in milliseconds.
    fn calls(spans: &[(&str, u64, Option<u64>)]) -> Vec<Call> {
        let start = Instant::now();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        let call = |&(name, arrived, answered): &(&str, u64, Option<u64>)| Call {
            name: name.to_owned(),
            arrived: at(arrived),
            answered: answered.map(at),
        };
        spans.iter().map(call).collect()
    }

    #[test]
    fn reads_at_once_are_one_round_and_what_waits_is_another() {
        let spans = [
            ("a DescribeAlarms", 0, Some(30)),
            ("b DescribeAutoScalingGroups", 1, Some(31)),
            ("c GetMetricData", 31, None),
            ("b CreateOrUpdateTags", 32, Some(62)),
            ("b UpdateAutoScalingGroup", 63, Some(93)),
            ("b Publish", 94, Some(124)),
        ];
        assert_eq!(rounds_before_raise(&calls(&spans)), Some(2));
    }

    #[test]
    fn one_after_the_other_counts_each_and_without_a_raise_there_is_no_count() {
        let spans = [
            ("a DescribeAlarms", 0, Some(30)),
            ("b DescribeAutoScalingGroups", 30, Some(60)),
            ("b CreateOrUpdateTags", 61, Some(90)),
            ("b UpdateAutoScalingGroup", 91, None),
        ];
        assert_eq!(rounds_before_raise(&calls(&spans)), Some(3));
        assert_eq!(rounds_before_raise(&calls(&spans[..3])), None);
    }

    #[test]
    fn a_request_is_named_by_its_signature_and_its_operation() {
        let credential =
            "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-2/autoscaling/aws4_request, X";
        let form = "Action=DescribeAutoScalingGroups&Version=2011-01-01";
        let (form, dialect) = operation("/", None, form);
        let name = named(credential, &form);
        assert_eq!(name, "us-east-2 autoscaling DescribeAutoScalingGroups");
        let path = "/service/GraniteServiceVersion20100801/operation/DescribeAlarms";
        assert_eq!(dialect, Dialect::Query);
        assert_eq!(operation(path, None, ""), ("DescribeAlarms".to_owned(), Dialect::Cbor));
        let target = Some("GraniteServiceVersion20100801.DescribeAlarms");
        assert_eq!(operation("/", target, "{}"), ("DescribeAlarms".to_owned(), Dialect::Json));
    }
}
