//! What the commitment costs at 1.3 million records: `cargo bench -p akash-store`.
//!
//! The byte store below keeps its first block and forgets all others, so that the figures are those of hashing, tries,
//! batches and views, without a disk. `LEAVES=n` takes another number of records.

use std::hint::black_box;
use std::sync::{Arc, OnceLock};
#[expect(clippy::disallowed_types, reason = "a bench measures time")]
use std::time::Instant;

use akash_store::{
    Batch, ByteStore, ByteView, ChainStore, Kv, Options, Overlay, Range, Rows, Space, StoreError, Table, sha256,
};

const STORE: &str = "bank";
const STATE: Space = Space::State(STORE);
const KEPT_HEIGHTS: usize = 10;

/// Keys of some forty bytes, as balances have.
fn key(number: u64) -> Vec<u8> {
    let mut key = number.to_be_bytes().map(|byte| byte | 0x80).to_vec();
    key.extend_from_slice(&sha256(&number.to_be_bytes())[..20]);
    key.extend_from_slice(b"balance/uakt");
    key
}

fn value(number: u64) -> Vec<u8> {
    sha256(&number.to_le_bytes()).repeat(8)[..250].to_vec()
}

/// What the first block wrote: the records, and which height it was.
#[derive(Default)]
struct Frozen {
    records: Vec<(Vec<u8>, Vec<u8>)>,
    meta: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Keeps the first block and forgets all later ones.
#[derive(Clone, Default)]
struct FrozenStore(Arc<OnceLock<Frozen>>);

impl ByteStore for FrozenStore {
    fn snapshot(&self) -> Result<Arc<dyn ByteView>, StoreError> {
        Ok(Arc::new(self.clone()))
    }

    fn write(&self, batch: Batch) -> Result<(), StoreError> {
        if self.0.get().is_some() {
            black_box(batch);
            return Ok(());
        }
        let mut frozen = Frozen::default();
        for write in batch.writes {
            match (write.table, write.value) {
                (Table::State, Some(value)) => frozen.records.push((write.key, value)),
                (Table::Meta, Some(value)) => frozen.meta.push((write.key, value)),
                _ => {}
            }
        }
        frozen.records.sort_unstable();
        self.0.set(frozen).map_err(|_| StoreError::Broken)
    }

    fn forget_undo(&self, _: u64) {}
}

impl FrozenStore {
    fn table(&self, table: Table) -> &[(Vec<u8>, Vec<u8>)] {
        match (table, self.0.get()) {
            (Table::State, Some(frozen)) => &frozen.records,
            (Table::Meta, Some(frozen)) => &frozen.meta,
            _ => &[],
        }
    }
}

impl ByteView for FrozenStore {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let rows = self.table(table);
        let found = rows.binary_search_by(|(other, _)| other.as_slice().cmp(key));
        Ok(found.ok().map(|place| rows[place].1.clone()))
    }

    fn rows(&self, table: Table, _: &Range) -> Rows<'_> {
        Box::new(self.table(table).iter().cloned().map(Ok))
    }
}

/// The first block: all records.
fn freeze(leaves: u64) -> FrozenStore {
    let bytes = FrozenStore::default();
    let mut store = ChainStore::open(Arc::new(bytes.clone()), &[STORE]).expect("an empty store opens");
    let mut overlay = Overlay::new(store.latest());
    for number in 0..leaves {
        overlay.put(STATE, &key(number), value(number)).expect("an overlay in memory does not fail");
    }
    store.commit(overlay.into_changes(), 0).expect("nothing fails without a disk");
    bytes
}

fn time<T>(work: impl FnOnce() -> T) -> (f64, T) {
    #[expect(clippy::disallowed_types, reason = "a bench measures time")]
    let start = Instant::now();
    let outcome = work();
    (start.elapsed().as_secs_f64(), outcome)
}

/// Seconds that this thread has run, where the system tells; they do not grow while others have the core.
fn own_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = stat.split(' ').next().and_then(|text| text.parse::<f64>().ok());
    nanoseconds.unwrap_or_default() / 1e9
}

/// Eight of ten keys change, one is new, one goes.
fn block(store: &ChainStore, height: u64, changes: u64, leaves: u64) -> Overlay {
    let mut overlay = Overlay::new(store.latest());
    for change in 0..changes {
        let random = sha256(&[height.to_be_bytes(), change.to_be_bytes()].concat());
        let number = u64::from_be_bytes(random[..8].try_into().expect("eight bytes")) % leaves;
        let written = match random[8] % 10 {
            0 => overlay.delete(STATE, &key(number)),
            1 => overlay.put(STATE, &key(leaves + height * changes + change), value(height)),
            _ => overlay.put(STATE, &key(number), value(height + change)),
        };
        written.expect("an overlay in memory does not fail");
    }
    overlay
}

/// Best and median. On a machine that does other work too, the best one says more.
fn summary(mut seconds: Vec<f64>) -> (f64, f64) {
    seconds.sort_unstable_by(f64::total_cmp);
    (seconds[0], seconds[seconds.len() / 2])
}

fn run(frozen: &FrozenStore, leaves: u64, threads: usize) {
    let options = Options { kept_heights: KEPT_HEIGHTS, threads, ..Options::default() };
    let (rebuild, store) = time(|| ChainStore::open_with(Arc::new(frozen.clone()), &[STORE], options));
    let mut store = store.expect("the first block opens");
    let fresh = store.commitment_bytes();
    println!("{threads} threads: rebuild {rebuild:.2} s, {:.1} bytes a leaf", fresh as f64 / leaves as f64);

    let mut height = 0;
    for (changes, blocks) in [(5000, 60), (500, 100)] {
        let (mut seconds, mut own) = (Vec::new(), Vec::new());
        for _ in 0..blocks {
            height += 1;
            let changed = block(&store, height, changes, leaves).into_changes();
            let count = changed.len() as f64;
            let before = own_seconds();
            let (took, committed) = time(|| store.commit(changed, height));
            committed.expect("nothing fails without a disk");
            own.push((own_seconds() - before) / count);
            seconds.push(took / count);
        }
        let ((best, median), (_, own)) = (summary(seconds), summary(own));
        let block =
            |each: f64| format!("{:.2} ms, {:.0} changed keys a second", each * changes as f64 * 1e3, 1.0 / each);
        println!("  block of {changes}: best {}; median {}", block(best), block(median));
        if threads == 1 {
            println!("    while it has the core: {}", block(own));
        }
    }
    let kept = store.commitment_bytes() as f64 / leaves as f64;
    println!("  with {KEPT_HEIGHTS} kept heights: {kept:.1} bytes a leaf");
}

fn main() {
    let leaves = std::env::var("LEAVES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_300_000);
    println!("{leaves} records of 250 bytes");
    let frozen = freeze(leaves);
    for threads in [1, 2] {
        run(&frozen, leaves, threads);
    }
}
