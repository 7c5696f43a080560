//! Who may talk to whom.

use super::{BRIDGE, LEASE_NETWORK, LEASE_PREFIX, UPLINK, uplink_prefix};
use nlink::netlink::nftables::{BaseChain, Chain, CtState, Family::Inet, FilterHook, NatHook, Policy, Priority, Rule};
use nlink::{Connection, Nftables};
use std::net::Ipv4Addr;

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
