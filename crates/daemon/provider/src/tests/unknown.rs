//! Restarts, and times in which nobody answers: what runs keeps running.

use akash_cluster::Cluster as _;

use super::net::{Net, SDL, eventually, manifest};
use crate::chain::view::BidState;

#[tokio::test]
async fn nothing_is_stopped_while_the_chain_is_unknown() {
    let mut net = Net::new();
    net.start().await;
    let lease = net.running_lease(7, SDL).await;
    net.chain.set_down(true);
    net.chain.close_lease(&lease);
    net.blocks(60).await; // several comparisons
    assert_eq!(net.cluster.calls().1, 0, "no teardown");
    assert_eq!(net.tenant().get("/address").await.0, 200);
    net.chain.set_down(false);
    net.is_running(&lease, false).await;
    net.stop().await;
}

#[tokio::test]
async fn a_tenant_whose_certificate_cannot_be_confirmed_is_asked_to_come_back() {
    let mut net = Net::new();
    net.settings.certificate_cache = std::time::Duration::ZERO;
    net.start().await;
    net.chain.set_down(true);
    assert_eq!(net.tenant().get("/lease/7/1/1/status").await.0, 503);
    assert_eq!(net.tenant().put_manifest(7, "[]").await.0, 503);
    net.stop().await;
}

#[tokio::test]
async fn nothing_is_closed_while_the_cluster_is_unknown() {
    let mut net = Net::new();
    net.settings.manifest_timeout = std::time::Duration::from_millis(1);
    net.settings.unstable_after = std::time::Duration::from_millis(1);
    net.start().await;
    let order = net.order(7, SDL);
    net.bid_is(&order, BidState::Open).await;
    net.cluster.set_unavailable(true);
    let lease = net.chain.accept(&order, &net.address());
    net.blocks(150).await;
    assert!(net.chain.is_live(&lease));
    net.cluster.set_unavailable(false);
    eventually("the lease to be closed", || !net.chain.is_live(&lease)).await;
    net.stop().await;
}

#[tokio::test]
async fn no_bid_is_made_while_the_cluster_is_unknown() {
    let mut net = Net::new();
    net.cluster.set_unavailable(true);
    net.start().await;
    let order = net.order(7, SDL);
    net.blocks(50).await;
    assert_eq!(net.chain.bid_state(&order, &net.address()), None);
    net.cluster.set_unavailable(false);
    net.bid_is(&order, BidState::Open).await;
    net.stop().await;
}

#[tokio::test]
async fn a_restart_changes_nothing_that_runs() {
    let mut net = Net::new();
    net.start().await;
    let lease = net.running_lease(7, SDL).await;
    let before = net.cluster.calls();
    for _ in 0..3 {
        net.kill().await;
        net.start().await;
        net.blocks(40).await;
    }
    assert_eq!(net.cluster.calls(), before, "neither deployed again nor torn down");
    assert_eq!(net.tenant().get("/lease/7/1/1/status").await.0, 200);
    net.chain.close_lease(&lease);
    net.is_running(&lease, false).await;
    net.stop().await;
}

#[tokio::test]
async fn what_happened_while_we_were_away_is_caught_up_with() {
    let mut net = Net::new();
    net.start().await;
    let first = net.running_lease(7, SDL).await;
    let bid = net.order(8, SDL);
    net.bid_is(&bid, BidState::Open).await;
    net.kill().await;
    net.chain.close_lease(&first);
    let second = net.chain.accept(&bid, &net.address());
    let fresh = net.order(9, SDL);
    net.start().await;
    net.is_running(&first, false).await;
    net.bid_is(&fresh, BidState::Open).await;
    assert_eq!(net.tenant().put_manifest(8, &manifest(SDL).canonical_json()).await.0, 200);
    net.is_running(&second, true).await;
    let bids = net.chain.executed().iter().filter(|done| done.starts_with("create-bid")).count();
    assert_eq!(bids, 3, "no order is bid on twice");
    net.stop().await;
}

#[tokio::test]
async fn events_are_only_hints() {
    let mut net = Net::new();
    net.chain.set_mute(true);
    net.start().await;
    let lease = net.running_lease(7, SDL).await;
    net.chain.close_lease(&lease);
    net.is_running(&lease, false).await;
    net.stop().await;
}

#[tokio::test]
async fn a_lost_workload_is_deployed_again() {
    let mut net = Net::new();
    net.start().await;
    let lease = net.running_lease(7, SDL).await;
    net.cluster.teardown(&lease).await.unwrap();
    net.is_running(&lease, true).await;
    net.stop().await;
}

#[tokio::test]
async fn a_second_provider_does_not_work_on_the_same_files() {
    let mut net = Net::new();
    net.start().await;
    let (chain, cluster) = (std::sync::Arc::new(net.chain.clone()), std::sync::Arc::new(net.cluster.clone()));
    let second = crate::Provider::start_on(chain, net.config(), cluster).await;
    assert!(matches!(second.err(), Some(crate::StartError::InUse(_))));
    net.stop().await;
}
