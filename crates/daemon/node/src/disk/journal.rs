//! The end of the newest journal after a power cut.
//!
//! A batch that was not synchronised yet may have reached the disk in part, in any order of its pages. The database
//! itself discards one that is cut off, but refuses to open on one with a hole, and takes a damaged byte in the middle
//! for the end. So the journal is looked through before: what is torn at its end goes, since nobody was told that it
//! is there; damage with whole batches behind it is damage, and is refused.
//!
//! The journal's form is that of fjall 3: a batch is a start with its count, as many items, and an end with the XXH3
//! checksum of the items.

use std::fs::{self, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use akash_store::StoreError;
use rustix::fs::{SeekFrom, seek};
use rustix::io::Errno;
use xxhash_rust::xxh3::xxh3_64;

/// The database's own lock.
const LOCK: &str = "lock";

const START: u8 = 1;
const ITEM: u8 = 2;
const END: u8 = 3;
const CLEAR: u8 = 4;
/// Stands behind each checksum.
const TRAILER: &[u8; 4] = b"FJL\x03";

/// A journal is made with tens of mebibytes of zeros, so they are compared in pieces.
fn is_zero(bytes: &[u8]) -> bool {
    const ZEROS: [u8; 4096] = [0; 4096];
    bytes.chunks(ZEROS.len()).all(|piece| *piece == ZEROS[..piece.len()])
}

/// Removes a torn batch from the end of the newest journal in a folder. There may be none.
pub(super) fn mend(folder: &Path) -> Result<(), StoreError> {
    let failed = |path: &Path, error: io::Error| StoreError::Disk(format!("{}: {error}", path.display()));
    let Some(path) = newest(folder).map_err(|error| failed(folder, error))? else { return Ok(()) };
    // Whoever has the database open is still writing; opening it again says so.
    let Ok(lock) = OpenOptions::new().read(true).write(true).open(folder.join(LOCK)) else { return Ok(()) };
    if lock.try_lock().is_err() {
        return Ok(());
    }
    let bytes = written(&path).map_err(|error| failed(&path, error))?;
    let whole = end_of_batches(&bytes, 0);
    let rest = &bytes[whole..];
    if is_zero(rest) {
        return Ok(());
    }
    let starts = rest.iter().enumerate().skip(1).filter(|(_, byte)| **byte == START);
    if let Some((behind, _)) = starts.into_iter().find(|(place, _)| batch(&rest[*place..]).is_some()) {
        let text = format!(
            "{}: damaged between the bytes {whole} and {}, and whole blocks follow; check the disk, then restore a \
             snapshot or let the node sync anew",
            path.display(),
            whole + behind
        );
        return Err(StoreError::Corrupt(text));
    }
    tracing::warn!(journal = %path.display(), at = whole, "the last write did not reach the disk as a whole: it goes");
    let cut = || {
        let file = OpenOptions::new().write(true).open(&path)?;
        file.set_len(whole as u64)?;
        file.sync_all()
    };
    cut().map_err(|error| failed(&path, error))
}

/// A file up to its last byte that was written: behind it are zeros that take no room on the disk.
fn written(path: &Path) -> io::Result<Vec<u8>> {
    let file = fs::File::open(path)?;
    let mut end = 0;
    while let Some(data) = found(seek(&file, SeekFrom::Data(end)))? {
        end = seek(&file, SeekFrom::Hole(data))?;
    }
    seek(&file, SeekFrom::Start(0))?;
    let mut bytes = Vec::new();
    file.take(end).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A place in a file, unless nothing follows.
fn found(place: Result<u64, Errno>) -> io::Result<Option<u64>> {
    match place {
        Err(Errno::NXIO) => Ok(None),
        place => Ok(Some(place?)),
    }
}

/// The journal with the highest number.
fn newest(folder: &Path) -> io::Result<Option<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        entries => entries?,
    };
    let mut newest = None;
    for entry in entries {
        let path = entry?.path();
        let number = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".jnl"));
        if let Some(number) = number.and_then(|number| number.parse::<u64>().ok()) {
            newest = newest.max(Some((number, path)));
        }
    }
    Ok(newest.map(|(_, path)| path))
}

/// Behind the last of the whole batches that follow each other from a place on.
fn end_of_batches(bytes: &[u8], mut place: usize) -> usize {
    while let Some(len) = batch(&bytes[place..]) {
        place += len;
    }
    place
}

/// The length of a whole batch at the beginning of some bytes.
fn batch(bytes: &[u8]) -> Option<usize> {
    let (&[START, c0, c1, c2, c3], rest) = bytes.split_first_chunk()? else { return None };
    let (_seqno, items) = rest.split_first_chunk::<8>()?;
    let mut rest = items;
    for _ in 0..u32::from_le_bytes([c0, c1, c2, c3]) {
        rest = item(rest)?;
    }
    let items = &items[..items.len() - rest.len()];
    let (&[END], rest) = rest.split_first_chunk()? else { return None };
    let (checksum, rest) = rest.split_first_chunk::<8>()?;
    let (trailer, rest) = rest.split_first_chunk::<4>()?;
    let whole = trailer == TRAILER && u64::from_le_bytes(*checksum) == xxh3_64(items);
    whole.then(|| bytes.len() - rest.len())
}

/// What stands behind an item.
fn item(bytes: &[u8]) -> Option<&[u8]> {
    match bytes.split_first()? {
        (&CLEAR, rest) => rest.get(8..),
        (&ITEM, rest) => {
            let (head, rest) = rest.split_first_chunk::<20>()?; // kind, compression, keyspace, three lengths
            let key = usize::from(u16::from_le_bytes([head[10], head[11]]));
            let value = u32::from_le_bytes([head[16], head[17], head[18], head[19]]) as usize;
            rest.get(key..)?.get(value..)
        }
        _ => None,
    }
}
