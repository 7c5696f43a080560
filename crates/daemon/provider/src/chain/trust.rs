//! Which answers of the chain may be acted upon.
//!
//! A node that is catching up, that is behind what we have already seen, or that serves another chain, answers
//! honestly and wrongly: on it a fresh lease does not exist. So a "no" counts only if, before it was asked for, the
//! node stood at least at the highest height ever seen on this chain. That height is kept on disk.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::{Answer, Chain, ChainError, Head};
use crate::disk::{self, DiskError};

/// The floor is written again after so many blocks; a restart trusts a node that is at most that far behind.
const WRITE_EVERY: u64 = 50;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Floor {
    chain_id: String,
    height: u64,
}

/// The highest height seen, and the chain it was seen on.
pub struct Trust {
    path: PathBuf,
    state: Mutex<State>,
}

struct State {
    floor: Floor,
    written: u64,
}

impl Trust {
    pub fn open(home: &Path) -> Result<Self, DiskError> {
        let path = home.join("trust.json");
        let floor: Floor = disk::read_json(&path)?.unwrap_or_default();
        let written = floor.height;
        Ok(Self { path, state: Mutex::new(State { floor, written }) })
    }

    /// The node's head, if its answers may be acted upon from here on.
    pub async fn head(&self, chain: &dyn Chain) -> Answer<Head> {
        let head = chain.head().await?;
        self.judge(&head)?;
        Ok(head)
    }

    fn judge(&self, head: &Head) -> Answer<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        verdict(&state.floor, head)?;
        state.floor = Floor { chain_id: head.chain_id.clone(), height: head.height };
        if state.written == 0 || head.height >= state.written + WRITE_EVERY {
            disk::write_json(&self.path, &state.floor).map_err(|error| ChainError(error.to_string()))?;
            state.written = head.height;
        }
        Ok(())
    }
}

fn verdict(floor: &Floor, head: &Head) -> Answer<()> {
    if head.catching_up {
        return Err(ChainError("the node is catching up".into()));
    }
    if head.height == 0 {
        return Err(ChainError("the node has no block yet".into()));
    }
    if !floor.chain_id.is_empty() && floor.chain_id != head.chain_id {
        return Err(ChainError(format!("the node serves {}, we work on {}", head.chain_id, floor.chain_id)));
    }
    if head.height < floor.height {
        return Err(ChainError(format!("the node is at height {}, we have seen {}", head.height, floor.height)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(chain_id: &str, height: u64, catching_up: bool) -> Head {
        Head { chain_id: chain_id.into(), height, catching_up }
    }

    #[test]
    fn only_a_node_that_is_level_with_us_is_trusted() {
        let floor = Floor { chain_id: "play".into(), height: 10 };
        let table = [
            (head("play", 10, false), true),
            (head("play", 11, false), true),
            (head("play", 9, false), false),
            (head("play", 11, true), false),
            (head("other", 11, false), false),
        ];
        for (head, trusted) in table {
            assert_eq!(verdict(&floor, &head).is_ok(), trusted, "{head:?}");
        }
    }

    #[test]
    fn the_floor_survives_a_restart() {
        let home = tempfile::tempdir().unwrap();
        Trust::open(home.path()).unwrap().judge(&head("play", 500, false)).unwrap();
        let again = Trust::open(home.path()).unwrap();
        assert!(again.judge(&head("play", 499, false)).is_err());
        assert!(again.judge(&head("play", 500, false)).is_ok());
    }
}
