//! Hears the chain's blocks and turns their events into hints.
//!
//! A subscription that falls silent is taken for broken and made anew, and blocks are replayed from the last one heard.
//! Nothing depends on hearing everything: whoever listens also compares with the whole chain from time to time.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use tokio::sync::{broadcast, watch};
use tokio::time::{sleep, timeout};

use super::hint::{self, Hint};
use super::{BlockEvents, Chain, ChainError};

/// Hints a listener may be behind before it has to compare everything.
const HINTS: usize = 1024;
const RETRY_FIRST: Duration = Duration::from_millis(200);
const RETRY_MOST: Duration = Duration::from_secs(10);

/// What is heard, for any number of listeners.
#[derive(Clone)]
pub struct Heard {
    hints: broadcast::Sender<Hint>,
    height: watch::Sender<u64>,
}

impl Default for Heard {
    fn default() -> Self {
        Self { hints: broadcast::channel(HINTS).0, height: watch::channel(0).0 }
    }
}

impl Heard {
    pub fn hints(&self) -> broadcast::Receiver<Hint> {
        self.hints.subscribe()
    }

    /// The height of the last block heard.
    pub fn height(&self) -> watch::Receiver<u64> {
        self.height.subscribe()
    }

    /// Waits for a hint. A listener that fell behind gets `None`: anything may have changed.
    pub async fn next(hints: &mut broadcast::Receiver<Hint>) -> Option<Hint> {
        match hints.recv().await {
            Ok(hint) => Some(hint),
            Err(broadcast::error::RecvError::Lagged(_)) => None,
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }

    fn publish(&self, block: &BlockEvents) {
        for (kind, attributes) in &block.events {
            if let Some(hint) = hint::read(kind, attributes) {
                let _ = self.hints.send(hint); // an error means that nobody listens
            }
        }
        self.height.send_replace(block.height);
    }
}

/// Runs until dropped. `silence`: so long without a block, the connection counts as lost.
pub async fn run(chain: Arc<dyn Chain>, heard: Heard, silence: Duration) {
    let mut next = 0;
    let mut wait = RETRY_FIRST;
    loop {
        let before = next;
        let error = listen(chain.as_ref(), &heard, silence, &mut next).await;
        tracing::warn!(%error, next, "the block stream ended; connecting again");
        wait = if next > before { RETRY_FIRST } else { (wait * 2).min(RETRY_MOST) };
        sleep(wait).await;
    }
}

async fn listen(chain: &dyn Chain, heard: &Heard, silence: Duration, next: &mut u64) -> ChainError {
    let mut blocks = match chain.blocks(*next).await {
        Ok(blocks) => blocks,
        Err(error) => return error,
    };
    loop {
        match timeout(silence, blocks.next()).await {
            Ok(Some(Ok(block))) => {
                heard.publish(&block);
                *next = block.height + 1;
            }
            Ok(Some(Err(error))) => return error,
            Ok(None) => return ChainError("the node closed the stream".into()),
            Err(_) => return ChainError(format!("no block for {silence:?}")),
        }
    }
}
