//! A region's load balancer: the front that users connect to, and the checks of its targets.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use hyper::body::Incoming;
use hyper::{Request, StatusCode};
use tokio::net::TcpListener;

use drill::http::{self, Answer, Bounds, Hangup, Server};

use crate::pool::Pool;

/// BOUND: a target is on this machine; one that needs longer is dead.
const TARGET: Bounds = Bounds { connect: Duration::from_secs(1), answer: Duration::from_secs(2) };

/// Checks every target of the pool, for ever: one round each `every`.
pub(super) async fn check_targets(pool: Arc<Pool>, path: String, every: Duration) {
    let mut rounds = drill::rounds(every);
    loop {
        rounds.tick().await;
        let checks = pool.addresses().into_iter().map(|(id, address)| {
            let (pool, path) = (pool.clone(), path.clone());
            async move {
                let good = is_good(address, &path).await;
                pool.observe(&id, address, good);
            }
        });
        join_all(checks).await;
    }
}

async fn is_good(address: SocketAddr, path: &str) -> bool {
    let Some(request) = http::get(&address.to_string(), path) else {
        return false;
    };
    http::exchange(address, request, TARGET)
        .await
        .is_ok_and(|answer| answer.status() == StatusCode::OK)
}

/// Serves `listener` from the healthy targets of the pool.
pub(super) fn serve(listener: TcpListener, pool: Arc<Pool>) -> io::Result<Server> {
    Server::start(listener, move |request| pass(pool.clone(), request))
}

async fn pass(pool: Arc<Pool>, request: Request<Incoming>) -> Result<Answer, Hangup> {
    let Some(address) = pool.choose() else {
        return Ok(http::text(StatusCode::SERVICE_UNAVAILABLE, "no healthy target\n"));
    };
    Ok(http::pass_on(address, http::whole(request).await?, TARGET).await)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    /// Goal: an empty balancer answers 503, as the standby's does. Method: a real request.
    #[tokio::test]
    async fn an_empty_balancer_answers_503() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let server = serve(listener, Arc::new(Pool::new())).expect("a bound listener");
        let request = http::get("app.example.com", "/").expect("a request");
        let answer = http::exchange(server.address(), request, TARGET).await.expect("answered");
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
}
