//! Proofs of `abci_query` against the next header, by the unmodified `ics23` crate, in the two steps that IBC takes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ics23::commitment_proof::Proof;
use ics23::{CommitmentProof, HostFunctionsManager, smt_spec, tendermint_spec};
use prost_of_ics23::Message as _;
use serde_json::json;
use tendermint_rpc::Client as _;

use crate::support::{Network, call, client, key, reach};

const STORE: &str = "bank";
/// Where the bank keeps balances by (address, denomination).
const BALANCES: u8 = 1;

struct Proved {
    value: Vec<u8>,
    key_proof: CommitmentProof,
    store_proof: CommitmentProof,
}

fn bytes(value: &serde_json::Value) -> Vec<u8> {
    BASE64.decode(value.as_str().unwrap_or_default()).unwrap()
}

async fn prove(node: &akash_node::Node, key: &[u8], height: u64) -> Proved {
    let params = json!({
        "path": format!("/store/{STORE}/key"),
        "data": hex::encode(key),
        "height": height.to_string(),
        "prove": true,
    });
    let reply = call(node, "abci_query", params).await;
    let response = &reply["result"]["response"];
    assert_eq!(response["code"], 0, "{response}");
    let proof = |index: usize| CommitmentProof::decode(bytes(&response["proofOps"]["ops"][index]["data"]).as_slice());
    Proved { value: bytes(&response["value"]), key_proof: proof(0).unwrap(), store_proof: proof(1).unwrap() }
}

fn store_root(proof: &CommitmentProof) -> Vec<u8> {
    match &proof.proof {
        Some(Proof::Exist(existence)) => existence.value.clone(),
        _ => panic!("the store's own proof must be one of existence"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn balance_and_absence_are_proved_to_the_next_header() {
    let network = Network::new();
    let node = network.start().await;
    reach(&node, 5).await;
    let height = 4;
    let header = client(&node).block(5u32).await.unwrap().block.header;
    let app_hash = header.app_hash.as_bytes().to_vec();
    let spec = ics23::ProofSpec { max_depth: 256, ..smt_spec() };

    let balance = balance_key();
    let present = prove(&node, &balance, height).await;
    let root = store_root(&present.store_proof);
    assert!(!present.value.is_empty(), "the funded account has a balance");
    assert!(ics23::verify_membership::<HostFunctionsManager>(
        &present.key_proof,
        &spec,
        &root,
        &balance,
        &present.value
    ));
    assert!(ics23::verify_membership::<HostFunctionsManager>(
        &present.store_proof,
        &tendermint_spec(),
        &app_hash,
        STORE.as_bytes(),
        &root
    ));

    let absent_key = b"no such key".to_vec();
    let absent = prove(&node, &absent_key, height).await;
    assert!(absent.value.is_empty());
    assert_eq!(store_root(&absent.store_proof), root);
    assert!(ics23::verify_non_membership::<HostFunctionsManager>(&absent.key_proof, &spec, &root, &absent_key));
    assert!(!ics23::verify_non_membership::<HostFunctionsManager>(&present.key_proof, &spec, &root, &balance));
    node.stop().await.unwrap();
}

fn balance_key() -> Vec<u8> {
    let mut bytes = vec![BALANCES];
    bytes.extend(akash_store::key_bytes(&(key().address(), "uakt".to_string())));
    bytes
}
