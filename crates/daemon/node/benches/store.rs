//! The state on a real disk: opening, committing, reading, and what a block adds.
//!
//! `cargo bench -p akash-node --bench store`; `LIVE`, `CLOSED` and `BLOCKS` change the sizes, `FILLED` is a folder of
//! an earlier run. Each opening runs in a process of its own, for its memory.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a bench speaks, and stops where something fails")]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use akash_node::disk::FjallStore;
use akash_store::{ChainStore, Kv, Options, Overlay, Range, Space, sha256};

const STORE: &str = "market";
const STATE: Space = Space::State(STORE);
const INDEX: Space = Space::Index(STORE);
/// Records that one block writes while the store is filled.
const FILLED_AT_ONCE: u64 = 50_000;
/// Keys that a block of the bench changes.
const CHANGES: u64 = 5_000;
const OPEN: &str = "BENCH_OPEN";

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Some fifty bytes, as the ids of orders and bids have.
fn key(kind: u8, number: u64) -> Vec<u8> {
    let owner = sha256(&(number / 10).to_be_bytes());
    [&[kind], &owner[..20], &number.to_be_bytes(), &[1; 16]].concat()
}

fn value(number: u64) -> Vec<u8> {
    sha256(&number.to_le_bytes()).repeat(8)[..250].to_vec()
}

fn options(threads: usize) -> Options {
    Options { threads, recent_heights: Some(1000), ..Options::default() }
}

fn open(folder: &Path, threads: usize) -> ChainStore {
    let bytes = FjallStore::open(folder).expect("the folder opens");
    ChainStore::open_with(Arc::new(bytes), &[STORE], options(threads)).expect("the state opens")
}

fn fill(folder: &Path, count: u64, closed: bool) {
    let mut store = open(folder, 2);
    let start = Instant::now();
    let firsts = (0..count).step_by(usize::try_from(FILLED_AT_ONCE).expect("small"));
    for (height, first) in (store.latest().height() + 1..).zip(firsts) {
        let mut overlay = Overlay::new(store.latest());
        for number in first..count.min(first + FILLED_AT_ONCE) {
            let written = if closed {
                overlay.archive(STATE, &key(2, number), value(number))
            } else {
                overlay.put(STATE, &key(1, number), value(number))
            };
            written.expect("an overlay does not fail");
        }
        store.commit(overlay.into_changes(), height).expect("the block is committed");
    }
    println!("filled with {count} {} records in {:.0} s", ["live", "closed"][usize::from(closed)], seconds(start));
}

fn seconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64()
}

fn disk_bytes(folder: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    let entries = std::fs::read_dir(folder).expect("the folder can be read");
    let sizes = entries.map(|entry| {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() { disk_bytes(&path) } else { path.metadata().map_or(0, |file| file.blocks() * 512) }
    });
    sizes.sum()
}

/// Seconds that all threads of this process have run. Other programs' work does not count.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks = fields.skip(11).take(2).filter_map(|text| text.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

/// Resident memory of this process, in MB.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|text| text.parse::<u64>().ok()).unwrap_or_default() / 1024
}

fn open_elsewhere(folder: &Path, what: &str) {
    for threads in ["1", "2", "2"] {
        let program = std::env::current_exe().expect("a program knows its place");
        let status = Command::new(program).env(OPEN, folder).env("THREADS", threads).env("WHAT", what).status();
        assert!(status.expect("it starts").success());
    }
}

/// Eight of ten keys change, one is new, one goes; each has a row in the index.
fn block(store: &ChainStore, height: u64, live: u64) -> Overlay {
    let mut overlay = Overlay::new(store.latest());
    for change in 0..CHANGES {
        let random = sha256(&[height.to_be_bytes(), change.to_be_bytes()].concat());
        let number = u64::from_be_bytes(random[..8].try_into().expect("eight bytes")) % live;
        let written = match random[8] % 10 {
            0 => overlay.delete(STATE, &key(1, number)),
            1 => overlay.put(STATE, &key(3, height * CHANGES + change), value(height)),
            _ => overlay.put(STATE, &key(1, number), value(height + change)),
        };
        written.expect("an overlay does not fail");
        if random[8] % 10 < 2 {
            overlay.put(INDEX, &key(4, number), Vec::new()).expect("an overlay does not fail");
        }
    }
    overlay
}

