//! The one queue of transactions of our key.
//!
//! ```text
//! intent ──on disk──▶ guard ▶ simulate ▶ sign ──batch on disk──▶ broadcast ▶ found by hash ▶ intents removed
//!                                          ▲                          │
//!                                          └── the sequence moved on ─┘
//! ```
//!
//! Life cycle: an [`Intent`] is durable once [`Queue::push`] returns. Intents are batched into one transaction; the
//! signed bytes are on disk before they are sent. After a `kill -9` the same bytes are looked for, and sent again
//! if they are nowhere: one sequence number admits one of them at most. Only when the account's sequence has passed
//! them are they signed anew.
//!
//! Invariants: at most one batch is in flight. An intent has a key, and a key is queued once. A batch that the chain
//! refuses is taken apart, so that one bad message does not hold up the others. An intent whose guard says that it has
//! become pointless is dropped unsent; a guard that cannot tell makes it wait.
//!
//! It does not know why somebody wants a message sent.

mod batch;
mod intent;
mod queue;
mod store;

pub use intent::{Guard, Intent};
pub use queue::{IntentState, Queue, QueueConfig};
