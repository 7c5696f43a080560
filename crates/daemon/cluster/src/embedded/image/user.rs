//! The image's user, by number or by name.

use crate::embedded::sys;
use std::fs::File;
use std::io::Read;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

const MAX_FILE_BYTES: u64 = 1 << 20;
const RESOLVE_IN_ROOT: u64 = 0x10;

/// `user[:group]` to numbers. Names come from the image's own `/etc/passwd` and `/etc/group`.
pub fn resolve_user(user: &str, layers: &[PathBuf]) -> Result<(u32, u32), String> {
    if user.is_empty() {
        return Ok((0, 0));
    }
    let (user, group) = user.split_once(':').map_or((user, None), |(user, group)| (user, Some(group)));
    let passwd = || read_top(layers, "etc/passwd");
    let (uid, own_group) = match user.parse::<u32>() {
        Ok(uid) => (uid, lookup_group_of(&passwd(), uid).unwrap_or(0)),
        Err(_) => lookup_user(&passwd(), user).ok_or_else(|| format!("the image has no user {user:?}"))?,
    };
    let gid = match group {
        None | Some("") => own_group,
        Some(group) => match group.parse::<u32>() {
            Ok(gid) => gid,
            Err(_) => lookup_group(&read_top(layers, "etc/group"), group)
                .ok_or_else(|| format!("the image has no group {group:?}"))?,
        },
    };
    if uid >= 65_536 || gid >= 65_536 {
        return Err(format!("user {uid}:{gid} is outside of the 65536 that a container has"));
    }
    Ok((uid, gid))
}

fn lookup_user(passwd: &str, name: &str) -> Option<(u32, u32)> {
    fields(passwd)
        .find(|f| f.first() == Some(&name))
        .and_then(|f| Some((f.get(2)?.parse().ok()?, f.get(3)?.parse().ok()?)))
}

fn lookup_group_of(passwd: &str, uid: u32) -> Option<u32> {
    let uid = uid.to_string();
    fields(passwd).find(|f| f.get(2) == Some(&uid.as_str())).and_then(|f| f.get(3)?.parse().ok())
}

fn lookup_group(group: &str, name: &str) -> Option<u32> {
    fields(group).find(|f| f.first() == Some(&name)).and_then(|f| f.get(2)?.parse().ok())
}

fn fields(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().map(|line| line.split(':').collect())
}

/// The file as the top-most layer has it; links are followed inside of the layer only.
fn read_top(layers: &[PathBuf], path: &str) -> String {
    let files = layers.iter().rev().filter_map(|layer| open_inside(layer, path));
    let mut text = String::new();
    for file in files {
        if file.metadata().is_ok_and(|m| m.is_file()) && file.take(MAX_FILE_BYTES).read_to_string(&mut text).is_ok() {
            break;
        }
        text.clear();
    }
    text
}

fn open_inside(layer: &Path, path: &str) -> Option<File> {
    #[repr(C)]
    struct How {
        flags: u64,
        mode: u64,
        resolve: u64,
    }
    let root = File::open(layer).ok()?;
    let path = sys::c_path(path).ok()?;
    let flags = (libc::O_RDONLY | libc::O_CLOEXEC | libc::O_NONBLOCK) as u64;
    let how = How { flags, mode: 0, resolve: RESOLVE_IN_ROOT };
    // SAFETY: a terminated string and a structure of the stated size, both outliving the call.
    let answer =
        unsafe { libc::syscall(libc::SYS_openat2, root.as_raw_fd(), path.as_ptr(), &raw const how, size_of::<How>()) };
    sys::check(answer).ok().map(|fd| sys::own(fd).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_numbers_or_names_of_the_image() {
        let layer = tempfile::tempdir().unwrap();
        std::fs::create_dir(layer.path().join("etc")).unwrap();
        std::fs::write(layer.path().join("etc/passwd"), "root:x:0:0::/:\nweb:x:33:44::/:\n").unwrap();
        std::fs::write(layer.path().join("etc/group"), "www:x:55:\n").unwrap();
        let layers = [layer.path().to_owned()];
        let check = |text: &str, want| assert_eq!(resolve_user(text, &layers).ok(), want, "{text}");
        check("", Some((0, 0)));
        check("1000", Some((1000, 0)));
        check("1000:7", Some((1000, 7)));
        check("33", Some((33, 44)));
        check("web", Some((33, 44)));
        check("web:www", Some((33, 55)));
        check("nobody", None);
        check("70000", None);
    }
}
