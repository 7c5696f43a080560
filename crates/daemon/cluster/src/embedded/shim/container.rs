//! One run of the container: from create to delete.

use super::executor::Confined;
use super::{context, files, write_identity};
use crate::embedded::seccomp::Filter;
use crate::embedded::spec::ReplicaSpec;
use crate::embedded::{internal, net, sys};
use libcontainer::container::Container;
use libcontainer::container::builder::ContainerBuilder;
use libcontainer::syscall::syscall::SyscallType;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

pub struct Run {
    container: Container,
    pub pid: i32,
    pidfd: OwnedFd,
    pub since: Instant,
}

/// The reading ends of standard output and standard error.
pub type Output = [File; 2];

impl Run {
    /// Create, attach to the lease's network, start. On failure nothing is left.
    pub fn start(spec: &ReplicaSpec, directory: &Path, filter: &Filter) -> io::Result<(Run, Output)> {
        let (out, out_inside) = sys::pipe()?;
        let (err, err_inside) = sys::pipe()?;
        let null: OwnedFd = File::open("/dev/null")?.into();
        let state = directory.join("state");
        if state.exists() {
            std::fs::remove_dir_all(&state)?; // of a run before
        }
        std::fs::create_dir(&state)?;
        let build = || {
            ContainerBuilder::new(spec.name.clone(), SyscallType::default())
                .with_root_path(&state)?
                .with_executor(Confined(filter.clone()))
                .with_stdin(null)
                .with_stdout(out_inside)
                .with_stderr(err_inside)
                .as_init(directory)
                .with_systemd(false)
                .with_detach(true)
                .build()
        };
        let mut container = build().map_err(|e| context("create", &e))?;
        match attach_and_start(&mut container, spec, directory) {
            Ok((pid, pidfd)) => {
                sys::set_nonblocking(&out)?;
                sys::set_nonblocking(&err)?;
                let run = Run { container, pid, pidfd, since: Instant::now() };
                Ok((run, [out.into(), err.into()]))
            }
            Err(error) => {
                let _ = container.delete(true); // the first error is the one to tell; the daemon sweeps
                Err(error)
            }
        }
    }

    pub fn signal(&self, signal: i32) -> io::Result<()> {
        sys::pidfd_kill(&self.pidfd, signal)
    }

    /// Whether its first process does anything about SIGTERM. The kernel drops signals that process 1 has not asked
    /// for, so waiting would be in vain.
    pub fn minds_term(&self) -> bool {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap_or_default();
        let has_term = |line: &str| {
            let mask = line.strip_prefix("SigCgt:").or_else(|| line.strip_prefix("SigBlk:"));
            mask.and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok())
                .is_some_and(|m| m >> (libc::SIGTERM - 1) & 1 == 1)
        };
        status.lines().any(has_term)
    }

    /// After its first process ended: remove what the runtime library keeps.
    pub fn delete(mut self, directory: &Path) -> io::Result<()> {
        let deleted = self.container.delete(true).map_err(|e| context("delete", &e));
        let _ = std::fs::remove_file(directory.join(files::INIT_PID)); // names a dead process: harmless if it stays
        deleted
    }
}

fn attach_and_start(c: &mut Container, spec: &ReplicaSpec, directory: &Path) -> io::Result<(i32, OwnedFd)> {
    let pid = c.pid().ok_or_else(|| io::Error::other("the container has no process"))?.as_raw();
    write_identity(&directory.join(files::INIT_PID), pid)?;
    let pidfd = sys::pidfd_open(pid)?;
    // In a short-lived helper: netlink needs an event loop, and the shim stays small and single-threaded.
    let attach = internal::command(net::ATTACH)
        .args([pid.to_string(), spec.address.to_string(), spec.gateway.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()?;
    if !attach.success() {
        return Err(io::Error::other("the network cannot be attached"));
    }
    c.start().map_err(|e| context("start", &e))?;
    Ok((pid, pidfd))
}
