//! How a command ends badly: one error, one exit code, and what to do next.

use std::fmt;

use serde_json::json;

use crate::args::Format;

/// The exit codes of the command line; the first eight are those of other clients of this network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    Internal = 1,
    Usage = 2,
    Config = 3,
    Connection = 4,
    Transaction = 5,
    /// A credential is missing, wrong, expired, or grants too little.
    Auth = 6,
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

impl Exit {
    /// The name of the code in machine output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Usage => "usage",
            Self::Config => "config",
            Self::Connection => "connection",
            Self::Transaction => "transaction",
            Self::Auth => "auth",
            Self::Store => "store",
            Self::NoOffers => "no-offers",
            Self::NotReady => "not-ready",
            Self::Funds => "funds",
            Self::Interrupted => "interrupted",
        }
    }
}

/// Prints an error once, on standard error, and gives the exit code. For a program it is one JSON line.
pub fn report(error: &anyhow::Error, format: Format) -> u8 {
    let failure = error.downcast_ref::<Failure>();
    let exit = failure.map_or(Exit::Internal, |failure| failure.exit);
    let next = failure.and_then(|failure| failure.next.as_deref());
    if format == Format::Json {
        let error = json!({ "code": exit as u8, "kind": exit.name(), "message": format!("{error:#}"), "next": next });
        eprintln!("{}", json!({ "error": error }));
        return exit as u8;
    }
    eprintln!("error: {error:#}");
    if let Some(next) = next {
        eprintln!("next:  {next}");
    }
    exit as u8
}

/// Prints what is wrong with the words of a command, or the help that was asked for, as `format` says.
pub fn report_usage(error: &clap::Error, format: Format) -> u8 {
    if format != Format::Json || !error.use_stderr() {
        // A closed stream is no reason to say more.
        let _ = error.print();
        return if error.use_stderr() { Exit::Usage as u8 } else { 0 };
    }
    let text = error.to_string();
    let message = text.split("\n\n").next().unwrap_or_default().trim_start_matches("error: ");
    report(&Failure::new(Exit::Usage, message).next("the same command with --help shows its flags").into(), format)
}
