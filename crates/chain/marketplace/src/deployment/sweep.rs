//! The end of each block: accounts whose money ends at this height are settled, paid out and closed, and their
//! deployments with them. Nobody has to touch them.

use akash_kernel::{Ctx, TxError};

use super::api;
use crate::escrow::api::{self as escrow, AccountId, Standing};
use crate::market::api as market;

/// Most accounts that one block closes; more of them wait for the next block, their debt growing.
pub const MAX_PER_BLOCK: usize = 1000;

pub fn sweep(ctx: &mut Ctx) -> Result<(), TxError> {
    for account in escrow::due(ctx, MAX_PER_BLOCK)? {
        let AccountId::Deployment(id) = account else {
            return Err(TxError::Fault("an account without payments is due".to_owned()));
        };
        if escrow::settle(ctx, &AccountId::Deployment(id.clone()))? == Standing::RanDry {
            market::announce_later(ctx, &id)?;
            api::ran_dry(ctx, &id)?;
        }
    }
    Ok(())
}
