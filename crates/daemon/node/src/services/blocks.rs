//! Blocks and validators of `cosmos.base.tendermint.v1beta1.Service`.

use akash_kernel::{GrpcCode, QueryError};
use akash_proto::cosmos::base::query::v1beta1::{PageRequest, PageResponse};
use akash_proto::cosmos::base::tendermint::v1beta1::{
    Block as SdkBlock, GetBlockByHeightRequest, GetBlockByHeightResponse, GetLatestBlockRequest,
    GetLatestBlockResponse, GetLatestValidatorSetRequest, GetLatestValidatorSetResponse,
    GetValidatorSetByHeightRequest, GetValidatorSetByHeightResponse, Header as SdkHeader, Validator as SdkValidator,
};
use akash_proto::cosmos::tx::v1beta1::{GetBlockWithTxsRequest, GetBlockWithTxsResponse};
use akash_proto::tendermint::types::{Block, BlockId, PartSetHeader};
use akash_types::address::{Address, Prefix};
use prost::Message;
use prost_types::Any;

use super::internal;
use crate::chain::form;
use crate::chain::validators::Validators;
use crate::server_state::ServerState;

const ABOVE_TIP: &str = "requested block height is bigger then the chain length";
const LIMIT_DEFAULT: u64 = 100;

struct Found {
    id: BlockId,
    block: Block,
    sdk_block: SdkBlock,
}

pub fn latest(state: &ServerState, _request: GetLatestBlockRequest) -> Result<GetLatestBlockResponse, QueryError> {
    let Found { id, block, sdk_block } = find(state, state.snapshot().height)?;
    Ok(GetLatestBlockResponse { block_id: Some(id), block: Some(block), sdk_block: Some(sdk_block) })
}

pub fn by_height(
    state: &ServerState,
    request: GetBlockByHeightRequest,
) -> Result<GetBlockByHeightResponse, QueryError> {
    let Found { id, block, sdk_block } = find(state, below_tip(state, request.height, 0)?)?;
    Ok(GetBlockByHeightResponse { block_id: Some(id), block: Some(block), sdk_block: Some(sdk_block) })
}

/// `ahead`: how far above the last block a height may lie.
fn below_tip(state: &ServerState, height: i64, ahead: u64) -> Result<u64, QueryError> {
    match u64::try_from(height) {
        Ok(height) if height > 0 && height <= state.snapshot().height + ahead => Ok(height),
        Ok(height) if height > 0 => Err(QueryError::invalid_argument(ABOVE_TIP)),
        _ => Err(QueryError::invalid_argument(format!("height must be greater than 0, but got {height}"))),
    }
}

/// The wire form is the same in both generations of types, so bytes are the bridge.
fn find(state: &ServerState, height: u64) -> Result<Found, QueryError> {
    let missing = || QueryError::not_found(format!("height {height} is not available"));
    let (id, block) = state.block(height).map_err(internal)?.ok_or_else(missing)?;
    let block = Block::decode(form::encode_block(&block).as_slice()).map_err(internal)?;
    let header = block.header.clone().unwrap_or_default();
    let sdk_header = SdkHeader {
        version: header.version,
        chain_id: header.chain_id,
        height: header.height,
        time: header.time,
        last_block_id: header.last_block_id,
        last_commit_hash: header.last_commit_hash,
        data_hash: header.data_hash,
        validators_hash: header.validators_hash,
        next_validators_hash: header.next_validators_hash,
        consensus_hash: header.consensus_hash,
        app_hash: header.app_hash,
        last_results_hash: header.last_results_hash,
        evidence_hash: header.evidence_hash,
        proposer_address: consensus_address(&header.proposer_address),
    };
    let sdk_block = SdkBlock {
        header: Some(sdk_header),
        data: block.data.clone(),
        evidence: block.evidence.clone(),
        last_commit: block.last_commit.clone(),
    };
    let parts = PartSetHeader { total: id.total, hash: id.parts.to_vec() };
    Ok(Found { id: BlockId { hash: id.hash.to_vec(), part_set_header: Some(parts) }, block, sdk_block })
}

