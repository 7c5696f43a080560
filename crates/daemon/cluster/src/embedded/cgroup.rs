//! Where a container's cgroups are, what they count, and how they are emptied and removed.
//!
//! Two layouts: version 1 (also "hybrid"), with one tree per controller, and version 2 with a single tree. The runtime
//! library writes the limits; this module only finds, reads and removes.

use super::sys;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

const TOP: &str = "/sys/fs/cgroup";
const NEEDED_V1: [&str; 4] = ["cpu", "memory", "pids", "freezer"];
const NEEDED_V2: [&str; 3] = ["cpu", "memory", "pids"];
/// How long killed processes may take to go.
const KILL_TIMEOUT: Duration = Duration::from_secs(5);
const REMOVE_TRIES: u32 = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hierarchy {
    V1,
    V2,
}

impl Hierarchy {
    #[must_use]
    pub fn detect() -> Option<Hierarchy> {
        if Path::new(TOP).join("cgroup.controllers").exists() {
            Some(Hierarchy::V2)
        } else if Path::new(TOP).join("memory/cgroup.procs").exists() {
            Some(Hierarchy::V1)
        } else {
            None
        }
    }

    pub fn missing_controllers(self) -> Vec<&'static str> {
        match self {
            Hierarchy::V1 => {
                NEEDED_V1.into_iter().filter(|name| !Path::new(TOP).join(name).join("cgroup.procs").exists()).collect()
            }
            Hierarchy::V2 => {
                let there = std::fs::read_to_string(Path::new(TOP).join("cgroup.controllers")).unwrap_or_default();
                NEEDED_V2.into_iter().filter(|name| !there.split_whitespace().any(|c| c == *name)).collect()
            }
        }
    }
}

/// Paths below the top of each tree: one for the container, one for its shim.
///
/// The shim enters its own before anything else, so that whatever it started can be found if it dies halfway. In
/// version 1 a single tree (pids) is enough for that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cgroup {
    path: String,
    shim_path: String,
}

impl Cgroup {
    /// `parent/group/name`; the parts hold no slash.
    #[must_use]
    pub fn new(parent: &str, group: &str, name: &str) -> Cgroup {
        Cgroup { path: format!("/{parent}/{group}/{name}"), shim_path: format!("/{parent}-shims/{group}/{name}") }
    }

    /// Absolute: with a relative path and a user namespace the runtime library would ask systemd.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Put this process into the shim's cgroup.
    pub fn enter_as_shim(&self) -> io::Result<()> {
        let directory = shim_tree().join(self.shim_path.trim_start_matches('/'));
        std::fs::create_dir_all(&directory)?;
        std::fs::write(directory.join("cgroup.procs"), "0")
    }

    /// OOM kills since the cgroup was made.
    #[must_use]
    pub fn oom_kills(&self) -> u64 {
        let texts = [self.read("memory", "memory.oom_control"), self.read("", "memory.events")];
        let counts = texts.iter().flatten().flat_map(|text| text.lines());
        counts.filter_map(|line| line.strip_prefix("oom_kill ")?.parse::<u64>().ok()).sum()
    }

    #[must_use]
    pub fn cpu_nanoseconds(&self) -> u64 {
        let v1 = self.read("cpuacct", "cpuacct.usage").and_then(|text| text.trim().parse().ok());
        let v2 = || {
            let text = self.read("", "cpu.stat")?;
            text.lines().find_map(|line| line.strip_prefix("usage_usec ")?.parse::<u64>().ok()).map(|us| us * 1000)
        };
        v1.or_else(v2).unwrap_or(0)
    }

    #[must_use]
    pub fn memory_bytes(&self) -> u64 {
        self.number("memory", "memory.usage_in_bytes").or_else(|| self.number("", "memory.current")).unwrap_or(0)
    }

    #[must_use]
    pub fn processes(&self) -> u64 {
        self.number("pids", "pids.current").or_else(|| self.number("", "pids.current")).unwrap_or(0)
    }

    fn number(&self, tree: &str, file: &str) -> Option<u64> {
        self.read(tree, file)?.trim().parse().ok()
    }

    fn read(&self, tree: &str, file: &str) -> Option<String> {
        let directory = Path::new(TOP).join(tree).join(self.path.trim_start_matches('/'));
        std::fs::read_to_string(directory.join(file)).ok()
    }

    /// Every directory there may be, of the container and of the shim.
    fn directories(&self) -> Vec<PathBuf> {
        let paths = [self.path.trim_start_matches('/'), self.shim_path.trim_start_matches('/')];
        trees().iter().flat_map(|tree| paths.map(|path| tree.join(path))).collect()
    }

    /// Kill every process that is left and remove the directories, with parents that are empty by then.
    pub fn remove(&self) -> io::Result<()> {
        let directories = self.directories();
        // Version 1: a frozen process does not even die of SIGKILL, and a cut-short removal leaves it frozen.
        let freezer = Path::new(TOP).join("freezer").join(self.path.trim_start_matches('/')).join("freezer.state");
        if freezer.exists() {
            let _ = std::fs::write(freezer, "THAWED"); // an error shows below: the processes do not go
        }
        for directory in &directories {
            kill_all(directory)?;
        }
        for directory in &directories {
            remove_directory(directory)?;
            for parent in directory.ancestors().skip(1).take(2) {
                let _ = std::fs::remove_dir(parent); // others may still be in it
            }
        }
        Ok(())
    }
}

fn trees() -> Vec<PathBuf> {
    let children = std::fs::read_dir(TOP).into_iter().flatten().flatten().map(|entry| entry.path());
    children.chain([PathBuf::from(TOP)]).filter(|tree| tree.join("cgroup.procs").exists()).collect()
}

fn shim_tree() -> PathBuf {
    match Hierarchy::detect() {
        Some(Hierarchy::V1) => Path::new(TOP).join("pids"),
        _ => PathBuf::from(TOP),
    }
}

fn kill_all(directory: &Path) -> io::Result<()> {
    let file = directory.join("cgroup.procs");
    let members = || std::fs::read_to_string(&file).unwrap_or_default();
    for line in members().lines() {
        let Ok(pid) = line.parse::<i32>() else { continue };
        let Ok(pidfd) = sys::pidfd_open(pid) else { continue };
        if !members().lines().any(|other| other == line) {
            continue; // it ended meanwhile, and the number may be somebody else's
        }
        let _ = sys::pidfd_kill(&pidfd, libc::SIGKILL); // it may have ended by itself
        if !sys::wait_gone(&pidfd, KILL_TIMEOUT)? {
            return Err(io::Error::other(format!("process {pid} does not end")));
        }
        sys::reap(pid);
    }
    Ok(())
}

/// Dead processes leave their cgroup a little later, so "busy" is asked again for two seconds.
fn remove_directory(directory: &Path) -> io::Result<()> {
    for _ in 0..REMOVE_TRIES {
        match std::fs::remove_dir(directory) {
            Err(e) if e.raw_os_error() == Some(libc::EBUSY) => std::thread::sleep(Duration::from_millis(10)),
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => return Ok(()),
        }
    }
    Err(io::Error::other(format!("{} stays busy", directory.display())))
}
