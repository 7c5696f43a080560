//! Reads what the shims write: kept lines, and new ones as they come.

use super::replica::Replica;
use super::shim::{EventRecord, LogRecord, older};
use super::state::LeaseDirectory;
use crate::{EventStream, LeaseEvent, LogLine, LogLines, LogOptions};
use futures::StreamExt;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

const FOLLOW_PERIOD: Duration = Duration::from_millis(200);
/// Read of one file at a time, so that a follower's memory is bounded.
const MAX_READ_BYTES: u64 = 1 << 20;

pub fn log_lines(lease: LeaseDirectory, options: LogOptions) -> LogLines {
    let service = options.service.clone();
    let sources = move |lease: &LeaseDirectory| {
        let replicas = replicas(lease).into_iter().filter(|r| service.as_ref().is_none_or(|s| *s == r.spec.service));
        replicas.map(|r| Source { path: r.log(), service: r.spec.service.clone(), replica: r.spec.name }).collect()
    };
    let make = |source: &Source, record: LogRecord| LogLine {
        service: source.service.clone(),
        replica: source.replica.clone(),
        stream: record.stream,
        time: record.time,
        line: record.line,
    };
    let reader = Reader { lease, sources, make, positions: BTreeMap::new(), tail: options.tail };
    stream(reader, options.follow, |line: &LogLine| line.time.clone())
}

pub fn lease_events(lease: LeaseDirectory, follow: bool) -> EventStream {
    let sources = |lease: &LeaseDirectory| {
        let whole = Source { path: lease.events(), service: String::new(), replica: String::new() };
        let of = |r: Replica| Source { path: r.events(), service: r.spec.service.clone(), replica: r.spec.name };
        replicas(lease).into_iter().map(of).chain([whole]).collect()
    };
    let make = |source: &Source, record: EventRecord| LeaseEvent {
        service: source.service.clone(),
        replica: source.replica.clone(),
        time: record.time,
        reason: record.reason,
        message: record.message,
    };
    let reader = Reader { lease, sources, make, positions: BTreeMap::new(), tail: None };
    stream(reader, follow, |event: &LeaseEvent| event.time.clone())
}

fn replicas(lease: &LeaseDirectory) -> Vec<Replica> {
    let names = lease.replica_names().unwrap_or_default();
    names.iter().filter_map(|name| Replica::open(&lease.replica(name)).ok().flatten()).collect()
}

/// A file that a shim writes.
#[derive(Clone)]
struct Source {
    path: PathBuf,
    service: String,
    replica: String,
}

#[derive(Default, Clone, Copy)]
struct Position {
    inode: u64,
    offset: u64,
}

struct Reader<S, M> {
    lease: LeaseDirectory,
    sources: S,
    make: M,
    positions: BTreeMap<PathBuf, Position>,
    /// For the first look only.
    tail: Option<u32>,
}

/// One look: items, and whether there may be more at once; nothing if the lease is gone.
struct Batch<T> {
    items: Vec<T>,
    more: bool,
}

impl<S, M> Reader<S, M> {
    /// Blocks.
    fn look<R: DeserializeOwned, T>(&mut self) -> Option<Batch<T>>
    where
        S: Fn(&LeaseDirectory) -> Vec<Source>,
        M: Fn(&Source, R) -> T,
    {
        self.lease.record().ok()??;
        let mut batch = Batch { items: Vec::new(), more: false };
        for source in (self.sources)(&self.lease) {
            let (mut lines, more) = self.read(&source.path);
            batch.more |= more;
            if let Some(tail) = self.tail {
                lines.drain(..lines.len().saturating_sub(tail as usize));
            }
            let records = lines.iter().filter_map(|line| serde_json::from_slice::<R>(line).ok());
            batch.items.extend(records.map(|record| (self.make)(&source, record)));
        }
        Some(batch)
    }

