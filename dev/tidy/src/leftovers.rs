//! Words that should not have been committed: unfinished code, silenced lints, paths of one machine.

use crate::Finding;
use crate::repository::Source;

const IN_RUST: [&str; 6] = ["todo!(", "unimplemented!(", "dbg!(", "FIXME", "#[allow(", ".unwrap()"];
const ANYWHERE: [&str; 4] = ["/work/", "crates.io", "npmjs", "pypi"];
/// This crate has to name what it looks for.
const SELF: &str = "dev/tidy/";

/// Leftovers of one file. `.unwrap()` counts outside tests only.
#[must_use]
pub fn check(source: &Source) -> Vec<Finding> {
    if source.path.starts_with(SELF) {
        return Vec::new();
    }
    let rust = source.path.ends_with(".rs");
    let mut in_tests = source.is_test();
    let mut found = Vec::new();
    for (index, line) in source.text.lines().enumerate() {
        in_tests |= line.trim() == "#[cfg(test)]";
        let words = ANYWHERE.iter().chain(IN_RUST.iter().filter(|_| rust));
        for word in words.filter(|word| line.contains(**word) && !(in_tests && **word == ".unwrap()")) {
            found.push(Finding { file: source.path.clone(), what: format!("`{word}`"), amount: 1, line: index + 1 });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unwrap_is_free_in_tests_alone() {
        let text = "a.unwrap();\n#[cfg(test)]\nb.unwrap();\n".to_owned();
        assert_eq!(check(&Source { path: "crates/x/src/a.rs".to_owned(), text }).len(), 1);
    }
}
