use sha2::{Digest, Sha256};

/// The size of a part; the last one may be shorter.
pub const PART_BYTES: usize = 65_536;

/// One part of a block, with the proof that it belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub index: u32,
    pub bytes: Vec<u8>,
    /// SHA-256 of a zero byte and the part.
    pub leaf_hash: [u8; 32],
    /// The sibling hashes from the leaf up.
    pub aunts: Vec<[u8; 32]>,
}

/// A block as it is gossiped: cut in parts under one Merkle root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartSet {
    pub parts: Vec<Part>,
    pub hash: [u8; 32],
}

impl PartSet {
    /// Cuts an encoded block.
    #[must_use]
    pub fn new(block: &[u8]) -> Self {
        let parts = block.chunks(PART_BYTES).enumerate().map(|(index, bytes)| Part {
            index: u32::try_from(index).expect("a block is far below 256 TiB"),
            bytes: bytes.to_vec(),
            leaf_hash: leaf_hash(bytes),
            aunts: Vec::new(),
        });
        let mut parts: Vec<Part> = parts.collect();
        let hash = prove(&mut parts);
        Self { parts, hash }
    }

    /// How many parts there are.
    #[must_use]
    pub fn total(&self) -> u32 {
        u32::try_from(self.parts.len()).expect("each has an index of 32 bits")
    }
}

impl Part {
    /// Whether this part belongs to a set of `total` parts with this hash.
    #[must_use]
    pub fn is_of(&self, total: u32, hash: &[u8; 32]) -> bool {
        let sized = self.bytes.len() <= PART_BYTES && leaf_hash(&self.bytes) == self.leaf_hash;
        sized && self.index < total && root(self.index, total, self.leaf_hash, &self.aunts) == Some(*hash)
    }
}

fn leaf_hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update([0]).chain_update(bytes).finalize().into()
}

fn inner_hash(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// Fills the aunts in, and gives the root.
fn prove(parts: &mut [Part]) -> [u8; 32] {
    match parts {
        [] => Sha256::digest([]).into(),
        [only] => only.leaf_hash,
        _ => {
            let (left, right) = parts.split_at_mut(split(parts.len()));
            let (left_hash, right_hash) = (prove(left), prove(right));
            left.iter_mut().for_each(|part| part.aunts.push(right_hash));
            right.iter_mut().for_each(|part| part.aunts.push(left_hash));
            inner_hash(&left_hash, &right_hash)
        }
    }
}

/// The root that leaf and aunts give. `None` when there are too many or too few aunts.
fn root(index: u32, total: u32, leaf: [u8; 32], aunts: &[[u8; 32]]) -> Option<[u8; 32]> {
    if total == 1 {
        return aunts.is_empty().then_some(leaf);
    }
    let (aunt, below) = aunts.split_last()?;
    let split = u32::try_from(split(total as usize)).ok()?;
    if index < split {
        Some(inner_hash(&root(index, split, leaf, below)?, aunt))
    } else {
        Some(inner_hash(aunt, &root(index - split, total - split, leaf, below)?))
    }
}

/// The largest power of two below `n`, which is at least 2.
fn split(n: usize) -> usize {
    n.next_power_of_two() / 2
}
