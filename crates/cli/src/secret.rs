//! What must not be an argument: asked for on a terminal without showing it, else one line of standard input each.

use std::io::{self, BufRead, IsTerminal, Read};

use anyhow::{Context, Result};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use crate::failure::{Exit, Failure};
use crate::output;

/// Longest line that is read.
const MAX_LINE_BYTES: u64 = 16 << 10;
/// A passphrase has at least this many bytes.
const MIN_PASSPHRASE_BYTES: usize = 8;

/// One line, without its end. `what` is shown to a person.
pub fn line(what: &str) -> Result<Zeroizing<String>> {
    let text = if io::stdin().is_terminal() {
        output::asking(|| {
            eprint!("{what}: ");
            let typed = typed();
            eprintln!();
            typed
        })?
    } else {
        let mut text = Zeroizing::new(String::new());
        let read = io::stdin().lock().take(MAX_LINE_BYTES).read_line(&mut text);
        read.with_context(|| format!("cannot read the {what}"))?;
        text
    };
    if text.trim().is_empty() {
        let text = format!("the {what} is missing");
        let next = "type it on a terminal, or give it on standard input";
        return Err(Failure::new(Exit::Usage, text).next(next).into());
    }
    Ok(Zeroizing::new(text.trim_end_matches(['\n', '\r']).to_owned()))
}

/// What is typed until the line ends. The terminal is as it was afterwards, also when it is interrupted.
fn typed() -> Result<Zeroizing<String>> {
    const INTERRUPT: u8 = 3;
    const END: u8 = 4;
    const BACKSPACES: [u8; 2] = [8, 127];
    const ERASE_LINE: u8 = 21;
    let _hidden = Hidden::begin().context("cannot hide what is typed")?;
    let mut text = Zeroizing::new(Vec::with_capacity(MAX_LINE_BYTES as usize)); // never grows, so leaves no copies
    for byte in io::stdin().lock().take(MAX_LINE_BYTES).bytes() {
        match byte.context("cannot read what is typed")? {
            INTERRUPT => return Err(Failure::new(Exit::Interrupted, "interrupted").into()),
            b'\n' | b'\r' | END => break,
            byte if BACKSPACES.contains(&byte) => {
                // A character has one leading byte and those that continue it.
                while text.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}
            }
            ERASE_LINE => text.clear(),
            byte => text.push(byte),
        }
    }
    let text = std::str::from_utf8(&text).map_err(|_| Failure::new(Exit::Usage, "what was typed is not UTF-8"))?;
    Ok(Zeroizing::new(text.to_owned()))
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

/// A terminal that hands over each key and shows none, until this is dropped.
struct Hidden(Termios);

impl Hidden {
    fn begin() -> rustix::io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
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
