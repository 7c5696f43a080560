//! Every line in its new place. The columns of entries decide what belongs to what, as YAML itself has it.

use std::collections::BTreeSet;

use super::scan::{Block, Kind, Scan, indent};

/// Columns a level.
const STEP: usize = 2;

/// A line in its new place.
#[derive(Debug)]
pub struct Line {
    /// Which top-level entry it belongs to; 0 is what stands before the first.
    pub section: usize,
    /// Its number in the text.
    pub from: usize,
    pub text: String,
    pub kind: Kind,
}

#[derive(Debug, Default)]
pub struct Layout {
    pub lines: Vec<Line>,
    /// Head, top-level entries and foot.
    pub sections: usize,
    /// Sections with something that is not understood.
    pub unknown: BTreeSet<usize>,
}

/// An open block collection.
#[derive(Clone, Copy, Debug)]
struct Level {
    /// The column in the text.
    column: usize,
    /// The column that it gets.
    new: usize,
    is_list: bool,
}

/// Moves every line of the first document.
pub fn lines(scan: &Scan<'_>) -> Layout {
    let mut writer = Writer {
        scan,
        levels: Vec::new(),
        section: 0,
        is_open: false,
        moved: (0, 0),
        block: None,
        after: next_entries(scan),
        out: Layout::default(),
    };
    let mut at = 0;
    while at < scan.lines.len() && scan.kinds[at] != Kind::Tail {
        at = writer.line(at);
    }
    let mut out = writer.out;
    out.sections = scan.top.len() + 2;
    out
}

fn next_entries(scan: &Scan<'_>) -> Vec<Option<usize>> {
    let mut after = vec![None; scan.lines.len()];
    let mut next = None;
    for (line, kind) in scan.kinds.iter().enumerate().rev() {
        if *kind == Kind::Structure {
            next = Some(line);
        }
        after[line] = next;
    }
    after
}

struct Writer<'s, 't> {
    scan: &'s Scan<'t>,
    levels: Vec<Level>,
    section: usize,
    /// Whether the last entry has no value on its own line.
    is_open: bool,
    /// From where to where the entry moved that a continued line belongs to.
    moved: (usize, usize),
    block: Option<Block>,
    /// For each line the next one with an entry, itself included.
    after: Vec<Option<usize>>,
    out: Layout,
}

impl Writer<'_, '_> {
    /// Writes one line or a group of comments; gives the next line.
    fn line(&mut self, at: usize) -> usize {
        let line = self.scan.lines[at];
        match self.scan.kinds[at] {
            Kind::Comment => return self.comments(at),
            Kind::Blank | Kind::Start | Kind::Tail => self.put(at, line.trim_end().to_owned()),
            Kind::Continued => self.continued(at),
            Kind::Block => self.block_line(at),
            Kind::Structure => {
                if self.scan.top.contains_key(&at) {
                    self.section += 1;
                    self.levels.clear();
                }
                match self.structure(at) {
                    Some(text) => self.put(at, text),
                    None => {
                        self.out.unknown.insert(self.section);
                        self.put(at, line.to_owned());
                    }
                }
            }
        }
        at + 1
    }

    fn put(&mut self, at: usize, text: String) {
        self.out.lines.push(Line { section: self.section, from: at, text, kind: self.scan.kinds[at] });
    }

    /// Entries of block collections: dashes, then a key or a value. Nothing if it is neither.
    fn structure(&mut self, at: usize) -> Option<String> {
        let line: Vec<char> = self.scan.lines[at].chars().collect();
        let mut column = indent(self.scan.lines[at]);
        let mut text = String::new();
        self.close(column, is_dash(&line, column));
        loop {
            if is_dash(&line, column) {
                let level = self.enter(column, true)?;
                if text.is_empty() {
                    text = " ".repeat(level.new);
                }
                text.push_str("- ");
                column = skip_blanks(&line, column + 1);
                if column < line.len() && line[column] != '#' {
                    continue;
                }
                self.is_open = true;
                text.push_str(&self.rest(at, &line, column));
                return Some(text.trim_end().to_owned());
            }
            return match self.key_at(at, &line, column) {
                Some(end) => self.entry(at, &line, column, end, text),
                None => self.lone_value(at, &line, column, text),
            };
        }
    }

    /// A key with what stands behind it.
    fn entry(&mut self, at: usize, line: &[char], column: usize, end: usize, mut text: String) -> Option<String> {
        let level = self.enter(column, false)?;
        if text.is_empty() {
            text = " ".repeat(level.new);
        }
        text.extend(&line[column..end]);
        let colon = skip_blanks(line, end);
        if line.get(colon) != Some(&':') {
            return None;
        }
        text.push_str(": ");
        let value = skip_blanks(line, colon + 1);
        self.is_open = value >= line.len() || line[value] == '#';
        text.push_str(&self.rest(at, line, value));
        self.moved = (level.column, level.new);
        Some(trimmed(text, self.scan.quoted.contains(&at)))
    }

    /// A value behind dashes, or below its key.
    fn lone_value(&mut self, at: usize, line: &[char], column: usize, mut text: String) -> Option<String> {
        if ["? ", ": "].iter().any(|mark| line[column..].starts_with(&mark.chars().collect::<Vec<_>>()))
            || matches!(line[column..], ['?' | ':'])
        {
            return None;
        }
        let parent = *self.levels.last()?;
        if text.is_empty() {
            if column <= parent.column {
                return None;
            }
            text = " ".repeat(parent.new + STEP);
            self.moved = (column, parent.new + STEP);
        } else {
            self.moved = (parent.column, parent.new);
        }
        self.is_open = false;
        text.push_str(&self.rest(at, line, column));
        Some(trimmed(text, self.scan.quoted.contains(&at)))
    }

