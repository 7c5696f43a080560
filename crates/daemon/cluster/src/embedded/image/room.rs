//! Room on the disk while an image comes in. Tenants choose images, and others live on the same disk.

use crate::embedded::inner::disk_available;
use std::io;
use std::path::PathBuf;

/// Never filled with images.
const RESERVED_BYTES: u64 = 512 << 20;
const LOOK_EVERY_BYTES: u64 = 64 << 20;

/// Counts what is written below a path, and looks at its disk first and then now and again.
pub struct Room {
    path: PathBuf,
    until_look: u64,
}

impl Room {
    pub fn below(path: impl Into<PathBuf>) -> Room {
        Room { path: path.into(), until_look: 0 }
    }

    /// Before so many bytes are written.
    pub fn take(&mut self, bytes: u64) -> io::Result<()> {
        if let Some(left) = self.until_look.checked_sub(bytes).filter(|left| *left > 0) {
            self.until_look = left;
            return Ok(());
        }
        self.until_look = LOOK_EVERY_BYTES;
        if disk_available(&self.path)? >= RESERVED_BYTES.saturating_add(bytes) {
            return Ok(());
        }
        Err(io::Error::other(format!("less than {} MiB are free on the provider's disk", RESERVED_BYTES >> 20)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_before_it_is_written() {
        let directory = tempfile::tempdir().unwrap();
        assert!(Room::below(directory.path()).take(u64::MAX).is_err());
        let mut room = Room::below(directory.path());
        room.until_look = 10;
        assert!(room.take(3).is_ok());
        assert_eq!(room.until_look, 7);
    }
}
