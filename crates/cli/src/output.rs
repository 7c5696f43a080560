//! Results go to standard output, everything else to standard error: a live line on a terminal, plain lines elsewhere.

use std::fmt::Display;
use std::io::{self, BufRead, IsTerminal, Write};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use akash_types::coin::DecCoin;
use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::args::{Format, Global};
use crate::failure::{Exit, Failure};
use crate::yaml;

/// The live line of this process, which gives way to questions wherever they are asked.
static LIVE: OnceLock<ProgressBar> = OnceLock::new();

/// Where a command writes. Cheap to clone; clones share the live line.
#[derive(Debug, Clone)]
pub struct Output {
    format: Format,
    quiet: bool,
    live: Option<ProgressBar>,
    last_wait: Arc<Mutex<String>>,
    started: Instant,
}

impl Output {
    pub fn new(global: &Global) -> Self {
        let live = (!global.quiet && io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none()).then(|| {
            let style = ProgressStyle::with_template("{spinner} {msg} {elapsed:.dim}");
            let bar = ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.enable_steady_tick(Duration::from_millis(120));
            LIVE.get_or_init(|| bar).clone()
        });
        Self { live, ..Self::plain(global) }
    }

    /// Without a live line.
    pub fn plain(global: &Global) -> Self {
        let (format, quiet) = (global.output, global.quiet);
        Self { format, quiet, live: None, last_wait: Arc::default(), started: Instant::now() }
    }

    pub fn json(&self) -> bool {
        self.format == Format::Json
    }

    /// Whether a person reads the result.
    pub fn is_text(&self) -> bool {
        self.format == Format::Text
    }

    /// What is being waited for right now: the live line on a terminal, elsewhere a line each time it changes.
    pub fn waiting(&self, what: impl Display) {
        let what = what.to_string();
        if let Some(live) = &self.live {
            live.set_message(what);
            return;
        }
        let mut last = self.last_wait.lock().unwrap_or_else(PoisonError::into_inner);
        if *last != what {
            self.step(&what);
            *last = what;
        }
    }

    /// A step that was completed.
    pub fn step(&self, what: impl Display) {
        if self.quiet {
            return;
        }
        let line = format!("{:6.1}s  {what}", self.started.elapsed().as_secs_f32());
        match &self.live {
            Some(live) => live.println(line),
            None => say(&line),
        }
    }

    /// A remark without a time.
    pub fn note(&self, what: impl Display) {
        if self.quiet {
            return;
        }
        match &self.live {
            Some(live) => live.println(what.to_string()),
            None => say(&what.to_string()),
        }
    }

    /// The result: `text` for a person, `value` as one JSON line or as YAML for a program.
    pub fn result(&self, text: impl Display, value: &impl Serialize) -> Result<()> {
        match self.format {
            Format::Text => self.print(text),
            Format::Json => self.print(serde_json::to_string(value)?),
            Format::Yaml => self.print(yaml::write(&serde_json::to_value(value)?)),
        }
    }

    /// A result that is a JSON text by nature: byte for byte, or as YAML.
    pub fn document(&self, json: &str) -> Result<()> {
        match self.format {
            Format::Text | Format::Json => self.print(json),
            Format::Yaml => self.print(yaml::write(&serde_json::from_str(json)?)),
        }
    }

    /// An answer of the chain: YAML for a person, JSON for a program.
    pub fn answer(&self, value: &serde_json::Value) -> Result<()> {
        match self.format {
            Format::Json => self.print(serde_json::to_string(value)?),
            Format::Text | Format::Yaml => self.print(yaml::write(value)),
        }
    }

    /// A result that is the same in all formats.
    pub fn print(&self, line: impl Display) -> Result<()> {
        let print = || writeln!(io::stdout().lock(), "{line}").or_else(ignore_closed);
        match &self.live {
            Some(live) => live.suspend(print)?,
            None => print()?,
        }
        Ok(())
    }

    /// Ends the live line.
    pub fn done(&self) {
        if let Some(live) = &self.live {
            live.finish_and_clear();
        }
    }

    /// Asks for a yes. Without a terminal it is an error rather than a wait.
    pub fn confirm(&self, question: &str) -> Result<()> {
        if !io::stdin().is_terminal() {
            return Err(Failure::new(Exit::Usage, format!("{question} needs an answer")).next("add --yes").into());
        }
        let ask = || -> io::Result<String> {
            eprint!("{question} [y/N] ");
            let mut answer = String::new();
            io::stdin().lock().read_line(&mut answer)?;
            Ok(answer)
        };
        match asking(ask)?.trim() {
            "y" | "Y" | "yes" => Ok(()),
            _ => Err(Failure::new(Exit::Interrupted, "stopped; nothing was changed").into()),
        }
    }
}

/// Runs a question without a live line that would write over it.
pub fn asking<T>(ask: impl FnOnce() -> T) -> T {
    match LIVE.get() {
        Some(live) => live.suspend(ask),
        None => ask(),
    }
}

/// A price as a person reads it: without the zeros that its 18 decimals end in.
pub fn short(price: &DecCoin) -> String {
    let digits = price.amount.to_string();
    let digits = if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { &digits };
    format!("{digits}{}", price.denom)
}

/// A line on standard error; a closed one is no reason to stop.
fn say(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// A reader that has seen enough (`| head`) is no error.
fn ignore_closed(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn price_is_shown_without_empty_decimals() {
        let price = |amount: &str| short(&DecCoin::new("uact", amount.parse().unwrap()).unwrap());
        assert_eq!(price("1.484"), "1.484uact");
        assert_eq!(price("1000"), "1000uact");
        assert_eq!(price("0"), "0uact");
    }
}
