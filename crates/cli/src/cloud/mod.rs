//! The whole cloud on one machine: node, provider, containers, image registry, in one process.
//!
//! Life cycle: [`first_run::prepare`] makes keys, genesis and the record of the home (the record last, so that a
//! half-made home is made again) → [`Running::start`] → [`Running::stop`]. Containers are processes of their own: they
//! survive a killed `akash up` and are taken over by the next one; a clean stop ends them, and the next start runs them
//! again.

mod first_run;
mod ports;
mod running;
mod sample;

pub use first_run::{prepare, reset};
pub use ports::check_free;
pub use running::{Running, client_of, explain_open};

/// Chain id of a play network.
pub const CHAIN_ID: &str = "akash-play-1";
/// Name of the key that deploys.
pub const TENANT: &str = "tenant";
/// Name of the key that bids.
pub const PROVIDER: &str = "provider";
/// Least price of a unit of gas, and what our commands pay.
pub const GAS_PRICE: &str = "0.025uakt";
/// What each play account begins with.
const PLAY_FUNDS: &str = "1000000000000uact,1000000000000uakt";
/// Ingress names end in it; resolvers know it as loopback, and where they do not our own fetch needs none.
const DOMAIN: &str = "localhost";
