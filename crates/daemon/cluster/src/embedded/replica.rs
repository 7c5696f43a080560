//! A replica as the daemon sees it: a directory, and a shim to talk to.

use super::net::Router;
use super::shim::{self, MAX_ANSWER_BYTES, Phase, Request, ShimStatus, files};
use super::spec::ReplicaSpec;
use super::state::{make_directory, read_json, write_json};
use super::{internal, sys};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

const START_TIMEOUT: Duration = Duration::from_secs(60);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// For a shim that was told to go, or killed.
const LEAVE_TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Debug, Clone)]
pub struct Replica {
    directory: PathBuf,
    pub spec: ReplicaSpec,
}

impl Replica {
    /// Make the directory, start the shim in the router's namespace, and wait until the container runs. Blocks. The
    /// error is for the tenant; on failure nothing is left.
    pub fn create(directory: &Path, spec: ReplicaSpec, router: &Router) -> io::Result<Replica> {
        make_directory(directory, 0o711)?;
        let replica = Replica { directory: directory.to_owned(), spec };
        let started = File::create(directory.join(files::LOCK))
            .and_then(|_| write_json(&directory.join(files::SPEC), &replica.spec))
            .and_then(|()| replica.spawn(router))
            .and_then(|child| replica.wait_ready(child));
        match started {
            Ok(()) => Ok(replica),
            Err(error) => {
                replica.remove(Duration::ZERO)?;
                Err(error)
            }
        }
    }

    /// What an earlier life of the daemon made. `None`: it died before it could start anything.
    pub fn open(directory: &Path) -> io::Result<Option<Replica>> {
        let spec = read_json(&directory.join(files::SPEC))?;
        Ok(spec.map(|spec| Replica { directory: directory.to_owned(), spec }))
    }

    fn spawn(&self, router: &Router) -> io::Result<Child> {
        let router = router.as_fd().as_raw_fd();
        let mut command = internal::command(shim::SHIM);
        command.arg(&self.directory).stdin(Stdio::null()).stdout(Stdio::piped());
        command.stderr(File::create(self.directory.join(files::SHIM_ERRORS))?);
        // SAFETY: plain system calls only, as is allowed between fork and exec.
        unsafe {
            command.pre_exec(move || {
                libc::setsid(); // it outlives us, and our terminal
                libc::umask(0o022);
                sys::check(libc::setns(router, libc::CLONE_NEWNET))?;
                sys::close_on_exec_from_3();
                Ok(())
            });
        }
        command.spawn()
    }

    /// On the pipe *and* the process: a shim that is killed inside of a create leaves a helper that holds the pipe.
    fn wait_ready(&self, mut child: Child) -> io::Result<()> {
        let output = child.stdout.take().ok_or_else(|| io::Error::other("the shim has no output"))?;
        let process = sys::pidfd_open(child.id() as i32)?;
        let ready = sys::poll([output.as_raw_fd(), process.as_raw_fd()], START_TIMEOUT)?;
        let mut line = String::new();
        if ready[0] {
            output.take(MAX_ANSWER_BYTES).read_to_string(&mut line)?;
        }
        match line.trim() {
            shim::READY => Ok(()),
            "" if ready == [false; 2] => Err(io::Error::other("the container did not start within a minute")),
            "" => Err(io::Error::other(format!("the shim died: {}", self.shim_errors()))),
            reason => Err(io::Error::other(reason.to_owned())),
        }
    }

    fn shim_errors(&self) -> String {
        let text = std::fs::read_to_string(self.directory.join(files::SHIM_ERRORS)).unwrap_or_default();
        text.trim().chars().take(300).collect()
    }

    /// The shim's pid, while it lives.
    #[must_use]
    pub fn shim(&self) -> Option<i32> {
        let lock = File::open(self.directory.join(files::LOCK)).ok()?;
        sys::lock_holder(&lock)
    }

    /// Blocks for a moment.
    pub fn status(&self) -> io::Result<ShimStatus> {
        self.ask(&Request::Status, ANSWER_TIMEOUT)
    }

    /// Waits for an answer or the shim's end, whichever is first: a stray of a dead shim can hold the socket open.
    fn ask(&self, request: &Request, timeout: Duration) -> io::Result<ShimStatus> {
        let lost = || io::Error::new(io::ErrorKind::NotFound, "the shim is lost");
        let process = sys::pidfd_open(self.shim().ok_or_else(lost)?)?;
        let directory = File::open(&self.directory)?;
        // A socket's path is limited to 107 bytes; this way the directory's does not count.
        let path = format!("/proc/self/fd/{}/{}", directory.as_raw_fd(), files::SOCKET);
        let mut stream = UnixStream::connect(path)?;
        stream.set_write_timeout(Some(ANSWER_TIMEOUT))?;
        stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
        let mut text = serde_json::to_vec(request)?;
        text.push(b'\n');
        stream.write_all(&text)?;
        if !sys::poll([stream.as_raw_fd(), process.as_raw_fd()], timeout)?[0] {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "the shim does not answer"));
        }
        let mut answer = String::new();
        stream.take(MAX_ANSWER_BYTES).read_to_string(&mut answer)?;
        Ok(serde_json::from_str(&answer)?)
    }

    /// Stop it, let the shim go or clean up after a lost one, and remove everything. Blocks; can be repeated.
    pub fn remove(&self, grace: Duration) -> io::Result<()> {
        if let Some(pid) = self.shim() {
            let process = sys::pidfd_open(pid)?;
            let stop = Request::Stop { grace_ms: grace.as_millis() as u64 };
            let stopped = self.ask(&stop, grace + LEAVE_TIMEOUT);
            let told = stopped.is_ok_and(|status| status.phase != Phase::Running)
                && self.ask(&Request::Remove, ANSWER_TIMEOUT).is_ok();
            if !told || !sys::wait_gone(&process, LEAVE_TIMEOUT)? {
                let _ = sys::pidfd_kill(&process, libc::SIGKILL); // it may be gone after all
                sys::wait_gone(&process, LEAVE_TIMEOUT)?;
            }
        }
        self.spec.cgroup().remove()?;
        // Dead children of ours stay until they are collected; others are somebody else's.
        for name in [files::SHIM_PID, files::INIT_PID] {
            shim::read_identity(&self.directory.join(name)).into_iter().for_each(sys::reap);
        }
        match std::fs::remove_dir_all(&self.directory) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.directory.join(files::LOG)
    }

    #[must_use]
    pub fn events(&self) -> PathBuf {
        self.directory.join(files::EVENTS)
    }
}
