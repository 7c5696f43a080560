//! Who signed: keys, gas for them, the signatures themselves, sequences.

use akash_cosmos::auth::{self, Account};
use akash_kernel::{Ctx, Event, Mode, TxError, sdk_error};
use akash_proto::cosmos::auth::v1beta1::Params;
use akash_proto::cosmos::tx::signing::v1beta1::SignMode;
use akash_proto::cosmos::tx::v1beta1::SignerInfo;
use akash_proto::cosmos::tx::v1beta1::mode_info::Sum;
use akash_types::address::Address;
use akash_types::key::PublicKey;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use prost_types::Any;

use crate::cache::SignatureCache;
use crate::transaction::Transaction;

/// The compressed point that stands for a key which a simulation does not know yet. Nobody has its secret here.
const SIMULATED_KEY: [u8; 33] = [
    0x03, 0x5a, 0xd6, 0x81, 0x0a, 0x47, 0xf0, 0x73, 0x55, 0x3f, 0xf3, 0x0d, 0x2f, 0xcc, 0x7e, 0x0d, 0x3b, 0x1c, 0x0b,
    0x74, 0xb6, 0x1a, 0x1a, 0xaa, 0x25, 0x82, 0x34, 0x40, 0x37, 0x15, 0x1e, 0x14, 0x3a,
];

/// The signers' accounts: read once, changed in memory, written once by the last step.
pub struct Accounts {
    signers: Vec<Signer>,
}

struct Signer {
    address: Address,
    account: Option<Account>,
}

impl Accounts {
    pub fn new(tx: &Transaction) -> Self {
        let signer = |address: &Address| Signer { address: address.clone(), account: None };
        Self { signers: tx.signers().iter().map(signer).collect() }
    }

    /// Reads an account unless it was read before. Says whether it exists.
    pub fn load(&mut self, ctx: &mut Ctx, address: &Address) -> Result<bool, TxError> {
        match self.signers.iter_mut().find(|signer| signer.address == *address) {
            Some(signer) => signer.load(ctx),
            None => auth::api::has_account(ctx, address),
        }
    }

    /// Gives accounts without a key the one of the transaction.
    pub fn set_public_keys(&mut self, ctx: &mut Ctx, tx: &Transaction) -> Result<(), TxError> {
        let simulated = ctx.mode() == Mode::Simulate;
        for (index, (signer, info)) in self.signers.iter_mut().zip(tx.signer_infos()).enumerate() {
            let key = match &info.public_key {
                Some(key) => key.clone(),
                None if simulated => simulated_key()?,
                None => continue,
            };
            if !simulated && !belongs_to(&key, &signer.address) {
                let text =
                    format!("pubKey does not match signer address {} with signer index: {index}", signer.address);
                return Err(sdk_error::invalid_pub_key(text));
            }
            signer.load(ctx)?;
            signer.require()?.base_mut().pub_key.get_or_insert(key);
        }
        announce(ctx, tx, &self.signers);
        Ok(())
    }

    pub fn charge(&mut self, ctx: &mut Ctx, params: &Params) -> Result<(), TxError> {
        for signer in &mut self.signers {
            signer.load(ctx)?;
            let key = signer.require()?.base_mut().pub_key.clone();
            let key = if ctx.mode() == Mode::Simulate { Some(key.map_or_else(simulated_key, Ok)?) } else { key };
            match key {
                Some(key) if PublicKey::from_any(&key).is_ok() => {
                    ctx.consume_gas(params.sig_verify_cost_secp256k1, "ante verify: secp256k1")?;
                }
                other => {
                    let kind = other.map_or_else(|| "<nil>".to_owned(), |key| key.type_url);
                    return Err(sdk_error::invalid_pub_key(format!("unrecognized public key type: {kind}")));
                }
            }
        }
        Ok(())
    }

    pub fn verify(&mut self, ctx: &mut Ctx, tx: &Transaction, cache: &SignatureCache) -> Result<(), TxError> {
        if tx.body().unordered {
            return Err(sdk_error::not_supported("unordered transactions are not enabled"));
        }
        let (signers, infos) = (self.signers.len(), tx.signer_infos().len());
        if infos != signers || tx.signatures().len() != signers {
            let text = format!("invalid number of signer;  expected: {signers}, got {infos}");
            return Err(sdk_error::unauthorized(text));
        }
        for (index, (signer, info)) in self.signers.iter_mut().zip(tx.signer_infos()).enumerate() {
            signer.check(ctx, tx, info, &tx.signatures()[index], cache)?;
        }
        Ok(())
    }

    pub fn raise_sequences(mut self, ctx: &mut Ctx) -> Result<(), TxError> {
        for signer in &mut self.signers {
            let base = signer.require()?.base_mut();
            base.sequence = base.sequence.checked_add(1).ok_or_else(|| TxError::Fault("sequence overflow".into()))?;
            if let Some(account) = &signer.account {
                auth::api::set_account(ctx, &signer.address, account)?;
            }
        }
        Ok(())
    }
}

