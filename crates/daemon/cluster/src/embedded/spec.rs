//! One replica as its shim needs it, and the OCI runtime specification made of it.

use super::cgroup::Cgroup;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

/// User ids of each lease: its slot's own range.
pub const IDS_PER_LEASE: u32 = 65_536;
/// Everything that a tenant may ever have.
const CAPABILITIES: [&str; 9] = [
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_NET_BIND_SERVICE",
    "CAP_SYS_CHROOT",
];
const MASKED_PATHS: [&str; 16] = [
    "/proc/asound",
    "/proc/acpi",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/proc/interrupts",
    "/sys/firmware",
    "/sys/devices/virtual/powercap",
    "/sys/fs/cgroup",
    "/sys/kernel/security",
    "/sys/kernel/debug",
    "/sys/kernel/tracing",
];
const READ_ONLY_PATHS: [&str; 5] = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];
const OPEN_FILES: u64 = 65_536;
const SHARED_MEMORY: &str = "size=64m";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplicaSpec {
    /// `<service>-<number>`; also the host name inside.
    pub name: String,
    pub service: String,
    /// Of what in the workload decides this replica; another fingerprint means another container.
    pub fingerprint: String,
    pub image_digest: String,
    pub cgroup_parent: String,
    pub cgroup_group: String,
    pub address: Ipv4Addr,
    pub gateway: Ipv4Addr,
    pub arguments: Vec<String>,
    pub env: Vec<String>,
    pub working_directory: String,
    pub uid: u32,
    pub gid: u32,
    /// The bottom first.
    pub layers: Vec<PathBuf>,
    /// First host id of the lease's range.
    pub id_base: u32,
    pub cpu_milli: u64,
    pub memory_bytes: u64,
    pub ephemeral_bytes: u64,
    pub pids: u32,
}

impl ReplicaSpec {
    #[must_use]
    pub fn cgroup(&self) -> Cgroup {
        Cgroup::new(&self.cgroup_parent, &self.cgroup_group, &self.name)
    }

    /// `rootfs` is already mounted.
    #[must_use]
    pub fn runtime_spec(&self, rootfs: &Path) -> Value {
        let kinds = ["user", "pid", "mount", "network", "ipc", "uts", "cgroup", "time"];
        let namespaces: Vec<Value> = kinds.iter().map(|kind| json!({ "type": kind })).collect();
        let ids = json!([{ "containerID": 0, "hostID": self.id_base, "size": IDS_PER_LEASE }]);
        json!({
            "ociVersion": "1.0.2",
            "hostname": self.name,
            "root": { "path": rootfs, "readonly": false },
            "process": self.process(),
            "mounts": mounts(),
            "linux": {
                "namespaces": namespaces,
                "uidMappings": ids,
                "gidMappings": ids,
                "cgroupsPath": self.cgroup().path(),
                "resources": self.resources(),
                "maskedPaths": MASKED_PATHS,
                "readonlyPaths": READ_ONLY_PATHS,
            },
        })
    }

    fn process(&self) -> Value {
        let open_files = OPEN_FILES.min(hard_limit_of_open_files());
        json!({
            "terminal": false,
            "user": { "uid": self.uid, "gid": self.gid },
            "args": self.arguments,
            "env": self.env,
            "cwd": self.working_directory,
            "noNewPrivileges": true,
            "capabilities": {
                "bounding": CAPABILITIES, "effective": CAPABILITIES, "permitted": CAPABILITIES,
                "inheritable": [], "ambient": [],
            },
            "rlimits": [
                { "type": "RLIMIT_NOFILE", "soft": open_files, "hard": open_files },
                { "type": "RLIMIT_CORE", "soft": 0, "hard": 0 },
            ],
        })
    }

    /// Memory and swap together are the memory limit, so that nothing is swapped.
    fn resources(&self) -> Value {
        json!({
            "cpu": {
                "period": 100_000,
                "quota": self.cpu_milli.saturating_mul(100).max(1_000),
                "shares": (self.cpu_milli.saturating_mul(1024) / 1000).clamp(2, 262_144),
            },
            "memory": { "limit": self.memory_bytes, "swap": self.memory_bytes },
            "pids": { "limit": self.pids },
            "devices": [{ "allow": false, "access": "rwm" }],
        })
    }
}

/// No cgroup file system: version 1 ignores its read-only flag, and tenants could lift their own limits.
fn mounts() -> Value {
    json!([
        mount("/proc", "proc", &["nosuid", "noexec", "nodev"]),
        mount("/dev", "tmpfs", &["nosuid", "noexec", "strictatime", "mode=755", "size=64k"]),
        mount("/dev/pts", "devpts", &["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]),
        mount("/dev/shm", "tmpfs", &["nosuid", "noexec", "nodev", "mode=1777", SHARED_MEMORY]),
        mount("/dev/mqueue", "mqueue", &["nosuid", "noexec", "nodev"]),
        mount("/sys", "sysfs", &["nosuid", "noexec", "nodev", "ro"]),
    ])
}

fn mount(to: &str, kind: &str, options: &[&str]) -> Value {
    json!({ "destination": to, "type": kind, "source": kind, "options": options })
}

/// Raising it needs CAP_SYS_RESOURCE, which we may lack.
fn hard_limit_of_open_files() -> u64 {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: fills the structure.
    match unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) } {
        0 => limit.rlim_max,
        _ => 1024,
    }
}
