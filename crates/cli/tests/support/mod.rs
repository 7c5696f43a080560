//! Drives the executable from outside: a home folder, a free range of ports, `akash up` in a process of its own.
#![expect(dead_code, reason = "each test binary uses a part of this")]

pub mod chain;
pub mod traces;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{fs, thread};

use serde_json::Value;
use tempfile::TempDir;

/// Longest wait for anything that `akash up` does on its own.
pub const PATIENCE: Duration = Duration::from_secs(90);
/// The ports that `akash up` takes at offset 0.
const PORTS: [u16; 7] = [26657, 9090, 1317, 26656, 8443, 8080, 5050];

/// Containers need root. Says why a test is left out, or fails where nothing may be left out.
pub fn containers_possible() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        left_out("containers need root");
    }
    root
}

/// Prints the reason; with `AKASH_TESTS_COMPLETE` it is a failure.
pub fn left_out(reason: &str) {
    assert!(std::env::var_os("AKASH_TESTS_COMPLETE").is_none(), "left out although it must not be: {reason}");
    println!("left out: {reason}");
}

pub fn akash() -> Command {
    Command::new(env!("CARGO_BIN_EXE_akash"))
}

pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

pub fn sample() -> PathBuf {
    repository().join("examples/hello/deploy.yaml")
}

/// An offset at which all ports are free right now. Each process starts its search elsewhere.
pub fn free_offset() -> u16 {
    let start = (std::process::id() % 500) as u16;
    (0..500)
        .map(|step| 100 + (start + step) % 500 * 11)
        .find(|offset| PORTS.iter().all(|port| TcpListener::bind(("127.0.0.1", port + offset)).is_ok()))
        .expect("five hundred ranges of ports are not all taken")
}

/// A home folder with a free range of ports; what is started in it ends with it.
pub struct Cloud {
    pub home: TempDir,
    pub offset: u16,
    up: Option<Up>,
    _turn: MutexGuard<'static, ()>,
}

/// One cloud at a time, so that what is left on the machine is its own.
static TURN: Mutex<()> = Mutex::new(());

struct Up {
    child: Child,
    events: Receiver<Value>,
}

