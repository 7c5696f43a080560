//! The sample's image, made from the executable that the build compiled, and its registry on loopback.

use std::net::SocketAddr;

use akash_cluster::registry::{FileEntry, ImageBuilder, Registry};
use anyhow::{Context, Result};

/// Registry host in image names that stands for the registry of this cloud, whatever port it has.
pub const REGISTRY_HOST: &str = "play.localhost";
const HELLO: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/hello"));

/// Serves `play.localhost/hello:1` until it is dropped.
pub async fn serve(address: SocketAddr) -> Result<Registry> {
    let hello = ImageBuilder::new()
        .file(FileEntry { path: "hello".into(), bytes: HELLO.into(), mode: 0o755 })
        .entrypoint(["/hello"])
        .expose(8080)
        .build("hello", "1");
    Registry::serve(address, vec![hello]).await.context("cannot serve the sample's image")
}
