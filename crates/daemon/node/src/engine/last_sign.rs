//! What this validator signed: `data/priv_validator_state.json` in CometBFT's form, and beside the last signature
//! those before it at the same height.
//!
//! A signature is durable here before it leaves, and by then the engine's write-ahead log holds the vote or all that it
//! follows from. What did not leave is not written: the log may never have heard of it. The earlier signatures are kept
//! because the log lacks the votes that a replay derived: the next replay must come to the same ones.
//!
//! At one place the same message gets its first signature again, another one none; nor does a place below the last one
//! where nothing was signed. That is no error: this validator is silent there, as CometBFT's is.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tendermint::Time;
use tendermint_proto::v0_38::types as proto;

use super::context::TimedSignature;
use crate::files;

/// Signatures kept of one height: those of a hundred rounds, which take hours.
const KEPT_MAX: usize = 300;

#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Propose = 1,
    Prevote = 2,
    Precommit = 3,
}

/// Where in the consensus a message is signed.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub height: u64,
    pub round: u32,
    pub step: Step,
}

#[derive(Debug, thiserror::Error)]
pub enum LastSignError {
    #[error("{path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error("{path}: the disk is full; make room and start again, nothing is lost")]
    DiskFull { path: PathBuf },
    #[error("{path} is damaged: {reason}; restore it, or make sure no other copy of the key is running and delete it")]
    Damaged { path: PathBuf, reason: String },
}

#[derive(Serialize, Deserialize)]
struct Stored {
    height: String,
    round: u32,
    step: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signature: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signbytes: Option<String>,
    /// Of the same height. CometBFT passes over it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    earlier: Vec<Stored>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    pub sign_bytes: Vec<u8>,
    pub signature: TimedSignature,
}

/// What became of the wish to sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signing {
    Done(TimedSignature),
    /// Another message was signed there.
    Taken(Signed),
    /// Something was signed further on, and nothing there that is known.
    Past,
}

pub struct LastSign {
    path: PathBuf,
    signed: BTreeMap<Position, Signed>,
    /// The last position that the file knows.
    durable: Option<Position>,
}

impl LastSign {
    pub fn open(path: &Path) -> Result<Self, LastSignError> {
        let mut state = Self { path: path.to_path_buf(), signed: BTreeMap::new(), durable: None };
        let text = match std::fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(state),
            Err(source) => return Err(LastSignError::File { path: state.path, source }),
        };
        let damaged = |reason: String| LastSignError::Damaged { path: path.to_path_buf(), reason };
        let mut stored: Stored = serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
        let earlier = std::mem::take(&mut stored.earlier);
        for stored in earlier.into_iter().chain([stored]) {
            state.signed.extend(from_stored(stored).map_err(damaged)?);
        }
        state.durable = state.position();
        Ok(state)
    }

    /// Of the last signature, durable or not.
    pub fn position(&self) -> Option<Position> {
        self.signed.last_key_value().map(|(position, _)| *position)
    }

    /// What stands in the way of signing `sign_bytes(time)`, or the signature that it has. None: nothing does.
    pub fn look(&self, position: Position, sign_bytes: impl Fn(Time) -> Vec<u8>) -> Option<Signing> {
        match self.signed.get(&position) {
            Some(signed) => {
                let same = signed.signature.time().map(sign_bytes).is_some_and(|bytes| bytes == signed.sign_bytes);
                Some(if same { Signing::Done(signed.signature) } else { Signing::Taken(signed.clone()) })
            }
            None => (self.position() > Some(position)).then_some(Signing::Past),
        }
    }

    /// The signature to give out for `sign_bytes(now)`; `sign` is called only when nothing speaks against it.
    pub fn sign(
        &mut self,
        position: Position,
        now: Time,
        sign_bytes: impl Fn(Time) -> Vec<u8>,
        sign: impl Fn(&[u8]) -> [u8; 64],
    ) -> Signing {
        if let Some(found) = self.look(position, &sign_bytes) {
            return found;
        }
        let sign_bytes = sign_bytes(now);
        let signature = TimedSignature::new(now, sign(&sign_bytes));
        self.signed.insert(position, Signed { sign_bytes, signature });
        Signing::Done(signature)
    }

    /// Makes a signature of ours durable, with all before it. False: another one stands at its place, and it must not
    /// leave. One that is not known here comes out of the engine's log, or was made elsewhere with our key.
    pub fn leaves(&mut self, position: Position, signed: Signed) -> Result<bool, LastSignError> {
        let is_known = match self.signed.get(&position) {
            Some(known) if *known != signed => return Ok(false),
            known => known.is_some(),
        };
        if is_known && self.durable >= Some(position) {
            return Ok(true);
        }
        if !is_known {
            self.signed.insert(position, signed);
        }
        let last = self.durable.map_or(position, |durable| durable.max(position));
        self.signed.retain(|kept, _| kept.height >= last.height);
        while self.signed.len() > KEPT_MAX {
            self.signed.pop_first();
        }
        self.write(last)?;
        self.durable = Some(last);
        Ok(true)
    }

    fn write(&self, last: Position) -> Result<(), LastSignError> {
        let mut known: Vec<Stored> = self.signed.range(..=last).map(|(at, signed)| to_stored(*at, signed)).collect();
        let Some(mut stored) = known.pop() else { return Ok(()) };
        stored.earlier = known;
        let text = serde_json::to_vec_pretty(&stored).expect("strings and numbers are always JSON");
        files::write_durable(&self.path, &text, files::PRIVATE).map_err(|source| {
            let path = self.path.clone();
            match source.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => LastSignError::DiskFull { path },
                _ => LastSignError::File { path, source },
            }
        })
    }
}

