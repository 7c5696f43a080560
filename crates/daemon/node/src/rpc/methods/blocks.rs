//! Blocks, headers, commits, results and validators by height.

use serde_json::{Value, json};
use tendermint::block::Block;

use super::Outcome;
use super::arguments::{height_of, page_of, stored};
use super::txs::order_of;
use crate::chain::form;
use crate::engine::context::BlockRef;
use crate::rpc::json;
use crate::rpc::params::Args;
use crate::rpc::search::{Order, search_blocks};
use crate::server_state::ServerState;

/// Headers in one answer of `blockchain`.
const BLOCK_METAS_MAX: u64 = 20;

fn at(state: &ServerState, height: u64) -> Result<Option<(BlockRef, Block)>, String> {
    stored(state.block(height))
}

fn by_hash(state: &ServerState, hash: &[u8]) -> Result<Option<(BlockRef, Block)>, String> {
    match stored(state.blocks.height_of(hash))? {
        Some(height) => at(state, height),
        None => Ok(None),
    }
}

/// Before the first block there is an empty one.
fn encode_block(found: Option<(BlockRef, Block)>) -> Value {
    match found {
        Some((id, block)) => json!({"block_id": json::block_ref(&id), "block": json::block(&block)}),
        None => json!({"block_id": json::empty_block_id(), "block": null}),
    }
}

pub fn block(state: &ServerState, args: &Args) -> Outcome {
    Ok(encode_block(at(state, height_of(state, args, 0)?)?))
}

pub fn block_by_hash(state: &ServerState, args: &Args) -> Outcome {
    Ok(encode_block(by_hash(state, args.bytes("hash"))?))
}

pub fn header(state: &ServerState, args: &Args) -> Outcome {
    let found = at(state, height_of(state, args, 0)?)?;
    Ok(json!({"header": found.map(|(_, block)| json::header(&block.header))}))
}

pub fn header_by_hash(state: &ServerState, args: &Args) -> Outcome {
    let found = by_hash(state, args.bytes("hash"))?;
    Ok(json!({"header": found.map(|(_, block)| json::header(&block.header))}))
}

/// Below the latest height the commit that the next block carries, else the one that this node saw.
pub fn commit(state: &ServerState, args: &Args) -> Outcome {
    let height = height_of(state, args, 0)?;
    let missing = || format!("could not find results for height #{height}");
    let (_, block) = at(state, height)?.ok_or_else(missing)?;
    let (commit, canonical) = stored(state.commit(height))?.ok_or_else(missing)?;
    let signed_header = json!({"header": json::header(&block.header), "commit": json::commit(&commit)});
    Ok(json!({"signed_header": signed_header, "canonical": canonical}))
}

pub fn block_results(state: &ServerState, args: &Args) -> Outcome {
    let height = height_of(state, args, 0)?;
    let missing = || format!("could not find results for height #{height}");
    let results = stored(state.blocks.results(height))?.ok_or_else(missing)?;
    let app_hash = match at(state, height + 1)? {
        Some((_, next)) => next.header.app_hash.as_bytes().to_vec(),
        None => state.snapshot().app_hash,
    };
    Ok(json::block_results(height, &results, &app_hash))
}

pub fn blockchain(state: &ServerState, args: &Args) -> Outcome {
    let (min, max) = (args.int("minHeight").unwrap_or(0), args.int("maxHeight").unwrap_or(0));
    let (Ok(min), Ok(max)) = (u64::try_from(min), u64::try_from(max)) else {
        return Err("heights must be non-negative".to_string());
    };
    let latest = state.snapshot().height;
    let max = if max == 0 { latest } else { max.min(latest) };
    let base = stored(state.blocks.base())?;
    let min = min.max(base).max((max + 1).saturating_sub(BLOCK_METAS_MAX));
    if min > max {
        return Err(format!("min height {min} can't be greater than max height {max}"));
    }
    let mut metas = Vec::new();
    for height in (min..=max).rev() {
        let Some((id, block)) = at(state, height)? else { continue };
        metas.push(json!({
            "block_id": json::block_ref(&id),
            "block_size": form::encode_block(&block).len().to_string(),
            "header": json::header(&block.header),
            "num_txs": block.data.len().to_string(),
        }));
    }
    Ok(json!({"last_height": latest.to_string(), "block_metas": metas}))
}

/// Blocks that were removed since are counted, but not there.
pub fn search(state: &ServerState, args: &Args) -> Outcome {
    let order = order_of(args, Order::Descending)?;
    let found = search_blocks(state, args.text("query"), order).map_err(|error| error.to_string())?;
    let page = page_of(args, found.len())?;
    let mut blocks = Vec::new();
    for height in found.iter().skip(page.skip).take(page.take) {
        blocks.extend(at(state, *height)?.map(|found| encode_block(Some(found))));
    }
    Ok(json!({"blocks": blocks, "total_count": found.len().to_string()}))
}

/// Reaches one height above the last block: that set is known already.
pub fn validators(state: &ServerState, args: &Args) -> Outcome {
    let height = height_of(state, args, 1)?;
    let missing = || format!("could not find validator set for height #{height}");
    let set = stored(state.blocks.validators(height))?.ok_or_else(missing)?;
    let page = page_of(args, set.count())?;
    let validators = json::validators(&set, page.skip, page.take);
    Ok(json!({
        "block_height": height.to_string(),
        "count": validators.len().to_string(),
        "validators": validators,
        "total": set.count().to_string(),
    }))
}
