//! Top-level entries in their order, with one empty line between them.

use std::collections::BTreeSet;

use super::layout::{Layout, Line};
use super::scan::{Kind, Scan};

/// The order of the reference's documentation; other keys are no SDL.
const ORDER: [&str; 7] = ["version", "include", "services", "profiles", "deployment", "endpoints", "reclamation"];

/// The whole text; the sections of `verbatim` as they were written.
pub fn join(layout: &Layout, scan: &Scan<'_>, verbatim: &BTreeSet<usize>) -> String {
    let mut parts: Vec<Vec<&Line>> = (0..layout.sections).map(|_| Vec::new()).collect();
    for (line, section) in layout.lines.iter().zip(homes(&layout.lines, layout.sections - 1)) {
        parts[section].push(line);
    }
    let mut order: Vec<usize> = (1..layout.sections - 1).collect();
    if !scan.is_tangled && !scan.ends_in_block {
        let names: Vec<&String> = scan.top.values().collect();
        let rank = |section: &usize| ORDER.iter().position(|name| name == names[section - 1]).unwrap_or(ORDER.len());
        order.sort_by_key(rank);
    }

    let mut text = String::new();
    let whole = std::iter::once(0).chain(order).chain([layout.sections - 1]);
    for section in whole {
        let lines = part(&parts[section], scan, verbatim.contains(&section));
        if lines.is_empty() {
            continue;
        }
        if !text.is_empty() && !text.ends_with("---\n") {
            text.push('\n');
        }
        for line in lines {
            text.push_str(&line);
            text.push('\n');
        }
    }
    for (line, _) in scan.lines.iter().zip(&scan.kinds).filter(|(_, kind)| **kind == Kind::Tail) {
        text.push_str(line);
        text.push('\n');
    }
    if scan.ends_in_block {
        text.pop();
    }
    text
}

/// To which section each line belongs. Comments at the margin go with the entry below them, unless they stand right
/// below the one above and an empty line follows.
fn homes(lines: &[Line], foot: usize) -> Vec<usize> {
    let mut homes: Vec<usize> = lines.iter().map(|line| line.section).collect();
    let is_loose = |line: &Line| line.kind == Kind::Blank || line.kind == Kind::Comment && !line.text.starts_with(' ');
    let mut at = 0;
    while at < lines.len() {
        if !is_loose(&lines[at]) {
            at += 1;
            continue;
        }
        let end = (at..lines.len()).find(|next| !is_loose(&lines[*next])).unwrap_or(lines.len());
        let next = lines.get(end).map_or(foot, |line| line.section);
        if next != lines[at].section {
            let blank = (at..end).find(|line| lines[*line].kind == Kind::Blank);
            let begin = blank.filter(|_| end < lines.len()).unwrap_or(at);
            homes[begin..end].fill(next);
        }
        at = end;
    }
    homes
}

/// The lines of a section, without empty ones around it and with one at most within.
fn part(lines: &[&Line], scan: &Scan<'_>, is_verbatim: bool) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut was_blank = true;
    for line in lines {
        let is_blank = line.kind == Kind::Blank;
        if is_blank && was_blank {
            continue;
        }
        was_blank = is_blank;
        out.push(if is_verbatim { scan.lines[line.from].to_owned() } else { line.text.clone() });
    }
    if was_blank {
        out.pop();
    }
    out
}
