//! Makes and keeps a lease's router.

use super::{BRIDGE, GATEWAY, LEASE_PREFIX, UPLINK, policy, uplink_addresses, uplink_name};
use crate::embedded::sys;
use nlink::netlink::link::{BridgeLink, VethLink};
use nlink::{Connection, Ipv4Address, Ipv4Route, Nftables, Route};
use std::fs::File;
use std::io;
use std::net::Ipv4Addr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

/// What is in a new router's namespace: forwarding, and no IPv6.
const SYSCTLS: [(&str, &str); 4] = [
    ("net/ipv4/ip_forward", "1"),
    ("net/ipv4/conf/all/rp_filter", "1"),
    ("net/ipv6/conf/all/disable_ipv6", "1"),
    ("net/ipv6/conf/default/disable_ipv6", "1"),
];

#[derive(Debug, Clone)]
pub struct RouterPlan {
    pub tag: String,
    pub slot: u16,
    pub pool: Ipv4Addr,
    pub egress: bool,
}

/// A descriptor of the namespace. Clones hold the same one.
#[derive(Debug, Clone)]
pub struct Router(Arc<OwnedFd>);

impl AsFd for Router {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl Router {
    /// Blocks. What an earlier router of the slot left on the host is removed first.
    pub fn create(plan: RouterPlan) -> io::Result<Router> {
        super::netlink(move || create(plan))
    }

    /// The one that a shim runs in.
    pub fn of_process(pid: i32) -> io::Result<Router> {
        Ok(Router(Arc::new(File::open(format!("/proc/{pid}/ns/net"))?.into())))
    }

    /// Take the uplink off the host at once: the end of a namespace comes some time later. Blocks.
    pub fn remove_uplink(tag: &str, slot: u16) -> io::Result<()> {
        let name = uplink_name(tag, slot);
        super::netlink(move || async move {
            let host = Connection::<Route>::new().map_err(io::Error::other)?;
            host.del_link_if_exists(name.as_str()).await.map_err(io::Error::other).map(drop)
        })
    }
}

async fn create(plan: RouterPlan) -> io::Result<Router> {
    let host = Connection::<Route>::new().map_err(io::Error::other)?;
    sys::unshare(libc::CLONE_NEWNET)?; // this thread; sockets that are open stay where they were made
    let namespace: OwnedFd = File::open("/proc/thread-self/ns/net")?.into();
    for (name, value) in SYSCTLS {
        let path = std::path::Path::new("/proc/sys").join(name);
        if path.exists() {
            std::fs::write(path, value)?;
        }
    }
    build(&host, &namespace, &plan).await.map_err(io::Error::other)?;
    Ok(Router(Arc::new(namespace)))
}

async fn build(host: &Connection<Route>, namespace: &OwnedFd, plan: &RouterPlan) -> nlink::Result<()> {
    let uplink = uplink_name(&plan.tag, plan.slot);
    let (host_end, router_end) = uplink_addresses(plan.pool, plan.slot);
    host.del_link_if_exists(uplink.as_str()).await?;
    host.add_link(VethLink::new(&uplink, UPLINK).peer_netns_fd(namespace)).await?;
    host.add_address(Ipv4Address::new(&uplink, host_end, 30)).await?;
    host.set_link_up(uplink.as_str()).await?;

    let inside = Connection::<Route>::new()?;
    inside.add_link(BridgeLink::new(BRIDGE)).await?;
    inside.add_address(Ipv4Address::new(BRIDGE, GATEWAY, LEASE_PREFIX)).await?;
    inside.add_address(Ipv4Address::new(UPLINK, router_end, 30)).await?;
    for link in ["lo", BRIDGE, UPLINK] {
        inside.set_link_up(link).await?;
    }
    if plan.egress {
        inside.add_route(Ipv4Route::default_route().gateway(host_end)).await?;
    }
    policy::apply_to_router(&Connection::<Nftables>::new()?, plan.egress).await
}
