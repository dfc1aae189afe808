//! Where the two load balancers listen.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpListener;

use crate::error::DrillError;
use crate::names::{PRIMARY_ADDRESS, STANDBY_ADDRESS};

/// BOUND: a port that is free on one address can be taken on the other.
const PORT_TRIES: usize = 16;

/// Listeners of both regions on one port.
pub(super) async fn fronts(port: Option<u16>) -> Result<(TcpListener, TcpListener), DrillError> {
    let mut tries = 1;
    loop {
        let primary = listen(PRIMARY_ADDRESS, port.unwrap_or(0)).await?;
        let chosen = listened(&primary)?.port();
        match listen(STANDBY_ADDRESS, chosen).await {
            Ok(standby) => return Ok((primary, standby)),
            Err(DrillError::Port { .. }) if port.is_none() && tries < PORT_TRIES => tries += 1,
            Err(error) => return Err(error),
        }
    }
}

async fn listen(address: Ipv4Addr, port: u16) -> Result<TcpListener, DrillError> {
    TcpListener::bind((address, port)).await.map_err(|source| {
        if source.kind() == io::ErrorKind::AddrNotAvailable {
            return DrillError::Address { address };
        }
        let address = SocketAddr::from((address, port));
        DrillError::Port { address, source }
    })
}

/// Where a listener is.
pub(super) fn listened(listener: &TcpListener) -> Result<SocketAddr, DrillError> {
    listener
        .local_addr()
        .map_err(|source| DrillError::Port { address: (Ipv4Addr::UNSPECIFIED, 0).into(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: a system without the address says what to do. Method: an address that no machine has.
    #[tokio::test]
    async fn a_missing_address_says_what_to_run() {
        let error =
            listen(Ipv4Addr::new(192, 0, 2, 1), 0).await.expect_err("a documentation address");
        assert!(error.to_string().ends_with("192.0.2.1"), "{error}");
        let help = miette::Diagnostic::help(&error).expect("help").to_string();
        assert!(help.contains("ifconfig lo0 alias 127.2.0.1 up"), "{help}");
    }
}
