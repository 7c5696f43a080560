//! The decoder: typed reads of nodes, with faults and warnings noted on the way.

use std::collections::HashMap;

use crate::{
    document::Text,
    go::quote::quote,
    problem::{MAX_PROBLEMS, Problem},
    yaml::{
        At, Mapping, NodeId, Tree, Value,
        scalar::{Meaning, resolve},
    },
};

/// The most nodes that are visited; an aliased node counts each time.
const MAX_VISITS: usize = 1_000_000;
/// The longest chain of merge keys that is followed.
const MAX_MERGES: usize = 32;

/// A decoder over one tree.
pub struct Decoder<'t> {
    pub(super) tree: &'t Tree,
    pub problems: Vec<Problem>,
    pub warnings: Vec<Problem>,
    visits: usize,
}

/// One key of a mapping.
pub struct Field {
    pub key: String,
    pub key_at: At,
    pub value: NodeId,
}

impl<'t> Decoder<'t> {
    pub fn new(tree: &'t Tree) -> Self {
        Self { tree, problems: Vec::new(), warnings: Vec::new(), visits: 0 }
    }

    pub(super) fn fail(&mut self, at: At, message: impl Into<String>) {
        self.note(Problem::new(at, message.into()));
    }

    pub(super) fn fail_with(&mut self, at: At, message: impl Into<String>, help: impl Into<String>) {
        self.note(Problem::new(at, message.into()).help(help));
    }

