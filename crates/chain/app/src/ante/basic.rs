//! Checks of the transaction itself.

use akash_kernel::{Ctx, TxError, sdk_error, time};
use akash_proto::cosmos::auth::v1beta1::Params;
use akash_types::address::Address;
use prost_types::Timestamp;

use crate::transaction::Transaction;

/// Gas is counted in signed 64-bit integers by clients.
const MAX_GAS: u64 = i64::MAX as u64;

pub fn check_extensions(tx: &Transaction) -> Result<(), TxError> {
    if tx.body().extension_options.is_empty() { Ok(()) } else { Err(sdk_error::unknown_extension_options("")) }
}

pub fn check(tx: &Transaction) -> Result<(), TxError> {
    let fee = tx.fee();
    if fee.gas_limit > MAX_GAS {
        return Err(sdk_error::invalid_request(format!("invalid gas supplied; {} > {MAX_GAS}", fee.gas_limit)));
    }
    if fee.amount.iter().any(|coin| coin.amount.starts_with('-')) {
        return Err(sdk_error::insufficient_fee(format!("invalid fee provided: {}", tx.fee_text())));
    }
    if !fee.payer.is_empty() {
        Address::parse(&fee.payer)
            .map_err(|error| sdk_error::invalid_address(format!("Invalid fee payer address ({error})")))?;
    }
    let (signers, signatures) = (tx.signers().len(), tx.signatures().len());
    if signatures == 0 {
        return Err(sdk_error::no_signatures(""));
    }
    if signatures != signers {
        let text = format!("wrong number of signers; expected {signers}, got {signatures}");
        return Err(sdk_error::unauthorized(text));
    }
    Ok(())
}

pub fn check_timeouts(ctx: &mut Ctx, tx: &Transaction) -> Result<(), TxError> {
    let (height, timeout) = (ctx.height(), tx.body().timeout_height);
    if timeout > 0 && u64::try_from(height).is_ok_and(|height| height > timeout) {
        return Err(sdk_error::tx_timeout_height(format!("block height: {height}, timeout height: {timeout}")));
    }
    let now = ctx.time();
    match &tx.body().timeout_timestamp {
        Some(Timestamp { seconds, nanos }) if (*seconds, i64::from(*nanos)) < (now.seconds, i64::from(now.nanos)) => {
            let (block, timeout) =
                (time::go_text(now.seconds, now.nanos), time::go_text(*seconds, nanos.unsigned_abs()));
            Err(sdk_error::tx_timeout(format!("block time: {block}, timeout timestamp: {timeout}")))
        }
        _ => Ok(()),
    }
}

pub fn check_memo(tx: &Transaction, params: &Params) -> Result<(), TxError> {
    let (length, max) = (tx.body().memo.len(), params.max_memo_characters);
    if u64::try_from(length).is_ok_and(|length| length <= max) {
        return Ok(());
    }
    let text = format!("maximum number of characters is {max} but received {length} characters");
    Err(sdk_error::memo_too_large(text))
}
