//! Moving coins. Every function announces what it did as the SDK does.

use akash_kernel::{Ctx, Reject, TxError, sdk_error};
use akash_types::address::Address;
use akash_types::coin::{Coin, Coins};
use akash_types::num::Int;

use super::errors::BankError;
use super::events::{self, Shown};
use super::state::{self, BALANCES, HOLDERS, PARAMS, SEND_ENABLED, SUPPLY};
use crate::auth;

pub fn balance(ctx: &mut Ctx, address: &Address, denom: &str) -> Result<Int, TxError> {
    state::amount(BALANCES.get(ctx, &(address.clone(), denom.to_owned()))?)
}

/// What of the balance may be spent: all that is not locked.
pub fn spendable(ctx: &mut Ctx, address: &Address, denom: &str) -> Result<Int, TxError> {
    let held = balance(ctx, address, denom)?;
    let now = ctx.time();
    let locked = auth::api::locked(ctx, address, now)?.amount_of(denom);
    Ok(state::unlocked(held, locked).unwrap_or(Int::ZERO))
}

pub fn supply_of(ctx: &mut Ctx, denom: &str) -> Result<Int, TxError> {
    state::amount(SUPPLY.get(ctx, &denom.to_owned())?)
}

/// Moves coins between any two accounts; whether the receiver may have them is the caller's question.
pub fn send(ctx: &mut Ctx, from: &Address, to: &Address, amount: &Coins) -> Result<(), TxError> {
    let (shown_from, shown_to, shown_amount) = (Shown::from(from), Shown::from(to), Shown::from(amount));
    take(ctx, from, amount)?;
    events::coin_spent(ctx, &shown_from, &shown_amount);
    give(ctx, to, amount)?;
    events::coin_received(ctx, &shown_to, &shown_amount);
    auth::api::ensure_account(ctx, to)?;

    events::transfer(ctx, &shown_to, &shown_from, &shown_amount);
    events::sender(ctx, &shown_from);
    Ok(())
}

/// Pays out of a module's account; module accounts are no receivers here.
pub fn module_to_account(ctx: &mut Ctx, module: &str, to: &Address, amount: &Coins) -> Result<(), TxError> {
    check_receiver(to)?;
    send(ctx, &Address::module(module), to, amount)
}

pub fn account_to_module(ctx: &mut Ctx, from: &Address, module: &str, amount: &Coins) -> Result<(), TxError> {
    permissions(module)?;
    send(ctx, from, &Address::module(module), amount)
}

pub fn module_to_module(ctx: &mut Ctx, from: &str, to: &str, amount: &Coins) -> Result<(), TxError> {
    permissions(to)?;
    send(ctx, &Address::module(from), &Address::module(to), amount)
}

/// Makes new coins in a module's account.
pub fn mint(ctx: &mut Ctx, module: &str, amount: &Coins) -> Result<(), TxError> {
    require_permission(module, "minter")?;
    let minter = Address::module(module);

    let (shown_minter, shown_amount) = (Shown::from(&minter), Shown::from(amount));
    give(ctx, &minter, amount)?;
    events::coin_received(ctx, &shown_minter, &shown_amount);
    for coin in amount.iter() {
        let supply = supply_of(ctx, &coin.denom)?.checked_add(coin.amount).ok_or_else(|| too_large(coin))?;
        set_supply(ctx, &coin.denom, supply)?;
    }

    events::minted(ctx, &shown_minter, &shown_amount);
    Ok(())
}

/// Destroys coins of a module's account.
pub fn burn(ctx: &mut Ctx, module: &str, amount: &Coins) -> Result<(), TxError> {
    require_permission(module, "burner")?;
    let burner = Address::module(module);

    let (shown_burner, shown_amount) = (Shown::from(&burner), Shown::from(amount));
    take(ctx, &burner, amount)?;
    events::coin_spent(ctx, &shown_burner, &shown_amount);
    for coin in amount.iter() {
        let supply = supply_of(ctx, &coin.denom)?.checked_sub(coin.amount).filter(|supply| !supply.is_negative());
        let supply = supply.ok_or_else(|| TxError::Fault(format!("supply of {} is below a balance", coin.denom)))?;
        set_supply(ctx, &coin.denom, supply)?;
    }

    events::burned(ctx, &shown_burner, &shown_amount);
    Ok(())
}

