//! Our own executable, run again as one of its internal programs.
//!
//! The executable calls [`maybe_run_internal`] first in `main`, while it has a single thread: the shim must stay
//! single-threaded, because the runtime library clones and changes process-wide settings of its caller.

use super::causes::with_causes;
use super::{image, net, shim};
use std::io::Write;
use std::process::Command;

/// Take the process over if its first argument names an internal program; otherwise do nothing and return.
pub fn maybe_run_internal() {
    let mut arguments = std::env::args().skip(1);
    let Some(name) = arguments.next().filter(|name| name.starts_with("__")) else { return };
    let arguments: Vec<String> = arguments.collect();
    let result = match name.as_str() {
        shim::SHIM => shim::main(&arguments).map_err(|e| with_causes(&e)),
        image::PULL => image::pull_child().map_err(|e| with_causes(&e)),
        image::UNPACK => image::unpack_child(&arguments).map_err(|e| with_causes(&e)),
        net::ATTACH => net::attach_child(&arguments).map_err(|e| with_causes(&e)),
        _ => return, // none of ours
    };
    let code = match result {
        Ok(()) => 0,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}"); // the reader may be gone
            1
        }
    };
    std::process::exit(code);
}

/// Start an internal program with nothing inherited: `/proc/<pid>/environ` can be read, and the runtime library obeys
/// `LISTEN_FDS`, which would hand the daemon's descriptors to a tenant.
#[must_use]
pub fn command(name: &str) -> Command {
    let mut command = Command::new("/proc/self/exe");
    command.arg(name).env_clear().current_dir("/");
    command
}
