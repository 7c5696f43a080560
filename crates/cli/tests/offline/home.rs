//! A home without a cloud, and commands run on it.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::akash;

pub const WORDS: &str = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
pub const ADDRESS: &str = "akash19rl4cm2hmr8afy4kldpxz3fka4jguq0a3mq6x0";

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
        serde_json::from_str(&self.ok()).unwrap()
    }

    /// Standard error of a command that must have failed with this code.
    pub fn failed(self, code: i32) -> String {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        self.err
    }
}

/// A home without a cloud.
pub struct Home(TempDir);

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn run(&self, words: &[&str]) -> Ran {
        self.run_with(words, "")
    }

    /// Runs with `input` on standard input.
    pub fn run_with(&self, words: &[&str], input: &str) -> Ran {
        let mut command = akash();
        command.args(words).env_remove("AKASH_KEYRING_BACKEND").env("AKASH_HOME", self.0.path());
        ran(&mut command, input)
    }

    /// Runs under further environment variables.
    pub fn run_in(&self, variables: &[(&str, &str)], words: &[&str], input: &str) -> Ran {
        let mut command = akash();
        command.args(words).env_remove("AKASH_KEYRING_BACKEND").env("AKASH_HOME", self.0.path());
        ran(command.envs(variables.iter().copied()), input)
    }

    /// A program in the home.
    pub fn program(&self, name: &str, script: &str) {
        let path = self.path(name);
        fs::write(&path, script).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// What a command prints on both streams with everything logged.
    pub fn run_logged(&self, words: &[&str], input: &str) -> String {
        let mut command = akash();
        command.args(words).env_remove("AKASH_KEYRING_BACKEND").env("AKASH_HOME", self.0.path());
        let ran = ran(command.env("AKASH_LOG", "trace").env("RUST_LOG", "trace"), input);
        format!("{}{}", ran.out, ran.err)
    }

    /// The account of a key.
    pub fn address(&self, key: &str) -> String {
        self.run(&["keys", "show", key, "-a"]).ok()
    }

    /// The public key of a key in hex.
    pub fn hex_key(&self, key: &str) -> String {
        let text = self.run(&["keys", "show", key, "-p"]).ok();
        let value: Value = serde_json::from_str(&text).unwrap();
        hex::encode(STANDARD.decode(value["key"].as_str().unwrap()).unwrap())
    }

    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path.display().to_string()
    }
}

fn ran(command: &mut Command, input: &str) -> Ran {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A command that reads nothing has closed its end already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}
