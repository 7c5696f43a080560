//! JSON-RPC of a CometBFT 0.38 node: status, broadcast, transactions and block results.

use akash_types::tx;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::CONTENT_TYPE;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tonic::Code;

use crate::error::{ClientError, Refusal};
use crate::events::Event;
use crate::{CALL_LIMIT, CONNECT_LIMIT};

/// Longest answer that is read: block results of a full block.
const MAX_ANSWER_BYTES: usize = 64 << 20;

/// The JSON-RPC endpoint of a node.
#[derive(Debug, Clone)]
pub struct Rpc {
    url: String,
    http: reqwest::Client,
}

/// Where a node stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    pub chain_id: String,
    pub node_version: String,
    pub moniker: String,
    pub height: u64,
    pub block_hash: String,
    /// RFC 3339, the header's time.
    pub time: String,
    pub catching_up: bool,
}

/// What the mempool said of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broadcast {
    /// 64 upper-case hex digits.
    pub hash: String,
    /// Why it was not taken.
    pub refusal: Option<Refusal>,
}

/// A transaction in a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TxResult {
    pub hash: String,
    pub height: u64,
    pub gas_wanted: i64,
    pub gas_used: i64,
    /// The protobuf `TxMsgData`.
    pub data: Vec<u8>,
    pub events: Vec<Event>,
    /// Why it had no effect but its fee.
    pub refusal: Option<Refusal>,
}

