//! YAML as nodes that keep the text, the style and the position of every scalar.
//!
//! A typed decode would lose what the format depends on: `1e3`, `0x50`, `1.0` and `on` are strings in one place
//! and numbers or booleans in another. [`load`] reads the first document of a stream into a [`Tree`]; [`scalar`]
//! says what a plain scalar means to `go-yaml`, which is the authority.
//!
//! Invariants: a node's children come before it in the tree, so there are no cycles; an alias is its anchor's
//! node, so that a few aliases cannot make a large tree (visiting is bounded by the decoder). Depth, size and
//! number of nodes are bounded. Nothing here knows about SDL.

mod load;
pub mod scalar;
mod style;

pub use load::load;

/// A place in the text: line and column from 1, length in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    pub line: usize,
    pub column: usize,
    pub length: usize,
}

/// Index of a node in its [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeId(usize);

#[derive(Debug)]
pub struct Node {
    pub at: At,
    pub value: Value,
}

#[derive(Debug)]
pub enum Value {
    Scalar(Scalar),
    Sequence(Vec<NodeId>),
    Mapping(Mapping),
}

/// A scalar's text after the rules of its style were applied.
#[derive(Debug)]
pub struct Scalar {
    pub text: String,
    pub quoted: bool,
    /// The suffix of an explicit core tag such as `!!str`.
    pub tag: Option<String>,
}

#[derive(Debug)]
pub struct Mapping {
    /// Keys and values in document order, merge keys included.
    pub entries: Vec<(NodeId, NodeId)>,
    pub has_merge: bool,
}

/// One document.
#[derive(Debug, Default)]
pub struct Tree {
    nodes: Vec<Node>,
}

impl Tree {
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }

    pub fn at(&self, id: NodeId) -> At {
        self.node(id).at
    }

    /// Whether the node is the plain merge key `<<`.
    pub fn is_merge(&self, id: NodeId) -> bool {
        matches!(&self.node(id).value, Value::Scalar(scalar) if scalar.text == "<<" && !scalar.quoted)
    }

    /// The short tag of a node as `go-yaml` names it in errors.
    pub fn tag(&self, id: NodeId) -> &'static str {
        match &self.node(id).value {
            Value::Scalar(scalar) => scalar::resolve(scalar).tag(),
            Value::Sequence(_) => "!!seq",
            Value::Mapping(_) => "!!map",
        }
    }

    fn push(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        NodeId(self.nodes.len() - 1)
    }
}
