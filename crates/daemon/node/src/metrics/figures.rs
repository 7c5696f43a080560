//! Every metric, with its name and meaning.

use std::collections::HashMap;

use prometheus::{
    Encoder as _, Gauge, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec,
    Opts, Registry, TextEncoder,
};

use crate::server_state::ServerState;

/// Of one node.
pub struct Figures {
    registry: Registry,
    pub height: IntGauge,
    pub latest_block_height: IntGauge,
    pub rounds: IntGauge,
    pub validators: IntGauge,
    pub validators_power: IntGauge,
    pub validator_power: IntGaugeVec,
    pub validator_last_signed_height: IntGaugeVec,
    pub validator_missed_blocks: IntGaugeVec,
    pub missing_validators: IntGauge,
    pub missing_validators_power: IntGauge,
    pub byzantine_validators: IntGauge,
    pub block_interval: Histogram,
    pub num_txs: IntGauge,
    pub total_txs: IntGauge,
    pub block_size: IntGauge,
    pub block_processing_ms: Histogram,
    pub tx_size: Histogram,
    pub failed_txs: IntCounter,
    pub execute_seconds: Histogram,
    pub commit_seconds: Histogram,
    pub block_age: Gauge,
    pub servers: Servers,
    mempool_size: IntGauge,
    mempool_bytes: IntGauge,
    peers: IntGauge,
    syncing: IntGauge,
    resident_bytes: IntGauge,
    cpu_seconds: Gauge,
}

/// Of all servers together, told apart by a label.
pub struct Servers {
    pub connections: IntGaugeVec,
    pub connections_refused: IntCounterVec,
    pub requests: IntCounterVec,
    pub request_seconds: HistogramVec,
    pub rpc_calls: IntCounterVec,
    calls_running: IntGauge,
    subscribers: IntGauge,
}

const SECONDS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];
const MILLISECONDS: [f64; 10] = [1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 1_000.0, 10_000.0];
const INTERVALS: [f64; 12] = [0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0, 6.0, 8.0, 15.0, 60.0];
const BYTES: [f64; 8] = [256.0, 512.0, 1_024.0, 4_096.0, 16_384.0, 65_536.0, 262_144.0, 1_048_576.0];

/// Registers what it makes. Names are constants and no two are equal, which a test looks at.
struct Maker {
    registry: Registry,
}

const DISTINCT: &str = "every name is registered once and well formed";

impl Maker {
    fn gauge(&self, name: &str, help: &str) -> IntGauge {
        let made = IntGauge::new(name, help).expect(DISTINCT);
        self.registry.register(Box::new(made.clone())).expect(DISTINCT);
        made
    }

    fn float(&self, name: &str, help: &str) -> Gauge {
        let made = Gauge::new(name, help).expect(DISTINCT);
        self.registry.register(Box::new(made.clone())).expect(DISTINCT);
        made
    }

    fn counter(&self, name: &str, help: &str) -> IntCounter {
        let made = IntCounter::new(name, help).expect(DISTINCT);
        self.registry.register(Box::new(made.clone())).expect(DISTINCT);
        made
    }

    fn gauges(&self, name: &str, help: &str, label: &str) -> IntGaugeVec {
        let made = IntGaugeVec::new(Opts::new(name, help), &[label]).expect(DISTINCT);
        self.registry.register(Box::new(made.clone())).expect(DISTINCT);
        made
    }

    fn counters(&self, name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
        let made = IntCounterVec::new(Opts::new(name, help), labels).expect(DISTINCT);
        self.registry.register(Box::new(made.clone())).expect(DISTINCT);
        made
    }

    fn histogram(&self, name: &str, help: &str, buckets: &[f64]) -> Histogram {
        let options = HistogramOpts::new(name, help).buckets(buckets.to_vec());
        let made = Histogram::with_opts(options).expect(DISTINCT);
        self.registry.register(Box::new(made.clone())).expect(DISTINCT);
        made
    }

    fn histograms(&self, name: &str, help: &str, label: &str, buckets: &[f64]) -> HistogramVec {
        let options = HistogramOpts::new(name, help).buckets(buckets.to_vec());
        let made = HistogramVec::new(options, &[label]).expect(DISTINCT);
        self.registry.register(Box::new(made.clone())).expect(DISTINCT);
        made
    }
}

impl Servers {
    fn new(make: &Maker) -> Self {
        Self {
            connections: make.gauges("akash_server_connections", "Open connections.", "surface"),
            connections_refused: make.counters(
                "akash_server_connections_refused_total",
                "Connections closed because their address had too many.",
                &["surface"],
            ),
            requests: make.counters("akash_server_requests_total", "Answers by HTTP status.", &["surface", "status"]),
            request_seconds: make.histograms(
                "akash_server_request_seconds",
                "Time from a request's head to its answer's.",
                "surface",
                &SECONDS,
            ),
            rpc_calls: make.counters(
                "akash_rpc_calls_total",
                "Calls of JSON-RPC methods, websockets' among them.",
                &["method", "outcome"],
            ),
            calls_running: make.gauge("akash_server_calls_running", "Calls of all servers that a worker runs now."),
            subscribers: make.gauge("akash_server_subscribers", "Websockets that have subscriptions."),
        }
    }
}

