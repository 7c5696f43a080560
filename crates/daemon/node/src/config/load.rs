//! Overlays the layers of settings and remembers where each value came from.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::section::{Field, Visitor};
use super::{Home, NodeConfig, Setting};

/// A longer file is no file of settings.
const MAX_FILE_BYTES: u64 = 1 << 20;
/// A known key this many edits away is suggested.
const NEAR: usize = 3;
const PREFIX: &str = "AKASH_NODE_";

/// What stands above the file.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// Variables of the process; those that do not begin with `AKASH_NODE_` are not looked at.
    pub environment: Vec<(String, String)>,
    pub flags: Vec<Flag>,
}

/// A flag that sets a value.
#[derive(Clone, Debug)]
pub struct Flag {
    /// How it is called: `--dev`.
    pub flag: String,
    /// What it sets: `consensus.timeout_commit`.
    pub key: String,
    pub value: String,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Default,
    File { path: PathBuf, line: usize },
    Environment(String),
    Flag(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

/// One setting, traced.
#[derive(Clone, Debug)]
pub struct Explained {
    pub key: String,
    /// As TOML writes it.
    pub value: String,
    pub default: String,
    pub source: Source,
    /// The variable that would set it.
    pub variable: String,
    pub meaning: String,
}

#[derive(Clone, Debug)]
pub struct Loaded {
    pub config: NodeConfig,
    pub settings: Vec<Explained>,
}

/// All that is wrong with the settings, one problem a line.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct ConfigError(pub Vec<String>);

impl NodeConfig {
    /// The settings of a home: defaults, file, environment, flags. A missing file is an empty one.
    ///
    /// # Errors
    /// When the file cannot be read, a key is not known, or a value does not fit.
    pub fn load(home: &Path, overrides: &Overrides) -> Result<Loaded, ConfigError> {
        let path = Home::new(home).settings();
        let text = read(&path).map_err(|error| ConfigError(vec![format!("{}: {error}", path.display())]))?;
        let file = DeTable::parse(&text)
            .map_err(|error| ConfigError(vec![format!("{}: {}", path.display(), error.to_string().trim_end())]))?;
        let mut config = NodeConfig::new(home);
        let mut overlay = Overlay {
            path: &path,
            text: &text,
            entries: flatten(file.get_ref()),
            overrides,
            known: Vec::new(),
            settings: Vec::new(),
            problems: Vec::new(),
        };
        config.visit(&mut overlay);
        overlay.refuse_unknown();
        let Overlay { settings, problems, .. } = overlay;
        if problems.is_empty() { Ok(Loaded { config, settings }) } else { Err(ConfigError(problems)) }
    }
}

fn read(path: &Path) -> std::io::Result<String> {
    match std::fs::metadata(path) {
        Ok(file) if file.len() > MAX_FILE_BYTES => Err(std::io::Error::other("this file is too long for settings")),
        Ok(_) => std::fs::read_to_string(path),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(error),
    }
}

/// A value of the file, and the place of its key.
struct Entry<'a> {
    value: &'a Spanned<DeValue<'a>>,
    at: usize,
}

/// Keys with their tables' names before them. Deeper tables have no settings, so they stay whole and are refused.
fn flatten<'a>(table: &'a DeTable<'a>) -> BTreeMap<String, Entry<'a>> {
    let mut entries = BTreeMap::new();
    for (key, value) in table {
        let at = key.span().start;
        match value.get_ref() {
            DeValue::Table(inner) => {
                let inner = inner.iter().map(|(name, value)| {
                    let at = name.span().start;
                    (format!("{}.{}", key.get_ref(), name.get_ref()), Entry { value, at })
                });
                entries.extend(inner);
            }
            _ => drop(entries.insert(key.get_ref().to_string(), Entry { value, at })),
        }
    }
    entries
}

struct Overlay<'a> {
    path: &'a Path,
    text: &'a str,
    entries: BTreeMap<String, Entry<'a>>,
    overrides: &'a Overrides,
    known: Vec<String>,
    settings: Vec<Explained>,
    problems: Vec<String>,
}

