//! Indexes that are made again from the records are the same indexes.

use akash_kernel::testing::Bench;
use akash_proto::akash::audit::v1::MsgSignProviderAttributes;
use akash_proto::akash::base::attributes::v1::Attribute;
use akash_proto::akash::cert::v1::MsgCreateCertificate;
use akash_proto::akash::ext::market::v1::MsgSetOrderExpiry;
use akash_store::{Kv, Range, Space};
use akash_types::cert::{Validity, generate};

use super::testnet::*;

/// Something of everything that has an index, live and ended.
fn busy_net() -> Testnet {
    let mut net = Testnet::new();
    net.send(&create_deployment(7, &["100.25uact", "50uact"], "500000uact")).unwrap();
    net.deploy(8, "500000uact", "500000uact").unwrap();
    net.deploy(9, "1uact", "500000uact").unwrap();
    for provider in ["p1", "p2", "p3"] {
        net.bid(7, provider, "100uact").unwrap();
    }
    net.take(&bid(7, "p1")).unwrap();
    net.bid(8, "p3", "500000uact").unwrap();
    net.take(&bid(8, "p3")).unwrap();
    net.end_blocks(3);
    net.close_lease(&lease(7, "p1")).unwrap();
    let second = group_of(7).order(2);
    net.bid_on(&second.bid(account("p2")), "99uact").unwrap();
    net.take(&second.bid(account("p2"))).unwrap();
    let expires_at = net.bench.block.height + 50;
    net.send(&MsgSetOrderExpiry { id: Some(order(9).into()), expires_at }).unwrap();
    net.send(&MsgSignProviderAttributes {
        owner: account("p1").to_string(),
        auditor: account("a1").to_string(),
        attributes: vec![Attribute { key: "k".into(), value: "v".into() }],
    })
    .unwrap();
    let made = generate(&owner(), &[], Validity { not_before: 1_700_000_000, not_after: 1_800_000_000 }).unwrap();
    let (cert, pubkey) = (made.cert_pem.into_bytes(), made.pubkey_pem.into_bytes());
    net.send(&MsgCreateCertificate { owner: owner().to_string(), cert, pubkey }).unwrap();
    net.end_block();
    net
}

#[test]
fn indexes_follow_from_the_records() {
    let net = busy_net();
    let (old, mut new) = (net.bench.view(), Bench::new(&net.modules.stores()));
    new.block = net.bench.block.clone();
    for store in net.modules.stores() {
        for record in old.records(store).unwrap() {
            let record = record.unwrap();
            new.ctx().put(Space::State(store), &record.key, record.value).unwrap();
        }
    }
    for store in net.modules.stores() {
        for record in old.records(store).unwrap() {
            net.modules.index(&mut new.ctx(), &record.unwrap()).unwrap();
        }
    }
    new.commit();
    for store in net.modules.stores() {
        let rows = |view: &akash_store::View| {
            view.rows(Space::Index(store), &Range::all()).unwrap().collect::<Result<Vec<_>, _>>().unwrap()
        };
        assert_eq!(rows(&new.view()), rows(&old), "indexes of {store}");
    }
    assert_eq!(net.modules.check_invariants(&mut new.ctx()).unwrap(), Vec::new());
}
