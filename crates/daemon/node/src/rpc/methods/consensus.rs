//! Where consensus stands. The original calls these methods unstable, and means them for people.
//!
//! The engine keeps its votes to itself, so what is shown is the height and round that are being decided, who proposes,
//! and the votes by which the height before was decided.

use serde_json::{Value, json};
use tendermint::block::{Commit, CommitSig};

use super::Outcome;
use super::arguments::stored;
use crate::chain::validators::Validators;
use crate::rpc::json;
use crate::rpc::params::Args;
use crate::server_state::ServerState;

/// Waiting for the next height to begin, or in it.
const STEP_NEW_HEIGHT: u8 = 1;
/// Bytes of a hash, an address or a signature that a vote's text shows.
const SHOWN: usize = 6;

pub fn state(state: &ServerState, _args: &Args) -> Outcome {
    let now = Now::read(state)?;
    let mut round_state = now.common();
    round_state["height/round/step"] = json!(format!("{}/{}/{STEP_NEW_HEIGHT}", now.height, now.round));
    round_state["height_vote_set"] = json!([now.no_votes()]);
    round_state["proposer"] = now.proposer();
    Ok(json!({"round_state": round_state}))
}

pub fn dump(state: &ServerState, _args: &Args) -> Outcome {
    let now = Now::read(state)?;
    let mut round_state = now.common();
    round_state["height"] = json!(now.height.to_string());
    round_state["round"] = json!(now.round);
    round_state["step"] = json!(STEP_NEW_HEIGHT);
    let all = json::validators(&now.validators, 0, now.validators.count());
    let proposer = now.validators.find(&now.validators.proposer(now.round)).map(json::validator);
    round_state["validators"] = json!({"validators": all, "proposer": proposer});
    round_state["votes"] = json!([now.no_votes()]);
    round_state["last_commit"] = match &now.last_commit {
        Some((commit, signers)) => votes_of(commit, signers),
        None => Value::Null,
    };
    Ok(json!({"round_state": round_state, "peers": []}))
}

struct Now {
    height: u64,
    round: u32,
    start_time: String,
    validators: std::sync::Arc<Validators>,
    last_commit: Option<(Commit, Validators)>,
}

impl Now {
    fn read(state: &ServerState) -> Result<Self, String> {
        let snapshot = state.snapshot();
        let last = snapshot.height;
        let commit = stored(state.blocks.commit(last))?;
        let signers = stored(state.blocks.validators(last))?;
        let time = snapshot.block.as_ref().map(|block| json::time(block.block.header.time));
        let place = state.engine.place();
        Ok(Self {
            height: last + 1,
            round: if place.height == last + 1 { place.round } else { 0 },
            start_time: time.unwrap_or_else(|| json::EPOCH.to_string()),
            validators: snapshot.next_validators,
            last_commit: commit.zip(signers),
        })
    }

    fn common(&self) -> Value {
        json!({
            "start_time": self.start_time,
            "proposal_block_hash": "",
            "locked_block_hash": "",
            "valid_block_hash": "",
        })
    }

    fn proposer(&self) -> Value {
        let address = self.validators.proposer(self.round);
        let index = self.validators.iter().position(|validator| validator.address == address);
        json!({"address": json::hex(address), "index": index})
    }

    fn no_votes(&self) -> Value {
        let none: Vec<_> = self.validators.iter().map(|_| "nil-Vote").collect();
        let bits = bits(&self.validators, |_| false);
        json!({
            "round": self.round,
            "prevotes": none,
            "prevotes_bit_array": bits,
            "precommits": none,
            "precommits_bit_array": bits,
        })
    }
}

fn votes_of(commit: &Commit, signers: &Validators) -> Value {
    let texts: Vec<_> = (0..).zip(&commit.signatures).map(|(index, entry)| vote_text(commit, index, entry)).collect();
    let voted = |index: usize| !matches!(commit.signatures.get(index), None | Some(CommitSig::BlockIdFlagAbsent));
    json!({"votes": texts, "votes_bit_array": bits(signers, voted), "peer_maj_23s": {}})
}

/// `Vote{0:ADDRESS HEIGHT/ROUND/TYPE BLOCK SIGNATURE EXTENSION @ TIME}`, bytes cut to six.
fn vote_text(commit: &Commit, index: usize, entry: &CommitSig) -> String {
    let (address, time, signature, block) = match entry {
        CommitSig::BlockIdFlagAbsent => return "nil-Vote".to_string(),
        CommitSig::BlockIdFlagCommit { validator_address, timestamp, signature } => {
            (validator_address, timestamp, signature, commit.block_id.hash.as_bytes())
        }
        CommitSig::BlockIdFlagNil { validator_address, timestamp, signature } => {
            (validator_address, timestamp, signature, &[][..])
        }
    };
    let signature = signature.as_ref().map(|signature| signature.as_bytes()).unwrap_or_default();
    format!(
        "Vote{{{index}:{} {}/{:02}/SIGNED_MSG_TYPE_PRECOMMIT(Precommit) {} {} {} @ {}}}",
        cut(address.as_bytes()),
        commit.height,
        commit.round.value(),
        cut(block),
        cut(signature),
        cut(&[]),
        json::time(*time),
    )
}

fn cut(bytes: &[u8]) -> String {
    let mut shown = [0; SHOWN];
    for (to, from) in shown.iter_mut().zip(bytes) {
        *to = *from;
    }
    json::hex(shown)
}

/// `BA{4:xx_x} 30/40 = 0.75`.
fn bits(validators: &Validators, voted: impl Fn(usize) -> bool) -> String {
    let marks: String = (0..validators.count()).map(|index| if voted(index) { 'x' } else { '_' }).collect();
    let power: u64 =
        validators.iter().enumerate().filter(|(index, _)| voted(*index)).map(|(_, validator)| validator.power).sum();
    let total = validators.total_power();
    format!("BA{{{}:{marks}}} {power}/{total} = {:.2}", validators.count(), power as f64 / total.max(1) as f64)
}
