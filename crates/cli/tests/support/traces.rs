//! What containers may leave on a machine: processes, mounts, network links, namespaces, control groups.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Everything of this kind that the machine has at one moment and that names `mark` (the home folder), and all
/// network links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traces {
    pub processes: BTreeSet<String>,
    pub mounts: BTreeSet<String>,
    pub links: BTreeSet<String>,
    pub addresses: BTreeSet<String>,
    pub groups: BTreeSet<String>,
}

impl Traces {
    pub fn of(mark: &Path) -> Self {
        let mark = mark.to_string_lossy().into_owned();
        Self {
            processes: processes(&mark),
            mounts: lines("/proc/self/mountinfo").into_iter().filter(|line| line.contains(&mark)).collect(),
            links: folder_names("/sys/class/net"),
            addresses: local_addresses(),
            groups: groups(),
        }
    }

    /// What there is more than before, one line each.
    pub fn beyond(&self, before: &Self) -> Vec<String> {
        let kinds = |traces: &Self| {
            [&traces.processes, &traces.mounts, &traces.links, &traces.addresses, &traces.groups].map(BTreeSet::clone)
        };
        let pairs = kinds(self).into_iter().zip(kinds(before));
        pairs.flat_map(|(now, then)| now.difference(&then).cloned().collect::<Vec<_>>()).collect()
    }
}

fn processes(mark: &str) -> BTreeSet<String> {
    folder_names("/proc")
        .into_iter()
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
        .filter_map(|pid| {
            let command = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
            let command = String::from_utf8_lossy(&command).replace('\0', " ");
            (command.contains(mark) && !command.contains("/deps/")).then_some(format!("{pid} {command}"))
        })
        .collect()
}

fn local_addresses() -> BTreeSet<String> {
    lines("/proc/net/fib_trie")
        .into_iter()
        .filter(|line| line.contains("|--"))
        .map(|line| line.trim().to_owned())
        .collect()
}

/// Control groups below any hierarchy that our containers and shims could have made.
fn groups() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for hierarchy in ["memory", "cpu", "pids", "freezer", "unified", "."] {
        collect_groups(&Path::new("/sys/fs/cgroup").join(hierarchy), 0, &mut found);
    }
    found
}

fn collect_groups(folder: &Path, depth: usize, found: &mut BTreeSet<String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())) {
        let path = entry.path();
        let name = path.to_string_lossy().into_owned();
        if depth < 5 {
            collect_groups(&path, depth + 1, found);
        }
        if name.contains("akash") {
            found.insert(name);
        }
    }
}

fn lines(path: &str) -> Vec<String> {
    fs::read_to_string(path).unwrap_or_default().lines().map(str::to_owned).collect()
}

fn folder_names(path: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}
