//! Failures of queries: the module's own error with the status that its kind has.

use akash_kernel::{GrpcCode, QueryError, TxError};

/// Something that was asked for by its identifier does not exist.
pub fn not_found(error: impl Into<TxError>) -> QueryError {
    with_code(error, GrpcCode::NotFound)
}

/// The request is wrong whatever the state.
pub fn invalid(error: impl Into<TxError>) -> QueryError {
    with_code(error, GrpcCode::InvalidArgument)
}

fn with_code(error: impl Into<TxError>, grpc_code: GrpcCode) -> QueryError {
    match error.into() {
        fault @ TxError::Fault(_) => fault.into(),
        reject => QueryError { grpc_code, ..QueryError::from(reject) },
    }
}
