//! The meaning of the bytes on the wire: numbers, coins, addresses, identifiers, keys, transactions,
//! certificates, access tokens, JSON and typed events, and the hashes and sign bytes of CometBFT.
//!
//! Everything here is a pure function of its arguments. There is no input or output, no clock, no global
//! state and no async; the only randomness is that of key generation, which asks the operating system.
//!
//! Invariants:
//! * A value of one of these types is valid: an [`address::Address`] has a legal length, a [`coin::Coin`] a
//!   legal denomination, [`coin::Coins`] are sorted, unique and positive.
//! * Arithmetic is exact and checked: it answers `None` where the reference implementation panics.
//! * Whatever arrives from outside is bounded in size and depth before it is looked at; nothing panics on it.
//!
//! What it does not know: the rules of the chain (`crates/chain`), how a transaction gets to a node
//! (`crates/client`), SDL (`akash-sdl`).

pub mod address;
pub mod adr36;
pub mod amino;
pub mod cert;
pub mod coin;
pub mod comet;
pub mod event;
pub mod id;
pub mod json;
pub mod jwt;
pub mod key;
pub mod num;
pub mod tx;

mod options;
mod text;
