//! What the module stores.

use akash_proto::akash::take::v1::{DenomTakeRate, Params};
use akash_store::{Item, Kv};

use super::STORE;

pub const PARAMS: Item<Params> = Item::new(STORE, 0x14);

pub fn params<S: Kv>(kv: &mut S) -> Result<Params, S::Error> {
    Ok(PARAMS.get(kv)?.unwrap_or_else(default_params))
}

/// Those that the reference had while it took a fee.
pub fn default_params() -> Params {
    Params { denom_take_rates: vec![DenomTakeRate { denom: "uakt".to_owned(), rate: 2 }], default_take_rate: 20 }
}
