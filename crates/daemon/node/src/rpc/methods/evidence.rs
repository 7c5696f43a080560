//! Evidence that clients found: two votes of one validator for two blocks at one place.

use serde_json::{Value, json};
use tendermint::evidence::Evidence;
use tendermint_proto::v0_38::types as proto;

use super::Outcome;
use crate::chain::evidence::Now;
use crate::rpc::json::base64;
use crate::rpc::params::Args;
use crate::server_state::ServerState;

const DUPLICATE_VOTE: &str = "tendermint/DuplicateVoteEvidence";
const LIGHT_CLIENT_ATTACK: &str = "tendermint/LightClientAttackEvidence";

/// Verified whole, then it waits for a block. Attacks on light clients are not accepted.
pub fn broadcast(state: &ServerState, args: &Args) -> Outcome {
    let Some(evidence) = args.json("evidence") else { return Err("no evidence was provided".to_string()) };
    let damaged = |reason: String| format!("evidence.ValidateBasic failed: {reason}");
    check(evidence).map_err(damaged)?;
    let raw: proto::Evidence = serde_json::from_value(evidence.clone()).map_err(|error| damaged(error.to_string()))?;
    let Evidence::DuplicateVote(evidence) = Evidence::try_from(raw).map_err(|error| damaged(error.to_string()))? else {
        return Err("failed to add evidence: only evidence of duplicate votes is accepted".to_string());
    };
    let now = Now::of(&state.snapshot()).ok_or("failed to add evidence: there is no block yet")?;
    let hash = state.evidence.submit(*evidence, now).map_err(|error| format!("failed to add evidence: {error}"))?;
    Ok(json!({"hash": base64(hash)}))
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
        let vote = |hash: &str, round: i64| {
            let block_id = json!({"hash": hash});
            json!({"type": 2, "height": "5", "round": round, "validator_address": "AA", "block_id": block_id})
        };
        let evidence = |a, b| json!({"type": DUPLICATE_VOTE, "value": {"vote_a": a, "vote_b": b}});
        assert_eq!(check(&evidence(vote("A", 0), vote("B", 0))), Ok(()));
        let failed = |a, b| check(&evidence(a, b)).unwrap_err();
        assert_eq!(failed(vote("A", 0), vote("A", 0)), "the votes are for the same block");
        assert_eq!(failed(vote("A", 0), vote("B", 1)), "the votes differ in their round");
        assert_eq!(failed(vote("A", 0), Value::Null), "one or both of the votes are empty");
        assert!(check(&json!({"type": "x"})).is_err() && check(&json!({})).is_err());
    }
}
