//! What one auditor says of one provider: attributes sorted by key, each key once. Pure.

use akash_kernel::TxError;
use akash_proto::akash::base::attributes::v1::Attribute;

use super::errors::AuditError;
use crate::attributes::{MAX_ATTRIBUTES, MAX_VALUE_BYTES};
use crate::errors::SharedError;

/// The reference lets any key in; ours has a bound all the same.
const MAX_KEY_BYTES: usize = 256;

/// Refuses what is too long to keep. PARITY(audit/keys): the form of a key is not looked at.
/// Page: docs/parity/audit.md.
pub fn check(attributes: &[Attribute]) -> Result<(), TxError> {
    let too_long =
        |attribute: &&Attribute| attribute.key.len() > MAX_KEY_BYTES || attribute.value.len() > MAX_VALUE_BYTES;
    if let Some(wrong) = attributes.iter().find(too_long) {
        let start: String = wrong.key.chars().take(32).collect();
        return Err(SharedError::InvalidAttributeKey.because(format!("{start:?}: key or value is too long")));
    }
    if attributes.len() > MAX_ATTRIBUTES {
        return Err(too_many());
    }
    Ok(())
}

/// Adds to what was signed before; a key that is there gets the new value.
pub fn merge(mut signed: Vec<Attribute>, more: Vec<Attribute>) -> Result<Vec<Attribute>, TxError> {
    for attribute in more {
        match signed.binary_search_by(|other| other.key.cmp(&attribute.key)) {
            Ok(index) => signed[index] = attribute,
            Err(index) => signed.insert(index, attribute),
        }
    }
    if signed.len() > MAX_ATTRIBUTES { Err(too_many()) } else { Ok(signed) }
}

/// What is left without these keys; each must be there.
pub fn without(mut signed: Vec<Attribute>, keys: &[String]) -> Result<Vec<Attribute>, TxError> {
    for key in keys {
        let found = signed.binary_search_by(|attribute| attribute.key.cmp(key));
        signed.remove(found.map_err(|_| AuditError::AttributeNotFound.because(format!("{key:?}")))?);
    }
    Ok(signed)
}

pub fn is_sorted(attributes: &[Attribute]) -> bool {
    attributes.windows(2).all(|pair| pair[0].key < pair[1].key)
}

fn too_many() -> TxError {
    SharedError::InvalidAttributeKey.because(format!("more than {MAX_ATTRIBUTES} attributes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<Attribute> {
        let pair = |(key, value): &(&str, &str)| Attribute { key: (*key).into(), value: (*value).into() };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn later_signatures_add_and_replace() {
        let merged = merge(pairs(&[("b", "1"), ("d", "1")]), pairs(&[("d", "2"), ("a", "1"), ("c", "1")])).unwrap();
        assert_eq!(merged, pairs(&[("a", "1"), ("b", "1"), ("c", "1"), ("d", "2")]));
        assert!(is_sorted(&merged));
        assert!(!is_sorted(&pairs(&[("a", ""), ("a", "")])));
    }

    #[test]
    fn only_what_was_signed_is_taken_back() {
        let signed = pairs(&[("a", "1"), ("b", "1")]);
        assert_eq!(without(signed.clone(), &["a".into()]).unwrap(), pairs(&[("b", "1")]));
        assert!(without(signed.clone(), &["a".into(), "a".into()]).is_err());
        assert!(without(signed, &["c".into()]).is_err());
    }

    #[test]
    fn a_record_has_bounds() {
        let numbered = |from: usize, count: usize| -> Vec<Attribute> {
            (from..from + count).map(|n| Attribute { key: format!("k{n:04}"), value: String::new() }).collect()
        };
        assert!(check(&numbered(0, MAX_ATTRIBUTES)).is_ok());
        assert!(check(&numbered(0, MAX_ATTRIBUTES + 1)).is_err());
        assert!(merge(numbered(0, MAX_ATTRIBUTES), numbered(0, 1)).is_ok());
        assert!(merge(numbered(0, MAX_ATTRIBUTES), numbered(MAX_ATTRIBUTES, 1)).is_err());
        assert!(check(&pairs(&[(&"k".repeat(256), &"v".repeat(1024))])).is_ok());
        assert!(check(&pairs(&[(&"k".repeat(257), "")])).is_err());
        assert!(check(&pairs(&[("k", &"v".repeat(1025))])).is_err());
    }
}
