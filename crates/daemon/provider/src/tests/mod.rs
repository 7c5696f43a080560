//! Scenarios: the whole provider on a chain and a cluster in memory, with its real gateway, TLS and certificates.

mod fake;
mod life;
mod net;
mod queue;
mod tenant;
mod unknown;
