//! Questions by path: the paths of gRPC, raw keys with proofs, and the few paths of the application itself.
//!
//! [`AppView::answer`] serves gRPC with its status codes; [`AppView::query`] is the same for `abci_query`, which has
//! codes and codespaces instead.

use std::panic::{AssertUnwindSafe, catch_unwind};

use akash_kernel::{GrpcCode, QueryCtx, QueryError, StoreName, TxError, sdk_error};
use akash_proto::cosmos::tx::v1beta1::SimulateRequest;
use akash_proto::tendermint::crypto::ProofOp;
use akash_store::{Space, View};
use prost::Message;

use crate::header;
use crate::outcome::panicked;
use crate::simulate::{self, SimulationFailure};
use crate::view::AppView;

/// The name in texts about the application.
const APP_NAME: &str = "akash";
const SIMULATE: &str = "/cosmos.tx.v1beta1.Service/Simulate";
const BROADCAST: &str = "/cosmos.tx.v1beta1.Service/BroadcastTx";

/// An answer in gRPC's form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub value: Vec<u8>,
    /// The height that was asked.
    pub height: i64,
}

/// An answer in the form of `abci_query`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueryOutcome {
    pub code: u32,
    pub codespace: String,
    pub log: String,
    pub key: Vec<u8>,
    pub value: Vec<u8>,
    pub proof_ops: Vec<ProofOp>,
    pub height: i64,
}

impl QueryOutcome {
    fn refused(error: TxError) -> Self {
        let reject = match error {
            TxError::Reject(reject) => reject,
            TxError::Fault(text) => panicked(&text),
        };
        Self { code: reject.code, codespace: reject.codespace.to_owned(), log: reject.text, ..Self::default() }
    }
}

/// A height and its state.
struct At {
    view: View,
    height: i64,
}

impl AppView {
    /// Whether a gRPC path has an answer here.
    #[must_use]
    pub fn serves(&self, path: &str) -> bool {
        path == SIMULATE || self.core().registry.query_route(path).is_some()
    }

    /// Answers a gRPC path. Height 0 is the latest.
    pub fn answer(&self, path: &str, request: &[u8], height: i64) -> Result<Answer, QueryError> {
        let at = self.height_of(height).map_err(|error| QueryError::new(GrpcCode::Unknown, error.to_string()))?;
        let value = self.call(path, request, &at)?;
        Ok(Answer { value, height: at.height })
    }

    /// Answers `abci_query`. Height 0 is the latest.
    #[must_use]
    pub fn query(&self, path: &str, data: &[u8], height: i64, prove: bool) -> QueryOutcome {
        let at = match self.height_of(height) {
            Ok(at) => at,
            Err(error) => return QueryOutcome::refused(error),
        };
        let outcome = match path.trim_start_matches('/').split('/').collect::<Vec<_>>().as_slice() {
            ["app", "version"] => value(env!("CARGO_PKG_VERSION").as_bytes().to_vec()),
            ["app", "simulate"] => self.simulate_for_abci(data),
            ["store", store, "key"] => self.raw_key(store, data, &at, prove),
            _ if path == BROADCAST => refused(sdk_error::invalid_request("can't route a broadcast tx message")),
            [_, _] if self.serves(path) => match self.call(path, data, &at) {
                Ok(bytes) => value(bytes),
                Err(error) => error.into(),
            },
            _ => refused(sdk_error::unknown_request("unknown query path")),
        };
        QueryOutcome { height: at.height, ..outcome }
    }

    fn call(&self, path: &str, request: &[u8], at: &At) -> Result<Vec<u8>, QueryError> {
        if path == SIMULATE {
            let request = SimulateRequest::decode(request);
            let request = request.map_err(|error| QueryError::invalid_argument(error.to_string()))?;
            let tx = simulate::requested_tx(request)?;
            return Ok(simulate::answer(self.simulate(&tx))?.encode_to_vec());
        }
        let unknown = || QueryError::new(GrpcCode::Unimplemented, format!("unknown method {path}"));
        let route = self.core().registry.query_route(path).ok_or_else(unknown)?;
        let block = header::read(&mut at.view.clone())?.unwrap_or_default();
        let answer =
            catch_unwind(AssertUnwindSafe(|| route.call(&mut QueryCtx::new(at.view.clone(), &block), request)));
        answer.unwrap_or_else(|_| Err(QueryError::internal(format!("{path} panicked"))))
    }

