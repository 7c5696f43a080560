//! Asking for the authority.

use akash_kernel::{Ctx, Reject, TxError, sdk_error};
use akash_store::Item;
use akash_types::address::Address;

use super::STORE;

const ADDRESS: Item<String> = Item::new(STORE, 1);

pub fn address(ctx: &mut Ctx) -> Result<Address, TxError> {
    match ADDRESS.get(ctx)? {
        Some(text) => Address::parse(&text).map_err(|error| TxError::Fault(format!("stored authority: {error}"))),
        None => Ok(Address::module("gov")),
    }
}

/// Refuses every signer but the authority, with governance's code as all modules of the SDK do.
pub fn require(ctx: &mut Ctx, signer: &str) -> Result<(), TxError> {
    match mismatch(ctx, signer)? {
        None => Ok(()),
        Some(text) => Err(Reject {
            codespace: "gov",
            code: 13,
            text: format!("{text}: expected gov account as only signer for proposal message"),
        }
        .into()),
    }
}

/// What is wrong with this signer, if anything.
pub fn mismatch(ctx: &mut Ctx, signer: &str) -> Result<Option<String>, TxError> {
    let expected = address(ctx)?.to_string();
    Ok((signer != expected).then(|| format!("invalid authority; expected {expected}, got {signer}")))
}

pub(super) fn set(ctx: &mut Ctx, text: &str) -> Result<(), TxError> {
    let address = Address::parse(text).map_err(|error| sdk_error::invalid_address(error.to_string()))?;
    ADDRESS.put(ctx, &address.to_string())
}