impl Rpc {
    /// # Errors
    /// When `url` is no HTTP URL.
    pub fn new(url: &str) -> Result<Self, ClientError> {
        let bad = |reason: String| ClientError::Endpoint { endpoint: url.to_owned(), reason };
        let parsed = reqwest::Url::parse(url).map_err(|error| bad(error.to_string()))?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err(bad("it must begin with http:// or https://".to_owned()));
        }
        // The HTTP client panics without a provider; an error means that somebody installed one before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().connect_timeout(CONNECT_LIMIT).timeout(CALL_LIMIT).no_proxy();
        let http = http.build().map_err(|error| bad(error.to_string()))?;
        Ok(Self { url: url.trim_end_matches('/').to_owned(), http })
    }

    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Chain id, newest height, and whether the node still catches up.
    pub async fn status(&self) -> Result<Status, ClientError> {
        #[derive(Deserialize)]
        struct Answer {
            node_info: NodeInfo,
            sync_info: SyncInfo,
        }
        #[derive(Deserialize)]
        struct NodeInfo {
            network: String,
            version: String,
            moniker: String,
        }
        #[derive(Deserialize)]
        struct SyncInfo {
            latest_block_height: String,
            latest_block_hash: String,
            latest_block_time: String,
            catching_up: bool,
        }
        let answer: Answer = self.call("status", json!({})).await?;
        Ok(Status {
            chain_id: answer.node_info.network,
            node_version: answer.node_info.version,
            moniker: answer.node_info.moniker,
            height: self.number(&answer.sync_info.latest_block_height)?,
            block_hash: answer.sync_info.latest_block_hash,
            time: answer.sync_info.latest_block_time,
            catching_up: answer.sync_info.catching_up,
        })
    }

    /// Hands signed bytes to the mempool. An error means that it is unknown whether they arrived.
    pub async fn broadcast_sync(&self, tx: &[u8]) -> Result<Broadcast, ClientError> {
        #[derive(Deserialize)]
        struct Answer {
            code: u32,
            codespace: String,
            log: String,
            hash: String,
        }
        let params = json!({ "tx": BASE64_STANDARD.encode(tx) });
        let Answer { code, codespace, log, hash } = match self.call("broadcast_tx_sync", params).await {
            Ok(answer) => answer,
            Err(ClientError::Call { text, .. }) if mempool_code(&text).is_some() => Answer {
                code: mempool_code(&text).unwrap_or_default(),
                codespace: "sdk".to_owned(),
                log: text,
                hash: tx::hash_text(tx),
            },
            Err(error) => return Err(error),
        };
        Ok(Broadcast { hash, refusal: (code != 0).then_some(Refusal { codespace, code, log }) })
    }

    /// Why a transaction would be refused on the newest block's state; `None` if it would not. gRPC's simulation has
    /// only a text for that.
    pub async fn simulated_refusal(&self, tx: &[u8]) -> Result<Option<Refusal>, ClientError> {
        let AbciResponse { code, codespace, log, .. } = self.abci_query("/app/simulate", tx, 0).await?;
        Ok((code != 0).then_some(Refusal { codespace, code, log }))
    }

    /// One query of the application by its gRPC path; `height` 0 means the newest block.
    ///
    /// # Errors
    /// [`ClientError::Call`] with gRPC's code when the node refused it.
    pub async fn query(&self, path: &str, request: &[u8], height: u64) -> Result<Vec<u8>, ClientError> {
        let AbciResponse { code, codespace, log, value } = self.abci_query(path, request, height).await?;
        if code != 0 {
            let code = grpc_code(&codespace, code);
            return Err(ClientError::Call { what: path.to_owned(), code: code as i32, text: log });
        }
        BASE64_STANDARD.decode(value.unwrap_or_default()).map_err(|error| self.malformed(format!("{path}: {error}")))
    }

    async fn abci_query(&self, path: &str, data: &[u8], height: u64) -> Result<AbciResponse, ClientError> {
        #[derive(Deserialize)]
        struct Answer {
            response: AbciResponse,
        }
        let params = json!({ "path": path, "data": hex::encode(data), "height": height.to_string(), "prove": false });
        Ok(self.call::<Answer>("abci_query", params).await?.response)
    }

    /// A transaction by its hash; `None` while no block has it.
    pub async fn tx(&self, hash: &[u8; 32]) -> Result<Option<TxResult>, ClientError> {
        #[derive(Deserialize)]
        struct Answer {
            hash: String,
            height: String,
            tx_result: Outcome,
        }
        let params = json!({ "hash": BASE64_STANDARD.encode(hash), "prove": false });
        let answer: Answer = match self.call("tx", params).await {
            Ok(answer) => answer,
            // The wire has no code for it: `tx (HASH) not found` is the protocol.
            Err(ClientError::Call { text, .. }) if text.ends_with(") not found") => return Ok(None),
            Err(error) => return Err(error),
        };
        let height = self.number(&answer.height)?;
        Ok(Some(answer.tx_result.into_result(self, answer.hash, height)?))
    }

    /// The events of all transactions of a block, in order; not those of the block itself.
    pub async fn block_events(&self, height: u64) -> Result<Vec<Event>, ClientError> {
        #[derive(Deserialize)]
        struct Answer {
            txs_results: Option<Vec<Outcome>>,
        }
        let answer: Answer = self.call("block_results", json!({ "height": height.to_string() })).await?;
        Ok(answer.txs_results.unwrap_or_default().into_iter().flat_map(|outcome| outcome.events()).collect())
    }

    /// One call; the result as JSON.
    ///
    /// # Errors
    /// [`ClientError::Call`] when the node refused it, otherwise no usable answer came.
    pub async fn call<T: DeserializeOwned>(&self, method: &str, params: Value) -> Result<T, ClientError> {
        #[derive(Deserialize)]
        struct Answer {
            result: Option<Value>,
            error: Option<Failure>,
        }
        #[derive(Deserialize)]
        struct Failure {
            code: i32,
            message: String,
            #[serde(default)]
            data: String,
        }
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let request = self.http.post(&self.url).header(CONTENT_TYPE, "application/json").body(body);
        let mut response = request.send().await.map_err(|error| self.unreachable(&error))?;
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.unreachable(&error))? {
            if bytes.len() + chunk.len() > MAX_ANSWER_BYTES {
                return Err(self.malformed(format!("{method}: longer than {MAX_ANSWER_BYTES} bytes")));
            }
            bytes.extend_from_slice(&chunk);
        }
        let answer: Answer =
            serde_json::from_slice(&bytes).map_err(|error| self.malformed(format!("{method}: {error}")))?;
        if let Some(failure) = answer.error {
            let text = if failure.data.is_empty() { failure.message } else { failure.data };
            return Err(ClientError::Call { what: method.to_owned(), code: failure.code, text });
        }
        let result = answer.result.unwrap_or_default();
        serde_json::from_value(result).map_err(|error| self.malformed(format!("{method}: {error}")))
    }

    fn unreachable(&self, error: &reqwest::Error) -> ClientError {
        let mut reason = error.to_string();
        let mut cause = std::error::Error::source(error);
        while let Some(inner) = cause {
            reason = inner.to_string();
            cause = inner.source();
        }
        ClientError::Unreachable { endpoint: self.url.clone(), reason }
    }

    pub(crate) fn malformed(&self, reason: String) -> ClientError {
        ClientError::Malformed { endpoint: self.url.clone(), reason }
    }

    fn number<T: std::str::FromStr>(&self, text: &str) -> Result<T, ClientError> {
        text.parse().map_err(|_| self.malformed(format!("{text:?} is not a number")))
    }
}

