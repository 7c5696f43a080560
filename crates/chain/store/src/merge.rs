//! Merging sorted sources into one, where an earlier source hides a later one's value of the same key.

use crate::error::StoreError;

/// A key and what a source says about it; `None` hides the key.
pub(crate) type Entry = Result<(Vec<u8>, Option<Vec<u8>>), StoreError>;

/// One sorted source.
pub(crate) type Source<'a> = Box<dyn Iterator<Item = Entry> + 'a>;

/// Sources in order of precedence, all walking in the same direction.
pub(crate) struct Merged<'a> {
    sources: Vec<Waiting<'a>>,
    reverse: bool,
}

/// A source and what it said last.
struct Waiting<'a> {
    source: Source<'a>,
    head: Head,
}

/// Nothing is read before it is asked for.
enum Head {
    Unread,
    Read(Entry),
    Ended,
}

impl<'a> Merged<'a> {
    pub(crate) fn new(sources: Vec<Source<'a>>, reverse: bool) -> Self {
        let sources = sources.into_iter().map(|source| Waiting { source, head: Head::Unread }).collect();
        Self { sources, reverse }
    }

    /// The source whose head comes first; of equal keys the one that takes precedence.
    fn first(&self) -> Option<usize> {
        let mut best: Option<(usize, &[u8])> = None;
        for (place, waiting) in self.sources.iter().enumerate() {
            match &waiting.head {
                Head::Unread | Head::Ended => {}
                Head::Read(Err(_)) => return Some(place),
                Head::Read(Ok((key, _))) => {
                    let is_ahead =
                        |least: &[u8]| if self.reverse { least < key.as_slice() } else { key.as_slice() < least };
                    if best.is_none_or(|(_, least)| is_ahead(least)) {
                        best = Some((place, key));
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
        self.sources.iter_mut().for_each(Waiting::read);
        let first = self.first()?;
        let entry = self.sources[first].take()?;
        if let Ok((key, _)) = &entry {
            for hidden in &mut self.sources[first + 1..] {
                if matches!(&hidden.head, Head::Read(Ok((same, _))) if same == key) {
                    hidden.head = Head::Unread;
                }
            }
        }
        Some(entry)
    }
}

impl Waiting<'_> {
    fn read(&mut self) {
        if matches!(self.head, Head::Unread) {
            self.head = self.source.next().map_or(Head::Ended, Head::Read);
        }
    }

    fn take(&mut self) -> Option<Entry> {
        match std::mem::replace(&mut self.head, Head::Unread) {
            Head::Read(entry) => Some(entry),
            _ => None,
        }
    }
}
