//! CometBFT's JSON: 64-bit integers as strings, hashes in upper-case hex, other bytes in base64, absent lists as null.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value, json};
use tendermint::block::{Block, Commit, CommitSig, Header, Id};
use tendermint::evidence::Evidence;
use tendermint::vote::Type as VoteType;
use tendermint::{Hash, Time, Vote};
use tendermint_proto::v0_38::abci::{Event, EventAttribute, ExecTxResult, ResponseFinalizeBlock, ValidatorUpdate};
use tendermint_proto::v0_38::crypto::public_key::Sum;

use crate::chain::form;
use crate::chain::validators::{Validator, Validators, address_of};
use crate::engine::context::BlockRef;
use crate::keys::PUBLIC_KEY_TYPE;

const ZERO_TIME: &str = "0001-01-01T00:00:00Z";
pub const EPOCH: &str = "1970-01-01T00:00:00Z";

pub fn hex(bytes: impl AsRef<[u8]>) -> String {
    hex::encode_upper(bytes)
}

pub fn base64(bytes: impl AsRef<[u8]>) -> String {
    BASE64.encode(bytes)
}

/// RFC 3339 in UTC without trailing zeros.
pub fn time(time: Time) -> String {
    time.to_rfc3339()
}

fn hash(hash: Hash) -> String {
    match hash {
        Hash::Sha256(bytes) => hex(bytes),
        Hash::None => String::new(),
    }
}

fn optional_hash(value: Option<Hash>) -> String {
    value.map(hash).unwrap_or_default()
}

pub fn empty_block_id() -> Value {
    json!({"hash": "", "parts": {"total": 0, "hash": ""}})
}

pub fn block_id(id: &Id) -> Value {
    let parts = &id.part_set_header;
    json!({"hash": hash(id.hash), "parts": {"total": parts.total, "hash": hash(parts.hash)}})
}

pub fn block_ref(id: &BlockRef) -> Value {
    json!({"hash": hex(id.hash), "parts": {"total": id.total, "hash": hex(id.parts)}})
}

pub fn header(header: &Header) -> Value {
    let mut version = json!({"block": header.version.block.to_string()});
    if header.version.app != 0 {
        version["app"] = json!(header.version.app.to_string());
    }
    json!({
        "version": version,
        "chain_id": header.chain_id.as_str(),
        "height": header.height.to_string(),
        "time": time(header.time),
        "last_block_id": header.last_block_id.as_ref().map_or_else(empty_block_id, block_id),
        "last_commit_hash": optional_hash(header.last_commit_hash),
        "data_hash": optional_hash(header.data_hash),
        "validators_hash": hash(header.validators_hash),
        "next_validators_hash": hash(header.next_validators_hash),
        "consensus_hash": hash(header.consensus_hash),
        "app_hash": hex(header.app_hash.as_bytes()),
        "last_results_hash": optional_hash(header.last_results_hash),
        "evidence_hash": optional_hash(header.evidence_hash),
        "proposer_address": hex(header.proposer_address.as_bytes()),
    })
}

fn commit_signature(entry: &CommitSig) -> Value {
    let (flag, address, timestamp, signature) = match entry {
        CommitSig::BlockIdFlagAbsent => {
            return json!({"block_id_flag": 1, "validator_address": "", "timestamp": ZERO_TIME, "signature": null});
        }
        CommitSig::BlockIdFlagCommit { validator_address, timestamp, signature } => {
            (2, validator_address, timestamp, signature)
        }
        CommitSig::BlockIdFlagNil { validator_address, timestamp, signature } => {
            (3, validator_address, timestamp, signature)
        }
    };
    json!({
        "block_id_flag": flag,
        "validator_address": hex(address.as_bytes()),
        "timestamp": time(*timestamp),
        "signature": signature.as_ref().map(|signature| base64(signature.as_bytes())),
    })
}

