//! The commands of the guide work as they stand there, in their order.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::repository;

#[test]
fn commands_of_the_guide_work_in_their_order() {
    let guide = fs::read_to_string(repository().join("docs/guide/network.md")).unwrap();
    let blocks = guide.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    // A node that was started must not outlive a command that failed.
    let script = format!("set -em; trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n{}", blocks.collect::<String>());
    let folder = tempfile::tempdir().unwrap();
    let programs = Path::new(env!("CARGO_BIN_EXE_akash")).parent().unwrap().to_owned();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("bash");
    command.args(["-c", &script]).current_dir(folder.path()).env("PATH", path).stdin(Stdio::null());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AKASH_")) {
        command.env_remove(name);
    }
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
}
