//! The kinds of authorization that this crate brings.

use std::collections::BTreeSet;

use akash_kernel::{Acceptance, Ctx, Registry, TxError, sdk_error};
use akash_proto::cosmos::authz::v1beta1::GenericAuthorization;
use akash_proto::cosmos::bank::v1beta1::{MsgSend, SendAuthorization};
use akash_types::coin::Coins;
use prost::Message;
use prost_types::Any;

use crate::bank::BankError;
use crate::read;

/// What looking at one address of an allow list costs.
const LISTED_ADDRESS_GAS: u64 = 10;

pub fn register(registry: &mut Registry) {
    registry.authorization(
        |generic: &GenericAuthorization| &generic.msg,
        |_| Ok(()),
        |_, _, _| Ok(Acceptance::Unchanged),
    );
    registry.authorization(|_: &SendAuthorization| "/cosmos.bank.v1beta1.MsgSend", check_send, accept_send);
}

fn check_send(send: &SendAuthorization) -> Result<(), TxError> {
    if send.spend_limit.is_empty() {
        return Err(sdk_error::invalid_coins("spend limit cannot be nil"));
    }
    if Coins::try_from(send.spend_limit.as_slice()).is_err() {
        return Err(sdk_error::invalid_coins("spend limit must be positive"));
    }
    let mut seen = BTreeSet::new();
    match send.allow_list.iter().find(|address| !seen.insert(*address)) {
        Some(_) => Err(BankError::DuplicateEntry.into()),
        None => Ok(()),
    }
}

fn accept_send(
    ctx: &mut Ctx,
    send: &SendAuthorization,
    message: &Any,
) -> Result<Acceptance<SendAuthorization>, TxError> {
    let message = MsgSend::decode(message.value.as_slice()).map_err(|_| sdk_error::invalid_type("type mismatch"))?;
    let limit = Coins::try_from(send.spend_limit.as_slice())
        .map_err(|error| TxError::Fault(format!("stored spend limit: {error}")))?;
    let amount = read::positive_coins(&message.amount)?;
    let rest = limit
        .checked_sub(&amount)
        .ok_or_else(|| sdk_error::insufficient_funds("requested amount is more than spend limit"))?;

    let mut listed = send.allow_list.is_empty();
    for address in &send.allow_list {
        ctx.consume_gas(LISTED_ADDRESS_GAS, "send authorization")?;
        listed |= *address == message.to_address;
        if listed {
            break;
        }
    }
    if !listed {
        return Err(sdk_error::unauthorized(format!("cannot send to {} address", message.to_address)));
    }

    if rest.is_empty() {
        return Ok(Acceptance::Delete);
    }
    Ok(Acceptance::Keep(SendAuthorization { spend_limit: read::to_proto(&rest), allow_list: send.allow_list.clone() }))
}
