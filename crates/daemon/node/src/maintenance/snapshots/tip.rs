//! The block that a snapshot ends with: what the next one builds on.

use akash_app::AppView;
use prost::Message;
use tendermint::block::Commit;
use tendermint_proto::v0_38::abci::ResponseFinalizeBlock;
use tendermint_proto::v0_38::types as proto;

use super::SnapshotError;
use crate::blocks::BlockStore;
use crate::chain::form;
use crate::chain::validators::Validators;
use crate::maintenance::MaintenanceError;

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
    pub(crate) id: crate::engine::context::BlockRef,
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

    /// Checks that the parts belong together and to a state: whoever believes the state's app hash may believe the
    /// header's hash of it, but only a light client knows whether this block was decided.
    pub(super) fn check(self, view: &AppView) -> Result<CheckedTip, SnapshotError> {
        let bad = |text: String| SnapshotError::Tip(text);
        let block = form::decode_block(&self.block).map_err(|error| bad(error.to_string()))?;
        let id = form::block_ref(&block, &self.block);
        let header = &block.header;
        let expected = view.block();
        let time = crate::chain::executor::app_time(header.time);
        if header.height.value() != expected.height.unsigned_abs()
            || header.chain_id.as_str() != expected.chain_id
            || time != expected.time
            || header.proposer_address.as_bytes() != expected.proposer
        {
            return Err(bad("its header is not the one that the state has seen".to_owned()));
        }
        let commit = Commit::try_from(self.commit.unwrap_or_default()).map_err(|error| bad(error.to_string()))?;
        if form::to_block_ref(&commit.block_id) != id || commit.height != header.height {
            return Err(bad("its commit is of another block".to_owned()));
        }
        let results = self.results.unwrap_or_default();
        if results.tx_results.len() != block.data.len() {
            return Err(bad("its results are of another block".to_owned()));
        }
        let sets = self.validators.into_iter().map(Validators::from_proto).collect::<Result<Vec<_>, _>>();
        let sets: [Validators; 3] = sets
            .map_err(|error| bad(error.to_string()))?
            .try_into()
            .map_err(|_| bad("it has not three validator sets".to_owned()))?;
        let named = [header.validators_hash, header.next_validators_hash];
        if sets.iter().zip(named).any(|(set, hash)| set.to_tendermint().hash() != hash) {
            return Err(bad("its validators are not those of its header".to_owned()));
        }
        Ok(CheckedTip { id, commit, results, txs: block.data.clone(), validators: sets, block: self.block })
    }
}
