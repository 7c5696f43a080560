//! One layout for SDL files, without touching what they say.
//!
//! Life cycle: [`scan`] finds out what every line is, with the positions that the YAML parser gives; [`layout`] moves
//! lines: two blanks a level, lists below their key, one blank around `:` and before comments; [`sections`] orders what
//! stands at the top level and separates it by one empty line. Comments keep their text and their neighbours.
//!
//! Nothing but white space and the order of top-level keys changes: scalars keep their quotes, flow collections and
//! texts over several lines their shape, anchors and merge keys their places. A section with a construct that is not
//! understood stays as it was written.
//!
//! Invariant: [`format`] reads its own result, and gives nothing back whose groups, manifest, window or values differ,
//! or in which a character is lost. It tries again with one section left as it was, and in the end with all of them.

mod layout;
mod scan;
mod sections;
mod values;

use std::collections::BTreeSet;

use crate::problem::Errors;
use crate::read::{Sdl, read};
use scan::Scan;

/// An SDL has seven keys at most and some kilobytes; a hostile one is not tried key by key.
const MAX_TRIES: usize = 16;
const MAX_TRIED_BYTES: usize = 256 << 10;

/// Lays an SDL out.
///
/// # Errors
/// The faults of a text that is no SDL; what it means is not known, so it is not touched.
pub fn format(text: impl AsRef<[u8]>) -> Result<String, Errors> {
    let given = String::from_utf8_lossy(text.as_ref()).into_owned();
    let meaning = read(text)?;
    let plain = given.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
    let Some(scan) = Scan::of(&plain) else { return Ok(given) };
    let laid_out = layout::lines(&scan);

    let all: BTreeSet<usize> = (0..laid_out.sections).collect();
    let no_section = std::iter::once(BTreeSet::new());
    let one_section = all
        .iter()
        .take(if plain.len() > MAX_TRIED_BYTES { 0 } else { MAX_TRIES })
        .map(|section| BTreeSet::from([*section]));
    for verbatim in no_section.chain(one_section).chain([all.clone()]) {
        let verbatim: BTreeSet<usize> = verbatim.union(&laid_out.unknown).copied().collect();
        let result = sections::join(&laid_out, &scan, &verbatim);
        if is_same(&meaning, &plain, &result) {
            return Ok(result);
        }
    }
    Ok(given)
}

/// Whether the result says what the text says, to the chain, to the provider and to a person.
fn is_same(meaning: &Sdl, text: &str, result: &str) -> bool {
    let Ok(after) = read(result) else { return false };
    meaning.groups_json() == after.groups_json()
        && meaning.manifest().canonical_json() == after.manifest().canonical_json()
        && meaning.reclamation() == after.reclamation()
        && values::of(text) == values::of(result)
        && characters(text) == characters(result)
}

/// The lines without their blanks, sorted: what may change is order and white space alone.
fn characters(text: &str) -> Vec<String> {
    let packed = text.lines().map(|line| line.split_whitespace().collect::<String>());
    let mut lines: Vec<String> = packed.filter(|line| !line.is_empty()).collect();
    lines.sort_unstable();
    lines
}
