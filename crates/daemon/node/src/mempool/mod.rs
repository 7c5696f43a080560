//! Transactions that wait for a block: bounded, in order of arrival, the worst paid out first.
//!
//! Life of a transaction: `reserve` (size, room among those being checked, known hashes) → `check`: decoded, bounded
//! and its signatures verified outside of the lock and only so many at a time, then tried on the state that all earlier
//! waiting transactions leave → waiting → `reap` into a proposal → `committed`. After each block the check state starts
//! anew from the committed state and what still waits is tried again, in order and in bounded portions.
//!
//! Rules:
//! * An account's transactions wait by ascending sequence: the check state refuses any other. Unordered ones are free.
//! * The same account and sequence again, with a gas price at least a tenth higher, takes the place of the first.
//! * When it is full, the last transactions of the accounts that pay least give way to one that pays more.
//! * What waits longer than the time to live leaves.
//!
//! Does not know: the engine, peers, JSON. Whoever gossips listens to `news`.

mod admission;
mod cache;
mod pool;
mod slots;
mod waiting;

pub use admission::{Count, Mempool, MempoolError, TxHash};
