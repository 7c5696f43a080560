//! Which crate may use which, and which words a zone's code may not contain.

use crate::Finding;
use crate::repository::Source;

/// Our crates from the bottom up, with those that each may depend on. Tests (`dev-dependencies`) are free.
pub const ARROWS: [(&str, &str, &[&str]); 13] = [
    ("crates/wire/proto", "akash-proto", &[]),
    ("crates/wire/types", "akash-types", &["akash-proto"]),
    ("crates/wire/sdl", "akash-sdl", &["akash-proto", "akash-types"]),
    ("crates/chain/store", "akash-store", WIRE),
    ("crates/chain/kernel", "akash-kernel", &["akash-proto", "akash-types", "akash-sdl", "akash-store"]),
    (
        "crates/chain/cosmos",
        "akash-cosmos",
        &["akash-proto", "akash-types", "akash-sdl", "akash-store", "akash-kernel"],
    ),
    (
        "crates/chain/marketplace",
        "akash-marketplace",
        &["akash-proto", "akash-types", "akash-sdl", "akash-store", "akash-kernel", "akash-cosmos"],
    ),
    (
        "crates/chain/app",
        "akash-app",
        &["akash-proto", "akash-types", "akash-store", "akash-kernel", "akash-cosmos", "akash-marketplace"],
    ),
    ("crates/client", "akash-client", WIRE),
    ("crates/daemon/node", "akash-node", &["akash-proto", "akash-types", "akash-store", "akash-kernel", "akash-app"]),
    ("crates/daemon/cluster", "akash-cluster", WIRE),
    (
        "crates/daemon/provider",
        "akash-provider",
        &["akash-proto", "akash-types", "akash-sdl", "akash-client", "akash-cluster"],
    ),
    (
        "crates/cli",
        "akash",
        &[
            "akash-proto",
            "akash-types",
            "akash-sdl",
            "akash-store",
            "akash-kernel",
            "akash-cosmos",
            "akash-marketplace",
            "akash-app",
            "akash-client",
            "akash-node",
            "akash-cluster",
            "akash-provider",
        ],
    ),
];

const WIRE: &[&str] = &["akash-proto", "akash-types", "akash-sdl"];

/// What no code of the zone may name, with the reason. Tests and build scripts are not looked at.
const PURE: [(&str, &str); 9] = [
    ("std::fs", "no I/O"),
    ("std::net", "no I/O"),
    ("std::env::var", "no I/O"),
    ("std::process", "no I/O"),
    ("SystemTime", "no clock"),
    ("Instant", "no clock"),
    ("async fn", "no async"),
    ("tokio::", "no async"),
    ("println!", "no I/O"),
];
const DETERMINISTIC: [(&str, &str); 6] = [
    ("HashMap", "unordered"),
    ("HashSet", "unordered"),
    (" f32", "floats differ"),
    (" f64", "floats differ"),
    ("rand::", "no randomness"),
    ("thread::", "no threads"),
];
/// Where threads may work, since they cannot change a result: the trie's fork-join, and reading a block's transactions.
const FORK_JOIN: [&str; 2] = ["crates/chain/store/src/trie/fork.rs", "crates/chain/app/src/batch.rs"];

/// Arrows of one crate's manifest that the map does not have.
///
/// # Panics
/// When the manifest is no TOML.
#[must_use]
pub fn check_manifest(folder: &str, manifest: &str) -> Vec<Finding> {
    let table: toml::Table = manifest.parse().unwrap_or_else(|error| panic!("{folder}/Cargo.toml: {error}"));
    let allowed = ARROWS.iter().find(|(place, _, _)| *place == folder).map_or(&[][..], |(_, _, allowed)| allowed);
    let Some(dependencies) = table.get("dependencies").and_then(toml::Value::as_table) else { return Vec::new() };
    dependencies
        .keys()
        .filter(|name| name.starts_with("akash") && !allowed.contains(&name.as_str()))
        .map(|name| Finding {
            file: format!("{folder}/Cargo.toml"),
            what: format!("arrow to {name}"),
            amount: 1,
            line: 1,
        })
        .collect()
}

/// Words in one file that its zone forbids.
#[must_use]
pub fn check_words(source: &Source) -> Vec<Finding> {
    let path = &source.path;
    let outside = source.is_test() || path.ends_with("build.rs");
    let chain = path.starts_with("crates/chain/");
    if outside || !(chain || path.starts_with("crates/wire/")) {
        return Vec::new();
    }
    let mut words = PURE.to_vec();
    if chain {
        words.extend(
            DETERMINISTIC.iter().filter(|(word, _)| *word != "thread::" || !FORK_JOIN.contains(&path.as_str())),
        );
    }
    code_lines(&source.text)
        .flat_map(|(number, line)| {
            words.iter().filter(move |(word, _)| line.contains(word)).map(move |rule| (number, rule))
        })
        .map(|(line, (word, reason))| Finding {
            file: path.clone(),
            what: format!("`{}` ({reason})", word.trim()),
            amount: 1,
            line,
        })
        .collect()
}

/// Numbered lines of code: no comments, and nothing after the first test module.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .take_while(|(_, line)| line.trim() != "#[cfg(test)]")
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(index, line)| (index + 1, line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_may_not_see_the_chain() {
        let found = check_manifest("crates/client", "[dependencies]\nakash-app.workspace = true\nserde = \"1\"\n");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].what, "arrow to akash-app");
    }

    #[test]
    fn unordered_map_is_found_in_chain_alone() {
        let text = "use std::collections::HashMap;\n#[cfg(test)]\nuse std::collections::HashSet;\n".to_owned();
        let file = |path: &str| Source { path: path.to_owned(), text: text.clone() };
        assert_eq!(check_words(&file("crates/chain/app/src/a.rs")).len(), 1);
        assert_eq!(check_words(&file("crates/client/src/a.rs")).len(), 0);
    }
}
