//! Who may talk to whom.

use super::{BRIDGE, LEASE_NETWORK, LEASE_PREFIX, UPLINK, uplink_prefix};
use nlink::netlink::nftables::{BaseChain, Chain, CtState, Family::Inet, FilterHook, NatHook, Policy, Priority, Rule};
use nlink::{Connection, Nftables};
use std::net::{IpAddr, Ipv4Addr};

/// Not the internet: this network, private and shared ranges, loopback, link-local with the metadata services,
/// benchmarking, multicast and reserved.
const PRIVATE: [(Ipv4Addr, u8); 9] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(224, 0, 0, 0), 3),
];
/// Global unicast, less documentation and what carries IPv4 addresses within.
const PUBLIC_V6: (u128, u32) = (0x2000 << 112, 3);
const PRIVATE_V6: [(u128, u32); 3] = [(0x2001_0db8 << 96, 32), (0x2001_0000 << 96, 32), (0x2002 << 112, 16)];

/// Whether an address is one of the internet's.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let is_in = |(start, prefix): &(Ipv4Addr, u8)| {
                (u32::from(address) ^ u32::from(*start)).leading_zeros() >= u32::from(*prefix)
            };
            !PRIVATE.iter().any(is_in)
        }
        IpAddr::V6(address) => {
            let is_in = |(start, prefix): &(u128, u32)| (u128::from(address) ^ start).leading_zeros() >= *prefix;
            is_in(&PUBLIC_V6) && !PRIVATE_V6.iter().any(is_in)
        }
    }
}

const TABLE: &str = "lease";
const DNS_PORT: u16 = 53;

fn established() -> CtState {
    CtState::ESTABLISHED | CtState::RELATED
}

/// In the router: replicas reach each other, the name service, and (with egress) what is not private.
pub async fn apply_to_router(nft: &Connection<Nftables>, egress: bool) -> nlink::Result<()> {
    let rule = |chain: &str| Rule::new(TABLE, chain).family(Inet);
    let filter = |hook| BaseChain::filter(hook, Priority::Filter).policy(Policy::Drop);
    let chain = |name, base| Ok::<_, nlink::Error>(Chain::new(TABLE, name)?.family(Inet).base(base));
    let mut changes = nft
        .transaction()
        .add_table(TABLE, Inet)
        .add_chain(chain("forward", filter(FilterHook::Forward))?)
        .add_chain(chain("input", filter(FilterHook::Input))?)
        .add_chain(chain("nat", BaseChain::nat(NatHook::Postrouting, Priority::SrcNat))?)
        .add_rule(rule("forward").match_ct_state(established()).accept())
        .add_rule(rule("forward").match_iif(BRIDGE).match_oif(BRIDGE).accept());
    for (address, prefix) in PRIVATE {
        changes = changes.add_rule(rule("forward").match_iif(BRIDGE).match_daddr_v4(address, prefix).drop());
    }
    if egress {
        let from_lease = |chain| rule(chain).match_oif(UPLINK).match_saddr_v4(LEASE_NETWORK, LEASE_PREFIX);
        changes =
            changes.add_rule(from_lease("forward").match_iif(BRIDGE).accept()).add_rule(from_lease("nat").masquerade());
    }
    changes
        .add_rule(rule("input").match_ct_state(established()).accept())
        .add_rule(rule("input").match_iif("lo").accept())
        .add_rule(rule("input").match_iif(BRIDGE).match_udp_dport(DNS_PORT).accept())
        .commit(nft)
        .await
}

/// On the host: nothing that comes from a lease reaches the host's own addresses or another lease.
pub async fn apply_to_host(nft: &Connection<Nftables>, tag: &str, pool: Ipv4Addr) -> nlink::Result<()> {
    let (table, uplinks) = (host_table(tag), uplink_prefix(tag));
    let rule = |chain: &str| Rule::new(&table, chain).family(Inet);
    let filter = |hook| BaseChain::filter(hook, Priority::Filter).policy(Policy::Accept);
    let chain = |name, base| Ok::<_, nlink::Error>(Chain::new(table.as_str(), name)?.family(Inet).base(base));
    let mut changes = nft.transaction();
    if nft.list_tables().await?.iter().any(|known| known.name == table && known.family == Inet) {
        changes = changes.del_table(&table, Inet); // an earlier life's, in force until this one is
    }
    changes
        .add_table(&table, Inet)
        .add_chain(chain("input", filter(FilterHook::Input))?)
        .add_chain(chain("forward", filter(FilterHook::Forward))?)
        .add_chain(chain("nat", BaseChain::nat(NatHook::Postrouting, Priority::SrcNat))?)
        .add_rule(rule("input").match_iif_prefix(&uplinks).match_ct_state(established()).accept())
        .add_rule(rule("input").match_iif_prefix(&uplinks).drop())
        .add_rule(rule("forward").match_oif_prefix(&uplinks).match_ct_state(established()).accept())
        .add_rule(rule("forward").match_oif_prefix(&uplinks).drop())
        .add_rule(rule("nat").match_iif_prefix(&uplinks).match_saddr_v4(pool, 16).masquerade())
        .commit(nft)
        .await
}

pub async fn remove_from_host(nft: &Connection<Nftables>, tag: &str) -> nlink::Result<()> {
    nft.del_table_if_exists(host_table(tag).as_str(), Inet).await.map(drop)
}

fn host_table(tag: &str) -> String {
    format!("akash-{tag}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_internet_are_public() {
        for address in ["1.1.1.1", "9.255.255.255", "172.32.0.1", "2606:4700::1111", "::ffff:1.1.1.1"] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
        let private =
            ["0.0.0.0", "10.1.2.3", "100.127.0.1", "127.0.0.1", "169.254.169.254", "172.31.0.1", "192.168.0.1"];
        let more = ["198.19.0.1", "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fd00::1", "ff02::1"];
        let within = ["::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "2001::1", "2001:db8::1"];
        for address in private.iter().chain(&more).chain(&within) {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }
}
