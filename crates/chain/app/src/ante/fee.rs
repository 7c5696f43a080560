//! Paying for the transaction.

use akash_cosmos::{auth, bank, feegrant};
use akash_kernel::{Ctx, Event, Mode, Reject, TxError, sdk_error};
use akash_types::address::Address;
use akash_types::coin::{Coin, Coins, DecCoins};
use akash_types::num::{Dec, Int};

use super::signers::Signers;
use crate::transaction::Transaction;

/// What fees are paid in, as far as a simulation has to guess.
const FEE_DENOM: &str = "uakt";

pub fn deduct(
    ctx: &mut Ctx,
    tx: &Transaction,
    signers: &mut Signers,
    min_gas_prices: &DecCoins,
) -> Result<(), TxError> {
    let gas = tx.fee().gas_limit;
    if gas == 0 && ctx.mode() != Mode::Simulate && ctx.height() > 0 {
        return Err(sdk_error::invalid_gas_limit("must provide positive gas"));
    }
    if matches!(ctx.mode(), Mode::Check | Mode::Recheck) {
        check_price(tx, min_gas_prices)?;
    }

    let fee = amount(tx)?;
    let payer = payer(ctx, tx, &fee)?;
    if !signers.load(ctx, &payer)? {
        return Err(sdk_error::unknown_address(format!("fee payer address: {payer} does not exist")));
    }
    if !fee.is_empty() {
        bank::api::account_to_module(ctx, &payer, auth::api::FEE_COLLECTOR, &fee).map_err(too_poor)?;
    } else if ctx.mode() == Mode::Simulate {
        charge_as_if_paid(ctx, &payer)?;
    }

    let attributes = vec![("fee".to_owned(), fee.to_string()), ("fee_payer".to_owned(), payer.to_string())];
    ctx.emit_event(Event { kind: "tx".to_owned(), attributes });
    Ok(())
}

fn amount(tx: &Transaction) -> Result<Coins, TxError> {
    Coins::try_from(tx.fee().amount.as_slice())
        .map_err(|_| sdk_error::insufficient_fee(format!("invalid fee amount: {}", tx.fee_text())))
}

/// Whose coins pay: the payer's, or those of the granter whose allowance the payer uses.
fn payer(ctx: &mut Ctx, tx: &Transaction, fee: &Coins) -> Result<Address, TxError> {
    let payer = tx.fee_payer()?;
    if tx.fee().granter.is_empty() {
        return Ok(payer);
    }
    let granter = Address::parse(&tx.fee().granter)
        .map_err(|error| sdk_error::invalid_address(format!("Invalid fee granter address ({error})")))?;
    if granter != payer {
        feegrant::api::use_allowance(ctx, &granter, &payer, fee, &tx.message_types())
            .map_err(|error| error.context(format!("{granter} does not allow to pay fees for {payer}")))?;
    }
    Ok(granter)
}

/// Clients simulate without a fee and then pay one. What paying costs is charged by paying the least there is, on
/// state that is dropped at once; whether the payer can is left to the real transaction.
fn charge_as_if_paid(ctx: &mut Ctx, payer: &Address) -> Result<(), TxError> {
    let least = Coin::new(FEE_DENOM, Int::ONE).map_err(|error| TxError::Fault(error.to_string()))?;
    let dropped = ctx.checkpoint(|ctx| -> Result<(), TxError> {
        bank::api::account_to_module(ctx, payer, auth::api::FEE_COLLECTOR, &least.into())?;
        Err(sdk_error::logic("paid for the sake of its gas"))
    });
    match dropped {
        Err(TxError::Reject(reject)) if (reject.codespace, reject.code) == ("sdk", 11) => Err(reject.into()),
        Err(TxError::Fault(text)) => Err(TxError::Fault(text)),
        _ => Ok(()),
    }
}

/// The SDK registers the refusal a second time, so its text ends twice in the same words.
fn too_poor(error: TxError) -> TxError {
    match error {
        TxError::Reject(Reject { codespace: "sdk", code: 5, text }) => sdk_error::insufficient_funds(text),
        other => other,
    }
}

/// One denomination must reach the node's price for all the gas that is asked for.
pub fn check_price(tx: &Transaction, min_gas_prices: &DecCoins) -> Result<(), TxError> {
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
