//! HTTP/1.1 on the loopback: a small server that can be finished or cut off, and one request on a new connection.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// BOUND: requests in flight answer from memory; what takes longer than this is hung and may be cut.
const FINISH_WITHIN: Duration = Duration::from_secs(5);
/// BOUND: pause after a failed accept, which is nearly always a want of file descriptors that others give back.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);
/// BOUND: larger than a function package or a template, the largest bodies that pass.
pub const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;

/// An answer that is complete in memory.
pub type Answer = Response<Full<Bytes>>;

/// Why a handler gives no answer: the connection is to be closed instead.
#[derive(Debug, thiserror::Error)]
#[error("the connection is closed without an answer")]
pub struct Hangup;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Serving,
    Finishing,
    Cut,
}

/// A running HTTP server. Dropped, it closes its listener and every connection.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    phase: watch::Sender<Phase>,
    accepting: JoinSet<()>,
}

impl Server {
    /// Serves `listener` with `handler` until told otherwise.
    ///
    /// # Errors
    /// If the listener has no address.
    pub fn start<H, F>(listener: TcpListener, handler: H) -> io::Result<Self>
    where
        H: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Answer, Hangup>> + Send + 'static,
    {
        let address = listener.local_addr()?;
        let (phase, told) = watch::channel(Phase::Serving);
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, handler, told));
        Ok(Self { address, phase, accepting })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Accepts nothing new and lets the requests in flight end.
    pub async fn finish(self) {
        self.end(Phase::Finishing).await;
    }

    /// Closes the listener and resets every connection, as a region that is gone.
    pub async fn cut(self) {
        self.end(Phase::Cut).await;
    }

    async fn end(mut self, phase: Phase) {
        self.phase.send_replace(phase);
        // What is left after the bound is aborted when `self` goes.
        let _ = timeout(FINISH_WITHIN, self.accepting.join_next()).await;
    }
}

async fn accept<H, F>(listener: TcpListener, handler: H, mut told: watch::Receiver<Phase>)
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Answer, Hangup>> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(converse(stream, handler.clone(), told.clone()));
                }
                Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
            },
            // Either the phase changed or the server was dropped: both end the accepting.
            _ = told.changed() => break,
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn converse<H, F>(stream: TcpStream, handler: H, mut told: watch::Receiver<Phase>)
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Answer, Hangup>> + Send + 'static,
{
    let service = service_fn(move |request| Box::pin(handler(request)));
    let mut connection =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // A connection accepted while the phase changed has to see it too.
    told.mark_changed();
    loop {
        tokio::select! {
            // The result is the peer's doing: it went away, or the handler hung up on it.
            _ = &mut connection => return,
            changed = told.changed() => {
                let phase = *told.borrow_and_update();
                match (changed, phase) {
                    (Ok(()), Phase::Serving) => {}
                    (Ok(()), Phase::Finishing) => {
                        std::pin::Pin::new(&mut connection).graceful_shutdown();
                    }
                    (Ok(()), Phase::Cut) => {
                        // Without lingering, closing sends a reset instead of an orderly end.
                        let _ = connection.into_parts().io.into_inner().set_zero_linger();
                        return;
                    }
                    (Err(_), _) => return,
                }
            }
        }
    }
}

/// A text answer.
pub fn text(status: StatusCode, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = status;
    answer.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    answer
}

/// How long a request may take.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// For the TCP connection.
    pub connect: Duration,
    /// For the whole answer, counted from the connection.
    pub answer: Duration,
}

/// Why a request got no answer at all.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Nobody listens there.
    #[error("connection refused")]
    Connect(#[source] io::Error),
    /// Nobody answered the connection in time.
    #[error("no connection in time")]
    ConnectTimeout,
    /// The connection ended before the answer did.
    #[error("connection lost")]
    Lost(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The answer took too long.
    #[error("no answer in time")]
    AnswerTimeout,
}

/// Sends one request on a new connection and reads the whole answer.
///
/// # Errors
/// [`Failure`] if there is none.
pub async fn exchange(
    address: SocketAddr,
    request: Request<Full<Bytes>>,
    bounds: Bounds,
) -> Result<Response<Bytes>, Failure> {
    let stream = timeout(bounds.connect, TcpStream::connect(address))
        .await
        .map_err(|_| Failure::ConnectTimeout)?
        .map_err(Failure::Connect)?;
    timeout(bounds.answer, converse_once(stream, request))
        .await
        .map_err(|_| Failure::AnswerTimeout)?
        .map_err(Failure::Lost)
}

/// Reads a request to its end, to pass it on.
///
/// # Errors
/// [`Hangup`] if it ends too early, or is larger than anything that passes here.
pub async fn whole(request: Request<Incoming>) -> Result<Request<Bytes>, Hangup> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, BODY_BYTES_MAX).collect().await.map_err(|_| Hangup)?;
    Ok(Request::from_parts(head, body.to_bytes()))
}

/// Passes a request on, and its answer back. Both are complete, so their framing is ours; `Host` stays, because whoever answers
/// may read names from it.
pub async fn pass_on(address: SocketAddr, request: Request<Bytes>, bounds: Bounds) -> Answer {
    let mut request = request.map(Full::new);
    for name in [header::TRANSFER_ENCODING, header::EXPECT, header::CONNECTION] {
        request.headers_mut().remove(name);
    }
    match exchange(address, request, bounds).await {
        Ok(mut answer) => {
            answer.headers_mut().remove(header::TRANSFER_ENCODING);
            answer.headers_mut().remove(header::CONNECTION);
            answer.map(Full::new)
        }
        Err(failure) => text(StatusCode::BAD_GATEWAY, format!("{failure}\n")),
    }
}

async fn converse_once(
    stream: TcpStream,
    request: Request<Full<Bytes>>,
) -> Result<Response<Bytes>, Box<dyn std::error::Error + Send + Sync>> {
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    // Ends with the connection: the set aborts its task when it is dropped.
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let (head, body) = sender.send_request(request).await?.into_parts();
    let body = Limited::new(body, BODY_BYTES_MAX).collect().await?.to_bytes();
    Ok(Response::from_parts(head, body))
}

/// A `GET` for [`exchange`]; `None` if host or path cannot stand in a request.
#[must_use]
pub fn get(host: &str, path: &str) -> Option<Request<Full<Bytes>>> {
    Request::get(path)
        .header(header::HOST, host)
        .header(header::CONNECTION, "close")
        .body(Full::default())
        .ok()
}
