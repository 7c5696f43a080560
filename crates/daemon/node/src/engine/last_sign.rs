//! What this validator signed last: `data/priv_validator_state.json` in CometBFT's form.
//!
//! The file is durable before a signature leaves, and not before: the engine's write-ahead log holds the vote by then,
//! so that a restart never derives another one for a place that the file knows. Nothing below it is ever signed, and
//! at the same height, round and step only the same vote again, with the time and signature of the first.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tendermint::Time;
use tendermint_proto::v0_38::types as proto;

use super::context::TimedSignature;
use crate::files;

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
    #[error(
        "refused to sign at {wanted:?}: already signed at {last:?}: if no other node uses this key, start again, and \
         the node first follows the others past this height"
    )]
    Behind { wanted: Position, last: Position },
    #[error("refused to sign at {0:?}: another message was signed there (is the same key in use twice?)")]
    Conflict(Position),
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
}

struct Last {
    position: Position,
    sign_bytes: Vec<u8>,
    signature: TimedSignature,
}

pub struct LastSign {
    path: PathBuf,
    last: Option<Last>,
    /// Whether the file says less than `last`.
    dirty: bool,
}

impl LastSign {
    pub fn open(path: &Path) -> Result<Self, LastSignError> {
        let text = match std::fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Ok(Self { path: path.to_path_buf(), last: None, dirty: false });
            }
            Err(source) => return Err(LastSignError::File { path: path.to_path_buf(), source }),
        };
        let damaged = |reason: String| LastSignError::Damaged { path: path.to_path_buf(), reason };
        let stored: Stored = serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
        Ok(Self { path: path.to_path_buf(), last: from_stored(stored).map_err(damaged)?, dirty: false })
    }

    pub fn position(&self) -> Option<Position> {
        self.last.as_ref().map(|last| last.position)
    }

    /// The signature to give out for `sign_bytes(now)`; `sign` is called only after nothing speaks against it.
    pub fn sign(
        &mut self,
        position: Position,
        now: Time,
        sign_bytes: impl Fn(Time) -> Vec<u8>,
        sign: impl Fn(&[u8]) -> [u8; 64],
    ) -> Result<TimedSignature, LastSignError> {
        if let Some(last) = &self.last {
            if position < last.position {
                return Err(LastSignError::Behind { wanted: position, last: last.position });
            }
            if position == last.position {
                let same = last.signature.time().map(&sign_bytes).is_some_and(|bytes| bytes == last.sign_bytes);
                return if same { Ok(last.signature) } else { Err(LastSignError::Conflict(position)) };
            }
        }
        let bytes = sign_bytes(now);
        let signature = TimedSignature::new(now, sign(&bytes));
        (self.last, self.dirty) = (Some(Last { position, sign_bytes: bytes, signature }), true);
        Ok(signature)
    }

    /// A signature of ours that the engine's log knew and this file did not: a crash came before it left.
    pub fn adopt(
        &mut self,
        position: Position,
        sign_bytes: Vec<u8>,
        signature: TimedSignature,
    ) -> Result<(), LastSignError> {
        match &self.last {
            Some(last) if position == last.position && sign_bytes != last.sign_bytes => {
                return Err(LastSignError::Conflict(position));
            }
            Some(last) if position <= last.position => {}
            _ => (self.last, self.dirty) = (Some(Last { position, sign_bytes, signature }), true),
        }
        Ok(())
    }

    /// Makes the last signature durable. It must not leave before.
    pub fn flush(&mut self) -> Result<(), LastSignError> {
        use base64::Engine as _;
        let Some(last) = self.last.as_ref().filter(|_| self.dirty) else { return Ok(()) };
        let stored = Stored {
            height: last.position.height.to_string(),
            round: last.position.round,
            step: last.position.step as u8,
            signature: Some(base64::engine::general_purpose::STANDARD.encode(last.signature.bytes)),
            signbytes: Some(hex::encode_upper(&last.sign_bytes)),
        };
        let text = serde_json::to_vec_pretty(&stored).expect("strings and numbers are always JSON");
        files::write_durable(&self.path, &text, files::PRIVATE).map_err(|source| {
            let path = self.path.clone();
            match source.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => LastSignError::DiskFull { path },
                _ => LastSignError::File { path, source },
            }
        })?;
        self.dirty = false;
        Ok(())
    }
}

fn from_stored(stored: Stored) -> Result<Option<Last>, String> {
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
    Ok(Some(Last { position, sign_bytes, signature: TimedSignature { seconds, nanos, bytes } }))
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

    fn prevote(height: u64, hash: u8) -> impl Fn(Time) -> Vec<u8> {
        let vote = Vote {
            kind: VoteType::Prevote,
            height: Height(height),
            round: Round::new(0),
            value: NilOrVal::Val(BlockRef { hash: [hash; 32], total: 1, parts: [hash; 32] }),
            address: Address([1; 20]),
        };
        move |time| vote_sign_bytes("test-1", &vote, time)
    }

    fn second(seconds: i64) -> Time {
        Time::from_unix_timestamp(seconds, 7).unwrap()
    }

    fn at(height: u64) -> Position {
        Position { height, round: 0, step: Step::Prevote }
    }

    #[test]
    fn same_vote_again_gets_the_first_signature_even_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let mut state = LastSign::open(&path).unwrap();
        let first = state.sign(at(5), second(100), prevote(5, 1), |_| [9; 64]).unwrap();
        assert_eq!(LastSign::open(&path).unwrap().position(), None);
        state.flush().unwrap();

        let mut state = LastSign::open(&path).unwrap();
        assert_eq!(state.position(), Some(at(5)));
        let again = state.sign(at(5), second(200), prevote(5, 1), |_| panic!("must not sign")).unwrap();
        assert_eq!(again, first);
    }

    #[test]
    fn signature_out_of_the_log_is_adopted_unless_it_conflicts() {
        let folder = tempfile::tempdir().unwrap();
        let mut state = LastSign::open(&folder.path().join("state.json")).unwrap();
        let signature = TimedSignature::new(second(100), [9; 64]);
        state.adopt(at(5), prevote(5, 1)(second(100)), signature).unwrap();
        assert_eq!(state.position(), Some(at(5)));
        state.adopt(at(4), prevote(4, 1)(second(90)), signature).unwrap();
        assert_eq!(state.position(), Some(at(5)));
        let other = state.adopt(at(5), prevote(5, 2)(second(100)), signature);
        assert!(matches!(other, Err(LastSignError::Conflict(_))));
    }

    #[test]
    fn another_vote_at_the_same_place_or_below_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut state = LastSign::open(&folder.path().join("state.json")).unwrap();
        state.sign(at(5), second(100), prevote(5, 1), |_| [9; 64]).unwrap();
        let other = state.sign(at(5), second(100), prevote(5, 2), |_| [9; 64]);
        assert!(matches!(other, Err(LastSignError::Conflict(_))));
        let below = state.sign(at(4), second(100), prevote(4, 1), |_| [9; 64]);
        assert!(matches!(below, Err(LastSignError::Behind { .. })));
        assert!(state.sign(at(6), second(100), prevote(6, 1), |_| [9; 64]).is_ok());
    }
}
