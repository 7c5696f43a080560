//! `MsgAccountDeposit`: anybody adds money to an open account, and gets back what is not used of it.

use akash_kernel::{Ctx, Registry, TxError};
use akash_proto::akash::escrow::v1::{MsgAccountDeposit, MsgAccountDepositResponse};

use super::account::AccountId;
use super::api;
use super::errors::EscrowError;
use crate::deposit::Deposit;
use crate::ids;

pub fn register(registry: &mut Registry) {
    registry.message(|msg: &MsgAccountDeposit| Ok(vec![ids::address(&msg.signer)?]), validate, deposit);
}

fn validate(msg: &MsgAccountDeposit) -> Result<(), TxError> {
    account_id(msg)?;
    let deposit = Deposit::read(msg.deposit.as_ref())?;
    if deposit.amount.amount.is_zero() {
        return Err(EscrowError::InvalidDeposit.because("amount is zero"));
    }
    Ok(())
}

fn deposit(ctx: &mut Ctx, msg: MsgAccountDeposit) -> Result<MsgAccountDepositResponse, TxError> {
    let id = account_id(&msg)?;
    let signer = ids::address(&msg.signer)?;
    let deposit = Deposit::read(msg.deposit.as_ref())?;
    let fundings = api::authorize(ctx, &signer, &id, &deposit)?;

    api::deposit(ctx, &id, fundings)?;
    Ok(MsgAccountDepositResponse {})
}

fn account_id(msg: &MsgAccountDeposit) -> Result<AccountId, EscrowError> {
    AccountId::from_wire(msg.id.as_ref().ok_or(EscrowError::InvalidId)?)
}
