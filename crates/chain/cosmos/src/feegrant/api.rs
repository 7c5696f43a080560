//! What the ante chain does with allowances.

use akash_kernel::{Ctx, TxError};
use akash_types::address::Address;
use akash_types::coin::Coins;

use super::allowance::Rest;
use super::state;

/// Takes a fee from the allowance of `granter` to `grantee`, for a transaction with messages of these types. The coins
/// are not moved.
pub fn use_allowance(
    ctx: &mut Ctx,
    granter: &Address,
    grantee: &Address,
    fee: &Coins,
    messages: &[String],
) -> Result<(), TxError> {
    let pair = (grantee.clone(), granter.clone());
    let mut allowance = state::find(ctx, &pair)?.ok_or_else(state::not_found)?;

    let rest = allowance.take(ctx, fee, messages)?;

    if rest == Rest::Nothing {
        state::remove(ctx, &pair)?;
        state::announce(ctx, "revoke_feegrant", &pair);
        state::announce(ctx, "use_feegrant", &pair);
        return Ok(());
    }
    state::announce(ctx, "use_feegrant", &pair);
    state::put(ctx, &pair, &allowance)?;
    state::announce(ctx, "update_feegrant", &pair);
    Ok(())
}
