//! Clients that mean harm: random and mutated bytes by seed on every surface, and readers that do not read.
//!
//! Ten thousand requests each. Afterwards the node still makes blocks and answers, and its memory has not grown by more
//! than a bound.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use akash_node::Node;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{Network, exchange, get, metric, reach};

const REQUESTS: u64 = 10_000;
/// At a time.
const CLIENTS: u64 = 16;
/// The node, its tests and their allocator together.
const GROWTH_MAX_BYTES: u64 = 96 << 20;

/// Small, seeded, good enough to be hostile.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn bytes(&mut self, max: usize) -> Vec<u8> {
        (0..self.below(max)).map(|_| self.next() as u8).collect()
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// Flips, cuts, doubles and fills some of it.
    fn mutate(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = bytes.to_vec();
        for _ in 0..=self.below(4) {
            let place = self.below(out.len().max(1));
            match self.below(5) {
                0 if !out.is_empty() => out[place] ^= 1 << self.below(8),
                1 => out.truncate(place),
                2 => out.extend_from_within(place.min(out.len())..),
                3 => {
                    let more = self.bytes(32);
                    out.splice(place.min(out.len())..place.min(out.len()), more);
                }
                _ => out.extend(std::iter::repeat_n(*self.pick(b"[{\"9%A\0"), self.below(2_000))),
            }
        }
        out
    }
}

fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() << 10
}

/// Whole requests, head included.
type Attack = fn(&mut Random) -> Vec<u8>;

fn post(path: &[u8], kind: &str, body: &[u8]) -> Vec<u8> {
    let mut request = [b"POST ", path, b" HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: "].concat();
    request.extend(format!("{kind}\r\ncontent-length: {}\r\n\r\n", body.len()).as_bytes());
    request.extend(body);
    request
}

fn attack_rpc(random: &mut Random) -> Vec<u8> {
    let calls: [&[u8]; 6] = [
        br#"{"jsonrpc":"2.0","id":1,"method":"block","params":{"height":"2"}}"#,
        br#"[{"id":1,"method":"tx_search","params":{"query":"tx.height>0","page":"1"}},{"id":2,"method":"status"}]"#,
        br#"{"id":"x","method":"abci_query","params":["/cosmos.bank.v1beta1.Query/TotalSupply","0a","0",false]}"#,
        br#"{"id":1,"method":"broadcast_tx_sync","params":{"tx":"CgEB"}}"#,
        br#"{"id":1,"method":"broadcast_evidence","params":{"evidence":{"type":"x","value":[]}}}"#,
        br#"{"id":1,"method":"block_search","params":{"query":"block.height > 1 AND a.b CONTAINS 'c'"}}"#,
    ];
    match random.below(4) {
        0 => random.bytes(4_000),
        1 => {
            let uri: [&[u8]; 3] = [b"/abci_query?path=%22/a%22&data=0x00", b"/block?height=%221%22", b"/tx?hash=0x00"];
            let uri = *random.pick(&uri);
            [b"GET ", random.mutate(uri).as_slice(), b" HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"].concat()
        }
        _ => {
            let call = *random.pick(&calls);
            let body = random.mutate(call);
            post(b"/", "application/json", &body)
        }
    }
}

