//! Whether bytes are one element in DER, where every value has exactly one encoding.

const DEPTH: usize = 32;

const BOOLEAN: u8 = 0x01;
const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;
pub(super) const VERSION: u8 = 0xa0; // a certificate's, the only explicit tag 0

/// True when `bytes` are one element, without anything behind it, with shortest lengths throughout.
pub(super) fn is_strict(bytes: &[u8]) -> bool {
    element(bytes, DEPTH) == Some(bytes.len())
}

/// Tag and content of the first element, and what follows it. `None` also where it is not strict.
pub(super) fn split(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (length, prefix) = length(rest)?;
    let content = rest.get(prefix..prefix.checked_add(length)?)?;
    Some((*tag, content, &rest[prefix + length..]))
}

/// The length of the first element.
fn element(bytes: &[u8], depth: usize) -> Option<usize> {
    let depth = depth.checked_sub(1)?;
    let (tag, content, rest) = split(bytes)?;
    if tag & 0x1f == 0x1f {
        return None; // tags of several bytes occur in no certificate
    }
    let constructed = tag & 0x20 != 0;
    let legal = match tag {
        BOOLEAN => matches!(content, [0 | 0xff]),
        INTEGER => shortest_integer(content),
        BIT_STRING => bits(content),
        _ if constructed => elements(content, depth).is_some(),
        _ => true,
    };
    legal.then(|| bytes.len() - rest.len())
}

fn elements(mut bytes: &[u8], depth: usize) -> Option<()> {
    while !bytes.is_empty() {
        bytes = &bytes[element(bytes, depth)?..];
    }
    Some(())
}

/// A length, written as short as possible, and how many bytes it took.
fn length(bytes: &[u8]) -> Option<(usize, usize)> {
    let (first, rest) = bytes.split_first()?;
    if *first < 0x80 {
        return Some((usize::from(*first), 1));
    }
    let count = usize::from(first & 0x7f);
    let digits = rest.get(..count).filter(|_| (1..=4).contains(&count))?;
    let value = digits.iter().fold(0_usize, |value, digit| value << 8 | usize::from(*digit));
    (digits[0] != 0 && value >= 0x80).then_some((value, 1 + count))
}

fn shortest_integer(content: &[u8]) -> bool {
    match content {
        [] => false,
        [0, next, ..] => next & 0x80 != 0,
        [0xff, next, ..] => next & 0x80 == 0,
        _ => true,
    }
}

/// The number of unused bits, at most 7, in front of bytes in which these are zero.
fn bits(content: &[u8]) -> bool {
    match content {
        [] => false,
        [unused] => *unused == 0,
        [unused, .., last] => *unused <= 7 && last.trailing_zeros() >= u32::from(*unused),
    }
}

#[cfg(test)]
mod tests {
    use super::is_strict;

    #[test]
    fn one_encoding_for_each_value() {
        assert!(is_strict(&[0x30, 3, 2, 1, 5]));
        assert!(is_strict(&[0x02, 2, 0, 0x80]));
        assert!(is_strict(&[0x03, 2, 4, 0x30]));
        for loose in [
            &[][..],
            &[0x30, 3, 2, 1, 5, 0],       // something behind it
            &[0x30, 0x81, 3, 2, 1, 5],    // a longer length than needed
            &[0x30, 0x80, 2, 1, 5, 0, 0], // a length that is not said
            &[0x30, 4, 2, 1, 5],          // cut off
            &[0x30, 2, 2, 1],             // the inner one leaves the outer one
            &[0x02, 2, 0, 5],             // a superfluous zero
            &[0x03, 2, 8, 0],             // more unused bits than a byte has
            &[0x03, 2, 1, 1],             // an unused bit that is set
            &[0x03, 0],                   // bits without their number
            &[0x01, 1, 1],                // a boolean that is neither
            &[0x1f, 1, 0],                // a long tag
            &[0x02, 0x84, 0xff, 0xff, 0xff, 0xff],
        ] {
            assert!(!is_strict(loose), "{loose:?}");
        }
        assert!(!is_strict(&[0x30, 0x80].repeat(10_000)));
    }
}
