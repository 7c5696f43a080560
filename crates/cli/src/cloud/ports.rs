//! Whether the ports are free, before anything is started.

use std::io::ErrorKind;
use std::net::TcpListener;

use anyhow::Result;

use crate::failure::{Exit, Failure};
use crate::home::Ports;

/// An error that names every port that cannot be had.
pub fn check_free(ports: Ports) -> Result<()> {
    let mut taken = Vec::new();
    for (name, port) in ports.all() {
        match TcpListener::bind(("127.0.0.1", port)) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::AddrInUse => taken.push(format!("{port} ({name}) is in use")),
            Err(error) => taken.push(format!("{port} ({name}): {error}")),
        }
    }
    if taken.is_empty() {
        return Ok(());
    }
    let text = format!("cannot listen: port {}", taken.join(", port "));
    Err(Failure::new(Exit::Config, text).next("stop what uses it, or move all ports with --offset 1000").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taken_port_is_named_with_what_to_do() {
        let held = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = held.local_addr().unwrap().port();
        let ports = Ports { rpc: port, ..Ports::with_offset(0).unwrap() };
        let text = check_free(ports).unwrap_err().to_string();
        assert!(text.contains(&format!("{port} (rpc) is in use")), "{text}");
    }
}
