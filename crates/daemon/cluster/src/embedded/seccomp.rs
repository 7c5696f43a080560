//! Which system calls a tenant's process may make.
//!
//! An allow-list: the common OCI default profile for x86-64 without io_uring, without clones into new namespaces,
//! without unusual socket families, and without all that is bound to a capability tenants never have. What is not
//! on the list answers EPERM; what is *newer* than the list answers ENOSYS, because C libraries probe for new calls
//! and take EPERM for a real refusal.

use libc::{
    AF_INET, AF_INET6, AF_NETLINK, AF_UNIX, CLONE_NEWCGROUP, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID,
    CLONE_NEWUSER, CLONE_NEWUTS, ENOSYS, EPERM, SYS_clone, SYS_clone3, SYS_personality, SYS_socket,
};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};
use std::collections::BTreeMap;
use std::io;

mod allowed;

const NEW_NAMESPACES: u64 =
    (CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP) as u64;
/// The first number that the list does not know, up to where the next table of calls will surely not be.
const NEWER_CALLS: std::ops::Range<i64> = 463..512;
/// Default, and the variants that ask for 32-bit layout or "which is it".
const PERSONALITIES: [u64; 5] = [0, 8, 0x2_0000, 0x2_0008, 0xffff_ffff];

/// Two programs, because one has a single errno. Where both refuse, the one installed last decides.
#[derive(Clone)]
pub struct Filter([BpfProgram; 2]);

impl Filter {
    pub fn new() -> io::Result<Filter> {
        Ok(Filter([allow_list().map_err(io::Error::other)?, newer_calls().map_err(io::Error::other)?]))
    }

    /// The last step before `execve`. The runtime ignores a failure to set no_new_privs, so it is checked here.
    pub fn install(&self) -> io::Result<()> {
        // SAFETY: asks for one flag.
        if unsafe { libc::prctl(libc::PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) } != 1 {
            return Err(io::Error::other("no_new_privs is not set"));
        }
        self.0.iter().try_for_each(|program| seccompiler::apply_filter(program).map_err(io::Error::other))
    }
}

fn allow_list() -> Result<BpfProgram, seccompiler::BackendError> {
    use SeccompCmpArgLen::{Dword, Qword};
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = allowed::CALLS.iter().map(|n| (*n, Vec::new())).collect();
    rules.insert(SYS_clone, vec![first_argument(Qword, SeccompCmpOp::MaskedEq(NEW_NAMESPACES), 0)?]);
    rules.insert(SYS_clone3, Vec::new()); // the second program answers ENOSYS, so that libraries fall back to clone
    let is = |value: u64| first_argument(Dword, SeccompCmpOp::Eq, value);
    rules.insert(SYS_personality, PERSONALITIES.into_iter().map(is).collect::<Result<_, _>>()?);
    let families = [AF_UNIX, AF_INET, AF_INET6, AF_NETLINK];
    rules.insert(SYS_socket, families.into_iter().map(|f| is(f as u64)).collect::<Result<_, _>>()?);
    program(rules, SeccompAction::Errno(EPERM as u32), SeccompAction::Allow)
}

fn newer_calls() -> Result<BpfProgram, seccompiler::BackendError> {
    let calls = NEWER_CALLS.chain([SYS_clone3]).map(|n| (n, Vec::new())).collect();
    program(calls, SeccompAction::Allow, SeccompAction::Errno(ENOSYS as u32))
}

fn first_argument(
    length: SeccompCmpArgLen,
    operator: SeccompCmpOp,
    value: u64,
) -> Result<SeccompRule, seccompiler::BackendError> {
    SeccompRule::new(vec![SeccompCondition::new(0, length, operator, value)?])
}

fn program(
    rules: BTreeMap<i64, Vec<SeccompRule>>,
    otherwise: SeccompAction,
    on_match: SeccompAction,
) -> Result<BpfProgram, seccompiler::BackendError> {
    SeccompFilter::new(rules, otherwise, on_match, std::env::consts::ARCH.try_into()?)?.try_into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filters_compile_and_refuse_what_they_must() {
        Filter::new().unwrap();
        for forbidden in [
            libc::SYS_mount,
            libc::SYS_umount2,
            libc::SYS_pivot_root,
            libc::SYS_unshare,
            libc::SYS_setns,
            libc::SYS_bpf,
            libc::SYS_keyctl,
            libc::SYS_add_key,
            libc::SYS_request_key,
            libc::SYS_io_uring_setup,
            libc::SYS_userfaultfd,
            libc::SYS_perf_event_open,
            libc::SYS_init_module,
            libc::SYS_finit_module,
            libc::SYS_kexec_load,
            libc::SYS_open_by_handle_at,
            libc::SYS_fsopen,
            libc::SYS_open_tree,
            libc::SYS_move_mount,
            libc::SYS_mount_setattr,
            libc::SYS_reboot,
            libc::SYS_swapon,
        ] {
            assert!(!allowed::CALLS.contains(&forbidden), "{forbidden}");
        }
    }
}
