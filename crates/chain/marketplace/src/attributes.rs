//! Key-value attributes of providers, placements and resources: their form, and when one list asks for another.
//! Pure.

use akash_kernel::TxError;
use akash_proto::akash::base::attributes::v1::Attribute;

use crate::errors::SharedError;

/// Most attributes in one list. The wire format sets no limit; lists are compared pair by pair.
pub const MAX_ATTRIBUTES: usize = 256;
/// Longest value of an attribute.
pub const MAX_VALUE_BYTES: usize = 1024;

/// What keys look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyForm {
    /// A provider names what it has.
    Exact,
    /// A deployment may ask for everything under a path: the key may end in `*`.
    Pattern,
}

/// Refuses keys of a wrong form and keys that occur twice.
pub fn check(attributes: &[Attribute], form: KeyForm) -> Result<(), TxError> {
    if attributes.len() > MAX_ATTRIBUTES {
        return Err(SharedError::InvalidAttributeKey.because(format!("more than {MAX_ATTRIBUTES} attributes")));
    }
    for (index, attribute) in attributes.iter().enumerate() {
        if !is_key(&attribute.key, form) {
            return Err(SharedError::InvalidAttributeKey.because(format!("{:?}", attribute.key)));
        }
        if attribute.value.len() > MAX_VALUE_BYTES {
            let found = format!("value of {} is longer than {MAX_VALUE_BYTES} bytes", attribute.key);
            return Err(SharedError::InvalidAttributeKey.because(found));
        }
        if attributes.iter().take(index).any(|earlier| earlier.key == attribute.key) {
            return Err(SharedError::DuplicateAttribute.because(attribute.key.clone()));
        }
    }
    Ok(())
}

/// Whether every wanted pair is offered.
pub fn is_subset(wanted: &[Attribute], offered: &[Attribute]) -> bool {
    wanted.iter().all(|want| offered.iter().any(|offer| matches(want, &offer.key, &offer.value)))
}

/// Whether a pair satisfies a wanted one: equal values, and the key matched by the wanted key as a pattern.
pub fn matches(want: &Attribute, key: &str, value: &str) -> bool {
    want.value == value && is_match(&want.key, key)
}

/// A pattern that passed [`check`] has at most one `*`, at its end; it stands for anything without a `/`.
fn is_match(pattern: &str, key: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => key.strip_prefix(start).is_some_and(|rest| !rest.contains('/')),
        None => pattern == key,
    }
}

/// A letter, then 1 to 126 word characters, `/`, `.` or `-`.
fn is_key(key: &str, form: KeyForm) -> bool {
    let key = match form {
        KeyForm::Exact => key,
        KeyForm::Pattern => key.strip_suffix('*').unwrap_or(key),
    };
    let mut bytes = key.bytes();
    let rest_is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'/' | b'.' | b'-');
    (2..=127).contains(&key.len())
        && bytes.next().is_some_and(|first| first.is_ascii_alphabetic())
        && bytes.all(rest_is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(key: &str, value: &str) -> Attribute {
        Attribute { key: key.into(), value: value.into() }
    }

    #[test]
    fn keys_have_a_form() {
        for (key, exact, pattern) in [
            ("region", true, true),
            ("capabilities/gpu/vendor/nvidia/model/*", false, true),
            ("a1", true, true),
            ("a", false, false),
            ("1a", false, false),
            ("", false, false),
            ("*", false, false),
            ("a b", false, false),
            ("a*b", false, false),
            ("über", false, false),
        ] {
            assert_eq!((is_key(key, KeyForm::Exact), is_key(key, KeyForm::Pattern)), (exact, pattern), "{key}");
        }
        assert!(is_key(&"a".repeat(127), KeyForm::Exact));
        assert!(!is_key(&"a".repeat(128), KeyForm::Exact));
    }

    #[test]
    fn wanted_key_is_a_pattern_that_stays_in_its_level() {
        for (want, have, expected) in [
            (pair("region", "eu"), pair("region", "eu"), true),
            (pair("region", "eu"), pair("region", "us"), false),
            (pair("model/*", "true"), pair("model/a100", "true"), true),
            (pair("model/*", "true"), pair("model/a100/80Gi", "true"), false),
            (pair("model/a100", "true"), pair("model/*", "true"), false),
        ] {
            assert_eq!(is_subset(&[want], &[have]), expected);
        }
        assert!(is_subset(&[], &[]));
    }
}
