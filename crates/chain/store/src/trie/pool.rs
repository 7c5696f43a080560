//! Slots of equal width in chunks that never move.

use super::node::Link;

/// Slots of `width` items each; a slot given back is used again.
pub(super) struct Pool<T> {
    width: usize,
    chunks: Vec<Vec<T>>,
    slots: u32,
    free: Vec<u32>,
}

const CHUNK_SHIFT: u32 = 8;
const CHUNK_SLOTS: usize = 1 << CHUNK_SHIFT;

impl<T: Copy> Pool<T> {
    pub(super) fn new(width: usize) -> Self {
        Self { width, chunks: Vec::new(), slots: 0, free: Vec::new() }
    }

    /// Stores `width` items and gives their slot.
    ///
    /// # Panics
    /// When a link could not hold the slot: 268 million branches in one of 16 shards, some 300 GB of them.
    pub(super) fn put(&mut self, items: &[T]) -> u32 {
        debug_assert_eq!(items.len(), self.width);
        if let Some(slot) = self.free.pop() {
            let (chunk, start) = self.position(slot);
            self.chunks[chunk][start..start + self.width].copy_from_slice(items);
            return slot;
        }
        let slot = self.slots;
        assert!(slot < Link::MAX_SLOTS, "the trie is full");
        if (slot as usize).is_multiple_of(CHUNK_SLOTS) {
            self.chunks.push(Vec::with_capacity(self.width * CHUNK_SLOTS));
        }
        self.chunks[slot as usize >> CHUNK_SHIFT].extend_from_slice(items);
        self.slots += 1;
        slot
    }

    pub(super) fn get(&self, slot: u32) -> &[T] {
        let (chunk, start) = self.position(slot);
        &self.chunks[chunk][start..start + self.width]
    }

    /// Gives a slot back. Nothing may link to it any more.
    pub(super) fn free(&mut self, slot: u32) {
        self.free.push(slot);
    }

    /// Bytes that are held, free slots included.
    pub(super) fn bytes(&self) -> usize {
        self.chunks.len() * CHUNK_SLOTS * self.width * size_of::<T>()
    }

    fn position(&self, slot: u32) -> (usize, usize) {
        (slot as usize >> CHUNK_SHIFT, slot as usize % CHUNK_SLOTS * self.width)
    }
}
