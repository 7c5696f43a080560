//! The life of a lease, from order to nothing.

use std::time::Duration;

use akash_cluster::Cluster as _;
use akash_types::key::SecretKey;
use futures::StreamExt;
use serde_json::json;

use super::net::{Net, SDL, certificate, eventually, manifest};
use crate::chain::view::BidState;
use crate::manifest::hosts;

#[tokio::test]
async fn an_order_becomes_a_lease_a_workload_and_then_nothing() {
    let mut net = Net::new();
    net.start().await;
    let lease = net.running_lease(7, SDL).await;

    let price = net.chain.bid_price(&lease.order, &net.address()).unwrap();
    assert_eq!(price.to_string(), "13.840000000000000000uact"); // 100 x 0.1 + 32 x 0.1 + 64 x 0.01

    let tenant = net.tenant();
    let status = tenant.json("/lease/7/1/1/status").await;
    let generated = hosts::generated(&lease, "web", "localhost");
    let uris = json!(["http://hello.localhost:8080", format!("http://{generated}:8080")]);
    assert_eq!(status["services"]["web"]["uris"], uris);
    assert_eq!(status["services"]["web"]["available"], 1);
    assert_eq!(tenant.json("/lease/7/1/1/service/web/status").await["ready_replicas"], 1);
    assert_eq!(tenant.get("/lease/7/1/1/service/db/status").await.0, 404);
    assert_eq!(tenant.get("/lease/7/1/1/manifest").await, (200, manifest(SDL).canonical_json()));

    net.cluster.print(&lease, "web", "one");
    net.cluster.print(&lease, "web", "two");
    let frames = tenant.frames("/lease/7/1/1/logs?follow=false&tail=1").await;
    assert_eq!(frames, (vec![json!({"name": "web-0", "message": "two"}).to_string()], 1000));
    let events = tenant.frames("/lease/7/1/1/kubeevents?follow=false").await;
    assert!(events.0[0].contains("\"reason\":\"Started\""), "{events:?}");

    net.chain.close_lease(&lease);
    net.is_running(&lease, false).await;
    eventually("the manifest to go", || !net.home().join("manifests").read_dir().unwrap().any(|_| true)).await;
    eventually("the record to go", || !net.home().join("leases").read_dir().unwrap().any(|_| true)).await;
    assert_eq!(tenant.get("/lease/7/1/1/status").await.0, 404);
    assert_eq!(tenant.frames("/lease/7/1/1/logs?follow=true").await.1, 4001);
    eventually_free(&net).await;
    net.stop().await;
}

/// All room is free again, to the last byte.
async fn eventually_free(net: &Net) {
    let tenant = net.tenant();
    for _ in 0..200 {
        let status = tenant.json("/status").await;
        let node = &status["cluster"]["inventory"]["available"]["nodes"][0];
        let pending = status["cluster"]["inventory"]["pending"].as_array().unwrap().len();
        if node["available"] == node["allocatable"] && pending == 0 {
            return;
        }
        net.blocks(1).await;
    }
    panic!("room is still held");
}

#[tokio::test]
async fn logs_follow_until_the_client_leaves() {
    let mut net = Net::new();
    net.start().await;
    let lease = net.running_lease(7, SDL).await;
    let mut socket = net.tenant().websocket("/lease/7/1/1/logs?follow=true&service=web").await;
    net.cluster.print(&lease, "web", "first");
    let mut lines = Vec::new();
    while lines.len() < 2 {
        if let tokio_tungstenite::tungstenite::Message::Text(text) = socket.next().await.unwrap().unwrap() {
            lines.push(text.to_string());
            net.cluster.print(&lease, "web", "second");
        }
    }
    assert!(lines[1].contains("second"));
    net.stop().await;
}

