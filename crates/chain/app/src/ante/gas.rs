//! Gas for the size of a transaction and for the signatures on it.

use akash_kernel::{Ctx, Mode, Reject, TxError, sdk_error};
use akash_proto::cosmos::auth::v1beta1::Params;
use akash_proto::cosmos::crypto::multisig::v1beta1::CompactBitArray;
use akash_proto::cosmos::tx::v1beta1::mode_info::{Multi, Sum};
use akash_proto::cosmos::tx::v1beta1::{ModeInfo, SignerInfo};
use akash_types::key::{MultisigKey, SignerKey};

use super::signers::Signers;
use crate::transaction::Transaction;

/// What a secp256k1 key and signature will add to a transaction that is simulated without them, as the SDK has always
/// estimated it: 6 bytes of framing, 66 of the signature and 40 of the key in amino's encoding.
const SIMULATED_SIGNATURE_BYTES: u64 = 112;
/// What each member of a multisig key adds: signature, sign mode, and framing of both.
const SIMULATED_MEMBER_BYTES: u64 = 80;

/// Each byte costs. A simulation also counts the signatures that are missing in it.
pub fn charge_size(ctx: &mut Ctx, tx: &Transaction, signers: &mut Signers, params: &Params) -> Result<(), TxError> {
    let cost = params.tx_size_cost_per_byte;
    ctx.consume_gas(cost.saturating_mul(tx.len() as u64), "txSize")?;
    if ctx.mode() != Mode::Simulate {
        return Ok(());
    }
    for (index, address) in tx.signers().iter().enumerate() {
        let info = tx.signer_infos().get(index);
        if tx.signatures().get(index).is_some_and(|signature| !signature.is_empty()) {
            continue;
        }
        signers.load(ctx, address)?;
        let stated = || SignerKey::from_any(info?.public_key.as_ref()?).ok();
        let bytes = match signers.key_of(address).or_else(stated) {
            Some(SignerKey::Multisig(key)) => {
                SIMULATED_SIGNATURE_BYTES + SIMULATED_MEMBER_BYTES * key.members().len() as u64
            }
            _ => SIMULATED_SIGNATURE_BYTES,
        };
        ctx.consume_gas(cost.saturating_mul(bytes), "txSize")?;
    }
    Ok(())
}

/// Charges for one signature by a key, or for those of its members that signed.
pub fn charge_signature(ctx: &mut Ctx, key: &SignerKey, info: &SignerInfo, params: &Params) -> Result<(), TxError> {
    charge(ctx, key, info.mode_info.as_ref(), params)
}

fn charge(ctx: &mut Ctx, key: &SignerKey, mode: Option<&ModeInfo>, params: &Params) -> Result<(), TxError> {
    match key {
        SignerKey::Secp256k1(_) => ctx.consume_gas(params.sig_verify_cost_secp256k1, "ante verify: secp256k1"),
        SignerKey::Ed25519(_) => {
            ctx.consume_gas(params.sig_verify_cost_ed25519, "ante verify: ed25519")?;
            Err(sdk_error::invalid_pub_key("ED25519 public keys are unsupported"))
        }
        SignerKey::Multisig(key) => match mode.and_then(|mode| mode.sum.as_ref()) {
            Some(Sum::Multi(multi)) => charge_members(ctx, key, multi, params),
            _ if ctx.mode() == Mode::Simulate => charge_threshold(ctx, key, params),
            _ => {
                let text = "expected *signing.MultiSignatureData, got, *signing.SingleSignatureData".to_owned();
                Err(Reject { codespace: "undefined", code: 1, text }.into())
            }
        },
    }
}

fn charge_members(ctx: &mut Ctx, key: &MultisigKey, multi: &Multi, params: &Params) -> Result<(), TxError> {
    let signed: Vec<&SignerKey> = key
        .members()
        .iter()
        .enumerate()
        .filter(|(place, _)| is_set(multi.bitarray.as_ref(), *place))
        .map(|(_, key)| key)
        .collect();
    if ctx.mode() == Mode::Simulate && signed.len() < key.threshold() as usize {
        return charge_threshold(ctx, key, params);
    }
    for (nth, member) in signed.into_iter().enumerate() {
        charge(ctx, member, multi.mode_infos.get(nth), params)?;
    }
    Ok(())
}

/// What at least has to sign, where a simulation does not say who will.
fn charge_threshold(ctx: &mut Ctx, key: &MultisigKey, params: &Params) -> Result<(), TxError> {
    key.members().iter().take(key.threshold() as usize).try_for_each(|member| charge(ctx, member, None, params))
}

fn is_set(bits: Option<&CompactBitArray>, place: usize) -> bool {
    let byte = bits.and_then(|bits| bits.elems.get(place / 8));
    byte.is_some_and(|byte| byte & (0x80 >> (place % 8)) != 0)
}
