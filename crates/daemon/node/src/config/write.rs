//! The file of settings, as a person finds it: each with its meaning, those at their default as comments.

use super::section::{Field, Visitor};
use super::{NodeConfig, Setting};

const HEADER: &str = "\
# Settings of this node. A line that begins with # shows a default. Variables named AKASH_NODE_<SECTION>_<KEY> and flags
# stand above this file; `akash config explain` shows what holds and why.
";

impl NodeConfig {
    /// The text of `config/akash.toml` that gives these settings.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut defaults = Defaults(Vec::new());
        NodeConfig::new(&self.home).visit(&mut defaults);
        let mut writer = Writer { text: HEADER.to_owned(), defaults: defaults.0.into_iter() };
        self.clone().visit(&mut writer);
        writer.text
    }
}

struct Defaults(Vec<String>);

impl Visitor for Defaults {
    fn section(&mut self, _name: &'static str, _meaning: &'static [&'static str]) {}

    fn field(&mut self, _field: Field, value: &mut dyn Setting) {
        self.0.push(value.to_toml());
    }
}

struct Writer {
    text: String,
    defaults: std::vec::IntoIter<String>,
}

impl Writer {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn comment(&mut self, lines: &[&str]) {
        for line in lines {
            self.line(&format!("# {}", line.trim()));
        }
    }
}

impl Visitor for Writer {
    fn section(&mut self, name: &'static str, meaning: &'static [&'static str]) {
        if name.is_empty() {
            return;
        }
        self.line("");
        self.comment(meaning);
        self.line(&format!("[{name}]"));
    }

    fn field(&mut self, field: Field, value: &mut dyn Setting) {
        let value = value.to_toml();
        let is_default = self.defaults.next().as_ref() == Some(&value);
        self.line("");
        self.comment(field.meaning);
        self.line(&format!("{}{} = {value}", if is_default { "# " } else { "" }, field.name));
    }
}
