//! What all servers have in common: health, metrics, pages of other origins, limits.

use std::time::Duration;

use akash_node::Node;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{Network, config, exchange, get, metric, reach};

#[tokio::test(flavor = "multi_thread")]
async fn health_tells_the_last_block() {
    let network = Network::new();
    let mut config = config(network.folder.path());
    let node = Node::start(config.clone()).await.unwrap();
    reach(&node, 3).await;
    for address in [node.rest_address(), node.metrics_address()] {
        let reply = exchange(address.unwrap(), "GET", "/health", &[], "").await;
        let health = reply.json();
        assert_eq!((reply.status, health["status"].as_str()), (200, Some("ok")), "{health}");
        assert!(health["height"].as_str().unwrap().parse::<u64>().unwrap() >= 3);
        assert!(health["block_age_seconds"].as_u64().unwrap() < 60);
    }
    node.stop().await.unwrap();

    // Blocks so far apart that the next one is later than the age allows.
    config.consensus.timeout_commit = Duration::from_secs(3_600);
    config.metrics.block_age_max = Duration::from_millis(1);
    let node = Node::start(config).await.unwrap();
    let mut reply = exchange(node.rest_address().unwrap(), "GET", "/health", &[], "").await;
    for _ in 0..100 {
        if reply.status == 503 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        reply = exchange(node.rest_address().unwrap(), "GET", "/health", &[], "").await;
    }
    assert_eq!((reply.status, reply.json()["status"].as_str()), (503, Some("no recent block")));
    node.stop().await.unwrap();
}

/// Names of metrics in a dashboard's queries.
fn names_in(dashboard: &serde_json::Value, found: &mut Vec<String>) {
    match dashboard {
        serde_json::Value::Object(members) => {
            for (name, value) in members {
                match value.as_str().filter(|_| name == "expr") {
                    Some(query) => {
                        let words = query.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                        let prefixes = ["cometbft_", "akash_", "process_"];
                        let named = words.filter(|word| prefixes.iter().any(|prefix| word.starts_with(prefix)));
                        found.extend(named.map(ToOwned::to_owned));
                    }
                    None => names_in(value, found),
                }
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| names_in(item, found)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_of_the_dashboard_is_there() {
    let network = Network::new();
    let node = network.start().await;
    reach(&node, 3).await;
    get(&node, "/cosmos/bank/v1beta1/supply").await;
    let reply = exchange(node.metrics_address().unwrap(), "GET", "/metrics", &[], "").await;
    assert_eq!(reply.header("content-type"), Some("text/plain; version=0.0.4"));
    let value = async |name: &str, labels: &[&str]| metric(&node, name, labels).await.unwrap_or(f64::NAN);
    assert!(value("cometbft_consensus_latest_block_height", &["chain_id=\"test-1\""]).await >= 2.0);
    assert!(value("cometbft_consensus_validators_power", &[]).await > 0.0);
    assert!(value("process_resident_memory_bytes", &[]).await > 1e6);
    assert_eq!(value("akash_server_requests_total", &["status=\"200\"", "surface=\"rest\""]).await, 1.0);

    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/grafana/node.json");
    let dashboard = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut names = Vec::new();
    names_in(&dashboard, &mut names);
    assert!(names.len() > 20, "{}", names.len());
    for name in names {
        let there = reply.body.lines().any(|line| line.split(['{', ' ']).next() == Some(name.as_str()));
        assert!(there, "{name} is in the dashboard, but nobody counts it");
    }
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn only_named_origins_may_call_from_a_page() {
    let network = Network::new();
    let mut config = config(network.folder.path());
    config.rest.cors_origins = vec!["*".to_owned()];
    config.rpc.cors_origins = vec!["https://good.example".to_owned()];
    let node = Node::start(config).await.unwrap();
    reach(&node, 2).await;
    let allowed = async |address: Option<std::net::SocketAddr>, origin: &str| {
        let origin = format!("origin: {origin}");
        let headers =
            [origin.as_str(), "access-control-request-method: POST", "access-control-request-headers: x-grpc-web"];
        let reply = exchange(address.unwrap(), "OPTIONS", "/", &headers, "").await;
        reply.header("access-control-allow-origin").map(ToOwned::to_owned)
    };
    assert_eq!(allowed(node.rest_address(), "https://any.example").await.as_deref(), Some("*"));
    assert_eq!(allowed(node.rpc_address(), "https://good.example").await.as_deref(), Some("https://good.example"));
    assert_eq!(allowed(node.rpc_address(), "https://bad.example").await, None);
    assert_eq!(allowed(node.grpc_address(), "https://good.example").await, None);
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_has_a_bounded_number_of_connections() {
    let network = Network::new();
    let mut config = config(network.folder.path());
    config.rest.connections_per_ip_max = 3;
    let node = Node::start(config).await.unwrap();
    reach(&node, 2).await;
    let address = node.rest_address().unwrap();
    let mut open = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET /health HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        let mut first = [0; 12];
        stream.read_exact(&mut first).await.unwrap();
        assert_eq!(&first, b"HTTP/1.1 200");
        open.push(stream);
    }
    let mut fourth = TcpStream::connect(address).await.unwrap();
    let closed = fourth.read(&mut [0; 1]).await;
    assert!(matches!(closed, Ok(0) | Err(_)), "the fourth is closed: {closed:?}");
    drop(open);
    let mut reply = None;
    for _ in 0..100 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let _ = stream.write_all(b"GET /health HTTP/1.1\r\nhost: a\r\n\r\n").await;
        let mut first = [0; 12];
        if stream.read_exact(&mut first).await.is_ok() {
            reply = Some(first);
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(&reply.unwrap(), b"HTTP/1.1 200", "places come back");
    node.stop().await.unwrap();
}
