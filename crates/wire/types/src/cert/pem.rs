//! PEM, read as Go's `encoding/pem` reads it, because the chain does.

use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};

use super::{CertError, Detail, MAX_PEM_BYTES};

/// Like Go, we do not look at the bits behind the last byte.
const LENIENT: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

const START: &[u8] = b"\n-----BEGIN ";
const END: &[u8] = b"\n-----END ";
const DASHES: &[u8] = b"-----";

/// A label and its bytes.
#[derive(Debug)]
pub(super) struct Block<'a> {
    pub(super) label: &'a [u8],
    pub(super) bytes: Vec<u8>,
}

/// The bytes of the only block in `text`, which must have this label.
pub fn parse_pem(text: &[u8], label: &str) -> Result<Vec<u8>, CertError> {
    let block = only_block(text).ok_or(CertError::Certificate(Detail::NONE))?;
    if block.label != label.as_bytes() {
        return Err(CertError::Certificate(Detail::of("invalid pem block type")));
    }
    Ok(block.bytes)
}

/// A block behind which nothing follows.
pub(super) fn only_block(text: &[u8]) -> Option<Block<'_>> {
    if text.len() > MAX_PEM_BYTES {
        return None;
    }
    first_block(text).filter(|(_, rest)| rest.is_empty()).map(|(block, _)| block)
}

/// Bytes under a label, 64 characters a line.
pub(super) fn write(label: &str, bytes: &[u8]) -> String {
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in STANDARD.encode(bytes).as_bytes().chunks(64) {
        out.extend(line.iter().map(|b| char::from(*b)));
        out.push('\n');
    }
    out + &format!("-----END {label}-----\n")
}

/// The first block that is well-formed; text before it, and broken blocks, are skipped.
fn first_block(text: &[u8]) -> Option<(Block<'_>, &[u8])> {
    let mut rest = text;
    loop {
        rest = match rest.strip_prefix(&START[1..]) {
            Some(after) => after,
            None => &rest[find(rest, START)? + START.len()..],
        };
        let (line, after) = split_line(rest);
        rest = after;
        let Some(label) = line.strip_suffix(DASHES) else { continue };
        let (headers, after) = skip_headers(rest)?;
        rest = after;
        if let Some((bytes, after)) = body(rest, label, headers) {
            return Some((Block { label, bytes }, after));
        }
    }
}

/// Passes over lines with a colon. The answer is whether there were any; `None` if the text ends in them.
fn skip_headers(mut rest: &[u8]) -> Option<(bool, &[u8])> {
    let mut any = false;
    loop {
        if rest.is_empty() {
            return None;
        }
        let (line, after) = split_line(rest);
        if !line.contains(&b':') {
            return Some((any, rest));
        }
        (any, rest) = (true, after);
    }
}

/// The bytes up to the end line, and what follows it.
fn body<'a>(rest: &'a [u8], label: &[u8], headers: bool) -> Option<(Vec<u8>, &'a [u8])> {
    let (end, trailer) = if !headers && rest.starts_with(&END[1..]) {
        (0, END.len() - 1)
    } else {
        let end = find(rest, END)?;
        (end, end + END.len())
    };
    let after_label = rest[trailer..].strip_prefix(label)?.strip_prefix(DASHES)?;
    let (blank, after) = split_line(after_label);
    if !blank.is_empty() {
        return None;
    }
    let text: Vec<u8> = rest[..end].iter().copied().filter(|b| !b" \t\r\n".contains(b)).collect();
    Some((LENIENT.decode(text).ok()?, after))
}

/// The first line without blanks at its end, and what follows.
fn split_line(text: &[u8]) -> (&[u8], &[u8]) {
    let (line, rest) = match text.iter().position(|b| *b == b'\n') {
        Some(at) => (text[..at].strip_suffix(b"\r").unwrap_or(&text[..at]), &text[at + 1..]),
        None => (text, &text[text.len()..]),
    };
    let length = line.iter().rposition(|b| !b" \t".contains(b)).map_or(0, |at| at + 1);
    (&line[..length], rest)
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{MAX_PEM_BYTES, only_block, write};

    fn read(text: &str) -> Option<(String, Vec<u8>)> {
        only_block(text.as_bytes()).map(|b| (String::from_utf8(b.label.to_vec()).unwrap(), b.bytes))
    }

    #[test]
    fn text_may_stand_before_a_block_but_not_behind_it() {
        let block = "-----BEGIN X-----\naGk=\n-----END X-----\n";
        let expected = Some(("X".to_owned(), b"hi".to_vec()));
        assert_eq!(read(block), expected);
        assert_eq!(read(&format!("note\n{block}")), expected);
        assert_eq!(read(&format!("note{block}")), None);
        assert_eq!(read(&format!("{block}note")), None);
        assert_eq!(read(&format!("{block}{block}")), None);
        assert_eq!(read(block.trim_end()), expected);
        assert_eq!(read(&block.replace('\n', "\r\n")), expected);
    }

    #[test]
    fn broken_blocks_are_none() {
        for text in [
            "",
            "-----BEGIN X-----",
            "-----BEGIN X-----\n",
            "-----BEGIN X-----\naGk=\n-----END Y-----\n",
            "-----BEGIN X-----\naGk=\n-----END X----\n",
            "-----BEGIN X-----\naGk=\n-----END X-----x\n",
            "-----BEGIN X-----\n!!!!\n-----END X-----\n",
            "-----BEGIN X\naGk=\n-----END X-----\n",
            "-----BEGIN X-----\na: b",
        ] {
            assert_eq!(read(text), None, "{text:?}");
        }
        assert_eq!(read(&"-----BEGIN X-----\n".repeat(MAX_PEM_BYTES)), None);
    }

    #[test]
    fn headers_are_passed_over() {
        let text = "-----BEGIN X-----\nProc-Type: 4\n\naGk=\n-----END X-----\n";
        assert_eq!(read(text), Some(("X".to_owned(), b"hi".to_vec())));
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert_eq!(read(&write("A B", &bytes)), Some(("A B".to_owned(), bytes)));
        }

        #[test]
        fn no_text_panics(text in "(-----|BEGIN |END |X|\n|\r|:|aGk=| ){0,30}") {
            let _ = read(&text);
        }
    }
}
