//! A validator that votes for two blocks at one place is shown in a block, which light clients take like any other.

use akash_node::Node;
use akash_types::comet::{VoteKind, vote_sign_bytes};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ed25519_consensus::SigningKey;
use serde_json::{Value, json};
use tendermint::block;
use tendermint_light_client_verifier::Verdict;
use tendermint_rpc::Client as _;

use crate::four_validators::configs;
use crate::light_client::{fetch, verify};
use crate::support::{CHAIN_ID, call, client, reach};

const VOTED_AT: u64 = 2;

/// What a key in a home signs.
fn signing_key(home: &std::path::Path) -> SigningKey {
    let text = std::fs::read(home.join("config/priv_validator_key.json")).unwrap();
    let file: Value = serde_json::from_slice(&text).unwrap();
    let bytes = BASE64_STANDARD.decode(file["priv_key"]["value"].as_str().unwrap()).unwrap();
    SigningKey::from(<[u8; 32]>::try_from(&bytes[..32]).unwrap())
}

fn vote(key: &SigningKey, address: &Value, index: usize, hash: u8) -> Value {
    let id = json!({"hash": hex::encode_upper([hash; 32]), "parts": {"total": 1, "hash": "0B".repeat(32)}});
    let time = "2024-01-01T00:00:05Z";
    let block_id: block::Id = serde_json::from_value(id.clone()).unwrap();
    let time_signed = tendermint::Time::parse_from_rfc3339(time).unwrap();
    let bytes = vote_sign_bytes(CHAIN_ID, VoteKind::Precommit, (VOTED_AT, 0), Some(&block_id), time_signed);
    json!({
        "type": 2, "height": VOTED_AT.to_string(), "round": 0, "block_id": id, "timestamp": time,
        "validator_address": address, "validator_index": index,
        "signature": BASE64_STANDARD.encode(key.sign(&bytes).to_bytes()),
        "extension": null, "extension_signature": null,
    })
}

async fn evidence_of(node: &Node, key: &SigningKey) -> Value {
    let at = json!({"height": VOTED_AT.to_string()});
    let validators = call(node, "validators", at.clone()).await["result"]["validators"].clone();
    let public_key = BASE64_STANDARD.encode(key.verification_key().as_bytes());
    let is_own = |validator: &&Value| validator["pub_key"]["value"] == public_key;
    let all = validators.as_array().unwrap();
    let index = all.iter().position(|validator| is_own(&validator)).unwrap();
    let power = |validator: &Value| validator["voting_power"].as_str().unwrap().parse::<u64>().unwrap();
    let address = &all[index]["address"];
    json!({
        "type": "tendermint/DuplicateVoteEvidence",
        "value": {
            "vote_a": vote(key, address, index, 0x0A),
            "vote_b": vote(key, address, index, 0x0C),
            "TotalVotingPower": all.iter().map(power).sum::<u64>().to_string(),
            "ValidatorPower": all[index]["voting_power"],
            "Timestamp": call(node, "block", at).await["result"]["block"]["header"]["time"],
        },
    })
}

/// Where the evidence of a height stands, once it is in a block.
async fn find(node: &Node, from: u64) -> (u64, Value) {
    for height in from..from + 50 {
        reach(node, height).await;
        let block = call(node, "block", json!({"height": height.to_string()})).await;
        let list = &block["result"]["block"]["evidence"]["evidence"];
        if let Some(first) = list.as_array().unwrap().first() {
            return (height, first.clone());
        }
    }
    panic!("no block shows the evidence");
}

#[tokio::test(flavor = "multi_thread")]
async fn double_vote_enters_a_block_that_light_clients_verify() {
    let folder = tempfile::tempdir().unwrap();
    let configs = configs(folder.path());
    let mut nodes = Vec::new();
    for config in &configs {
        nodes.push(Node::start(config.clone()).await.unwrap());
    }
    reach(&nodes[0], VOTED_AT + 2).await;
    let written = evidence_of(&nodes[0], &signing_key(&configs[3].home)).await;

    let mut forged = written.clone();
    forged["value"]["vote_b"]["round"] = json!(1);
    let refused = call(&nodes[0], "broadcast_evidence", json!({"evidence": forged})).await;
    assert!(refused["error"].is_object(), "{refused}");

    let from = client(&nodes[0]).status().await.unwrap().sync_info.latest_block_height.value();
    let taken = call(&nodes[0], "broadcast_evidence", json!({"evidence": written})).await;
    assert!(taken["result"]["hash"].is_string(), "{taken}");
    let (height, shown) = find(&nodes[1], from + 1).await;
    assert_eq!(shown, written);

    let height = u32::try_from(height).unwrap();
    reach(&nodes[1], u64::from(height) + 3).await;
    let client = client(&nodes[1]);
    let block = client.block(height).await.unwrap().block;
    assert_eq!(block.evidence.iter().count(), 1, "a foreign client reads it");
    let (before, with, after) =
        (fetch(&client, height - 1).await, fetch(&client, height).await, fetch(&client, height + 1).await);
    assert_ne!(with.signed_header.header.evidence_hash, before.signed_header.header.evidence_hash);
    assert_eq!(verify(&before, &with), Verdict::Success);
    assert_eq!(verify(&with, &after), Verdict::Success);
    assert_eq!(verify(&fetch(&client, 1).await, &after), Verdict::Success, "skipping it");

    let again = call(&nodes[2], "broadcast_evidence", json!({"evidence": written})).await;
    assert!(again["error"].to_string().contains("already committed"), "{again}");
    for node in nodes {
        node.stop().await.unwrap();
    }
}
