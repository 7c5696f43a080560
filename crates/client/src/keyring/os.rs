//! The passphrase of a key ring, kept by the desktop's secret service (GNOME Keyring, KWallet, KeePassXC).
//!
//! Keys stay sealed files; the service keeps one random passphrase for a folder, under an id that lies in the folder,
//! so that a folder can be moved. Asked is libsecret's own program `secret-tool`: secrets go by its standard input and
//! output, never as arguments, and the service may ask a person to unlock it.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand::RngCore;
use thiserror::Error;
use zeroize::Zeroizing;

use super::Passphrase;
use super::folder::OWNER_ONLY;

const PROGRAM: &str = "secret-tool";
const ID_FILE: &str = "service-id";
/// How long a person may take to unlock the service.
const LIMIT: Duration = Duration::from_secs(120);
const STEP: Duration = Duration::from_millis(20);

/// Why the secret service gives no passphrase.
#[derive(Debug, Error)]
pub enum OsError {
    #[error("the program {PROGRAM} is not installed, by which the secret service is asked")]
    NoProgram,
    #[error("no secret service answers: {0}")]
    NoService(String),
    #[error("the secret service did not answer within {} s", LIMIT.as_secs())]
    Late,
    #[error("the secret service does not know the passphrase of the keys in {0}")]
    Unknown(String),
    #[error("cannot use {path}: {source}")]
    Folder { path: String, source: io::Error },
}

/// The passphrase of a folder's keys.
///
/// # Errors
/// When the service does not answer or does not have it.
pub fn passphrase(folder: &Path) -> Result<Passphrase, OsError> {
    let unknown = || OsError::Unknown(folder.display().to_string());
    let id = read_id(folder)?.ok_or_else(unknown)?;
    look_up(&id)?.ok_or_else(unknown)
}

/// The passphrase of a folder that may be new; then one is made and handed to the service. `has_keys` forbids that, for
/// keys sealed with another one would be lost among the new ones.
///
/// # Errors
/// When the service does not answer, or lost the passphrase of keys that are there.
pub fn passphrase_or_new(folder: &Path, has_keys: bool) -> Result<Passphrase, OsError> {
    if has_keys {
        return passphrase(folder);
    }
    let id = match read_id(folder)? {
        Some(id) => id,
        None => write_id(folder)?,
    };
    if let Some(known) = look_up(&id)? {
        return Ok(known);
    }
    let mut bytes = Zeroizing::new([0; 32]);
    rand::rngs::OsRng.fill_bytes(&mut *bytes);
    let text = Zeroizing::new(STANDARD.encode(*bytes));
    let label = format!("Akash key ring in {}", folder.display());
    let output = ask(&["store", "--label", &label, "application", "akash", "keyring", &id], &text)?;
    if !output.status.success() {
        return Err(refusal(&output));
    }
    // Only what comes back may seal a key.
    look_up(&id)?.filter(|kept| *kept.0 == *text).ok_or_else(|| OsError::Unknown(folder.display().to_string()))
}

fn look_up(id: &str) -> Result<Option<Passphrase>, OsError> {
    let output = ask(&["lookup", "application", "akash", "keyring", id], "")?;
    let found = Zeroizing::new(output.stdout.clone());
    match std::str::from_utf8(&found) {
        Ok(text) if output.status.success() && !text.trim().is_empty() => {
            Ok(Some(Passphrase::new(Zeroizing::new(text.trim().to_owned()))))
        }
        // Without an entry the program fails and says nothing.
        _ if output.stderr.is_empty() => Ok(None),
        _ => Err(refusal(&output)),
    }
}

fn refusal(output: &Output) -> OsError {
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("it gave no reason");
    OsError::NoService(line.trim().chars().take(200).collect())
}

/// Runs the program with a secret on its standard input.
fn ask(words: &[&str], secret: &str) -> Result<Output, OsError> {
    let mut command = Command::new(PROGRAM);
    command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let failed = |error: io::Error| match error.kind() {
        ErrorKind::NotFound => OsError::NoProgram,
        _ => OsError::NoService(error.to_string()),
    };
    let mut child = command.spawn().map_err(failed)?;
    if let Some(mut input) = child.stdin.take() {
        // A program that failed early has closed its end; its status says more.
        let _ = input.write_all(secret.as_bytes());
    }
    finish(child)
}

/// Waits for the end, which a person may have to make possible.
fn finish(mut child: Child) -> Result<Output, OsError> {
    const MAX_BYTES: u64 = 16 << 10;
    let failed = |error: io::Error| OsError::NoService(error.to_string());
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().map_err(failed)? {
            break status;
        }
        if begun.elapsed() > LIMIT {
            child.kill().and_then(|()| child.wait()).map_err(failed)?;
            return Err(OsError::Late);
        }
        thread::sleep(STEP);
    };
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    if let Some(out) = child.stdout.take() {
        out.take(MAX_BYTES).read_to_end(&mut stdout).map_err(failed)?;
    }
    if let Some(err) = child.stderr.take() {
        err.take(MAX_BYTES).read_to_end(&mut stderr).map_err(failed)?;
    }
    Ok(Output { status, stdout, stderr })
}

fn read_id(folder: &Path) -> Result<Option<String>, OsError> {
    match fs::read_to_string(folder.join(ID_FILE)) {
        Ok(id) => Ok(Some(id.trim().to_owned()).filter(|id| !id.is_empty())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(OsError::Folder { path: folder.display().to_string(), source }),
    }
}

/// A new id, or the one that another process has just written.
fn write_id(folder: &Path) -> Result<String, OsError> {
    let failed = |source| OsError::Folder { path: folder.display().to_string(), source };
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
    let mut bytes = [0; 16];
    rand::rngs::OsRng.fill_bytes(&mut bytes);
    let id = hex::encode(bytes);
    let file = OpenOptions::new().write(true).create_new(true).mode(OWNER_ONLY).open(folder.join(ID_FILE));
    match file.and_then(|mut file| file.write_all(id.as_bytes()).and_then(|()| file.sync_all())) {
        Ok(()) => Ok(id),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => read_id(folder)?.ok_or_else(|| failed(error)),
        Err(error) => Err(failed(error)),
    }
}
