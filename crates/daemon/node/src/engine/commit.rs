//! Between the engine's commit certificate and CometBFT's commit.

use malachite::app::types::core::{CommitCertificate, CommitSignature};
use tendermint::block::{Commit, CommitSig};

use super::context::{Address, Context, Height, Round, TimedSignature};
use super::last_sign::{Position, Step};
use crate::chain::block::address_bytes;
use crate::chain::form;
use crate::chain::validators::Validators;

/// One entry per validator in the set's order; whoever did not sign is absent. None when the certificate holds
/// something that no valid certificate holds.
pub fn to_commit(certificate: &CommitCertificate<Context>, validators: &Validators) -> Option<Commit> {
    let mut signatures = Vec::with_capacity(validators.count());
    for validator in validators.iter() {
        let own = certificate.commit_signatures.iter().find(|entry| entry.address.0 == validator.address);
        signatures.push(match own {
            None => CommitSig::BlockIdFlagAbsent,
            Some(entry) => CommitSig::BlockIdFlagCommit {
                validator_address: tendermint::account::Id::new(validator.address),
                timestamp: entry.signature.time()?,
                signature: Some(tendermint::Signature::try_from(&entry.signature.bytes[..]).ok()?),
            },
        });
    }
    let round = certificate.round.as_u32()?;
    Some(Commit {
        height: certificate.height.0.try_into().ok()?,
        round: round.try_into().ok()?,
        block_id: form::block_id(&certificate.value_id),
        signatures,
    })
}

pub fn to_certificate(commit: &Commit) -> Option<CommitCertificate<Context>> {
    let mut commit_signatures = Vec::new();
    for entry in &commit.signatures {
        if let CommitSig::BlockIdFlagCommit { validator_address, timestamp, signature } = entry {
            let bytes = signature.as_ref()?.as_bytes().try_into().ok()?;
            let address = Address(address_bytes(*validator_address));
            commit_signatures.push(CommitSignature::new(address, TimedSignature::new(*timestamp, bytes)));
        }
    }
    Some(CommitCertificate {
        height: Height(commit.height.value()),
        round: Round::new(commit.round.value()),
        value_id: form::to_block_ref(&commit.block_id),
        commit_signatures,
    })
}

/// Where a validator's signature in this commit was made, if it has one.
pub fn own_signature(commit: &Commit, address: &Address) -> Option<Position> {
    let own = Some(tendermint::account::Id::new(address.0));
    let signed = commit.signatures.iter().any(|entry| entry.is_commit() && entry.validator_address() == own);
    signed.then(|| Position { height: commit.height.value(), round: commit.round.value(), step: Step::Precommit })
}

/// How many validators signed.
pub fn signers(commit: &Commit) -> usize {
    commit.signatures.iter().filter(|entry| entry.is_commit()).count()
}
