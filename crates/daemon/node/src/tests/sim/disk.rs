//! What a node keeps over a crash: its home folder, on a disk in memory where there is one, and its write-ahead log.

use std::path::Path;

use malachite::app::consensus::Input;
use tempfile::TempDir;

use super::random::Random;
use crate::config::Home;
use crate::engine::context::{Context, Height};

pub struct Disk {
    folder: TempDir,
    pub log: Log,
}

/// The engine's write-ahead log: entries of one height, of which some are flushed.
#[derive(Default)]
pub struct Log {
    height: Option<Height>,
    entries: Vec<Input<Context>>,
    flushed: usize,
}

impl Disk {
    pub fn new() -> Self {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let folder = folder.unwrap();
        std::fs::create_dir_all(Home::new(folder.path()).data()).unwrap();
        Self { folder, log: Log::default() }
    }

    pub fn home(&self) -> Home {
        Home::new(self.folder.path())
    }
}

impl Log {
    /// The entries of this height; those of an older one are dropped.
    pub fn begin(&mut self, height: Height) -> Vec<Input<Context>> {
        if self.height != Some(height) {
            *self = Self { height: Some(height), ..Self::default() };
        }
        self.entries.clone()
    }

    pub fn append(&mut self, height: Height, entry: Input<Context>) {
        assert_eq!(self.height, Some(height), "an entry of another height");
        self.entries.push(entry);
    }

    pub fn flush(&mut self) {
        self.flushed = self.entries.len();
    }

    /// Of what was not flushed, a crash leaves a beginning.
    pub fn crash(&mut self, random: &mut Random) {
        let lost = self.entries.len() - self.flushed;
        self.entries.truncate(self.flushed + random.below(lost as u64 + 1) as usize);
        self.flushed = self.entries.len();
    }
}
