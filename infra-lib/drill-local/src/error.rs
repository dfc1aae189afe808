//! Why a drill could not be played.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use cloud::CloudError;
use cloud::guard::GuardError;
use provision::apply::DeployError;
use provision::destroy::DestroyError;
use site::config::ConfigError;
use site::names::Region;

use crate::emulator::EmulatorError;
use crate::names::{PRIMARY_ADDRESS, STANDBY_ADDRESS};

/// Why a drill could not be played to its end. What the site did wrong is no error but part of the
/// [`Journal`](drill::journal::Journal).
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum DrillError {
    /// The proxy found no port.
    #[error("cannot start the fault proxy")]
    Proxy(#[source] io::Error),
    /// The emulator did not start.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Emulator(#[from] EmulatorError),
    /// The emulator refused what the stage is made of.
    #[error("cannot set the stage")]
    #[diagnostic(transparent)]
    Cloud(#[from] CloudError),
    /// What stands there is not the drill's.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Guard(#[from] GuardError),
    /// The drill's own site file is not valid.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Config(Box<ConfigError>),
    /// A load balancer's name is none.
    #[error("the load balancer's name is not a DNS name: {name}")]
    BalancerName {
        /// The name.
        name: String,
        /// Why.
        #[source]
        source: io::Error,
    },
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
    /// The site could not be deployed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Deploy(Box<DeployError>),
    /// The site could not be destroyed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Destroy(Box<DestroyError>),
}
