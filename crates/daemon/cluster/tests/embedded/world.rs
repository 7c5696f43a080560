//! A backend in a temporary directory, with a registry that has the test image, and a look at what is left at the end.

use akash_cluster::embedded::{Embedded, EmbeddedConfig, LoopbackRegistries, OpenError};
use akash_cluster::registry::{Image, ImageBuilder, Registry};
use akash_cluster::{Cluster, Expose, LeaseStatus, LogLine, LogOptions, Resources, Service, Workload, conformance};
use akash_types::id::LeaseId;
use futures::StreamExt;
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(30);

pub struct World {
    pub cluster: Option<Embedded>,
    pub registry: Registry,
    pub image: String,
    pub parent: String,
    pub directory: TempDir,
}

/// Only missing rights are a reason to leave tests out.
pub fn cannot_run() -> Option<String> {
    let directory = tempfile::tempdir().unwrap();
    let config = config(directory.path().join("try"), "akash-test-try", ([127, 0, 0, 1], 1).into());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        match Embedded::open(config).await {
            Ok(cluster) => cluster.close().await,
            Err(OpenError::Rights(missing)) => return Some(missing.to_string()),
            Err(error) => panic!("{error}"),
        }
        None
    })
}

/// The test image's program, compiled once.
pub fn tenant() -> Vec<u8> {
    static TENANT: OnceLock<Vec<u8>> = OnceLock::new();
    TENANT.get_or_init(compile_tenant).clone()
}

fn compile_tenant() -> Vec<u8> {
    let directory = tempfile::tempdir().unwrap();
    let output = directory.path().join("tenant");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tenant/tenant.rs");
    let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let status = std::process::Command::new(compiler)
        .args(["--edition=2024", "-Copt-level=1", "-Ctarget-feature=+crt-static", "-Cstrip=symbols", "-o"])
        .arg(&output)
        .arg(source)
        .status()
        .expect("the compiler runs");
    assert!(status.success(), "the test image's program compiles");
    std::fs::read(output).unwrap()
}

pub fn image() -> Image {
    let builder = ImageBuilder::new().file("/tenant", tenant(), 0o755).entrypoint(&["/tenant"]).env("FROM=image");
    builder.port(8080).build("tenant", "latest").unwrap()
}

pub fn config(root: PathBuf, parent: &str, registry: SocketAddr) -> EmbeddedConfig {
    EmbeddedConfig {
        ingress: Some(([127, 0, 0, 1], 0).into()),
        cgroup_parent: parent.to_owned(),
        loopback_registries: LoopbackRegistries::Only(vec![registry]),
        stop_grace: Duration::from_secs(2),
        ..EmbeddedConfig::new(root)
    }
}

impl World {
    pub async fn new() -> World {
        static NUMBER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let parent = format!("akash-test-{}-{number}", std::process::id());
        let image = image();
        let registry = Registry::serve(([127, 0, 0, 1], 0).into(), vec![]).await.unwrap();
        let reference = registry.reference(&image);
        registry.add(image);
        let directory = tempfile::tempdir().unwrap();
        let mut world = World { cluster: None, registry, image: reference, parent, directory };
        world.open().await;
        world
    }

    pub fn root(&self) -> PathBuf {
        self.directory.path().join("cluster")
    }

    pub async fn open(&mut self) {
        let config = config(self.root(), &self.parent, self.registry.address());
        self.cluster = Some(Embedded::open(config).await.expect("the backend opens"));
    }

    pub async fn close(&mut self) {
        if let Some(cluster) = self.cluster.take() {
            cluster.close().await;
        }
    }

    pub fn cluster(&self) -> &Embedded {
        self.cluster.as_ref().unwrap()
    }

    /// One service `web` that runs the program with these arguments.
    pub fn workload(&self, number: u64, args: &[&str]) -> Workload {
        let service = Service {
            name: "web".into(),
            image: self.image.clone(),
            args: args.iter().map(|a| (*a).to_owned()).collect(),
            resources: Resources {
                cpu_milli: 500,
                memory_bytes: 32 << 20,
                ephemeral_bytes: 64 << 20,
                ..Resources::default()
            },
            count: 1,
            expose: vec![Expose {
                port: 8080,
                external_port: 80,
                global: true,
                hosts: vec![format!("t{number}.localhost")],
                ..Expose::default()
            }],
            ..Service::default()
        };
        let lease = conformance::lease(number);
        Workload { lease, group: "main".into(), version_hash: [0; 32], services: vec![service] }
    }

    pub async fn deploy(&self, workload: &Workload) {
        self.cluster().deploy(workload).await.unwrap();
    }

    pub async fn run(&self, workload: &Workload) -> LeaseStatus {
        self.deploy(workload).await;
        self.wait(&workload.lease, LeaseStatus::is_ready).await
    }

