//! One process per replica, which alone touches the container: it creates it, collects its output and its end,
//! restarts it, and stops it when told.
//!
//! **Life cycle.** The daemon starts it with a replica's directory, inside of the lease's router network namespace. It
//! enters a cgroup and a mount namespace of its own, mounts the root file system, creates and starts the container,
//! says `ready` on standard output, and serves requests on a unix socket until it is told to remove. It outlives the
//! daemon: a daemon that starts later finds it by the lock that it holds, and by its socket.
//!
//! **Invariants.** A single thread (the runtime library changes process-wide settings of its caller). A subreaper, so
//! that nothing it started escapes. Should it be killed, the kernel kills the container with it; the daemon sweeps up
//! the rest by the cgroups. Everything it reads from the tenant is bounded in size and in rate.
//!
//! **What it does not know.** Other replicas, images, routes. It never talks to the network.

mod container;
mod executor;
mod log;
mod protocol;
mod rootfs;
mod serve;
mod supervise;
mod usage;

pub use log::{EventRecord, LogRecord, append_event, older};
pub use protocol::{MAX_ANSWER_BYTES, Phase, Request, ShimStatus};

use super::causes::with_causes;
use super::spec::ReplicaSpec;
use super::state::read_json;
use super::sys;
use std::io::{self, Write};
use std::path::Path;

pub const SHIM: &str = "__shim";
/// What the shim says to its parent once the container runs; anything else is an error text.
pub const READY: &str = "ready";

/// File names in a replica's directory.
pub mod files {
    pub const SPEC: &str = "spec.json";
    /// Locked by the shim that lives.
    pub const LOCK: &str = "lock";
    /// Pid and start time: for people, and to collect what is dead.
    pub const SHIM_PID: &str = "shim.pid";
    pub const INIT_PID: &str = "init.pid";
    pub const SOCKET: &str = "s";
    pub const LOG: &str = "log.jsonl";
    pub const EVENTS: &str = "events.jsonl";
    pub const SHIM_ERRORS: &str = "shim.err";
}

/// The shim's whole life. The argument is the replica's directory.
pub fn main(arguments: &[String]) -> io::Result<()> {
    let [directory] = arguments else { return Err(io::Error::other("one argument is needed")) };
    let result = start(Path::new(directory));
    let word = match &result {
        Ok(_) => READY.to_owned(),
        Err(error) => error.to_string().replace('\n', " "),
    };
    // `println!` would panic if the parent is gone by now; it is no matter to the container.
    let _ = writeln!(io::stdout(), "{word}");
    // SAFETY: two open descriptors; gives the parent its end of file.
    unsafe { libc::dup2(2, 1) };
    result?.run()
}

fn start(directory: &Path) -> io::Result<supervise::Shim> {
    let lock = std::fs::File::options().write(true).open(directory.join(files::LOCK))?;
    sys::lock_as_process(&lock).map_err(|_| io::Error::other("another shim runs here"))?;
    let spec: ReplicaSpec = read_json(&directory.join(files::SPEC))?.ok_or_else(|| io::Error::other("no replica"))?;
    spec.cgroup().enter_as_shim()?;
    write_identity(&directory.join(files::SHIM_PID), std::process::id() as i32)?;
    // SAFETY: sets a number and a name of this process.
    unsafe {
        libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
        libc::prctl(libc::PR_SET_NAME, c"akash-shim".as_ptr());
    }
    sys::unshare(libc::CLONE_NEWNS)?;
    sys::mount("", "/", "", libc::MS_REC | libc::MS_PRIVATE, "")?;
    let rootfs = rootfs::mount(&spec, directory).map_err(|e| context("root file system", &e))?;
    std::fs::write(directory.join("config.json"), spec.runtime_spec(&rootfs).to_string())?;
    let mut shim = supervise::Shim::new(spec, directory, lock)?;
    shim.start_container()?;
    Ok(shim)
}

/// A pid and its start time: a name that is never reused.
fn write_identity(path: &Path, pid: i32) -> io::Result<()> {
    let start = sys::start_time(pid).ok_or_else(|| io::Error::other("the process is gone"))?;
    std::fs::write(path, format!("{pid} {start}"))
}

/// The pid that a file names, whether that process lives or not.
#[must_use]
pub fn read_identity(path: &Path) -> Option<i32> {
    std::fs::read_to_string(path).ok()?.split(' ').next()?.parse().ok()
}

fn context(what: &str, error: &dyn std::error::Error) -> io::Error {
    io::Error::other(format!("{what}: {}", with_causes(error)))
}
