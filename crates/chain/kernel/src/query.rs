//! The context of a query: one committed height, read only.

use akash_store::{Kv, Overlay, Range, Row, Space, StoreError, View};

use crate::block::{BlockInfo, Time};
use crate::ctx::{Ctx, Mode};
use crate::error::TxError;
use crate::gas::GasMeter;

/// Rows that one query may read; a list is read in pages far below this.
const MAX_ROWS: usize = 1_000_000;
/// Bytes that one query may read, which bounds its answer too.
const MAX_BYTES: usize = 32 << 20;
/// Bytes that a part may read whose rows are dropped at once.
const MAX_PASSED_BYTES: usize = 256 << 20;

/// Status codes of gRPC that queries answer with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum GrpcCode {
    /// No better code is known.
    Unknown = 2,
    /// The request is wrong whatever the state.
    InvalidArgument = 3,
    /// There is no such thing.
    NotFound = 5,
    /// The query reads too much.
    ResourceExhausted = 8,
    /// The state does not allow it.
    FailedPrecondition = 9,
    /// Nobody answers this.
    Unimplemented = 12,
    /// Our own state is broken.
    Internal = 13,
    /// Not ready.
    Unavailable = 14,
    /// The caller is not known.
    Unauthenticated = 16,
}

/// Why a query has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct QueryError {
    /// The status.
    pub grpc_code: GrpcCode,
    /// The message of the status.
    pub text: String,
    /// Codespace and code, where the failure is a refusal as transactions know them: `abci_query` words it differently.
    pub refusal: Option<(&'static str, u32)>,
}

impl QueryError {
    /// Any code with a text.
    #[must_use]
    pub fn new(grpc_code: GrpcCode, text: impl Into<String>) -> Self {
        Self { grpc_code, text: text.into(), refusal: None }
    }

    /// The request is wrong whatever the state.
    #[must_use]
    pub fn invalid_argument(text: impl Into<String>) -> Self {
        Self::new(GrpcCode::InvalidArgument, text)
    }

    /// There is no such thing.
    #[must_use]
    pub fn not_found(text: impl Into<String>) -> Self {
        Self::new(GrpcCode::NotFound, text)
    }

    /// Our own state is broken.
    #[must_use]
    pub fn internal(text: impl Into<String>) -> Self {
        Self::new(GrpcCode::Internal, text)
    }
}

impl From<StoreError> for QueryError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::TooFarBack(_) => Self::new(GrpcCode::ResourceExhausted, error.to_string()),
            error => Self::internal(error.to_string()),
        }
    }
}

impl From<TxError> for QueryError {
    fn from(error: TxError) -> Self {
        match error {
            TxError::Reject(reject) => {
                let refusal = Some((reject.codespace, reject.code));
                Self { refusal, ..Self::new(GrpcCode::Unknown, reject.text) }
            }
            TxError::Fault(fault) => Self::internal(fault),
        }
    }
}

/// One committed height for reading, without gas but with a bound on what is read.
pub struct QueryCtx<'a> {
    view: View,
    block: &'a BlockInfo,
    left: Budget,
}

/// What may still be read.
#[derive(Clone, Copy, Debug)]
struct Budget {
    rows: usize,
    bytes: usize,
}

impl Budget {
    fn spend(&mut self, bytes: usize) -> Result<(), QueryError> {
        let exhausted = |what| {
            let text = format!("the query reads too many {what}: ask for a smaller page");
            QueryError::new(GrpcCode::ResourceExhausted, text)
        };
        self.rows = self.rows.checked_sub(1).ok_or_else(|| exhausted("rows"))?;
        self.bytes = self.bytes.checked_sub(bytes).ok_or_else(|| exhausted("bytes"))?;
        Ok(())
    }
}

impl<'a> QueryCtx<'a> {
    /// A context over a committed height and its block.
    #[must_use]
    pub fn new(view: View, block: &'a BlockInfo) -> Self {
        Self { view, block, left: Budget { rows: MAX_ROWS, bytes: MAX_BYTES } }
    }

    /// The committed height.
    #[must_use]
    pub fn height(&self) -> i64 {
        self.block.height
    }

    /// The time of that height's header.
    #[must_use]
    pub fn time(&self) -> Time {
        self.block.time
    }

    /// The network's name.
    #[must_use]
    pub fn chain_id(&self) -> &str {
        &self.block.chain_id
    }

    /// Runs code that is written against [`Ctx`], on state that is dropped afterwards.
    pub fn scratch<T>(&self, code: impl FnOnce(&mut Ctx) -> Result<T, TxError>) -> Result<T, QueryError> {
        let mut overlay = Overlay::new(self.view.clone());
        let mut ctx = Ctx::new(&mut overlay, self.block, Mode::Simulate, GasMeter::unlimited());
        Ok(code(&mut ctx)?)
    }

    /// Runs a part that may come to no end, such as a count, and keeps nothing of what it reads. It has half of the
    /// rows that are left, and bytes of its own; nothing comes of it when that is not enough.
    pub fn attempt<T>(
        &mut self,
        part: impl FnOnce(&mut Self) -> Result<T, QueryError>,
    ) -> Result<Option<T>, QueryError> {
        let kept = Budget { rows: self.left.rows / 2, ..self.left };
        self.left = Budget { rows: self.left.rows - kept.rows, bytes: MAX_PASSED_BYTES };
        let result = part(self);
        self.left = kept;
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.grpc_code == GrpcCode::ResourceExhausted => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Kv for QueryCtx<'_> {
    type Error = QueryError;

    fn get(&mut self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, QueryError> {
        let value = self.view.read(space, key)?;
        self.left.spend(value.as_ref().map_or(0, Vec::len))?;
        Ok(value)
    }

    fn put(&mut self, _: Space, _: &[u8], _: Vec<u8>) -> Result<(), QueryError> {
        Err(StoreError::ReadOnly.into())
    }

    fn delete(&mut self, _: Space, _: &[u8]) -> Result<(), QueryError> {
        Err(StoreError::ReadOnly.into())
    }

    fn archive(&mut self, _: Space, _: &[u8], _: Vec<u8>) -> Result<(), QueryError> {
        Err(StoreError::ReadOnly.into())
    }

    fn scan(&mut self, space: Space, range: Range, limit: usize) -> Result<Vec<Row>, QueryError> {
        let mut rows = Vec::new();
        for row in self.view.rows(space, &range)?.take(limit) {
            let (key, value) = row?;
            self.left.spend(key.len() + value.len())?;
            rows.push((key, value));
        }
        Ok(rows)
    }
}
