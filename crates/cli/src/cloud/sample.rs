//! The sample's image, made from the executable that the build compiled, and its registry on loopback.

use std::net::SocketAddr;

use akash_cluster::registry::{ImageBuilder, Registry};
use anyhow::{Context, Result};

/// Registry host in image names that stands for the registry of this cloud, whatever port it has.
pub const REGISTRY_HOST: &str = "play.localhost";
const HELLO: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/hello"));

/// Serves `play.localhost/hello:1` until it is dropped.
pub async fn serve(address: SocketAddr) -> Result<Registry> {
    let image = ImageBuilder::new().file("hello", HELLO.to_vec(), 0o755).entrypoint(&["/hello"]).port(8080);
    let hello = image.build("hello", "1").context("cannot make the sample's image")?;
    Registry::serve(address, vec![hello]).await.context("cannot serve the sample's image")
}
