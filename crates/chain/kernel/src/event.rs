//! What handlers announce.

/// An event with its attributes in the order in which they were given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// Called `type` on the wire.
    pub kind: String,
    /// Pairs of key and value.
    pub attributes: Vec<(String, String)>,
}

impl Event {
    /// An event from literal keys.
    #[must_use]
    pub fn new(kind: impl Into<String>, attributes: &[(&str, &str)]) -> Self {
        let attributes = attributes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Self { kind: kind.into(), attributes }
    }

    /// The value of the first attribute with this key.
    #[must_use]
    pub fn attribute(&self, key: &str) -> Option<&str> {
        self.attributes.iter().find(|(other, _)| other == key).map(|(_, value)| value.as_str())
    }
}
