//! What every line of a text is, by the positions that the YAML parser gives.

use std::collections::{BTreeMap, BTreeSet};

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span};

/// A place: line from 0, column in characters from 0.
pub type Place = (usize, usize);

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Blank,
    Comment,
    /// Entries of block collections, or a value below its key.
    Structure,
    /// Goes on with a text or a flow collection of a line above.
    Continued,
    /// Content of a block scalar.
    Block,
    /// `---` before the content.
    Start,
    /// Behind the first document; nobody reads it.
    Tail,
}

/// What is known of every line.
#[derive(Debug)]
pub struct Scan<'t> {
    pub lines: Vec<&'t str>,
    pub kinds: Vec<Kind>,
    /// Where keys of block mappings begin, and where they end on the same line.
    pub keys: BTreeMap<Place, usize>,
    /// Lines on which a top-level entry begins, with its key.
    pub top: BTreeMap<usize, String>,
    /// The column behind the last value that ends on a line; none where a value goes on.
    pub ends: BTreeMap<usize, Option<usize>>,
    /// Lines whose end is inside quotes.
    pub quoted: BTreeSet<usize>,
    /// The first line of each block scalar's content, with how its indentation is found.
    pub blocks: BTreeMap<usize, Block>,
    /// Whether an alias points into another top-level entry, so that their order matters.
    pub is_tangled: bool,
    /// Whether the text's last line has no line break and belongs to a block scalar, which shows.
    pub ends_in_block: bool,
}

/// The content of a block scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Columns before its text.
    pub indent: usize,
    /// Whether the header says how many they are, so that they move with the entry alone.
    pub is_explicit: bool,
}

impl<'t> Scan<'t> {
    /// Of the first document of a text; nothing if that is not a block mapping or has directives.
    pub fn of(text: &'t str) -> Option<Self> {
        let lines: Vec<&str> = text.lines().collect();
        if lines.iter().any(|line| line.starts_with('%')) {
            return None;
        }
        let kinds = lines.iter().map(|line| first_kind(line)).collect();
        let mut scan = Self {
            lines,
            kinds,
            keys: BTreeMap::new(),
            top: BTreeMap::new(),
            ends: BTreeMap::new(),
            quoted: BTreeSet::new(),
            blocks: BTreeMap::new(),
            is_tangled: false,
            ends_in_block: false,
        };
        let chars: Vec<char> = text.chars().collect();
        let mut walk = Walk { scan: &mut scan, chars: &chars, open: Vec::new(), anchors: BTreeMap::new() };
        for event in Parser::new_from_str(text) {
            let (event, span) = event.ok()?;
            if matches!(event, Event::DocumentEnd) {
                break;
            }
            walk.take(&event, span)?;
        }
        scan.find_borders()?;
        scan.ends_in_block = !text.ends_with('\n') && scan.kinds.last() == Some(&Kind::Block);
        Some(scan)
    }

    /// The document marks: one may stand before the content, and everything behind the next is the tail.
    fn find_borders(&mut self) -> Option<()> {
        let first = *self.top.first_key_value()?.0;
        for at in 0..self.lines.len() {
            if self.kinds[at] != Kind::Structure || !is_mark(self.lines[at]) {
                continue;
            }
            if at > first {
                self.kinds[at..].fill(Kind::Tail);
                return Some(());
            }
            let rest = self.lines[at].trim_start_matches('-').trim_start();
            if !self.lines[at].starts_with("---") || !(rest.is_empty() || rest.starts_with('#')) {
                return None;
            }
            self.kinds[at] = Kind::Start;
        }
        // Whatever else stands before the first entry is not understood.
        let before = self.kinds.iter().take(first);
        (!before.into_iter().any(|kind| *kind == Kind::Structure)).then_some(())
    }

    /// The column of a line's first character that is no blank.
    pub fn indent(&self, at: usize) -> usize {
        indent(self.lines[at])
    }
}

fn is_mark(line: &str) -> bool {
    ["---", "..."]
        .iter()
        .any(|mark| line.strip_prefix(mark).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')))
}

fn first_kind(line: &str) -> Kind {
    match line.trim_start().chars().next() {
        None => Kind::Blank,
        Some('#') => Kind::Comment,
        Some(_) => Kind::Structure,
    }
}

pub fn indent(line: &str) -> usize {
    line.chars().take_while(|c| *c == ' ').count()
}

/// The events of the parser, one after another.
struct Walk<'s, 't, 'c> {
    scan: &'s mut Scan<'t>,
    chars: &'c [char],
    open: Vec<Open>,
    /// In which top-level entry an anchor stands.
    anchors: BTreeMap<usize, usize>,
}

/// A collection whose end was not seen yet.
struct Open {
    start: Place,
    is_mapping: bool,
    is_flow: bool,
    children: usize,
}

