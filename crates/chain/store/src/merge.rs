//! Merging sorted sources into one, where an earlier source hides a later one's value of the same key.

use std::cmp::Ordering;
use std::iter::Peekable;

use crate::error::StoreError;

/// A key and what a source says about it; `None` hides the key.
pub(crate) type Entry = Result<(Vec<u8>, Option<Vec<u8>>), StoreError>;

/// One sorted source.
pub(crate) type Source<'a> = Box<dyn Iterator<Item = Entry> + 'a>;

/// Sources in order of precedence, all walking in the same direction.
pub(crate) struct Merged<'a> {
    sources: Vec<Peekable<Source<'a>>>,
    reverse: bool,
}

impl<'a> Merged<'a> {
    pub(crate) fn new(sources: Vec<Source<'a>>, reverse: bool) -> Self {
        Self { sources: sources.into_iter().map(Iterator::peekable).collect(), reverse }
    }

    /// The source whose head comes first; of equal keys the one that takes precedence.
    fn first(&mut self) -> Option<usize> {
        let mut best: Option<(usize, Vec<u8>)> = None;
        for (place, source) in self.sources.iter_mut().enumerate() {
            match source.peek() {
                None => {}
                Some(Err(_)) => return Some(place),
                Some(Ok((key, _))) => {
                    let ahead = if self.reverse { Ordering::Greater } else { Ordering::Less };
                    if best.as_ref().is_none_or(|(_, least)| key.cmp(least) == ahead) {
                        best = Some((place, key.clone()));
                    }
                }
            }
        }
        best.map(|(place, _)| place)
    }
}

impl Iterator for Merged<'_> {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        let first = self.first()?;
        let entry = self.sources[first].next()?;
        if let Ok((key, _)) = &entry {
            for source in &mut self.sources[first + 1..] {
                source.next_if(|other| matches!(other, Ok((same, _)) if same == key));
            }
        }
        Some(entry)
    }
}
