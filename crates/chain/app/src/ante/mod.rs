//! What happens to a transaction before its messages run, in the order and with the texts that clients know.
//!
//! Set-up, extensions, stateless checks, timeouts, memo, gas for the size, fee, public keys, number of signatures, gas
//! for signatures, signatures, sequences. What is written here (fee, key, sequence) stays when a message fails later,
//! and goes when a later step here refuses.
//!
//! Not here yet: fee allowances, unordered transactions, multisig, and sign modes other than DIRECT. Each is refused
//! by name.

mod basic;
mod fee;
mod signatures;

use akash_cosmos::auth;
use akash_kernel::{BlockInfo, Ctx, GasMeter, Mode, TxError};
use akash_store::Overlay;
use akash_types::coin::DecCoins;

use crate::cache::SignatureCache;
use crate::transaction::Transaction;

/// What the chain of checks needs beyond state and transaction.
pub struct Environment<'a> {
    /// A node's own wish; asked on admission only, never in a block.
    pub min_gas_prices: &'a DecCoins,
    pub signatures: &'a SignatureCache,
}

pub fn run(ctx: &mut Ctx, tx: &Transaction, environment: &Environment) -> Result<(), TxError> {
    basic::check_extensions(tx)?;
    if ctx.mode() != Mode::Recheck {
        basic::check(tx)?;
    }
    basic::check_timeouts(ctx, tx)?;
    let params = auth::api::params(ctx)?;
    basic::check_memo(tx, &params)?;
    basic::charge_size(ctx, tx, &params)?;

    let mut accounts = signatures::Accounts::new(tx);
    fee::deduct(ctx, tx, &mut accounts, environment.min_gas_prices)?;

    accounts.set_public_keys(ctx, tx)?;
    signatures::check_count(tx, &params)?;
    accounts.charge(ctx, &params)?;
    accounts.verify(ctx, tx, environment.signatures)?;
    accounts.raise_sequences(ctx)
}

/// Puts the good signatures of a transaction into the cache. What it cannot find out it leaves to the real check.
pub fn preverify(tx: &Transaction, overlay: &mut Overlay, block: &BlockInfo, cache: &SignatureCache) {
    let mut ctx = Ctx::new(overlay, block, Mode::Check, GasMeter::unlimited());
    signatures::preverify(&mut ctx, tx, cache);
}
