//! A layer's archive becomes a directory, in a confined child process.
//!
//! The archive is a stranger's. The child is our own executable again: chrooted into the new directory, without
//! network, with few capabilities, reading the blob from standard input. So a path, a symbolic link or a hard link
//! that wants to escape ends inside, whatever the archive library does.

use super::MAX_LAYER_BYTES;
use super::room::Room;
use crate::embedded::internal;
use crate::embedded::state::make_directory;
use crate::embedded::sys;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use std::process::Stdio;

pub const UNPACK: &str = "__unpack";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    None,
    Gzip,
}

impl Compression {
    pub fn of(media_type: &str) -> Option<Compression> {
        match media_type {
            "application/vnd.oci.image.layer.v1.tar" | "application/vnd.docker.image.rootfs.diff.tar" => {
                Some(Compression::None)
            }
            "application/vnd.oci.image.layer.v1.tar+gzip" | "application/vnd.docker.image.rootfs.diff.tar.gzip" => {
                Some(Compression::Gzip)
            }
            _ => None,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Compression::None => "none",
            Compression::Gzip => "gzip",
        }
    }
}

/// Unpack one blob, check it, and put it in its place.
#[derive(Debug)]
pub struct Job {
    pub blob: PathBuf,
    pub directory: PathBuf,
    pub compression: Compression,
    pub diff_id: String,
}

impl Job {
    /// Blocks. The error is for the tenant.
    pub fn run(&self) -> Result<(), String> {
        let draft = self.directory.with_extension(super::pull::draft_name());
        let result = self.unpack_into(&draft).and_then(|digest| {
            if digest != self.diff_id {
                return Err(format!("a layer's content is {digest}, its configuration says {}", self.diff_id));
            }
            match std::fs::rename(&draft, &self.directory) {
                Err(_) if self.directory.exists() => Ok(()), // another pull was faster
                other => other.map_err(|e| e.to_string()),
            }
        });
        if draft.exists() {
            let _ = std::fs::remove_dir_all(&draft); // what is left is swept at the next start
        }
        result
    }

    fn unpack_into(&self, draft: &Path) -> Result<String, String> {
        let _ = std::fs::remove_dir_all(draft); // from an earlier life
        make_directory(draft, 0o755).map_err(|e| e.to_string())?;
        let input = File::open(&self.blob).map_err(|e| e.to_string())?;
        let child = internal::command(UNPACK)
            .arg(draft)
            .arg(self.compression.word())
            .stdin(input)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let output = child.and_then(std::process::Child::wait_with_output).map_err(|e| e.to_string())?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let reason = String::from_utf8_lossy(&output.stderr);
        Err(format!("unpacking failed: {}", reason.trim().chars().take(500).collect::<String>()))
    }
}

/// CHOWN, DAC_OVERRIDE, FOWNER, FSETID, SYS_ADMIN (`trusted.*` attributes), MKNOD (whiteouts).
const UNPACK_CAPABILITIES: [u32; 6] = [0, 1, 3, 4, 21, 27];

/// Long names are read into memory at a length that the archive states.
const UNPACK_MEMORY_BYTES: u64 = 512 << 20;

/// The child's whole life: arguments are the directory and the compression. Prints the digest of the archive.
pub fn unpack_child(arguments: &[String]) -> io::Result<()> {
    let [directory, compression] = arguments else { return Err(io::Error::other("two arguments are needed")) };
    sys::limit_address_space(UNPACK_MEMORY_BYTES)?;
    sys::unshare(libc::CLONE_NEWNET | libc::CLONE_NEWNS | libc::CLONE_NEWIPC)?;
    std::os::unix::fs::chroot(directory)?;
    std::env::set_current_dir("/")?;
    // SAFETY: sets one flag.
    unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
    // SAFETY: sets one number: modes are those of the archive.
    unsafe { libc::umask(0) };
    sys::set_capabilities(UNPACK_CAPABILITIES.iter().map(|bit| 1u64 << bit).sum())?;
    let input: Box<dyn Read> = match compression.as_str() {
        "gzip" => Box::new(flate2::read::MultiGzDecoder::new(io::stdin())),
        _ => Box::new(io::stdin()),
    };
    let mut input = Hashing { inner: input, hash: Sha256::new(), bytes: 0, room: Room::below("/") };
    untar(&mut input)?;
    // The archive ends before the stream does, and the padding counts in the digest.
    io::copy(&mut input, &mut io::sink())?;
    write!(io::stdout(), "sha256:{:x}", input.hash.finalize())
}

/// Reads through, counts and hashes.
struct Hashing<R> {
    inner: R,
    hash: Sha256,
    bytes: u64,
    room: Room,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hash.update(&buffer[..read]);
        self.bytes += read as u64;
        self.room.take(read as u64)?;
        if self.bytes > MAX_LAYER_BYTES {
            return Err(io::Error::other(format!("a layer is larger than {MAX_LAYER_BYTES} bytes")));
        }
        Ok(read)
    }
}

fn untar(input: &mut impl Read) -> io::Result<()> {
    let mut archive = tar::Archive::new(input);
    archive.set_preserve_permissions(true);
    archive.set_preserve_ownerships(true);
    archive.set_preserve_mtime(true);
    archive.set_unpack_xattrs(false);
    for (number, entry) in archive.entries()?.enumerate() {
        if number as u64 >= super::MAX_ENTRIES {
            return Err(io::Error::other(format!("a layer has more than {} files", super::MAX_ENTRIES)));
        }
        unpack_entry(entry?)?;
    }
    Ok(())
}

fn unpack_entry<R: Read>(mut entry: tar::Entry<'_, R>) -> io::Result<()> {
    let path = entry.path()?.into_owned();
    let escapes = |part: Component| matches!(part, Component::ParentDir | Component::Prefix(_));
    if path.is_absolute() || path.components().any(escapes) {
        return Err(io::Error::other(format!("the path {} leaves the layer", path.display())));
    }
    let target = Path::new("/").join(&path);
    let name = path.file_name().map(|n| n.as_bytes()).unwrap_or_default();
    if name == b".wh..wh..opq" {
        return make_opaque(target.parent().unwrap_or(Path::new("/")));
    }
    if let Some(hidden) = name.strip_prefix(b".wh.") {
        return make_whiteout(&target.with_file_name(std::ffi::OsStr::from_bytes(hidden)));
    }
    let kind = entry.header().entry_type();
    if kind.is_file() || kind.is_dir() || kind.is_symlink() || kind.is_hard_link() || kind.is_contiguous() {
        entry.unpack_in("/")?;
    }
    // Devices, pipes and the like are left out: a container's /dev is made by the runtime.
    Ok(())
}

/// The directory hides everything below it in lower layers.
fn make_opaque(directory: &Path) -> io::Result<()> {
    std::fs::create_dir_all(directory)?;
    let (path, value) = (sys::c_path(directory)?, b"y");
    let name = c"trusted.overlay.opaque";
    // SAFETY: two terminated strings and one byte that outlive the call.
    sys::check(unsafe { libc::setxattr(path.as_ptr(), name.as_ptr(), value.as_ptr().cast(), value.len(), 0) })?;
    Ok(())
}

/// The overlay file system's sign of a deleted file: a character device 0/0.
fn make_whiteout(path: &Path) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    let path = sys::c_path(path)?;
    // SAFETY: a terminated string that outlives the call.
    sys::check(unsafe { libc::mknod(path.as_ptr(), libc::S_IFCHR, 0) }).map(drop)
}
