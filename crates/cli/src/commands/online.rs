//! Which node a command asks: the one that a flag, a variable or the settings name, else that of the home.

use akash_client::Client;
use akash_node::config::Client as Settings;
use anyhow::Result;

use super::node;
use super::session::explain;
use crate::args::SettingFlags;
use crate::failure::{Exit, Failure};
use crate::home::Home;

/// What the home's settings say of commands.
pub fn settings(home: &Home) -> Result<Settings> {
    Ok(node::load(home.root(), &SettingFlags::default(), &[])?.config.client)
}

/// A client of the node that is meant.
pub fn client(home: &Home, flag: Option<&str>) -> Result<Client> {
    Client::over_rpc(&node_url(home, flag)?).map_err(explain)
}

/// The URL of the node that is meant. Nothing is guessed: with no node known it is an error.
pub fn node_url(home: &Home, flag: Option<&str>) -> Result<String> {
    if let Some(url) = flag.filter(|url| !url.is_empty()) {
        return Ok(with_scheme(url));
    }
    let config = node::load(home.root(), &SettingFlags::default(), &[])?.config;
    if !config.client.node.is_empty() {
        return Ok(with_scheme(&config.client.node));
    }
    if let Some(cloud) = home.cloud()? {
        return Ok(format!("http://127.0.0.1:{}", cloud.ports.rpc));
    }
    if akash_node::is_initialised(home.root())
        && let Some(address) = config.rpc.address
    {
        let ip = if address.ip().is_unspecified() { [127, 0, 0, 1].into() } else { address.ip() };
        return Ok(format!("http://{}", std::net::SocketAddr::new(ip, address.port())));
    }
    let failure = Failure::new(Exit::Config, format!("no node is known: {} has none", home.root().display()));
    Err(failure.next("give --node URL or AKASH_NODE, or the --home of a node; `akash up` makes and runs one").into())
}

/// Other clients write `tcp://host:port` for JSON-RPC.
fn with_scheme(url: &str) -> String {
    match url.strip_prefix("tcp://") {
        Some(rest) => format!("http://{rest}"),
        None if url.contains("://") => url.to_owned(),
        None => format!("http://{url}"),
    }
}
