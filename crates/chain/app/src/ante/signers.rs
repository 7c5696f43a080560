//! Who signed: accounts, their keys, the signatures, their sequences.

use akash_cosmos::auth::{self, Account};
use akash_kernel::{Ctx, Event, Mode, TxError, sdk_error};
use akash_proto::cosmos::auth::v1beta1::Params;
use akash_proto::cosmos::crypto::multisig::v1beta1::MultiSignature;
use akash_proto::cosmos::tx::signing::v1beta1::SignMode;
use akash_proto::cosmos::tx::v1beta1::mode_info::Sum;
use akash_proto::cosmos::tx::v1beta1::{ModeInfo, SignerInfo};
use akash_types::address::Address;
use akash_types::key::SignerKey;
use akash_types::tx::SignerData;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use prost::Message;

use super::{gas, keys, unordered};
use crate::cache::SignatureCache;
use crate::transaction::{Transaction, Verified};

/// The signers' accounts: read once, changed in memory, written once by the last step.
pub struct Signers {
    signers: Vec<Signer>,
}

struct Signer {
    address: Address,
    account: Option<Account>,
    /// The account's key, once it was read as one.
    key: Option<SignerKey>,
    is_new_key: bool,
}

impl Signers {
    pub fn new(tx: &Transaction) -> Self {
        let signer =
            |address: &Address| Signer { address: address.clone(), account: None, key: None, is_new_key: false };
        Self { signers: tx.signers().iter().map(signer).collect() }
    }

    /// Reads an account unless it was read before. Says whether it exists.
    pub fn load(&mut self, ctx: &mut Ctx, address: &Address) -> Result<bool, TxError> {
        match self.signers.iter_mut().find(|signer| signer.address == *address) {
            Some(signer) => signer.load(ctx),
            None => auth::api::has_account(ctx, address),
        }
    }

    /// The key of an account that was loaded and has one.
    pub fn key_of(&self, address: &Address) -> Option<SignerKey> {
        let signer = self.signers.iter().find(|signer| signer.address == *address)?;
        SignerKey::from_any(signer.stored_key()?).ok()
    }

    /// Gives accounts without a key the one of the transaction.
    pub fn adopt_keys(&mut self, ctx: &mut Ctx, tx: &Transaction) -> Result<(), TxError> {
        for (index, (signer, info)) in self.signers.iter_mut().zip(tx.signer_infos()).enumerate() {
            signer.adopt_key(ctx, tx, info, index)?;
        }
        announce(ctx, tx, &self.signers);
        Ok(())
    }

    pub fn charge(&mut self, ctx: &mut Ctx, tx: &Transaction, params: &Params) -> Result<(), TxError> {
        for (signer, info) in self.signers.iter_mut().zip(tx.signer_infos()) {
            let key = signer.require_key(ctx)?;
            gas::charge_signature(ctx, key, info, params)?;
        }
        Ok(())
    }

    pub fn verify(&mut self, ctx: &mut Ctx, tx: &Transaction, cache: &SignatureCache) -> Result<(), TxError> {
        let (signers, infos) = (self.signers.len(), tx.signer_infos().len());
        if infos != signers || tx.signatures().len() != signers {
            let text = format!("invalid number of signer;  expected: {signers}, got {infos}");
            return Err(sdk_error::unauthorized(text));
        }
        let is_unordered = tx.body().unordered;
        if is_unordered {
            unordered::check(ctx, tx)?;
        }
        for (index, (signer, info)) in self.signers.iter_mut().zip(tx.signer_infos()).enumerate() {
            if is_unordered && info.sequence > 0 {
                let text = "sequence is not allowed for unordered transactions";
                return Err(sdk_error::invalid_request(text));
            }
            let base = signer.require()?.base_mut();
            let (expected, got) = (base.sequence, info.sequence);
            if !is_unordered && expected != got {
                let text = format!("account sequence mismatch, expected {expected}, got {got}");
                return Err(sdk_error::wrong_sequence(text));
            }
            if !matches!(ctx.mode(), Mode::Simulate | Mode::Recheck) {
                signer.check_signature(ctx, tx, index, cache)?;
            }
        }
        Ok(())
    }

    /// Verifies what a committed state knows enough for. Nothing when something is left to [`Self::verify`].
    pub fn verify_early(
        mut self,
        ctx: &mut Ctx,
        tx: &Transaction,
        cache: &SignatureCache,
    ) -> Result<Option<Vec<Verified>>, TxError> {
        let count = self.signers.len();
        if tx.signer_infos().len() != count || tx.signatures().len() != count {
            return Ok(None);
        }
        let mut verified = Vec::with_capacity(count);
        for (index, (signer, info)) in self.signers.iter_mut().zip(tx.signer_infos()).enumerate() {
            if !signer.load(ctx)? {
                return Ok(None);
            }
            signer.adopt_key(ctx, tx, info, index)?;
            let base = signer.require()?.base_mut();
            let (used_up, account_number) = (base.sequence > info.sequence, base.account_number);
            if signer.key.is_none() || (used_up && !tx.body().unordered) {
                return Ok(None);
            }
            signer.check_signature(ctx, tx, index, cache)?;
            if let (Some(key), Some(stated)) = (signer.key.take(), signer.stored_key().cloned()) {
                verified.push(Verified { stated, key, account_number });
            }
        }
        Ok(Some(verified))
    }

