//! Each pull runs in a process of its own, with bounded memory: registries are strangers, and what they answer (a
//! manifest, a token) is read whole by the client library.

use super::pull::{ImageError, ImageStore, PullRequest};
use super::record::Image;
use crate::embedded::{internal, sys};
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};
use std::process::Stdio;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

pub const PULL: &str = "__pull";
const PULL_MEMORY_BYTES: u64 = 1 << 30;
const MAX_REASON_CHARS: usize = 300;

/// What goes through standard input: credentials must not be seen in the arguments.
#[derive(Serialize, Deserialize)]
struct Order {
    store: ImageStore,
    request: PullRequest,
}

/// The parent's side. Dropping the future kills the child.
pub async fn pull(store: &ImageStore, request: &PullRequest) -> Result<Image, ImageError> {
    let order = Order { store: store.clone(), request: request.clone() };
    let order = serde_json::to_vec(&order).map_err(io::Error::from)?;
    let mut command = Command::from(internal::command(PULL));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn()?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(&order).await?;
    }
    let output = child.wait_with_output().await?;
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| {
        let reason = String::from_utf8_lossy(&output.stderr);
        let reason: String = reason.trim().chars().take(MAX_REASON_CHARS).collect();
        Err(ImageError::Refused { image: request.image.clone(), cause: format!("the pull broke off: {reason}") })
    })
}

/// The child's whole life: the answer goes to standard output.
pub fn pull_child() -> io::Result<()> {
    sys::limit_address_space(PULL_MEMORY_BYTES)?;
    let mut order = Vec::new();
    io::stdin().read_to_end(&mut order)?;
    let order: Order = serde_json::from_slice(&order)?;
    // reqwest panics without a provider; an error would mean that there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(order.store.pull_here(&order.request));
    io::stdout().write_all(&serde_json::to_vec(&answer)?)
}
