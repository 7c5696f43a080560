//! The vector runner: folders of recorded cases in, a table of what passed out.
//!
//! A crate with vectors has an integration test named `vectors` which opens a [`Report`], hands it the files
//! that it understands and ends with [`Report::finish`]. Our own `fixtures/` are always read; folders named in
//! the environment variable `AKASH_VECTORS` (several joined by `:`) come on top. A case that is not
//! implemented yet is left out *with its reason*, never skipped silently, and never by its name.
//!
//! ```text
//! cosmos/bech32.ndjson                      run   39  passed   39  failed    0  left out    0
//! cosmos/multisig.ndjson                    run   11  passed    0  failed    0  left out   11
//!       11 x no multisig keys yet
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::Value;

/// Failures shown in full per file; the rest is only counted.
const SHOWN_FAILURES: usize = 20;

/// What one case came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Passed,
    /// What differs; the report puts the case's name in front.
    Failed(String),
    /// Why we do not run it yet. Cases with the same reason are counted together.
    LeftOut(String),
}

impl Verdict {
    /// Passed if the two are equal, else failed with both.
    pub fn equal<T: PartialEq + std::fmt::Debug>(what: &str, got: &T, expected: &T) -> Self {
        if got == expected { Self::Passed } else { Self::Failed(format!("{what}: got {got:?}, expected {expected:?}")) }
    }

    /// The first verdict that is not `Passed`.
    pub fn all(verdicts: impl IntoIterator<Item = Self>) -> Self {
        verdicts.into_iter().find(|v| *v != Self::Passed).unwrap_or(Self::Passed)
    }
}

impl From<Result<(), String>> for Verdict {
    fn from(result: Result<(), String>) -> Self {
        result.map_or_else(Self::Failed, |()| Self::Passed)
    }
}

/// One file of cases.
#[derive(Default)]
struct FileTally {
    run: usize,
    passed: usize,
    failed: Vec<String>,
    left_out: BTreeMap<String, usize>,
}

/// The counts of all files, in the order of their names.
#[derive(Default)]
pub struct Report {
    files: BTreeMap<String, FileTally>,
}

impl Report {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts one case of `file`, a label such as `cosmos/bech32.ndjson` (see [`label`]).
    pub fn case(&mut self, file: &str, name: &str, verdict: Verdict) {
        let tally = self.files.entry(file.to_owned()).or_default();
        tally.run += 1;
        match verdict {
            Verdict::Passed => tally.passed += 1,
            Verdict::Failed(difference) => tally.failed.push(format!("{name}: {difference}")),
            Verdict::LeftOut(reason) => *tally.left_out.entry(reason).or_default() += 1,
        }
    }

    /// Runs `check` on each line of an `.ndjson` file. A case is called by its `case` or `name` member, or
    /// else by its line number.
    pub fn lines(&mut self, folder: &Path, file: &Path, mut check: impl FnMut(&Value) -> Verdict) {
        let label = label(folder, file);
        for (number, line) in read(file).lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            match serde_json::from_str::<Value>(line) {
                Ok(case) => {
                    let name = ["case", "name"].iter().find_map(|key| case.get(key)?.as_str());
                    let name = name.map_or_else(|| format!("line {}", number + 1), ToOwned::to_owned);
                    let verdict = check(&case);
                    self.case(&label, &name, verdict);
                }
                Err(e) => self.case(&label, &format!("line {}", number + 1), Verdict::Failed(e.to_string())),
            }
        }
    }

    /// Prints the table.
    ///
    /// # Panics
    /// When a case failed, or when nothing was run at all (a wrong folder must not look like a success).
    pub fn finish(self) {
        let mut failures = 0;
        for (file, tally) in &self.files {
            let left_out: usize = tally.left_out.values().sum();
            println!(
                "{file:<44} run {:>5}  passed {:>5}  failed {:>4}  left out {left_out:>5}",
                tally.run,
                tally.passed,
                tally.failed.len()
            );
            for (reason, count) in &tally.left_out {
                println!("  {count:>7} x left out: {reason}");
            }
            for failure in tally.failed.iter().take(SHOWN_FAILURES) {
                println!("          FAILED {failure}");
            }
            failures += tally.failed.len();
        }
        assert!(!self.files.is_empty(), "no vector file was found");
        assert_eq!(failures, 0, "vectors failed, see the table above");
    }
}

/// `fixtures/` of this repository, then every folder of `AKASH_VECTORS`.
///
/// # Panics
/// When a folder named in the environment does not exist.
#[must_use]
pub fn folders() -> Vec<PathBuf> {
    let mut folders = vec![repository_root().join("fixtures")];
    let named = env::var_os("AKASH_VECTORS").unwrap_or_default();
    for folder in env::split_paths(&named).filter(|path| !path.as_os_str().is_empty()) {
        // Tests run in the folder of their crate; a relative path is meant from the repository's root.
        let folder = repository_root().join(folder);
        assert!(folder.is_dir(), "AKASH_VECTORS names {}, which is no folder", folder.display());
        folders.push(folder);
    }
    folders
}

/// All files below `folder`, sorted by path. Empty when the folder does not exist.
#[must_use]
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The name under which a file is reported: its path inside `folder`, with `fixtures/` in front for our own.
#[must_use]
pub fn label(folder: &Path, file: &Path) -> String {
    let inside = file.strip_prefix(folder).unwrap_or(file).display().to_string();
    if folder == repository_root().join("fixtures") { format!("fixtures/{inside}") } else { inside }
}

/// The file's text.
///
/// # Panics
/// When it cannot be read.
#[must_use]
pub fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

/// The root of this repository.
#[must_use]
pub fn repository_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the crate sits in dev/testkit")
}
