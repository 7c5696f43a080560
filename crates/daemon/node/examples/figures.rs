//! Figures for `docs/benchmarks.md`: `cargo run --release -p akash-node --example figures -- SECONDS INTERVAL_MS`.
//!
//! Runs one validator in a temporary folder and prints blocks a second, CPU and memory.

use std::time::{Duration, Instant};

use akash_app::genesis::{PlayGenesis, play_genesis};
use akash_kernel::Time;
use akash_node::{Node, NodeConfig};
use akash_types::coin::Coins;
use akash_types::key::SecretKey;

const CHAIN_ID: &str = "figures-1";

type Failure = Box<dyn std::error::Error>;

fn argument(number: usize, default: u64) -> u64 {
    std::env::args().nth(number).and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// CPU time of this process in seconds and its resident memory in MiB.
fn usage() -> Result<(f64, u64), Failure> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks: f64 = fields[11].parse::<f64>()? + fields[12].parse::<f64>()?;
    Ok((ticks / 100.0, (fields[21].parse::<u64>()? * 4096) >> 20))
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let (seconds, interval_ms) = (argument(1, 10), argument(2, 0));
    let folder = std::env::temp_dir().join(format!("akash-figures-{}", std::process::id()));
    let key = SecretKey::from_bytes(&[7; 32])?;
    let genesis = play_genesis(PlayGenesis {
        chain_id: CHAIN_ID.to_string(),
        time: Time { seconds: 1_704_067_200, nanos: 0 },
        accounts: vec![(key.address(), Coins::parse("1000000000000uakt")?)],
        validators: vec![akash_node::create_keys(&folder, "validator")?],
        authority: None,
    })?;
    akash_node::init(&folder, &genesis)?;
    let any = "127.0.0.1:0".parse()?;
    let mut config = NodeConfig::play(&folder);
    (config.rpc.address, config.grpc.address, config.p2p.address) = (Some(any), Some(any), any);
    config.consensus.timeout_commit = Duration::from_millis(interval_ms);
    let node = Node::start(config).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;

    let (height, (cpu, _), started) = (node.height(), usage()?, Instant::now());
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let (blocks, (cpu_then, memory)) = (node.height() - height, usage()?);
    let elapsed = started.elapsed().as_secs_f64();
    let share = (cpu_then - cpu) / elapsed * 100.0;
    println!("{:.1} blocks/s, {share:.1} % of a core, {memory} MiB", blocks as f64 / elapsed);
    node.stop().await?;
    std::fs::remove_dir_all(folder)?;
    Ok(())
}
