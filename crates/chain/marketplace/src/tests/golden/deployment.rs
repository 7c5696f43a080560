//! Messages of the deployment module.

use akash_proto::akash::deployment::v1beta4::{
    MsgCloseDeployment, MsgCloseGroup, MsgCreateDeployment, MsgPauseGroup, MsgStartGroup, MsgUpdateDeployment,
    MsgUpdateParams, Params,
};
use akash_proto::akash::ext::deployment::v1 as ext;
use akash_types::id::DeploymentId;

use super::golden;
use crate::deployment::spec::limits::DEFAULT;
use crate::tests::testnet::*;

fn created(change: impl FnOnce(&mut MsgCreateDeployment)) -> MsgCreateDeployment {
    let mut message = create_deployment(8, &["100uact"], "500000uact");
    change(&mut message);
    message
}

fn id(dseq: u64) -> Option<akash_proto::akash::deployment::v1::DeploymentId> {
    Some(DeploymentId::new(owner(), dseq).into())
}

fn group_id(dseq: u64, gseq: u32) -> Option<akash_proto::akash::deployment::v1::GroupId> {
    Some(DeploymentId::new(owner(), dseq).group(gseq).into())
}

fn paused() -> Testnet {
    let mut net = Testnet::with_open_order();
    net.send(&MsgPauseGroup { id: group_id(7, 1) }).unwrap();
    net
}

fn closed() -> Testnet {
    let mut net = Testnet::with_open_order();
    net.close(7).unwrap();
    net
}

/// The account of deployment 7 covers nothing any more, and its block has not ended.
fn dry() -> Testnet {
    let mut net = Testnet::new();
    net.deploy(7, "500000uact", "500000uact").unwrap();
    net.bid(7, "p1", "500000uact").unwrap();
    net.take(&bid(7, "p1")).unwrap();
    net.end_block();
    net
}

#[test]
fn create() {
    golden::<MsgCreateDeployment>(&[
        ("one group", Testnet::new, |_| created(|_| {})),
        ("three groups", Testnet::new, |_| create_deployment(8, &["1uact", "2uact", "3uact"], "500000uact")),
        ("no owner", Testnet::new, |_| created(|msg| msg.id.as_mut().unwrap().owner.clear())),
        ("no sequence", Testnet::new, |_| created(|msg| msg.id.as_mut().unwrap().dseq = 0)),
        ("no group", Testnet::new, |_| created(|msg| msg.groups.clear())),
        ("no unit", Testnet::new, |_| created(|msg| msg.groups[0].resources.clear())),
        ("no price", Testnet::new, |_| created(|msg| msg.groups[0].resources[0].price = None)),
        ("no hash", Testnet::new, |_| created(|msg| msg.hash.clear())),
        ("a short hash", Testnet::new, |_| created(|msg| msg.hash.truncate(31))),
        ("no deposit", Testnet::new, |_| created(|msg| msg.deposit = None)),
        ("a small deposit", Testnet::new, |_| created(|msg| msg.deposit = Some(deposit("1uact")))),
        ("a foreign deposit", Testnet::new, |_| created(|msg| msg.deposit = Some(deposit("500000uakt")))),
        ("more than there is", Testnet::new, |_| created(|msg| msg.deposit = Some(deposit("2000000000uact")))),
        ("two groups of one name", Testnet::new, |_| created(|msg| msg.groups = vec![group("a", "1uact"); 2])),
        ("taken", Testnet::with_open_order, |_| create_deployment(7, &["100uact"], "500000uact")),
        ("closed before", closed, |_| create_deployment(7, &["100uact"], "500000uact")),
    ]);
}

#[test]
fn update() {
    let message = |dseq| MsgUpdateDeployment { id: id(dseq), hash: vec![9; 32] };
    golden::<MsgUpdateDeployment>(&[
        ("another manifest", Testnet::with_open_order, |_| MsgUpdateDeployment { id: id(7), hash: vec![9; 32] }),
        ("the same manifest", Testnet::with_open_order, |_| MsgUpdateDeployment { id: id(7), hash: vec![7; 32] }),
        ("a short hash", Testnet::with_open_order, |_| MsgUpdateDeployment { id: id(7), hash: vec![9; 31] }),
        ("unknown", Testnet::with_open_order, |_| MsgUpdateDeployment { id: id(8), hash: vec![9; 32] }),
        ("closed", closed, |_| MsgUpdateDeployment { id: id(7), hash: vec![9; 32] }),
    ]);
    assert!(Testnet::new().send(&message(7)).is_err());
}

