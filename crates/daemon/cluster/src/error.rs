//! What a backend may answer instead of a fact.

use crate::workload::InvalidWorkload;

#[derive(Debug, Clone, thiserror::Error)]
pub enum ClusterError {
    /// The backend is certain that there is no such thing.
    #[error("{0} not found")]
    NotFound(String),
    /// The backend cannot tell. **Unknown**, never "no": nothing may be stopped or closed because of it.
    #[error("cluster unavailable: {0}")]
    Unavailable(String),
    /// The request can never succeed as it is.
    #[error("invalid workload: {0}")]
    Invalid(#[from] InvalidWorkload),
    /// What is asked for is taken by another lease: a host name, the last free slot.
    #[error("conflict: {0}")]
    Conflict(String),
    /// This backend does not do that at all.
    #[error("not supported by this backend: {0}")]
    Unsupported(&'static str),
}

impl ClusterError {
    /// Whether the question has no answer at the moment.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self, ClusterError::Unavailable(_))
    }
}