fn attack_rest(random: &mut Random) -> Vec<u8> {
    let paths: [&[u8]; 6] = [
        b"/cosmos/bank/v1beta1/balances/akash1qqqq?pagination.limit=1&pagination.key=AA==",
        b"/cosmos/tx/v1beta1/txs?query=tx.height%3E0&order_by=2&page=1",
        b"/akash/market/v1beta5/orders/list?filters.owner=a&filters.dseq=1&pagination.count_total=true",
        b"/cosmos/bank/v1beta1/denoms_metadata/ibc/27/%00",
        b"/cosmos/base/tendermint/v1beta1/abci_query?path=/store/bank/key&data=AA==&prove=true",
        b"/openapi.json",
    ];
    match random.below(4) {
        0 => random.bytes(4_000),
        1 => {
            let body =
                random.mutate(br#"{"tx_bytes":"CgEB","mode":"BROADCAST_MODE_SYNC","tx":{"body":{"messages":[]}}}"#);
            let paths: [&[u8]; 2] = [b"/cosmos/tx/v1beta1/txs", b"/cosmos/tx/v1beta1/simulate"];
            let path = *random.pick(&paths);
            post(path, "application/json", &body)
        }
        _ => {
            let path = *random.pick(&paths);
            let path = random.mutate(path);
            [b"GET ", path.as_slice(), b" HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"].concat()
        }
    }
}

fn attack_grpc(random: &mut Random) -> Vec<u8> {
    let paths: [&[u8]; 5] = [
        b"/cosmos.bank.v1beta1.Query/AllBalances",
        b"/cosmos.tx.v1beta1.Service/Simulate",
        b"/akash.market.v1beta5.Query/Orders",
        b"/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        b"/no.such.Service/Method",
    ];
    match random.below(4) {
        0 => random.bytes(4_000),
        // The beginning of HTTP/2 and then anything.
        1 => {
            let frames =
                random.mutate(&[0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 5, 1, 5, 0, 0, 0, 1, 0x82, 0x86, 0x84, 0x41, 0x8a]);
            [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", frames.as_slice()].concat()
        }
        _ => {
            let message = random.mutate(&[0, 0, 0, 0, 12, 10, 5, b'a', b'k', b'a', b's', b'h', 18, 3, 24, 1, 32, 1]);
            let path = *random.pick(&paths);
            let kind = *random.pick(&["application/grpc-web", "application/grpc-web-text", "application/grpc"]);
            post(path, kind, &message)
        }
    }
}

fn attack_metrics(random: &mut Random) -> Vec<u8> {
    let request = b"GET /metrics HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    if random.below(10) == 0 { random.bytes(4_000) } else { random.mutate(request) }
}

/// One request and whatever comes back, or nothing in time.
async fn strike(address: SocketAddr, request: &[u8]) -> u64 {
    let Ok(mut stream) = TcpStream::connect(address).await else { return 0 };
    let exchange = async {
        let _ = stream.write_all(request).await;
        let _ = stream.shutdown().await;
        tokio::io::copy(&mut stream, &mut tokio::io::sink()).await.unwrap_or(0)
    };
    timeout(Duration::from_secs(20), exchange).await.expect("an answer or an end comes in time")
}

async fn storm(address: SocketAddr, seed: u64, attack: Attack) {
    let before = resident();
    let clients = (0..CLIENTS).map(|client| {
        tokio::spawn(async move {
            let mut random = Random(seed * 1_000 + client + 1);
            for _ in 0..REQUESTS / CLIENTS {
                let request = attack(&mut random);
                strike(address, &request).await;
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }
    let growth = resident().saturating_sub(before);
    println!("seed {seed}: grew by {} KiB", growth >> 10);
    assert!(growth < GROWTH_MAX_BYTES, "seed {seed}: grew by {growth} bytes");
}

async fn is_well(node: &Node) {
    reach(node, node.height() + 2).await;
    get(node, "/cosmos/bank/v1beta1/supply").await;
    let metrics = exchange(node.metrics_address().unwrap(), "GET", "/", &[], "").await;
    let panics = metrics.body.lines().filter(|line| line.contains("outcome=\"panic\""));
    assert_eq!(panics.collect::<Vec<_>>(), Vec::<&str>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_hostile_requests_per_surface_change_nothing() {
    let network = Network::new();
    let node = network.start().await;
    reach(&node, 2).await;
    let surfaces: [(Option<SocketAddr>, Attack); 4] = [
        (node.rpc_address(), attack_rpc),
        (node.rest_address(), attack_rest),
        (node.grpc_address(), attack_grpc),
        (node.metrics_address(), attack_metrics),
    ];
    for (seed, (address, attack)) in (1..).zip(surfaces) {
        storm(address.unwrap(), seed, attack).await;
        is_well(&node).await;
    }
    node.stop().await.unwrap();
}

/// A masked frame: a client's frames have to be.
fn websocket_frame(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x80 | kind];
    match body.len() {
        0..126 => frame.push(0x80 | body.len() as u8),
        126..65_536 => {
            frame.push(0x80 | 126);
            frame.extend((body.len() as u16).to_be_bytes());
        }
        _ => {
            frame.push(0x80 | 127);
            frame.extend((body.len() as u64).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(body);
    frame
}

async fn open_websocket(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = "GET /websocket HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
        sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(stream.read_u8().await.unwrap());
    }
    assert!(answer.starts_with(b"HTTP/1.1 101"));
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_hostile_websocket_frames_change_nothing() {
    const FRAMES: u64 = 25;
    let network = Network::new();
    let node = network.start().await;
    reach(&node, 2).await;
    let address = node.rpc_address().unwrap();
    let before = resident();
    let mut random = Random(77);
    let calls: [&[u8]; 3] = [
        br#"{"id":1,"method":"subscribe","params":{"query":"tm.event='NewBlock' AND a.b > 5"}}"#,
        br#"{"id":1,"method":"unsubscribe_all","params":{}}"#,
        br#"{"id":1,"method":"block","params":["1"]}"#,
    ];
    for _ in 0..REQUESTS / FRAMES {
        let mut stream = open_websocket(address).await;
        for _ in 0..FRAMES {
            let call = *random.pick(&calls);
            let body = random.mutate(call);
            let frame = match random.below(8) {
                0 => random.bytes(200),
                1 => websocket_frame(random.below(16) as u8, &body),
                _ => websocket_frame(1, &body),
            };
            if stream.write_all(&frame).await.is_err() {
                break;
            }
        }
        let _ = stream.shutdown().await;
        let mut sink = tokio::io::sink();
        let drain = tokio::io::copy(&mut stream, &mut sink);
        let _ = timeout(Duration::from_secs(20), drain).await.expect("the connection ends");
    }
    let growth = resident().saturating_sub(before);
    assert!(growth < GROWTH_MAX_BYTES, "grew by {growth} bytes");
    is_well(&node).await;
    node.stop().await.unwrap();
}

/// How long connections of the RPC server stay.
async fn wait_until_alone(node: &Node) -> Duration {
    let begun = Instant::now();
    while metric(node, "akash_server_connections", &["surface=\"rpc\""]).await.unwrap() > 0.0 {
        assert!(begun.elapsed() < Duration::from_secs(90), "they stay");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    begun.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_readers_are_cut_off_and_nobody_waits_for_them() {
    let network = Network::new();
    let node = Arc::new(network.start().await);
    reach(&node, 30).await;
    let address = node.rpc_address().unwrap();
    let before = resident();

    // Asks for far more than all buffers hold, and reads nothing.
    let mut requests = Vec::new();
    for _ in 0..4_000 {
        requests.extend(b"GET /blockchain?minHeight=1&maxHeight=20 HTTP/1.1\r\nhost: a\r\n\r\n");
    }
    let mut greedy = TcpStream::connect(address).await.unwrap();
    let writing = tokio::spawn(async move {
        let _ = greedy.write_all(&requests).await;
        std::future::pending::<TcpStream>().await
    });
    // Subscribes to everything, and reads nothing.
    let mut deaf = open_websocket(address).await;
    for tag in 1..=5 {
        let query = format!("tm.event='NewBlock' AND block.height > {tag}");
        let query = if tag == 1 { "tm.event='NewBlock'".to_owned() } else { query.replace("block.height", "tm.x") };
        let call = serde_json::json!({"id": tag, "method": "subscribe", "params": {"query": query}}).to_string();
        deaf.write_all(&websocket_frame(1, call.as_bytes())).await.unwrap();
    }
    // Others are served meanwhile.
    for _ in 0..20 {
        let begun = Instant::now();
        assert_eq!(exchange(address, "GET", "/health", &[], "").await.status, 200);
        assert!(begun.elapsed() < Duration::from_secs(5));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let cut = wait_until_alone(&node).await;
    println!("cut off after {cut:?}");
    assert!(cut > Duration::from_secs(1), "they were there at all");
    let growth = resident().saturating_sub(before);
    assert!(growth < GROWTH_MAX_BYTES, "grew by {growth} bytes");
    writing.abort();
    drop(deaf);
    is_well(&node).await;
    Arc::into_inner(node).unwrap().stop().await.unwrap();
}
