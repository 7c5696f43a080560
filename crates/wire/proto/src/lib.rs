//! The protobuf messages, enums and (behind features) gRPC stubs of every package that goes over the wire.
//!
//! Everything here is generated at build time from the sources in `proto/`, with one module per protobuf
//! package: `akash_proto::akash::market::v1::Lease` is the message `akash.market.v1.Lease`. Nothing in this
//! crate knows what a message *means*; that is `akash-types` and the chain's modules.
//!
//! [`descriptors`] gives the same sources as data. It serves JSON, reflection, REST routes and typed events.

#![allow(clippy::all, missing_docs, reason = "generated code")]

use std::sync::LazyLock;

use prost_reflect::DescriptorPool;

include!(concat!(env!("OUT_DIR"), "/modules.rs"));

/// The encoded `google.protobuf.FileDescriptorSet` of all sources, with extension options kept.
pub const DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

static POOL: LazyLock<DescriptorPool> =
    LazyLock::new(|| DescriptorPool::decode(DESCRIPTOR_SET).expect("the build wrote this set itself"));

/// All descriptors, parsed once.
#[must_use]
pub fn descriptors() -> &'static DescriptorPool {
    &POOL
}
