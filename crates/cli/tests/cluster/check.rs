//! Compares what the nodes say of their chains.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::load::Committed;
use crate::net::{Net, call};

/// What was found in a history that all nodes share.
#[derive(Default)]
pub struct History {
    pub heights: u64,
    /// Heights that were decided in a round above 0.
    pub later_rounds: u64,
    /// Heights whose commit holds all signatures.
    pub signed_by_all: u64,
    /// Validators with a signature in some commit.
    pub signers: BTreeSet<String>,
    pub txs: usize,
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { heights, later_rounds, signed_by_all, txs, .. } = self;
        write!(
            f,
            "{heights} heights equal on all nodes, {later_rounds} of them decided in a later round, \
             {signed_by_all} signed by all, {txs} transactions kept"
        )
    }
}

impl History {
    pub fn with_txs(mut self, sent: &[Committed]) -> Self {
        self.txs = sent.len();
        self
    }
}

/// Fails unless all nodes have the same block, application hash and results at every height, and nobody signed twice.
pub fn histories(net: &Net, height: u64) -> History {
    let mut history = History { heights: height, ..History::default() };
    for height in 1..=height {
        // Votes for a block by (validator, round), from the commits that each node saw and from the blocks.
        let mut votes: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
        let mut seen: Option<(Value, Value)> = None;
        for node in 0..net.members.len() {
            let ask = |method: &str| {
                let params = json!({"height": height.to_string()});
                net.wait(&format!("{method} {height} of node {node}"), || {
                    call(net.members[node].rpc, method, params.clone())
                })
            };
            let (block, commit) = (ask("block"), ask("commit"));
            let evidence = &block["block"]["evidence"]["evidence"];
            assert!(evidence.as_array().is_none_or(Vec::is_empty), "evidence in block {height}: {evidence}");
            note_votes(&mut votes, &commit["signed_header"]["commit"]);
            note_votes(&mut votes, &block["block"]["last_commit"]);
            let own = (block["block_id"].clone(), block["block"]["header"].clone());
            match &seen {
                None => {
                    history.later_rounds += u64::from(commit["signed_header"]["commit"]["round"] != 0);
                    history.signed_by_all += u64::from(signatures(&commit) == 4);
                    seen = Some(own);
                }
                Some(first) => assert_eq!(*first, own, "node {node} has another block {height}"),
            }
        }
        for ((validator, round), blocks) in votes {
            assert_eq!(blocks.len(), 1, "double vote at {height}: {validator} in {round} for {blocks:?}");
            history.signers.insert(validator);
        }
    }
    history
}

fn signatures(commit: &Value) -> usize {
    let all = commit["signed_header"]["commit"]["signatures"].as_array().unwrap();
    all.iter().filter(|entry| entry["block_id_flag"] == 2).count()
}

fn note_votes(votes: &mut BTreeMap<(String, String), BTreeSet<String>>, commit: &Value) {
    let place = format!("{}/{}", commit["height"], commit["round"]);
    for entry in commit["signatures"].as_array().into_iter().flatten().filter(|entry| entry["block_id_flag"] == 2) {
        let validator = entry["validator_address"].as_str().unwrap().to_owned();
        votes.entry((validator, place.clone())).or_default().insert(commit["block_id"]["hash"].to_string());
    }
}

/// What one node showed in a block stands in that block on all nodes.
pub fn all_committed_are_there(net: &Net, sent: &[Committed]) {
    assert!(!sent.is_empty(), "the load sent nothing");
    for Committed { hash, height } in sent {
        let raw: Vec<u8> =
            (0..hash.len()).step_by(2).map(|at| u8::from_str_radix(&hash[at..at + 2], 16).unwrap()).collect();
        for (node, member) in net.members.iter().enumerate() {
            let found = call(member.rpc, "tx", json!({"hash": BASE64_STANDARD.encode(&raw), "prove": false}));
            let found = found.unwrap_or_else(|| panic!("node {node} lost {hash} of height {height}"));
            assert_eq!(found["height"], height.to_string(), "node {node} has {hash} elsewhere");
        }
    }
}
