//! REST, asked as a browser or curl asks.

use akash_types::address::Address;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

use crate::support::{CHAIN_ID, FUNDS, Network, exchange, get, reach};

#[tokio::test(flavor = "multi_thread")]
async fn routes_answer_in_the_nodes_json() {
    let network = Network::new();
    let node = network.start().await;
    reach(&node, 3).await;
    let address = network.key.address();

    let balances = get(&node, &format!("/cosmos/bank/v1beta1/balances/{address}?pagination.limit=1")).await;
    assert_eq!(balances["balances"], json!([{"denom": "uact", "amount": FUNDS.to_string()}]));
    assert!(balances["pagination"]["next_key"].is_string());
    let next = balances["pagination"]["next_key"].as_str().unwrap().replace('+', "%2B").replace('/', "%2F");
    let second = get(&node, &format!("/cosmos/bank/v1beta1/balances/{address}?pagination.key={next}")).await;
    assert_eq!(second["balances"], json!([{"denom": "uakt", "amount": FUNDS.to_string()}]));

    let account = get(&node, &format!("/cosmos/auth/v1beta1/accounts/{address}")).await;
    assert_eq!(account["account"]["@type"], "/cosmos.auth.v1beta1.BaseAccount");
    let info = get(&node, "/cosmos/base/tendermint/v1beta1/node_info").await;
    assert_eq!(info["default_node_info"]["network"], CHAIN_ID);
    let latest = get(&node, "/cosmos/base/tendermint/v1beta1/blocks/latest").await;
    assert_eq!(latest["block"]["header"]["chain_id"], CHAIN_ID);
    let second = get(&node, "/cosmos/base/tendermint/v1beta1/blocks/2").await;
    assert_eq!(second["sdk_block"]["header"]["height"], "2");
    let sets = get(&node, "/cosmos/base/tendermint/v1beta1/validatorsets/latest").await;
    assert_eq!(sets["validators"][0]["pub_key"]["@type"], "/cosmos.crypto.ed25519.PubKey");
    assert_eq!(get(&node, "/cosmos/base/tendermint/v1beta1/syncing").await, json!({"syncing": false}));
    let discovery = get(&node, "/akash/discovery/v1/info").await;
    assert_eq!(discovery["info"]["chain_id"], CHAIN_ID);
    let orders = get(&node, "/akash/market/v1beta5/orders/list?filters.state=open").await;
    assert_eq!(orders["orders"], json!([]));
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn transaction_is_simulated_sent_and_found() {
    let network = Network::new();
    let node = network.start().await;
    reach(&node, 2).await;
    let rest = node.rest_address().unwrap();
    let receiver = Address::from_bytes(&[9; 20]).unwrap();
    let tx_bytes = BASE64_STANDARD.encode(network.transfer(&receiver, 5, 0));

    let body = json!({"tx_bytes": tx_bytes}).to_string();
    let simulated = exchange(rest, "POST", "/cosmos/tx/v1beta1/simulate", &[], &body).await.json();
    let gas = simulated["gas_info"]["gas_used"].as_str().unwrap().to_owned();
    let body = json!({"tx_bytes": tx_bytes, "mode": "BROADCAST_MODE_SYNC"}).to_string();
    let sent = exchange(rest, "POST", "/cosmos/tx/v1beta1/txs", &[], &body).await.json();
    assert_eq!(sent["tx_response"]["code"], 0, "{sent}");
    let hash = sent["tx_response"]["txhash"].as_str().unwrap();

    let path = format!("/cosmos/tx/v1beta1/txs/{hash}");
    let mut found = exchange(rest, "GET", &path, &[], "").await;
    for _ in 0..300 {
        if found.status == 200 {
            break;
        }
        assert_eq!((found.status, found.json()["code"].as_i64()), (404, Some(5)), "{}", found.body);
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        found = exchange(rest, "GET", &path, &[], "").await;
    }
    let found = found.json();
    assert_eq!(found["tx_response"]["gas_used"], gas.as_str());
    assert_eq!(found["tx"]["body"]["messages"][0]["@type"], "/cosmos.bank.v1beta1.MsgSend");
    let height = found["tx_response"]["height"].as_str().unwrap();

    let query = format!("transfer.recipient%3D%27{receiver}%27");
    let listed = get(&node, &format!("/cosmos/tx/v1beta1/txs?query={query}&order_by=ORDER_BY_DESC&limit=5")).await;
    assert_eq!((listed["total"].as_str(), listed["tx_responses"][0]["txhash"].as_str()), (Some("1"), Some(hash)));
    let block = get(&node, &format!("/cosmos/tx/v1beta1/txs/block/{height}")).await;
    assert_eq!(block["txs"].as_array().unwrap().len(), 1);

    let before = format!("x-cosmos-block-height: {}", height.parse::<u64>().unwrap() - 1);
    let path = format!("/cosmos/bank/v1beta1/balances/{receiver}/by_denom?denom=uakt");
    let then = exchange(rest, "GET", &path, &[&before], "").await;
    assert_eq!(then.json()["balance"]["amount"], "0");
    assert_eq!(then.header("x-cosmos-block-height"), before.strip_prefix("x-cosmos-block-height: "));
    let gateway = format!("Grpc-Metadata-X-Cosmos-Block-Height: {height}");
    let after = exchange(rest, "GET", &path, &[&gateway], "").await;
    assert_eq!(after.json()["balance"]["amount"], "5");
    assert_eq!(after.header("grpc-metadata-x-cosmos-block-height"), Some(height));
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_have_code_message_and_details() {
    let network = Network::new();
    let node = network.start().await;
    reach(&node, 2).await;
    let rest = node.rest_address().unwrap();
    let cases = [
        ("GET", "/no/such/route", "", 501, 12),
        ("POST", "/cosmos/auth/v1beta1/params", "", 501, 12),
        ("GET", "/v1/inventory", "", 501, 12),
        ("GET", "/cosmos/bank/v1beta1/balances/nonsense", "", 400, 3),
        ("GET", "/cosmos/auth/v1beta1/accounts/akash1qyqszqgpqyqszqgpqyqszqgpqyqszqgpvjx54v", "", 400, 3),
        ("GET", "/cosmos/bank/v1beta1/supply?pagination.limit=-1", "", 400, 3),
        ("GET", "/cosmos/base/tendermint/v1beta1/blocks/999999", "", 400, 3),
        ("GET", "/cosmos/tx/v1beta1/txs/00", "", 404, 5),
        ("POST", "/cosmos/tx/v1beta1/txs", "{", 400, 3),
        ("POST", "/cosmos/tx/v1beta1/txs", "{\"tx_bytes\":\"AA==\"}", 400, 3),
    ];
    for (verb, path, body, status, code) in cases {
        let reply = exchange(rest, verb, path, &[], body).await;
        let error = reply.json();
        assert_eq!((reply.status, error["code"].as_i64()), (status, Some(code)), "{verb} {path}: {error}");
        assert!(!error["message"].as_str().unwrap().is_empty() && error["details"] == json!([]), "{error}");
        assert_eq!(reply.header("content-type"), Some("application/json"));
    }
    let reply = exchange(rest, "GET", "/cosmos/bank/v1beta1/supply", &["x-cosmos-block-height: x"], "").await;
    assert_eq!(reply.status, 400, "{}", reply.body);
    let large = "x".repeat(2_000_001);
    let reply = exchange(rest, "POST", "/cosmos/tx/v1beta1/txs", &[], &large).await;
    assert_eq!(reply.status, 413, "{}", reply.body);
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_documented_route_is_served() {
    let network = Network::new();
    let node = network.start().await;
    reach(&node, 2).await;
    let rest = node.rest_address().unwrap();
    let document = get(&node, "/openapi.json").await;
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.len() > 50, "{}", paths.len());
    for (path, verbs) in paths {
        for verb in verbs.as_object().unwrap().keys() {
            let path = path.replace(['{', '}'], "");
            let reply = exchange(rest, &verb.to_ascii_uppercase(), &path, &[], "").await;
            let error = reply.json();
            let unserved = reply.status == 501 && error["message"].as_str().unwrap_or_default().contains("not served");
            assert!(!unserved && error["message"] != "Not Implemented", "{path}: {error}");
        }
    }
    for path in ["/", "/swagger/"] {
        let page = exchange(rest, "GET", path, &[], "").await;
        assert!(page.status == 200 && page.body.contains("/openapi.json"), "{path}");
        assert!(!page.body.contains("src=") && !page.body.contains("http://"), "the page loads nothing from elsewhere");
    }
    node.stop().await.unwrap();
}
