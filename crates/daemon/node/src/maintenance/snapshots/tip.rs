//! The block that a snapshot ends with: what the next one builds on.

use akash_app::AppView;
use prost::Message;
use tendermint::block::{Commit, Header};
use tendermint_proto::v0_38::abci::{ResponseFinalizeBlock, ValidatorUpdate};
use tendermint_proto::v0_38::crypto::public_key::Sum;
use tendermint_proto::v0_38::types as proto;

use super::SnapshotError;
use crate::blocks::BlockStore;
use crate::chain::block::address_bytes;
use crate::chain::form;
use crate::chain::validators::{Update, Validators};
use crate::engine::context::BlockRef;
use crate::maintenance::MaintenanceError;

/// Rounds whose proposers are looked at; a commit of a later round is rare, and its proposer is not checked.
const ROUNDS_MAX: u32 = 100;

/// The newest block with what its successor needs, each part in the form of CometBFT.
#[derive(Clone, PartialEq, Message)]
pub struct TipRecord {
    #[prost(bytes = "vec", tag = "1")]
    pub block: Vec<u8>,
    /// Of this block.
    #[prost(message, optional, tag = "2")]
    pub commit: Option<proto::Commit>,
    /// Of executing it.
    #[prost(message, optional, tag = "3")]
    pub results: Option<ResponseFinalizeBlock>,
    /// Of this height and the next two, with their priorities.
    #[prost(message, repeated, tag = "4")]
    pub validators: Vec<proto::ValidatorSet>,
}

/// The same, checked.
pub(crate) struct CheckedTip {
    pub(crate) block: Vec<u8>,
    pub(crate) id: BlockRef,
    pub(crate) header: Header,
    pub(crate) commit: Commit,
    pub(crate) results: ResponseFinalizeBlock,
    pub(crate) txs: Vec<Vec<u8>>,
    pub(crate) validators: [Validators; 3],
}

impl TipRecord {
    pub(super) fn load(blocks: &BlockStore, height: u64) -> Result<Self, MaintenanceError> {
        let missing = |what| MaintenanceError::Missing { what, height };
        let mut validators = Vec::new();
        for height in height..=height + 2 {
            validators.push(blocks.validators(height)?.ok_or_else(|| missing("validator set"))?.to_proto());
        }
        let block = blocks.block_bytes(height)?.ok_or_else(|| missing("block"))?;
        let commit = blocks.commit(height)?.ok_or_else(|| missing("commit"))?;
        let results = blocks.results(height)?.ok_or_else(|| missing("results"))?;
        Ok(Self { block, commit: Some(commit.into()), results: Some(results), validators })
    }

    /// Checks that the parts belong together. The first set's priorities must give the block's proposer, the third set
    /// must follow from the second and the results; what else the sets' priorities, logs and events are is only a claim
    /// until the chain goes on.
    pub(super) fn read(self) -> Result<CheckedTip, SnapshotError> {
        let block = form::decode_block(&self.block).map_err(bad)?;
        let id = form::block_ref(&block, &self.block);
        let commit = Commit::try_from(self.commit.unwrap_or_default()).map_err(bad)?;
        if form::to_block_ref(&commit.block_id) != id || commit.height != block.header.height {
            return Err(bad("its commit is of another block"));
        }
        let results = self.results.unwrap_or_default();
        if results.tx_results.len() != block.data.len() {
            return Err(bad("its results are of another block"));
        }
        let sets = self.validators.into_iter().map(Validators::from_proto).collect::<Result<Vec<_>, _>>();
        let validators: [Validators; 3] =
            sets.map_err(bad)?.try_into().map_err(|_| bad("it has not three validator sets"))?;
        let named = [block.header.validators_hash, block.header.next_validators_hash];
        if validators.iter().zip(named).any(|(set, hash)| set.to_tendermint().hash() != hash) {
            return Err(bad("its validators are not those of its header"));
        }
        let proposer = address_bytes(block.header.proposer_address);
        let last_round = commit.round.value().min(ROUNDS_MAX);
        if commit.round.value() <= ROUNDS_MAX
            && !(0..=last_round).any(|round| validators[0].proposer(round) == proposer)
        {
            return Err(bad("its proposer had no turn"));
        }
        let updates = results.validator_updates.iter().map(update).collect::<Option<Vec<_>>>();
        let later = validators[1].next(&updates.ok_or_else(|| bad("its results change no validator"))?);
        if later.map_err(bad)? != validators[2] {
            return Err(bad("its last validator set does not follow from its results"));
        }
        let (txs, header) = (block.data.clone(), block.header);
        Ok(CheckedTip { id, header, commit, results, txs, validators, block: self.block })
    }
}

impl CheckedTip {
    /// Whether it is the block that a state has executed: whoever believes the state's app hash may believe what the
    /// state knows of the block, but only a light client knows whether it was decided.
    pub(super) fn check_state(&self, view: &AppView) -> Result<(), SnapshotError> {
        let (header, expected) = (&self.header, view.block());
        let time = crate::chain::executor::app_time(header.time);
        if header.height.value() != expected.height.unsigned_abs()
            || header.chain_id.as_str() != expected.chain_id
            || time != expected.time
            || header.proposer_address.as_bytes() != expected.proposer
        {
            return Err(bad("its header is not the one that the state has seen"));
        }
        Ok(())
    }
}

fn bad(reason: impl ToString) -> SnapshotError {
    SnapshotError::Tip(reason.to_string())
}

fn update(update: &ValidatorUpdate) -> Option<Update> {
    let Some(Sum::Ed25519(key)) = update.pub_key.as_ref()?.sum.as_ref() else { return None };
    Some(Update { public_key: key.as_slice().try_into().ok()?, power: update.power.try_into().ok()? })
}
