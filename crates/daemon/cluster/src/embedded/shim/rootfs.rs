//! A replica's root file system: shared read-only layers, seen through the lease's range of ids, below one writable
//! directory of its own.
//!
//! All mounts are made in the shim's private mount namespace and go with it. They are gathered on a small tmpfs over a
//! directory that every user may walk through: the state directory itself may lie under a home that is closed to the
//! container's users.

use crate::embedded::spec::{IDS_PER_LEASE, ReplicaSpec};
use crate::embedded::sys;
use std::io::{self, Read};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};

/// Directories that exist on any Linux; the first that does not hide the state directory is covered.
const PLACES: [&str; 5] = ["/mnt", "/media", "/srv", "/opt", "/run"];
const OPEN_TREE_CLONE: i32 = 1;
const MOVE_MOUNT_FROM_EMPTY_PATH: i32 = 4;

/// Mount and give back the path of the root. Call once, in the shim's own mount namespace.
pub fn mount(spec: &ReplicaSpec, directory: &Path) -> io::Result<PathBuf> {
    prepare_upper(spec, directory)?;
    let place = PLACES.iter().map(Path::new).find(|p| p.is_dir() && !directory.starts_with(p));
    let place = place.ok_or_else(|| io::Error::other("no directory to gather mounts in"))?;
    sys::mount("tmpfs", place, "tmpfs", libc::MS_NODEV | libc::MS_NOSUID, "mode=711,size=1m")?;
    for name in ["own", "rootfs"] {
        std::fs::create_dir(place.join(name))?;
    }
    let own = directory.to_str().ok_or_else(|| io::Error::other("the state directory's name is not UTF-8"))?;
    sys::mount(own, place.join("own"), "", libc::MS_BIND, "")?;
    let user_namespace = mapped_user_namespace(spec.id_base)?;
    let mut lower = Vec::new();
    for (number, layer) in spec.layers.iter().enumerate().rev() {
        let name = format!("l{number}"); // the overlay file system wants the top layer first
        std::fs::create_dir(place.join(&name))?;
        mount_layer(layer, &place.join(&name), &user_namespace)?;
        lower.push(name);
    }
    if lower.is_empty() {
        std::fs::create_dir(place.join("none"))?;
        lower.push("none".into());
    }
    // Relative names, because the container reads these options in /proc/mounts.
    std::env::set_current_dir(place)?;
    let options = format!("lowerdir={},upperdir=own/upper,workdir=own/work", lower.join(":"));
    sys::mount("overlay", place.join("rootfs"), "overlay", libc::MS_NODEV | libc::MS_NOSUID, &options)?;
    std::env::set_current_dir("/")?;
    Ok(place.join("rootfs"))
}

/// The writable layer, with the files by which names are resolved inside. It is fresh, so no link of the tenant's is
/// in the way.
fn prepare_upper(spec: &ReplicaSpec, directory: &Path) -> io::Result<()> {
    let upper = directory.join("upper");
    let etc = upper.join("etc");
    for made in [&directory.join("work"), &upper, &etc] {
        std::fs::create_dir(made)?;
    }
    let (name, address) = (&spec.name, spec.address);
    let files = [
        ("hosts", format!("127.0.0.1 localhost\n{address} {name}\n")),
        ("hostname", format!("{name}\n")),
        ("resolv.conf", format!("nameserver {}\noptions timeout:2 attempts:3\n", spec.gateway)),
    ];
    for (file, text) in files {
        std::fs::write(etc.join(file), text)?;
        chown(etc.join(file), Some(spec.id_base), Some(spec.id_base))?;
    }
    for made in [&upper, &etc] {
        chown(made, Some(spec.id_base), Some(spec.id_base))?;
    }
    Ok(())
}

/// A clone of the layer's tree, read-only, with its ids shifted into the lease's range: no copy, no chown.
fn mount_layer(layer: &Path, target: &Path, user_namespace: &OwnedFd) -> io::Result<()> {
    let (source, target, empty) = (sys::c_path(layer)?, sys::c_path(target)?, c"");
    let flags = OPEN_TREE_CLONE | libc::O_CLOEXEC;
    // SAFETY: a terminated string that outlives the call.
    let answer = unsafe { libc::syscall(libc::SYS_open_tree, libc::AT_FDCWD, source.as_ptr(), flags) };
    let tree = sys::own(sys::check(answer)?);
    let attributes = libc::mount_attr {
        attr_set: libc::MOUNT_ATTR_IDMAP | libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV,
        attr_clr: 0,
        propagation: 0,
        userns_fd: user_namespace.as_raw_fd() as u64,
    };
    // SAFETY: a terminated string and a structure of the stated size, both outliving the call.
    let answer = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            tree.as_raw_fd(),
            empty.as_ptr(),
            libc::AT_EMPTY_PATH,
            &raw const attributes,
            size_of::<libc::mount_attr>(),
        )
    };
    sys::check(answer)?;
    // SAFETY: two terminated strings that outlive the call.
    let answer = unsafe {
        libc::syscall(
            libc::SYS_move_mount,
            tree.as_raw_fd(),
            empty.as_ptr(),
            libc::AT_FDCWD,
            target.as_ptr(),
            MOVE_MOUNT_FROM_EMPTY_PATH,
        )
    };
    sys::check(answer).map(drop)
}

/// A user namespace with the lease's map, only to be named by `mount_setattr`. A child makes it and waits to be killed.
fn mapped_user_namespace(base: u32) -> io::Result<OwnedFd> {
    let (ready, tell) = sys::pipe()?;
    // SAFETY: the shim has one thread, and the child makes plain system calls only.
    let pid = sys::check(unsafe { libc::fork() })? as i32;
    if pid == 0 {
        // SAFETY: plain system calls on values made before the fork; never returns.
        unsafe {
            if libc::unshare(libc::CLONE_NEWUSER) == 0 {
                libc::write(tell.as_raw_fd(), b"x".as_ptr().cast(), 1);
                libc::pause();
            }
            libc::_exit(0)
        }
    }
    drop(tell);
    let map = format!("0 {base} {IDS_PER_LEASE}");
    let made = std::fs::File::from(ready)
        .read_exact(&mut [0u8; 1])
        .and_then(|()| std::fs::write(format!("/proc/{pid}/uid_map"), &map))
        .and_then(|()| std::fs::write(format!("/proc/{pid}/gid_map"), &map))
        .and_then(|()| std::fs::File::open(format!("/proc/{pid}/ns/user")));
    // SAFETY: our own child, not yet collected.
    unsafe {
        libc::kill(pid, libc::SIGKILL);
        libc::waitpid(pid, std::ptr::null_mut(), 0);
    }
    made.map(OwnedFd::from)
}
