//! Bits of key hashes, the highest first.

use crate::hash::Hash;

pub(super) fn bit(key: &Hash, place: usize) -> bool {
    key[place / 8] >> (7 - place % 8) & 1 == 1
}

/// The first bit in which two different keys differ.
pub(super) fn first_difference(one: &Hash, other: &Hash) -> usize {
    let byte = one.iter().zip(other).position(|(a, b)| a != b).expect("the keys of two leaves differ");
    byte * 8 + (one[byte] ^ other[byte]).leading_zeros() as usize
}