fn to_stored(position: Position, signed: &Signed) -> Stored {
    use base64::Engine as _;
    Stored {
        height: position.height.to_string(),
        round: position.round,
        step: position.step as u8,
        signature: Some(base64::engine::general_purpose::STANDARD.encode(signed.signature.bytes)),
        signbytes: Some(hex::encode_upper(&signed.sign_bytes)),
        earlier: Vec::new(),
    }
}

fn from_stored(stored: Stored) -> Result<Option<(Position, Signed)>, String> {
    use base64::Engine as _;
    let step = match stored.step {
        0 => return Ok(None), // a fresh file written by another node
        1 => Step::Propose,
        2 => Step::Prevote,
        3 => Step::Precommit,
        step => return Err(format!("unknown step {step}")),
    };
    let height = stored.height.parse().map_err(|_| "height is not a number".to_string())?;
    let (Some(signature), Some(sign_bytes)) = (stored.signature, stored.signbytes) else {
        return Err("signature or signbytes is absent".to_string());
    };
    let signature = base64::engine::general_purpose::STANDARD.decode(signature).map_err(|error| error.to_string())?;
    let bytes = signature.try_into().map_err(|_| "signature has not 64 bytes".to_string())?;
    let sign_bytes = hex::decode(sign_bytes).map_err(|error| error.to_string())?;
    let (seconds, nanos) = signed_time(&sign_bytes, step).ok_or("signbytes hold no time")?;
    let position = Position { height, round: stored.round, step };
    Ok(Some((position, Signed { sign_bytes, signature: TimedSignature { seconds, nanos, bytes } })))
}