    fn note(&mut self, problem: Problem) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }

    pub(super) fn ignored(&mut self, field: &Field) {
        let message = format!("unknown key {} is ignored", quote(&field.key));
        if self.warnings.len() < MAX_PROBLEMS {
            self.warnings.push(Problem::new(field.key_at, message));
        }
    }

    pub(super) fn at(&self, id: NodeId) -> At {
        self.tree.at(id)
    }

    pub(super) fn is_null(&self, id: NodeId) -> bool {
        self.meaning(id) == Some(Meaning::Null)
    }

    fn meaning(&self, id: NodeId) -> Option<Meaning> {
        match &self.tree.node(id).value {
            Value::Scalar(scalar) => Some(resolve(scalar)),
            _ => None,
        }
    }

    /// The source text of a scalar, whatever it means.
    pub(super) fn raw(&self, id: NodeId) -> Option<&'t str> {
        match &self.tree.node(id).value {
            Value::Scalar(scalar) => Some(&scalar.text),
            _ => None,
        }
    }

    /// Counts a visit; false when there were too many.
    pub(super) fn visit(&mut self, id: NodeId) -> bool {
        self.visits += 1;
        if self.visits == MAX_VISITS {
            self.fail(self.at(id), "yaml: document contains excessive aliasing");
        }
        self.visits < MAX_VISITS
    }

    pub(super) fn mismatch(&mut self, id: NodeId, go_type: &str, help: &str) {
        let at = self.at(id);
        let value = self.raw(id).map(shortened).unwrap_or_default();
        let message = format!("yaml: line {}: cannot unmarshal {}{value} into {go_type}", at.line, self.tree.tag(id));
        self.fail_with(at, message, help);
    }

    /// A string field.
    pub(super) fn text(&mut self, id: NodeId) -> Text {
        let at = self.at(id);
        match (self.meaning(id), self.raw(id)) {
            (Some(Meaning::Null), _) => Text { text: String::new(), at },
            (_, Some(text)) => Text { text: text.to_owned(), at },
            _ => {
                self.mismatch(id, "string", "write a text");
                Text { text: String::new(), at }
            }
        }
    }

    pub(super) fn string(&mut self, id: NodeId) -> String {
        self.text(id).text
    }

    /// An unsigned 32-bit field; fractions are cut off, as in the reference.
    pub(super) fn uint32(&mut self, id: NodeId) -> u32 {
        let value = match self.meaning(id) {
            Some(Meaning::Null) => Some(0),
            Some(Meaning::Int(value)) => u32::try_from(value).ok(),
            Some(Meaning::Float(value)) if (0.0..4_294_967_296.0).contains(&value) => Some(value as u32),
            _ => None,
        };
        value.unwrap_or_else(|| {
            self.mismatch(id, "uint32", "write a whole number from 0 to 4294967295 without quotes");
            0
        })
    }

    pub(super) fn boolean(&mut self, id: NodeId) -> bool {
        let value = match (self.meaning(id), self.raw(id)) {
            (Some(Meaning::Null), _) => Some(false),
            (Some(Meaning::Bool(value)), _) => Some(value),
            (Some(Meaning::String), Some("y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON")) => Some(true),
            (Some(Meaning::String), Some("n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF")) => Some(false),
            _ => None,
        };
        value.unwrap_or_else(|| {
            self.mismatch(id, "bool", "write true or false without quotes");
            false
        })
    }

    /// A list of strings; `None` when absent or null. Null items are dropped.
    pub(super) fn texts(&mut self, id: NodeId) -> Option<Vec<Text>> {
        let items = self.items(id, "[]string", "write a list, each item on its own line after `- `")?;
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            if !self.is_null(item) {
                texts.push(self.text(item));
            }
        }
        Some(texts)
    }

    pub(super) fn strings(&mut self, id: NodeId) -> Option<Vec<String>> {
        self.texts(id).map(|texts| texts.into_iter().map(|text| text.text).collect())
    }

    /// The items of a list; `None` for null.
    pub(super) fn items(&mut self, id: NodeId, go_type: &str, help: &str) -> Option<Vec<NodeId>> {
        match &self.tree.node(id).value {
            Value::Sequence(items) => {
                let items: &'t [NodeId] = items;
                Some(items.iter().copied().take_while(|item| self.visit(*item)).collect())
            }
            _ if self.is_null(id) => None,
            _ => {
                self.mismatch(id, go_type, help);
                None
            }
        }
    }

    /// The keys of a mapping with merge keys followed; empty for null.
    pub(super) fn fields(&mut self, id: NodeId, go_type: &str) -> Vec<Field> {
        let Some(mapping) = self.mapping(id, go_type) else { return Vec::new() };
        let mut fields = self.own_fields(mapping);
        if mapping.has_merge {
            fields.retain(|field| field.key != "<<");
            let mut known: HashMap<String, At> = fields.iter().map(|field| (field.key.clone(), field.key_at)).collect();
            self.merge(mapping, &mut fields, &mut known, 0);
        }
        fields
    }

    /// The keys of a mapping that the reference walks by hand: a merge key is an ordinary key there.
    pub(super) fn plain_fields(&mut self, id: NodeId, go_type: &str) -> Vec<Field> {
        match self.mapping(id, go_type) {
            Some(mapping) => self.own_fields(mapping),
            None => Vec::new(),
        }
    }

    fn mapping(&mut self, id: NodeId, go_type: &str) -> Option<&'t Mapping> {
        match &self.tree.node(id).value {
            Value::Mapping(mapping) => Some(mapping),
            _ if self.is_null(id) => None,
            _ => {
                self.mismatch(id, go_type, "write a mapping, each line of the form `key: value`");
                None
            }
        }
    }

    fn own_fields(&mut self, mapping: &Mapping) -> Vec<Field> {
        let mut fields: Vec<Field> = Vec::with_capacity(mapping.entries.len());
        let mut lines: HashMap<&str, usize> = HashMap::new();
        for &(key, value) in &mapping.entries {
            if !self.visit(key) {
                continue;
            }
            if self.is_null(key) {
                self.fail_with(self.at(key), "yaml: a key is missing", "put a name in front of the colon");
                continue;
            }
            let Some(text) = self.raw(key) else {
                self.mismatch(key, "string", "a key is a plain text");
                continue;
            };
            let key_at = self.at(key);
            match lines.insert(text, key_at.line) {
                Some(line) => self.fail_with(
                    key_at,
                    format!("yaml: line {}: mapping key {} already defined at line {line}", key_at.line, quote(text)),
                    "remove one of the two",
                ),
                None => fields.push(Field { key: text.to_owned(), key_at, value }),
            }
        }
        fields
    }

    fn merge(&mut self, mapping: &Mapping, fields: &mut Vec<Field>, known: &mut HashMap<String, At>, depth: usize) {
        let sources: Vec<NodeId> =
            mapping.entries.iter().filter(|(key, _)| self.tree.is_merge(*key)).map(|(_, value)| *value).collect();
        for source in sources {
            let parts = match &self.tree.node(source).value {
                Value::Sequence(parts) => parts.clone(),
                _ => vec![source],
            };
            for part in parts {
                self.merge_part(part, fields, known, depth);
            }
        }
    }

    fn merge_part(&mut self, part: NodeId, fields: &mut Vec<Field>, known: &mut HashMap<String, At>, depth: usize) {
        let at = self.at(part);
        if !self.visit(part) {
            return;
        }
        let Value::Mapping(mapping) = &self.tree.node(part).value else {
            return self.fail(at, "yaml: map merge requires map or sequence of maps as the value");
        };
        if depth >= MAX_MERGES {
            return self.fail(at, format!("yaml: more than {MAX_MERGES} merge keys in a row"));
        }
        for field in self.own_fields(mapping) {
            if field.key != "<<" && !known.contains_key(&field.key) {
                known.insert(field.key.clone(), field.key_at);
                fields.push(field);
            }
        }
        self.merge(mapping, fields, known, depth + 1);
    }
}

/// A scalar as `go-yaml` shows it in a type error.
fn shortened(text: &str) -> String {
    if text.len() <= 10 {
        return format!(" `{text}`");
    }
    let cut = (0..=7).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    format!(" `{}...`", &text[..cut])
}
