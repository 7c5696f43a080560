//! Shapes and texts of the JSON-RPC.

use serde_json::json;
use tendermint_rpc::Client as _;

use crate::support::{CHAIN_ID, Network, call, client, http, http_text, reach};

#[tokio::test(flavor = "multi_thread")]
async fn typed_client_reads_every_method() {
    let network = Network::new();
    let node = network.start().await;
    reach(&node, 3).await;
    let client = client(&node);
    client.health().await.unwrap();
    let status = client.status().await.unwrap();
    assert_eq!(status.node_info.network.as_str(), CHAIN_ID);
    assert!(!status.sync_info.catching_up);
    let block = client.block(2u32).await.unwrap();
    assert_eq!(client.block_by_hash(block.block_id.hash).await.unwrap().block, Some(block.block.clone()));
    assert_eq!(client.header(2u32).await.unwrap().header, block.block.header);
    assert_eq!(client.header_by_hash(block.block_id.hash).await.unwrap().header, Some(block.block.header));
    assert_eq!(client.blockchain(1u32, 3u32).await.unwrap().block_metas.len(), 3);
    client.block_results(2u32).await.unwrap();
    client.abci_info().await.unwrap();
    client.net_info().await.unwrap();
    client.consensus_params(2u32).await.unwrap();
    let genesis: tendermint::Genesis<serde_json::Value> = client.genesis().await.unwrap();
    assert_eq!(genesis.chain_id.as_str(), CHAIN_ID);
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn discovery_is_the_first_call_of_clients() {
    let network = Network::new();
    let node = network.start().await;
    let reply = call(&node, "akash", json!({})).await;
    let info = &reply["result"];
    assert_eq!(info["client_info"]["api_version"], "v1beta3");
    assert_eq!(info["supported_versions"][0]["api_version"], "v1beta4");
    assert_eq!(info["chain_id"], CHAIN_ID);
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_have_cometbfts_codes_and_texts() {
    let network = Network::new();
    let node = network.start().await;
    reach(&node, 2).await;
    let unknown = call(&node, "no_such_method", json!({})).await;
    assert_eq!(unknown["error"]["code"], -32601);
    let bare = call(&node, "block", json!({"height": 1})).await;
    assert_eq!(bare["error"]["code"], -32602);
    let zero = call(&node, "block", json!({"height": "0"})).await;
    assert_eq!(zero["error"]["data"], "height must be greater than 0, but got 0");
    let future = call(&node, "block", json!({"height": "99999999"})).await;
    let text = future["error"]["data"].as_str().unwrap();
    assert!(text.starts_with("height 99999999 must be less than or equal to the current blockchain height"), "{text}");
    let (status, reply) = http(&node, "POST", "/", "no json").await;
    assert_eq!((status, reply["error"]["code"].as_i64()), (500, Some(-32700)));
    let (status, _) = http_text(&node, "GET", "/no_such_method", "").await;
    assert_eq!(status, 404);
    let (status, reply) = http(&node, "GET", "/block?height=%22x%22", "").await;
    assert_eq!((status, reply["error"]["code"].as_i64(), reply["id"].as_i64()), (500, Some(-32602), Some(-1)));
    let (status, reply) = http(&node, "POST", "/", &format!("[{}]", "1".repeat(1_000_001))).await;
    assert_eq!((status, reply["error"]["code"].as_i64()), (400, Some(-32600)));
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_are_answered_in_order_and_notifications_are_not() {
    let network = Network::new();
    let node = network.start().await;
    let batch = json!([
        {"id": "a", "method": "health"},
        {"method": "health"},
        {"id": 2, "method": "status"},
    ]);
    let (status, reply) = http(&node, "POST", "/", &batch.to_string()).await;
    assert_eq!(status, 200);
    assert_eq!(reply.as_array().unwrap().len(), 2);
    assert_eq!((&reply[0]["id"], &reply[1]["id"]), (&json!("a"), &json!(2)));
    let (_, single) = http(&node, "POST", "/", &json!([{"id": 1, "method": "health"}]).to_string()).await;
    assert_eq!(single["result"], json!({}));
    let (status, empty) = http_text(&node, "POST", "/", &json!({"method": "health"}).to_string()).await;
    assert_eq!((status, empty.as_str()), (200, ""));
    let (_, page) = http_text(&node, "GET", "/", "").await;
    assert!(page.contains("//node/abci_query?path=_&data=_&height=_&prove=_"), "{page}");
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_by_path_give_protobuf() {
    use akash_proto::cosmos::bank::v1beta1::{QueryBalanceRequest, QueryBalanceResponse};
    use base64::Engine as _;
    use prost::Message as _;
    let network = Network::new();
    let node = network.start().await;
    reach(&node, 2).await;
    let request = QueryBalanceRequest { address: network.key.address().to_string(), denom: "uakt".to_string() };
    let path = "/cosmos.bank.v1beta1.Query/Balance";
    let params = json!({"path": path, "data": hex::encode(request.encode_to_vec()), "prove": false});
    let reply = call(&node, "abci_query", params).await;
    let value = reply["result"]["response"]["value"].as_str().unwrap();
    let value = base64::engine::general_purpose::STANDARD.decode(value).unwrap();
    let balance = QueryBalanceResponse::decode(value.as_slice()).unwrap().balance.unwrap();
    assert_eq!(balance.amount, crate::support::FUNDS.to_string());

    let unknown = call(&node, "abci_query", json!({"path": "/no.such/Path"})).await;
    assert_eq!(unknown["result"]["response"]["code"], 6);
    assert_eq!(unknown["result"]["response"]["proofOps"], json!(null));
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn state_of_consensus_has_cometbfts_shape() {
    let network = Network::new();
    let node = network.start().await;
    reach(&node, 3).await;
    let state = call(&node, "consensus_state", json!({})).await;
    let round_state = &state["result"]["round_state"];
    let place = round_state["height/round/step"].as_str().unwrap().to_owned();
    let numbers: Vec<u64> = place.split('/').map(|number| number.parse().unwrap()).collect();
    assert!(numbers.len() == 3 && numbers[0] >= 4 && (1..=8).contains(&numbers[2]), "{place}");
    assert_eq!(round_state["proposer"]["index"], 0);
    let votes = &round_state["height_vote_set"][0];
    assert_eq!(votes["prevotes"], json!(["nil-Vote"]));
    assert_eq!(votes["prevotes_bit_array"], "BA{1:_} 0/10 = 0.00");
    let dump = call(&node, "dump_consensus_state", json!({})).await;
    let round_state = &dump["result"]["round_state"];
    assert_eq!(round_state["validators"]["proposer"]["voting_power"], "10");
    let vote = round_state["last_commit"]["votes"][0].as_str().unwrap();
    assert!(vote.starts_with("Vote{0:") && vote.contains("/00/SIGNED_MSG_TYPE_PRECOMMIT(Precommit) "), "{vote}");
    assert_eq!(round_state["last_commit"]["votes_bit_array"], "BA{1:x} 10/10 = 1.00");
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn checking_a_transaction_does_not_send_it() {
    use base64::Engine as _;
    let network = Network::new();
    let node = network.start().await;
    reach(&node, 2).await;
    let receiver = akash_types::address::Address::from_bytes(&[9; 20]).unwrap();
    let tx = base64::engine::general_purpose::STANDARD.encode(network.transfer(&receiver, 5, 0));
    for _ in 0..2 {
        let checked = call(&node, "check_tx", json!({"tx": tx})).await;
        assert_eq!(checked["result"]["code"], 0, "{checked}");
    }
    let waiting = call(&node, "num_unconfirmed_txs", json!({})).await;
    assert_eq!((&waiting["result"]["n_txs"], &waiting["result"]["txs"]), (&json!("0"), &json!(null)));
    let none = call(&node, "broadcast_evidence", json!({})).await;
    assert_eq!(none["error"]["data"], "no evidence was provided");
    node.stop().await.unwrap();
}

/// Every method of the table, called in all three forms, gives a result or one of the known errors.
#[tokio::test(flavor = "multi_thread")]
async fn every_method_answers_in_every_form() {
    let network = Network::new();
    let node = network.start().await;
    reach(&node, 3).await;
    let (_, page) = http_text(&node, "GET", "/", "").await;
    let links = page.split("<a href=\"//node/").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
    let mut count = 0;
    for link in links {
        let name = link.split('?').next().unwrap().to_owned();
        let subscription = name.contains("subscribe");
        count += 1;
        let posted = call(&node, &name, json!({})).await;
        let code = posted["error"]["code"].as_i64();
        let expected = if subscription { Some(-32_601) } else { code.filter(|code| *code == -32_603) };
        assert_eq!(code, expected, "{name}: {posted}");
        let (status, reply) = http(&node, "GET", &format!("/{name}"), "").await;
        let expected = match (subscription, reply["error"].is_null()) {
            (true, _) => 404,
            (false, true) => 200,
            (false, false) => 500,
        };
        assert_eq!((status, reply["id"].as_i64()), (expected, Some(-1)), "{name}: {reply}");
        let batch = json!([{"id": 1, "method": "health"}, {"id": 2, "method": name}]).to_string();
        let (_, replies) = http(&node, "POST", "/", &batch).await;
        assert_eq!((&replies[0]["id"], &replies[1]["id"]), (&json!(1), &json!(2)), "{name}");
    }
    assert!(count >= 31, "{count}");
    node.stop().await.unwrap();
}