impl Cloud {
    pub fn new() -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        Self { home: tempfile::tempdir().unwrap(), offset: free_offset(), up: None, _turn: turn }
    }

    /// Starts `akash up` with more flags and returns at once.
    pub fn spawn(&mut self, flags: &[&str]) {
        assert!(self.up.is_none(), "already up");
        let offset = self.offset.to_string();
        let mut child = akash()
            .args(["up", "-o", "json", "--offset", &offset, "--home"])
            .arg(self.home.path())
            .args(flags)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(self.log())
            .spawn()
            .unwrap();
        let (sender, events) = channel();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if sender.send(serde_json::from_str(&line).unwrap_or(Value::String(line))).is_err() {
                    return;
                }
            }
        });
        self.up = Some(Up { child, events });
    }

    /// Starts `akash up` and waits until it is ready.
    pub fn up(&mut self) -> Value {
        self.spawn(&[]);
        self.event("ready")
    }

    /// The next event of this name; fails with what `akash up` wrote when it ends or nothing comes.
    pub fn event(&mut self, name: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let up = self.up.as_ref().expect("up was started");
            match up.events.recv_timeout(left) {
                Ok(event) if event["event"] == name => return event,
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => panic!("no event {name}\n{}", self.written()),
                Err(RecvTimeoutError::Disconnected) => panic!("up ended before {name}\n{}", self.written()),
            }
        }
    }

    /// SIGKILL to `akash up` alone; the shims of its containers live on.
    pub fn kill(&mut self) {
        let mut up = self.up.take().expect("up was started");
        up.child.kill().unwrap();
        up.child.wait().unwrap();
    }

    /// Waits until `akash up`, which gave up by itself, is gone.
    pub fn reap(&mut self) {
        let mut up = self.up.take().expect("up was started");
        let deadline = Instant::now() + Duration::from_secs(30);
        while matches!(up.child.try_wait(), Ok(None)) {
            assert!(Instant::now() < deadline, "up does not end\n{}", self.written());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ctrl-C; fails unless it ends well and in time.
    pub fn stop(&mut self) {
        let Some(mut up) = self.up.take() else { return };
        let pid = rustix::process::Pid::from_child(&up.child);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
        let deadline = Instant::now() + Duration::from_secs(30);
        while Instant::now() < deadline {
            if let Some(status) = up.child.try_wait().unwrap() {
                assert!(status.success(), "up ended with {status}\n{}", self.written());
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        up.child.kill().unwrap();
        up.child.wait().unwrap();
        panic!("up did not stop on Ctrl-C within 30 s\n{}", self.written());
    }

    /// Runs another command on this home.
    pub fn run(&self, words: &[&str]) -> Output {
        akash().args(words).arg("--home").arg(self.home.path()).stdin(Stdio::null()).output().unwrap()
    }

    /// Runs a command that must succeed; gives its standard output.
    pub fn ok(&self, words: &[&str]) -> String {
        let output = self.run(words);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {}\n{errors}\n{}", output.status, self.written());
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Runs a command that must succeed and print one JSON value.
    pub fn json(&self, words: &[&str]) -> Value {
        let text = self.ok(&[words, &["-o", "json"]].concat());
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{words:?}: {error}: {text}"))
    }

    pub fn rpc(&self) -> String {
        format!("http://127.0.0.1:{}", 26657 + self.offset)
    }

    pub fn ingress(&self) -> u16 {
        8080 + self.offset
    }

    /// What `akash up` wrote to standard error so far, of all its runs.
    pub fn written(&self) -> String {
        fs::read_to_string(self.home.path().join("up.stderr")).unwrap_or_default()
    }

    fn log(&self) -> Stdio {
        let path = self.home.path().join("up.stderr");
        fs::OpenOptions::new().create(true).append(true).open(path).unwrap().into()
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        if let Some(mut up) = self.up.take() {
            if thread::panicking() {
                eprintln!("{}", self.written());
            }
            let pid = rustix::process::Pid::from_child(&up.child);
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::INT);
            let deadline = Instant::now() + Duration::from_secs(15);
            while Instant::now() < deadline && matches!(up.child.try_wait(), Ok(None)) {
                thread::sleep(Duration::from_millis(20));
            }
            let _ = up.child.kill();
            let _ = up.child.wait();
        }
    }
}

/// GET by HTTP/1.1 with a host name that no resolver has to know: (status, body).
pub fn get(port: u16, host: &str, path: &str) -> std::io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(1 << 20).read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    Ok((status, body.to_owned()))
}

/// The host name of a URL that a command printed.
pub fn host_of(url: &str) -> &str {
    let rest = url.strip_prefix("http://").unwrap_or(url);
    rest.split(['/', ':']).next().unwrap_or(rest)
}

/// Asks until the answer is right or patience ends.
pub fn wait_for<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited too long for {what}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// Waits until this home's cloud has left nothing that was not there before.
pub fn wait_for_nothing_beyond(cloud: &Cloud, before: &traces::Traces) {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let left = traces::Traces::of(cloud.home.path()).beyond(before);
        if left.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "left behind:\n{}", left.join("\n"));
        thread::sleep(Duration::from_millis(100));
    }
}

/// A JSON-RPC call by POST.
pub fn rpc(url: &str, method: &str, params: Value) -> Value {
    let address = url.strip_prefix("http://").unwrap();
    let body = serde_json::json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
    let head = format!("POST / HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nConnection: close\r\n");
    write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let body = &body[body.find('{').unwrap_or(0)..=body.rfind('}').unwrap_or(body.len() - 1)];
    let value: Value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{method}: {error}: {body}"));
    assert!(value.get("error").is_none(), "{method}: {value}");
    value["result"].clone()
}
