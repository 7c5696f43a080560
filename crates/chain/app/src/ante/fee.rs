//! Paying for the transaction.

use akash_cosmos::{auth, bank};
use akash_kernel::{Ctx, Event, Mode, Reject, TxError, sdk_error};
use akash_types::address::Address;
use akash_types::coin::{Coin, Coins, DecCoins};
use akash_types::num::{Dec, Int};

use super::signatures::Accounts;
use crate::transaction::Transaction;

pub fn deduct(
    ctx: &mut Ctx,
    tx: &Transaction,
    accounts: &mut Accounts,
    min_gas_prices: &DecCoins,
) -> Result<(), TxError> {
    let gas = tx.fee().gas_limit;
    if gas == 0 && ctx.mode() != Mode::Simulate && ctx.height() > 0 {
        return Err(sdk_error::invalid_gas_limit("must provide positive gas"));
    }
    if matches!(ctx.mode(), Mode::Check | Mode::Recheck) {
        check_price(tx, min_gas_prices)?;
    }

    let payer = tx.fee_payer()?;
    refuse_allowances(tx, &payer)?;
    if !accounts.load(ctx, &payer)? {
        return Err(sdk_error::unknown_address(format!("fee payer address: {payer} does not exist")));
    }
    let amount = pay(ctx, tx, &payer)?;

    let attributes = vec![("fee".to_owned(), amount.to_string()), ("fee_payer".to_owned(), payer.to_string())];
    ctx.emit_event(Event { kind: "tx".to_owned(), attributes });
    Ok(())
}

fn pay(ctx: &mut Ctx, tx: &Transaction, payer: &Address) -> Result<Coins, TxError> {
    let fee = tx.fee();
    let amount = Coins::try_from(fee.amount.as_slice())
        .map_err(|_| sdk_error::insufficient_fee(format!("invalid fee amount: {}", tx.fee_text())))?;
    if !amount.is_empty() {
        bank::api::account_to_module(ctx, payer, auth::api::FEE_COLLECTOR, &amount).map_err(too_poor)?;
    }
    Ok(amount)
}

/// The SDK registers the refusal a second time, so its text ends twice in the same words.
fn too_poor(error: TxError) -> TxError {
    match error {
        TxError::Reject(Reject { codespace: "sdk", code: 5, text }) => sdk_error::insufficient_funds(text),
        other => other,
    }
}

/// There are no allowances yet, so nobody's fee can be paid by somebody who did not sign.
fn refuse_allowances(tx: &Transaction, payer: &Address) -> Result<(), TxError> {
    let granter = &tx.fee().granter;
    if granter.is_empty() || *granter == payer.to_string() {
        return Ok(());
    }
    let granter = Address::parse(granter).map_err(|error| sdk_error::invalid_address(error.to_string()))?;
    Err(sdk_error::not_found(format!("{granter} does not allow to pay fees for {payer}: fee-grant not found")))
}

/// One denomination must reach the node's price for all the gas that is asked for.
fn check_price(tx: &Transaction, min_gas_prices: &DecCoins) -> Result<(), TxError> {
    if min_gas_prices.is_empty() {
        return Ok(());
    }
    let required = required(tx.fee().gas_limit, min_gas_prices)?;
    let paid = |coin: &Coin| tx.fee_amount(&coin.denom).is_some_and(|amount| amount >= coin.amount);
    if required.iter().any(paid) {
        return Ok(());
    }
    let required = required.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let text = format!("insufficient fees; got: {} required: {required}", tx.fee_text());
    Err(sdk_error::insufficient_fee(text))
}

fn required(gas: u64, prices: &DecCoins) -> Result<Vec<Coin>, TxError> {
    let too_much = || sdk_error::invalid_request("the required fee is too large");
    let gas = Dec::from_int(Int::from(gas)).ok_or_else(too_much)?;
    prices
        .iter()
        .map(|price| {
            let amount = price.amount.checked_mul(gas).ok_or_else(too_much)?.ceil();
            Ok(Coin { denom: price.denom.clone(), amount })
        })
        .collect()
}
