//! The provider's door for tenants: HTTPS on 8443.
//!
//! [`tls`] shows the certificate that stands on chain and takes, without requiring it, one of the client; [`identity`]
//! says whose it is: subject and issuer name the address, the serial is valid on chain, the key is the one registered
//! there, and the dates hold. [`routes`] are thin: each parses, asks the same functions that any other door would ask,
//! and writes one of the [`answers`]. [`stream`] is the websocket part.
//!
//! Invariants: bodies, headers, connections, sessions and times are bounded. Without a confirmed identity only the
//! public routes answer. A certificate that cannot be confirmed because the chain is unknown is refused with 503,
//! not 401.
//!
//! It does not know how workloads run or how bids are made.

mod answers;
mod identity;
mod pages;
mod routes;
mod serve;
mod stream;
mod tls;

pub use serve::{Gateway, GatewayError};
