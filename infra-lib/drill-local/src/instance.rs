//! A web server that stands for one instance.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use hyper::{Method, Request, StatusCode};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::sleep;

use site::names::Region;

use drill::http::{self, Answer, Server};

use crate::pool::Pool;

/// How a region behaves.
#[derive(Clone, Debug)]
pub struct FleetSettings {
    /// The region, which every instance names in its answers.
    pub region: Region,
    /// The path that load balancer and health checkers ask.
    pub health_path: String,
    /// How often the load balancer asks each instance.
    pub target_interval: Duration,
    /// How long an instance takes from its launch until it answers.
    pub boot_delay: Duration,
}

/// What an instance is to do. When its sender is gone, it leaves: no new requests, those in flight end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Run,
    Cut,
}

/// One instance from its launch to its end.
pub(super) struct Instance {
    pub(super) id: String,
    pub(super) settings: Arc<FleetSettings>,
    pub(super) pool: Arc<Pool>,
}

impl Instance {
    /// Boots, serves, and ends as it is ordered.
    pub(super) async fn live(self, mut orders: watch::Receiver<Order>) {
        tokio::select! {
            () = sleep(self.settings.boot_delay) => {}
            _ = orders.changed() => return,
        }
        // Without a port the instance never becomes healthy, which the drill then shows.
        let Ok(server) = self.serve().await else {
            return;
        };
        self.pool.register(&self.id, server.address());
        if orders.changed().await.is_ok() {
            server.cut().await;
        } else {
            self.pool.deregister(&self.id);
            server.finish().await;
        }
    }

    async fn serve(&self) -> io::Result<Server> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let page = format!("region={} instance={}\n", self.settings.region, self.id);
        let settings = self.settings.clone();
        Server::start(listener, move |request| {
            let answer = answer(&request, &settings.health_path, &page);
            async move { Ok(answer) }
        })
    }
}

fn answer<B>(request: &Request<B>, health_path: &str, page: &str) -> Answer {
    let path = request.uri().path();
    if *request.method() != Method::GET && *request.method() != Method::HEAD {
        http::text(StatusCode::METHOD_NOT_ALLOWED, "only GET\n")
    } else if path == health_path {
        http::text(StatusCode::OK, "ok\n")
    } else if path == "/" {
        http::text(StatusCode::OK, page.to_owned())
    } else {
        http::text(StatusCode::NOT_FOUND, "no such page\n")
    }
}