impl Visitor for Overlay<'_> {
    fn section(&mut self, _name: &'static str, _meaning: &'static [&'static str]) {}

    fn field(&mut self, field: Field, value: &mut dyn Setting) {
        let (key, variable, default) = (field.key(), field.variable(), value.to_toml());
        let mut source = Source::Default;
        if let Some(entry) = self.entries.remove(&key) {
            source = Source::File { path: self.path.to_path_buf(), line: self.line(entry.at) };
            self.note(&source, &key, set(value, entry.value.get_ref()));
        }
        if let Some((name, text)) = self.overrides.environment.iter().find(|(name, _)| *name == variable) {
            source = Source::Environment(name.clone());
            self.note(&source, &key, value.set(text));
        }
        for flag in self.overrides.flags.iter().filter(|flag| flag.key == key) {
            source = Source::Flag(flag.flag.clone());
            self.note(&source, &key, value.set(&flag.value));
        }
        let (value, meaning) = (value.to_toml(), field.meaning());
        self.known.push(key.clone());
        self.settings.push(Explained { key, value, default, source, variable, meaning });
    }
}

impl Overlay<'_> {
    fn note(&mut self, source: &Source, key: &str, result: Result<(), String>) {
        if let Err(reason) = result {
            self.problems.push(format!("{source}: {key}: {reason}"));
        }
    }

    fn line(&self, at: usize) -> usize {
        self.text[..at].matches('\n').count() + 1
    }

    fn refuse_unknown(&mut self) {
        let path = self.path.display();
        let mut found: Vec<(String, String)> =
            self.entries.iter().map(|(key, entry)| (format!("{path}:{}", self.line(entry.at)), key.clone())).collect();
        let flags = self.overrides.flags.iter().filter(|flag| !self.known.contains(&flag.key));
        found.extend(flags.map(|flag| (format!("flag {}", flag.flag), flag.key.clone())));
        for (place, key) in found {
            let hint = nearest(&key, &self.known).map_or_else(
                || "`akash config explain` lists the known ones".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            self.problems.push(format!("{place}: unknown key `{key}`; {hint}"));
        }
        let variables = self.settings.iter().map(|setting| setting.variable.clone());
        let variables: Vec<String> = variables.filter(|name| name.starts_with(PREFIX)).collect();
        let given = self.overrides.environment.iter().map(|(name, _)| name);
        for name in given.filter(|name| name.starts_with(PREFIX) && !variables.contains(name)) {
            // Other programs have variables with this prefix too; only what looks like a slip is refused.
            if let Some(near) = nearest(name, &variables) {
                self.problems.push(format!("environment: unknown variable {name}; did you mean {near}?"));
            }
        }
    }
}

fn set(value: &mut dyn Setting, given: &DeValue<'_>) -> Result<(), String> {
    match given {
        DeValue::Array(items) => {
            let items: Result<Vec<String>, String> = items.iter().map(|item| scalar(item.get_ref())).collect();
            value.set_list(&items?)
        }
        other => value.set(&scalar(other)?),
    }
}

fn scalar(value: &DeValue<'_>) -> Result<String, String> {
    match value {
        DeValue::String(text) => Ok(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Ok(number.as_str().to_owned()),
        DeValue::Boolean(truth) => Ok(truth.to_string()),
        DeValue::Integer(_) => Err("only decimal numbers are read".to_owned()),
        other => Err(format!("a {} has no meaning here", other.type_str())),
    }
}

fn nearest(key: &str, known: &[String]) -> Option<String> {
    let last = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
    let same_name = known.iter().find(|candidate| last(candidate) == last(key)); // the wrong section
    let near = known.iter().map(|candidate| (distance(key, candidate), candidate)).min();
    near.filter(|(edits, _)| *edits <= NEAR).map(|(_, near)| near).or(same_name).cloned()
}

/// Insertions, deletions and replacements from one text to the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (at, one) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], at + 1);
        for (column, other) in to.iter().enumerate() {
            let best = (diagonal + usize::from(one != *other)).min(row[column] + 1).min(row[column + 1] + 1);
            diagonal = std::mem::replace(&mut row[column + 1], best);
        }
    }
    row[to.len()]
}