    /// The end of the line from a column on: the value as it is, one blank, the comment.
    fn rest(&self, at: usize, line: &[char], column: usize) -> String {
        let collect = |chars: &[char]| chars.iter().collect::<String>();
        let searched = match self.scan.ends.get(&at) {
            Some(None) => return collect(&line[column.min(line.len())..]),
            Some(Some(end)) => (*end).max(column),
            None => column,
        };
        let is_comment = |&i: &usize| line[i] == '#' && (i == column || matches!(line[i - 1], ' ' | '\t'));
        match (searched..line.len()).find(is_comment) {
            Some(start) => {
                let value = collect(&line[column..start]);
                let value = value.trim_end();
                let comment = collect(&line[start..]);
                let gap = if value.is_empty() { "" } else { " " };
                format!("{value}{gap}{}", comment.trim_end())
            }
            None => collect(&line[column.min(line.len())..]),
        }
    }

    /// The end of the key that begins here, perhaps behind an anchor or a tag.
    fn key_at(&self, at: usize, line: &[char], column: usize) -> Option<usize> {
        let mut start = column;
        while matches!(line.get(start), Some('&' | '!')) {
            let word = line[start..].iter().take_while(|c| !matches!(c, ' ' | '\t')).count();
            start = skip_blanks(line, start + word);
        }
        self.scan.keys.get(&(at, start)).copied()
    }

    /// Leaves the collections that a line at this column does not belong to.
    fn close(&mut self, column: usize, is_dash: bool) {
        while self.levels.last().is_some_and(|level| is_left(level, column, is_dash)) {
            self.levels.pop();
        }
    }

    /// The collection at this column, which may begin here.
    fn enter(&mut self, column: usize, is_list: bool) -> Option<Level> {
        let new = match self.levels.last() {
            None if self.scan.keys.keys().next().is_some_and(|(_, first)| *first == column) => 0,
            None => return None,
            Some(top) if top.column == column && top.is_list == is_list => return Some(*top),
            // A list may stand right below its key.
            Some(top) if top.column < column || (top.column == column && is_list) => top.new + STEP,
            Some(_) => return None,
        };
        let level = Level { column, new, is_list };
        self.levels.push(level);
        Some(level)
    }

    /// A line of a text or flow collection that began above: it keeps its distance.
    fn continued(&mut self, at: usize) {
        let (old, new) = self.moved;
        let line = self.scan.lines[at];
        let columns = (indent(line) + new).saturating_sub(old);
        let body = line.trim_start_matches(' ');
        let text = if body.trim().is_empty() { String::new() } else { format!("{}{body}", " ".repeat(columns)) };
        self.put(at, trimmed(text, self.scan.quoted.contains(&at)));
    }

    /// A line of a block scalar: its content stands one step behind the entry.
    fn block_line(&mut self, at: usize) {
        if let Some(block) = self.scan.blocks.get(&at) {
            self.block = Some(*block);
        }
        let Some(block) = self.block else { return };
        let (old, new) = self.moved;
        let target = if block.is_explicit { (block.indent + new).saturating_sub(old) } else { new + STEP };
        let line = self.scan.lines[at];
        let text = match line.split_at_checked(block.indent) {
            Some((blanks, content)) if blanks.trim().is_empty() => format!("{}{content}", " ".repeat(target)),
            _ => String::new(),
        };
        let is_empty = text.trim().is_empty() && line.len() <= block.indent;
        self.put(at, if is_empty { String::new() } else { text });
    }

    /// Comments on lines of their own, as long as they do not step back: they move together.
    fn comments(&mut self, at: usize) -> usize {
        let first = self.scan.indent(at);
        let is_next = |&line: &usize| self.scan.kinds[line] == Kind::Comment && self.scan.indent(line) >= first;
        let end = (at + 1..self.scan.lines.len()).take_while(is_next).last().map_or(at + 1, |last| last + 1);
        let target = self.place_of_comment(first, end);
        for line in at..end {
            let columns = (self.scan.indent(line) + target).saturating_sub(first);
            let body = self.scan.lines[line].trim();
            self.put(line, format!("{}{body}", " ".repeat(columns)));
        }
        end
    }

    /// The column of comments: that of the next entry, or of the collection in which they stand.
    fn place_of_comment(&self, column: usize, next: usize) -> usize {
        let (next_column, is_dash) = self.after.get(next).copied().flatten().map_or((0, false), |line| {
            let column = self.scan.indent(line);
            let rest = self.scan.lines[line][column..].strip_prefix('-');
            (column, rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t'])))
        });
        let Some(top) = self.levels.last() else { return 0 };
        let opens = top.column < next_column || (top.column == next_column && is_dash && !top.is_list);
        if opens || (self.is_open && column > top.column) {
            return top.new + STEP;
        }
        let stays = self.levels.iter().rposition(|level| !is_left(level, next_column, is_dash)).unwrap_or(0);
        let home = self.levels[stays];
        let inner =
            self.levels[stays + 1..].iter().rev().find(|level| level.column > home.column && level.column <= column);
        inner.unwrap_or(&home).new
    }
}

/// Whether a line at this column is outside of the collection.
fn is_left(level: &Level, column: usize, is_dash: bool) -> bool {
    level.column > column || (level.column == column && level.is_list && !is_dash)
}

fn is_dash(line: &[char], column: usize) -> bool {
    line.get(column) == Some(&'-') && matches!(line.get(column + 1), None | Some(' ' | '\t'))
}

fn skip_blanks(line: &[char], from: usize) -> usize {
    from + line.iter().skip(from).take_while(|c| matches!(c, ' ' | '\t')).count()
}

fn trimmed(text: String, is_inside_quotes: bool) -> String {
    if is_inside_quotes { text } else { text.trim_end().to_owned() }
}
