//! Changing the parameters.

use akash_kernel::{Ctx, Registry, TxError, sdk_error};
use akash_proto::cosmos::auth::v1beta1::{MsgUpdateParams, MsgUpdateParamsResponse, Params};
use akash_types::address::Address;

use super::state::PARAMS;
use crate::authority;
use crate::read::plain;

pub fn register(registry: &mut Registry) {
    registry.message(
        |msg: &MsgUpdateParams| {
            let signer =
                Address::parse(&msg.authority).map_err(|error| sdk_error::invalid_address(error.to_string()))?;
            Ok(vec![signer])
        },
        |_| Ok(()),
        update_params,
    );
}

fn update_params(ctx: &mut Ctx, msg: MsgUpdateParams) -> Result<MsgUpdateParamsResponse, TxError> {
    if let Some(text) = authority::api::mismatch(ctx, &msg.authority)? {
        return Err(plain(format!("expected gov account as only signer for proposal message; {text}")));
    }
    let params = msg.params.unwrap_or_default();
    check_params(&params)?;

    PARAMS.put(ctx, &params)?;
    Ok(MsgUpdateParamsResponse {})
}

pub fn check_params(params: &Params) -> Result<(), TxError> {
    let values = [
        ("tx signature limit", params.tx_sig_limit),
        ("ED25519 signature verification cost", params.sig_verify_cost_ed25519),
        ("SECK256k1 signature verification cost", params.sig_verify_cost_secp256k1),
        ("max memo characters", params.max_memo_characters),
        ("tx size cost per byte", params.tx_size_cost_per_byte),
    ];
    match values.into_iter().find(|&(_, value)| value == 0) {
        Some((name, value)) => Err(plain(format!("invalid {name}: {value}"))),
        None => Ok(()),
    }
}
