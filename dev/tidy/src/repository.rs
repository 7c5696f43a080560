//! The source files of the repository, without build output.

use std::fs;
use std::path::{Path, PathBuf};

const SKIPPED_FOLDERS: [&str; 4] = ["target", ".git", "node_modules", "fixtures"];

/// A text file with its path relative to the root, written with `/`.
#[derive(Debug)]
pub struct Source {
    pub path: String,
    pub text: String,
}

impl Source {
    /// Files of tests alone: integration tests, benches, and modules that only tests compile.
    #[must_use]
    pub fn is_test(&self) -> bool {
        ["/tests", "/benches/", "/testing", "tests.rs", "/fake"].iter().any(|part| self.path.contains(part))
    }
}

/// The repository root, from this crate's own place in it.
///
/// # Panics
/// When the crate was moved out of `dev/tidy`.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("dev/tidy lies two folders below the root")
}

/// All files below `folder` whose name ends in one of `endings`, sorted by path.
///
/// # Panics
/// When a folder cannot be read: a check over a part of the files would pass for the wrong reason.
#[must_use]
pub fn sources(root: &Path, folder: &str, endings: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    collect(root, &root.join(folder), endings, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn collect(root: &Path, folder: &Path, endings: &[&str], found: &mut Vec<Source>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.expect("a folder can be read to its end").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            if !SKIPPED_FOLDERS.contains(&name) {
                collect(root, &path, endings, found);
            }
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            let relative = path.strip_prefix(root).expect("found below the root").to_string_lossy().replace('\\', "/");
            let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{relative}: {error}"));
            found.push(Source { path: relative, text });
        }
    }
}
