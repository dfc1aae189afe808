//! Why the regions, their load balancers and DNS did not start.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use site::names::Region;

use crate::names::{PRIMARY_ADDRESS, STANDBY_ADDRESS};

/// Why there is no world.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum WorldError {
    /// The system has only 127.0.0.1, as macOS does.
    #[error("this system has no address {address}")]
    #[diagnostic(
        code("drill::address"),
        help(
            "`sudo ifconfig lo0 alias {PRIMARY_ADDRESS} up && \
             sudo ifconfig lo0 alias {STANDBY_ADDRESS} up`; a restart of the machine removes them"
        )
    )]
    Address {
        /// The address that is missing.
        address: Ipv4Addr,
    },
    /// The port is taken on one of the two addresses, or no port is free on both.
    #[error("cannot listen: {address}")]
    #[diagnostic(code("drill::port"), help("end what listens there: `ss -ltnp` lists it"))]
    Port {
        /// The address and the port; port 0 stands for any.
        address: SocketAddr,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// The DNS server did not start.
    #[error("cannot start the DNS server")]
    #[diagnostic(code("drill_local::dns"))]
    Dns(#[source] io::Error),
    /// The address was taken while the region was dead.
    #[error("cannot revive the region: {region}")]
    #[diagnostic(
        code("drill::revive"),
        help("another process has taken its port meanwhile: run the drill again")
    )]
    Revive {
        /// The region.
        region: Region,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
}
