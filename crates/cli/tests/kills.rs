//! SIGKILL to `akash up` at random moments: the chain goes on with the same history, one workload runs and is not
//! restarted, the deployment keeps or reaches its URL, and the money is exact.

#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

mod support;

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use support::chain::{balance, check_supply, owed};
use support::{Cloud, akash, containers_possible, get, host_of, rpc, sample, wait_for};

const ROUNDS: u64 = 20;
/// Kills of the first rounds fall into the deployment, those of the others into running.
const ROUNDS_OF_DEPLOYING: u64 = 8;

#[test]
fn killed_up_goes_on_as_if_nothing_had_happened() {
    if !containers_possible() {
        return;
    }
    let seed = seed();
    println!("seed {seed}");
    let mut random = Random(seed);
    let mut cloud = Cloud::new();
    let tenant = cloud.up()["tenant"].as_str().unwrap().to_owned();
    let funds = balance(&cloud.rpc(), &tenant, "uact");

    let mut hashes: Vec<(u64, String)> = Vec::new();
    let mut running: Option<(String, String)> = None;
    for round in 0..ROUNDS {
        let deploying = (round < ROUNDS_OF_DEPLOYING && running.is_none()).then(|| deploy(&cloud));
        thread::sleep(Duration::from_millis(random.below(if deploying.is_some() { 2500 } else { 1500 })));
        hashes.push(newest_block(&cloud));
        cloud.kill();
        if let Some(mut child) = deploying {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        cloud.up();
        for (height, hash) in &hashes {
            assert_eq!(*hash, block_hash(&cloud, *height), "round {round}: history changed at height {height}");
        }
        if let Some((url, process)) = &running {
            assert_eq!(*process, served_by(&cloud, url), "round {round}: the app was restarted");
        }
        let last_of_deploying = round + 1 >= ROUNDS_OF_DEPLOYING;
        if running.is_none() && last_of_deploying {
            let file = sample();
            let url = cloud.ok(&["deploy", "--yes", file.to_str().unwrap()]);
            let process = served_by(&cloud, &url);
            running = Some((url, process));
        }
        assert!(cloud.json(&["ls"]).as_array().unwrap().len() <= 1, "round {round}: deployed twice");
    }

    assert_eq!(shims(&cloud).len(), 1, "not exactly one workload: {:?}", shims(&cloud));
    cloud.ok(&["close", "--yes"]);
    let spent = funds - balance(&cloud.rpc(), &tenant, "uact");
    assert_eq!(spent, owed(&cloud.rpc(), &tenant));
    check_supply(&cloud.rpc());
    wait_for("the workload to go", || shims(&cloud).is_empty().then_some(()));
    cloud.stop();
}

fn deploy(cloud: &Cloud) -> Child {
    let mut command = akash();
    command.args(["deploy", "--yes"]).arg(sample()).arg("--home").arg(cloud.home.path());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn newest_block(cloud: &Cloud) -> (u64, String) {
    let status = rpc(&cloud.rpc(), "status", json!({}));
    let sync = &status["sync_info"];
    let height = sync["latest_block_height"].as_str().unwrap().parse().unwrap();
    (height, sync["latest_block_hash"].as_str().unwrap().to_owned())
}

fn block_hash(cloud: &Cloud, height: u64) -> String {
    let block: Value = rpc(&cloud.rpc(), "block", json!({"height": height.to_string()}));
    block["block_id"]["hash"].as_str().unwrap().to_owned()
}

/// The line of the page that names the process and changes only when the app is started anew: its request count grows.
fn served_by(cloud: &Cloud, url: &str) -> String {
    let page =
        wait_for("the page", || get(cloud.ingress(), host_of(url), "/").ok().filter(|(status, _)| *status == 200));
    let count =
        page.1.split("request ").nth(1).and_then(|rest| rest.split('<').next()).unwrap().parse::<u64>().unwrap();
    assert!(count >= 1);
    shims(cloud).join(" ")
}

/// The processes inside this home's containers, by pid and start time.
fn shims(cloud: &Cloud) -> Vec<String> {
    let mark = cloud.home.path().to_string_lossy().into_owned();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let folder: PathBuf = entry.path();
        let command = fs::read(folder.join("cmdline")).unwrap_or_default();
        let command = String::from_utf8_lossy(&command).replace('\0', " ");
        if command.contains("__shim") && command.contains(&mark) {
            let stat = fs::read_to_string(folder.join("stat")).unwrap_or_default();
            let started = stat.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(19)).unwrap_or("?").to_owned();
            found.push(format!("{}@{started}", entry.file_name().to_string_lossy()));
        }
    }
    found.sort();
    found
}

/// A seed that a failing run prints and `AKASH_SEED` repeats.
fn seed() -> u64 {
    std::env::var("AKASH_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(20261)
}

struct Random(u64);

impl Random {
    /// xorshift: enough to choose moments.
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}
