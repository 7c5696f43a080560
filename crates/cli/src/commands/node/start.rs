//! `akash start`: runs the node of a home until Ctrl-C.

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
    let address = |address: Option<std::net::SocketAddr>| address.map(|address| format!("http://{address}"));
    let (rpc, grpc) = (address(node.rpc_address()), address(node.grpc_address()));
    let shown = |address: &Option<String>| address.clone().unwrap_or_else(|| "off".to_owned());
    output.note(format!("chain  {chain_id}\nrpc    {}\ngrpc   {}", shown(&rpc), shown(&grpc)));
    output.note("Ctrl-C stops the node; `akash start` takes it up again.");
    if output.json() {
        let value = json!({
            "event": "ready", "chain_id": chain_id, "home": home.root(), "rpc": rpc, "grpc": grpc,
            "height": node.height(),
        });
        output.result("", &value)?;
    }
    Ok(())
}
