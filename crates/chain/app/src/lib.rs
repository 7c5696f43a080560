//! The chain as one state machine: all modules put together, with the rules for transactions and blocks.
//!
//! Four steps, each pure over the state below it: [`CheckState::check_tx`] tries a transaction that arrived,
//! [`App::build_proposal`] and [`App::judge_proposal`] are about blocks that are not decided, and [`App::execute`] with
//! [`App::commit`] takes a decided block. Everyone else reads an [`AppView`] of the last committed height, which never
//! waits for the writer.
//!
//! Life of a transaction: bytes, decoded and bound to the code of its messages; the ante chain (fee, signatures,
//! sequence), whose effects stay; the messages, whose effects stay only if all succeed; the outcome.
//!
//! Invariants:
//! * The same blocks give the same outcomes and app hash on every node. Settings of a node matter on admission alone.
//! * A simulation uses exactly the gas that execution will.
//! * A transaction cannot stop the chain: what panics is refused. A broken state does stop it ([`Fault`]).
//!
//! What it does not know: the engine, votes, peers, the mempool, disks, and how its answers are served.

mod ante;
mod app;
mod batch;
mod block;
mod cache;
mod check;
mod consensus;
mod core;
pub mod genesis;
mod header;
mod outcome;
mod prepared;
mod proposal;
mod query;
mod reindex;
mod run;
mod simulate;
mod transaction;
mod upgrade;
mod view;

pub use akash_kernel::time::{parse_rfc3339, rfc3339};
pub use app::App;
pub use block::{BlockInput, BlockOutcome, InitOutcome, Misbehavior, Verdict, VoteInfo};
pub use cache::SignatureCache;
pub use check::{CheckKind, CheckState};
pub use core::AppConfig;
pub use genesis::{Genesis, GenesisError, GenesisValidator};
pub use outcome::{Fault, Sender, TxOutcome};
pub use prepared::PreparedTx;
pub use query::{Answer, QueryOutcome};
pub use reindex::Reindexed;
pub use simulate::{SimulationFailure, SimulationResult, answer as simulation_answer, requested_tx};

pub use upgrade::{UPGRADES, Upgrade, UpgradeNeeded};
pub use view::AppView;
