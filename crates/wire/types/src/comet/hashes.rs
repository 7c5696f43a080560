use prost::Message;
use sha2::{Digest, Sha256};
use tendermint::block::Commit;
use tendermint::merkle::simple_hash_from_byte_vectors;
use tendermint_proto::Protobuf;
use tendermint_proto::v0_38::types as proto;

use akash_proto::tendermint::abci::ExecTxResult;
use akash_proto::tendermint::types::HashedParams;

/// The Merkle root over leaves, as CometBFT's trees have it.
#[must_use]
pub fn merkle_root(leaves: &[impl AsRef<[u8]>]) -> [u8; 32] {
    simple_hash_from_byte_vectors::<Sha256>(leaves)
}

/// `data_hash`: the leaves are the hashes of the transactions, not these themselves.
#[must_use]
pub fn data_hash(txs: &[impl AsRef<[u8]>]) -> [u8; 32] {
    let leaves: Vec<[u8; 32]> = txs.iter().map(|tx| Sha256::digest(tx).into()).collect();
    merkle_root(&leaves)
}

/// `last_commit_hash` of the next block.
#[must_use]
pub fn commit_hash(commit: &Commit) -> [u8; 32] {
    let leaves: Vec<Vec<u8>> =
        commit.signatures.iter().map(|signature| proto::CommitSig::from(signature.clone()).encode_to_vec()).collect();
    merkle_root(&leaves)
}

/// The part of a transaction's result that all nodes have to agree on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TxResult {
    pub code: u32,
    pub data: Vec<u8>,
    pub gas_wanted: i64,
    pub gas_used: i64,
}

/// `last_results_hash` of the next block.
#[must_use]
pub fn results_hash(results: impl IntoIterator<Item = TxResult>) -> [u8; 32] {
    let leaf = |result: TxResult| {
        let TxResult { code, data, gas_wanted, gas_used } = result;
        ExecTxResult { code, data, gas_wanted, gas_used, ..ExecTxResult::default() }.encode_to_vec()
    };
    let leaves: Vec<Vec<u8>> = results.into_iter().map(leaf).collect();
    merkle_root(&leaves)
}

/// `consensus_hash`: of all parameters, these two alone.
#[must_use]
pub fn consensus_hash(block_max_bytes: i64, block_max_gas: i64) -> [u8; 32] {
    Sha256::digest(HashedParams { block_max_bytes, block_max_gas }.encode_to_vec()).into()
}

/// Evidence in its wire form. The crate's own conversion writes the total power in the place of the validator's.
#[must_use]
pub fn duplicate_vote(evidence: &tendermint::evidence::DuplicateVoteEvidence) -> proto::DuplicateVoteEvidence {
    let mut raw = proto::DuplicateVoteEvidence::from(evidence.clone());
    raw.validator_power = evidence.validator_power.into();
    raw
}

/// `evidence_hash`: the leaves are the messages inside the oneof, without it.
#[must_use]
pub fn evidence_hash(evidence: &tendermint::evidence::List) -> [u8; 32] {
    use tendermint::evidence::Evidence;
    let leaf = |evidence: &Evidence| match evidence {
        Evidence::DuplicateVote(inner) => duplicate_vote(inner).encode_to_vec(),
        Evidence::LightClientAttack(inner) => {
            Protobuf::<proto::LightClientAttackEvidence>::encode_vec((**inner).clone())
        }
    };
    let leaves: Vec<Vec<u8>> = evidence.iter().map(leaf).collect();
    merkle_root(&leaves)
}
