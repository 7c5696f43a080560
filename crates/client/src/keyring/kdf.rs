//! From a passphrase to a key: argon2id.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use zeroize::Zeroizing;

use super::Passphrase;

/// What a file may ask for at most, so that a hostile one cannot take the machine.
const MAX_MEMORY_KIB: u32 = 1 << 20;
const MAX_PASSES: u32 = 16;
const MAX_LANES: u32 = 16;

/// How expensive a guess is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cost {
    pub memory_kib: u32,
    pub passes: u32,
    pub lanes: u32,
}

/// 32 bytes; `None` if the cost is out of bounds or the salt is no salt.
pub(super) fn derive(passphrase: &Passphrase, salt: &[u8], cost: Cost) -> Option<Zeroizing<[u8; 32]>> {
    if cost.memory_kib > MAX_MEMORY_KIB || cost.passes > MAX_PASSES || cost.lanes > MAX_LANES {
        return None;
    }
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32)).ok()?;
    let mut memory = Zeroizing::new(vec![Block::default(); params.block_count()]);
    let mut key = Zeroizing::new([0; 32]);
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon.hash_password_into_with_memory(passphrase.bytes(), salt, &mut *key, memory.as_mut_slice()).ok()?;
    Some(key)
}