#[test]
fn close() {
    golden::<MsgCloseDeployment>(&[
        ("with an open order", Testnet::with_open_order, |_| MsgCloseDeployment { id: id(7) }),
        ("with a lease", Testnet::with_lease, |_| MsgCloseDeployment { id: id(7) }),
        ("out of funds", dry, |_| MsgCloseDeployment { id: id(7) }),
        ("no id", Testnet::new, |_| MsgCloseDeployment { id: None }),
        ("unknown", Testnet::new, |_| MsgCloseDeployment { id: id(7) }),
        ("closed", closed, |_| MsgCloseDeployment { id: id(7) }),
    ]);
}

#[test]
fn close_group() {
    golden::<MsgCloseGroup>(&[
        ("open", Testnet::with_open_order, |_| MsgCloseGroup { id: group_id(7, 1) }),
        ("with a lease", Testnet::with_lease, |_| MsgCloseGroup { id: group_id(7, 1) }),
        ("paused", paused, |_| MsgCloseGroup { id: group_id(7, 1) }),
        ("unknown", Testnet::with_open_order, |_| MsgCloseGroup { id: group_id(7, 2) }),
        ("closed", closed, |_| MsgCloseGroup { id: group_id(7, 1) }),
    ]);
}

#[test]
fn pause_group() {
    golden::<MsgPauseGroup>(&[
        ("open", Testnet::with_open_order, |_| MsgPauseGroup { id: group_id(7, 1) }),
        ("with a lease", Testnet::with_lease, |_| MsgPauseGroup { id: group_id(7, 1) }),
        ("paused", paused, |_| MsgPauseGroup { id: group_id(7, 1) }),
        ("unknown", Testnet::with_open_order, |_| MsgPauseGroup { id: group_id(7, 2) }),
        ("closed", closed, |_| MsgPauseGroup { id: group_id(7, 1) }),
    ]);
}

#[test]
fn start_group() {
    golden::<MsgStartGroup>(&[
        ("paused", paused, |_| MsgStartGroup { id: group_id(7, 1) }),
        ("open", Testnet::with_open_order, |_| MsgStartGroup { id: group_id(7, 1) }),
        ("unknown", Testnet::with_open_order, |_| MsgStartGroup { id: group_id(7, 2) }),
        ("closed", closed, |_| MsgStartGroup { id: group_id(7, 1) }),
    ]);
}

#[test]
fn update_params() {
    fn message(authority: String, denoms: &[&str]) -> MsgUpdateParams {
        let coin = |denom: &&str| deposit(&format!("1{denom}")).amount.unwrap();
        MsgUpdateParams { authority, params: Some(Params { min_deposits: denoms.iter().map(coin).collect() }) }
    }
    golden::<MsgUpdateParams>(&[
        ("two denominations", Testnet::new, |_| message(gov(), &["uact", "uakt"])),
        ("by a stranger", Testnet::new, |_| message(owner().to_string(), &["uact"])),
        ("none", Testnet::new, |_| message(gov(), &[])),
        ("one twice", Testnet::new, |_| message(gov(), &["uact", "uact"])),
    ]);
}

#[test]
fn update_limits() {
    golden::<ext::MsgUpdateParams>(&[
        ("the defaults", Testnet::new, |_| ext::MsgUpdateParams { authority: gov(), params: Some(DEFAULT) }),
        ("by a stranger", Testnet::new, |_| ext::MsgUpdateParams {
            authority: owner().to_string(),
            params: Some(DEFAULT),
        }),
        ("nothing allowed", Testnet::new, |_| ext::MsgUpdateParams {
            authority: gov(),
            params: Some(ext::Params::default()),
        }),
    ]);
}
