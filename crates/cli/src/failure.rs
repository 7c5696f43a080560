//! How a command ends badly: one error, one exit code, and what to do next.

use std::fmt;

/// The exit codes of the command line; the first eight are those of other clients of this network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    Internal = 1,
    Usage = 2,
    Config = 3,
    Connection = 4,
    Transaction = 5,
    Store = 7,
    NoOffers = 8,
    NotReady = 9,
    Funds = 10,
    Interrupted = 130,
}

/// An error with its exit code and the next step, carried inside [`anyhow::Error`].
#[derive(Debug)]
pub struct Failure {
    pub exit: Exit,
    pub text: String,
    pub next: Option<String>,
}

impl Failure {
    pub fn new(exit: Exit, text: impl Into<String>) -> Self {
        Self { exit, text: text.into(), next: None }
    }

    /// Says what to do, in one line.
    #[must_use]
    pub fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Failure {}

/// Prints an error once, on standard error, and gives the exit code.
pub fn report(error: &anyhow::Error) -> u8 {
    eprintln!("error: {error:#}");
    let failure = error.downcast_ref::<Failure>();
    if let Some(next) = failure.and_then(|failure| failure.next.as_deref()) {
        eprintln!("next:  {next}");
    }
    failure.map_or(Exit::Internal, |failure| failure.exit) as u8
}
