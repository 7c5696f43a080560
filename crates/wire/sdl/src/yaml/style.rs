//! Where YAML 1.2 and the reference's YAML would read different values from one text.
//!
//! Found by comparing both parsers on changed texts. A difference that has a clear right side is repaired, the
//! rest is refused with advice.

use saphyr_parser::ScalarStyle;

use super::At;
use crate::problem::Problem;

/// Characters that begin a plain scalar for one parser and something else for the other.
const INDICATORS: [char; 6] = ['?', '|', '>', '@', '`', '%'];

/// What is known about the lines of a text.
#[derive(Default)]
pub struct Lines<'t> {
    /// For each line: the column of its first character that is no blank, if a tab stands before it, else 0. A text
    /// may have ten million lines.
    tabbed: Vec<u32>,
    /// The last line, if no line break ends it.
    unended: Option<&'t str>,
}

impl<'t> Lines<'t> {
    pub fn of(text: &'t str) -> Self {
        let tabbed = text.lines().map(|line| {
            let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
            if line[..blanks].contains('\t') { u32::try_from(blanks + 1).unwrap_or(u32::MAX) } else { 0 }
        });
        let last = text.rsplit(['\n', '\r']).next().unwrap_or_default();
        Self { tabbed: tabbed.collect(), unended: (!last.trim().is_empty()).then_some(last) }
    }

    /// Makes the text's last block scalar end as in the reference: without a line break if the last line has none.
    pub fn end_block(&self, block: &mut String, at: At) -> Result<(), Problem> {
        let Some(last) = self.unended.map(str::trim) else { return Ok(()) };
        if !block.trim_end_matches('\n').ends_with(last) {
            return Ok(());
        }
        if last.starts_with('#') {
            let message = "yaml: the last line may be a comment or content".to_owned();
            return Err(Problem::new(at, message).help("end the file with a line break"));
        }
        block.truncate(block.trim_end_matches('\n').len());
        Ok(())
    }

    /// Refuses a node that a tab indents.
    pub fn check_start(&self, at: At) -> Result<(), Problem> {
        let tabbed = at.line.checked_sub(1).and_then(|index| self.tabbed.get(index).copied()).unwrap_or_default();
        if tabbed == 0 || tabbed as usize != at.column {
            return Ok(());
        }
        let message = format!("yaml: line {}: found character that cannot start any token", at.line);
        Err(Problem::new(at, message).help("indent with spaces, never with tabs"))
    }
}

/// Refuses a scalar that the reference might read otherwise.
pub fn check_scalar(text: &str, style: ScalarStyle, is_tagged: bool, at: At) -> Result<(), Problem> {
    match style {
        ScalarStyle::Plain => {
            // The parser gives `~` for nothing, which only a tag makes visible.
            let is_ambiguous = text == "~" && is_tagged;
            if is_ambiguous || text.starts_with(INDICATORS) {
                let message = format!("yaml: line {}: found character that cannot start any token", at.line);
                return Err(Problem::new(at, message).help("put the text into quotes"));
            }
        }
        ScalarStyle::Literal | ScalarStyle::Folded => {
            if text.trim_end_matches('\n').is_empty() {
                let message = format!("yaml: line {}: a block scalar without content", at.line);
                return Err(Problem::new(at, message).help("write \"\" for an empty text"));
            }
        }
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {}
    }
    Ok(())
}
