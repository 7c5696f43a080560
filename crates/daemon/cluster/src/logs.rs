//! What containers print, and what happens to them.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogOptions {
    /// One service; none means all.
    pub service: Option<String>,
    /// Go on with new lines until the lease is gone or the stream is dropped.
    pub follow: bool,
    /// So many of the newest lines of each replica; none means all that are kept.
    pub tail: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    pub service: String,
    /// `<service>-<number>`.
    pub replica: String,
    pub stream: LogStream,
    /// RFC 3339, UTC.
    pub time: String,
    /// Without the end of line.
    pub line: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogStream {
    Stdout,
    Stderr,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseEvent {
    pub service: String,
    /// Empty when it is about the service as a whole.
    pub replica: String,
    /// RFC 3339, UTC.
    pub time: String,
    /// `Pulling`, `Started`, `Exited`, `OutOfMemory`, `Failed`, …
    pub reason: String,
    pub message: String,
}