    fn simulate_for_abci(&self, tx: &[u8]) -> QueryOutcome {
        match self.simulate(tx) {
            Ok(result) => value(akash_types::json::encode_message(&result.to_response()).to_string().into_bytes()),
            // The SDK wraps the error here, which keeps its code: clients tell sequence and funds by it.
            Err(SimulationFailure { codespace, code, text }) => {
                QueryOutcome { codespace, code, log: text, ..QueryOutcome::default() }
            }
        }
    }

    fn raw_key(&self, store: &str, key: &[u8], at: &At, prove: bool) -> QueryOutcome {
        let Some(store) = self.store_named(store) else {
            return refused(sdk_error::unknown_request(format!("no such store: {store}")));
        };
        if prove && at.height <= 1 {
            let text = "cannot query with proof when height <= 1; please provide a valid height";
            return refused(sdk_error::invalid_request(text));
        }
        match read_key(&at.view, store, key, prove) {
            Ok((value, proof_ops)) => QueryOutcome { key: key.to_vec(), value, proof_ops, ..QueryOutcome::default() },
            Err(error) => refused(TxError::Fault(error.to_string())),
        }
    }

    fn store_named(&self, name: &str) -> Option<StoreName> {
        self.core().modules.stores().into_iter().find(|store| *store == name)
    }

    fn height_of(&self, height: i64) -> Result<At, TxError> {
        if height < 0 {
            let text = "cannot query with height < 0; please provide a valid height";
            return Err(sdk_error::invalid_request(text));
        }
        if !self.is_ready() {
            return Err(sdk_error::invalid_height(format!("{APP_NAME} is not ready; please wait for first block")));
        }
        let latest = self.height();
        if height > latest {
            let text = "cannot query with height in the future; please provide a valid height";
            return Err(sdk_error::invalid_height(text));
        }
        let height = if height == 0 { latest } else { height };
        let view = self.at(height.unsigned_abs()).map_err(|error| TxError::Fault(error.to_string()))?;
        let missing =
            || format!("failed to load state at height {height}; version does not exist (latest height: {latest})");
        view.map(|view| At { view, height }).ok_or_else(|| sdk_error::not_found(missing()))
    }
}

fn read_key(
    view: &View,
    store: StoreName,
    key: &[u8],
    prove: bool,
) -> Result<(Vec<u8>, Vec<ProofOp>), akash_store::StoreError> {
    if !prove {
        let value = view.read(Space::State(store), key)?.unwrap_or_default();
        return Ok((value, Vec::new()));
    }
    let proof = view.prove(store, key)?;
    Ok((proof.value.unwrap_or_default(), proof.ops.ops))
}

fn value(value: Vec<u8>) -> QueryOutcome {
    QueryOutcome { value, ..QueryOutcome::default() }
}

fn refused(error: TxError) -> QueryOutcome {
    QueryOutcome::refused(error)
}

impl From<QueryError> for QueryOutcome {
    fn from(error: QueryError) -> Self {
        refused(to_abci(error))
    }
}

/// A gRPC status as a code of the codespace `sdk`. A refusal that has a code of its own is no status upstream, so its
/// text stands without one.
fn to_abci(error: QueryError) -> TxError {
    match (error.grpc_code, error.refusal) {
        (GrpcCode::Unknown, Some(("undefined", _))) => return sdk_error::invalid_request(error.text),
        (GrpcCode::Unknown, Some(_)) => return sdk_error::unknown_request(error.text),
        _ => {}
    }
    let name = match error.grpc_code {
        GrpcCode::Unknown => "Unknown",
        GrpcCode::InvalidArgument => "InvalidArgument",
        GrpcCode::NotFound => "NotFound",
        GrpcCode::ResourceExhausted => "ResourceExhausted",
        GrpcCode::FailedPrecondition => "FailedPrecondition",
        GrpcCode::Unimplemented => "Unimplemented",
        GrpcCode::Internal => "Internal",
        GrpcCode::Unavailable => "Unavailable",
        GrpcCode::Unauthenticated => "Unauthenticated",
    };
    let text = format!("rpc error: code = {name} desc = {}", error.text);
    match error.grpc_code {
        GrpcCode::NotFound => sdk_error::key_not_found(text),
        GrpcCode::InvalidArgument | GrpcCode::FailedPrecondition => sdk_error::invalid_request(text),
        GrpcCode::Unauthenticated => sdk_error::unauthorized(text),
        _ => sdk_error::unknown_request(text),
    }
}
