//! Joins a container to its lease's network, between create and start. A short-lived process of its own.

use super::{BRIDGE, LEASE_PREFIX};
use nlink::netlink::link::VethLink;
use nlink::netlink::namespace::NetnsRef;
use nlink::{Connection, Ipv4Address, Ipv4Route, Route};
use std::io;
use std::net::Ipv4Addr;

pub const ATTACH: &str = "__attach";
const INSIDE: &str = "eth0";

/// Runs in the router's namespace, where the shim is. Arguments: pid of the container, its address, the gateway.
pub fn attach_child(arguments: &[String]) -> io::Result<()> {
    let [pid, address, gateway] = arguments else { return Err(io::Error::other("three arguments are needed")) };
    let pid = pid.parse().map_err(io::Error::other)?;
    let address = address.parse().map_err(io::Error::other)?;
    let gateway = gateway.parse().map_err(io::Error::other)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(attach(pid, address, gateway)).map_err(io::Error::other)
}

async fn attach(pid: u32, address: Ipv4Addr, gateway: Ipv4Addr) -> nlink::Result<()> {
    let router = Connection::<Route>::new()?;
    let name = format!("c{}", address.octets()[3]);
    router.del_link_if_exists(name.as_str()).await?; // a dead container's namespace goes some time later
    router.add_link(VethLink::new(&name, INSIDE).peer_netns_pid(pid)).await?;
    router.set_link_master(name.as_str(), BRIDGE).await?;
    router.set_link_up(name.as_str()).await?;
    for which in ["all", "default"] {
        let key = format!("net.ipv6.conf.{which}.disable_ipv6");
        // Fails where the kernel has no IPv6: then there is nothing to switch off.
        let _ = nlink::netlink::namespace::set_sysctl_path(format!("/proc/{pid}/ns/net"), &key, "1");
    }
    let inside: Connection<Route> = Connection::new_in(NetnsRef::Pid(pid))?;
    inside.set_link_up("lo").await?;
    inside.add_address(Ipv4Address::new(INSIDE, address, LEASE_PREFIX)).await?;
    inside.set_link_up(INSIDE).await?;
    inside.add_route(Ipv4Route::default_route().gateway(gateway)).await
}
