//! What other modules may ask of epochs.

use akash_kernel::{Ctx, TxError};

use super::state::EPOCHS;

/// Whether an epoch of this name has begun in this block, and another one has ended with it.
pub fn has_begun(ctx: &mut Ctx, id: &str) -> Result<bool, TxError> {
    let info = EPOCHS.get(ctx, &id.to_owned())?;
    Ok(info.is_some_and(|info| info.current_epoch_start_height == ctx.height() && info.current_epoch > 1))
}
