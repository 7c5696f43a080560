//! The way out for a pull: a proxy on loopback that connects to public addresses only.
//!
//! A registry is a stranger that the tenant chose. Its name, a redirect or the place it names for tokens may point at
//! an address of the provider's own network; the client library follows all of them, so the check sits where
//! connections are made. TLS goes through unread; anything that is not TLS is refused.

use crate::embedded::net::is_public;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream, lookup_host};

/// Of the request that names where to connect to.
const MAX_HEAD_BYTES: usize = 8 << 10;
const PATIENCE: Duration = Duration::from_secs(10);

/// Whether a pull may connect to an address.
type Rule = fn(IpAddr) -> bool;

/// Starts the proxy in this runtime and gives its URL.
pub async fn guard() -> io::Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(serve(listener, is_public));
    Ok(url)
}

async fn serve(listener: TcpListener, rule: Rule) {
    loop {
        match listener.accept().await {
            Ok((client, _)) => drop(tokio::spawn(tunnel(client, rule))),
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await, // out of descriptors: they come back
        }
    }
}

/// One connection, from its request to its end. An error is the client's to report.
async fn tunnel(mut client: TcpStream, rule: Rule) -> io::Result<()> {
    let server = tokio::time::timeout(PATIENCE, async {
        let target = requested(&mut client).await?;
        connect(&target, rule).await
    });
    match server.await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
        Ok(mut server) => {
            client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
            copy_bidirectional(&mut client, &mut server).await.map(drop)
        }
        Err(error) => {
            let status =
                if error.kind() == io::ErrorKind::PermissionDenied { "403 Forbidden" } else { "502 Bad Gateway" };
            client.write_all(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").as_bytes()).await
        }
    }
}

/// The `host:port` of a CONNECT request.
async fn requested(client: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == MAX_HEAD_BYTES {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        head.push(client.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head);
    let target = head.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next());
    target.map(str::to_owned).ok_or_else(|| io::ErrorKind::PermissionDenied.into())
}

/// To the first address of the target that may be connected to. What was checked is what is connected to: the name is
/// looked up once.
async fn connect(target: &str, rule: Rule) -> io::Result<TcpStream> {
    let addresses: Vec<SocketAddr> = lookup_host(target).await?.filter(|address| rule(address.ip())).collect();
    if addresses.is_empty() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    TcpStream::connect(&addresses[..]).await
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn proxy(rule: Rule) -> SocketAddr {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve(listener, rule));
        address
    }

    async fn answer(proxy: SocketAddr, request: &str) -> String {
        let mut client = TcpStream::connect(proxy).await.unwrap();
        client.write_all(request.as_bytes()).await.unwrap();
        let mut answer = vec![0; 12];
        client.read_exact(&mut answer).await.unwrap();
        String::from_utf8(answer).unwrap()
    }

    #[tokio::test]
    async fn private_targets_and_plain_requests_are_refused() {
        let proxy = proxy(is_public).await;
        for target in ["127.0.0.1:443", "localhost:443", "10.0.0.1:443", "169.254.169.254:80", "[::1]:443"] {
            assert_eq!(answer(proxy, &format!("CONNECT {target} HTTP/1.1\r\n\r\n")).await, "HTTP/1.1 403", "{target}");
        }
        assert_eq!(answer(proxy, "GET http://169.254.169.254/ HTTP/1.1\r\n\r\n").await, "HTTP/1.1 403");
        assert_eq!(answer(proxy, &"x".repeat(MAX_HEAD_BYTES)).await, "HTTP/1.1 403");
    }

    #[tokio::test]
    async fn an_allowed_target_is_reached() {
        let server = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let target = server.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut connection, _) = server.accept().await.unwrap();
            connection.write_all(b"hello").await.unwrap();
        });
        let mut client = TcpStream::connect(proxy(|_| true).await).await.unwrap();
        client.write_all(format!("CONNECT {target} HTTP/1.1\r\nhost: {target}\r\n\r\n").as_bytes()).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert_eq!(answer, "HTTP/1.1 200 OK\r\n\r\nhello");
    }
}
