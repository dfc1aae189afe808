//! Lambda's side of the conversation: hands one event after the other to a function, and notes when it polls and answers.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::sample::Failure;

/// What the function did.
#[derive(Debug)]
pub enum Heard {
    /// It asks for an event.
    Polled(Instant),
    /// It answered.
    Answered(Instant),
    /// It reports an error.
    Failed(String),
}

/// A runtime API for one process.
#[derive(Debug)]
pub struct RuntimeApi {
    /// Where it listens.
    pub address: SocketAddr,
    /// What is heard of the function.
    pub heard: mpsc::UnboundedReceiver<Heard>,
    events: mpsc::UnboundedSender<Bytes>,
    _serving: JoinSet<()>,
}

#[derive(Clone)]
struct Desk {
    events: Arc<Mutex<mpsc::UnboundedReceiver<Bytes>>>,
    heard: mpsc::UnboundedSender<Heard>,
}

impl RuntimeApi {
    /// Listens on a free port.
    pub async fn start() -> Result<Self, Failure> {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(Failure::Listen)?;
        let address = listener.local_addr().map_err(Failure::Listen)?;
        let (events, waiting) = mpsc::unbounded_channel();
        let (tell, heard) = mpsc::unbounded_channel();
        let desk = Desk { events: Arc::new(Mutex::new(waiting)), heard: tell };
        let mut serving = JoinSet::new();
        serving.spawn(accept(listener, desk));
        Ok(Self { address, heard, events, _serving: serving })
    }

    /// Gives the function its next event.
    pub fn send(&self, event: Bytes) {
        // The desk is gone only with this value.
        self.events.send(event).ok();
    }
}

async fn accept(listener: TcpListener, desk: Desk) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        stream.set_nodelay(true).ok();
        let desk = desk.clone();
        let service = service_fn(move |request| answer(request, desk.clone()));
        connections.spawn(async move {
            let builder = hyper::server::conn::http1::Builder::new();
            builder.serve_connection(TokioIo::new(stream), service).await.ok();
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn answer(
    request: Request<Incoming>,
    desk: Desk,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path().to_owned();
    if path.ends_with("/invocation/next") {
        desk.heard.send(Heard::Polled(Instant::now())).ok();
        let event = desk.events.lock().await.recv().await.unwrap_or_default();
        return Ok(invocation(event));
    }
    let body = request.into_body().collect().await;
    let body = body.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let heard = if path.ends_with("/response") {
        Heard::Answered(Instant::now())
    } else {
        Heard::Failed(String::from_utf8_lossy(&body).into_owned())
    };
    desk.heard.send(heard).ok();
    let accepted = Response::builder().status(202).body(Full::new(Bytes::from_static(b"{}")));
    Ok(accepted.expect("the head is valid"))
}

fn invocation(event: Bytes) -> Response<Full<Bytes>> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let deadline = since.as_millis() + 30_000;
    let function = "arn:aws:lambda:us-east-2:000000000000:function:shop-controller";
    let response = Response::builder()
        .header("content-type", "application/json")
        .header("lambda-runtime-aws-request-id", "00000000-0000-4000-8000-000000000002")
        .header("lambda-runtime-deadline-ms", deadline.to_string())
        .header("lambda-runtime-invoked-function-arn", function)
        .header("lambda-runtime-trace-id", "Root=1-00000000-000000000000000000000000;Sampled=0")
        .body(Full::new(event));
    response.expect("the head is valid")
}