pub fn commit(commit: &Commit) -> Value {
    json!({
        "height": commit.height.to_string(),
        "round": commit.round.value(),
        "block_id": if commit.height.value() == 0 { empty_block_id() } else { block_id(&commit.block_id) },
        "signatures": commit.signatures.iter().map(commit_signature).collect::<Vec<_>>(),
    })
}

pub fn block(block: &Block) -> Value {
    let empty = Commit::default();
    json!({
        "header": header(&block.header),
        "data": {"txs": block.data.iter().map(base64).collect::<Vec<_>>()},
        "evidence": {"evidence": block.evidence.iter().map(evidence).collect::<Vec<_>>()},
        "last_commit": commit(block.last_commit.as_ref().unwrap_or(&empty)),
    })
}

fn vote(vote: &Vote) -> Value {
    let bytes = |bytes: Option<&[u8]>| bytes.map(base64);
    json!({
        "type": if vote.vote_type == VoteType::Prevote { 1 } else { 2 },
        "height": vote.height.to_string(),
        "round": vote.round.value(),
        "block_id": vote.block_id.as_ref().map_or_else(empty_block_id, block_id),
        "timestamp": vote.timestamp.map_or_else(|| ZERO_TIME.to_string(), time),
        "validator_address": hex(vote.validator_address.as_bytes()),
        "validator_index": vote.validator_index.value(),
        "signature": bytes(vote.signature.as_ref().map(|signature| signature.as_bytes())),
        "extension": bytes(Some(&vote.extension).filter(|bytes| !bytes.is_empty()).map(Vec::as_slice)),
        "extension_signature": bytes(vote.extension_signature.as_ref().map(|signature| signature.as_bytes())),
    })
}

/// Only of duplicate votes: blocks carry no other.
pub fn evidence(evidence: &Evidence) -> Value {
    let Evidence::DuplicateVote(pair) = evidence else { return Value::Null };
    json!({
        "type": "tendermint/DuplicateVoteEvidence",
        "value": {
            "vote_a": vote(&pair.vote_a),
            "vote_b": vote(&pair.vote_b),
            "TotalVotingPower": pair.total_voting_power.value().to_string(),
            "ValidatorPower": pair.validator_power.value().to_string(),
            "Timestamp": time(pair.timestamp),
        },
    })
}

pub fn public_key(key: &[u8]) -> Value {
    json!({"type": PUBLIC_KEY_TYPE, "value": base64(key)})
}

pub fn validator(validator: &Validator) -> Value {
    json!({
        "address": hex(validator.address),
        "pub_key": public_key(&validator.public_key),
        "voting_power": validator.power.to_string(),
        "proposer_priority": validator.priority.to_string(),
    })
}

pub fn validators(validators: &Validators, from: usize, count: usize) -> Vec<Value> {
    validators.iter().skip(from).take(count).map(validator).collect()
}

