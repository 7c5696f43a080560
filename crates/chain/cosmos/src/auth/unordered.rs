//! Unordered transactions that were seen and could still be repeated.

use akash_kernel::{Ctx, Time, TxError, sdk_error};
use akash_types::address::Address;

use super::state::UNORDERED;
use crate::rows;

/// Entries that one block removes. Those that wait longer do no harm: their transactions are refused by their timeout.
const PRUNED_PER_BLOCK: usize = 10_000;

/// Remembers that `signer` used this timeout, and refuses a second time. Costs no gas: the ante chain takes a fixed
/// price, so that a simulation, which remembers nothing, tells the same.
pub fn remember(ctx: &mut Ctx, signer: &Address, timeout: Time) -> Result<(), TxError> {
    let key = ((timeout.seconds, timeout.nanos), signer.clone());
    ctx.without_gas(|ctx| {
        if UNORDERED.has(ctx, &key)? {
            let nanos = i128::from(timeout.seconds) * 1_000_000_000 + i128::from(timeout.nanos);
            return Err(sdk_error::invalid_request(format!(
                "failed to add unordered nonce: sender {signer} has already used timeout {nanos}"
            )));
        }
        UNORDERED.put(ctx, &key, &())
    })
}

/// Forgets what the timeout refuses anyway from now on.
pub fn prune(ctx: &mut Ctx) -> Result<(), TxError> {
    for (key, ()) in UNORDERED.scan_range(ctx, rows::until(ctx.time()), PRUNED_PER_BLOCK)? {
        UNORDERED.remove(ctx, &key)?;
    }
    Ok(())
}
