//! Sending, and who may be sent what.

use std::collections::BTreeSet;

use akash_kernel::{Ctx, Registry, TxError, sdk_error};
use akash_proto::cosmos::bank::v1beta1::{
    Input, MsgMultiSend, MsgMultiSendResponse, MsgSend, MsgSendResponse, MsgSetSendEnabled, MsgSetSendEnabledResponse,
    MsgUpdateParams, MsgUpdateParamsResponse, Output,
};
use akash_types::address::Address;
use akash_types::coin::{Coins, validate_denom};

use super::api;
use super::errors::BankError;
use super::events::{self, Shown};
use super::state::{PARAMS, SEND_ENABLED};
use crate::authority;
use crate::read::{address, positive_coins, signer};

pub fn register(registry: &mut Registry) {
    registry.message(|msg: &MsgSend| signer(&msg.from_address), |_| Ok(()), send);
    registry.message(
        |msg: &MsgMultiSend| msg.inputs.iter().map(|input| address("input", &input.address)).collect(),
        |_| Ok(()),
        multi_send,
    );
    registry.message(|msg: &MsgUpdateParams| signer(&msg.authority), |_| Ok(()), update_params);
    registry.message(|msg: &MsgSetSendEnabled| signer(&msg.authority), |_| Ok(()), set_send_enabled);
}

fn send(ctx: &mut Ctx, msg: MsgSend) -> Result<MsgSendResponse, TxError> {
    let from = address("from", &msg.from_address)?;
    let to = address("to", &msg.to_address)?;
    let amount = positive_coins(&msg.amount)?;
    api::check_send_enabled(ctx, &amount)?;
    api::check_receiver(&to)?;

    api::send(ctx, &from, &to, &amount)?;
    Ok(MsgSendResponse {})
}

fn multi_send(ctx: &mut Ctx, msg: MsgMultiSend) -> Result<MsgMultiSendResponse, TxError> {
    let transfer = MultiTransfer::read(&msg)?;
    api::check_send_enabled(ctx, &transfer.total)?;
    for (receiver, _) in &transfer.outputs {
        api::check_receiver(receiver)?;
    }

    let from = Shown::from(&transfer.from);
    events::sender(ctx, &from);
    api::take(ctx, &transfer.from, &transfer.total)?;
    events::coin_spent(ctx, &from, &Shown::from(&transfer.total));
    for (receiver, amount) in &transfer.outputs {
        let (to, shown) = (Shown::from(receiver), Shown::from(amount));
        api::give(ctx, receiver, amount)?;
        events::coin_received(ctx, &to, &shown);
        events::transfer(ctx, &to, &from, &shown);
        crate::auth::api::ensure_account(ctx, receiver)?;
    }
    Ok(MsgMultiSendResponse {})
}

/// One sender, many receivers, equal sums.
struct MultiTransfer {
    from: Address,
    total: Coins,
    outputs: Vec<(Address, Coins)>,
}

impl MultiTransfer {
    fn read(msg: &MsgMultiSend) -> Result<Self, TxError> {
        let input = match msg.inputs.as_slice() {
            [] => return Err(BankError::NoInputs.into()),
            [input] => input,
            _ => return Err(BankError::MultipleSenders.into()),
        };
        if msg.outputs.is_empty() {
            return Err(BankError::NoOutputs.into());
        }

        let Input { address: from, coins } = input;
        let from = address("input", from)?;
        let total = positive_coins(coins)?;
        let outputs = msg.outputs.iter().map(read_output).collect::<Result<Vec<_>, _>>()?;

        let mut sum = Coins::default();
        for (_, amount) in &outputs {
            sum = sum.checked_add(amount).ok_or(BankError::InputOutputMismatch)?;
        }
        if sum != total {
            return Err(BankError::InputOutputMismatch.into());
        }
        Ok(Self { from, total, outputs })
    }
}

fn read_output(output: &Output) -> Result<(Address, Coins), TxError> {
    Ok((address("output", &output.address)?, positive_coins(&output.coins)?))
}

fn update_params(ctx: &mut Ctx, msg: MsgUpdateParams) -> Result<MsgUpdateParamsResponse, TxError> {
    authority::api::require(ctx, &msg.authority)?;
    let params = msg.params.unwrap_or_default();
    #[expect(deprecated, reason = "the old field is refused by name")]
    let has_entries = !params.send_enabled.is_empty();
    if has_entries {
        return Err(sdk_error::invalid_request("send_enabled must be empty, use MsgSetSendEnabled"));
    }

    PARAMS.put(ctx, &params)?;
    Ok(MsgUpdateParamsResponse {})
}

fn set_send_enabled(ctx: &mut Ctx, msg: MsgSetSendEnabled) -> Result<MsgSetSendEnabledResponse, TxError> {
    let mut seen = BTreeSet::new();
    for denom in msg.send_enabled.iter().map(|entry| &entry.denom) {
        if !seen.insert(denom) {
            return Err(sdk_error::invalid_request(format!("duplicate denom entry found for {denom:?}")));
        }
        check_denom(denom)?;
    }
    let mut defaults = BTreeSet::new();
    for denom in &msg.use_default_for {
        if !defaults.insert(denom) {
            return Err(sdk_error::invalid_request(format!("duplicate denom entry found for {denom:?}")));
        }
        check_denom(denom)?;
    }
    authority::api::require(ctx, &msg.authority)?;

    for entry in &msg.send_enabled {
        SEND_ENABLED.put(ctx, &entry.denom, entry)?;
    }
    for denom in &msg.use_default_for {
        SEND_ENABLED.remove(ctx, denom)?;
    }
    Ok(MsgSetSendEnabledResponse {})
}

fn check_denom(denom: &str) -> Result<(), TxError> {
    validate_denom(denom).map_err(|error| sdk_error::invalid_request(error.to_string()))
}
