//! Lengths of files, front pages, functions and lines. Functions are found by their indentation, as rustfmt writes it.

use crate::Finding;
use crate::repository::Source;

const FILE_LINES: usize = 500;
const FRONT_PAGE_LINES: usize = 150;
const FUNCTION_LINES: usize = 70;
const LINE_COLUMNS: usize = 120;

/// Everything of one Rust file that is longer than it may be.
#[must_use]
pub fn check(source: &Source) -> Vec<Finding> {
    let lines: Vec<&str> = source.text.lines().collect();
    let finding = |what: String, amount, line| Finding { file: source.path.clone(), what, amount, line };
    let mut found = Vec::new();

    let names = ["/lib.rs", "/mod.rs"];
    let front_page = !source.is_test() && names.iter().any(|name| source.path.ends_with(name));
    let limit = if front_page { FRONT_PAGE_LINES } else { FILE_LINES };
    if lines.len() > limit {
        let what = if front_page { "front page lines" } else { "file lines" };
        found.push(finding(what.to_owned(), lines.len(), 1));
    }
    for function in functions(&lines) {
        if function.lines > FUNCTION_LINES {
            found.push(finding(format!("lines of fn {}", function.name), function.lines, function.start));
        }
    }
    let wide: Vec<usize> =
        (0..lines.len()).filter(|&index| lines[index].chars().count() > LINE_COLUMNS).map(|index| index + 1).collect();
    if let Some(&first) = wide.first() {
        found.push(finding("wide lines".to_owned(), wide.len(), first));
    }
    found
}

struct Function<'a> {
    name: &'a str,
    start: usize,
    lines: usize,
}

fn functions<'a>(lines: &[&'a str]) -> Vec<Function<'a>> {
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line) else { continue };
        let indent = line.len() - line.trim_start().len();
        let end = format!("{}}}", &line[..indent]);
        let body = lines[index..].iter().position(|candidate| candidate.trim_end() == end);
        if let Some(length) = body {
            found.push(Function { name, start: index + 1, lines: length + 1 });
        }
    }
    found
}

fn function_name(line: &str) -> Option<&str> {
    let mut rest = line.trim_start();
    if let Some(after) = rest.strip_prefix("pub") {
        rest = after
            .strip_prefix('(')
            .and_then(|inner| inner.split_once(')'))
            .map_or(after, |(_, after)| after)
            .trim_start();
    }
    for word in ["const ", "async ", "unsafe ", "extern \"C\" "] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    let name = rest.strip_prefix("fn ")?;
    let opens_here = !line.trim_end().ends_with(';') && !line.trim_end().ends_with('}');
    opens_here.then(|| name.split(['(', '<']).next().unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: String) -> Vec<String> {
        let source = Source { path: path.to_owned(), text };
        check(&source).into_iter().map(|found| format!("{} {}", found.what, found.amount)).collect()
    }

    #[test]
    fn long_function_is_found_by_name() {
        let text = format!("pub(crate) async fn f(x: u8) {{\n{}}}\n", "    x;\n".repeat(70));
        assert_eq!(findings("a.rs", text), ["lines of fn f 72"]);
    }

    #[test]
    fn front_page_has_a_smaller_limit() {
        assert_eq!(findings("x/mod.rs", "//\n".repeat(151)), ["front page lines 151"]);
        assert_eq!(findings("x/a.rs", "//\n".repeat(151)), Vec::<String>::new());
    }

    #[test]
    fn wide_lines_are_counted() {
        assert_eq!(findings("a.rs", format!("//{}\n//\n", "x".repeat(120))), ["wide lines 1"]);
    }
}
