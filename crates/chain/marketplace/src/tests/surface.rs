//! What clients can ask for: every method, event and registered error of the packages that these modules serve.

use std::collections::BTreeSet;

use akash_kernel::Modules;
use akash_proto::akash::audit::v1::{MsgDeleteProviderAttributes, MsgSignProviderAttributes};
use akash_proto::akash::base::attributes::v1::Attribute;
use akash_proto::akash::deployment::v1beta4::{MsgPauseGroup, MsgStartGroup, MsgUpdateDeployment};
use akash_proto::akash::ext::market::v1::MsgSetOrderExpiry;
use akash_proto::akash::market::v1beta5::MsgLeaseStartReclaim;
use akash_proto::akash::provider::v1beta4::{MsgDeleteProvider, MsgUpdateProvider};
use akash_types::id::DeploymentId;
use expect_test::expect;
use prost_types::Duration;
use serde_json::json;

use super::testnet::*;

/// Packages whose every method is served here.
const SERVED: [&str; 11] = [
    "akash.audit.v1",
    "akash.cert.v1",
    "akash.deployment.v1beta4",
    "akash.epochs.v1beta1",
    "akash.escrow.v1",
    "akash.ext.deployment.v1",
    "akash.ext.escrow.v1",
    "akash.ext.market.v1",
    "akash.market.v1beta5",
    "akash.provider.v1beta4",
    "akash.take.v1",
];

/// Packages that hold events of the same modules.
const EVENTS: [&str; 9] = [
    "akash.audit.v1",
    "akash.deployment.v1",
    "akash.epochs.v1beta1",
    "akash.ext.deployment.v1",
    "akash.ext.escrow.v1",
    "akash.ext.market.v1",
    "akash.market.v1",
    "akash.provider.v1beta4",
    "akash.cert.v1",
];

#[test]
fn every_method_is_served() {
    let registry = Modules::new(crate::modules()).registry();
    let (mut missing, mut served) = (Vec::new(), BTreeSet::new());
    for service in akash_proto::descriptors().services() {
        if !SERVED.contains(&service.package_name()) {
            continue;
        }
        for method in service.methods() {
            let (path, input) = (format!("/{}/{}", service.full_name(), method.name()), method.input());
            let is_there = match service.name() {
                "Msg" => registry.has_message(&format!("/{}", input.full_name())),
                _ => registry.query_route(&path).is_some(),
            };
            if is_there {
                served.insert(path)
            } else {
                missing.push(path);
                true
            };
        }
    }
    missing.sort();
    // Drafts of AEP-86, which no released node serves. Page: docs/parity/provider.md.
    expect![[r#"
        /akash.market.v1beta5.Query/ProviderLeaseStats
        /akash.provider.v1beta4.Msg/CloseProviderMaintenance
        /akash.provider.v1beta4.Msg/OpenProviderMaintenance
        /akash.provider.v1beta4.Msg/UpdateParams
        /akash.provider.v1beta4.Query/Params
        /akash.provider.v1beta4.Query/ProviderMaintenance
        /akash.provider.v1beta4.Query/ProviderMaintenances
        /akash.provider.v1beta4.Query/Registration
    "#]]
    .assert_eq(&format!("{}\n", missing.join("\n")));
    let registered = registry.message_types().count() + registry.query_paths().count();
    assert_eq!(registered, served.len(), "nothing is registered beyond that");
}

/// One life with everything in it that anybody is told of.
fn full_life() -> Testnet {
    let mut net = Testnet::new();
    let minute = json!({ "epochs": { "epochs": [{ "id": "short", "duration": "5s" }] } });
    net.modules.init_genesis(&mut net.bench.ctx(), minute.as_object().unwrap()).unwrap();
    net.end_blocks(4);
    net.send(&MsgSignProviderAttributes {
        owner: account("p1").to_string(),
        auditor: account("a1").to_string(),
        attributes: vec![Attribute { key: "k".into(), value: "v".into() }],
    })
    .unwrap();
    net.send(&MsgDeleteProviderAttributes {
        owner: account("p1").to_string(),
        auditor: account("a1").to_string(),
        keys: Vec::new(),
    })
    .unwrap();
    let uri = "https://p1.example.com:8444".to_owned();
    net.send(&MsgUpdateProvider {
        owner: account("p1").to_string(),
        host_uri: uri,
        attributes: Vec::new(),
        info: None,
    })
    .unwrap();
    net.deploy(7, "100uact", "500000uact").unwrap();
    net.send(&MsgUpdateDeployment { id: Some(DeploymentId::new(owner(), 7).into()), hash: vec![8; 32] }).unwrap();
    net.send(&MsgPauseGroup { id: Some(group_of(7).into()) }).unwrap();
    net.send(&MsgStartGroup { id: Some(group_of(7).into()) }).unwrap();
    let order = group_of(7).order(2);
    let mut offer = create_bid(&order.bid(account("p1")), "100uact");
    offer.reclamation_window = Some(Duration { seconds: 3600, nanos: 0 });
    net.send(&offer).unwrap();
    net.take(&order.bid(account("p1"))).unwrap();
    net.send(&MsgLeaseStartReclaim {
        id: Some(akash_types::id::LeaseId::from(order.bid(account("p1"))).into()),
        reason: 10_001,
    })
    .unwrap();
    net.close(7).unwrap();

    net.deploy(8, "100uact", "500000uact").unwrap();
    let expires_at = net.bench.block.height + 1;
    net.send(&MsgSetOrderExpiry { id: Some(super::testnet::order(8).into()), expires_at }).unwrap();
    net.set_grace(2);
    net.deploy(9, "500000uact", "500000uact").unwrap();
    net.bid(9, "p2", "500000uact").unwrap();
    net.take(&bid(9, "p2")).unwrap();
    net.end_blocks(5);
    net.send(&MsgDeleteProvider { owner: account("p1").to_string() }).unwrap();
    net
}

#[test]
fn every_event_is_announced() {
    let net = full_life();
    let known = akash_proto::descriptors()
        .all_messages()
        .filter(|message| EVENTS.contains(&message.package_name()) && message.name().starts_with("Event"));
    let missing: Vec<_> =
        known.map(|message| message.full_name().to_owned()).filter(|name| !net.seen.contains(name)).collect();
    expect![[r#"
        akash.provider.v1beta4.EventProviderMaintenanceOpened
        akash.provider.v1beta4.EventProviderMaintenanceClosed
    "#]]
    .assert_eq(&format!("{}\n", missing.join("\n")));
}

#[test]
fn every_module_starts_from_nothing_and_exports_itself() {
    let mut net = Testnet::new();
    let exported = net.modules.export_genesis(&mut net.bench.ctx()).unwrap();
    for module in ["audit", "cert", "deployment", "epochs", "escrow", "market", "provider", "take"] {
        let mut fresh = akash_kernel::testing::Bench::new(&net.modules.stores());
        let state = json!({ module: {} });
        net.modules.init_genesis(&mut fresh.ctx(), state.as_object().unwrap()).unwrap();
        assert!(exported.get(module).is_some_and(serde_json::Value::is_object), "{module}");
    }
    for module in ["deployment", "escrow", "market"] {
        assert!(exported[module]["ext"]["params"].is_object(), "{module} exports what is ours apart");
    }
}