/// The SDK's code for what a mempool refuses in words alone; its clients do the same.
fn mempool_code(text: &str) -> Option<u32> {
    let known =
        [("tx already exists in cache", 19), ("mempool is full", 20), ("Tx too large", 21), ("tx too large", 21)];
    known.into_iter().find(|(words, _)| text.contains(words)).map(|(_, code)| code)
}

/// How the SDK turns errors of a gRPC service into those of a query, backwards.
fn grpc_code(codespace: &str, code: u32) -> Code {
    match (codespace, code) {
        ("sdk", 22) => Code::NotFound,
        ("sdk", 18) => Code::InvalidArgument,
        ("sdk", 4) => Code::PermissionDenied,
        ("sdk", 6) => Code::Unimplemented,
        _ => Code::Unknown,
    }
}

/// The result of one transaction, in full or short form.
/// What the application said to a query.
#[derive(Deserialize)]
struct AbciResponse {
    #[serde(default)]
    code: u32,
    #[serde(default)]
    codespace: String,
    #[serde(default)]
    log: String,
    #[serde(default)]
    value: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Outcome {
    #[serde(default)]
    code: u32,
    #[serde(default)]
    codespace: String,
    #[serde(default)]
    log: String,
    data: Option<String>,
    #[serde(default)]
    gas_wanted: String,
    #[serde(default)]
    gas_used: String,
    #[serde(default)]
    events: Vec<RawEvent>,
}

#[derive(Debug, Deserialize)]
struct RawEvent {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    attributes: Vec<RawAttribute>,
}

#[derive(Debug, Deserialize)]
struct RawAttribute {
    key: String,
    value: Option<String>,
}

impl Outcome {
    fn events(self) -> impl Iterator<Item = Event> {
        self.events.into_iter().map(|raw| Event {
            kind: raw.kind,
            attributes: raw.attributes.into_iter().map(|pair| (pair.key, pair.value.unwrap_or_default())).collect(),
        })
    }

    fn into_result(self, rpc: &Rpc, hash: String, height: u64) -> Result<TxResult, ClientError> {
        let (gas_wanted, gas_used) = (rpc.number(&self.gas_wanted)?, rpc.number(&self.gas_used)?);
        let data = BASE64_STANDARD.decode(self.data.as_deref().unwrap_or_default());
        let data = data.map_err(|error| rpc.malformed(format!("transaction data: {error}")))?;
        let refusal = (self.code != 0).then(|| Refusal {
            codespace: self.codespace.clone(),
            code: self.code,
            log: self.log.clone(),
        });
        Ok(TxResult { hash, height, gas_wanted, gas_used, data, events: self.events().collect(), refusal })
    }
}