impl Signer {
    fn load(&mut self, ctx: &mut Ctx) -> Result<bool, TxError> {
        if self.account.is_none() {
            self.account = auth::api::full_account(ctx, &self.address)?;
        }
        Ok(self.account.is_some())
    }

    fn require(&mut self) -> Result<&mut Account, TxError> {
        let address = &self.address;
        self.account.as_mut().ok_or_else(|| sdk_error::unknown_address(format!("account {address} does not exist")))
    }

    fn check(
        &mut self,
        ctx: &Ctx,
        tx: &Transaction,
        info: &SignerInfo,
        signature: &[u8],
        cache: &SignatureCache,
    ) -> Result<(), TxError> {
        let mode = ctx.mode();
        let base = self.require()?.base_mut();
        let key = match &base.pub_key {
            Some(key) => key.clone(),
            None if mode == Mode::Simulate => return Ok(()),
            None => return Err(sdk_error::invalid_pub_key("pubkey on account is not set")),
        };
        let (expected, got) = (base.sequence, info.sequence);
        if expected != got {
            let text = format!("account sequence mismatch, expected {expected}, got {got}");
            return Err(sdk_error::wrong_sequence(text));
        }
        if matches!(mode, Mode::Simulate | Mode::Recheck) {
            return Ok(());
        }

        require_direct(info)?;
        // At height 0 accounts have no numbers yet that a signer could know.
        let number = if ctx.height() == 0 { 0 } else { base.account_number };
        let sign_bytes = tx.sign_bytes(ctx.chain_id(), number);
        match PublicKey::from_any(&key) {
            Ok(key) if cache.verify(&key, &sign_bytes, signature) => Ok(()),
            _ => Err(sdk_error::unauthorized(format!(
                "signature verification failed; please verify account number ({number}) and chain-id ({}): \
                 (unable to verify single signer signature)",
                ctx.chain_id()
            ))),
        }
    }
}

pub fn check_count(tx: &Transaction, params: &Params) -> Result<(), TxError> {
    let (count, limit) = (tx.signer_infos().len() as u64, params.tx_sig_limit);
    if count > limit {
        return Err(sdk_error::too_many_signatures(format!("signatures: {count}, limit: {limit}")));
    }
    Ok(())
}

/// Signatures verified before anything else of a transaction is known to be right; the limit is the default one.
const PREVERIFIED: usize = 7;

/// Verifies what can be verified without the earlier steps; the key is the account's or else the transaction's.
pub fn preverify(ctx: &mut Ctx, tx: &Transaction, cache: &SignatureCache) {
    for (index, (address, info)) in tx.signers().iter().zip(tx.signer_infos()).enumerate().take(PREVERIFIED) {
        let Ok(Some(account)) = auth::api::account(ctx, address) else { return };
        let key = account.pub_key.or_else(|| info.public_key.clone());
        let key = key.filter(|key| belongs_to(key, address)).and_then(|key| PublicKey::from_any(&key).ok());
        if let (Some(key), Some(signature)) = (key, tx.signatures().get(index)) {
            cache.remember(&key, &tx.sign_bytes(ctx.chain_id(), account.account_number), signature);
        }
    }
}

fn require_direct(info: &SignerInfo) -> Result<(), TxError> {
    let mode = match info.mode_info.as_ref().and_then(|mode| mode.sum.as_ref()) {
        Some(Sum::Single(single)) if single.mode == SignMode::Direct as i32 => return Ok(()),
        Some(Sum::Single(single)) => SignMode::try_from(single.mode)
            .map_or_else(|_| format!("sign mode {}", single.mode), |mode| mode.as_str_name().to_owned()),
        Some(Sum::Multi(_)) => "multisig".to_owned(),
        None => "a signature without a sign mode".to_owned(),
    };
    Err(sdk_error::not_supported(format!("{mode} is not supported, sign with SIGN_MODE_DIRECT")))
}

fn belongs_to(key: &Any, address: &Address) -> bool {
    PublicKey::from_any(key).is_ok_and(|key| key.address() == *address)
}

fn simulated_key() -> Result<Any, TxError> {
    let key = PublicKey::from_bytes(&SIMULATED_KEY).map_err(|error| TxError::Fault(format!("{error}")))?;
    Ok(key.to_any())
}

fn announce(ctx: &mut Ctx, tx: &Transaction, signers: &[Signer]) {
    for (index, (signer, info)) in signers.iter().zip(tx.signer_infos()).enumerate() {
        let acc_seq = format!("{}/{}", signer.address, info.sequence);
        let signature = tx.signatures().get(index).map(|signature| BASE64.encode(signature)).unwrap_or_default();
        for (key, value) in [("acc_seq", acc_seq), ("signature", signature)] {
            ctx.emit_event(Event { kind: "tx".to_owned(), attributes: vec![(key.to_owned(), value)] });
        }
    }
}
