//! The last steps inside of the container before the tenant's program runs.

use crate::embedded::seccomp::Filter;
use libcontainer::oci_spec::runtime::Spec;
use libcontainer::workload::{Executor, ExecutorError, ExecutorValidationError};
use std::ffi::CString;

/// What the runtime library's own executor does, and what it leaves out: signals as a fresh process expects them, death
/// with the shim, the seccomp filter.
#[derive(Clone)]
pub struct Confined(pub Filter);

/// Shells' code for "cannot be run".
const CANNOT_RUN: i32 = 127;

impl Executor for Confined {
    /// Nothing is checked beforehand: what cannot be run says so in the log and exits with 127.
    fn validate(&self, _: &Spec) -> Result<(), ExecutorValidationError> {
        Ok(())
    }

    fn exec(&self, spec: &Spec) -> Result<(), ExecutorError> {
        let arguments = spec.process().as_ref().and_then(|p| p.args().clone()).unwrap_or_default();
        let words: Vec<CString> = arguments.iter().filter_map(|a| CString::new(a.as_str()).ok()).collect();
        let pointers: Vec<_> = words.iter().map(|w| w.as_ptr()).chain([std::ptr::null()]).collect();
        reset_signals();
        // After all changes of credentials, because they clear it.
        // SAFETY: sets one number.
        unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
        let error = self.0.install().err().unwrap_or_else(|| {
            // SAFETY: a terminated list of terminated strings; returns on failure only.
            unsafe { libc::execvp(pointers[0], pointers.as_ptr()) };
            std::io::Error::last_os_error()
        });
        let name = arguments.first().map_or("", String::as_str);
        eprintln!("cannot run {name}: {error}");
        // SAFETY: ends this process, which is the container's only one.
        unsafe { libc::_exit(CANNOT_RUN) }
    }
}

/// The shim blocks signals to read them from a descriptor, and Rust ignores SIGPIPE: both survive `execve`.
fn reset_signals() {
    // SAFETY: an empty signal set is made before it is used.
    unsafe {
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut());
        libc::signal(libc::SIGPIPE, libc::SIG_DFL);
    }
}
