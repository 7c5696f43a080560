//! What goes wrong in a user's hands: each a clear error that says what to do, nothing lost, nothing hanging.

#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

mod support;

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::json;
use support::chain::balance;
use support::{Cloud, akash, containers_possible, get, host_of, rpc, sample, wait_for};

/// Exit code, and standard error in one text.
fn ended(output: &Output) -> (i32, String) {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code().unwrap_or(-1), text)
}

/// The sample with one text replaced by another, in the cloud's home.
fn changed(cloud: &Cloud, name: &str, from: &str, to: &str) -> PathBuf {
    let text = fs::read_to_string(sample()).unwrap();
    assert!(text.contains(from), "the sample has no {from:?}");
    let path = cloud.home.path().join(name);
    fs::write(&path, text.replace(from, to)).unwrap();
    path
}

#[test]
fn without_a_cloud_every_command_says_what_to_run_first() {
    let home = tempfile::tempdir().unwrap();
    for words in [&["ls"][..], &["status"], &["logs"], &["close", "--yes"]] {
        let output = akash().args(words).arg("--home").arg(home.path()).output().unwrap();
        let (code, text) = ended(&output);
        assert_eq!(code, 3, "{words:?}: {text}");
        assert!(text.contains("akash up"), "{words:?}: {text}");
    }
}

#[test]
fn errors_of_a_file_are_shown_at_their_places() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bad.yaml");
    let text = fs::read_to_string(sample()).unwrap();
    fs::write(&file, text.replace("count: 1", "count: many").replace("size: 32Mi", "size: 32Xi")).unwrap();
    for words in [&["sdl", "hash"][..], &["deploy", "--yes"]] {
        let (code, text) = ended(&akash().args(words).arg(&file).output().unwrap());
        assert_eq!(code, 2, "{text}");
        assert!(text.contains("bad.yaml:") && text.contains('^'), "{text}");
    }
    let (code, text) = ended(&akash().args(["sdl", "hash", "/nowhere.yaml"]).output().unwrap());
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("/nowhere.yaml"), "{text}");
}

#[test]
fn taken_port_is_named_and_nothing_is_made() {
    if !containers_possible() {
        return;
    }
    let cloud = Cloud::new();
    let held = TcpListener::bind(("127.0.0.1", 26657 + cloud.offset)).unwrap();
    let offset = cloud.offset.to_string();
    let (code, text) = ended(&cloud.run(&["up", "--offset", &offset]));
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("(rpc) is in use") && text.contains("--offset"), "{text}");
    drop(held);
}

#[test]
fn hopeless_deployments_end_with_their_reason_and_the_rest_goes_on() {
    if !containers_possible() {
        return;
    }
    let mut cloud = Cloud::new();
    let tenant = cloud.up()["tenant"].as_str().unwrap().to_owned();
    let funds = balance(&cloud.rpc(), &tenant, "uact");

    let second = cloud.run(&["up", "--offset", &(cloud.offset + 2000).to_string()]);
    let (code, text) = ended(&second);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("already runs"), "{text}");

    let cheap = changed(&cloud, "cheap.yaml", "amount: 1000", "amount: 0.0001");
    let (code, text) = ended(&cloud.run(&["deploy", "--yes", "--bid-timeout", "2", cheap.to_str().unwrap()]));
    assert_eq!(code, 8, "{text}");
    assert!(text.contains("no provider made an offer"), "{text}");
    assert_eq!(balance(&cloud.rpc(), &tenant, "uact"), funds, "the deposit did not come back whole");

    let deposit = "999999999999999999uact";
    let (code, text) = ended(&cloud.run(&["deploy", "--yes", "--deposit", deposit, sample().to_str().unwrap()]));
    assert_eq!(code, 10, "{text}");
    assert!(text.contains(deposit), "{text}");

    let absent = changed(&cloud, "absent.yaml", "hello:1", "nothing:1");
    let (code, text) = ended(&cloud.run(&["deploy", "--yes", "--ready-timeout", "4", absent.to_str().unwrap()]));
    assert_eq!(code, 9, "{text}");
    assert!(text.contains("nothing:1") && text.contains("akash close"), "{text}");
    cloud.ok(&["close", "--yes"]);

    let url = cloud.ok(&["deploy", "--yes", sample().to_str().unwrap()]);
    assert_eq!(get(cloud.ingress(), host_of(&url), "/").unwrap().0, 200);
    cloud.ok(&["close", "--yes"]);
    cloud.stop();
}

#[test]
fn full_disk_is_said_and_loses_nothing() {
    if !containers_possible() {
        return;
    }
    let mut cloud = Cloud::new();
    let disk = SmallDisk::mount(&cloud);
    cloud.up();
    let first = rpc(&cloud.rpc(), "block", json!({"height": "1"}));
    let filler = cloud.home.path().join("filler");
    disk.fill(&filler);
    let text = wait_for("up to give up", || {
        let text = cloud.written();
        text.contains("disk is full").then_some(text)
    });
    assert!(text.contains("free some space"), "{text}");
    cloud.reap();

    fs::remove_file(filler).unwrap();
    cloud.up();
    assert_eq!(rpc(&cloud.rpc(), "block", json!({"height": "1"})), first);
    cloud.stop();
}

/// A file system of its own for a home, of 96 MiB; gone when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(cloud: &Cloud) -> Self {
        let path = cloud.home.path().to_path_buf();
        let status = Command::new("mount").args(["-t", "tmpfs", "-o", "size=96m", "tmpfs"]).arg(&path).status();
        assert!(status.unwrap().success(), "cannot mount a small disk");
        Self(path)
    }

    /// Writes until there is no room left.
    fn fill(&self, path: &PathBuf) {
        use std::io::Write;
        let mut file = fs::File::create(path).unwrap();
        while file.write_all(&[0; 1 << 16]).is_ok() {}
        while file.write_all(&[0]).is_ok() {}
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
