//! The few system calls for which the standard library has no words. All `unsafe` of small size lives here.
//!
//! Every wrapper gives back `io::Result` and owns what it opens.

use std::ffi::CString;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

/// A negative answer is the error in `errno`.
pub fn check(answer: impl Into<i64>) -> io::Result<i64> {
    let answer = answer.into();
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(answer) }
}

/// Take over a descriptor that a system call has just made.
pub fn own(fd: i64) -> OwnedFd {
    // SAFETY: callers pass the fresh answer of a successful call, which nobody else holds.
    unsafe { OwnedFd::from_raw_fd(fd as RawFd) }
}

pub fn c_path(path: impl AsRef<Path>) -> io::Result<CString> {
    CString::new(path.as_ref().as_os_str().as_bytes()).map_err(|_| io::Error::other("a path holds a zero byte"))
}

pub fn mount(source: &str, target: impl AsRef<Path>, kind: &str, flags: u64, data: &str) -> io::Result<()> {
    let (source, target, kind, data) = (c_path(source)?, c_path(target)?, c_path(kind)?, c_path(data)?);
    // SAFETY: four terminated strings that outlive the call.
    let answer = unsafe { libc::mount(source.as_ptr(), target.as_ptr(), kind.as_ptr(), flags, data.as_ptr().cast()) };
    check(answer).map(drop)
}

/// Move this thread into a fresh namespace of each of these kinds.
pub fn unshare(flags: i32) -> io::Result<()> {
    // SAFETY: no memory is involved.
    check(unsafe { libc::unshare(flags) }).map(drop)
}

/// Move this thread into the network namespace.
pub fn enter_network(namespace: impl AsFd) -> io::Result<()> {
    // SAFETY: no memory is involved; the descriptor is open.
    check(unsafe { libc::setns(namespace.as_fd().as_raw_fd(), libc::CLONE_NEWNET) }).map(drop)
}

pub fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let mut ends = [0; 2];
    // SAFETY: the array has room for two descriptors.
    check(unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) })?;
    Ok((own(ends[0].into()), own(ends[1].into())))
}

pub fn set_nonblocking(fd: impl AsFd) -> io::Result<()> {
    let fd = fd.as_fd().as_raw_fd();
    // SAFETY: no memory is involved; the descriptor is open.
    let flags = check(unsafe { libc::fcntl(fd, libc::F_GETFL) })? as i32;
    // SAFETY: as above.
    check(unsafe { libc::fcntl(fd, libc::F_SETFL, flags | libc::O_NONBLOCK) }).map(drop)
}

/// Wait until one of the descriptors is readable or hung up. The answer says which are.
pub fn poll<const N: usize>(fds: [RawFd; N], timeout: Duration) -> io::Result<[bool; N]> {
    let mut set = fds.map(|fd| libc::pollfd { fd, events: libc::POLLIN, revents: 0 });
    let timeout_ms = i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX);
    // SAFETY: the array lives through the call and has N elements.
    check(unsafe { libc::poll(set.as_mut_ptr(), N as libc::nfds_t, timeout_ms) })?;
    Ok(set.map(|entry| entry.revents != 0))
}

pub fn pidfd_open(pid: i32) -> io::Result<OwnedFd> {
    // SAFETY: no memory is involved.
    check(unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) }).map(own)
}

pub fn pidfd_kill(fd: impl AsFd, signal: i32) -> io::Result<()> {
    // SAFETY: no memory is involved: a null siginfo means "as kill(2)".
    let answer = unsafe { libc::syscall(libc::SYS_pidfd_send_signal, fd.as_fd().as_raw_fd(), signal, 0, 0) };
    check(answer).map(drop)
}

/// Whether the process behind the pidfd ended within the time.
pub fn wait_gone(pidfd: impl AsFd, timeout: Duration) -> io::Result<bool> {
    Ok(poll([pidfd.as_fd().as_raw_fd()], timeout)?[0])
}

/// Collect a dead child, if it is one of ours. Whose it is not, its own parent collects.
pub fn reap(pid: i32) {
    // SAFETY: a null status pointer is allowed.
    unsafe { libc::waitpid(pid, std::ptr::null_mut(), libc::WNOHANG) };
}

