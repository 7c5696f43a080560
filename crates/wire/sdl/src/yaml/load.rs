//! Events of the YAML parser into a [`Tree`], with every bound that hostile input calls for.
//!
//! The parser follows YAML 1.2, the reference's follows YAML 1.1 with habits of its own. Where the two would read
//! another value from one text, [`style`](super::style) makes the value the reference's or refuses the text.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag};

use super::{
    At, Mapping, Node, NodeId, Scalar, Tree, Value,
    style::{Lines, check_scalar},
};
use crate::problem::Problem;

/// The longest text that is read.
pub const MAX_BYTES: usize = 10 * 1024 * 1024;
/// The deepest nesting that is read.
pub const MAX_DEPTH: usize = 64;
/// The most nodes that a document may have.
pub const MAX_NODES: usize = 1_000_000;

/// Reads the first document; `None` when the stream has none.
pub fn load(text: &[u8]) -> Result<(Tree, Option<NodeId>), Problem> {
    if text.len() > MAX_BYTES {
        return Err(Problem::new(At::default(), format!("yaml: the text is longer than {MAX_BYTES} bytes"))
            .help("an SDL describes a deployment; data belongs into an image or a volume"));
    }
    let text = std::str::from_utf8(text).map_err(|error| not_utf8(text, error.valid_up_to()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    check_characters(text)?;
    let mut loader = Loader { lines: Lines::of(text), ..Loader::default() };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| scan_problem(text, &error))?;
        if loader.take(event, span)? {
            break;
        }
    }
    Ok((loader.tree, loader.root))
}

fn not_utf8(text: &[u8], offset: usize) -> Problem {
    let before = String::from_utf8_lossy(&text[..offset]);
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    Problem::new(At { line, column, length: 1 }, "yaml: invalid UTF-8".to_owned()).help("save the file as UTF-8")
}

/// Refuses what the reference's reader refuses, and the rare line breaks on which YAML 1.1 and 1.2 disagree.
fn check_characters(text: &str) -> Result<(), Problem> {
    let (mut line, mut column) = (1, 0);
    for c in text.chars() {
        column += 1;
        let allowed = match c {
            '\t' | '\r' | ' '..='~' => true,
            '\n' => {
                (line, column) = (line + 1, 0);
                true
            }
            '\u{2028}' | '\u{2029}' | '\u{feff}' => false,
            c => c >= '\u{a0}' && !matches!(c, '\u{fffe}' | '\u{ffff}'),
        };
        if !allowed {
            let message = "yaml: control characters are not allowed".to_owned();
            let help = format!("write it as an escape in double quotes: \"\\u{:04X}\"", u32::from(c));
            return Err(Problem::new(At { line, column, length: 1 }, message).help(help));
        }
    }
    Ok(())
}

fn scan_problem(text: &str, error: &ScanError) -> Problem {
    let mark = error.marker();
    let at = At { line: mark.line(), column: mark.col() + 1, length: 1 };
    let problem = Problem::new(at, format!("yaml: line {}: {}", mark.line(), error.info()));
    match text.lines().nth(at.line.saturating_sub(1)) {
        Some(line) if line.trim_start_matches(' ').starts_with('\t') => {
            problem.help("indent with spaces, never with tabs")
        }
        _ => problem,
    }
}

#[derive(Default)]
struct Loader<'t> {
    lines: Lines<'t>,
    tree: Tree,
    root: Option<NodeId>,
    anchors: HashMap<usize, NodeId>,
    open: Vec<Open>,
    placed: usize,
    /// The latest scalar, if it is a block scalar.
    last_block: Option<NodeId>,
}

/// A collection whose end was not seen yet.
struct Open {
    at: At,
    anchor: usize,
    children: Vec<NodeId>,
    is_mapping: bool,
}

impl Loader<'_> {
    /// Takes one event; true when the first document is complete.
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<bool, Problem> {
        let at = at(span);
        match event {
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some(&id) => self.place(id, at)?,
                None => return Err(Problem::new(at, "yaml: an anchor contains its own alias".to_owned())),
            },
            Event::Scalar(text, style, anchor, tag) => {
                self.lines.check_start(at)?;
                let quoted = style != ScalarStyle::Plain;
                let tag = core_tag(tag.as_deref(), at, &["str", "int", "float", "bool", "null"])?;
                check_scalar(&text, style, tag.is_some(), at)?;
                let value = Value::Scalar(Scalar { text: text.into_owned(), quoted, tag });
                let id = self.add(Node { at, value }, anchor)?;
                let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
                self.last_block = is_block.then_some(id);
            }
            Event::SequenceStart(anchor, tag) => {
                core_tag(tag.as_deref(), at, &["seq"])?;
                self.start(Open { at, anchor, children: Vec::new(), is_mapping: false })?;
            }
            Event::MappingStart(anchor, tag) => {
                core_tag(tag.as_deref(), at, &["map"])?;
                self.start(Open { at, anchor, children: Vec::new(), is_mapping: true })?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.end()?,
            Event::DocumentEnd => {
                self.end_last_block()?;
                return Ok(true);
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) => {}
        }
        Ok(false)
    }

    fn start(&mut self, open: Open) -> Result<(), Problem> {
        if self.open.len() >= MAX_DEPTH {
            return Err(Problem::new(open.at, format!("yaml: nested deeper than {MAX_DEPTH} levels")));
        }
        self.open.push(open);
        Ok(())
    }

    fn end_last_block(&mut self) -> Result<(), Problem> {
        let Some(node) = self.last_block.and_then(|id| self.tree.nodes.get_mut(id.0)) else { return Ok(()) };
        match &mut node.value {
            Value::Scalar(scalar) => self.lines.end_block(&mut scalar.text, node.at),
            Value::Sequence(_) | Value::Mapping(_) => Ok(()),
        }
    }

    fn end(&mut self) -> Result<(), Problem> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let value = if open.is_mapping {
            let entries: Vec<_> = open.children.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
            let has_merge = entries.iter().any(|(key, _)| self.tree.is_merge(*key));
            Value::Mapping(Mapping { entries, has_merge })
        } else {
            Value::Sequence(open.children)
        };
        self.add(Node { at: open.at, value }, open.anchor)?;
        Ok(())
    }

    fn add(&mut self, node: Node, anchor: usize) -> Result<NodeId, Problem> {
        let at = node.at;
        let id = self.tree.push(node);
        if anchor != 0 {
            self.anchors.insert(anchor, id);
        }
        self.place(id, at)?;
        Ok(id)
    }

    fn place(&mut self, id: NodeId, at: At) -> Result<(), Problem> {
        self.placed += 1;
        if self.placed > MAX_NODES {
            return Err(Problem::new(at, format!("yaml: more than {MAX_NODES} nodes")));
        }
        match self.open.last_mut() {
            Some(open) => open.children.push(id),
            None => self.root = Some(id),
        }
        Ok(())
    }
}

/// The suffix of an explicit tag, if it is one whose effect is known.
fn core_tag(tag: Option<&Tag>, at: At, known: &[&str]) -> Result<Option<String>, Problem> {
    match tag {
        None => Ok(None),
        Some(tag) if tag.is_yaml_core_schema() && known.contains(&tag.suffix.as_str()) => Ok(Some(tag.suffix.clone())),
        Some(tag) => Err(Problem::new(at, format!("yaml: unsupported tag {tag}")).help("leave the tag out")),
    }
}

fn at(span: Span) -> At {
    let length = if span.start.line() == span.end.line() { span.end.col().saturating_sub(span.start.col()) } else { 1 };
    At { line: span.start.line(), column: span.start.col() + 1, length: length.max(1) }
}