#[tokio::test]
async fn public_routes_need_no_certificate_and_the_others_the_right_one() {
    let mut net = Net::new();
    net.settings.certificate_cache = Duration::ZERO;
    net.start().await;
    net.running_lease(7, SDL).await;
    let nobody = net.stranger(None);
    assert_eq!(nobody.json("/address").await["address"], net.address().to_string());
    assert_eq!(nobody.json("/version").await["akash"]["name"], "akash-provider");
    assert_eq!(nobody.json("/status").await["cluster"]["leases"], 1);
    assert_eq!(nobody.get("/lease/7/1/1/status").await.0, 401);

    let unregistered = certificate(&net.owner, &[]);
    assert_eq!(net.stranger(Some(&unregistered)).get("/lease/7/1/1/status").await.0, 401);
    let other = SecretKey::generate().public().address();
    let theirs = certificate(&other, &[]);
    net.chain.publish_certificate(&other, &theirs.serial.to_string(), &theirs.cert_pem, &theirs.pubkey_pem);
    assert_eq!(net.stranger(Some(&theirs)).get("/lease/7/1/1/status").await.0, 404); // a lease of their own
    assert_eq!(net.tenant().get("/lease/7/1/1/status").await.0, 200);
    assert_eq!(net.tenant().get("/lease/0/1/1/status").await.0, 400);

    net.revoke_tenant();
    assert_eq!(net.tenant().get("/lease/7/1/1/status").await.0, 401);
    net.stop().await;
}

#[tokio::test]
async fn a_manifest_must_be_the_one_on_chain() {
    let mut net = Net::new();
    net.start().await;
    let tenant = net.tenant();
    let text = manifest(SDL).canonical_json();
    assert_eq!(tenant.put_manifest(7, &text).await.0, 404);
    let order = net.order(7, SDL);
    net.bid_is(&order, BidState::Open).await;
    assert_eq!(tenant.put_manifest(7, &text).await.0, 404);
    net.chain.accept(&order, &net.address());

    let changed = manifest(&SDL.replace("hello:1", "hello:2"));
    assert_eq!(tenant.put_manifest(7, &changed.canonical_json()).await.0, 422);
    assert_eq!(tenant.put_manifest(7, "[]").await.0, 422);
    assert_eq!(tenant.put_manifest(7, "not json").await.0, 422);
    assert_eq!(tenant.put_manifest(7, &"x".repeat(2 << 20)).await.0, 413);
    assert_eq!(tenant.put_manifest(7, &text).await.0, 200);

    net.chain.update_hash(order.deployment_id(), &changed.hash());
    assert_eq!(tenant.put_manifest(7, &changed.canonical_json()).await.0, 200);
    let mut image = String::new();
    for _ in 0..500 {
        image =
            net.cluster.deployments().await.unwrap().first().map(|w| w.services[0].image.clone()).unwrap_or_default();
        if image.ends_with(":2") {
            break;
        }
        net.blocks(1).await;
    }
    assert_eq!(image, "play.localhost/hello:2");
    net.stop().await;
}

#[tokio::test]
async fn a_host_name_belongs_to_the_first_lease_that_asks() {
    let mut net = Net::new();
    net.settings.blocked_hosts = vec![".example.com".into()];
    net.start().await;
    net.running_lease(7, SDL).await;
    for (dseq, host) in [(8, "hello.localhost"), (9, "www.example.com")] {
        let sdl = SDL.replace("hello.localhost", host);
        let order = net.order(dseq, &sdl);
        net.bid_is(&order, BidState::Open).await;
        net.chain.accept(&order, &net.address());
        let (status, body) = net.tenant().put_manifest(dseq, &manifest(&sdl).canonical_json()).await;
        assert_eq!(status, 422, "{body}");
        assert!(body.contains(host), "{body}");
    }
    net.stop().await;
}

#[tokio::test]
async fn no_bid_is_made_above_the_tenants_price_and_the_reason_is_kept() {
    let mut net = Net::new();
    net.start().await;
    let cheap = net.order(7, &SDL.replace("amount: 1000", "amount: 13"));
    let other = net.order(8, SDL);
    net.bid_is(&other, BidState::Open).await;
    eventually("a reason", || net.provider().declined().contains_key(&cheap.to_string())).await;
    let why = net.provider().declined()[&cheap.to_string()].clone();
    assert!(why.contains("above the order's 13"), "{why}");
    assert_eq!(net.chain.bid_state(&cheap, &net.address()), None);
    net.stop().await;
}

