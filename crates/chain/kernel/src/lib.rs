//! What a module of the chain is written against.
//!
//! A module implements [`Module`] and registers its messages and queries by type in the [`Registry`]. A handler gets
//! a [`Ctx`]: pending state with gas, events and the block's header. It reads, decides, writes and announces; then it
//! answers, or it fails with a [`Reject`] (the transaction is wrong) or a fault (our own state is wrong, the node
//! stops). [`Modules`] puts modules together: genesis, block hooks, invariants.
//!
//! Life of a transaction: the app opens a checkpoint, makes a [`Ctx`], runs what the [`Registry`] bound, and keeps or
//! drops the checkpoint. Queries run in a [`QueryCtx`] over one committed height.
//!
//! Invariants:
//! * Everything here is a function of state, block and message. No clock, no randomness, no float, no thread, no map
//!   without order, no input or output.
//! * Every read and write of a handler costs gas, in the order in which the code makes them.
//! * What fails leaves neither writes nor events.
//!
//! What it does not know: accounts, signatures, fees, blocks as bytes, and which modules exist.

mod authorization;
mod block;
mod ctx;
mod error;
mod event;
mod gas;
mod module;
mod modules;
pub mod page;
mod query;
mod registry;
pub mod sdk_error;
pub mod testing;
pub mod time;

pub use akash_store::StoreName;
pub use authorization::{Acceptance, BoundAuthorization};
pub use block::{BlockInfo, Time};
pub use ctx::{Ctx, Mode};
pub use error::{Reject, TxError};
pub use event::Event;
pub use gas::GasMeter;
pub use module::{Invariant, Module};
pub use modules::{Modules, Violation};
pub use query::{GrpcCode, QueryCtx, QueryError};
pub use registry::{BoundMessage, QueryRoute, Registry};
