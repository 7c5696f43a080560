//! A small read-only registry on loopback, for images that this machine makes itself.
//!
//! **Purpose.** `akash up` serves its sample with it, and tests their images: the runtime pulls them the same way as
//! any other. Blobs are in memory; there is no upload, no authentication and no listing.
//!
//! **Invariants.** A digest always names the bytes it is the digest of, except for those that a test corrupts on
//! purpose through [`Registry::corrupt`].

mod builder;
mod serve;

pub use builder::{Image, ImageBuilder};
pub use serve::Registry;