fn commits(folder: &Path, live: u64, blocks: u64) {
    for threads in [1, 2] {
        let mut store = open(folder, threads);
        let (before, cpu_before, mut took) = (disk_bytes(folder), cpu(), Vec::new());
        for _ in 0..blocks {
            let height = store.latest().height() + 1;
            let changes = block(&store, height, live).into_changes();
            let start = Instant::now();
            store.commit(changes, height).expect("the block is committed");
            took.push(seconds(start) * 1e3);
        }
        let cpu = (cpu() - cpu_before) * 1e3 / blocks as f64;
        took.sort_unstable_by(f64::total_cmp);
        let grown = disk_bytes(folder).saturating_sub(before) / blocks;
        println!(
            "commit of {CHANGES} changed keys, {threads} threads: best {:.1} ms, median {:.1} ms, slowest {:.1} ms, \
             {cpu:.1} ms of processor with making the block and merging files, {} kB of disk a block",
            took[0],
            took[took.len() / 2],
            took[took.len() - 1],
            grown / 1000
        );
    }
    let mut store = open(folder, 2);
    let mut took = Vec::new();
    for _ in 0..blocks.min(50) {
        let height = store.latest().height() + 1;
        let mut overlay = Overlay::new(store.latest());
        for number in 0..5 {
            overlay.put(STATE, &key(1, height * 5 + number), value(height)).expect("an overlay does not fail");
        }
        let start = Instant::now();
        store.commit(overlay.into_changes(), height).expect("the block is committed");
        took.push(seconds(start) * 1e3);
    }
    took.sort_unstable_by(f64::total_cmp);
    println!("commit of 5 changed keys: best {:.2} ms, median {:.2} ms", took[0], took[took.len() / 2]);
}

fn pages(folder: &Path, live: u64) {
    let store = open(folder, 2);
    let newest = store.latest();
    let older = newest.at(newest.height() - 40).expect("it is read").expect("it is kept");
    for (what, view) in [("newest height", newest), ("40 heights ago", older)] {
        let (mut page, mut get) = (Vec::new(), Vec::new());
        for round in 0..300 {
            let mut view = view.clone();
            let from = key(1, round * 7919 % live);
            let start = Instant::now();
            let rows = view.scan(STATE, Range { start: from.clone(), ..Range::all() }, 100).expect("it is read");
            page.push(seconds(start) * 1e6);
            assert_eq!(rows.len(), 100);
            let start = Instant::now();
            view.read(STATE, &from).expect("it is read");
            get.push(seconds(start) * 1e6);
        }
        page.sort_unstable_by(f64::total_cmp);
        get.sort_unstable_by(f64::total_cmp);
        println!("{what}: page of 100 records {:.0} µs, one record {:.1} µs (medians)", page[150], get[150]);
    }
}

fn main() {
    if let Some(folder) = std::env::var_os(OPEN) {
        let (start, threads) = (Instant::now(), usize::try_from(number("THREADS", 2)).expect("small"));
        let store = open(Path::new(&folder), threads);
        let what = std::env::var("WHAT").unwrap_or_default();
        println!(
            "open with {what}, {threads} threads: {:.2} s, {:.2} s of processor, {} MB of memory, {} MB of it tries",
            seconds(start),
            cpu(),
            memory(),
            store.commitment_bytes() >> 20
        );
        return;
    }
    let (live, closed, blocks) = (number("LIVE", 1_300_000), number("CLOSED", 3_000_000), number("BLOCKS", 60));
    if let Some(folder) = std::env::var_os("FILLED") {
        commits(Path::new(&folder), live, blocks);
        return pages(Path::new(&folder), live);
    }
    let folder = tempfile::tempdir().expect("there is room for a folder");
    fill(folder.path(), live, false);
    open_elsewhere(folder.path(), &format!("{live} live records"));
    commits(folder.path(), live, blocks);
    pages(folder.path(), live);
    if closed > 0 {
        fill(folder.path(), closed, true);
        open_elsewhere(folder.path(), &format!("{closed} closed ones besides"));
        println!("{} MB on disk", disk_bytes(folder.path()) >> 20);
    }
}
