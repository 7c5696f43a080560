//! What the daemons have to say goes to a file in the home, bounded; `AKASH_LOG` chooses what (`info`,
//! `akash_node=debug`).

use std::fs::{self, File, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;

const MORE: &str = "akash_provider=info,akash_cluster=info,libp2p_kad=off,arc_malachitebft_discovery=off";
/// At this size the file becomes `.old`, so that at most twice as much is kept.
const MAX_FILE_BYTES: u64 = 16 << 20;

/// Sends the log of this process to `path` from now on.
pub fn to_file(path: &Path) -> io::Result<()> {
    let filter = EnvFilter::try_from_env("AKASH_LOG")
        .unwrap_or_else(|_| EnvFilter::new(format!("{},{MORE}", akash_node::LOG_FILTER)));
    let writer = Mutex::new(Bounded::open(path)?);
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(writer);
    log.try_init().map_err(io::Error::other)
}

/// Sends warnings of a short command to standard error, if `AKASH_LOG` asks for any.
pub fn to_standard_error() {
    if let Ok(filter) = EnvFilter::try_from_env("AKASH_LOG") {
        // Only the first one counts; a second is no reason to fail.
        let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).try_init();
    }
}

/// Sends the log of a node to standard error, for whoever keeps it.
pub fn of_node() {
    let filter = EnvFilter::try_from_env("AKASH_LOG").unwrap_or_else(|_| EnvFilter::new(akash_node::LOG_FILTER));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(io::stderr().is_terminal());
    let _ = log.with_writer(io::stderr).try_init();
}

struct Bounded {
    path: PathBuf,
    file: File,
    bytes: u64,
}

impl Bounded {
    fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        let bytes = file.metadata()?.len();
        Ok(Self { path: path.to_path_buf(), file, bytes })
    }
}

impl Write for Bounded {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.bytes > MAX_FILE_BYTES {
            fs::rename(&self.path, self.path.with_extension("log.old"))?;
            *self = Self::open(&self.path)?;
        }
        let written = self.file.write(line)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_never_keeps_more_than_two_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("akash.log");
        let mut log = Bounded::open(&path).unwrap();
        let line = vec![b'x'; 1 << 20];
        for _ in 0..70 {
            log.write_all(&line).unwrap();
        }
        let files: Vec<u64> =
            fs::read_dir(folder.path()).unwrap().map(|f| f.unwrap().metadata().unwrap().len()).collect();
        assert_eq!(files.len(), 2);
        assert!(files.iter().all(|bytes| *bytes <= MAX_FILE_BYTES + 2 * (1 << 20)), "{files:?}");
    }
}
