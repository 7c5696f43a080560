//! Work on the data of a node that stands still, and what the node makes of it afterwards.

use std::path::Path;
use std::sync::Arc;

use akash_app::{App, AppConfig, Genesis};
use akash_node::Node;
use akash_node::config::Pruning;
use akash_node::disk::FjallStore;
use akash_node::maintenance::{self, MaintenanceError, Progress, snapshots};
use akash_store::{ByteStore, MemoryStore, Range, Row, Table};
use akash_types::key::SecretKey;
use tendermint_rpc::Client as _;

use crate::support::{Network, call, client, config, reach};

fn quiet(_: Progress) {}

/// A chain with transfers in its first blocks, of a node that has stopped at some height from ten on.
async fn stopped() -> (Network, u64) {
    let network = Network::new();
    let node = network.start().await;
    for sequence in 0..5 {
        let to = SecretKey::from_bytes(&[20 + sequence as u8; 32]).unwrap().address();
        let sent = client(&node).broadcast_tx_commit(network.transfer(&to, 1 + sequence, sequence)).await.unwrap();
        assert!(sent.tx_result.code.is_ok(), "{}", sent.tx_result.log);
    }
    reach(&node, 10).await;
    let height = stop(&network, node).await;
    (network, height)
}

/// Gives the last stored height: a block may come between asking a node and stopping it.
async fn stop(network: &Network, node: Node) -> u64 {
    node.stop().await.unwrap();
    u64::try_from(state(network.folder.path(), None).initial_height).unwrap() - 1
}

fn database(home: &Path) -> FjallStore {
    FjallStore::open(&home.join("data/state")).unwrap()
}

fn rows(home: &Path, table: Table) -> Vec<Row> {
    let view = database(home).snapshot().unwrap();
    view.rows(table, &Range::all()).collect::<Result<_, _>>().unwrap()
}

