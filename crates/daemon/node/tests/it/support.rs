//! A node in a temporary folder, with one funded account.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use akash_app::genesis::{PlayGenesis, play_genesis};
use akash_kernel::Time;
use akash_node::{Node, NodeConfig};
use akash_proto::cosmos::bank::v1beta1::MsgSend;
use akash_proto::cosmos::base::v1beta1::Coin;
use akash_types::address::Address;
use akash_types::coin::Coins;
use akash_types::key::SecretKey;
use akash_types::tx::{self, Unsigned};
use serde_json::{Value, json};
use tempfile::TempDir;
use tendermint_rpc::{Client as _, HttpClient};

pub const CHAIN_ID: &str = "test-1";
pub const FUNDS: u64 = 1_000_000_000;

pub struct Network {
    pub folder: TempDir,
    pub key: SecretKey,
}

pub fn key() -> SecretKey {
    SecretKey::from_bytes(&[7; 32]).unwrap()
}

pub fn config(home: &Path) -> NodeConfig {
    let any = "127.0.0.1:0".parse().unwrap();
    let mut config = NodeConfig::play(home);
    (config.rpc.address, config.grpc.address, config.p2p.address) = (Some(any), Some(any), any);
    (config.rest.address, config.metrics.address) = (Some(any), Some(any));
    config.consensus.timeout_commit = Duration::from_millis(10);
    config
}

pub fn make_home(home: &Path) {
    let validator = akash_node::create_keys(home, "validator").unwrap();
    let genesis = play_genesis(PlayGenesis {
        chain_id: CHAIN_ID.to_string(),
        time: Time { seconds: 1_704_067_200, nanos: 0 },
        accounts: vec![(key().address(), Coins::parse(&format!("{FUNDS}uact,{FUNDS}uakt")).unwrap())],
        validators: vec![validator],
        authority: None,
    })
    .unwrap();
    akash_node::init(home, &genesis).unwrap();
}

impl Network {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        make_home(folder.path());
        Self { folder, key: key() }
    }

    pub async fn start(&self) -> Node {
        Node::start(config(self.folder.path())).await.unwrap()
    }

    /// A transfer signed for the account's sequence.
    pub fn transfer(&self, to: &Address, amount: u64, sequence: u64) -> Vec<u8> {
        let message = MsgSend {
            from_address: self.key.address().to_string(),
            to_address: to.to_string(),
            amount: vec![Coin { denom: "uakt".to_string(), amount: amount.to_string() }],
        };
        let unsigned = Unsigned {
            messages: vec![tx::encode_any(&message)],
            fee: Coins::parse("5000uakt").unwrap(),
            gas_limit: 200_000,
            ..Unsigned::default()
        };
        tx::sign_direct(&unsigned, &self.key, CHAIN_ID, 0, sequence)
    }
}

pub fn client(node: &Node) -> HttpClient {
    HttpClient::new(format!("http://{}", node.rpc_address().unwrap()).as_str()).unwrap()
}

/// Waits for blocks, not for time.
pub async fn reach(node: &Node, height: u64) {
    let client = client(node);
    for _ in 0..3_000 {
        if client.status().await.unwrap().sync_info.latest_block_height.value() >= height {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("height {height} was not reached");
}

/// A raw call, for what typed clients hide.
pub async fn call(node: &Node, method: &str, params: Value) -> Value {
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
    http(node, "POST", "/", &body.to_string()).await.1
}

/// Status and body of one HTTP request to the RPC server.
pub async fn http(node: &Node, verb: &str, path: &str, body: &str) -> (u16, Value) {
    let (status, text) = http_text(node, verb, path, body).await;
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

pub async fn http_text(node: &Node, verb: &str, path: &str, body: &str) -> (u16, String) {
    let reply = exchange(node.rpc_address().unwrap(), verb, path, &[], body).await;
    (reply.status, reply.body)
}

/// An answer of any of the servers.
pub struct Reply {
    pub status: u16,
    /// In lower case.
    pub head: String,
    pub body: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(given, _)| *given == name).map(|(_, value)| value)
    }
}

/// One HTTP/1.1 request, written out.
pub async fn exchange(address: SocketAddr, verb: &str, path: &str, headers: &[&str], body: &str) -> Reply {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!("{verb} {path} HTTP/1.1\r\nhost: node\r\nconnection: close\r\ncontent-length: {}", body.len());
    let more: String = headers.iter().map(|header| format!("\r\n{header}")).collect();
    stream.write_all(format!("{head}{more}\r\n\r\n{body}").as_bytes()).await.unwrap();
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).await.unwrap();
    let reply = String::from_utf8_lossy(&reply).into_owned();
    let (head, body) = reply.split_once("\r\n\r\n").unwrap_or((&reply, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    let body = if head.contains("transfer-encoding: chunked") { unchunked(body) } else { body.to_string() };
    Reply { status, head: head.to_ascii_lowercase(), body }
}

fn unchunked(mut rest: &str) -> String {
    let mut body = String::new();
    while let Some((size, tail)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        body.push_str(&tail[..size]);
        rest = tail[size..].trim_start_matches("\r\n");
    }
    body
}

/// GET from REST, which must succeed.
pub async fn get(node: &Node, path: &str) -> Value {
    let reply = exchange(node.rest_address().unwrap(), "GET", path, &[], "").await;
    assert_eq!(reply.status, 200, "{path}: {}", reply.body);
    reply.json()
}

/// What the metrics say of a name with these labels, if they do.
pub async fn metric(node: &Node, name: &str, labels: &[&str]) -> Option<f64> {
    let reply = exchange(node.metrics_address().unwrap(), "GET", "/", &[], "").await;
    let is_it =
        |line: &&str| line.split(['{', ' ']).next() == Some(name) && labels.iter().all(|one| line.contains(one));
    reply.body.lines().find(is_it).map(|line| line.rsplit(' ').next().unwrap().parse().unwrap())
}
