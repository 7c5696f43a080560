use akash_testkit::vectors::Verdict;
use akash_types::json::Rfc3339;
use serde_json::Value;
use tendermint::block::header::Version;
use tendermint::block::{Header, Id, parts};
use tendermint::{AppHash, Hash, Time};

use crate::fields::{bytes, equal, number, text};

/// The block protocol since Tendermint 0.34. Before that, headers were hashed in amino form.
const BLOCK_PROTOCOL: u64 = 11;

/// A header's members in CosmJS' names, and its hash.
pub fn header(case: &Value) -> Result<Verdict, String> {
    let input = case.get("input").ok_or("case has no input")?;
    let member = |name: &str| input.get(name).ok_or_else(|| format!("header has no {name}"));
    if number(member("version")?, "block")? != BLOCK_PROTOCOL {
        return Ok(Verdict::LeftOut("header of an older block protocol, which hashes amino".to_owned()));
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
    equal("hash", header.hash().as_bytes().to_vec(), bytes(case, "hash")?)?;
    Ok(Verdict::Passed)
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
