//! The port between the provider and whatever runs containers.
//!
//! **Purpose.** [`Cluster`] is what the provider needs from a place where workloads run: what it can do, what is free,
//! make a lease's workload real, take it away, and say how it fares. A backend implements it; the provider sees this
//! port alone, and the executable hands it a backend.
//!
//! **Backends**, each behind a feature: `fake` (in memory, for tests), `embedded` (containers on this machine through
//! `libcontainer`, our own network, ingress and image store). The feature `conformance` has the claims that every
//! backend keeps.
//!
//! **Invariants.**
//! * Facts have three values. `Ok(Some(..))` is yes, `Ok(None)` or [`ClusterError::NotFound`] is a confirmed no, and
//!   [`ClusterError::Unavailable`] means *unknown*: nobody may stop a workload or close a lease because of it.
//! * `deploy` and `teardown` are idempotent and state what is wanted; how far reality is shows `lease_status`.
//!   A workload that cannot run (no such image, exits at once) is not an error of `deploy`: its status says why.
//! * `deployments` gives back every workload that was deployed and not torn down, also after a restart.
//!
//! **What it does not know.** Chain, prices, bids, manifests in their wire form, certificates.

mod error;
mod inventory;
mod logs;
mod port;
mod status;
mod workload;

#[cfg(feature = "conformance")]
pub mod conformance;
#[cfg(feature = "embedded")]
pub mod embedded;
#[cfg(feature = "fake")]
pub mod fake;
#[cfg(feature = "embedded")]
pub mod registry;

pub use error::ClusterError;
pub use inventory::{Capabilities, Inventory, Node, ResourcePair};
pub use logs::{LeaseEvent, LogLine, LogOptions, LogStream};
pub use port::{Cluster, EventStream, LogLines};
pub use status::{ForwardedPort, LeaseStatus, ReplicaStats, ServiceStatus};
pub use workload::{
    Credentials, Expose, HttpOptions, InvalidWorkload, MAX_REPLICAS_PER_LEASE, Protocol, Resources, Service, Workload,
};
