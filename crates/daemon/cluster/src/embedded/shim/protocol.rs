//! What is said on the shim's socket: one JSON line each way, then the connection closes.

use serde::{Deserialize, Serialize};

pub const MAX_REQUEST_BYTES: usize = 4 << 10;
pub const MAX_ANSWER_BYTES: u64 = 16 << 10;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum Request {
    Status,
    /// End the container for good: SIGTERM, and SIGKILL after the grace time. Answered when it has ended.
    Stop {
        grace_ms: u64,
    },
    /// After a stop: answer, and leave.
    Remove,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    Running,
    /// Ended, and starts again after a while.
    Waiting,
    /// Ended for good: told to, or over a limit that a restart does not cure.
    Ended,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShimStatus {
    pub phase: Phase,
    /// Of the container's first process, as the host sees it.
    pub pid: Option<i32>,
    pub running_ms: u64,
    pub restarts: u32,
    pub last_exit: Option<Exit>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// 128 + signal if a signal ended it, as shells say it.
    pub code: i32,
    pub out_of_memory: bool,
    /// Why it was not the tenant's own doing.
    pub evicted: Option<String>,
    pub last_line: String,
    pub time: String,
}

impl Exit {
    /// For a person.
    #[must_use]
    pub fn describe(&self) -> String {
        if let Some(reason) = &self.evicted {
            return format!("evicted: {reason}");
        }
        let what = match self.code {
            _ if self.out_of_memory => "out of memory: killed at its memory limit".to_owned(),
            code if code > 128 => format!("ended by signal {}", code - 128),
            code => format!("exited with code {code}"),
        };
        if self.last_line.is_empty() { what } else { format!("{what}; last output: {}", self.last_line) }
    }
}