fn event(event: &Event) -> Value {
    let mut out = Map::new();
    if !event.r#type.is_empty() {
        out.insert("type".into(), json!(event.r#type));
    }
    if !event.attributes.is_empty() {
        let attribute = |attribute: &EventAttribute| {
            let (key, value, index) = (&attribute.key, &attribute.value, attribute.index);
            json!({"key": key, "value": value, "index": index})
        };
        out.insert("attributes".into(), event.attributes.iter().map(attribute).collect());
    }
    Value::Object(out)
}

pub fn events(events: &[Event]) -> Value {
    events.iter().map(event).collect()
}

/// A list without content is null.
fn list_or_null(values: Vec<Value>) -> Value {
    if values.is_empty() { Value::Null } else { Value::Array(values) }
}

/// All fields, whatever they hold.
pub fn tx_result(result: &ExecTxResult) -> Value {
    json!({
        "code": result.code,
        "data": if result.data.is_empty() { Value::Null } else { json!(base64(&result.data)) },
        "log": result.log,
        "info": result.info,
        "gas_wanted": result.gas_wanted.to_string(),
        "gas_used": result.gas_used.to_string(),
        "events": events(&result.events),
        "codespace": result.codespace,
    })
}

/// Without fields that are zero: the form inside of the event `Tx`.
pub fn short_tx_result(result: &ExecTxResult) -> Value {
    let mut out = Map::new();
    let mut put = |name: &str, value: Value, present: bool| {
        if present {
            out.insert(name.to_string(), value);
        }
    };
    put("code", json!(result.code), result.code != 0);
    put("data", json!(base64(&result.data)), !result.data.is_empty());
    put("log", json!(result.log), !result.log.is_empty());
    put("info", json!(result.info), !result.info.is_empty());
    put("gas_wanted", json!(result.gas_wanted.to_string()), result.gas_wanted != 0);
    put("gas_used", json!(result.gas_used.to_string()), result.gas_used != 0);
    put("events", events(&result.events), !result.events.is_empty());
    put("codespace", json!(result.codespace), !result.codespace.is_empty());
    Value::Object(out)
}

/// As in `block_results`; a power of zero, which removes the validator, is left out.
fn validator_update(update: &ValidatorUpdate) -> Value {
    let (kind, name, key) = match update.pub_key.as_ref().and_then(|key| key.sum.as_ref()) {
        Some(Sum::Secp256k1(key)) => ("tendermint.crypto.PublicKey_Secp256K1", "secp256k1", key.as_slice()),
        Some(Sum::Ed25519(key)) => ("tendermint.crypto.PublicKey_Ed25519", "ed25519", key.as_slice()),
        None => ("tendermint.crypto.PublicKey_Ed25519", "ed25519", [].as_slice()),
    };
    let mut out = json!({"pub_key": {"Sum": {"type": kind, "value": {name: base64(key)}}}});
    if update.power != 0 {
        out["power"] = json!(update.power.to_string());
    }
    out
}

pub fn validator_updates(updates: &[ValidatorUpdate]) -> Value {
    list_or_null(updates.iter().map(validator_update).collect())
}

/// The same changes as validators, as the event has them; a power of zero removes.
pub fn changed_validators(updates: &[ValidatorUpdate]) -> Vec<Value> {
    let ed25519 = |update: &ValidatorUpdate| match update.pub_key.as_ref()?.sum.as_ref()? {
        Sum::Ed25519(key) => <[u8; 32]>::try_from(key.as_slice()).ok(),
        Sum::Secp256k1(_) => None,
    };
    let changed = |update: &ValidatorUpdate| {
        let public_key = ed25519(update)?;
        let power = u64::try_from(update.power).unwrap_or(0);
        Some(validator(&Validator { address: address_of(&public_key), public_key, power, priority: 0 }))
    };
    updates.iter().filter_map(changed).collect()
}

pub fn block_results(height: u64, results: &ResponseFinalizeBlock, app_hash: &[u8]) -> Value {
    json!({
        "height": height.to_string(),
        "txs_results": list_or_null(results.tx_results.iter().map(tx_result).collect()),
        "finalize_block_events": list_or_null(results.events.iter().map(event).collect()),
        "validator_updates": validator_updates(&results.validator_updates),
        "consensus_param_updates": null,
        "app_hash": base64(app_hash),
    })
}

/// That a transaction stands in a block: the siblings from its leaf up to the data hash.
pub fn tx_proof(txs: &[Vec<u8>], index: usize) -> Value {
    let leaves: Vec<[u8; 32]> = txs.iter().map(|tx| form::sha256(tx)).collect();
    let leaf_hash = |leaf: &[u8; 32]| form::sha256(&[&[0], leaf.as_slice()].concat());
    let mut aunts = Vec::new();
    collect_aunts(&leaves, index, &mut aunts);
    json!({
        "root_hash": hex(form::data_hash(txs)),
        "data": txs.get(index).map(base64),
        "proof": {
            "total": txs.len().to_string(),
            "index": index.to_string(),
            "leaf_hash": leaves.get(index).map(|leaf| base64(leaf_hash(leaf))),
            "aunts": aunts.iter().map(base64).collect::<Vec<_>>(),
        },
    })
}

fn collect_aunts(leaves: &[[u8; 32]], index: usize, aunts: &mut Vec<[u8; 32]>) {
    if leaves.len() < 2 {
        return;
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    if index < left.len() {
        collect_aunts(left, index, aunts);
        aunts.push(form::merkle_root(right));
    } else {
        collect_aunts(right, index - left.len(), aunts);
        aunts.push(form::merkle_root(left));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_lists_are_null_in_results() {
        let results = block_results(5, &ResponseFinalizeBlock::default(), &[1]);
        assert_eq!(results["txs_results"], Value::Null);
        assert_eq!(results["height"], "5");
        assert_eq!(results["app_hash"], "AQ==");
    }

    #[test]
    fn success_has_no_code_in_the_short_form() {
        assert_eq!(short_tx_result(&ExecTxResult::default()), json!({}));
        assert_eq!(tx_result(&ExecTxResult::default())["events"], json!([]));
    }

    #[test]
    fn first_blocks_commit_is_empty() {
        let value = commit(&Commit::default());
        assert_eq!(value["height"], "0");
        assert_eq!(value["block_id"], empty_block_id());
        assert_eq!(value["signatures"], json!([]));
    }

    /// What a block shows is what `broadcast_evidence` takes.
    #[test]
    fn evidence_is_read_as_it_is_written() {
        let vote = |hash: &str| {
            json!({
                "type": 2,
                "height": "5",
                "round": 1,
                "block_id": {"hash": hash.repeat(32), "parts": {"total": 1, "hash": hash.repeat(32)}},
                "timestamp": "2024-01-01T00:00:00.000000005Z",
                "validator_address": "0B".repeat(20),
                "validator_index": 3,
                "signature": base64([7; 64]),
                "extension": null,
                "extension_signature": null,
            })
        };
        let written = json!({
            "type": "tendermint/DuplicateVoteEvidence",
            "value": {
                "vote_a": vote("0A"),
                "vote_b": vote("0C"),
                "TotalVotingPower": "40",
                "ValidatorPower": "10",
                "Timestamp": "2024-01-01T00:00:01Z",
            },
        });
        let raw: tendermint_proto::v0_38::types::Evidence = serde_json::from_value(written.clone()).unwrap();
        assert_eq!(evidence(&Evidence::try_from(raw).unwrap()), written);
    }

    #[test]
    fn aunts_lead_to_the_data_hash() {
        let txs: Vec<Vec<u8>> = (0..5u8).map(|byte| vec![byte]).collect();
        for index in 0..txs.len() {
            let mut aunts = Vec::new();
            let leaves: Vec<[u8; 32]> = txs.iter().map(|tx| form::sha256(tx)).collect();
            collect_aunts(&leaves, index, &mut aunts);
            let proof = tendermint::merkle::Proof {
                total: 5,
                index: index as u64,
                leaf_hash: Hash::Sha256(form::sha256(&[&[0], leaves[index].as_slice()].concat())),
                aunts: aunts.into_iter().map(Hash::Sha256).collect(),
            };
            assert_eq!(root_of(&proof), form::data_hash(&txs), "{index}");
        }
    }

    fn root_of(proof: &tendermint::merkle::Proof) -> [u8; 32] {
        fn up(total: usize, index: usize, leaf: [u8; 32], aunts: &[[u8; 32]]) -> [u8; 32] {
            let Some((aunt, rest)) = aunts.split_last() else { return leaf };
            let left = total.next_power_of_two() / 2;
            let (a, b) = if index < left {
                (up(left, index, leaf, rest), *aunt)
            } else {
                (*aunt, up(total - left, index - left, leaf, rest))
            };
            form::sha256(&[&[1], a.as_slice(), b.as_slice()].concat())
        }
        let aunts: Vec<_> = proof.aunts.iter().map(|hash| form::hash_bytes(*hash)).collect();
        up(proof.total as usize, proof.index as usize, form::hash_bytes(proof.leaf_hash), &aunts)
    }
}
