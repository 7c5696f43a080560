//! Annotations of the sources: `gogoproto.*`, `amino.*`, `cosmos_proto.*`.

use prost_reflect::{DynamicMessage, Value};

/// The value of an extension option, if it is set.
pub(crate) fn option(options: &DynamicMessage, name: &str) -> Option<Value> {
    let extension = akash_proto::descriptors().get_extension_by_name(name)?;
    options.has_extension(&extension).then(|| options.get_extension(&extension).into_owned())
}

/// The text of an extension option, if it is set.
pub(crate) fn text_option(options: &DynamicMessage, name: &str) -> Option<String> {
    option(options, name).and_then(|value| value.as_str().map(ToOwned::to_owned))
}
