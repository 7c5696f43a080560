//! Typed access: keys that keep their order as bytes, and maps, indexes and single values over a [`Kv`].
//!
//! A map's row is `prefix ‖ key` to `version byte ‖ protobuf`. The prefix tells the maps of one store apart and is
//! never 0, which this crate keeps for itself. Nothing here caches: a read is a read of the [`Kv`], so that its cost
//! and its order are those that the code shows.
//!
//! [`Kv`]: crate::Kv

mod ids;
mod index;
mod key;
mod map;

pub use index::Index;
pub use key::{CodecError, Key, RawKey, key_bytes};
pub use map::{Item, Map};