/// Refuses denominations that ordinary sends may not move.
pub fn check_send_enabled(ctx: &mut Ctx, amount: &Coins) -> Result<(), TxError> {
    for coin in amount.iter() {
        if !is_send_enabled(ctx, &coin.denom)? {
            let refusal = TxError::from(BankError::SendDisabled);
            return Err(refusal.context(format!("{} transfers are currently disabled", coin.denom)));
        }
    }
    Ok(())
}

pub fn is_send_enabled(ctx: &mut Ctx, denom: &str) -> Result<bool, TxError> {
    match SEND_ENABLED.get(ctx, &denom.to_owned())? {
        Some(entry) => Ok(entry.enabled),
        None => Ok(PARAMS.get(ctx)?.unwrap_or_else(state::default_params).default_send_enabled),
    }
}

/// Refuses module accounts as receivers of ordinary sends.
pub fn check_receiver(address: &Address) -> Result<(), TxError> {
    match auth::api::module_name(address) {
        None => Ok(()),
        Some(_) => Err(sdk_error::unauthorized(format!("{address} is not allowed to receive funds"))),
    }
}

/// Takes coins from a holder without giving them to anyone: the caller must announce it, and go on to `give` or lower
/// the supply.
pub(super) fn take(ctx: &mut Ctx, from: &Address, amount: &Coins) -> Result<(), TxError> {
    let now = ctx.time();
    let locked = auth::api::locked(ctx, from, now)?;
    for coin in amount.iter() {
        let held = balance(ctx, from, &coin.denom)?;
        check_spendable(coin, held, locked.amount_of(&coin.denom))?;
        let rest = held.checked_sub(coin.amount).ok_or_else(|| too_large(coin))?;
        set_balance(ctx, from, &coin.denom, Change { before: held, after: rest })?;
    }
    Ok(())
}

fn check_spendable(coin: &Coin, held: Int, locked: Int) -> Result<(), TxError> {
    let shown = |amount| Coin { denom: coin.denom.clone(), amount };
    let free = state::unlocked(held, locked).ok_or_else(|| {
        let text = format!("locked amount exceeds account balance funds: {} > {}", shown(locked), shown(held));
        sdk_error::insufficient_funds(text)
    })?;
    if free < coin.amount {
        let text = format!("spendable balance {} is smaller than {coin}", shown(free));
        return Err(sdk_error::insufficient_funds(text));
    }
    Ok(())
}

/// Gives coins that were taken or made before; the caller announces it.
pub(super) fn give(ctx: &mut Ctx, to: &Address, amount: &Coins) -> Result<(), TxError> {
    for coin in amount.iter() {
        let held = balance(ctx, to, &coin.denom)?;
        let sum = held.checked_add(coin.amount).ok_or_else(|| too_large(coin))?;
        set_balance(ctx, to, &coin.denom, Change { before: held, after: sum })?;
    }
    Ok(())
}

/// What becomes of a balance.
pub(super) struct Change {
    pub before: Int,
    pub after: Int,
}

/// Writes a balance, and whether there is one into the index of holders.
pub(super) fn set_balance(ctx: &mut Ctx, address: &Address, denom: &str, change: Change) -> Result<(), TxError> {
    let key = (address.clone(), denom.to_owned());
    if change.after.is_zero() {
        BALANCES.remove(ctx, &key)?;
    } else {
        BALANCES.put(ctx, &key, &change.after.to_string())?;
    }
    let (address, denom) = key;
    match (change.before.is_zero(), change.after.is_zero()) {
        (true, false) => HOLDERS.insert(ctx, &(denom, address)),
        (false, true) => HOLDERS.remove(ctx, &(denom, address)),
        _ => Ok(()),
    }
}

pub(super) fn set_supply(ctx: &mut Ctx, denom: &str, amount: Int) -> Result<(), TxError> {
    let key = denom.to_owned();
    if amount.is_zero() { SUPPLY.remove(ctx, &key) } else { SUPPLY.put(ctx, &key, &amount.to_string()) }
}

fn permissions(module: &str) -> Result<&'static [&'static str], TxError> {
    auth::api::module_permissions(module)
        .ok_or_else(|| TxError::Fault(format!("module account {module} does not exist")))
}

fn require_permission(module: &str, permission: &str) -> Result<(), TxError> {
    if permissions(module)?.contains(&permission) {
        return Ok(());
    }
    Err(TxError::Fault(format!("module account {module} does not have the permission {permission}")))
}

/// An amount beyond 256 bits; upstream panics here.
fn too_large(coin: &Coin) -> TxError {
    Reject { codespace: "undefined", code: 111_222, text: format!("recovered: integer overflow on {coin}: panic") }
        .into()
}
