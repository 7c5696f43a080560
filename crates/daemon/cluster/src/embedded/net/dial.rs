//! Sockets inside of a lease's network, for the ingress and the name service.
//!
//! A socket belongs to the namespace of the thread that makes it, for ever. So a thread enters, makes it, and ends.

use super::{Router, in_own_thread};
use crate::embedded::sys;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::time::Duration;
use tokio::net::{TcpSocket, TcpStream};

/// Connect from the router.
pub async fn connect(router: &Router, to: SocketAddrV4, timeout: Duration) -> io::Result<TcpStream> {
    let router = router.clone();
    let socket = in_own_thread(move || {
        sys::enter_network(&router)?;
        TcpSocket::new_v4()
    })?;
    match tokio::time::timeout(timeout, socket.connect(SocketAddr::V4(to))).await {
        Ok(connected) => connected,
        Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "the container does not accept the connection")),
    }
}

pub fn bind_udp(router: &Router, address: Ipv4Addr, port: u16) -> io::Result<tokio::net::UdpSocket> {
    let router = router.clone();
    let socket = in_own_thread(move || {
        sys::enter_network(&router)?;
        UdpSocket::bind((address, port))
    })?;
    socket.set_nonblocking(true)?;
    tokio::net::UdpSocket::from_std(socket)
}