#[tokio::test]
async fn no_bid_is_made_on_what_could_not_run() {
    let mut net = Net::new();
    net.start().await;
    let tiny = net.order(7, &SDL.replace("32Mi", "1Mi"));
    eventually("a reason", || net.provider().declined().contains_key(&tiny.to_string())).await;
    assert_eq!(net.chain.bid_state(&tiny, &net.address()), None);
    net.stop().await;
}

#[tokio::test]
async fn a_bid_that_nobody_takes_is_taken_back_and_its_room_with_it() {
    let mut net = Net::new();
    net.settings.bid_timeout = Duration::from_millis(300);
    net.start().await;
    let order = net.order(7, SDL);
    net.bid_is(&order, BidState::Closed).await;
    eventually_free(&net).await;
    net.blocks(50).await;
    assert_eq!(net.chain.bid_state(&order, &net.address()), Some(BidState::Closed));
    let bids = net.chain.executed().iter().filter(|done| done.starts_with("create-bid")).count();
    assert_eq!(bids, 1, "one bid per order, ever");
    net.stop().await;
}

#[tokio::test]
async fn a_bid_left_open_on_an_order_that_is_gone_is_closed() {
    let mut net = Net::new();
    net.start().await;
    let order = net.order(7, SDL);
    net.bid_is(&order, BidState::Open).await;
    net.chain.close_order(&order);
    net.bid_is(&order, BidState::Closed).await;
    eventually_free(&net).await;
    net.stop().await;
}

#[tokio::test]
async fn a_lease_without_a_manifest_is_closed_in_time() {
    let mut net = Net::new();
    net.settings.manifest_timeout = Duration::from_secs(1);
    net.start().await;
    let order = net.order(7, SDL);
    net.bid_is(&order, BidState::Open).await;
    let lease = net.chain.accept(&order, &net.address());
    eventually("the lease to be closed", || !net.chain.is_live(&lease)).await;
    assert!(net.chain.executed().iter().any(|done| done.starts_with("close-bid 10003")));
    eventually_free(&net).await;
    net.stop().await;
}

#[tokio::test]
async fn a_workload_that_never_runs_says_why_and_is_given_up() {
    let mut net = Net::new();
    net.settings.unstable_after = Duration::from_millis(1500);
    net.cluster.break_image("play.localhost/hello:1", "no such image");
    net.start().await;
    let lease = net.running_lease(7, SDL).await;
    let status = net.tenant().json("/lease/7/1/1/status").await;
    assert_eq!(status["errors"], json!(["service web: no such image"]));
    eventually("the lease to be closed", || !net.chain.is_live(&lease)).await;
    assert!(net.chain.executed().iter().any(|done| done.starts_with("close-bid 10000")));
    net.is_running(&lease, false).await;
    net.stop().await;
}

#[tokio::test]
async fn earnings_are_drawn_regularly() {
    let mut net = Net::new();
    net.settings.withdrawal_period = Duration::from_secs(1);
    net.start().await;
    let lease = net.running_lease(7, SDL).await;
    let withdrawn = || net.chain.executed().iter().filter(|done| done.starts_with("withdraw")).count();
    eventually("withdrawals", || withdrawn() >= 2).await;
    assert!(net.chain.is_live(&lease));
    net.stop().await;
}

#[tokio::test]
async fn an_account_that_is_empty_leads_to_a_withdrawal() {
    let mut net = Net::new();
    net.settings.withdrawal_period = Duration::ZERO;
    net.settings.funds_check = Duration::from_millis(100);
    net.settings.shortest_withdrawal_pause = Duration::from_secs(1);
    net.start().await;
    let lease = net.running_lease(7, SDL).await;
    let withdrawn = || net.chain.executed().iter().any(|done| done.starts_with("withdraw"));
    net.blocks(30).await;
    assert!(!withdrawn());
    net.chain.set_funds(lease.deployment_id(), "uact", "1");
    eventually("a withdrawal", withdrawn).await;
    net.stop().await;
}
