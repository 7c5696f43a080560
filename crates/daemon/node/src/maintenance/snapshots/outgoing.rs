//! Making snapshots, also while the node goes on.

use std::path::Path;
use std::sync::Arc;

use akash_app::AppView;
use akash_store::PIECE_BYTES_MAX;
use prost::Message as _;
use sha2::{Digest as _, Sha256};

use super::folder::{NewFolder, chunk_name, delete, list};
use super::manifest::StorePart;
use super::{Manifest, SNAPSHOT_FORMAT, SnapshotInfo, TipRecord};
use crate::blocks::BlockStore;
use crate::chain::published::Published;
use crate::config::{Home, Storage};
use crate::maintenance::MaintenanceError;
use crate::stop::Stopping;

/// Writes a snapshot of a view's height, which may be long past when it is done. It tells `progress` the chunks so far.
pub(crate) fn write(
    home: &Home,
    view: &AppView,
    blocks: &BlockStore,
    progress: &mut dyn FnMut(u64),
) -> Result<SnapshotInfo, MaintenanceError> {
    let state = view.state();
    let contents = state.contents();
    let tip = TipRecord::load(blocks, contents.height)?.encode_to_vec();
    let folder = NewFolder::make(home.path(), contents.height)?;
    let mut manifest = Manifest {
        format: SNAPSHOT_FORMAT,
        height: contents.height,
        chain_id: view.chain_id().to_owned(),
        app_hash: hex::encode(contents.app_hash),
        stores: contents.stores.iter().map(StorePart::from).collect(),
        bytes: 0,
        tip_chunks: tip.len().div_ceil(PIECE_BYTES_MAX),
        chunks: Vec::new(),
    };
    let tip = tip.chunks(PIECE_BYTES_MAX).map(|chunk| Ok(chunk.to_vec()));
    for chunk in tip.chain(state.pieces()) {
        let chunk = chunk?;
        folder.add(&chunk_name(manifest.chunks.len()), &chunk)?;
        manifest.chunks.push(hex::encode(Sha256::digest(&chunk)));
        manifest.bytes += chunk.len() as u64;
        progress(manifest.chunks.len() as u64);
    }
    folder.finish(&manifest)
}

/// Makes a snapshot at every multiple of the interval, until the node stops. One at a time: a height that comes while
/// one is being written is left out.
pub(crate) async fn run(
    home: Home,
    storage: Storage,
    published: Published,
    blocks: std::sync::Weak<BlockStore>,
    mut stopping: Stopping,
) {
    if storage.snapshot_interval == 0 {
        return;
    }
    let mut committed = published.subscribe();
    loop {
        tokio::select! {
            () = stopping.wait() => return,
            block = committed.recv() => {
                use tokio::sync::broadcast::error::RecvError;
                match block {
                    Ok(block) if block.height.is_multiple_of(storage.snapshot_interval) => {}
                    Err(RecvError::Closed) => return,
                    _ => continue,
                }
            }
        }
        let snapshot = published.snapshot();
        let Some(blocks) = blocks.upgrade().filter(|_| snapshot.height.is_multiple_of(storage.snapshot_interval))
        else {
            continue;
        };
        let (home, keep) = (home.clone(), storage.snapshot_keep_recent);
        let made = tokio::task::spawn_blocking(move || make(&home, &snapshot.view, &blocks, keep)).await;
        match made {
            Ok(Ok(info)) => tracing::info!(height = info.height, chunks = info.chunks, "snapshot made"),
            Ok(Err(error)) => tracing::error!(%error, "no snapshot was made"),
            Err(error) => tracing::error!(%error, "no snapshot was made"),
        }
    }
}

fn make(home: &Home, view: &AppView, blocks: &Arc<BlockStore>, keep: u64) -> Result<SnapshotInfo, MaintenanceError> {
    let info = write(home, view, blocks, &mut |_| ())?;
    forget_oldest(home.path(), keep)?;
    Ok(info)
}

fn forget_oldest(home: &Path, keep: u64) -> Result<(), MaintenanceError> {
    let all = list(home)?;
    let kept = usize::try_from(keep).unwrap_or(usize::MAX);
    let surplus = if keep == 0 { 0 } else { all.len().saturating_sub(kept) };
    all.iter().take(surplus).try_for_each(|info| delete(home, info.height, info.format))
}
