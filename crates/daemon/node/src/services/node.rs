//! What the node says about itself: discovery, configuration, versions.

use akash_kernel::QueryError;
use akash_proto::akash::discovery::v1::{
    Akash, ClientInfo, GetInfoRequest, GetInfoResponse, ModuleVersion, VersionInfo as ApiVersion,
};
use akash_proto::cosmos::base::node::v1beta1::{ConfigRequest, ConfigResponse, StatusRequest, StatusResponse};
use akash_proto::cosmos::base::tendermint::v1beta1::{
    GetNodeInfoRequest, GetNodeInfoResponse, GetSyncingRequest, GetSyncingResponse, VersionInfo,
};
use akash_proto::tendermint::p2p::{DefaultNodeInfo, DefaultNodeInfoOther, ProtocolVersion};

use crate::chain::block::BLOCK_PROTOCOL;
use crate::chain::form;
use crate::server_state::{COMETBFT_VERSION, ServerState};

/// All that clients older than 2026 read.
const OLDEST_API: &str = "v1beta3";
const APIS: [&str; 2] = ["v1beta4", OLDEST_API];
const MODULES: [(&str, &str); 9] = [
    ("audit", "v1"),
    ("bme", "v1"),
    ("cert", "v1"),
    ("deployment", "v1beta4"),
    ("escrow", "v1"),
    ("market", "v1beta5"),
    ("oracle", "v2"),
    ("provider", "v1beta4"),
    ("take", "v1"),
];
const WASM: (&str, &str) = ("wasm", "v1");
/// The node whose interfaces we serve.
const NODE_VERSION: &str = "v2.1.0";
const SDK_VERSION: &str = "v0.53.3";
const P2P_PROTOCOL: u64 = 8;
pub const CHANNELS: &str = "40202122233038606100";

pub fn discovery_info(state: &ServerState) -> Akash {
    let module =
        |(module, version): (&str, &str)| ModuleVersion { module: module.to_string(), version: version.to_string() };
    let api = |version: &str| ApiVersion {
        api_version: version.to_string(),
        modules: MODULES.into_iter().chain([WASM]).map(module).collect(),
        features: Vec::new(),
    };
    Akash {
        client_info: Some(ClientInfo { api_version: OLDEST_API.to_string() }),
        supported_versions: APIS.into_iter().map(api).collect(),
        chain_id: state.genesis.chain_id.clone(),
        node_version: NODE_VERSION.to_string(),
        min_client_version: String::new(),
    }
}

pub fn discovery(state: &ServerState, _request: GetInfoRequest) -> Result<GetInfoResponse, QueryError> {
    Ok(GetInfoResponse { info: Some(discovery_info(state)) })
}

pub fn config(state: &ServerState, _request: ConfigRequest) -> Result<ConfigResponse, QueryError> {
    Ok(ConfigResponse {
        minimum_gas_price: state.config.chain.min_gas_prices.to_string(),
        // 0 stands for all heights; old ones leave with every block.
        pruning_keep_recent: state.config.storage.recent_heights().unwrap_or(0).to_string(),
        pruning_interval: "1".to_string(),
        halt_height: 0,
    })
}

pub fn status(state: &ServerState, _request: StatusRequest) -> Result<StatusResponse, QueryError> {
    let snapshot = state.snapshot();
    let header = snapshot.block.as_ref().map(|block| &block.block.header);
    Ok(StatusResponse {
        earliest_store_height: snapshot.view.lowest_height(),
        height: snapshot.height,
        timestamp: header.map(|header| {
            let (seconds, nanos) = form::split_time(header.time);
            prost_types::Timestamp { seconds, nanos: i32::try_from(nanos).unwrap_or(0) }
        }),
        app_hash: snapshot.app_hash.clone(),
        validator_hash: header.map(|header| form::hash_bytes(header.validators_hash).to_vec()).unwrap_or_default(),
    })
}

pub fn syncing(state: &ServerState, _request: GetSyncingRequest) -> Result<GetSyncingResponse, QueryError> {
    Ok(GetSyncingResponse { syncing: state.catching_up() })
}

pub fn info(state: &ServerState, _request: GetNodeInfoRequest) -> Result<GetNodeInfoResponse, QueryError> {
    let identity = &state.identity;
    let node = DefaultNodeInfo {
        protocol_version: Some(ProtocolVersion { p2p: P2P_PROTOCOL, block: BLOCK_PROTOCOL, app: identity.app_version }),
        default_node_id: identity.node_id.clone(),
        listen_addr: identity.listen_address.clone(),
        network: state.genesis.chain_id.clone(),
        version: COMETBFT_VERSION.to_string(),
        channels: hex::decode(CHANNELS).unwrap_or_default(),
        moniker: identity.moniker.clone(),
        other: Some(DefaultNodeInfoOther { tx_index: "on".to_string(), rpc_address: identity.rpc_address.clone() }),
    };
    let version = VersionInfo {
        name: "akash".to_string(),
        app_name: "akash".to_string(),
        version: identity.version.clone(),
        cosmos_sdk_version: SDK_VERSION.to_string(),
        ..Default::default()
    };
    Ok(GetNodeInfoResponse { default_node_info: Some(node), application_version: Some(version) })
}
