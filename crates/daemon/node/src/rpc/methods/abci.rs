//! Questions to the application.

use akash_app::QueryOutcome;
use akash_proto::tendermint::crypto::ProofOp;
use serde_json::{Value, json};

use super::Outcome;
use crate::rpc::json::base64;
use crate::rpc::params::Args;
use crate::server_state::ServerState;
use crate::services::{self, BROADCAST_TX};

pub fn info(state: &ServerState, _args: &Args) -> Outcome {
    let snapshot = state.snapshot();
    let mut response = json!({"data": "akash", "version": state.identity.version});
    let mut put = |name: &str, value: Value, present: bool| {
        if present {
            response[name] = value;
        }
    };
    let version = state.identity.app_version;
    put("app_version", json!(version.to_string()), version != 0);
    put("last_block_height", json!(snapshot.height.to_string()), snapshot.height != 0);
    put("last_block_app_hash", json!(base64(&snapshot.app_hash)), snapshot.height != 0);
    Ok(json!({"response": response}))
}

pub fn query(state: &ServerState, args: &Args) -> Outcome {
    let (path, data, height) = (args.text("path"), args.bytes("data"), args.int("height").unwrap_or(0));
    let outcome = match services::own(state, path, data).filter(|_| path != BROADCAST_TX) {
        Some(Ok(value)) => {
            let height = i64::try_from(state.snapshot().height).unwrap_or(i64::MAX);
            QueryOutcome { value, height, ..Default::default() }
        }
        Some(Err(error)) => QueryOutcome::from(error),
        None => state.snapshot().view.query(path, data, height, args.flag("prove")),
    };
    Ok(json!({"response": encode(&outcome)}))
}

/// Empty bytes are null; every field is always there.
fn encode(outcome: &QueryOutcome) -> Value {
    let bytes = |bytes: &[u8]| if bytes.is_empty() { Value::Null } else { json!(base64(bytes)) };
    let proof = |op: &ProofOp| json!({"type": op.r#type, "key": base64(&op.key), "data": base64(&op.data)});
    let proof_ops = match outcome.proof_ops.as_slice() {
        [] => Value::Null,
        ops => json!({"ops": ops.iter().map(proof).collect::<Vec<_>>()}),
    };
    json!({
        "code": outcome.code,
        "log": outcome.log,
        "info": "",
        "index": "0",
        "key": bytes(&outcome.key),
        "value": bytes(&outcome.value),
        "proofOps": proof_ops,
        "height": outcome.height.to_string(),
        "codespace": outcome.codespace,
    })
}
