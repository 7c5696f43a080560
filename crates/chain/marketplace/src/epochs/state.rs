//! What the module stores.

use akash_proto::akash::epochs::v1beta1::EpochInfo;
use akash_store::Map;

use super::STORE;

/// By name.
pub const EPOCHS: Map<String, EpochInfo> = Map::new(STORE, 0x11);

/// Most epochs of a chain: each block looks at all of them.
pub const MAX_EPOCHS: usize = 100;