/// The time inside of canonical sign bytes.
fn signed_time(sign_bytes: &[u8], step: Step) -> Option<(i64, u32)> {
    use prost::Message as _;
    let timestamp = match step {
        Step::Propose => proto::CanonicalProposal::decode_length_delimited(sign_bytes).ok()?.timestamp?,
        Step::Prevote | Step::Precommit => proto::CanonicalVote::decode_length_delimited(sign_bytes).ok()?.timestamp?,
    };
    Some((timestamp.seconds, u32::try_from(timestamp.nanos).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::form::vote_sign_bytes;
    use crate::engine::context::{Address, BlockRef, Height, NilOrVal, Round, Vote, VoteType};

    fn prevote(place: Position, hash: u8) -> impl Fn(Time) -> Vec<u8> {
        let vote = Vote {
            kind: VoteType::Prevote,
            height: Height(place.height),
            round: Round::new(place.round),
            value: NilOrVal::Val(BlockRef { hash: [hash; 32], total: 1, parts: [hash; 32] }),
            address: Address([1; 20]),
        };
        move |time| vote_sign_bytes("test-1", &vote, time)
    }

    fn second(seconds: i64) -> Time {
        Time::from_unix_timestamp(seconds, 7).unwrap()
    }

    fn at(height: u64, round: u32) -> Position {
        Position { height, round, step: Step::Prevote }
    }

    fn open(folder: &tempfile::TempDir) -> LastSign {
        LastSign::open(&folder.path().join("state.json")).unwrap()
    }

    /// Signs a prevote for the block `hash`, which must be the first message at its place.
    fn sign(state: &mut LastSign, place: Position, hash: u8) -> Signed {
        let bytes = prevote(place, hash);
        let time = second(i64::from(hash));
        match state.sign(place, time, &bytes, |_| [hash; 64]) {
            Signing::Done(signature) => Signed { sign_bytes: bytes(time), signature },
            refused => panic!("{refused:?}"),
        }
    }

    #[test]
    fn same_vote_again_gets_the_first_signature_even_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let mut state = open(&folder);
        let first = sign(&mut state, at(5, 0), 1);
        assert_eq!(open(&folder).position(), None, "it has not left");
        assert!(state.leaves(at(5, 0), first.clone()).unwrap());

        let mut state = open(&folder);
        assert_eq!(state.position(), Some(at(5, 0)));
        let again = state.sign(at(5, 0), second(200), prevote(at(5, 0), 1), |_| panic!("must not sign"));
        assert_eq!(again, Signing::Done(first.signature));
    }

    #[test]
    fn earlier_votes_of_a_height_keep_their_signatures_over_restarts() {
        let folder = tempfile::tempdir().unwrap();
        let mut state = open(&folder);
        let (below, first) = (sign(&mut state, at(4, 0), 9), sign(&mut state, at(5, 0), 1));
        let second = sign(&mut state, at(5, 1), 2);
        state.leaves(at(4, 0), below).unwrap();
        state.leaves(at(5, 1), second.clone()).unwrap();

        let state = open(&folder);
        assert_eq!(state.look(at(5, 0), prevote(at(5, 0), 1)), Some(Signing::Done(first.signature)));
        assert_eq!(state.look(at(5, 1), prevote(at(5, 1), 2)), Some(Signing::Done(second.signature)));
        assert_eq!(state.look(at(4, 0), prevote(at(4, 0), 9)), Some(Signing::Past), "that height is over");
    }

    #[test]
    fn what_did_not_leave_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let mut state = open(&folder);
        let first = sign(&mut state, at(5, 0), 1);
        sign(&mut state, at(5, 1), 2);
        state.leaves(at(5, 0), first).unwrap();
        assert_eq!(open(&folder).position(), Some(at(5, 0)));
    }

    #[test]
    fn signature_out_of_the_log_is_adopted_unless_another_stands_there() {
        let folder = tempfile::tempdir().unwrap();
        let mut state = open(&folder);
        let signed = |place: Position, hash: u8| Signed {
            sign_bytes: prevote(place, hash)(second(100)),
            signature: TimedSignature::new(second(100), [9; 64]),
        };
        assert!(state.leaves(at(5, 0), signed(at(5, 0), 1)).unwrap());
        assert!(!state.leaves(at(5, 0), signed(at(5, 0), 2)).unwrap());
        assert_eq!(open(&folder).position(), Some(at(5, 0)));
    }

    #[test]
    fn another_vote_at_the_same_place_or_below_is_not_signed() {
        let folder = tempfile::tempdir().unwrap();
        let mut state = open(&folder);
        let first = sign(&mut state, at(5, 1), 1);
        let never = |_: &[u8]| panic!("must not sign");
        assert_eq!(state.sign(at(5, 1), second(9), prevote(at(5, 1), 2), never), Signing::Taken(first));
        assert_eq!(state.sign(at(5, 0), second(9), prevote(at(5, 0), 1), never), Signing::Past);
        assert_eq!(state.sign(at(4, 3), second(9), prevote(at(4, 3), 1), never), Signing::Past);
        sign(&mut state, at(6, 0), 1);
    }

    #[test]
    fn a_height_without_end_keeps_the_last_signatures() {
        let folder = tempfile::tempdir().unwrap();
        let mut state = open(&folder);
        for round in 0..=KEPT_MAX as u32 {
            let signed = sign(&mut state, at(5, round), 1);
            state.leaves(at(5, round), signed).unwrap();
        }
        assert_eq!(state.signed.len(), KEPT_MAX);
        assert_eq!(open(&folder).signed, state.signed);
    }
}
