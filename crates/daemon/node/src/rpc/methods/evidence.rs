//! Evidence that clients found, most often light clients that were shown two blocks of one height.

use serde_json::Value;

use super::Outcome;
use crate::rpc::params::Args;
use crate::server_state::ServerState;

const DUPLICATE_VOTE: &str = "tendermint/DuplicateVoteEvidence";
const LIGHT_CLIENT_ATTACK: &str = "tendermint/LightClientAttackEvidence";

/// Looked at for its form, then refused: blocks of this chain carry no evidence.
pub fn broadcast(_state: &ServerState, args: &Args) -> Outcome {
    let Some(evidence) = args.json("evidence") else { return Err("no evidence was provided".to_string()) };
    check(evidence).map_err(|reason| format!("evidence.ValidateBasic failed: {reason}"))?;
    Err("failed to add evidence: blocks of this chain carry no evidence; tell the validators of it".to_string())
}

fn check(evidence: &Value) -> Result<(), String> {
    let value = &evidence["value"];
    match evidence["type"].as_str() {
        Some(DUPLICATE_VOTE) => check_votes(&value["vote_a"], &value["vote_b"]),
        Some(LIGHT_CLIENT_ATTACK) if value["ConflictingBlock"].is_object() => Ok(()),
        Some(LIGHT_CLIENT_ATTACK) => Err("conflicting block is nil".to_string()),
        Some(other) => Err(format!("unknown kind of evidence {other:?}")),
        None => Err("the evidence has no type".to_string()),
    }
}

/// Of one validator for one place in the chain, but for two blocks.
fn check_votes(a: &Value, b: &Value) -> Result<(), String> {
    if !a.is_object() || !b.is_object() {
        return Err("one or both of the votes are empty".to_string());
    }
    for name in ["height", "round", "type", "validator_address"] {
        if a[name] != b[name] || a[name].is_null() {
            return Err(format!("the votes differ in their {name}"));
        }
    }
    if a["block_id"] == b["block_id"] {
        return Err("the votes are for the same block".to_string());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn two_votes_of_one_place_for_two_blocks_are_evidence() {
        let vote = |hash: &str, round: i64| json!({"type": 2, "height": "5", "round": round, "validator_address": "AA", "block_id": {"hash": hash}});
        let evidence = |a, b| json!({"type": DUPLICATE_VOTE, "value": {"vote_a": a, "vote_b": b}});
        assert_eq!(check(&evidence(vote("A", 0), vote("B", 0))), Ok(()));
        let failed = |a, b| check(&evidence(a, b)).unwrap_err();
        assert_eq!(failed(vote("A", 0), vote("A", 0)), "the votes are for the same block");
        assert_eq!(failed(vote("A", 0), vote("B", 1)), "the votes differ in their round");
        assert_eq!(failed(vote("A", 0), Value::Null), "one or both of the votes are empty");
        assert!(check(&json!({"type": "x"})).is_err() && check(&json!({})).is_err());
    }
}