/// Start time of a process in clock ticks (field 22 of `stat`): with the pid it is a name that is never reused.
pub fn start_time(pid: i32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat[stat.rfind(')')? + 2..].split(' ').nth(19)?.parse().ok()
}

fn whole_file_lock() -> libc::flock {
    // SAFETY: a zeroed structure is valid: from the start to the end of the file.
    let mut lock: libc::flock = unsafe { std::mem::zeroed() };
    lock.l_type = libc::F_WRLCK as libc::c_short;
    lock.l_whence = libc::SEEK_SET as libc::c_short;
    lock
}

/// Take a lock that belongs to this process alone: children do not inherit it, and it goes with the process, before
/// that can be collected. The file must not be opened a second time: closing it gives the lock back.
pub fn lock_as_process(file: &File) -> io::Result<()> {
    let lock = whole_file_lock();
    // SAFETY: reads the structure; the descriptor is open.
    check(unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETLK, &raw const lock) }).map(drop)
}

/// The process that holds such a lock.
pub fn lock_holder(file: &File) -> Option<i32> {
    let mut lock = whole_file_lock();
    // SAFETY: fills the structure; the descriptor is open.
    check(unsafe { libc::fcntl(file.as_raw_fd(), libc::F_GETLK, &raw mut lock) }).ok()?;
    (i32::from(lock.l_type) != libc::F_UNLCK).then_some(lock.l_pid)
}

/// More memory than this cannot be had by this process.
pub fn limit_address_space(bytes: u64) -> io::Result<()> {
    let limit = libc::rlimit { rlim_cur: bytes, rlim_max: bytes };
    // SAFETY: reads the structure.
    check(unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const limit) }).map(drop)
}

/// Orphans of our children become our children, so that they can be collected.
pub fn become_subreaper() -> io::Result<()> {
    // SAFETY: sets one flag.
    check(unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) }).map(drop)
}

/// Mark all descriptors from 3 on to be closed by the next `exec`. Safe between fork and exec.
pub fn close_on_exec_from_3() {
    const CLOSE_RANGE_CLOEXEC: u32 = 4;
    // SAFETY: flags descriptors only.
    unsafe { libc::syscall(libc::SYS_close_range, 3, u32::MAX, CLOSE_RANGE_CLOEXEC) };
}

/// Try to take an exclusive lock that lives as long as the file. `false`: another process has it.
pub fn try_lock(file: &File) -> io::Result<bool> {
    // SAFETY: no memory is involved; the descriptor is open.
    match check(unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) }) {
        Ok(_) => Ok(true),
        Err(e) if e.kind() == io::ErrorKind::WouldBlock => Ok(false),
        Err(e) => Err(e),
    }
}

pub fn lock(file: &File) -> io::Result<()> {
    // SAFETY: no memory is involved; the descriptor is open.
    check(unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX) }).map(drop)
}

/// Effective and permitted capabilities become `mask`, inheritable none.
pub fn set_capabilities(mask: u64) -> io::Result<()> {
    #[repr(C)]
    struct Header {
        version: u32,
        pid: i32,
    }
    #[repr(C)]
    struct Half {
        effective: u32,
        permitted: u32,
        inheritable: u32,
    }
    let half = |bits: u32| Half { effective: bits, permitted: bits, inheritable: 0 };
    let header = Header { version: 0x2008_0522, pid: 0 };
    let halves = [half(mask as u32), half((mask >> 32) as u32)];
    // SAFETY: version 3 of the call reads one header and two halves.
    check(unsafe { libc::syscall(libc::SYS_capset, &raw const header, halves.as_ptr()) }).map(drop)
}

/// The effective capabilities of this process.
pub fn effective_capabilities() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    line.and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok()).unwrap_or(0)
}

/// This moment as RFC 3339 with milliseconds, UTC.
pub fn now() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let seconds = since.as_secs();
    let (days, of_day) = ((seconds / 86_400) as i64, seconds % 86_400);
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", since.subsec_millis())
}

/// Days since 1970 to a date of the Gregorian calendar (Hinnant's algorithm).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_dates() {
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(11_016), (2000, 2, 29));
        assert_eq!(civil(20_781), (2026, 11, 24));
    }

    #[test]
    fn this_process_has_a_start_time() {
        let me = std::process::id() as i32;
        assert!(start_time(me).is_some());
    }
}
