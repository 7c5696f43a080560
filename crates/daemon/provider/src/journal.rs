//! What was done, recorded before and after: one JSON line each, synced, in a file of bounded size.
//!
//! Nothing is decided from it. The plan is always made from facts; the journal is for the person who asks why.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

/// The file is put aside once it is larger; one older file is kept.
const MAX_BYTES: u64 = 4 << 20;

pub struct Journal {
    path: PathBuf,
    file: Mutex<Option<File>>,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    Begin,
    Done,
    Failed,
}

#[derive(Serialize)]
struct Line<'a> {
    time: u64,
    phase: Phase,
    action: &'a str,
    lease: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

impl Journal {
    pub fn open(home: &Path) -> Self {
        Self { path: home.join("journal.jsonl"), file: Mutex::new(None) }
    }

    /// A journal that cannot be written does not stop the work; it is said once per line.
    pub fn record(&self, time: u64, phase: Phase, action: &str, lease: &impl std::fmt::Display, error: Option<&str>) {
        let line = Line { time, phase, action, lease: lease.to_string(), error };
        let Ok(mut text) = serde_json::to_vec(&line) else { return };
        text.push(b'\n');
        if let Err(error) = self.append(&text) {
            tracing::error!(%error, path = %self.path.display(), "the journal cannot be written");
        }
    }

    fn append(&self, line: &[u8]) -> std::io::Result<()> {
        let mut slot = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let mut file = match slot.take() {
            Some(file) => file,
            None => {
                fs::create_dir_all(self.path.parent().unwrap_or(Path::new(".")))?;
                OpenOptions::new().create(true).append(true).open(&self.path)?
            }
        };
        file.write_all(line)?;
        file.sync_data()?;
        if file.metadata()?.len() > MAX_BYTES {
            return fs::rename(&self.path, self.path.with_extension("jsonl.old"));
        }
        *slot = Some(file);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_action_leaves_a_line_before_and_after() {
        let home = tempfile::tempdir().unwrap();
        let journal = Journal::open(home.path());
        journal.record(1, Phase::Begin, "deploy", &"a/1/1/1/p", None);
        journal.record(2, Phase::Failed, "deploy", &"a/1/1/1/p", Some("no such image"));
        let text = fs::read_to_string(home.path().join("journal.jsonl")).unwrap();
        expect_test::expect![[r#"
            {"time":1,"phase":"begin","action":"deploy","lease":"a/1/1/1/p"}
            {"time":2,"phase":"failed","action":"deploy","lease":"a/1/1/1/p","error":"no such image"}
        "#]]
        .assert_eq(&text);
    }
}
