//! What the disk knows of heights beside the records themselves.

use prost::Message;

use crate::bytes::{Batch, ByteView, Table};
use crate::error::StoreError;

const LATEST_KEY: &[u8] = b"latest";
const LAYOUT_KEY: &[u8] = b"layout";
const HALF_INDEXED_KEY: &[u8] = b"half_indexed";

/// The version of tables, keys and records. It goes up whenever a program of before could misread what is written.
pub(super) const LAYOUT: u32 = 2;

/// Which heights are there.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub(crate) struct Latest {
    /// The newest height.
    #[prost(uint64, tag = "1")]
    pub(crate) height: u64,
    /// The lowest height that can be read.
    #[prost(uint64, tag = "2")]
    pub(crate) lowest: u64,
    /// The lowest height whose changed keys are listed; above the newest when there is none.
    #[prost(uint64, tag = "3")]
    pub(crate) listed_from: u64,
}

/// One height.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct HeightRecord {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) app_hash: Vec<u8>,
    /// The stores that are part of the app hash, in the order of names.
    #[prost(message, repeated, tag = "2")]
    pub(crate) stores: Vec<StoreRecord>,
}

/// One store at a height.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct StoreRecord {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) root: Vec<u8>,
    #[prost(uint64, tag = "3")]
    pub(crate) history_len: u64,
}

impl Latest {
    /// Nothing before the first commit. A layout that this program does not know is refused.
    pub(crate) fn read(view: &dyn ByteView) -> Result<Option<Self>, StoreError> {
        let Some(latest) = view.get(Table::Meta, LATEST_KEY)? else { return Ok(None) };
        let found = match view.get(Table::Meta, LAYOUT_KEY)? {
            Some(layout) => layout.as_slice().try_into().map(u32::from_be_bytes).unwrap_or(u32::MAX),
            None => 1,
        };
        if found != LAYOUT {
            return Err(StoreError::Layout { found, known: LAYOUT });
        }
        decoded(&latest).map(Some)
    }

    pub(crate) fn write(&self, batch: &mut Batch) {
        batch.put(Table::Meta, LATEST_KEY.to_vec(), self.encode_to_vec());
        batch.put(Table::Meta, LAYOUT_KEY.to_vec(), LAYOUT.to_be_bytes().to_vec());
    }
}

impl HeightRecord {
    pub(crate) fn read(view: &dyn ByteView, height: u64) -> Result<Option<Self>, StoreError> {
        view.get(Table::Height, &height.to_be_bytes())?.map(|record| decoded(&record)).transpose()
    }

    pub(crate) fn require(view: &dyn ByteView, height: u64) -> Result<Self, StoreError> {
        let missing = || StoreError::Corrupt(format!("height {height} has no record"));
        Self::read(view, height)?.ok_or_else(missing)
    }

    pub(crate) fn write(&self, height: u64, batch: &mut Batch) {
        batch.put(Table::Height, height.to_be_bytes().to_vec(), self.encode_to_vec());
    }

    pub(crate) fn store(&self, name: &str) -> Option<&StoreRecord> {
        self.stores.iter().find(|store| store.name == name)
    }
}

/// Whether the rows of the indexes are being made again, which a stop may have cut off.
pub(super) fn is_half_indexed(view: &dyn ByteView) -> Result<bool, StoreError> {
    Ok(view.get(Table::Meta, HALF_INDEXED_KEY)?.is_some())
}

pub(crate) fn mark_half_indexed(half: bool, batch: &mut Batch) {
    if half {
        batch.put(Table::Meta, HALF_INDEXED_KEY.to_vec(), vec![1]);
    } else {
        batch.delete(Table::Meta, HALF_INDEXED_KEY.to_vec());
    }
}

fn decoded<M: Message + Default>(bytes: &[u8]) -> Result<M, StoreError> {
    M::decode(bytes).map_err(|error| StoreError::Corrupt(format!("the record of a height cannot be read: {error}")))
}

/// The keys that one height changed: of each its table, its length and its bytes.
#[derive(Default)]
pub(super) struct ChangedKeys(Vec<u8>);

impl ChangedKeys {
    pub(super) fn push(&mut self, table: Table, key: &[u8]) {
        let len = u16::try_from(key.len()).expect("keys are checked before they are written");
        self.0.push(table.number());
        self.0.extend_from_slice(&len.to_be_bytes());
        self.0.extend_from_slice(key);
    }

    pub(super) fn write(self, height: u64, batch: &mut Batch) {
        batch.put(Table::Changed, height.to_be_bytes().to_vec(), self.0);
    }

    pub(super) fn read(view: &dyn ByteView, height: u64) -> Result<Vec<(Table, Vec<u8>)>, StoreError> {
        let list = view.get(Table::Changed, &height.to_be_bytes())?.ok_or(StoreError::NoUndo(height))?;
        let broken = || StoreError::Corrupt(format!("the list of what height {height} changed is broken"));
        let (mut keys, mut rest) = (Vec::new(), list.as_slice());
        while let Some((head, behind)) = rest.split_first_chunk::<3>() {
            let table = Table::from_number(head[0]).ok_or_else(broken)?;
            let len = usize::from(u16::from_be_bytes([head[1], head[2]]));
            let (key, behind) = behind.split_at_checked(len).ok_or_else(broken)?;
            keys.push((table, key.to_vec()));
            rest = behind;
        }
        if rest.is_empty() { Ok(keys) } else { Err(broken()) }
    }
}
