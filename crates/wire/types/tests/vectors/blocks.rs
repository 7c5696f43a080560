use akash_types::comet::merkle_root;
use akash_types::json::Rfc3339;
use serde_json::Value;
use tendermint::block::header::Version;
use tendermint::block::{Header, Id, parts};
use tendermint::{AppHash, Hash, Time};

use crate::fields::{bytes, equal, number, text};

/// The block protocol since Tendermint 0.34. Before that, the leaves of a header's hash were in amino form.
const BLOCK_PROTOCOL: u64 = 11;

/// A header's members in CosmJS' names, and its hash.
pub fn header(case: &Value) -> Result<(), String> {
    let input = case.get("input").ok_or("case has no input")?;
    let member = |name: &str| input.get(name).ok_or_else(|| format!("header has no {name}"));
    if number(member("version")?, "block")? != BLOCK_PROTOCOL {
        return equal("hash", merkle_root(&amino_leaves(input)?).to_vec(), bytes(case, "hash")?);
    }
    let header = Header {
        version: Version { block: number(member("version")?, "block")?, app: number(member("version")?, "app")? },
        chain_id: text(input, "chainId")?.parse().map_err(|e| format!("{e}"))?,
        height: number(input, "height")?.try_into().map_err(|e| format!("{e}"))?,
        time: time(member("time")?)?,
        last_block_id: Some(block_id(member("lastBlockId")?)?),
        last_commit_hash: Some(hash(input, "lastCommitHash")?),
        data_hash: Some(hash(input, "dataHash")?),
        validators_hash: hash(input, "validatorsHash")?,
        next_validators_hash: hash(input, "nextValidatorsHash")?,
        consensus_hash: hash(input, "consensusHash")?,
        app_hash: AppHash::try_from(raw(input, "appHash")?).map_err(|e| e.to_string())?,
        last_results_hash: Some(hash(input, "lastResultsHash")?),
        evidence_hash: Some(hash(input, "evidenceHash")?),
        proposer_address: raw(input, "proposerAddress")?.try_into().map_err(|e| format!("{e}"))?,
    };
    equal("hash", header.hash().as_bytes().to_vec(), bytes(case, "hash")?)
}

/// The members of an old header, each as go-amino 0.15 encodes it bare: no field number before a single value, nothing
/// at all for an empty one. The tree over them is the same as today's.
fn amino_leaves(input: &Value) -> Result<Vec<Vec<u8>>, String> {
    let member = |name: &str| input.get(name).ok_or_else(|| format!("header has no {name}"));
    let sized = |bytes: Vec<u8>| if bytes.is_empty() { bytes } else { [varint(bytes.len() as u64), bytes].concat() };
    let field = |key: u8, value: u64| if value == 0 { Vec::new() } else { [vec![key], varint(value)].concat() };
    let version = member("version")?;
    let time = time(member("time")?)?;
    let nanos = u64::try_from(time.unix_timestamp_nanos() % 1_000_000_000).map_err(|e| e.to_string())?;
    let id = member("lastBlockId")?;
    let parts = id.get("parts").ok_or("block id has no parts")?;
    let part_set = [field(0x08, number(parts, "total")?), vec![0x12], sized(raw(parts, "hash")?)].concat();
    let hashes = ["lastCommitHash", "dataHash", "validatorsHash", "nextValidatorsHash", "consensusHash", "appHash"];
    let ends = ["lastResultsHash", "evidenceHash", "proposerAddress"];

    let mut leaves = vec![
        [field(0x08, number(version, "block")?), field(0x10, number(version, "app")?)].concat(),
        sized(text(input, "chainId")?.as_bytes().to_vec()),
        varint(number(input, "height")?),
        [field(0x08, time.unix_timestamp().cast_unsigned()), field(0x10, nanos)].concat(),
        [vec![0x0a], sized(raw(id, "hash")?), vec![0x12], sized(part_set)].concat(),
    ];
    for name in hashes.into_iter().chain(ends) {
        leaves.push(sized(raw(input, name)?));
    }
    Ok(leaves)
}

fn varint(value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    prost::encoding::encode_varint(value, &mut out);
    out
}

/// Milliseconds in the text, what is below them beside it.
fn time(value: &Value) -> Result<Time, String> {
    let time: Rfc3339 = text(value, "iso")?.parse().map_err(|()| "no time")?;
    let below = u32::try_from(number(value, "nanoseconds_part")?).map_err(|e| e.to_string())?;
    Time::from_unix_timestamp(time.seconds, time.nanos + below).map_err(|e| e.to_string())
}

fn block_id(value: &Value) -> Result<Id, String> {
    let parts = value.get("parts").ok_or("block id has no parts")?;
    let total = u32::try_from(number(parts, "total")?).map_err(|e| e.to_string())?;
    let part_set_header = parts::Header::new(total, hash(parts, "hash")?).map_err(|e| e.to_string())?;
    Ok(Id { hash: hash(value, "hash")?, part_set_header })
}

fn hash(value: &Value, name: &str) -> Result<Hash, String> {
    Hash::try_from(raw(value, name)?).map_err(|e| e.to_string())
}

fn raw(value: &Value, name: &str) -> Result<Vec<u8>, String> {
    hex::decode(text(value, name)?).map_err(|e| format!("{name}: {e}"))
}
