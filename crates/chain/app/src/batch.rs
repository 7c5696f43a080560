//! The transactions of a block, read ahead of their execution.
//!
//! Reading a transaction and verifying its signatures needs nothing that the transactions before it change, so helpers
//! do both while earlier ones are executed. What they give has no part in any result: a signature that they did not
//! verify is verified when its turn comes.

use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use akash_kernel::{BlockInfo, Ctx, GasMeter, Mode};
use akash_store::Overlay;
use bytes::Bytes;

use crate::ante;
use crate::core::Core;
use crate::outcome::Fault;
use crate::transaction::{Transaction, Unreadable};

/// Transactions that are handed over together.
const CHUNK: usize = 16;
/// Chunks that one helper may be ahead.
const CHUNKS_AHEAD: usize = 8;
/// More helpers than this find nothing to do: execution is slower than they are.
const MAX_HELPERS: usize = 4;

/// A transaction of a block, or why its bytes are none.
pub type Read = Result<Transaction, Unreadable>;

/// Gives each transaction to `run`, in order. `committed` is a state below the block, for keys and account numbers.
pub fn for_each(
    core: &Core,
    block: &BlockInfo,
    committed: &Overlay,
    txs: &[Bytes],
    mut run: impl FnMut(Read) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let helpers = core.config.store.threads.saturating_sub(1).min(MAX_HELPERS);
    if helpers == 0 || txs.len() <= CHUNK {
        return txs.iter().try_for_each(|tx| run(Transaction::read(&core.registry, tx)));
    }
    thread::scope(|scope| {
        let mut queues: Vec<Receiver<Vec<Read>>> = Vec::with_capacity(helpers);
        for helper in 0..helpers {
            let (sender, receiver) = sync_channel(CHUNKS_AHEAD);
            let mut overlay = committed.clone();
            scope.spawn(move || {
                for chunk in txs.chunks(CHUNK).skip(helper).step_by(helpers) {
                    let read = chunk.iter().map(|tx| prepare(core, block, &mut overlay, tx)).collect();
                    if sender.send(read).is_err() {
                        return; // execution has failed and wants no more
                    }
                }
            });
            queues.push(receiver);
        }
        let count = txs.len().div_ceil(CHUNK);
        for queue in queues.iter().cycle().take(count) {
            let chunk = queue.recv().map_err(|_| Fault("a helper that reads transactions has stopped".to_owned()))?;
            chunk.into_iter().try_for_each(&mut run)?;
        }
        Ok(())
    })
}

fn prepare(core: &Core, block: &BlockInfo, committed: &mut Overlay, bytes: &[u8]) -> Read {
    let mut tx = Transaction::read(&core.registry, bytes)?;
    let mut ctx = Ctx::new(committed, block, Mode::Check, GasMeter::unlimited());
    // A bad signature is refused with its text when its turn comes.
    if let Ok(Some(verified)) = ante::verify_early(&mut ctx, &tx, &core.signatures) {
        tx.set_verified(verified);
    }
    Ok(tx)
}
