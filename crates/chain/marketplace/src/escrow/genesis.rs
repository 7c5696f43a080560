//! Accounts and payments of a new chain.

use akash_kernel::{Ctx, TxError};
use akash_proto::akash::escrow::types::v1::State;
use akash_proto::akash::escrow::v1::GenesisState;
use akash_proto::akash::ext::escrow::v1 as ext;
use serde_json::Value;

use super::account::{Account, AccountId};
use super::errors::EscrowError;
use super::params;
use super::payment::Payment;
use super::state::{self, ACCOUNTS, PAYMENTS};
use crate::{genesis_json, rows};

pub fn init(ctx: &mut Ctx, genesis: &Value) -> Result<(), TxError> {
    let (genesis, ext): (GenesisState, ext::GenesisState) = genesis_json::read_extended("escrow", genesis)?;
    let params = ext.params.unwrap_or(params::DEFAULT);
    params::check(&params)?;
    state::PARAMS.put(ctx, &params)?;
    for stored in &genesis.accounts {
        let account = Account::from_stored(stored)?;
        if ACCOUNTS.has(ctx, &account.id)? {
            return Err(EscrowError::AccountExists.into());
        }
        state::insert_account(ctx, &account)?;
    }
    for stored in &genesis.payments {
        insert_payment(ctx, Payment::from_stored(stored)?)?;
    }
    state::index_due(ctx)
}

/// A payment is open only under an open account, and overdrawn only under an overdrawn one.
fn insert_payment(ctx: &mut Ctx, payment: Payment) -> Result<(), TxError> {
    if PAYMENTS.has(ctx, &payment.id)? {
        return Err(EscrowError::PaymentExists.into());
    }
    let id = AccountId::Deployment(payment.id.deployment_id().clone());
    let account = ACCOUNTS.get(ctx, &id)?.ok_or(EscrowError::AccountNotFound)?;
    let account = Account::from_stored(&account)?;
    match payment.state {
        State::Open | State::Overdrawn if payment.state != account.state => {
            Err(EscrowError::InvalidPayment.because(format!("payment {} does not fit its account", payment.id)))
        }
        _ => state::insert_payment(ctx, &payment),
    }
}

pub fn export(ctx: &mut Ctx) -> Result<Value, TxError> {
    let ext = ext::GenesisState { params: Some(state::params(ctx)?) };
    let genesis = GenesisState {
        accounts: rows::all(ctx, &ACCOUNTS)?.into_iter().map(|(_, account)| account).collect(),
        payments: rows::all(ctx, &PAYMENTS)?.into_iter().map(|(_, payment)| payment).collect(),
    };
    genesis_json::write_extended(&genesis, &ext)
}
