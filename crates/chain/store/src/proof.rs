//! Proofs in the form of ICS-23, two steps each: the record in its store, the store in the app hash.
//!
//! | step | operation | specification |
//! |---|---|---|
//! | live record, or absence of one | `ics23:smt` | `smt_spec`, with `max_depth` 256 set |
//! | store | `ics23:simple` | `tendermint_spec` |
//!
//! A record of the history takes three: record in the history (`ics23:simple`), root of the history in the store
//! (`ics23:smt`, key 00 "history"), store. Absence speaks of live records alone.

use akash_proto::cosmos::ics23::v1 as ics23;
use akash_proto::tendermint::crypto::{ProofOp, ProofOps};
use prost::Message;

use crate::bytes::Table;
use crate::error::StoreError;
use crate::flat::{HISTORY_ROOT_KEY, flat_key, store_prefix};
use crate::hash::{Hash, LEAF, sha256};
use crate::merkle::{NodePlace, affixes, growing_path, pair_leaf, path};
use crate::trie::Step;
use crate::view::{Archived, StoreAt, View};

const TRIE: &str = "ics23:smt";
const SIMPLE: &str = "ics23:simple";

/// A value, or its absence, with the operations that lead from it to the app hash.
#[derive(Clone, Debug, PartialEq)]
pub struct Proof {
    /// `None`: proved absent.
    pub value: Option<Vec<u8>>,
    /// From the record up.
    pub ops: ProofOps,
}

impl View {
    /// Proves a key of a store's state, present or absent, against this height's app hash.
    pub fn prove(&self, store: &str, key: &[u8]) -> Result<Proof, StoreError> {
        let at = self.store(store)?;
        if self.is_empty() {
            return Err(StoreError::NothingCommitted);
        }
        let top = op(SIMPLE, at.name.as_bytes(), &self.store_proof(at));
        if let Some(steps) = at.trie.path(&sha256(key))? {
            let value = self.live(at, key)?;
            let record = op(TRIE, key, &exists(trie_existence(key, &value, &steps)));
            return Ok(Proof { value: Some(value), ops: ProofOps { ops: vec![record, top] } });
        }
        if let Some(archived) = self.archived(at, key)? {
            let record = op(SIMPLE, key, &self.history_proof(at, key, &archived)?);
            let root = op(TRIE, HISTORY_ROOT_KEY, &exists(self.neighbour(at, &sha256(HISTORY_ROOT_KEY))?));
            return Ok(Proof { value: Some(archived.value), ops: ProofOps { ops: vec![record, root, top] } });
        }
        let record = op(TRIE, key, &self.absence(at, key)?);
        Ok(Proof { value: None, ops: ProofOps { ops: vec![record, top] } })
    }

    fn store_proof(&self, at: &StoreAt) -> ics23::CommitmentProof {
        let stores = self.stores();
        let leaves: Vec<Hash> = stores.iter().map(|store| pair_leaf(store.name.as_bytes(), &store.root)).collect();
        let place = stores.iter().position(|store| store.name == at.name).expect("the store is one of the view's");
        exists(simple_existence(at.name.as_bytes(), &at.root, &path(&leaves, place)))
    }

    fn history_proof(
        &self,
        at: &StoreAt,
        key: &[u8],
        archived: &Archived,
    ) -> Result<ics23::CommitmentProof, StoreError> {
        let node = |place: NodePlace| self.history_node(at.name, place);
        let steps = growing_path(at.history_len, archived.place, node)?;
        Ok(exists(simple_existence(key, &archived.value, &steps)))
    }

    /// Both neighbours with their whole values; the one that is missing says that the key lies outside of all.
    fn absence(&self, at: &StoreAt, key: &[u8]) -> Result<ics23::CommitmentProof, StoreError> {
        let neighbours = at.trie.neighbours(&sha256(key))?;
        let proof = |hash: Option<Hash>| hash.map(|hash| self.neighbour(at, &hash)).transpose();
        let (left, right) = (proof(neighbours.left)?, proof(neighbours.right)?);
        let absent = ics23::NonExistenceProof { key: key.to_vec(), left, right };
        Ok(ics23::CommitmentProof { proof: Some(ics23::commitment_proof::Proof::Nonexist(absent)) })
    }

    /// The existence of the live record behind a key hash.
    fn neighbour(&self, at: &StoreAt, hash: &Hash) -> Result<ics23::ExistenceProof, StoreError> {
        let broken = |what| StoreError::Corrupt(format!("a leaf of store {} has no {what}", at.name));
        let named = flat_key(at.name, hash);
        let key = self.bytes().get(Table::KeyName, &named)?.ok_or_else(|| broken("key"))?;
        let steps = at.trie.path(hash)?.ok_or_else(|| broken("path"))?;
        Ok(trie_existence(&key, &self.live(at, &key)?, &steps))
    }

    fn live(&self, at: &StoreAt, key: &[u8]) -> Result<Vec<u8>, StoreError> {
        let missing = || StoreError::Corrupt(format!("a leaf of store {} has no record", at.name));
        self.bytes().get(Table::State, &flat_key(at.name, key))?.ok_or_else(missing)
    }

    pub(crate) fn history_node(&self, store: &str, place: NodePlace) -> Result<Hash, StoreError> {
        let node = self.bytes().get(Table::HistoryNode, &node_key(store, place))?;
        let broken = || StoreError::Corrupt(format!("the history of store {store} lacks a node"));
        node.and_then(|hash| Hash::try_from(hash).ok()).ok_or_else(broken)
    }
}

pub(crate) fn node_key(store: &str, place: NodePlace) -> Vec<u8> {
    let mut key = store_prefix(store);
    key.push(place.level);
    key.extend_from_slice(&place.number.to_be_bytes());
    key
}

fn op(kind: &str, key: &[u8], proof: &ics23::CommitmentProof) -> ProofOp {
    ProofOp { r#type: kind.to_owned(), key: key.to_vec(), data: proof.encode_to_vec() }
}

fn exists(proof: ics23::ExistenceProof) -> ics23::CommitmentProof {
    ics23::CommitmentProof { proof: Some(ics23::commitment_proof::Proof::Exist(proof)) }
}

fn trie_existence(key: &[u8], value: &[u8], steps: &[Step]) -> ics23::ExistenceProof {
    existence(key, value, steps, ics23::HashOp::Sha256, ics23::LengthOp::NoPrefix)
}

fn simple_existence(key: &[u8], value: &[u8], steps: &[Step]) -> ics23::ExistenceProof {
    existence(key, value, steps, ics23::HashOp::NoHash, ics23::LengthOp::VarProto)
}

fn existence(
    key: &[u8],
    value: &[u8],
    steps: &[Step],
    prehash_key: ics23::HashOp,
    length: ics23::LengthOp,
) -> ics23::ExistenceProof {
    let leaf = ics23::LeafOp {
        hash: ics23::HashOp::Sha256.into(),
        prehash_key: prehash_key.into(),
        prehash_value: ics23::HashOp::Sha256.into(),
        length: length.into(),
        prefix: vec![LEAF],
    };
    let inner = |step: &Step| {
        let (prefix, suffix) = affixes(step);
        ics23::InnerOp { hash: ics23::HashOp::Sha256.into(), prefix, suffix }
    };
    ics23::ExistenceProof {
        key: key.to_vec(),
        value: value.to_vec(),
        leaf: Some(leaf),
        path: steps.iter().rev().map(inner).collect(),
    }
}
