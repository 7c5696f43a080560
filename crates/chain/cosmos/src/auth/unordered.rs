//! Unordered transactions that were seen and could still be repeated.

use akash_kernel::{Ctx, Time, TxError, sdk_error, time};
use akash_types::address::Address;
use serde_json::{Value, json};

use super::state::UNORDERED;
use crate::read::plain;
use crate::rows;

/// Entries that one block removes. Those that wait longer do no harm: their transactions are refused by their timeout.
const PRUNED_PER_BLOCK: usize = 10_000;

const UNORDERED_NAME: &str = "unordered";

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

/// Forgets what the timeout refuses anyway from now on. A timeout that is now still lets its transaction pass.
// PARITY(auth/unordered-last-block): the reference forgets it here, so that the transaction can be repeated in the
// block whose time is the timeout. Page: docs/parity/transactions.md. Vector:
// `unordered_transaction_is_known_in_the_last_block_that_could_take_it`.
pub fn prune(ctx: &mut Ctx) -> Result<(), TxError> {
    for (key, ()) in UNORDERED.scan_range(ctx, rows::before(ctx.time()), PRUNED_PER_BLOCK)? {
        UNORDERED.remove(ctx, &key)?;
    }
    Ok(())
}

/// Takes over what another chain has seen: `{"unordered": [{"signer": …, "timeout": …}]}`, the time in RFC 3339.
pub fn import(ctx: &mut Ctx, ext: &Value) -> Result<(), TxError> {
    let wrong = |what: &str| plain(format!("genesis of auth.ext: {what}"));
    let Some(members) = ext.as_object() else { return Err(wrong("it is no object")) };
    if let Some(unknown) = members.keys().find(|name| *name != UNORDERED_NAME) {
        return Err(wrong(&format!("unknown member {unknown}")));
    }
    for entry in members.get(UNORDERED_NAME).and_then(Value::as_array).into_iter().flatten() {
        let text = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default();
        let signer = Address::parse(text("signer")).map_err(|error| wrong(&format!("signer: {error}")))?;
        let timeout = time::parse_rfc3339(text("timeout")).ok_or_else(|| wrong("a timeout is no time"))?;
        UNORDERED.put(ctx, &((timeout.seconds, timeout.nanos), signer), &())?;
    }
    Ok(())
}

/// The other way; nothing when none is remembered.
pub fn export(ctx: &mut Ctx) -> Result<Option<Value>, TxError> {
    let entries: Vec<Value> = rows::all(ctx, &UNORDERED)?
        .into_iter()
        .map(|(((seconds, nanos), signer), ())| {
            json!({ "signer": signer.to_string(), "timeout": time::rfc3339(Time { seconds, nanos }) })
        })
        .collect();
    Ok((!entries.is_empty()).then(|| json!({ UNORDERED_NAME: entries })))
}
