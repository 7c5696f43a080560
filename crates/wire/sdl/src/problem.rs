//! What is wrong with a text, where, and what would be right.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Write};

use crate::yaml::At;

/// Faults beyond this number are not kept.
pub(crate) const MAX_PROBLEMS: usize = 1000;
/// The most of a line that is shown, and how much of that stands before the fault.
const SHOWN_COLUMNS: usize = 160;
const SHOWN_BEFORE: usize = 60;

/// One fault in an SDL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Counted from 1; 0 when the fault belongs to the whole text.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
    /// How many characters the caret underlines.
    pub length: usize,
    /// The text of the reference implementation for this fault.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Problem {
    pub(crate) fn new(at: At, message: String) -> Self {
        Self { line: at.line, column: at.column, length: at.length, message, help: None }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "{}:{}: ", self.line, self.column)?;
        }
        f.write_str(&self.message)?;
        match &self.help {
            Some(help) => write!(f, " ({help})"),
            None => Ok(()),
        }
    }
}

/// How many bytes the texts of all faults may have: a name that occurs in each of them may be long.
const MAX_TEXT: usize = 1 << 20;

/// Faults of groups or of a manifest, as long as there is room for their texts.
pub(crate) struct Faults<T> {
    found: Vec<T>,
    room: usize,
}

impl<T> Faults<T> {
    /// Takes the first one only.
    pub(crate) fn first() -> Self {
        Self { found: Vec::new(), room: 1 }
    }

    /// Takes all that can be shown.
    pub(crate) fn all() -> Self {
        Self { found: Vec::new(), room: MAX_TEXT }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.room == 0
    }

    /// Whoever builds texts in a loop asks [`Self::is_full`] first.
    pub(crate) fn push(&mut self, text_bytes: usize, fault: T) {
        if !self.is_full() {
            self.room = self.room.saturating_sub(text_bytes.max(1));
            self.found.push(fault);
        }
    }

    pub(crate) fn into_vec(self) -> Vec<T> {
        self.found
    }
}

/// All faults that were found, the one that the reference would report first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errors(Vec<Problem>);

impl Errors {
    /// At least one problem.
    pub(crate) fn new(mut problems: Vec<Problem>) -> Self {
        assert!(!problems.is_empty(), "a refused text has a fault");
        problems.truncate(MAX_PROBLEMS);
        Self(problems)
    }

    /// The fault that the reference implementation would report.
    #[must_use]
    pub fn first(&self) -> &Problem {
        &self.0[0]
    }

    /// Every fault.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }

    /// All faults for a reader: message, place, the line of the text with a caret below it, and help.
    #[must_use]
    pub fn render(&self, file_name: &str, text: &str) -> String {
        let wanted: BTreeSet<usize> = self.0.iter().map(|problem| problem.line).collect();
        let numbered = text.lines().enumerate().map(|(index, line)| (index + 1, line));
        let lines: BTreeMap<usize, &str> = numbered.filter(|(number, _)| wanted.contains(number)).collect();
        let mut out = String::new();
        for problem in &self.0 {
            let source = lines.get(&problem.line).copied();
            let _ = render_problem(&mut out, problem, file_name, source); // writing to a string cannot fail
        }
        out
    }
}

impl Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            write!(f, "{}{problem}", if index == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl std::error::Error for Errors {}

fn render_problem(out: &mut String, problem: &Problem, file_name: &str, source: Option<&str>) -> fmt::Result {
    writeln!(out, "error: {}", problem.message.trim_end())?;
    let Some(source) = source else {
        writeln!(out, " --> {file_name}")?;
        return render_help(out, problem, "");
    };
    let number = problem.line.to_string();
    let margin = " ".repeat(number.len());
    let before = problem.column.saturating_sub(1);
    let skipped = if before + SHOWN_BEFORE > SHOWN_COLUMNS { before.saturating_sub(SHOWN_BEFORE) } else { 0 };
    let shown: String = source.chars().skip(skipped).take(SHOWN_COLUMNS).collect();
    // A tab in front of the caret is kept, so that the caret stands below its character.
    let before = before - skipped;
    let indent: String = shown.chars().take(before).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    let room = shown.chars().count().saturating_sub(before).max(1);
    writeln!(out, "{margin}--> {file_name}:{}:{}", problem.line, problem.column)?;
    writeln!(out, "{margin} |\n{number} | {shown}")?;
    writeln!(out, "{margin} | {indent}{}", "^".repeat(problem.length.clamp(1, room)))?;
    render_help(out, problem, &margin)
}

fn render_help(out: &mut String, problem: &Problem, margin: &str) -> fmt::Result {
    match &problem.help {
        Some(help) => writeln!(out, "{margin} = help: {help}"),
        None => Ok(()),
    }
}
