//! What the database says when it fails, in the words of whoever has to act on it.

use std::io;
use std::path::Path;

use akash_store::StoreError;
use fjall::LsmError;

/// Says what happened in the words of whoever has to act on it.
pub(crate) fn store_error(folder: &Path, error: &fjall::Error) -> StoreError {
    let folder = folder.display();
    match error {
        fjall::Error::Io(cause) | fjall::Error::Storage(LsmError::Io(cause)) => {
            if is_full(cause) {
                StoreError::DiskFull(format!("{folder}: {cause}"))
            } else {
                StoreError::Disk(format!("{folder}: {cause}"))
            }
        }
        fjall::Error::Locked => StoreError::Disk(format!("{folder} is in use by another process")),
        fjall::Error::Poisoned => {
            let hint = "an earlier write failed, often because the disk is full; make room and start again";
            StoreError::Disk(format!("{folder}: {hint}"))
        }
        other => StoreError::Corrupt(format!("{folder}: {other:?}")),
    }
}

fn is_full(cause: &io::Error) -> bool {
    matches!(cause.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge)
}
