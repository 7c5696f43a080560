//! What other modules may ask of providers.

use akash_kernel::{Ctx, TxError};
use akash_proto::akash::provider::v1beta4::Provider;
use akash_types::address::Address;

use super::state::PROVIDERS;

pub fn provider(ctx: &mut Ctx, owner: &Address) -> Result<Option<Provider>, TxError> {
    PROVIDERS.get(ctx, owner)
}
