//! What we know about something outside of this process: yes, no, or unknown.
//!
//! A failed question is not a "no". Stopping a workload or closing a lease needs [`Fact::No`], and a `No` is only ever
//! made from an answer of the chain at a height we trust (see `chain::trust`), or of a cluster that answered.

/// A three-valued answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact<T> {
    /// It is so, and this is what it looks like.
    Yes(T),
    /// It is confirmed not to be so.
    No,
    /// We could not find out; the text says why and is for people only.
    Unknown(String),
}

impl<T> Fact<T> {
    /// The answer to "is there such a thing", from a fallible question.
    pub fn from_answer<E: std::fmt::Display>(answer: Result<Option<T>, E>) -> Self {
        match answer {
            Ok(Some(value)) => Self::Yes(value),
            Ok(None) => Self::No,
            Err(error) => Self::Unknown(error.to_string()),
        }
    }

    /// The value, if it is known to be there.
    pub fn yes(&self) -> Option<&T> {
        match self {
            Self::Yes(value) => Some(value),
            Self::No | Self::Unknown(_) => None,
        }
    }

    /// Whether absence is confirmed.
    pub const fn is_no(&self) -> bool {
        matches!(self, Self::No)
    }
}
