//! A network of one validator, made and run by the executable.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::akash;

/// Longest wait for a node to begin or to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a command left behind.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// Standard output of a command that must have worked.
    pub fn ok(self) -> String {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        self.out.trim_end().to_owned()
    }

    pub fn json(self) -> Value {
        let text = self.ok();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// Standard error of a command that must have failed with this code.
    pub fn failed(self, code: i32) -> String {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        self.err
    }
}

/// A command without the variables of whoever runs the tests.
pub fn command() -> Command {
    let mut command = akash();
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AKASH_") && name != "AKASH_TESTS_COMPLETE") {
        command.env_remove(name);
    }
    command
}

pub fn ran(command: &mut Command) -> Ran {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

pub struct Network {
    pub folder: TempDir,
    /// Of its only node; the key `node0` in it holds coins.
    pub home: PathBuf,
    pub rpc: String,
    node: Option<Child>,
}

impl Network {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let made = ran(command()
            .args(["testnet", "init", "-o", "json", "--validators", "1", "--output-dir"])
            .arg(folder.path()));
        let home = PathBuf::from(made.json()["nodes"][0]["home"].as_str().unwrap());
        let mut network = Self { folder, home, rpc: String::new(), node: None };
        network.run_node();
        network
    }

    pub fn run_node(&mut self) {
        let log = File::create(self.folder.path().join("node.log")).unwrap();
        let mut node = command()
            .args(["start", "--dev", "-o", "json", "--home"])
            .arg(&self.home)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(node.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}{}", self.log()));
        self.rpc = ready["rpc"].as_str().unwrap().to_owned();
        self.node = Some(node);
        let deadline = Instant::now() + PATIENCE;
        while self.run(&["status"]).json()["sync_info"]["latest_block_height"] == "0" {
            assert!(Instant::now() < deadline, "no block\n{}", self.log());
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Ctrl-C; fails unless it ends well and in time.
    pub fn stop_node(&mut self) {
        let Some(mut node) = self.node.take() else { return };
        let pid = rustix::process::Pid::from_child(&node);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = node.try_wait().unwrap() {
                assert!(status.success(), "{status}\n{}", self.log());
                return;
            }
            assert!(Instant::now() < deadline, "the node does not stop\n{}", self.log());
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("node.log")).unwrap_or_default()
    }

    /// Runs on the home of the node.
    pub fn run(&self, words: &[&str]) -> Ran {
        ran(command().args(words).arg("--home").arg(&self.home))
    }

    /// The answer to a query.
    pub fn query(&self, words: &str) -> Value {
        let words: Vec<&str> = words.split_whitespace().collect();
        self.run(&[&["query", "-o", "json"], &words[..]].concat()).json()
    }

    /// Sends without a question; gives the response of the chain.
    pub fn send(&self, words: &str) -> Value {
        self.try_send(words).json()
    }

    pub fn try_send(&self, words: &str) -> Ran {
        let words: Vec<&str> = words.split_whitespace().collect();
        self.run(&[&["tx"], &words[..], &["--yes", "-o", "json"]].concat())
    }

    pub fn address(&self, key: &str) -> String {
        self.run(&["keys", "show", key, "-a"]).ok()
    }

    pub fn file(&self, name: &str, content: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, content).unwrap();
        path.display().to_string()
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        if let Some(mut node) = self.node.take() {
            if thread::panicking() {
                eprintln!("{}", self.log());
            }
            let _ = node.kill();
            let _ = node.wait();
        }
    }
}