    /// New whole lines of a file, and of the one before if it was renamed meanwhile.
    fn read(&mut self, path: &Path) -> (Vec<Vec<u8>>, bool) {
        let known = self.positions.get(path).copied();
        let mut lines = Vec::new();
        let old = File::open(older(path)).ok();
        let old_inode = old.as_ref().and_then(|f| f.metadata().ok()).map(|m| m.ino());
        let from = match known {
            None => Some(0),
            Some(position) if old_inode == Some(position.inode) => Some(position.offset),
            Some(_) => None,
        };
        // With a tail only the newest lines matter, and both files are small enough to be read whole.
        let limit = if self.tail.is_some() { u64::MAX } else { MAX_READ_BYTES };
        if let (Some(mut file), Some(from)) = (old, from) {
            let (found, end) = read_lines(&mut file, from, limit);
            lines.extend(found);
            let whole = file.metadata().map(|m| m.len()).unwrap_or(0);
            if end < whole && end > from && limit < u64::MAX {
                self.positions.insert(path.to_owned(), Position { inode: old_inode.unwrap_or(0), offset: end });
                return (lines, true);
            }
        }
        let Ok(mut file) = File::open(path) else { return (lines, false) };
        let inode = file.metadata().map(|m| m.ino()).unwrap_or(0);
        let from = known.filter(|position| position.inode == inode).map_or(0, |position| position.offset);
        let (found, end) = read_lines(&mut file, from, limit);
        lines.extend(found);
        self.positions.insert(path.to_owned(), Position { inode, offset: end });
        (lines, end - from >= limit / 2)
    }
}

/// Whole lines from an offset, and where the next one starts.
fn read_lines(file: &mut File, from: u64, limit: u64) -> (Vec<Vec<u8>>, u64) {
    let mut bytes = Vec::new();
    let read = file.seek(SeekFrom::Start(from)).and_then(|_| file.take(limit).read_to_end(&mut bytes));
    if read.is_err() {
        return (Vec::new(), from);
    }
    let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let lines = bytes[..whole].split(|b| *b == b'\n').filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect();
    (lines, from + whole as u64)
}

/// Items of one look are in the order of time; a stream that follows ends when the lease is gone.
fn stream<R, T, S, M, K>(reader: Reader<S, M>, follow: bool, time: K) -> futures::stream::BoxStream<'static, T>
where
    R: DeserializeOwned + 'static,
    T: Send + 'static,
    S: Fn(&LeaseDirectory) -> Vec<Source> + Send + 'static,
    M: Fn(&Source, R) -> T + Send + 'static,
    K: Fn(&T) -> String + Send + Copy + 'static,
{
    let start = (Some(reader), VecDeque::<T>::new());
    futures::stream::unfold(start, move |(mut reader, mut items)| async move {
        loop {
            if let Some(item) = items.pop_front() {
                return Some((item, (reader, items)));
            }
            let mut taken = reader.take()?;
            let looked = tokio::task::spawn_blocking(move || {
                let batch = taken.look::<R, T>();
                (taken, batch)
            });
            let (mut taken, batch) = looked.await.ok()?;
            taken.tail = None;
            let mut batch = batch?;
            batch.items.sort_by_cached_key(|item| time(item));
            let idle = batch.items.is_empty() && !batch.more;
            items.extend(batch.items);
            if follow || batch.more {
                reader = Some(taken);
            }
            if follow && idle {
                tokio::time::sleep(FOLLOW_PERIOD).await;
            }
        }
    })
    .boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_lines_are_read_and_the_rest_later() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log.jsonl");
        let mut reader = Reader {
            lease: super::super::state::State::open(directory.path()).unwrap().lease(&lease()),
            sources: (),
            make: (),
            positions: BTreeMap::new(),
            tail: None,
        };
        let read = |reader: &mut Reader<(), ()>| {
            let lines = reader.read(&path).0;
            lines.into_iter().map(|l| String::from_utf8(l).unwrap()).collect::<Vec<_>>()
        };
        std::fs::write(&path, "one\ntw").unwrap();
        assert_eq!(read(&mut reader), ["one"]);
        std::fs::write(&path, "one\ntwo\nthree\n").unwrap();
        assert_eq!(read(&mut reader), ["two", "three"]);
        std::fs::rename(&path, older(&path)).unwrap();
        std::fs::write(older(&path), "one\ntwo\nthree\nfour\n").unwrap();
        std::fs::write(&path, "five\n").unwrap();
        assert_eq!(read(&mut reader), ["four", "five"]);
    }

    fn lease() -> akash_types::id::LeaseId {
        let address = akash_types::address::Address::from_bytes(&[7; 20]).unwrap();
        format!("{address}/1/1/1/{address}").parse().unwrap()
    }
}