/// Of a block, its transactions in pages by offset.
pub fn with_txs(state: &ServerState, request: GetBlockWithTxsRequest) -> Result<GetBlockWithTxsResponse, QueryError> {
    let latest = state.snapshot().height;
    let height =
        u64::try_from(request.height).ok().filter(|height| (1..=latest).contains(height)).ok_or_else(|| {
            let text = format!(
                "codespace sdk code 26: invalid height: requested height {} is not in the chain",
                request.height
            );
            QueryError::new(GrpcCode::Unknown, text)
        })?;
    let Found { id, block, .. } = find(state, height)?;
    let all = block.data.as_ref().map_or(&[][..], |data| data.txs.as_slice());
    let page = request.pagination.unwrap_or_default();
    let limit = if page.limit == 0 { LIMIT_DEFAULT } else { page.limit };
    let (offset, total) = (page.offset, all.len() as u64);
    if offset > 0 && offset >= total {
        let text =
            format!("codespace sdk code 18: invalid request: out of range: offset {offset} of {total} transactions");
        return Err(QueryError::new(GrpcCode::Unknown, text));
    }
    let (skip, take) = (usize::try_from(offset).unwrap_or(usize::MAX), usize::try_from(limit).unwrap_or(usize::MAX));
    let txs = all.iter().skip(skip).take(take).filter_map(|tx| super::tx_response::decode_tx(tx)).collect();
    let pagination = PageResponse { next_key: Vec::new(), total };
    Ok(GetBlockWithTxsResponse { txs, block_id: Some(id), block: Some(block.clone()), pagination: Some(pagination) })
}

fn consensus_address(bytes: &[u8]) -> String {
    Address::from_bytes(bytes).map(|address| address.with_prefix(Prefix::ValidatorConsensus)).unwrap_or_default()
}

pub fn latest_validators(
    state: &ServerState,
    request: GetLatestValidatorSetRequest,
) -> Result<GetLatestValidatorSetResponse, QueryError> {
    let snapshot = state.snapshot();
    let (validators, pagination) = page(&snapshot.next_validators, request.pagination.as_ref());
    let block_height = i64::try_from(snapshot.height + 1).unwrap_or(i64::MAX);
    Ok(GetLatestValidatorSetResponse { block_height, validators, pagination: Some(pagination) })
}

pub fn validators_by_height(
    state: &ServerState,
    request: GetValidatorSetByHeightRequest,
) -> Result<GetValidatorSetByHeightResponse, QueryError> {
    let height = below_tip(state, request.height, 1)?;
    let missing = || QueryError::not_found(format!("height {height} is not available"));
    let set = state.blocks.validators(height).map_err(internal)?.ok_or_else(missing)?;
    let (validators, pagination) = page(&set, request.pagination.as_ref());
    Ok(GetValidatorSetByHeightResponse { block_height: request.height, validators, pagination: Some(pagination) })
}

/// Pages are counted, not keyed: page = offset / limit + 1.
fn page(set: &Validators, request: Option<&PageRequest>) -> (Vec<SdkValidator>, PageResponse) {
    let limit = request.map(|page| page.limit).filter(|limit| *limit > 0).unwrap_or(LIMIT_DEFAULT);
    let first = request.map_or(0, |page| page.offset) / limit * limit;
    let validator = |validator: &crate::chain::validators::Validator| {
        let key = akash_proto::cosmos::crypto::ed25519::PubKey { key: validator.public_key.to_vec() };
        SdkValidator {
            address: consensus_address(&validator.address),
            pub_key: Some(Any { type_url: "/cosmos.crypto.ed25519.PubKey".to_string(), value: key.encode_to_vec() }),
            voting_power: i64::try_from(validator.power).unwrap_or(i64::MAX),
            proposer_priority: validator.priority,
        }
    };
    let (first, limit) = (usize::try_from(first).unwrap_or(usize::MAX), usize::try_from(limit).unwrap_or(usize::MAX));
    let validators = set.iter().skip(first).take(limit).map(validator).collect();
    (validators, PageResponse { next_key: Vec::new(), total: set.count() as u64 })
}
