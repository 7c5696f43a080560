//! What the node says about itself, its chain and its peers.

use akash_app::Genesis;
use serde_json::{Value, json};
use tendermint::block::Block;

use super::Outcome;
use super::arguments::{height_of, stored};
use crate::chain::block::BLOCK_PROTOCOL;
use crate::chain::form;
use crate::engine::context::BlockRef;
use crate::p2p::Peer;
use crate::rpc::json;
use crate::rpc::params::Args;
use crate::server_state::{COMETBFT_VERSION, ServerState};
use crate::services;

/// Of a node's id, as CometBFT has them.
const NODE_ID_BYTES: usize = 20;
/// A genesis document above this is only given in pieces of this size.
const GENESIS_CHUNK: usize = 16 << 20;
const CHANNELS: &str = "40202122233038606100";

pub fn health(_state: &ServerState, _args: &Args) -> Outcome {
    Ok(json!({}))
}

/// Discovery: the first call of every Akash client.
pub fn akash(state: &ServerState, _args: &Args) -> Outcome {
    let info = services::discovery_info(state);
    let modules = |modules: &[akash_proto::akash::discovery::v1::ModuleVersion]| -> Value {
        modules.iter().map(|module| json!({"module": module.module, "version": module.version})).collect()
    };
    let version = |version: &akash_proto::akash::discovery::v1::VersionInfo| {
        json!({
            "api_version": version.api_version,
            "modules": modules(&version.modules),
            "features": version.features,
        })
    };
    Ok(json!({
        "client_info": {"api_version": info.client_info.map(|client| client.api_version)},
        "supported_versions": info.supported_versions.iter().map(version).collect::<Vec<_>>(),
        "chain_id": info.chain_id,
        "node_version": info.node_version,
        "min_client_version": info.min_client_version,
    }))
}

fn node_info(state: &ServerState) -> Value {
    let identity = &state.identity;
    json!({
        "protocol_version": {
            "p2p": "8",
            "block": BLOCK_PROTOCOL.to_string(),
            "app": identity.app_version.to_string(),
        },
        "id": identity.node_id,
        "listen_addr": identity.listen_address,
        "network": state.genesis.chain_id,
        "version": COMETBFT_VERSION,
        "channels": CHANNELS,
        "moniker": identity.moniker,
        "other": {"tx_index": "on", "rpc_address": identity.rpc_address},
    })
}

fn sync_info(prefix: &str, block: Option<&(BlockRef, Block)>, out: &mut Value) {
    let (hash, app_hash, height, time) = match block {
        Some((id, block)) => (
            json::hex(id.hash),
            json::hex(block.header.app_hash.as_bytes()),
            block.header.height.to_string(),
            json::time(block.header.time),
        ),
        None => (String::new(), String::new(), "0".to_string(), json::EPOCH.to_string()),
    };
    out[format!("{prefix}_block_hash")] = json!(hash);
    out[format!("{prefix}_app_hash")] = json!(app_hash);
    out[format!("{prefix}_block_height")] = json!(height);
    out[format!("{prefix}_block_time")] = json!(time);
}

pub fn status(state: &ServerState, _args: &Args) -> Outcome {
    let snapshot = state.snapshot();
    let mut sync = json!({"catching_up": state.catching_up()});
    let latest = snapshot.block.as_ref().map(|block| (block.id, block.block.clone()));
    sync_info("latest", latest.as_ref(), &mut sync);
    let earliest = stored(state.block(stored(state.blocks.base())?))?;
    sync_info("earliest", earliest.as_ref(), &mut sync);
    let identity = &state.identity;
    let power = snapshot.next_validators.find(&identity.address).map_or(0, |validator| validator.power);
    Ok(json!({
        "node_info": node_info(state),
        "sync_info": sync,
        "validator_info": {
            "address": json::hex(identity.address),
            "pub_key": json::public_key(&identity.public_key),
            "voting_power": power.to_string(),
        },
    }))
}

pub fn net_info(state: &ServerState, _args: &Args) -> Outcome {
    let listener = format!("Listener(@{})", state.identity.listen_address);
    let peers: Vec<_> = state.engine.peers.list().iter().map(|(id, known)| peer(state, id, known)).collect();
    Ok(json!({
        "listening": true,
        "listeners": [listener],
        "n_peers": peers.len().to_string(),
        "peers": peers,
    }))
}

/// What the network does not tell of a peer is as it is for this node; traffic is not measured by peer.
fn peer(state: &ServerState, id: &str, peer: &Peer) -> Value {
    let mut node_info = node_info(state);
    // The form that clients expect; the network's own name for it is longer.
    node_info["id"] = json!(hex::encode(&form::sha256(id.as_bytes())[..NODE_ID_BYTES]));
    node_info["moniker"] = json!(peer.moniker);
    node_info["listen_addr"] = json!(peer.address);
    node_info["other"]["rpc_address"] = json!("");
    let monitor = json!({
        "Start": json::EPOCH, "Bytes": "0", "Samples": "0", "InstRate": "0", "CurRate": "0", "AvgRate": "0",
        "PeakRate": "0", "BytesRem": "0", "Duration": "0", "Idle": "0", "TimeRem": "0", "Progress": 0, "Active": true,
    });
    let address: Vec<_> = peer.address.split('/').collect();
    json!({
        "node_info": node_info,
        "is_outbound": peer.is_outbound,
        "connection_status": {"Duration": "0", "SendMonitor": monitor, "RecvMonitor": monitor, "Channels": []},
        "remote_ip": address.get(2).copied().unwrap_or_default(),
    })
}

fn genesis_document(state: &ServerState) -> Value {
    let mut document = state.genesis.to_json();
    if let Value::Object(fields) = &mut document {
        fields.entry("app_hash").or_insert(json!(""));
    }
    document
}

pub fn genesis(state: &ServerState, _args: &Args) -> Outcome {
    let document = genesis_document(state);
    if document.to_string().len() > GENESIS_CHUNK {
        return Err("genesis response is large, please use the genesis_chunked API instead".to_string());
    }
    Ok(json!({"genesis": document}))
}

pub fn genesis_chunked(state: &ServerState, args: &Args) -> Outcome {
    let text = genesis_document(state).to_string();
    let chunks: Vec<_> = text.as_bytes().chunks(GENESIS_CHUNK).collect();
    let wanted = args.int("chunk").unwrap_or(0);
    let chunk = usize::try_from(wanted).ok().and_then(|wanted| chunks.get(wanted));
    let chunk = chunk.ok_or_else(|| format!("there are {} chunks, {wanted} is invalid", chunks.len() - 1))?;
    Ok(json!({
        "chunk": wanted.to_string(),
        "total": chunks.len().to_string(),
        "data": json::base64(chunk),
    }))
}

/// Parameters are kept for the next height only; they change by an authority's message and hardly ever.
pub fn consensus_params(state: &ServerState, args: &Args) -> Outcome {
    let height = height_of(state, args, 1)?;
    // The form is that of the genesis document.
    let document = Genesis {
        chain_id: state.genesis.chain_id.clone(),
        genesis_time: state.genesis.genesis_time,
        initial_height: state.genesis.initial_height,
        consensus_params: state.snapshot().next_params,
        validators: Vec::new(),
        app_state: Value::Null,
    };
    let params = document.to_json()["consensus_params"].take();
    Ok(json!({"block_height": height.to_string(), "consensus_params": params}))
}
