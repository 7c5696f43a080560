//! The parameters of the consensus engine, as the module `consensus` keeps them.
//!
//! They come from the genesis file, change by the authority's message, and hold from the next height on. What the
//! chain itself uses of them is the limit of gas in a block and of bytes in a proposal.

use akash_cosmos::authority;
use akash_kernel::{Ctx, Module, QueryCtx, QueryError, Registry, Reject, StoreName, TxError, sdk_error};
use akash_proto::cosmos::consensus::v1::{
    MsgUpdateParams, MsgUpdateParamsResponse, QueryParamsRequest, QueryParamsResponse,
};
use akash_proto::tendermint::types::{
    AbciParams, BlockParams, ConsensusParams, EvidenceParams, ValidatorParams, VersionParams,
};
use akash_store::{Item, Kv};
use akash_types::address::Address;
use prost_types::Duration;
use serde_json::Value;

const STORE: StoreName = "consensus";
const PARAMS: Item<ConsensusParams> = Item::new(STORE, 1);

/// What a block may hold at most whatever the parameters say, and what `max_bytes` of -1 means.
pub const MAX_BLOCK_BYTES: i64 = 104_857_600;

/// The module `consensus`.
pub struct Consensus;

impl Module for Consensus {
    fn name(&self) -> &'static str {
        "consensus"
    }

    fn stores(&self) -> &'static [StoreName] {
        &[STORE]
    }

    fn register(&self, registry: &mut Registry) {
        registry.message(
            |msg: &MsgUpdateParams| {
                let signer = Address::parse(&msg.authority);
                Ok(vec![signer.map_err(|error| sdk_error::invalid_address(error.to_string()))?])
            },
            |_| Ok(()),
            update_params,
        );
        registry.query("/cosmos.consensus.v1.Query/Params", query_params);
    }

    /// The parameters are a part of the genesis file of their own, see [`set`].
    fn init_genesis(&self, _ctx: &mut Ctx, _genesis: &Value) -> Result<(), TxError> {
        Ok(())
    }

    fn export_genesis(&self, _ctx: &mut Ctx) -> Result<Value, TxError> {
        Ok(Value::Null)
    }
}

/// The parameters in force, those of a new chain before genesis.
pub fn params<K: Kv>(kv: &mut K) -> Result<ConsensusParams, K::Error> {
    Ok(PARAMS.get(kv)?.unwrap_or_else(default_params))
}

pub fn set<K: Kv>(kv: &mut K, params: &ConsensusParams) -> Result<(), K::Error> {
    PARAMS.put(kv, params)
}

/// CometBFT's defaults.
#[must_use]
pub fn default_params() -> ConsensusParams {
    ConsensusParams {
        block: Some(BlockParams { max_bytes: 22_020_096, max_gas: -1 }),
        evidence: Some(EvidenceParams {
            max_age_num_blocks: 100_000,
            max_age_duration: Some(Duration { seconds: 172_800, nanos: 0 }),
            max_bytes: 1_048_576,
        }),
        validator: Some(ValidatorParams { pub_key_types: vec!["ed25519".to_owned()] }),
        version: Some(VersionParams { app: 0 }),
        abci: Some(AbciParams { vote_extensions_enable_height: 0 }),
    }
}

/// The gas that a block may use, if that is limited.
#[must_use]
pub fn max_gas(params: &ConsensusParams) -> Option<u64> {
    params.block.and_then(|block| u64::try_from(block.max_gas).ok())
}

/// The bytes of a whole block.
#[must_use]
pub fn max_bytes(params: &ConsensusParams) -> i64 {
    match params.block.map_or(-1, |block| block.max_bytes) {
        -1 => MAX_BLOCK_BYTES,
        bytes => bytes,
    }
}

/// CometBFT's own rules for the parameters.
pub fn check(params: &ConsensusParams) -> Result<(), String> {
    let block = params.block.ok_or("block is missing")?;
    if block.max_bytes == 0 || block.max_bytes < -1 || block.max_bytes > MAX_BLOCK_BYTES {
        return Err(format!("block.max_bytes must be -1 or 1 to {MAX_BLOCK_BYTES}, is {}", block.max_bytes));
    }
    if block.max_gas < -1 {
        return Err(format!("block.max_gas must be -1 or more, is {}", block.max_gas));
    }
    let evidence = params.evidence.ok_or("evidence is missing")?;
    let age = evidence.max_age_duration.unwrap_or_default();
    if evidence.max_age_num_blocks <= 0 || (age.seconds, age.nanos) <= (0, 0) {
        return Err("evidence.max_age_num_blocks and evidence.max_age_duration must be positive".to_owned());
    }
    if evidence.max_bytes < 0 || evidence.max_bytes > max_bytes(params) {
        return Err(format!("evidence.max_bytes must be 0 to block.max_bytes, is {}", evidence.max_bytes));
    }
    let types = params.validator.as_ref().map(|validator| validator.pub_key_types.as_slice()).unwrap_or_default();
    if types.is_empty() || types.iter().any(|kind| kind != "ed25519") {
        return Err("validator.pub_key_types must be [\"ed25519\"]".to_owned());
    }
    Ok(())
}

fn update_params(ctx: &mut Ctx, msg: MsgUpdateParams) -> Result<MsgUpdateParamsResponse, TxError> {
    authority::api::require(ctx, &msg.authority)?;
    let (Some(block), Some(evidence), Some(validator)) = (msg.block, msg.evidence, msg.validator) else {
        return Err(plain("all parameters must be present"));
    };
    let current = params(ctx)?;
    let next = ConsensusParams {
        block: Some(block),
        evidence: Some(evidence),
        validator: Some(validator),
        abci: msg.abci.or(current.abci),
        version: current.version,
    };
    check(&next).map_err(plain)?;

    set(ctx, &next)?;
    Ok(MsgUpdateParamsResponse {})
}

fn query_params(ctx: &mut QueryCtx, _request: QueryParamsRequest) -> Result<QueryParamsResponse, QueryError> {
    Ok(QueryParamsResponse { params: Some(params(ctx)?) })
}

fn plain(text: impl Into<String>) -> TxError {
    Reject { codespace: "undefined", code: 1, text: text.into() }.into()
}
