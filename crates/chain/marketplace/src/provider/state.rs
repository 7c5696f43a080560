//! What the module stores.

use akash_proto::akash::provider::v1beta4::Provider;
use akash_store::Map;
use akash_types::address::Address;

use super::STORE;

pub const PROVIDERS: Map<Address, Provider> = Map::new(STORE, 0x11);
