//! Transactions without a sequence: their timeout, which must be near, is what cannot be used twice.

use akash_cosmos::auth;
use akash_kernel::{Ctx, Mode, Time, TxError, sdk_error};
use prost_types::Timestamp;

use crate::transaction::Transaction;

/// How far ahead the timeout may be; as long it is remembered.
const MAX_AHEAD_SECONDS: i64 = 600;
/// What remembering costs, whatever it takes.
const GAS: u64 = 2240;

/// Checks the timeout and remembers it for each signer.
pub fn check(ctx: &mut Ctx, tx: &Transaction) -> Result<(), TxError> {
    let timeout = timeout(tx)?;
    let now = ctx.time();
    if timeout < now {
        let text = "unordered transaction has a timeout_timestamp that has already passed";
        return Err(sdk_error::invalid_request(text));
    }
    let latest = Time { seconds: now.seconds.saturating_add(MAX_AHEAD_SECONDS), ..now };
    if timeout > latest {
        return Err(sdk_error::invalid_request("unordered tx ttl exceeds 10m0s"));
    }
    ctx.consume_gas(GAS, "unordered tx")?;
    if ctx.mode() == Mode::Simulate {
        return Ok(());
    }
    tx.signers().iter().try_for_each(|signer| auth::api::remember_unordered(ctx, signer, timeout))
}

fn timeout(tx: &Transaction) -> Result<Time, TxError> {
    let missing = || sdk_error::invalid_request("unordered transaction must have timeout_timestamp set");
    match tx.body().timeout_timestamp {
        Some(Timestamp { seconds, nanos }) if seconds != 0 => {
            let nanos = u32::try_from(nanos).ok().filter(|nanos| *nanos < 1_000_000_000);
            Ok(Time { seconds, nanos: nanos.ok_or_else(missing)? })
        }
        _ => Err(missing()),
    }
}
