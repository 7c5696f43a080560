//! What this process must be able to do, found out before anything is changed.

use super::cgroup::Hierarchy;
use super::sys;
use std::fmt;
use std::path::Path;

/// Everything that is missing, and how to get it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct MissingRights(pub Vec<Missing>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    pub what: String,
    pub remedy: String,
}

impl fmt::Display for MissingRights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this process cannot run containers, because it lacks:")?;
        for same in self.0.chunk_by(|a, b| a.remedy == b.remedy) {
            same.iter().try_for_each(|missing| write!(f, "\n  - {}", missing.what))?;
            same.first().map_or(Ok(()), |missing| write!(f, "\n    {}", missing.remedy))?;
        }
        Ok(())
    }
}

/// Number, name, and what we need it for.
const CAPABILITIES: &[(u32, &str, &str)] = &[
    (0, "CAP_CHOWN", "give files to the container's users"),
    (1, "CAP_DAC_OVERRIDE", "unpack images"),
    (5, "CAP_KILL", "end containers"),
    (6, "CAP_SETGID", "map the container's groups"),
    (7, "CAP_SETUID", "map the container's users"),
    (12, "CAP_NET_ADMIN", "build the leases' networks"),
    (18, "CAP_SYS_CHROOT", "unpack images"),
    (21, "CAP_SYS_ADMIN", "mount file systems and make namespaces"),
    (27, "CAP_MKNOD", "unpack images that delete files"),
];

/// Look at the process, the kernel and the cgroups.
pub fn check() -> Result<(), MissingRights> {
    let mut missing = Vec::new();
    let mut miss = |what: String, remedy: &str| missing.push(Missing { what, remedy: remedy.into() });
    let have = sys::effective_capabilities();
    for (bit, name, purpose) in CAPABILITIES {
        if have >> bit & 1 == 0 {
            let remedy = "run it as root (`sudo`), in a container only with `--privileged`";
            miss(format!("the capability {name} ({purpose})"), remedy);
        }
    }
    for (kind, remedy) in [("user", "enable CONFIG_USER_NS"), ("net", "enable CONFIG_NET_NS")] {
        if !Path::new("/proc/self/ns").join(kind).exists() {
            miss(format!("{kind} namespaces in the kernel"), remedy);
        }
    }
    if std::fs::read_to_string("/proc/sys/user/max_user_namespaces").is_ok_and(|n| n.trim() == "0") {
        miss("permission to make user namespaces".into(), "sysctl -w user.max_user_namespaces=15000");
    }
    if !std::fs::read_to_string("/proc/filesystems").unwrap_or_default().contains("\toverlay\n") {
        miss("the overlay file system".into(), "modprobe overlay");
    }
    match Hierarchy::detect() {
        None => miss("cgroups under /sys/fs/cgroup".into(), "mount the cgroup file system there"),
        Some(hierarchy) => {
            for controller in hierarchy.missing_controllers() {
                miss(format!("the cgroup controller {controller}"), "enable it on the kernel's command line");
            }
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(MissingRights(missing)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_names_each_missing_thing_and_each_remedy_once() {
        let missing = |what: &str, remedy: &str| Missing { what: what.into(), remedy: remedy.into() };
        let error = MissingRights(vec![missing("a", "use sudo"), missing("b", "use sudo"), missing("c", "load c")]);
        let want =
            "this process cannot run containers, because it lacks:\n  - a\n  - b\n    use sudo\n  - c\n    load c";
        assert_eq!(error.to_string(), want);
    }
}
