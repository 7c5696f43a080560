//! The host's side: rules for all leases of one state directory, forwarding, and which uplinks are taken.

use super::{SLOTS, is_uplink, policy};
use nlink::{Connection, Nftables, Route};
use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;

const FORWARDING: &str = "/proc/sys/net/ipv4/ip_forward";
/// Exists while forwarding is on because of us, of whatever state directory.
const FORWARDING_MARK: &str = "/run/akash-forwarding-was-off";

#[derive(Debug, Clone)]
pub struct Host {
    pub tag: String,
    pub pool: Ipv4Addr,
    pub egress: bool,
}

impl Host {
    /// Before the first lease, with the lock. Blocks.
    pub fn prepare(&self) -> io::Result<()> {
        let (tag, pool) = (self.tag.clone(), self.pool);
        super::netlink(move || async move {
            let nft = Connection::<Nftables>::new().map_err(io::Error::other)?;
            policy::apply_to_host(&nft, &tag, pool).await.map_err(io::Error::other)
        })?;
        if self.egress && std::fs::read_to_string(FORWARDING)?.trim() == "0" {
            std::fs::write(FORWARDING_MARK, "")?;
            std::fs::write(FORWARDING, "1")?;
        }
        Ok(())
    }

    /// After the last lease, with the lock. Blocks.
    pub fn restore(&self) -> io::Result<()> {
        let tag = self.tag.clone();
        super::netlink(move || async move {
            let nft = Connection::<Nftables>::new().map_err(io::Error::other)?;
            policy::remove_from_host(&nft, &tag).await.map_err(io::Error::other)
        })?;
        if Path::new(FORWARDING_MARK).exists() && !any_uplink()? {
            std::fs::write(FORWARDING, "0")?;
            std::fs::remove_file(FORWARDING_MARK)?;
        }
        Ok(())
    }

    /// Slots whose uplink the host has now, ours or of another state directory. Blocks.
    pub fn taken_slots(&self) -> io::Result<BTreeSet<u16>> {
        let pool = u32::from(self.pool);
        super::netlink(move || async move {
            let host = Connection::<Route>::new().map_err(io::Error::other)?;
            let addresses = host.get_addresses().await.map_err(io::Error::other)?;
            let slot = |address: &IpAddr| match address {
                IpAddr::V4(v4) => u32::from(*v4).checked_sub(pool).map(|n| n / 4).filter(|n| *n < u32::from(SLOTS)),
                IpAddr::V6(_) => None,
            };
            Ok(addresses.iter().filter_map(|a| slot(a.address()?)).map(|n| n as u16).collect())
        })
    }

    /// Other state directories on this machine choose slots, too. Held while the guard lives.
    pub fn lock(&self) -> io::Result<File> {
        let file = File::open("/run")?;
        crate::embedded::sys::lock(&file)?;
        Ok(file)
    }
}

/// Whether any state directory has a lease on this machine.
fn any_uplink() -> io::Result<bool> {
    for link in std::fs::read_dir("/sys/class/net")? {
        if is_uplink(&link?.file_name().to_string_lossy()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether packets of leases can leave this host.
#[must_use]
pub fn egress_is_possible() -> bool {
    let has_default = std::fs::read_to_string("/proc/net/route")
        .is_ok_and(|table| table.lines().any(|line| line.split('\t').nth(1) == Some("00000000")));
    let forwards = std::fs::read_to_string(FORWARDING).is_ok_and(|text| text.trim() == "1");
    let may_switch_on = File::options().write(true).open(FORWARDING).is_ok();
    has_default && (forwards || may_switch_on)
}
