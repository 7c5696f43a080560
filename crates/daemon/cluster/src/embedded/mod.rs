//! Containers on this machine, without any daemon but ours.
//!
//! **Purpose.** The port [`Cluster`](crate::Cluster) over `libcontainer`: images from registries, a shim process per
//! replica, one network per lease, an ingress by host name.
//!
//! **Life cycle.** The executable calls [`maybe_run_internal`] first in `main`. [`Embedded::open`] checks the rights,
//! claims the root directory, adopts what runs, and finishes teardowns that were begun. Everything is kept in files;
//! containers and their shims outlive the daemon, and a restart of the daemon restarts no container.
//!
//! **Invariants.** Every tenant has a user namespace with ids of its own, few capabilities, no_new_privs, a seccomp
//! allow-list, masked paths, limits of cpu, memory and processes, and a network from which nothing private can be
//! reached. None of it is an option. After a teardown nothing is left: no process, mount, namespace, cgroup, link,
//! rule or directory (pulled images stay, as a cache).
//!
//! **What it does not know.** Chain, prices, manifests, certificates. This is isolation by a shared kernel.

mod backend;
mod causes;
mod cgroup;
mod config;
mod converge;
pub mod driver;
mod image;
mod ingress;
mod inner;
mod internal;
mod lease;
mod net;
mod plan;
mod reader;
mod replica;
mod rights;
mod seccomp;
mod shim;
mod spec;
mod state;
mod status;
mod sys;
mod teardown;

pub use backend::{Embedded, OpenError};
pub use config::{EmbeddedConfig, LoopbackRegistries};
pub use internal::maybe_run_internal;
pub use rights::{Missing, MissingRights};
