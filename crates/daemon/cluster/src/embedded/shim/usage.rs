//! How much of the disk the container's writable layer takes. Looked at now and then: the limit is not hard.

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

const PERIOD: Duration = Duration::from_secs(10);
/// Most is written when a container starts.
const FIRST: Duration = Duration::from_secs(2);
/// Looking takes at most this part of the time, and that time is ours, not the tenant's.
const SHARE: u32 = 50;
/// More files than this are over the limit, whatever their size.
const MAX_FILES: u64 = 1_000_000;
const BLOCK_BYTES: u64 = 512;

pub struct UsageWatch {
    directory: PathBuf,
    /// 0: no limit.
    limit_bytes: u64,
    next: Instant,
}

impl UsageWatch {
    pub fn new(directory: PathBuf, limit_bytes: u64) -> UsageWatch {
        UsageWatch { directory, limit_bytes, next: Instant::now() + FIRST }
    }

    pub fn next(&self) -> Option<Instant> {
        (self.limit_bytes > 0).then_some(self.next)
    }

    /// The error is the reason for an eviction.
    pub fn check(&mut self) -> Result<(), String> {
        let start = Instant::now();
        let result = self.measure();
        self.next = Instant::now() + PERIOD.max(start.elapsed() * SHARE);
        result
    }

    fn measure(&self) -> Result<(), String> {
        let (mut bytes, mut files) = (0u64, 0u64);
        let mut left = vec![self.directory.clone()];
        while let Some(directory) = left.pop() {
            let entries = match std::fs::read_dir(&directory) {
                Err(e) if e.raw_os_error() == Some(libc::ENAMETOOLONG) => {
                    return Err("its directories are nested too deeply to be measured".into());
                }
                Err(_) => continue, // removed meanwhile
                Ok(entries) => entries,
            };
            for entry in entries.flatten() {
                let Ok(about) = entry.metadata() else { continue };
                bytes = bytes.saturating_add(about.blocks() * BLOCK_BYTES);
                files += 1;
                if about.is_dir() {
                    left.push(entry.path());
                }
            }
            if bytes > self.limit_bytes || files > MAX_FILES {
                return Err(format!("it uses more than {} bytes of ephemeral storage", self.limit_bytes));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_counts_against_the_limit() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("a")).unwrap();
        std::fs::write(directory.path().join("a/file"), vec![1; 100_000]).unwrap();
        let check = |limit| UsageWatch::new(directory.path().to_owned(), limit).check();
        assert!(check(1 << 20).is_ok());
        assert!(check(50_000).is_err());
    }
}