impl Walk<'_, '_, '_> {
    fn take(&mut self, event: &Event<'_>, span: Span) -> Option<()> {
        match event {
            Event::Alias(anchor) => {
                let here = self.scan.top.len();
                self.scan.is_tangled |= self.anchors.get(anchor).is_some_and(|section| *section != here);
                self.node(span, place(span.end), "*")?;
            }
            Event::Scalar(text, style, anchor, _) => {
                let end = match style {
                    ScalarStyle::Plain => place(span.end),
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => self.end_of_quotes(span.start)?,
                    ScalarStyle::Literal | ScalarStyle::Folded => return self.block(span),
                };
                self.node(span, end, text)?;
                self.anchored(*anchor);
                if matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted) {
                    self.scan.quoted.extend(place(span.start).0..end.0);
                }
            }
            Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _) => {
                let is_flow = matches!(self.chars.get(span.start.index()), Some('[' | '{'));
                let is_mapping = matches!(event, Event::MappingStart(..));
                if self.open.is_empty() && (is_flow || !is_mapping) {
                    return None;
                }
                if let Some(parent) = self.open.last_mut() {
                    // A collection as a key is not understood.
                    let is_key = parent.is_mapping && parent.children.is_multiple_of(2);
                    parent.children += 1;
                    if is_key && !parent.is_flow {
                        return None;
                    }
                }
                self.open.push(Open { start: place(span.start), is_mapping, is_flow, children: 0 });
                self.anchored(*anchor);
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let open = self.open.pop()?;
                if open.is_flow {
                    let (line, column) = place(span.start);
                    self.value(open.start, (line, column + 1));
                }
            }
            _ => {}
        }
        Some(())
    }

    fn anchored(&mut self, anchor: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, self.scan.top.len());
        }
    }

    /// A scalar or an alias from its start to `end`.
    fn node(&mut self, span: Span, end: Place, text: &str) -> Option<()> {
        let start = place(span.start);
        let depth = self.open.len();
        let parent = self.open.last_mut()?;
        let is_key = parent.is_mapping && parent.children.is_multiple_of(2);
        parent.children += 1;
        if is_key && !parent.is_flow {
            self.scan.keys.insert(start, end.1);
            if depth == 1 {
                self.scan.top.insert(start.0, text.to_owned());
            }
        }
        if start != end {
            self.value(start, end);
        }
        Some(())
    }

    /// Notes which lines a value covers.
    fn value(&mut self, start: Place, end: Place) {
        if start.0 < end.0 {
            self.scan.ends.insert(start.0, None);
            for line in start.0 + 1..=end.0 {
                self.scan.kinds[line] = Kind::Continued;
            }
        }
        let place = self.scan.ends.entry(end.0).or_insert(Some(end.1));
        *place = place.map(|before| before.max(end.1));
    }

    /// The content of a block scalar: every line between its header and what comes next.
    fn block(&mut self, span: Span) -> Option<()> {
        self.open.last_mut()?.children += 1;
        let (start, (end_line, end_column)) = (place(span.start), place(span.end));
        let header = (0..start.0).rev().find(|line| !self.scan.lines[*line].trim().is_empty())?;
        let reaches = |line: usize| self.scan.lines.get(line).is_some_and(|text| indent(text) < end_column);
        let last = if reaches(end_line) { end_line } else { end_line.checked_sub(1)? };
        let (mut keeps, mut is_explicit) = (false, false);
        let marks = self.scan.lines[header].split(" #").next()?.trim_end();
        for mark in marks.chars().rev().take_while(|mark| !matches!(mark, '|' | '>')) {
            keeps |= mark == '+';
            is_explicit |= mark.is_ascii_digit();
        }
        let filled = (header + 1..=last).filter(|line| !self.scan.lines[*line].trim().is_empty());
        let (first, full) = (filled.clone().next()?, filled.clone().next_back()?);
        let until = if keeps { last } else { full };
        self.scan.blocks.insert(header + 1, Block { indent: indent(self.scan.lines[first]), is_explicit });
        self.scan.kinds[header + 1..=until].fill(Kind::Block);
        Some(())
    }

    /// Behind the closing quote of a scalar that begins with the opening one.
    fn end_of_quotes(&self, start: Marker) -> Option<Place> {
        let quote = *self.chars.get(start.index())?;
        let (mut line, mut column) = place(start);
        let mut at = start.index() + 1;
        column += 1;
        loop {
            let c = *self.chars.get(at)?;
            let next = self.chars.get(at + 1);
            let step = match c {
                '\\' if quote == '"' && next != Some(&'\n') => 2,
                '\'' if quote == '\'' && next == Some(&'\'') => 2,
                _ if c == quote => return Some((line, column + 1)),
                _ => 1,
            };
            (line, column) = if c == '\n' { (line + 1, 0) } else { (line, column + step) };
            at += step;
        }
    }
}

fn place(marker: Marker) -> Place {
    (marker.line() - 1, marker.col())
}