    /// Ends the ante chain: sequences go up, new keys are kept. An unordered transaction uses no sequence.
    pub fn raise_sequences(mut self, ctx: &mut Ctx, tx: &Transaction) -> Result<(), TxError> {
        let is_unordered = tx.body().unordered;
        for signer in &mut self.signers {
            let base = signer.require()?.base_mut();
            if !is_unordered {
                let next = base.sequence.checked_add(1);
                base.sequence = next.ok_or_else(|| TxError::Fault("sequence overflow".into()))?;
            }
            if let Some(account) = signer.account.as_ref().filter(|_| !is_unordered || signer.is_new_key) {
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

    fn stored_key(&self) -> Option<&prost_types::Any> {
        self.account.as_ref()?.base()?.pub_key.as_ref()
    }

    /// Takes the key of the transaction for an account that has none, if it is the account's.
    fn adopt_key(&mut self, ctx: &mut Ctx, tx: &Transaction, info: &SignerInfo, index: usize) -> Result<(), TxError> {
        let is_simulated = ctx.mode() == Mode::Simulate;
        let stated = match &info.public_key {
            Some(key) => key.clone(),
            None if is_simulated => keys::simulated()?,
            None => return Ok(()),
        };
        self.load(ctx)?;
        let known = tx.verified(index).filter(|known| known.stated == stated).map(|known| known.key.clone());
        // A stored key belongs to its account; only another one has to show that it does.
        if self.stored_key() == Some(&stated) {
            self.key = known.or_else(|| SignerKey::from_any(&stated).ok());
            return Ok(());
        }
        let read = known.or_else(|| {
            let key = SignerKey::from_any(&stated).ok()?;
            (is_simulated || key.address() == self.address).then_some(key)
        });
        if read.is_none() && !is_simulated {
            let text = format!("pubKey does not match signer address {} with signer index: {index}", self.address);
            return Err(sdk_error::invalid_pub_key(text));
        }
        let base = self.require()?.base_mut();
        if base.pub_key.is_some() {
            self.key = self.stored_key().and_then(|key| SignerKey::from_any(key).ok());
        } else {
            base.pub_key = Some(stated);
            (self.key, self.is_new_key) = (read, true);
        }
        Ok(())
    }

    fn require_key(&mut self, ctx: &mut Ctx) -> Result<&SignerKey, TxError> {
        self.load(ctx)?;
        self.require()?;
        if self.key.is_none() {
            let Some(stored) = self.stored_key() else {
                // The step of the signatures would say so of the same account.
                return Err(match ctx.mode() {
                    Mode::Simulate => sdk_error::invalid_pub_key("unrecognized public key type: <nil>"),
                    _ => sdk_error::invalid_pub_key("pubkey on account is not set"),
                });
            };
            self.key = SignerKey::from_any(stored).ok();
        }
        let kind = self.stored_key().map_or_else(String::new, |key| key.type_url.clone());
        self.key.as_ref().ok_or_else(|| sdk_error::invalid_pub_key(format!("unrecognized public key type: {kind}")))
    }

    fn check_signature(
        &mut self,
        ctx: &Ctx,
        tx: &Transaction,
        index: usize,
        cache: &SignatureCache,
    ) -> Result<(), TxError> {
        let sequence = tx.signer_infos().get(index).map_or(0, |info| info.sequence);
        let number = self.require()?.base_mut().account_number;
        // At height 0 accounts have no numbers yet that a signer could know.
        let account_number = if ctx.height() == 0 { 0 } else { number };
        let Some(key) = &self.key else { return Err(sdk_error::invalid_pub_key("pubkey on account is not set")) };
        let known = tx.verified(index);
        if known.is_some_and(|known| known.account_number == account_number && known.key == *key) {
            return Ok(());
        }
        let data = SignerData { chain_id: ctx.chain_id(), account_number, sequence };
        let Err(reason) = cache.verify(tx.decoded(), index, key, &data) else { return Ok(()) };
        let mode = tx.signer_infos().get(index).and_then(|info| info.mode_info.as_ref());
        let chain_id = ctx.chain_id();
        Err(sdk_error::unauthorized(if mode.is_some_and(is_amino) {
            format!(
                "signature verification failed; please verify account number ({account_number}), sequence \
                 ({sequence}) and chain-id ({chain_id})"
            )
        } else {
            format!(
                "signature verification failed; please verify account number ({account_number}) and chain-id \
                 ({chain_id}): ({reason})"
            )
        }))
    }
}

/// Whether everybody signed amino JSON, which the sequence is a part of.
fn is_amino(mode: &ModeInfo) -> bool {
    match &mode.sum {
        Some(Sum::Single(single)) => single.mode == SignMode::LegacyAminoJson as i32,
        Some(Sum::Multi(multi)) => multi.mode_infos.iter().all(is_amino),
        None => false,
    }
}

fn announce(ctx: &mut Ctx, tx: &Transaction, signers: &[Signer]) {
    for (index, (signer, info)) in signers.iter().zip(tx.signer_infos()).enumerate() {
        let event = |key: &str, value| Event { kind: "tx".to_owned(), attributes: vec![(key.to_owned(), value)] };
        if !tx.body().unordered {
            ctx.emit_event(event("acc_seq", format!("{}/{}", signer.address, info.sequence)));
        }
        let signature = tx.signatures().get(index).map(Vec::as_slice).unwrap_or_default();
        for part in parts(info.mode_info.as_ref(), signature) {
            ctx.emit_event(event("signature", BASE64.encode(part)));
        }
    }
}

/// The signatures that one is made of, and it behind them. Its nesting was bounded when the transaction was decoded.
fn parts(mode: Option<&ModeInfo>, signature: &[u8]) -> Vec<Vec<u8>> {
    let mut parts = Vec::new();
    if let Some(Sum::Multi(multi)) = mode.and_then(|mode| mode.sum.as_ref())
        && let Ok(joined) = MultiSignature::decode(signature)
    {
        let members = joined.signatures.iter().enumerate();
        parts.extend(members.flat_map(|(place, part)| self::parts(multi.mode_infos.get(place), part)));
    }
    parts.push(signature.to_vec());
    parts
}
