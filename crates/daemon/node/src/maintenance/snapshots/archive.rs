//! A snapshot as one file, to be carried: `akash node snapshot dump` and `load`.
//!
//! The file begins with [`MAGIC`]; manifest and chunks follow, each behind its length in four bytes.

use std::fs::File;
use std::io::{BufReader, BufWriter, ErrorKind, Read, Write};
use std::path::Path;

use akash_store::PIECE_BYTES_MAX;

use super::folder::{NewFolder, chunk, chunk_name, failed, manifest};
use super::manifest::MANIFEST_BYTES_MAX;
use super::{Manifest, SnapshotError, SnapshotInfo};
use crate::maintenance::MaintenanceError;

const MAGIC: &[u8; 16] = b"akash snapshot 1";

/// Writes a snapshot into one file that must not be there yet.
pub fn dump(home: &Path, height: u64, format: u32, out: &Path) -> Result<(), MaintenanceError> {
    let manifest = manifest(home, height, format)?;
    let mut file = BufWriter::new(File::create_new(out).map_err(failed(out))?);
    let mut put = |bytes: &[u8]| file.write_all(bytes).map_err(failed(out));
    let len = |bytes: &[u8]| u32::try_from(bytes.len()).expect("chunks are short").to_be_bytes();
    put(MAGIC)?;
    let text = manifest.to_json();
    put(&len(&text))?;
    put(&text)?;
    for number in 0..manifest.chunks.len() {
        let chunk = chunk(home, &manifest, number)?;
        put(&len(&chunk))?;
        put(&chunk)?;
    }
    let file = file.into_inner().map_err(|error| failed(out)(error.into_error()))?;
    file.sync_all().map_err(failed(out))
}

/// Takes such a file in among the home's snapshots. A node may run there.
pub fn load(home: &Path, archive: &Path) -> Result<SnapshotInfo, MaintenanceError> {
    let mut file = BufReader::new(File::open(archive).map_err(failed(archive))?);
    let mut magic = [0; MAGIC.len()];
    let unfit = |error: std::io::Error| match error.kind() {
        ErrorKind::UnexpectedEof | ErrorKind::InvalidData => SnapshotError::NoArchive(archive.to_path_buf()).into(),
        _ => failed(archive)(error),
    };
    file.read_exact(&mut magic).map_err(unfit)?;
    if magic != *MAGIC {
        return Err(unfit(ErrorKind::InvalidData.into()));
    }
    let manifest = Manifest::read(&part(&mut file, MANIFEST_BYTES_MAX).map_err(unfit)?)?;
    let folder = NewFolder::make(home, manifest.height)?;
    for number in 0..manifest.chunks.len() {
        let chunk = part(&mut file, PIECE_BYTES_MAX).map_err(unfit)?;
        manifest.check_chunk(number, &chunk)?;
        folder.add(&chunk_name(number), &chunk)?;
    }
    folder.finish(&manifest)
}

/// One part behind its length. What is not there takes no memory.
fn part(file: &mut impl Read, max: usize) -> std::io::Result<Vec<u8>> {
    let mut len = [0; 4];
    file.read_exact(&mut len)?;
    let len = u32::from_be_bytes(len);
    if len as usize > max {
        return Err(ErrorKind::InvalidData.into());
    }
    let mut bytes = Vec::new();
    file.take(u64::from(len)).read_to_end(&mut bytes)?;
    if bytes.len() == len as usize { Ok(bytes) } else { Err(ErrorKind::UnexpectedEof.into()) }
}
