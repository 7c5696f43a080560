//! Names inside of a lease: services by name, the rest from the host's own resolver.
//!
//! `web` and `web.<anything>.svc.cluster.local` are the replicas of the service `web`, in another order each time;
//! `web-0` is that replica. The service listens on the gateway's address, in the router.

use super::{GATEWAY, Router};
use hickory_proto::op::{Message, MessageType, ResponseCode};
use hickory_proto::rr::rdata::A;
use hickory_proto::rr::{DNSClass, RData, Record, RecordType};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::sync::Semaphore;

const PORT: u16 = 53;
const MAX_QUERY_BYTES: usize = 1232;
const MAX_ANSWER_BYTES: usize = 4096;
const TTL_SECONDS: u32 = 2;
const MAX_ADDRESSES: usize = 16;
/// Questions on their way to the host's resolver. More are not answered: clients ask again.
const MAX_FORWARDED: usize = 64;
const FORWARD_TIMEOUT: Duration = Duration::from_secs(4);
const CLUSTER_SUFFIX: &str = ".svc.cluster.local";

/// Who is who.
pub trait Directory: Send + Sync + 'static {
    /// `None`: not a name of this lease.
    fn addresses(&self, name: &str) -> Option<Vec<Ipv4Addr>>;
}

/// Serve until the future is dropped.
pub async fn serve_names(router: Router, directory: Arc<dyn Directory>, forward: bool) -> io::Result<()> {
    let socket = Arc::new(super::dial::bind_udp(&router, GATEWAY, PORT)?);
    let forwarded = Arc::new(Semaphore::new(if forward { MAX_FORWARDED } else { 0 }));
    let turn = AtomicUsize::new(0);
    let mut buffer = [0u8; MAX_QUERY_BYTES];
    loop {
        let (length, client) = match socket.recv_from(&mut buffer).await {
            Ok(received) => received,
            Err(e) if e.kind() == io::ErrorKind::ConnectionRefused => continue, // an earlier client is gone
            Err(e) => return Err(e),
        };
        let Ok(query) = Message::from_vec(&buffer[..length]) else { continue };
        match answer(&query, &*directory, turn.fetch_add(1, Ordering::Relaxed)) {
            Some(answer) => {
                if let Ok(bytes) = answer.to_vec() {
                    let _ = socket.send_to(&bytes, client).await; // a lost datagram is asked for again
                }
            }
            None => {
                let Ok(permit) = forwarded.clone().try_acquire_owned() else { continue };
                let (socket, query) = (socket.clone(), buffer[..length].to_vec());
                tokio::spawn(async move {
                    if let Ok(Ok(bytes)) = tokio::time::timeout(FORWARD_TIMEOUT, ask_host_resolver(&query)).await {
                        let _ = socket.send_to(&bytes, client).await;
                    }
                    drop(permit);
                });
            }
        }
    }
}

/// `None`: the question is for somebody else.
fn answer(query: &Message, directory: &dyn Directory, turn: usize) -> Option<Message> {
    let mut answer = Message::new();
    answer.set_id(query.id()).set_message_type(MessageType::Response).set_op_code(query.op_code());
    answer.set_recursion_desired(query.recursion_desired()).set_recursion_available(true);
    let [question] = query.queries() else {
        answer.set_response_code(ResponseCode::FormErr);
        return Some(answer);
    };
    let name = question.name().to_lowercase().to_ascii();
    let name = name.trim_end_matches('.');
    let short = name.strip_suffix(CLUSTER_SUFFIX).and_then(|rest| rest.split('.').next());
    let addresses = match (directory.addresses(short.unwrap_or(name)), short) {
        (Some(addresses), _) => addresses,
        (None, Some(_)) => {
            answer.add_query(question.clone()).set_response_code(ResponseCode::NXDomain);
            return Some(answer);
        }
        (None, None) => return None,
    };
    answer.add_query(question.clone()).set_authoritative(true);
    if question.query_type() == RecordType::A && question.query_class() == DNSClass::IN && !addresses.is_empty() {
        let start = turn % addresses.len();
        let rotated = addresses[start..].iter().chain(&addresses[..start]).take(MAX_ADDRESSES);
        for address in rotated {
            answer.add_answer(Record::from_rdata(question.name().clone(), TTL_SECONDS, RData::A(A(*address))));
        }
    }
    Some(answer)
}

/// The answer goes back as it came, so whatever the resolver knows, containers can ask.
async fn ask_host_resolver(query: &[u8]) -> io::Result<Vec<u8>> {
    let resolver = host_resolver().ok_or_else(|| io::Error::other("this host has no name server"))?;
    let any: SocketAddr = if resolver.is_ipv4() { ([0; 4], 0).into() } else { ([0u16; 8], 0).into() };
    let socket = UdpSocket::bind(any).await?;
    socket.connect((resolver, PORT)).await?;
    socket.send(query).await?;
    let mut buffer = vec![0u8; MAX_ANSWER_BYTES];
    loop {
        let length = socket.recv(&mut buffer).await?;
        if length > 2 && buffer[..2] == query[..2] {
            buffer.truncate(length);
            return Ok(buffer);
        }
    }
}

fn host_resolver() -> Option<IpAddr> {
    let text = std::fs::read_to_string("/etc/resolv.conf").ok()?;
    text.lines().find_map(|line| line.trim().strip_prefix("nameserver")?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use hickory_proto::op::Query;
    use hickory_proto::rr::Name;

    struct Two;

    impl Directory for Two {
        fn addresses(&self, name: &str) -> Option<Vec<Ipv4Addr>> {
            (name == "web").then(|| vec![Ipv4Addr::new(10, 200, 0, 2), Ipv4Addr::new(10, 200, 0, 3)])
        }
    }

    fn ask(name: &str, kind: RecordType, turn: usize) -> Option<Message> {
        let mut query = Message::new();
        query.set_id(7).add_query(Query::query(Name::from_ascii(name).unwrap(), kind));
        answer(&query, &Two, turn)
    }

    fn first(answer: &Message) -> String {
        answer.answers()[0].data().to_string()
    }

    #[test]
    fn services_answer_in_turns_under_both_names() {
        assert_eq!(first(&ask("web.", RecordType::A, 0).unwrap()), "10.200.0.2");
        assert_eq!(first(&ask("WEB.", RecordType::A, 1).unwrap()), "10.200.0.3");
        let long = ask("web.some-lease.svc.cluster.local.", RecordType::A, 0).unwrap();
        assert_eq!((long.id(), long.answers().len()), (7, 2));
    }

    #[test]
    fn a_service_has_no_other_records_and_strangers_are_forwarded() {
        let answer = ask("web.", RecordType::AAAA, 0).unwrap();
        assert_eq!((answer.response_code(), answer.answers().len()), (ResponseCode::NoError, 0));
        assert!(ask("example.com.", RecordType::A, 0).is_none());
        let unknown = ask("db.x.svc.cluster.local.", RecordType::A, 0).unwrap();
        assert_eq!(unknown.response_code(), ResponseCode::NXDomain);
    }
}
