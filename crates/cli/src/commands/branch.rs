//! Commands that come from tables, as a tree of words.

use std::collections::BTreeMap;

use clap::Command;

/// Commands by their words.
#[derive(Default)]
pub struct Branch {
    inner: BTreeMap<String, Branch>,
    leaf: Option<Command>,
}

impl Branch {
    /// Puts a command at the end of `path`; one that is there already stays.
    pub fn add(&mut self, path: &str, leaf: Command) {
        let branch = path.split(' ').fold(self, |branch, word| branch.inner.entry(word.to_owned()).or_default());
        branch.leaf.get_or_insert(leaf);
    }

    /// Puts all below `command`. `above` are the words up to it, `about` begins what is said of groups.
    pub fn below(self, command: Command, above: &str, about: &str) -> Command {
        let inner = self.inner.into_iter().map(|(name, branch)| branch.into_command(name, above, about));
        command.subcommands(inner.collect::<Vec<_>>())
    }

    fn into_command(self, name: String, above: &str, about: &str) -> Command {
        if let Some(leaf) = self.leaf {
            return leaf;
        }
        let path = format!("{above} {name}");
        let command = Command::new(name.clone())
            .about(format!("{about} {name}"))
            .after_help(format!("Examples:\n  {path} --help"))
            .subcommand_required(true)
            .arg_required_else_help(true);
        self.below(command, &path, about)
    }
}

/// `ProviderLeaseStats` as `provider lease stats`.
pub fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut was_upper = false;
    for letter in name.chars() {
        match words.last_mut() {
            Some(word) if !letter.is_uppercase() || was_upper => word.extend(letter.to_lowercase()),
            _ => words.push(letter.to_lowercase().to_string()),
        }
        was_upper = letter.is_uppercase();
    }
    words
}
