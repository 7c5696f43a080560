//! What must not be an argument: asked for on a terminal without showing it, else one line of standard input each.

use std::io::{self, BufRead, IsTerminal, Read};

use anyhow::{Context, Result};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use crate::failure::{Exit, Failure};

/// Longest line that is read.
const MAX_LINE_BYTES: u64 = 16 << 10;
/// A passphrase has at least this many bytes.
const MIN_PASSPHRASE_BYTES: usize = 8;

/// One line, without its end. `what` is shown to a person.
pub fn line(what: &str) -> Result<Zeroizing<String>> {
    let stdin = io::stdin();
    let is_terminal = stdin.is_terminal();
    let _hidden = is_terminal.then(Hidden::begin).transpose().context("cannot hide what is typed")?;
    if is_terminal {
        eprint!("{what}: ");
    }
    let mut text = Zeroizing::new(String::new());
    stdin.lock().take(MAX_LINE_BYTES).read_line(&mut text).with_context(|| format!("cannot read the {what}"))?;
    if is_terminal {
        eprintln!();
    }
    if text.trim().is_empty() {
        let text = format!("the {what} is missing");
        let next = "type it on a terminal, or give it on standard input";
        return Err(Failure::new(Exit::Usage, text).next(next).into());
    }
    Ok(Zeroizing::new(text.trim_end_matches(['\n', '\r']).to_owned()))
}

/// A passphrase for something new: long enough, and on a terminal typed twice.
pub fn new_passphrase(what: &str) -> Result<Zeroizing<String>> {
    let first = line(what)?;
    if first.len() < MIN_PASSPHRASE_BYTES {
        let text = format!("the {what} has fewer than {MIN_PASSPHRASE_BYTES} characters");
        return Err(Failure::new(Exit::Usage, text).next("choose a longer one").into());
    }
    if io::stdin().is_terminal() && *line(&format!("{what} again"))? != *first {
        return Err(Failure::new(Exit::Usage, "the two are not the same").next("try again").into());
    }
    Ok(first)
}

/// A terminal that does not show what is typed, until this is dropped.
struct Hidden(Termios);

impl Hidden {
    fn begin() -> rustix::io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        tcsetattr(io::stdin(), OptionalActions::Flush, &quiet)?;
        Ok(Self(before))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // Nothing can be done about a terminal that has gone.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}
