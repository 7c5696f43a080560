//! Taking the newest height back, on the disk alone. Opening the store afterwards checks the outcome.

use super::record::{ChangedKeys, HeightRecord, Latest};
use crate::bytes::{Batch, ByteStore, ByteView, Table};
use crate::error::StoreError;
use crate::hash::Hash;
use crate::merkle::completed_by;
use crate::proof::node_key;
use crate::undo::{old_value, undo_key};

/// Takes the newest height back in one batch, and gives the height before it with its app hash. No
/// [`super::ChainStore`] may be open.
pub fn roll_back(bytes: &dyn ByteStore) -> Result<(u64, Hash), StoreError> {
    let view = bytes.snapshot()?;
    let latest = Latest::read(view.as_ref())?.ok_or(StoreError::NothingCommitted)?;
    let height = latest.height;
    if height <= latest.lowest || height < latest.listed_from {
        return Err(StoreError::NoUndo(height));
    }
    let before = HeightRecord::require(view.as_ref(), height - 1)?;

    let mut batch = Batch::default();
    for (table, key) in ChangedKeys::read(view.as_ref(), height)? {
        undo_row(view.as_ref(), table, key, height, &mut batch)?;
    }
    for store in HeightRecord::require(view.as_ref(), height)?.stores {
        let first = before.store(&store.name).map_or(0, |store| store.history_len);
        for place in (first..store.history_len).flat_map(completed_by) {
            batch.delete(Table::HistoryNode, node_key(&store.name, place));
        }
    }
    batch.delete(Table::Height, height.to_be_bytes().to_vec());
    batch.delete(Table::Changed, height.to_be_bytes().to_vec());
    Latest { height: height - 1, ..latest }.write(&mut batch);
    bytes.write(batch)?;

    let app_hash = before.app_hash.try_into();
    Ok((height - 1, app_hash.map_err(|_| StoreError::Corrupt(format!("height {} has no app hash", height - 1)))?))
}

fn undo_row(view: &dyn ByteView, table: Table, key: Vec<u8>, height: u64, batch: &mut Batch) -> Result<(), StoreError> {
    if table == Table::History {
        batch.delete(table, key);
        return Ok(());
    }
    let undo = undo_key(table, &key, height);
    let row = view.get(Table::Undo, &undo)?.ok_or(StoreError::NoUndo(height))?;
    match old_value(&row)? {
        Some(value) => batch.put(table, key, value),
        None => batch.delete(table, key),
    }
    batch.delete(Table::Undo, undo);
    Ok(())
}
