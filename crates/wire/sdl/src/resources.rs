//! The resources of one unit, shared by deployment groups and manifest.

use serde::{Deserialize, Deserializer, de};

/// A key and a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(default)]
pub struct Attribute {
    /// Such as `persistent` or `vendor/nvidia/model/*`.
    #[serde(deserialize_with = "or_default")]
    pub key: String,
    /// Such as `true`.
    #[serde(deserialize_with = "or_default")]
    pub value: String,
}

impl Attribute {
    pub(crate) fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self { key: key.into(), value: value.into() }
    }
}

/// Compute units in thousandths of a CPU.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Cpu {
    /// Milli-CPU.
    #[serde(deserialize_with = "quantity")]
    pub units: u64,
    /// Sorted by key.
    #[serde(deserialize_with = "or_default")]
    pub attributes: Vec<Attribute>,
}

/// Memory in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// Bytes.
    #[serde(deserialize_with = "quantity")]
    pub size: u64,
    /// Never set by an SDL.
    #[serde(deserialize_with = "or_default")]
    pub attributes: Vec<Attribute>,
}

/// One volume.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Volume {
    /// `default` when the SDL gives none.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// Bytes.
    #[serde(deserialize_with = "quantity")]
    pub size: u64,
    /// `class` and `persistent`, sorted by key.
    #[serde(deserialize_with = "or_default")]
    pub attributes: Vec<Attribute>,
}

impl Volume {
    pub(crate) fn attribute(&self, key: &str) -> Option<&str> {
        self.attributes.iter().find(|attribute| attribute.key == key).map(|attribute| attribute.value.as_str())
    }
}

/// Graphics processors.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Gpu {
    /// How many.
    #[serde(deserialize_with = "quantity")]
    pub units: u64,
    /// Acceptable models, sorted by key.
    #[serde(deserialize_with = "or_default")]
    pub attributes: Vec<Attribute>,
}

/// How an exposed port is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Endpoint {
    /// 0 shared HTTP, 1 random port, 2 leased IP.
    #[serde(deserialize_with = "or_default")]
    pub kind: i32,
    /// Which leased IP; 0 for the other kinds.
    #[serde(deserialize_with = "or_default")]
    pub sequence_number: u32,
}

/// The resources of one unit. `None` stands for what a JSON text leaves out or gives as `null`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Resources {
    /// Number of the unit within its group, from 1.
    #[serde(deserialize_with = "or_default")]
    pub id: u32,
    /// Required.
    pub cpu: Option<Cpu>,
    /// Required.
    pub memory: Option<Memory>,
    /// Required; in the order of the reference's sort.
    pub storage: Option<Vec<Volume>>,
    /// Required; 0 units when the SDL has none.
    pub gpu: Option<Gpu>,
    /// Required, but may be empty.
    pub endpoints: Option<Vec<Endpoint>>,
}

/// Go's JSON decoder leaves a field alone when the text says `null`.
pub(crate) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// `{"val": "123"}`, the form of an integer of any size; those above 64 bits are refused.
fn quantity<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    #[derive(Deserialize)]
    struct Value {
        val: String,
    }
    let value = Value::deserialize(deserializer)?.val;
    if value.is_empty() || !value.bytes().all(|b| b.is_ascii_digit()) {
        return Err(de::Error::custom(format!("{value:?} is not a decimal number")));
    }
    value.parse().map_err(|_| de::Error::custom(format!("{value} is larger than 64 bits")))
}
