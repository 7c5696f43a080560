//! What happens to a transaction before its messages run, in the order and with the texts that clients know.
//!
//! Set-up, extensions, stateless checks, timeouts, memo, gas for the size, fee, number of signatures, public keys, gas
//! for signatures, signatures, sequences. What is written here (fee, key, sequence, allowance, the memory of an
//! unordered transaction) stays when a message fails later, and goes when a later step here refuses.
//!
//! [`prepare`] does what needs no pending state, so that it can run anywhere before [`run`].

mod basic;
mod fee;
mod gas;
mod keys;
mod signers;
mod unordered;

use akash_cosmos::auth;
use akash_kernel::{Ctx, Mode, TxError};
use akash_types::coin::DecCoins;

use crate::cache::SignatureCache;
use crate::transaction::{Transaction, Verified};

/// What the chain of checks needs beyond state and transaction.
pub struct Environment<'a> {
    /// A node's own wish; asked on admission only, never in a block.
    pub min_gas_prices: &'a DecCoins,
    pub signatures: &'a SignatureCache,
    /// The gas of a simulation where blocks have no limit.
    pub simulation_gas: u64,
}

pub fn run(ctx: &mut Ctx, tx: &Transaction, environment: &Environment) -> Result<(), TxError> {
    basic::check_extensions(tx)?;
    if ctx.mode() != Mode::Recheck {
        basic::check(tx)?;
    }
    basic::check_timeouts(ctx, tx)?;
    let params = auth::api::params(ctx)?;
    basic::check_memo(tx, &params)?;
    let mut signers = signers::Signers::new(tx);
    gas::charge_size(ctx, tx, &mut signers, &params)?;

    fee::deduct(ctx, tx, &mut signers, environment.min_gas_prices)?;

    keys::check_count(tx, &params)?;
    signers.adopt_keys(ctx, tx)?;
    signers.charge(ctx, tx, &params)?;
    signers.verify(ctx, tx, environment.signatures)?;
    signers.raise_sequences(ctx, tx)
}

/// The part that a committed state can answer for: bounds, price, signatures. Where that state is too old to know the
/// signers, it gives nothing and [`run`] decides.
pub fn prepare(ctx: &mut Ctx, tx: &Transaction, environment: &Environment) -> Result<Option<Vec<Verified>>, TxError> {
    basic::check_extensions(tx)?;
    basic::check(tx)?;
    basic::check_timeouts(ctx, tx)?;
    let params = auth::api::params(ctx)?;
    basic::check_memo(tx, &params)?;
    fee::check_price(tx, environment.min_gas_prices)?;
    keys::check_count(tx, &params)?;
    signers::Signers::new(tx).verify_early(ctx, tx, environment.signatures)
}

/// The signatures alone, within the bound on their number.
pub fn verify_early(
    ctx: &mut Ctx,
    tx: &Transaction,
    signatures: &SignatureCache,
) -> Result<Option<Vec<Verified>>, TxError> {
    keys::check_count(tx, &auth::api::params(ctx)?)?;
    signers::Signers::new(tx).verify_early(ctx, tx, signatures)
}
