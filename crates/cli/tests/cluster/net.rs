//! A network of processes in one folder.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::wires::Wires;

/// Longest wait for anything that the network does by itself. Two cores are shared with other tests.
const PATIENCE: Duration = Duration::from_secs(240);
/// Heights that nodes may be apart from one question to the next.
const NEAR: u64 = 5;
/// One network at a time: each is four processes.
static TURN: Mutex<()> = Mutex::new(());

/// Pseudo-random numbers from a seed that is printed: xorshift.
pub struct Random(u64);

impl Random {
    pub fn from_environment() -> Self {
        let seed = std::env::var("AKASH_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = seed.unwrap_or_else(|| u64::from(std::process::id()) + 1);
        println!("AKASH_TEST_SEED={seed}");
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).max(1))
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u64 + 1) as usize);
        }
    }
}

pub struct Member {
    pub home: PathBuf,
    pub rpc: SocketAddr,
    pub address: String,
    /// The network namespace it runs in.
    namespace: Option<String>,
    child: Option<Child>,
}

pub struct Net {
    pub folder: TempDir,
    pub chain_id: String,
    pub members: Vec<Member>,
    _turn: MutexGuard<'static, ()>,
}

/// A port below those that outgoing connections take, so that it is still free after a restart.
fn free_port() -> u16 {
    use std::sync::atomic::{AtomicU16, Ordering};
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = (std::process::id() % 900) as u16 * 10;
    loop {
        let port = 20_000 + (start + NEXT.fetch_add(1, Ordering::SeqCst)) % 12_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

impl Net {
    pub fn new(validators: usize) -> Self {
        let hosts: Vec<_> = (0..validators).map(|_| ("127.0.0.1".to_owned(), None)).collect();
        Self::make(&hosts)
    }

    /// Each node in a network namespace of its own.
    pub fn on(wires: &Wires) -> Self {
        let hosts: Vec<_> = wires.hosts().map(|(address, namespace)| (address, Some(namespace))).collect();
        Self::make(&hosts)
    }

    fn make(hosts: &[(String, Option<String>)]) -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = tempfile::tempdir().unwrap();
        let count = hosts.len().to_string();
        let made = akash()
            .args(["testnet", "init", "--validators", &count, "-o", "json", "--output-dir"])
            .arg(folder.path())
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let made: Value = serde_json::from_slice(&made.stdout).unwrap();
        let nodes = made["nodes"].as_array().unwrap();
        let p2p: Vec<String> = hosts.iter().map(|(host, _)| format!("{host}:{}", free_port())).collect();
        let members = nodes.iter().zip(hosts).enumerate().map(|(place, (node, (host, namespace)))| {
            let home = PathBuf::from(node["home"].as_str().unwrap());
            let rpc: SocketAddr = format!("{host}:{}", free_port()).parse().unwrap();
            let mut settings = fs::read_to_string(home.join("config/akash.toml")).unwrap();
            for (name, new) in [("p2p", &p2p[place]), ("rpc", &rpc.to_string())] {
                settings = settings.replace(node[name].as_str().unwrap(), new);
            }
            for (other, new) in nodes.iter().zip(&p2p) {
                let old = multiaddress(other["p2p"].as_str().unwrap());
                settings = settings.replace(&old, &multiaddress(new));
            }
            fs::write(home.join("config/akash.toml"), settings).unwrap();
            let address = node["address"].as_str().unwrap().to_owned();
            Member { home, rpc, address, namespace: namespace.clone(), child: None }
        });
        let (chain_id, members) = (made["chain_id"].as_str().unwrap().to_owned(), members.collect());
        Self { folder, chain_id, members, _turn: turn }
    }

    pub fn start_all(&mut self) {
        for node in 0..self.members.len() {
            self.start(node);
        }
    }

    /// Returns at once.
    pub fn start(&mut self, node: usize) {
        let member = &mut self.members[node];
        assert!(member.child.is_none(), "node {node} runs");
        let mut command = match &member.namespace {
            None => akash(),
            Some(namespace) => {
                let mut command = Command::new("ip");
                command.args(["netns", "exec", namespace, env!("CARGO_BIN_EXE_akash")]);
                command
            }
        };
        let log = log_of(&member.home);
        command.args(["start", "--dev", "--set", "rest.address=off", "--set", "metrics.address=off"]);
        command.args(["--set", "grpc.address=off", "--home"]).arg(&member.home);
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        member.child = Some(command.spawn().unwrap());
    }

    fn pid(&self, node: usize) -> Pid {
        Pid::from_child(self.members[node].child.as_ref().expect("the node runs"))
    }

    /// SIGKILL.
    pub fn kill(&mut self, node: usize) {
        self.check_all_run();
        let mut child = self.members[node].child.take().expect("the node runs");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// No node may end by itself.
    fn check_all_run(&self) {
        for (node, member) in self.members.iter().enumerate() {
            let Some(child) = &member.child else { continue };
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
            let ended = waitid(WaitId::Pid(Pid::from_child(child)), options).unwrap();
            assert!(ended.is_none(), "node {node} ended by itself");
        }
    }

    /// Ctrl-C.
    pub fn stop(&mut self, node: usize) {
        kill_process(self.pid(node), Signal::INT).unwrap();
        let mut child = self.members[node].child.take().unwrap();
        assert!(child.wait().unwrap().success(), "{}", self.written(node));
    }

    pub fn pause(&self, node: usize) {
        kill_process(self.pid(node), Signal::STOP).unwrap();
    }

    pub fn resume(&self, node: usize) {
        kill_process(self.pid(node), Signal::CONT).unwrap();
    }

    pub fn written(&self, node: usize) -> String {
        fs::read_to_string(self.members[node].home.join("log")).unwrap_or_default()
    }

    /// The disk of a node that stands still.
    pub fn copy_of(&self, node: usize) -> PathBuf {
        let to = self.folder.path().join(format!("copy{}", self.members.len()));
        copy_folder(&self.members[node].home, &to);
        to
    }

    /// A node on a copied disk, with addresses and a network key of its own.
    pub fn add_copy(&mut self, home: PathBuf) -> usize {
        let file = home.join("config/akash.toml");
        let mut settings = fs::read_to_string(&file).unwrap();
        let rpc: SocketAddr = ([127, 0, 0, 1], free_port()).into();
        let own = self.members.iter().find(|member| settings.contains(&member.rpc.to_string())).unwrap();
        let p2p = address_of(&settings, "p2p");
        settings = settings.replace(&own.rpc.to_string(), &rpc.to_string());
        settings = settings.replace(&p2p, &format!("127.0.0.1:{}", free_port()));
        fs::write(&file, settings).unwrap();
        fs::remove_file(home.join("config/node_key.json")).unwrap();
        let key = akash().args(["init", "copy", "--home"]).arg(self.folder.path().join("spare")).output().unwrap();
        assert!(key.status.success(), "{}", String::from_utf8_lossy(&key.stderr));
        fs::copy(self.folder.path().join("spare/config/node_key.json"), home.join("config/node_key.json")).unwrap();
        let address = own.address.clone();
        self.members.push(Member { home, rpc, address, namespace: None, child: None });
        self.members.len() - 1
    }

    pub fn status(&self, node: usize) -> Option<Value> {
        call(self.members[node].rpc, "status", json!({}))
    }

    pub fn height(&self, node: usize) -> Option<u64> {
        self.status(node)?["sync_info"]["latest_block_height"].as_str()?.parse().ok()
    }

    pub fn node_reaches(&self, node: usize, height: u64) {
        self.wait(&format!("node {node} at height {height}"), || self.height(node).filter(|own| *own >= height));
    }

    pub fn reach(&self, height: u64) {
        for node in 0..self.members.len() {
            self.node_reaches(node, height);
        }
    }

    /// Until it says itself that it is, and is near the highest of the others.
    pub fn wait_until_caught_up(&self, node: usize) {
        self.wait(&format!("node {node} to catch up"), || {
            let status = self.status(node)?;
            let others = (0..self.members.len()).filter_map(|other| self.height(other)).max()?;
            let height: u64 = status["sync_info"]["latest_block_height"].as_str()?.parse().ok()?;
            let caught_up = status["sync_info"]["catching_up"] == false;
            (caught_up && height + NEAR >= others).then_some(())
        });
    }

    /// The height that all running nodes reach from here.
    pub fn settle(&self) -> u64 {
        let highest = (0..self.members.len()).filter_map(|node| self.height(node)).max().expect("a node answers");
        self.reach(highest + 3);
        highest + 3
    }

    /// Until the answer is there, and no node has ended.
    pub fn wait<T>(&self, what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(answer) = ask() {
                return answer;
            }
            self.check_all_run();
            if Instant::now() > deadline {
                let heights: Vec<_> = (0..self.members.len()).map(|node| self.height(node)).collect();
                panic!("waited too long for {what}; heights {heights:?}");
            }
            sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        for node in 0..self.members.len() {
            if let Some(mut child) = self.members[node].child.take() {
                let _ = child.kill();
                let _ = child.wait();
            }
            if std::thread::panicking() {
                let written = self.written(node);
                let tail = written.len().saturating_sub(4_000);
                eprintln!("--- node {node}\n{}", written.get(tail..).unwrap_or(&written));
            }
        }
    }
}

pub fn akash() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_akash"));
    command.env_remove("RUST_LOG");
    command
}

fn log_of(home: &Path) -> File {
    OpenOptions::new().create(true).append(true).open(home.join("log")).unwrap()
}

fn multiaddress(address: &str) -> String {
    let (host, port) = address.rsplit_once(':').unwrap();
    format!("/ip4/{host}/tcp/{port}")
}

/// What a section of the settings says of its address.
fn address_of(settings: &str, section: &str) -> String {
    let (_, rest) = settings.split_once(&format!("[{section}]")).unwrap();
    let line = rest.lines().find(|line| line.starts_with("address = ")).unwrap();
    line.split('"').nth(1).unwrap().to_owned()
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A JSON-RPC call to a node that may be gone, busy or stopped.
pub fn call(address: SocketAddr, method: &str, params: Value) -> Option<Value> {
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string();
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    let head = format!("POST / HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nConnection: close\r\n");
    write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (_, body) = answer.split_once("\r\n\r\n")?;
    let value: Value = serde_json::from_str(body.get(body.find('{')?..=body.rfind('}')?)?).ok()?;
    value.get("result").cloned()
}
