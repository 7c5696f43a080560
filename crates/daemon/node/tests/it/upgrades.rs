//! A planned upgrade stops the node at its height, and only the right program, or the word to skip it, goes past.
//! Also here: a chain that makes no blocks without transactions.

use std::path::Path;
use std::time::Duration;

use akash_app::genesis::{PlayGenesis, play_genesis};
use akash_kernel::Time;
use akash_node::Node;
use akash_proto::cosmos::upgrade::v1beta1::{MsgSoftwareUpgrade, Plan};
use akash_types::address::Address;
use akash_types::coin::Coins;
use akash_types::tx::{self, Unsigned};
use serde_json::Value;
use tendermint_rpc::Client as _;

use crate::support::{CHAIN_ID, FUNDS, Network, client, config, key, reach};

const UPGRADED_AT: i64 = 30;

/// The one account is the authority.
fn governed() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let validator = akash_node::create_keys(folder.path(), "validator").unwrap();
    let genesis = play_genesis(PlayGenesis {
        chain_id: CHAIN_ID.to_string(),
        time: Time { seconds: 1_704_067_200, nanos: 0 },
        accounts: vec![(key().address(), Coins::parse(&format!("{FUNDS}uakt")).unwrap())],
        validators: vec![validator],
        authority: Some(key().address()),
    })
    .unwrap();
    akash_node::init(folder.path(), &genesis).unwrap();
    folder
}

fn schedule() -> Vec<u8> {
    let plan = Plan { name: "more".into(), height: UPGRADED_AT, info: "see there".into(), ..Plan::default() };
    let message = MsgSoftwareUpgrade { authority: key().address().to_string(), plan: Some(plan) };
    let unsigned = Unsigned {
        messages: vec![tx::encode_any(&message)],
        fee: Coins::parse("5000uakt").unwrap(),
        gas_limit: 200_000,
        ..Unsigned::default()
    };
    tx::sign_direct(&unsigned, &key(), CHAIN_ID, 0, 0)
}

fn announced(home: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(home.join("data/upgrade-info.json")).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn planned_upgrade_stops_the_node_until_it_is_skipped() {
    let folder = governed();
    let home = folder.path();
    let node = Node::start(config(home)).await.unwrap();
    let sent = client(&node).broadcast_tx_commit(schedule()).await.unwrap();
    assert!(sent.tx_result.code.is_ok() && sent.height.value() < UPGRADED_AT as u64, "{sent:?}");
    let needed = "UPGRADE \"more\" NEEDED at height: 30: see there";
    let ended = tokio::time::timeout(Duration::from_secs(60), node.wait()).await.unwrap();
    assert_eq!(ended.to_string(), needed);
    assert_eq!(node.stop().await.unwrap_err().to_string(), needed);
    assert_eq!(announced(home)["name"], "more");
    assert_eq!(announced(home)["height"], UPGRADED_AT);

    // The same program again comes no further.
    std::fs::remove_file(home.join("data/upgrade-info.json")).unwrap();
    let refused = match Node::start(config(home)).await {
        Err(error) => error.to_string(),
        Ok(node) => {
            let ended = tokio::time::timeout(Duration::from_secs(60), node.wait()).await.unwrap();
            node.stop().await.unwrap_err();
            ended.to_string()
        }
    };
    assert_eq!(refused, needed);
    assert_eq!(announced(home)["info"], "see there");

    let mut skipping = config(home);
    skipping.chain.unsafe_skip_upgrades = [UPGRADED_AT].into();
    let node = Node::start(skipping).await.unwrap();
    reach(&node, UPGRADED_AT as u64 + 3).await;
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn chain_without_empty_blocks_waits_for_transactions() {
    let network = Network::new();
    let mut settings = config(network.folder.path());
    settings.consensus.create_empty_blocks = false;
    settings.consensus.create_empty_blocks_interval = Duration::from_secs(600);
    let node = Node::start(settings).await.unwrap();
    let client = client(&node);
    let to = Address::from_bytes(&[9; 20]).unwrap();
    let height = async || client.status().await.unwrap().sync_info.latest_block_height.value();
    let mut before = 0;
    for sequence in 0..3 {
        let sent = client.broadcast_tx_commit(network.transfer(&to, 1, sequence)).await.unwrap();
        assert!(sent.tx_result.code.is_ok(), "{:?}", sent.tx_result);
        // One more block shows the state after the transaction; then it is quiet.
        assert!(sent.height.value() <= before + 1 || sequence == 0, "empty blocks came in between");
        reach(&node, sent.height.value() + 1).await;
        before = sent.height.value() + 1;
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(height().await, before, "a block without a transaction");
    }
    node.stop().await.unwrap();
}