fn state(home: &Path, height: Option<u64>) -> Genesis {
    maintenance::export(home, height, &mut quiet).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn running_node_is_left_alone() {
    let network = Network::new();
    let node = network.start().await;
    reach(&node, 2).await;
    let home = network.folder.path();
    let storage = config(home).storage;
    let refusals = [
        maintenance::export(home, None, &mut quiet).err(),
        maintenance::rollback(home, false, &mut quiet).err(),
        maintenance::reindex(home, &mut quiet).err(),
        maintenance::check_invariants(home, None).err(),
        maintenance::prune(home, &storage, &mut quiet).err(),
        snapshots::create(home, &mut quiet).err(),
        snapshots::restore(home, 1, 1, &mut quiet).err(),
    ];
    for refusal in refusals {
        assert!(refusal.unwrap().to_string().contains("another node runs on"));
    }
    node.stop().await.unwrap();
}

#[test]
fn home_without_a_chain_says_what_comes_first() {
    let network = Network::new();
    let error = maintenance::export(network.folder.path(), None, &mut quiet).unwrap_err();
    assert!(matches!(error, MaintenanceError::NoState(_)) && error.to_string().contains("start the node first"));
    let nowhere = tempfile::tempdir().unwrap();
    let error = maintenance::export(nowhere.path(), None, &mut quiet).unwrap_err().to_string();
    assert!(error.contains("initialise this home first"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn exported_state_is_that_of_its_height_and_can_begin_a_chain() {
    let (network, height) = stopped().await;
    let home = network.folder.path();
    let newest = state(home, None);
    assert_eq!(newest, state(home, Some(height)));
    assert_eq!(newest.initial_height, height as i64 + 1);
    assert_ne!(newest.app_state, state(home, Some(1)).app_state, "the transfers came later");
    let later = maintenance::export(home, Some(height + 1), &mut quiet).unwrap_err();
    assert!(matches!(later, MaintenanceError::NoHeight { lowest: 1, .. }), "{later}");

    let read_again = Genesis::from_json(&newest.to_json()).unwrap();
    assert_eq!(read_again, newest);
    let mut app = App::open(Arc::new(MemoryStore::new()), AppConfig::default()).unwrap();
    app.init_chain(&read_again).unwrap();
    assert_eq!(app.export_genesis().unwrap(), newest.app_state);
    assert_eq!(maintenance::check_invariants(home, None).unwrap(), []);
    assert_eq!(maintenance::check_invariants(home, Some(3)).unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_heights_answer_after_a_restart() {
    let (network, _) = stopped().await;
    let node = network.start().await;
    let request = r#"{"path":"/store/bank/key","data":"","height":"HEIGHT","prove":false}"#;
    for height in [1, 4] {
        let params = serde_json::from_str(&request.replace("HEIGHT", &height.to_string())).unwrap();
        let answer = call(&node, "abci_query", params).await;
        assert_eq!(answer["result"]["response"]["height"], height.to_string(), "{answer}");
    }
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn indexes_are_made_again_as_they_were() {
    let (network, _) = stopped().await;
    let home = network.folder.path();
    let node = network.start().await;
    let search = serde_json::json!({"query": "transfer.amount='1uakt'", "per_page": "10"});
    let found = call(&node, "tx_search", search.clone()).await;
    assert_eq!(found["result"]["total_count"], "1", "{found}");
    node.stop().await.unwrap();

    let before = rows(home, Table::Index);
    assert!(!before.is_empty());
    let done = maintenance::reindex(home, &mut quiet).unwrap();
    assert_eq!((rows(home, Table::Index), done.rows as usize), (before.clone(), before.len()));
    assert_eq!(done.txs, 5);

    // Half of it: the node must not start on that.
    let mut app = App::open(Arc::new(database(home)), AppConfig::default()).unwrap();
    let cut_off = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        app.reindex(&mut |_| panic!("killed")).unwrap();
    }));
    assert!(cut_off.is_err());
    drop(app);
    let refused = Node::start(config(home)).await.err().unwrap().to_string();
    assert!(refused.contains("run `akash node reindex` again"), "{refused}");
    maintenance::reindex(home, &mut quiet).unwrap();
    assert_eq!(rows(home, Table::Index), before);

    let node = network.start().await;
    let again = call(&node, "tx_search", search).await;
    assert_eq!(again["result"]["txs"], found["result"]["txs"]);
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn state_goes_one_height_back_and_comes_forward_again() {
    let (network, height) = stopped().await;
    let home = network.folder.path();
    let (newest, before) = (state(home, None), state(home, Some(height - 1)));

    let back = maintenance::rollback(home, false, &mut quiet).unwrap();
    assert_eq!(back.height, height - 1);
    assert_eq!(state(home, None), before);
    let again = maintenance::rollback(home, false, &mut quiet).unwrap();
    assert_eq!(again, back, "a state behind the blocks was taken back already");

    let node = network.start().await; // executes the stored block
    assert!(node.height() >= height);
    reach(&node, height + 2).await;
    node.stop().await.unwrap();
    assert_eq!(state(home, Some(height)), newest);

    let top = state(home, None).initial_height as u64 - 1;
    assert_eq!(maintenance::rollback(home, true, &mut quiet).unwrap().height, top - 1);
    assert_eq!(maintenance::rollback(home, true, &mut quiet).unwrap().height, top - 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn pruned_heights_and_blocks_are_gone_and_the_chain_goes_on() {
    let (network, height) = stopped().await;
    let home = network.folder.path();
    let mut storage = config(home).storage;
    (storage.pruning, storage.keep_recent) = (Pruning::Custom, 4);
    let left = maintenance::prune(home, &storage, &mut quiet).unwrap();
    assert_eq!((left.state.lowest, left.state.newest), (height - 3, height));
    assert_eq!(left.blocks, (1, height), "blocks are all kept by default");
    state(home, Some(height - 3));
    assert!(maintenance::export(home, Some(height - 4), &mut quiet).is_err());
    assert!(rows(home, Table::Undo).iter().all(|(key, _)| akash_store::undo_height(key) > Some(height - 3)));

    let mut settings = config(home);
    settings.storage.pruning = Pruning::Everything;
    let node = Node::start(settings).await.unwrap();
    reach(&node, height + 5).await;
    let height = stop(&network, node).await;
    state(home, Some(height - 1));
    assert!(maintenance::export(home, Some(height - 2), &mut quiet).is_err());
}

/// A home of the same chain without blocks.
fn empty_home(of: &Network) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    akash_node::init(folder.path(), &akash_node::genesis(of.folder.path()).unwrap()).unwrap();
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn snapshot_starts_another_node_at_its_height() {
    let (network, height) = stopped().await;
    let home = network.folder.path();
    let made = snapshots::create(home, &mut quiet).unwrap();
    assert_eq!((made.height, made.format), (height, 1));
    assert_eq!(snapshots::list(home).unwrap(), std::slice::from_ref(&made));
    let twice = snapshots::create(home, &mut quiet).unwrap_err().to_string();
    assert!(twice.contains("is there already"), "{twice}");

    let carried = home.join("carried");
    snapshots::dump(home, height, 1, &carried).unwrap();
    let copy = empty_home(&network);
    assert_eq!(snapshots::load(copy.path(), &carried).unwrap(), made);
    assert_eq!(snapshots::restore(copy.path(), height, 1, &mut quiet).unwrap(), made);
    assert_eq!(state(copy.path(), None), state(home, None));
    for table in [Table::State, Table::History, Table::HistoryNode, Table::KeyName, Table::Index] {
        assert_eq!(rows(copy.path(), table), rows(home, table), "{}", table.name());
    }
    let again = snapshots::restore(copy.path(), height, 1, &mut quiet).unwrap_err().to_string();
    assert!(again.contains("holds a chain already"), "{again}");

    // The validator itself moves over, with its keys and its vote state.
    for file in ["config/priv_validator_key.json", "config/node_key.json", "data/priv_validator_state.json"] {
        std::fs::copy(home.join(file), copy.path().join(file)).unwrap();
    }
    let node = Node::start(config(copy.path())).await.unwrap();
    reach(&node, height + 3).await;
    node.stop().await.unwrap();

    // A kill in the middle of a removal left no manifest.
    let kept = home.join("data/snapshots").join(height.to_string());
    let cut_short = || std::fs::remove_file(kept.join("1/manifest.json")).unwrap();
    cut_short();
    std::fs::create_dir(kept.join("2")).unwrap();
    assert_eq!(snapshots::list(home).unwrap(), []);
    assert_eq!(snapshots::create(home, &mut quiet).unwrap(), made);
    cut_short();
    std::fs::remove_dir(kept.join("2")).unwrap();
    snapshots::delete(home, height, 1).unwrap();
    snapshots::create(home, &mut quiet).unwrap();

    snapshots::delete(home, height, 1).unwrap();
    assert_eq!(snapshots::list(home).unwrap(), []);
    assert!(snapshots::delete(home, height, 1).unwrap_err().to_string().contains("there is no snapshot"));
}

#[tokio::test(flavor = "multi_thread")]
async fn snapshots_are_made_while_the_node_runs() {
    let network = Network::new();
    let mut settings = config(network.folder.path());
    settings.storage.snapshot_interval = 4;
    let node = Node::start(settings).await.unwrap();
    reach(&node, 30).await;
    node.stop().await.unwrap();
    let made = snapshots::list(network.folder.path()).unwrap();
    assert!((1..=2).contains(&made.len()), "{made:?}");
    for snapshot in made {
        assert!(snapshot.height.is_multiple_of(4));
        let copy = empty_home(&network);
        let carried = copy.path().join("carried");
        snapshots::dump(network.folder.path(), snapshot.height, 1, &carried).unwrap();
        snapshots::load(copy.path(), &carried).unwrap();
        snapshots::restore(copy.path(), snapshot.height, 1, &mut quiet).unwrap();
        assert_eq!(state(copy.path(), None), state(network.folder.path(), Some(snapshot.height)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_snapshots_change_nothing() {
    let (network, height) = stopped().await;
    let home = network.folder.path();
    snapshots::create(home, &mut quiet).unwrap();
    let carried = home.join("carried");
    snapshots::dump(home, height, 1, &carried).unwrap();
    let whole = std::fs::read(&carried).unwrap();

    let copy = empty_home(&network);
    let damaged = copy.path().join("damaged");
    let mut refused = 0;
    for place in (0..whole.len()).step_by(whole.len() / 60) {
        std::fs::write(&damaged, &whole[..place]).unwrap();
        assert!(snapshots::load(copy.path(), &damaged).is_err(), "cut off at {place}");
        let mut changed = whole.clone();
        changed[place] ^= 0x55;
        std::fs::write(&damaged, &changed).unwrap();
        if snapshots::load(copy.path(), &damaged).is_err() {
            refused += 1;
            continue;
        }
        // A manifest that was changed where it is not about a chunk: the state tells.
        let found = snapshots::list(copy.path()).unwrap().remove(0);
        assert!(snapshots::restore(copy.path(), found.height, 1, &mut quiet).is_err(), "changed at {place}");
        snapshots::delete(copy.path(), found.height, 1).unwrap();
    }
    assert!(refused > 40, "{refused}");
    assert!(!copy.path().join("data/state").exists());

    let manifest = snapshots::manifest(home, height, 1).unwrap();
    let chunks: Vec<_> =
        (0..manifest.chunks.len()).map(|number| snapshots::chunk(home, &manifest, number).unwrap()).collect();
    let mut incoming = snapshots::Incoming::begin(copy.path(), manifest.clone()).unwrap();
    assert!(incoming.add(1, &chunks[1]).is_err(), "out of order");
    assert!(incoming.add(0, &chunks[1]).is_err(), "another chunk in its place");
    for (number, chunk) in chunks.iter().enumerate() {
        incoming.add(number, chunk).unwrap();
    }
    let error = incoming.finish([7; 32], &mut quiet).unwrap_err();
    assert!(error.to_string().contains("take another one"), "{error}");
    assert!(!copy.path().join("data/state").exists(), "only what is trusted gets there");
}
