//! Manifests: taken in from tenants, checked, kept, and turned into workloads.
//!
//! Life cycle: [`accept`] checks what a tenant sent against the deployment on chain and keeps one copy per lease of
//! ours ([`store`]); [`workload`] says what the cluster has to run for it; the lease side deploys it, and forgets it
//! once the lease is over.
//!
//! Invariants: what is kept has the hash that stood on chain when it was accepted, and can be built into a workload. No
//! two leases keep one host name.
//!
//! It does not know whether anything runs.

pub mod accept;
pub mod hosts;
pub mod store;
pub mod workload;
