//! Images: from a reference to directories on disk.
//!
//! **Life cycle.** [`ImageStore::pull`] resolves a reference to a manifest for linux/amd64, fetches what is not there,
//! and unpacks each layer once into `layers/<diff id>`; layers are shared between images and leases, read-only.
//!
//! **Invariants.** Nothing is used before its digest was checked: manifest, configuration and layers against what named
//! them, the uncompressed layer against the configuration's diff id. A directory in `layers/` is complete: it is
//! unpacked under another name first. Sizes, numbers of layers and files, and decompression are bounded.
//!
//! **What it does not know.** Leases, containers, user ids. Layers are deleted only while no pull is in
//! progress.

mod child;
mod outbound;
mod prune;
mod pull;
mod record;
mod room;
mod unpack;
mod user;

pub use child::{PULL, pull_child};
pub use pull::{ImageError, ImageStore, PullRequest};
pub use record::Image;
pub use unpack::{UNPACK, unpack_child};
pub use user::resolve_user;

/// Of each blob as stored in the registry, and of each layer once decompressed.
const MAX_LAYER_BYTES: u64 = 8 << 30;
/// Of all layers together, as stored in the registry.
const MAX_IMAGE_BYTES: u64 = 16 << 30;
const MAX_CONFIG_BYTES: u64 = 1 << 20;
const MAX_LAYERS: usize = 127;
/// Files, directories and links of one layer.
const MAX_ENTRIES: u64 = 500_000;
