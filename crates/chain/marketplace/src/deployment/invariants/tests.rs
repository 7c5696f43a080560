//! Each invariant is broken once, and says so.

use akash_kernel::Ctx;

use super::*;
use crate::tests::testnet::{Testnet, account, group_of, owner};

fn broken_by(change: impl FnOnce(&mut Ctx)) -> Vec<&'static str> {
    let mut net = Testnet::with_lease();
    net.deploy(8, "100uact", "500000uact").unwrap();
    net.close(8).unwrap();
    net.end_block();
    change(&mut net.bench.ctx());
    net.violations()
}

const ACCOUNTS: &str = "an active deployment has an open account";
const GROUPS: &str = "only an open group has a live order";

#[test]
fn nothing_is_broken_at_first() {
    assert_eq!(broken_by(|_| {}), Vec::<&str>::new());
}

#[test]
fn a_closed_deployment_with_an_open_account_is_found() {
    let found = broken_by(|ctx| {
        let id = group_of(7).deployment_id().clone();
        let mut deployment = state::DEPLOYMENTS.get(ctx, &id).unwrap().unwrap();
        deployment.set_state(deployment::State::Closed);
        state::archive_deployment(ctx, &id, &deployment).unwrap();
    });
    assert_eq!(found, [ACCOUNTS, GROUPS]); // its group outlives it too
}

#[test]
fn a_paused_group_with_an_order_is_found() {
    let found = broken_by(|ctx| {
        let mut group = state::GROUPS.get(ctx, &group_of(7)).unwrap().unwrap();
        group.set_state(group::State::Paused);
        state::save_group(ctx, &group_of(7), &group).unwrap();
    });
    assert_eq!(found, [GROUPS]);
}

#[test]
fn an_open_group_without_an_order_is_found() {
    let found = broken_by(|ctx| {
        let mut group = state::GROUPS.get(ctx, &group_of(7)).unwrap().unwrap();
        group.id = Some((&group_of(7).deployment_id().group(2)).into());
        state::save_group(ctx, &group_of(7).deployment_id().group(2), &group).unwrap();
    });
    assert_eq!(found, [GROUPS]);
}

#[test]
fn each_index_is_looked_at() {
    let changes: &[fn(&mut Ctx)] = &[
        |ctx| {
            state::DEPLOYMENTS_BY_STATE.remove(ctx, &(2, group_of(8).deployment_id().clone())).unwrap();
        },
        |ctx| state::OWNERS_BY_DSEQ.remove(ctx, &(7, owner())).unwrap(),
        |ctx| state::OWNERS_BY_DSEQ.insert(ctx, &(7, account("stranger"))).unwrap(),
        |ctx| ended::add(ctx, &state::ENDED, &2).unwrap(),
    ];
    for (number, change) in changes.iter().enumerate() {
        assert_eq!(broken_by(change), ["indexes equal scans"], "change {number}");
    }
}
