//! A small chain whose blocks are made up from a number.

use std::collections::BTreeMap;

use akash_store::{ChainStore, Hash, Kv, Overlay, Space, StoreError, sha256};

pub const NAMES: [&str; 3] = ["acc", "bank", "market"];

/// What a block does, by store and key: write, remove, or write for the last time.
pub type Block = BTreeMap<(&'static str, Vec<u8>), Option<(Vec<u8>, bool)>>;

/// A block that depends on its height alone.
pub fn block(height: u64) -> Block {
    let mut block = Block::new();
    for number in 0..40u64 {
        let random = sha256(&[height.to_be_bytes(), number.to_be_bytes()].concat());
        let store = NAMES[usize::from(random[0]) % NAMES.len()];
        if store == "market" && random[1] < 60 {
            // final records have keys of their own, so that no later block meets them again
            let key = format!("closed/{height}/{number}").into_bytes();
            block.insert((store, key), Some((random[..9].to_vec(), true)));
            continue;
        }
        let key = format!("key/{}", random[2] % 64).into_bytes();
        let value = (random[3] >= 70).then(|| (random[4..].to_vec(), false));
        block.insert((store, key), value);
    }
    block
}

pub fn commit(store: &mut ChainStore, block: &Block, height: u64) -> Result<Hash, StoreError> {
    let mut overlay = Overlay::new(store.latest());
    for ((name, key), change) in block {
        let space = Space::State(name);
        match change {
            None => overlay.delete(space, key)?,
            Some((value, false)) => overlay.put(space, key, value.clone())?,
            Some((value, true)) => overlay.archive(space, key, value.clone())?,
        }
    }
    overlay.put(Space::Index("bank"), &height.to_be_bytes().map(|byte| byte | 1), Vec::new())?;
    store.commit(overlay.into_changes(), height)
}