impl Figures {
    #[must_use]
    pub fn new(chain_id: &str) -> Self {
        let labels = HashMap::from([("chain_id".to_owned(), chain_id.to_owned())]);
        let make = Maker { registry: Registry::new_custom(None, Some(labels)).expect(DISTINCT) };
        Self {
            height: make.gauge("cometbft_consensus_height", "Height that is being decided."),
            latest_block_height: make.gauge("cometbft_consensus_latest_block_height", "Height of the last block."),
            rounds: make.gauge("cometbft_consensus_rounds", "Round in which the last block was decided."),
            validators: make.gauge("cometbft_consensus_validators", "Number of validators."),
            validators_power: make.gauge("cometbft_consensus_validators_power", "Power of all validators."),
            validator_power: make.gauges(
                "cometbft_consensus_validator_power",
                "Power of this node's validator.",
                "validator_address",
            ),
            validator_last_signed_height: make.gauges(
                "cometbft_consensus_validator_last_signed_height",
                "Last height whose commit this node's validator signed.",
                "validator_address",
            ),
            validator_missed_blocks: make.gauges(
                "cometbft_consensus_validator_missed_blocks",
                "Commits without this node's validator since it started.",
                "validator_address",
            ),
            missing_validators: make
                .gauge("cometbft_consensus_missing_validators", "Validators that did not sign the last commit."),
            missing_validators_power: make
                .gauge("cometbft_consensus_missing_validators_power", "Power that did not sign the last commit."),
            byzantine_validators: make
                .gauge("cometbft_consensus_byzantine_validators", "Validators with evidence in the last block."),
            block_interval: make.histogram(
                "cometbft_consensus_block_interval_seconds",
                "Time between the headers of two blocks.",
                &INTERVALS,
            ),
            num_txs: make.gauge("cometbft_consensus_num_txs", "Transactions in the last block."),
            total_txs: make.gauge("cometbft_consensus_total_txs", "Transactions since this node started."),
            block_size: make.gauge("cometbft_consensus_block_size_bytes", "Size of the last block."),
            block_processing_ms: make.histogram(
                "cometbft_state_block_processing_time",
                "Time to execute and commit a block, in ms.",
                &MILLISECONDS,
            ),
            tx_size: make.histogram("cometbft_mempool_tx_size_bytes", "Size of offered transactions.", &BYTES),
            failed_txs: make.counter("cometbft_mempool_failed_txs", "Transactions refused when they were offered."),
            execute_seconds: make.histogram("akash_app_execute_seconds", "Time to execute a block.", &SECONDS),
            commit_seconds: make.histogram(
                "akash_app_commit_seconds",
                "Time to store a block's results and to commit the state.",
                &SECONDS,
            ),
            block_age: make.float("akash_node_block_age_seconds", "Time since the header of the last block."),
            mempool_size: make.gauge("cometbft_mempool_size", "Transactions that wait for a block."),
            mempool_bytes: make.gauge("cometbft_mempool_size_bytes", "Bytes of the transactions that wait."),
            peers: make.gauge("cometbft_p2p_peers", "Connected nodes."),
            syncing: make.gauge("cometbft_blocksync_syncing", "1 while this node catches up."),
            resident_bytes: make.gauge("process_resident_memory_bytes", "Memory of the process that is in RAM."),
            cpu_seconds: make.float("process_cpu_seconds_total", "CPU time of the process."),
            servers: Servers::new(&make),
            registry: make.registry,
        }
    }

    /// Prometheus' text of all metrics, with those that are only read when asked.
    pub fn text(&self, state: &ServerState) -> String {
        let waiting = state.mempool.count();
        self.mempool_size.set(whole(waiting.txs));
        self.mempool_bytes.set(whole(waiting.bytes));
        self.peers.set(whole(state.peers()));
        self.syncing.set(i64::from(state.catching_up()));
        self.servers.calls_running.set(whole(state.work.calls_running()));
        self.servers.subscribers.set(whole(state.subscribers()));
        self.block_age.set(state.block_age().map_or(0.0, |age| age.as_secs_f64()));
        if let Some(usage) = super::server::usage() {
            self.resident_bytes.set(usage.resident_bytes);
            self.cpu_seconds.set(usage.cpu_seconds);
        }
        let mut text = Vec::new();
        if let Err(error) = TextEncoder::new().encode(&self.registry.gather(), &mut text) {
            tracing::warn!(%error, "metrics could not be written");
        }
        String::from_utf8_lossy(&text).into_owned()
    }
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