    pub async fn wait(&self, lease: &LeaseId, fits: impl Fn(&LeaseStatus) -> bool) -> LeaseStatus {
        let start = Instant::now();
        loop {
            let status = self.cluster().lease_status(lease).await.unwrap().expect("deployed");
            if fits(&status) {
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "status {status:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// All lines up to the one that has the text.
    pub async fn lines_until(&self, lease: &LeaseId, text: &str) -> Vec<LogLine> {
        let options = LogOptions { follow: true, ..LogOptions::default() };
        let mut lines = self.cluster().logs(lease, options).await.unwrap();
        let mut seen: Vec<LogLine> = Vec::new();
        loop {
            let next = tokio::time::timeout(PATIENCE, lines.next()).await;
            let next = next.unwrap_or_else(|_| panic!("no line with {text:?} after {seen:?}"));
            seen.push(next.expect("the log goes on"));
            if seen.last().is_some_and(|line| line.line.contains(text)) {
                return seen;
            }
        }
    }

    /// Run to the end of the program and give back what it printed.
    pub async fn output(&self, workload: &Workload) -> Vec<String> {
        self.run(workload).await;
        self.lines_until(&workload.lease, "done").await.into_iter().map(|l| l.line).collect()
    }

    pub async fn teardown(&self, workload: &Workload) {
        self.cluster().teardown(&workload.lease).await.unwrap();
    }

    pub async fn get(&self, host: &str, path: &str) -> String {
        let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        self.exchange(request).await
    }

    /// Raw bytes to the ingress, and everything it says until it closes.
    pub async fn exchange(&self, request: String) -> String {
        let address = self.cluster().ingress().unwrap();
        let exchange = move || {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            let mut answer = String::new();
            let _ = stream.read_to_string(&mut answer);
            answer
        };
        tokio::task::spawn_blocking(exchange).await.unwrap()
    }

    /// Tear down what is there, and find nothing of it on the machine.
    pub async fn finish(mut self) {
        for workload in self.cluster().deployments().await.unwrap() {
            self.teardown(&workload).await;
        }
        self.close().await;
        let left = self.leftovers();
        assert!(left.is_empty(), "left over: {left:#?}");
    }

    /// Pids of this world's shims.
    pub fn shims(&self) -> Vec<i32> {
        let root = self.root().display().to_string();
        let command = |pid: &i32| std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        processes().filter(|pid| command(pid).contains("__shim") && command(pid).contains(&root)).collect()
    }

    /// Processes, mounts, cgroups, links and directories that belong to this world.
    pub fn leftovers(&self) -> BTreeSet<String> {
        let root = self.root().display().to_string();
        let mut left = BTreeSet::new();
        for process in processes() {
            let file = |name: &str| std::fs::read_to_string(format!("/proc/{process}/{name}")).unwrap_or_default();
            if file("cmdline").contains(&root) || file("cgroup").contains(&self.parent) {
                left.insert(format!("process {process} {}", file("cmdline").replace('\0', " ")));
            }
            left.extend(file("mountinfo").lines().filter(|l| l.contains(&root)).map(|l| format!("mount {l}")));
        }
        let trees = std::fs::read_dir("/sys/fs/cgroup").unwrap().flatten().map(|e| e.path());
        for tree in trees.chain([PathBuf::from("/sys/fs/cgroup")]) {
            for name in [self.parent.clone(), format!("{}-shims", self.parent)] {
                if tree.join(&name).exists() {
                    left.insert(format!("cgroup {}", tree.join(name).display()));
                }
            }
        }
        let links = std::fs::read_dir("/sys/class/net").unwrap().flatten();
        let ours = format!("ak{}", tag(&self.root()));
        left.extend(links.map(|l| l.file_name().to_string_lossy().into_owned()).filter(|l| l.starts_with(&ours)));
        let leases = std::fs::read_dir(self.root().join("leases")).unwrap().flatten();
        left.extend(leases.map(|e| e.path().display().to_string()));
        left
    }
}

fn processes() -> impl Iterator<Item = i32> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let me = std::process::id() as i32;
    entries.filter_map(|e| e.file_name().to_str()?.parse().ok()).filter(move |pid| *pid != me)
}

/// As the backend names the links of a root.
fn tag(root: &Path) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(root.canonicalize().unwrap().as_os_str().as_encoded_bytes());
    digest.iter().map(|b| format!("{b:02x}")).collect::<String>()[..5].to_owned()
}

/// Of the container's first process and of its shim, as the machine sees them.
pub fn identities(world: &World, lease: &LeaseId, replica: &str) -> (String, String) {
    let found = std::fs::read_dir(world.root().join("leases")).unwrap().flatten();
    let directory = found
        .map(|e| e.path())
        .find(|p| std::fs::read_to_string(p.join("lease.json")).is_ok_and(|t| t.contains(&lease.to_string())));
    let directory = directory.expect("the lease exists").join("c").join(replica);
    let read = |name: &str| std::fs::read_to_string(directory.join(name)).unwrap();
    (read("init.pid"), read("shim.pid"))
}
