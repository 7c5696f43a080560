//! The disk under a chain: order, snapshots, reopening, and a process that is killed while it commits.

use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use akash_store::{ChainStore, Kv, MemoryStore, Overlay, Space, View};

use fjall::LsmError;

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

/// The only journal of a small database, and where what was written into it ends.
fn journal(folder: &Path) -> (PathBuf, usize) {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut journals = files.filter(|path| path.extension().is_some_and(|kind| kind == "jnl"));
    let journal = journals.next().unwrap();
    assert!(journals.next().is_none());
    let bytes = std::fs::read(&journal).unwrap();
    (journal, bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1))
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else {
            std::fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

/// What the power left of the last block's bytes.
#[derive(Clone, Copy, Debug)]
enum Torn {
    /// The file ends.
    CutOff,
    /// Nothing but zeros came after.
    Zeros,
    /// One page did not arrive, what follows did.
    Hole,
    /// Something else stands there.
    Garbage,
}

fn tear(bytes: &mut Vec<u8>, torn: Torn, place: usize, end: usize) {
    match torn {
        Torn::CutOff => bytes.truncate(place),
        Torn::Zeros => bytes[place..end].fill(0),
        Torn::Hole => bytes[place..end.min(place + 64)].fill(0),
        Torn::Garbage => bytes[place] ^= 0x5a,
    }
}

#[test]
fn torn_last_block_is_lost_as_a_whole_and_made_again() {
    const HEIGHT: u64 = 6;
    let original = tempfile::tempdir().unwrap();
    let mut hashes = vec![String::new()];
    for height in 1..HEIGHT {
        hashes.push(commit(&mut open(original.path()), height));
    }
    let start = journal(original.path()).1;
    hashes.push(commit(&mut open(original.path()), HEIGHT));
    let (path, end) = journal(original.path());
    let whole = std::fs::read(&path).unwrap();
    assert!(end > start + 1000);

    let step = (end - start) / 24;
    for torn in [Torn::CutOff, Torn::Zeros, Torn::Hole, Torn::Garbage] {
        for place in (start..end).step_by(step).chain(end - 12..end) {
            let mut bytes = whole.clone();
            tear(&mut bytes, torn, place, end);
            let expected = if bytes == whole { HEIGHT } else { HEIGHT - 1 };
            let folder = tempfile::tempdir().unwrap();
            copy(original.path(), folder.path());
            std::fs::write(folder.path().join(path.file_name().unwrap()), bytes).unwrap();

            let mut store = open(folder.path());
            assert_eq!(store.latest().height(), expected, "{torn:?} at {place} of {start}..{end}");
            assert_eq!(hex::encode(store.latest().app_hash()), hashes[expected as usize]);
            for height in expected + 1..=HEIGHT {
                assert_eq!(commit(&mut store, height), hashes[height as usize]);
            }
            drop(store);
            assert_eq!(hex::encode(open(folder.path()).latest().app_hash()), hashes[HEIGHT as usize]);
        }
    }
}

#[test]
fn block_that_is_damaged_before_the_last_one_is_not_given_up() {
    let folder = tempfile::tempdir().unwrap();
    commit(&mut open(folder.path()), 1);
    let start = journal(folder.path()).1;
    commit(&mut open(folder.path()), 2);
    let (path, end) = journal(folder.path());
    commit(&mut open(folder.path()), 3);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[(start + end) / 2] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let error = FjallStore::open(folder.path()).err();
    assert!(matches!(&error, Some(StoreError::Corrupt(_))), "{error:?}");
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

/// How often the process is killed; more for a long run.
const KILLS: &str = "AKASH_TEST_DISK_KILLS";

/// After how many blocks each time: any number, so that kills fall anywhere within a block.
fn kills() -> impl Iterator<Item = usize> {
    let count = std::env::var(KILLS).ok().and_then(|count| count.parse().ok()).unwrap_or(50);
    (0..count).map(|number: usize| 1 + number * 7 % 11)
}

#[test]
fn killed_process_leaves_a_whole_height() {
    let folder = tempfile::tempdir().unwrap();
    let mut hashes = vec![String::new()];
    let mut memory = ChainStore::open(Arc::new(MemoryStore::new()), &NAMES).unwrap();
    for blocks in kills() {
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
