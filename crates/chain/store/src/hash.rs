//! SHA-256 and the two hashed forms of the commitment.

use sha2::digest::generic_array::{GenericArray, typenum::U64};
use sha2::{Digest, Sha256};

/// A SHA-256 digest.
pub type Hash = [u8; 32];

/// Marks the hash of a leaf.
pub(crate) const LEAF: u8 = 0;
/// Marks the hash of two children.
pub(crate) const INNER: u8 = 1;

/// The digest of some bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

/// A leaf of a trie: H(00 ‖ H(key) ‖ H(value)).
pub(crate) fn leaf_hash(key: &Hash, value: &Hash) -> Hash {
    tagged_pair(LEAF, key, value)
}

/// Two children of a tree: H(01 ‖ left ‖ right).
pub(crate) fn inner_hash(left: &Hash, right: &Hash) -> Hash {
    tagged_pair(INNER, left, right)
}

const INITIAL: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// SHA-256 of exactly 65 bytes: two compressions on padded blocks, without the general hasher's buffering. Inner
/// hashes are most of a block's hashing, and this form takes two thirds of the time.
fn tagged_pair(tag: u8, first: &Hash, second: &Hash) -> Hash {
    let mut blocks = [GenericArray::<u8, U64>::default(); 2];
    blocks[0][0] = tag;
    blocks[0][1..33].copy_from_slice(first);
    blocks[0][33..].copy_from_slice(&second[..31]);
    blocks[1][0] = second[31];
    blocks[1][1] = 0x80; // padding begins
    blocks[1][62..].copy_from_slice(&520u16.to_be_bytes()); // length in bits
    let mut state = INITIAL;
    sha2::compress256(&mut state, &blocks);

    let mut digest = [0; 32];
    for (bytes, word) in digest.chunks_exact_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    digest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn short_form_equals_the_general_hasher(tag: u8, first: [u8; 32], second: [u8; 32]) {
            let joined = [&[tag][..], &first, &second].concat();
            prop_assert_eq!(tagged_pair(tag, &first, &second), sha256(&joined));
        }
    }
}
