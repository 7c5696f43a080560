//! `akash start`: runs the node of a home until Ctrl-C.

use std::net::SocketAddr;

use akash_node::Node;
use anyhow::Result;
use serde_json::json;

use super::{explain, load};
use crate::args::Start;
use crate::commands::up::interrupted;
use crate::home::Home;
use crate::logging;
use crate::output::Output;

pub async fn run(home: &Home, flags: &Start, output: &Output) -> Result<()> {
    logging::of_node();
    let mut more = Vec::new();
    if flags.dev {
        more.push(("--dev", "consensus.timeout_commit", "200ms"));
    }
    let config = load(home.root(), &flags.settings, &more)?.config;
    let chain_id = akash_node::genesis(home.root()).map_err(explain)?.chain_id;
    let node = Node::start(config).await.map_err(explain)?;
    announce(&chain_id, home, &node, output)?;
    let ended = tokio::select! {
        reason = node.wait() => Err(explain(reason)),
        () = interrupted() => Ok(()),
    };
    output.waiting("stopping");
    let stopped = node.stop().await.map_err(explain);
    output.step("stopped");
    ended.and(stopped)
}

fn announce(chain_id: &str, home: &Home, node: &Node, output: &Output) -> Result<()> {
    let url = |address: Option<SocketAddr>| address.map(|address| format!("http://{address}"));
    let servers = [
        ("rpc", url(node.rpc_address())),
        ("grpc", url(node.grpc_address())),
        ("rest", url(node.rest_address())),
        ("metrics", url(node.metrics_address())),
    ];
    output.note(format!("{:8} {chain_id}", "chain"));
    for (name, url) in &servers {
        output.note(format!("{name:8} {}", url.as_deref().unwrap_or("off")));
    }
    output.note("Ctrl-C stops the node; `akash start` takes it up again.");
    if output.json() {
        let mut value = json!({
            "event": "ready", "chain_id": chain_id, "home": home.root(), "height": node.height(),
        });
        for (name, url) in servers {
            value[name] = url.into();
        }
        output.result("", &value)?;
    }
    Ok(())
}
