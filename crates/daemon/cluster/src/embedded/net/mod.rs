//! The network of a lease.
//!
//! **Shape.** Each lease has one *router*: a network namespace with a bridge, the lease's policy and one link to the
//! host. Each replica has a namespace of its own, joined to the bridge by a veth pair. The host sees one interface per
//! lease, and one table of rules per state directory.
//!
//! **Life cycle.** Nothing is mounted and nothing is named: a router lives as long as a shim runs in it or the daemon
//! holds its descriptor, and takes its links and rules with it. A daemon that starts later finds it through the shims.
//!
//! **Invariants.** From inside of a lease nothing private is reachable: not the host's own services, not another lease,
//! not private, link-local or metadata ranges. All leases use the same addresses inside; only the uplink differs.
//!
//! **What it does not know.** Services, routes by host name, when a lease is wanted. No IPv6 yet: it is switched off
//! inside.

mod attach;
mod dial;
mod dns;
mod host;
mod policy;
mod router;

pub use attach::{ATTACH, attach_child};
pub use dial::connect;
pub use dns::{Directory, serve_names};
pub use host::{Host, egress_is_possible};
pub use policy::is_public;
pub use router::{Router, RouterPlan};

use std::io;
use std::net::Ipv4Addr;

/// Of every lease's own network.
pub const GATEWAY: Ipv4Addr = Ipv4Addr::new(10, 200, 0, 1);
const LEASE_NETWORK: Ipv4Addr = Ipv4Addr::new(10, 200, 0, 0);
const LEASE_PREFIX: u8 = 24;
const BRIDGE: &str = "br0";
const UPLINK: &str = "up0";

/// Addresses that replicas can have, the lowest first.
pub fn replica_addresses() -> impl Iterator<Item = Ipv4Addr> {
    (2..=254).map(|last| Ipv4Addr::new(10, 200, 0, last))
}

/// The uplink of a slot: the host's end and the router's end of a /30.
#[must_use]
pub fn uplink_addresses(pool: Ipv4Addr, slot: u16) -> (Ipv4Addr, Ipv4Addr) {
    let first = u32::from(pool) + u32::from(slot) * 4;
    (Ipv4Addr::from(first + 1), Ipv4Addr::from(first + 2))
}

/// Slots of a /16 in blocks of four addresses.
pub const SLOTS: u16 = 16_384;

/// The host's interface of a slot. All of one state directory start alike, which the host's rules use.
#[must_use]
pub fn uplink_name(tag: &str, slot: u16) -> String {
    format!("{}{slot:04x}", uplink_prefix(tag))
}

/// Of whatever state directory.
fn is_uplink(name: &str) -> bool {
    name.strip_prefix("ak").and_then(|rest| rest.split_once('-')).is_some_and(|(tag, slot)| {
        tag.len() == 5 && slot.len() == 4 && (tag.to_owned() + slot).bytes().all(|b| b.is_ascii_hexdigit())
    })
}

fn uplink_prefix(tag: &str) -> String {
    format!("ak{tag}-")
}

/// Run in a thread of its own, which may change its namespace and ends afterwards.
fn in_own_thread<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    let thread = std::thread::Builder::new().name("akash-net".into()).spawn(work)?;
    thread.join().map_err(|_| io::Error::other("the network thread panicked"))?
}

/// As [`in_own_thread`], for netlink's futures.
fn netlink<T: Send + 'static, F: Future<Output = io::Result<T>>>(
    work: impl FnOnce() -> F + Send + 'static,
) -> io::Result<T> {
    in_own_thread(move || tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slot_has_its_own_uplink_and_a_name_that_fits() {
        let pool = Ipv4Addr::new(10, 201, 0, 0);
        assert_eq!(uplink_addresses(pool, 0).0, Ipv4Addr::new(10, 201, 0, 1));
        assert_eq!(uplink_addresses(pool, SLOTS - 1).1, Ipv4Addr::new(10, 201, 255, 254));
        assert!(uplink_name("abcde", SLOTS - 1).len() < 16, "an interface name has at most 15 bytes");
        assert!(is_uplink(&uplink_name("abcde", SLOTS - 1)) && !is_uplink("aktest-inet") && !is_uplink("eth0"));
    }
}
