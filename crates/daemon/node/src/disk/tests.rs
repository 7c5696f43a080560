//! The disk under a chain: order, snapshots, reopening, and a process that is killed while it commits.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use akash_store::{ChainStore, Kv, MemoryStore, Overlay, Space, View};

use super::*;

const NAMES: [&str; 2] = ["acc", "bank"];
const STATE: Space = Space::State("bank");

/// A block that depends on its height alone: puts, deletes and final records.
fn commit(store: &mut ChainStore, height: u64) -> String {
    let mut overlay = Overlay::new(store.latest());
    for number in 0..30u64 {
        let key = format!("key/{:03}", (height * 7 + number * 13) % 200).into_bytes();
        if (height + number).is_multiple_of(5) {
            overlay.delete(STATE, &key).unwrap();
        } else {
            overlay.put(STATE, &key, format!("{height}/{number}").into_bytes()).unwrap();
        }
    }
    overlay.archive(STATE, format!("closed/{height:06}").as_bytes(), vec![1; 100]).unwrap();
    overlay.put(Space::Index("acc"), format!("{height:06}").as_bytes(), Vec::new()).unwrap();
    hex::encode(store.commit(overlay.into_changes(), height).unwrap())
}

fn open(folder: &Path) -> ChainStore {
    ChainStore::open(Arc::new(FjallStore::open(folder).unwrap()), &NAMES).unwrap()
}

#[test]
fn disk_and_memory_hold_the_same_state() {
    let folder = tempfile::tempdir().unwrap();
    let mut memory = ChainStore::open(Arc::new(MemoryStore::new()), &NAMES).unwrap();
    for round in 0..3 {
        let mut disk = open(folder.path());
        for height in round * 10 + 1..=round * 10 + 10 {
            assert_eq!(commit(&mut disk, height), commit(&mut memory, height));
        }
        for reverse in [false, true] {
            let range = Range { reverse, ..Range::prefix("key/05") };
            let rows = disk.latest().scan(STATE, range.clone(), 100).unwrap();
            assert_eq!(rows, memory.latest().scan(STATE, range, 100).unwrap());
        }
        assert_eq!(disk.latest().scan(STATE, Range::all(), 9999), memory.latest().scan(STATE, Range::all(), 9999));
        for height in 1..=round * 10 + 10 {
            let (old, expected) = (disk.view(height).unwrap().unwrap(), memory.view(height).unwrap().unwrap());
            let all = |view: &View| view.clone().scan(STATE, Range::all(), 9999);
            assert_eq!(all(&old), all(&expected), "height {height} at {}", round * 10 + 10);
        }
        let old = disk.view(round * 10 + 3).unwrap().unwrap();
        let expected = memory.view(round * 10 + 3).unwrap().unwrap();
        assert_eq!(old.clone().scan(STATE, Range::all(), 9999), expected.clone().scan(STATE, Range::all(), 9999));
        assert_eq!(old.prove("bank", b"key/001"), expected.prove("bank", b"key/001"));
    }
}

#[test]
fn folder_in_use_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let _first = FjallStore::open(folder.path()).unwrap();
    let second = FjallStore::open(folder.path()).err();
    assert!(matches!(second, Some(StoreError::Disk(text)) if text.contains("in use by another process")));
}

#[test]
fn full_disk_is_called_so() {
    let full = fjall::Error::Io(io::Error::from(io::ErrorKind::StorageFull));
    assert!(matches!(store_error(Path::new("/data"), &full), StoreError::DiskFull(text) if text.starts_with("/data")));
    let inner = fjall::Error::Storage(LsmError::Io(io::Error::from(io::ErrorKind::StorageFull)));
    assert!(matches!(store_error(Path::new("/data"), &inner), StoreError::DiskFull(_)));
    assert!(matches!(store_error(Path::new("/data"), &fjall::Error::InvalidTrailer), StoreError::Corrupt(_)));
}

const CHILD_FOLDER: &str = "AKASH_TEST_DISK_FOLDER";

/// Does nothing by itself: [`killed_process_leaves_a_whole_height`] runs it in another process, where it never ends.
#[test]
fn child_that_commits_for_ever() {
    let Some(folder) = std::env::var_os(CHILD_FOLDER) else { return };
    let mut store = open(Path::new(&folder));
    for height in store.latest().height() + 1.. {
        let hash = commit(&mut store, height);
        println!("\ncommitted {height} {hash}");
    }
}

fn start_child(folder: &Path) -> Child {
    let program = std::env::current_exe().unwrap();
    let mut command = Command::new(program);
    command.args(["disk::tests::child_that_commits_for_ever", "--exact", "--nocapture"]);
    command.env(CHILD_FOLDER, folder).stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().unwrap()
}

#[test]
fn killed_process_leaves_a_whole_height() {
    let folder = tempfile::tempdir().unwrap();
    let mut hashes = vec![String::new()];
    let mut memory = ChainStore::open(Arc::new(MemoryStore::new()), &NAMES).unwrap();
    for blocks in [1, 4, 9, 2, 15] {
        let mut child = start_child(folder.path());
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let committed = lines.filter(|line| line.starts_with("committed ")).take(blocks);
        let last = committed.last().expect("the child commits");
        child.kill().unwrap(); // SIGKILL, somewhere within a later block
        child.wait().unwrap();

        let said: u64 = last.split(' ').nth(1).unwrap().parse().unwrap();
        let reached = open(folder.path()).latest();
        assert!(reached.height() >= said, "height {said} was answered and is lost");
        while hashes.len() as u64 <= reached.height() {
            let height = hashes.len() as u64;
            hashes.push(commit(&mut memory, height));
        }
        assert_eq!(hex::encode(reached.app_hash()), hashes[reached.height() as usize]);
    }
}
