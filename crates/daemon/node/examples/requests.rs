//! Figures for `docs/benchmarks.md`: `cargo run --release -p akash-node --example requests -- SECONDS CONNECTIONS`.
//!
//! Runs one validator with 10,000 accounts and prints requests a second for reads by JSON-RPC and REST, over
//! connections that stay open, the asking in the same process.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use akash_app::genesis::{PlayGenesis, play_genesis};
use akash_kernel::Time;
use akash_node::{Node, NodeConfig};
use akash_types::coin::Coins;
use akash_types::key::SecretKey;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const ACCOUNTS: u32 = 10_000;

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn argument(number: usize, default: u64) -> u64 {
    std::env::args().nth(number).and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Reads one answer with a length and says how long its body was.
async fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<usize, Failure> {
    buffer.clear();
    let mut chunk = [0; 16 << 10];
    loop {
        let count = stream.read(&mut chunk).await?;
        if count == 0 {
            return Err("the connection ended".into());
        }
        buffer.extend_from_slice(&chunk[..count]);
        let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
        if !head.starts_with("http/1.1 200") {
            return Err(String::from_utf8_lossy(buffer).into_owned().into());
        }
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
        let length: usize = length.parse()?;
        while buffer.len() < end + 4 + length {
            let count = stream.read(&mut chunk).await?;
            buffer.extend_from_slice(&chunk[..count]);
        }
        return Ok(length);
    }
}

async fn measure(what: &str, address: SocketAddr, request: String, seconds: u64, clients: u64) -> Result<(), Failure> {
    let count = Arc::new(AtomicU64::new(0));
    let end = tokio::time::Instant::now() + Duration::from_secs(seconds);
    let mut tasks = Vec::new();
    for _ in 0..clients {
        let (count, request) = (count.clone(), request.clone());
        tasks.push(tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            let mut buffer = Vec::new();
            let mut length = 0;
            while tokio::time::Instant::now() < end {
                stream.write_all(request.as_bytes()).await?;
                length = read_answer(&mut stream, &mut buffer).await?;
                count.fetch_add(1, Ordering::Relaxed);
            }
            Ok::<_, Failure>(length)
        }));
    }
    let mut length = 0;
    for task in tasks {
        length = task.await??;
    }
    println!("{what}: {}/s, {length} bytes each", count.load(Ordering::Relaxed) / seconds);
    Ok(())
}

fn post(method: &str, params: &str) -> String {
    let body = format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"{method}\",\"params\":{params}}}");
    format!("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n")
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let (seconds, clients) = (argument(1, 5), argument(2, 16));
    let folder = std::env::temp_dir().join(format!("akash-requests-{}", std::process::id()));
    let key = SecretKey::from_bytes(&[7; 32])?.address();
    let mut accounts = vec![(key.clone(), Coins::parse("1000000uact,1000000000000uakt")?)];
    for number in 1..ACCOUNTS {
        let mut bytes = [0; 20];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        accounts.push((akash_types::address::Address::from_bytes(&bytes)?, Coins::parse("5uakt")?));
    }
    let genesis = play_genesis(PlayGenesis {
        chain_id: "requests-1".to_string(),
        time: Time { seconds: 1_704_067_200, nanos: 0 },
        accounts,
        validators: vec![akash_node::create_keys(&folder, "validator")?],
        authority: None,
    })?;
    akash_node::init(&folder, &genesis)?;
    let any = "127.0.0.1:0".parse()?;
    let mut config = NodeConfig::play(&folder);
    (config.rpc.address, config.rest.address) = (Some(any), Some(any));
    (config.grpc.address, config.p2p.address) = (None, any);
    config.consensus.timeout_commit = Duration::from_secs(1);
    let node = Node::start(config).await?;
    while node.height() < 3 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let (Some(rpc), Some(rest)) = (node.rpc_address(), node.rest_address()) else { return Err("no servers".into()) };
    let balance = format!("/cosmos/bank/v1beta1/balances/{key}");
    for (what, address, request) in [
        ("RPC status", rpc, post("status", "{}")),
        ("RPC block", rpc, post("block", "{\"height\":\"2\"}")),
        ("RPC block_results", rpc, post("block_results", "{\"height\":\"2\"}")),
        ("REST balances of one account", rest, get(&balance)),
        ("REST page of 100 accounts", rest, get("/cosmos/auth/v1beta1/accounts?pagination.limit=100")),
    ] {
        measure(what, address, request, seconds, clients).await?;
    }
    node.stop().await?;
    std::fs::remove_dir_all(folder)?;
    Ok(())
}
