//! What the container prints, as JSON lines in a file of bounded size.

use crate::LogStream;
use crate::embedded::sys;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// One more file of this size is kept: the older half.
const MAX_LOG_BYTES: u64 = 8 << 20;
const MAX_EVENT_BYTES: u64 = 64 << 10;
const MAX_LINE_BYTES: usize = 16 << 10;
const LAST_LINE_BYTES: usize = 200;

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogRecord {
    pub time: String,
    pub stream: LogStream,
    pub line: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRecord {
    pub time: String,
    pub reason: String,
    pub message: String,
}

/// An append-only file that starts anew when it is full and keeps the one before.
struct Rotated {
    path: PathBuf,
    file: File,
    size: u64,
    limit: u64,
}

impl Rotated {
    fn open(path: PathBuf, limit: u64) -> io::Result<Rotated> {
        let file = append(&path)?;
        Ok(Rotated { size: file.metadata()?.len(), path, file, limit })
    }

    fn write(&mut self, value: &impl Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        if self.size > 0 && self.size + line.len() as u64 > self.limit {
            std::fs::rename(&self.path, older(&self.path))?;
            self.file = append(&self.path)?;
            self.size = 0;
        }
        self.file.write_all(&line)?;
        self.size += line.len() as u64;
        Ok(())
    }
}

fn append(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    File::options().create(true).append(true).mode(0o600).open(path)
}

/// The name of the file before.
#[must_use]
pub fn older(path: &Path) -> PathBuf {
    path.with_extension("jsonl.1")
}

/// Appends one event from any process; a file that is full starts anew.
pub fn append_event(path: &Path, reason: &str, message: &str) -> io::Result<()> {
    let record = EventRecord { time: sys::now(), reason: reason.into(), message: message.into() };
    Rotated::open(path.to_owned(), MAX_EVENT_BYTES)?.write(&record)
}

/// Cuts both streams of a container into lines. A full disk loses lines, never the container.
pub struct Log {
    file: Rotated,
    held: [Vec<u8>; 2],
    last_line: String,
}

impl Log {
    pub fn open(path: PathBuf) -> io::Result<Log> {
        Ok(Log { file: Rotated::open(path, MAX_LOG_BYTES)?, held: Default::default(), last_line: String::new() })
    }

    /// The newest line of the container that runs or ran last: often the reason why it ended.
    #[must_use]
    pub fn last_line(&self) -> &str {
        &self.last_line
    }

    pub fn forget_last_line(&mut self) {
        self.last_line.clear();
    }

    pub fn feed(&mut self, stream: LogStream, data: &[u8]) {
        let which = stream as usize;
        let mut held = std::mem::take(&mut self.held[which]);
        held.extend_from_slice(data);
        let mut rest = held.as_slice();
        while let Some(end) = line_end(rest) {
            self.line(stream, &rest[..end]);
            rest = rest[end..].strip_prefix(b"\n").unwrap_or(&rest[end..]);
        }
        self.held[which] = rest.to_vec();
    }

    /// The stream ended: what is held is a line, too.
    pub fn finish(&mut self, stream: LogStream) {
        let held = std::mem::take(&mut self.held[stream as usize]);
        if !held.is_empty() {
            self.line(stream, &held);
        }
    }

    fn line(&mut self, stream: LogStream, bytes: &[u8]) {
        let line = String::from_utf8_lossy(bytes).into_owned();
        self.last_line = line.chars().take(LAST_LINE_BYTES).collect();
        let _ = self.file.write(&LogRecord { time: sys::now(), stream, line }); // see the type's comment
    }
}

/// Where the next line ends; one that is too long is cut.
fn line_end(bytes: &[u8]) -> Option<usize> {
    let window = &bytes[..bytes.len().min(MAX_LINE_BYTES)];
    let newline = window.iter().position(|b| *b == b'\n');
    newline.or_else(|| (bytes.len() >= MAX_LINE_BYTES).then_some(MAX_LINE_BYTES))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &Path) -> Vec<String> {
        let text = std::fs::read_to_string(path).unwrap();
        text.lines().map(|l| serde_json::from_str::<LogRecord>(l).unwrap().line).collect()
    }

    #[test]
    fn output_is_cut_into_lines_across_reads_and_long_lines_are_split() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log.jsonl");
        let mut log = Log::open(path.clone()).unwrap();
        log.feed(LogStream::Stdout, b"one\ntw");
        log.feed(LogStream::Stdout, b"o\n\n");
        log.feed(LogStream::Stderr, &[b'x'; MAX_LINE_BYTES + 1]);
        log.finish(LogStream::Stderr);
        let got = lines(&path);
        assert_eq!(got[..3], ["one", "two", ""]);
        assert_eq!((got[3].len(), got[4].as_str(), got.len()), (MAX_LINE_BYTES, "x", 5));
        assert_eq!(log.last_line(), "x");
    }

    #[test]
    fn a_full_file_starts_anew_and_keeps_the_one_before() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log.jsonl");
        let mut file = Rotated::open(path.clone(), 20).unwrap();
        for text in ["0123456789", "a", "b", "c"] {
            file.write(&text).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "\"b\"\n\"c\"\n");
        assert!(older(&path).exists());
    }
}
