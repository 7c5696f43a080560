//! Whole units that leave the module's account: to providers, less the fee, and back to depositors.

use akash_cosmos::{auth, bank};
use akash_kernel::{Ctx, TxError};
use akash_types::address::Address;
use akash_types::coin::{Coin, Coins};
use akash_types::num::Int;

use super::{STORE, authorization};
use crate::{fault, take};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payout {
    /// A provider has earned this; `before` was paid out of the same payment already.
    Earned { payee: Address, coin: Coin, before: Int },
    /// What is left of a deposit.
    Refund { depositor: Address, coin: Coin, grantee: Option<Address> },
}

/// In the order in which they are made.
pub type Payouts = Vec<Payout>;

pub fn pay(ctx: &mut Ctx, payouts: Payouts) -> Result<(), TxError> {
    for payout in payouts {
        match payout {
            Payout::Earned { payee, coin, before } => pay_earned(ctx, &payee, coin, before)?,
            Payout::Refund { depositor, coin, grantee } => {
                send(ctx, &depositor, &coin)?;
                if let Some(grantee) = grantee {
                    authorization::restore(ctx, &depositor, &grantee, &coin)?;
                }
            }
        }
    }
    Ok(())
}

fn pay_earned(ctx: &mut Ctx, payee: &Address, coin: Coin, before: Int) -> Result<(), TxError> {
    let fee = take::api::fee(ctx, &coin.denom, before, coin.amount)?;
    let rest = coin.amount.checked_sub(fee).ok_or_else(|| fault::broken("fee"))?;
    if fee.is_positive() {
        let fee = Coins::from(Coin { denom: coin.denom.clone(), amount: fee });
        bank::api::module_to_module(ctx, STORE, auth::api::FEE_COLLECTOR, &fee)?;
    }
    send(ctx, payee, &Coin { amount: rest, ..coin })
}

fn send(ctx: &mut Ctx, to: &Address, coin: &Coin) -> Result<(), TxError> {
    if coin.amount.is_positive() {
        bank::api::send(ctx, &Address::module(STORE), to, &Coins::from(coin.clone()))?;
    }
    Ok(())
}
